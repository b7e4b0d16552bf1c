//! The context object (`$$`) and the evaluation of paths against it.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::error::TaskError;
use crate::path::{Path, Root};

/// One execution of a machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Execution {
    /// `$$.Execution.Id`, on AWS an ARN.
    pub id: String,
    /// `$$.Execution.Name`
    pub name: String,
    /// The input of the first state.
    pub input: Value,
    /// `$$.StateMachine.Id`, on AWS an ARN.
    pub state_machine_id: String,
    /// `$$.StateMachine.Name`
    pub state_machine_name: String,
}

/// The [context object](https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html)
/// as one state sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) execution: &'a Execution,
    pub(crate) started_at: Timestamp,
    pub(crate) state_name: &'a str,
    pub(crate) entered_at: Timestamp,
    pub(crate) retry_count: u32,
    /// The innermost Map iteration: its index and item.
    pub(crate) item: Option<(usize, &'a Value)>,
}

impl Context<'_> {
    fn to_value(self) -> Value {
        let mut value = json!({
            "Execution": {
                "Id": self.execution.id,
                "Input": self.execution.input,
                "Name": self.execution.name,
                "StartTime": self.started_at.to_string(),
            },
            "State": {
                "EnteredTime": self.entered_at.to_string(),
                "Name": self.state_name,
                "RetryCount": self.retry_count,
            },
            "StateMachine": {
                "Id": self.execution.state_machine_id,
                "Name": self.execution.state_machine_name,
            },
        });
        if let (Some((index, item)), Some(fields)) = (self.item, value.as_object_mut()) {
            let map = json!({"Item": {"Index": index, "Value": item}});
            fields.insert("Map".to_owned(), map);
        }
        value
    }
}

/// What paths are evaluated against: `$` is `input`, `$$` the context object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) input: &'a Value,
    pub(crate) context: Context<'a>,
}

impl<'a> Scope<'a> {
    /// The same context over another `$`.
    pub(crate) fn with<'b>(self, input: &'b Value) -> Scope<'b>
    where
        'a: 'b,
    {
        Scope {
            input,
            context: self.context,
        }
    }

    pub(crate) fn find(self, path: &Path) -> Option<Value> {
        match path.root() {
            Root::Input => path.get(self.input).cloned(),
            Root::Context => path.get(&self.context.to_value()).cloned(),
        }
    }

    /// The node that `path`, the value of the field `field`, selects.
    pub(crate) fn select(self, field: &str, path: &Path) -> Result<Value, TaskError> {
        self.find(path).ok_or_else(|| {
            let name = if field == "Parameters" || field.ends_with(".$") {
                "States.ParameterPathFailure"
            } else {
                "the path selects nothing"
            };
            TaskError::runtime(
                name,
                &format!("`{field}` is `{path}`, which the input lacks"),
            )
        })
    }
}
