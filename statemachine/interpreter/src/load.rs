//! From the definition's JSON to a [`Machine`].

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::choice::Rule;
use crate::document::{Fields, parse};
use crate::error::{LoadError, child};
use crate::graph;
use crate::model::{Action, Machine, Next, State, States, Text, Work};
use crate::path::Path;
use crate::result_path::ResultPath;
use crate::retry::{Catcher, Retrier};

/// The longest wait and timeout, in seconds: the limit that Step Functions sets.
const SECONDS_MAX: u64 = 99_999_999;
/// The longest name of a state, in characters.
const NAME_CHARS_MAX: usize = 80;

impl Machine {
    /// Loads a definition that has no `${…}` substitutions.
    ///
    /// # Errors
    /// Whatever the definition holds that this interpreter cannot run exactly, with its pointer.
    pub fn load(text: &str) -> Result<Self, LoadError> {
        Self::load_with(text, &BTreeMap::new())
    }

    /// Loads a definition after replacing each `${Name}` inside its strings, as the
    /// `DefinitionSubstitutions` of a SAM template do.
    ///
    /// # Errors
    /// As [`Machine::load`]; also a `${Name}` that `substitutions` lacks.
    pub fn load_with(
        text: &str,
        substitutions: &BTreeMap<String, String>,
    ) -> Result<Self, LoadError> {
        let document = parse(text, substitutions)?;
        let mut fields = Fields::new("a state machine", &document, "")?;
        fields.string("Comment")?;
        if fields
            .string("Version")?
            .is_some_and(|version| version != "1.0")
        {
            return Err(fields.error("Version", "must be `1.0`"));
        }
        check_query_language(&mut fields)?;
        let timeout = fields
            .integer("TimeoutSeconds", 1..=SECONDS_MAX)?
            .map(Duration::from_secs);
        let states = load_states(&mut fields)?;
        fields.finish()?;
        graph::check(&states)?;
        Ok(Self { states, timeout })
    }
}

fn check_query_language(fields: &mut Fields<'_>) -> Result<(), LoadError> {
    match fields.string("QueryLanguage")? {
        None | Some("JSONPath") => Ok(()),
        Some(other) => Err(fields.error(
            "QueryLanguage",
            format!("`{other}` is not supported; write the machine in `JSONPath`"),
        )),
    }
}

fn load_states(fields: &mut Fields<'_>) -> Result<States, LoadError> {
    let start_at = fields.require_string("StartAt")?.to_owned();
    let list = fields.require("States")?;
    let pointer = fields.at("States");
    let list = list
        .as_object()
        .ok_or_else(|| LoadError::new(&pointer, "must be an object"))?;
    let mut states = BTreeMap::new();
    for (name, state) in list {
        let pointer = child(&pointer, name);
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
            let problem = format!("a state's name has 1 to {NAME_CHARS_MAX} characters");
            return Err(LoadError::new(&pointer, problem));
        }
        states.insert(name.clone(), load_state(state, &pointer)?);
    }
    Ok(States {
        start_at,
        states,
        pointer: fields.pointer().to_owned(),
    })
}

fn load_state(value: &Value, pointer: &str) -> Result<State, LoadError> {
    let state_type = value
        .get("Type")
        .and_then(Value::as_str)
        .unwrap_or("typeless");
    let mut fields = Fields::new(&format!("a {state_type} state"), value, pointer)?;
    fields.require_string("Type")?;
    fields.string("Comment")?;
    check_query_language(&mut fields)?;
    let state = match state_type {
        "Fail" => State::Fail {
            error: load_text(&mut fields, "Error", "ErrorPath")?,
            cause: load_text(&mut fields, "Cause", "CausePath")?,
        },
        "Succeed" => State::Succeed,
        "Pass" => State::Pass {
            parameters: fields.template("Parameters")?,
            result_path: ResultPath::load(&mut fields)?,
            next: load_next(&mut fields)?,
        },
        "Choice" => load_choice(&mut fields)?,
        "Wait" => State::Wait {
            until: load_path(&mut fields, "TimestampPath")?,
            next: load_next(&mut fields)?,
        },
        "Task" => {
            let action = load_task(&mut fields)?;
            load_work(&mut fields, action)?
        }
        "Map" => {
            let action = load_map(&mut fields)?;
            load_work(&mut fields, action)?
        }
        other => return Err(fields.error("Type", format!("`{other}` is not a supported type"))),
    };
    fields.finish()?;
    Ok(state)
}

/// A path that must be there.
fn load_path(fields: &mut Fields<'_>, name: &str) -> Result<Path, LoadError> {
    fields.require(name)?;
    Ok(fields.path(name)?.unwrap_or_else(Path::input))
}

fn load_next(fields: &mut Fields<'_>) -> Result<Next, LoadError> {
    let next = fields.string("Next")?;
    let end = fields.boolean("End")?;
    match (next, end) {
        (Some(name), None | Some(false)) => Ok(Next::State(name.to_owned())),
        (None, Some(true)) => Ok(Next::End),
        _ => Err(LoadError::new(
            fields.pointer(),
            "needs either `Next` or `End: true`",
        )),
    }
}

fn load_text(fields: &mut Fields<'_>, name: &str, path: &str) -> Result<Text, LoadError> {
    fields.exclusive(name, path)?;
    match fields.path(path)? {
        Some(path) => Ok(Text::Path(path)),
        None => Ok(Text::Literal(fields.string(name)?.map(str::to_owned))),
    }
}

fn load_choice(fields: &mut Fields<'_>) -> Result<State, LoadError> {
    fields.require("Choices")?;
    let list = fields
        .array("Choices")?
        .map(Vec::as_slice)
        .unwrap_or_default();
    let pointer = fields.at("Choices");
    if list.is_empty() {
        return Err(LoadError::new(&pointer, "must hold at least one rule"));
    }
    let mut rules = Vec::with_capacity(list.len());
    for (index, rule) in list.iter().enumerate() {
        let mut fields = Fields::new("a choice rule", rule, &child(&pointer, index))?;
        fields.string("Comment")?;
        let next = fields.require_string("Next")?.to_owned();
        rules.push((Rule::load(fields)?, next));
    }
    let default = fields.string("Default")?.map(str::to_owned);
    Ok(State::Choice { rules, default })
}

fn load_task(fields: &mut Fields<'_>) -> Result<Action, LoadError> {
    let resource = fields.require_string("Resource")?;
    if !resource.starts_with("arn:") {
        return Err(fields.error("Resource", "must be an ARN"));
    }
    let integration = resource.rsplit(':').next().unwrap_or_default();
    if resource.contains(":activity:")
        || integration.contains(".sync")
        || integration.contains(".waitForTaskToken")
    {
        let problem = "activities, `.sync` and `.waitForTaskToken` are not supported";
        return Err(fields.error("Resource", problem));
    }
    let timeout = fields
        .integer("TimeoutSeconds", 1..=SECONDS_MAX)?
        .map(Duration::from_secs);
    Ok(Action::Task {
        resource: resource.to_owned(),
        timeout,
        parameters: fields.template("Parameters")?,
    })
}

fn load_map(fields: &mut Fields<'_>) -> Result<Action, LoadError> {
    let value = fields.require("ItemProcessor")?;
    let mut processor = Fields::new("an item processor", value, &fields.at("ItemProcessor"))?;
    processor.string("Comment")?;
    if let Some(config) = processor.take("ProcessorConfig") {
        let pointer = processor.at("ProcessorConfig");
        let mut config = Fields::new("a processor configuration", config, &pointer)?;
        if config.string("Mode")?.is_some_and(|mode| mode != "INLINE") {
            return Err(config.error("Mode", "only the mode `INLINE` is supported"));
        }
        config.finish()?;
    }
    let states = load_states(&mut processor)?;
    processor.finish()?;
    Ok(Action::Map {
        items_path: fields.path("ItemsPath")?.unwrap_or_else(Path::input),
        max_concurrency: fields.path("MaxConcurrencyPath")?,
        processor: states,
    })
}

fn load_work(fields: &mut Fields<'_>, action: Action) -> Result<State, LoadError> {
    let retry = fields
        .array("Retry")?
        .map(Vec::as_slice)
        .unwrap_or_default();
    let catch = fields
        .array("Catch")?
        .map(Vec::as_slice)
        .unwrap_or_default();
    Ok(State::Work(Box::new(Work {
        action,
        result_selector: fields.template("ResultSelector")?,
        result_path: ResultPath::load(fields)?,
        retry: Retrier::load_all(retry, &fields.at("Retry"))?,
        catch: Catcher::load_all(catch, &fields.at("Catch"))?,
        next: load_next(fields)?,
    })))
}
