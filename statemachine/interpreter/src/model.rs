//! A loaded state machine.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::choice::Rule;
use crate::document::Fields;
use crate::error::{LoadError, TaskError};
use crate::path::{Path, Root};
use crate::retry::{Catcher, Retrier};
use crate::template::Template;

/// A state machine that has been checked and can be run.
#[derive(Debug, Clone)]
pub struct Machine {
    pub(crate) states: States,
    pub(crate) timeout: Option<Duration>,
}

/// The states of the machine, of a Map's item processor or of a Parallel's branch.
#[derive(Debug, Clone)]
pub(crate) struct States {
    pub(crate) start_at: String,
    pub(crate) states: BTreeMap<String, State>,
    /// The JSON pointer of the object that holds `StartAt`.
    pub(crate) pointer: String,
}

#[derive(Debug, Clone)]
pub(crate) struct State {
    /// `None` is the JSON `null`: an empty object.
    pub(crate) input_path: Option<Path>,
    pub(crate) output_path: Option<Path>,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Pass {
        output: Option<PassOutput>,
        result_path: ResultPath,
        next: Next,
    },
    Choice {
        rules: Vec<(Rule, String)>,
        default: Option<String>,
    },
    Wait {
        until: Until,
        next: Next,
    },
    Succeed,
    Fail {
        error: Text,
        cause: Text,
    },
    Work(Box<Work>),
}

#[derive(Debug, Clone)]
pub(crate) enum PassOutput {
    Result(Value),
    Parameters(Template),
}

/// What Task, Map and Parallel share.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub(crate) action: Action,
    pub(crate) parameters: Option<Template>,
    pub(crate) result_selector: Option<Template>,
    pub(crate) result_path: ResultPath,
    pub(crate) retry: Vec<Retrier>,
    pub(crate) catch: Vec<Catcher>,
    pub(crate) next: Next,
}

#[derive(Debug, Clone)]
pub(crate) enum Action {
    Task {
        resource: String,
        timeout: Option<Duration>,
    },
    Map(Box<MapAction>),
    Parallel {
        branches: Vec<States>,
    },
}

#[derive(Debug, Clone)]
pub(crate) struct MapAction {
    pub(crate) items_path: Path,
    pub(crate) item_selector: Option<Template>,
    pub(crate) max_concurrency: MaxConcurrency,
    pub(crate) processor: States,
}

#[derive(Debug, Clone)]
pub(crate) enum MaxConcurrency {
    /// 0 is no limit of the definition's own.
    Number(u64),
    Path(Path),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    State(String),
    End,
}

#[derive(Debug, Clone)]
pub(crate) enum Until {
    Seconds(u64),
    SecondsPath(Path),
    Timestamp(Timestamp),
    TimestampPath(Path),
}

/// The `Error` or `Cause` of a Fail state.
#[derive(Debug, Clone)]
pub(crate) enum Text {
    Literal(Option<String>),
    Path(Path),
}

/// Where a result goes in the state's input; `None` is the JSON `null`: the result is dropped.
#[derive(Debug, Clone)]
pub(crate) struct ResultPath(Option<Path>);

impl ResultPath {
    pub(crate) fn load(fields: &mut Fields<'_>) -> Result<Self, LoadError> {
        let path = nullable_path(fields, "ResultPath")?;
        if path
            .as_ref()
            .is_some_and(|path| path.root() == Root::Context)
        {
            return Err(fields.error("ResultPath", "cannot write into the context object"));
        }
        Ok(Self(path))
    }

    pub(crate) fn apply(&self, input: Value, result: Value) -> Result<Value, TaskError> {
        match &self.0 {
            None => Ok(input),
            Some(path) => path
                .put(input, result)
                .ok_or_else(|| TaskError::result_path(&path.to_string())),
        }
    }
}

/// `$` if the field is missing, `None` if it is `null`.
pub(crate) fn nullable_path(
    fields: &mut Fields<'_>,
    name: &str,
) -> Result<Option<Path>, LoadError> {
    if fields.take(name).is_some_and(Value::is_null) {
        return Ok(None);
    }
    fields
        .path(name)
        .map(|path| Some(path.unwrap_or_else(Path::input)))
}

impl State {
    /// The name of the state's type.
    pub(crate) fn type_name(&self) -> &'static str {
        match &self.kind {
            Kind::Pass { .. } => "Pass",
            Kind::Choice { .. } => "Choice",
            Kind::Wait { .. } => "Wait",
            Kind::Succeed => "Succeed",
            Kind::Fail { .. } => "Fail",
            Kind::Work(work) => match work.action {
                Action::Task { .. } => "Task",
                Action::Map(_) => "Map",
                Action::Parallel { .. } => "Parallel",
            },
        }
    }

    /// Whether an execution can end here.
    pub(crate) fn is_terminal(&self) -> bool {
        match &self.kind {
            Kind::Succeed | Kind::Fail { .. } => true,
            Kind::Choice { .. } => false,
            Kind::Pass { next, .. } | Kind::Wait { next, .. } => *next == Next::End,
            Kind::Work(work) => work.next == Next::End,
        }
    }

    /// Every state that this one can lead to, with the field that says so, below the state.
    pub(crate) fn targets(&self) -> Vec<(String, &str)> {
        let mut targets = Vec::new();
        match &self.kind {
            Kind::Succeed | Kind::Fail { .. } => {}
            Kind::Choice { rules, default } => {
                for (index, (_, next)) in rules.iter().enumerate() {
                    targets.push((format!("/Choices/{index}/Next"), next.as_str()));
                }
                targets.extend(default.as_deref().map(|next| ("/Default".to_owned(), next)));
            }
            Kind::Pass { next, .. } | Kind::Wait { next, .. } => targets.extend(next.target()),
            Kind::Work(work) => {
                targets.extend(work.next.target());
                for (index, catcher) in work.catch.iter().enumerate() {
                    targets.push((format!("/Catch/{index}/Next"), catcher.next.as_str()));
                }
            }
        }
        targets
    }

    /// The state machines inside this state.
    pub(crate) fn nested(&self) -> &[States] {
        match &self.kind {
            Kind::Work(work) => match &work.action {
                Action::Map(map) => std::slice::from_ref(&map.processor),
                Action::Parallel { branches } => branches,
                Action::Task { .. } => &[],
            },
            _ => &[],
        }
    }
}

impl Next {
    fn target(&self) -> Option<(String, &str)> {
        match self {
            Self::State(name) => Some(("/Next".to_owned(), name)),
            Self::End => None,
        }
    }
}
