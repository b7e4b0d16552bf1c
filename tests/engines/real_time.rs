//! Cases are written for virtual time. An engine in real time gets the same case with its moments
//! moved to now, and with long waits squeezed.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::case::Case;

/// When every case begins in virtual time.
const START: &str = "2026-01-01T00:00:00Z";
/// What is later than this after the start is moved here.
const LATEST_S: f64 = 20.0;
/// A case whose function takes longer than this is about the task's time limit.
const LONG_CALL_MS: u64 = 120_000;
/// Such a task's time limit, and how long its function takes instead.
const SHORT_LIMIT_S: u64 = 4;
const BEYOND_LIMIT_MS: u64 = 9_000;

/// A case as an engine in real time runs it.
pub(crate) struct RealTime {
    /// With moved moments, squeezed waits and functions named for the case.
    pub(crate) case: Case,
    /// The definition after substitutions.
    pub(crate) definition: String,
    /// The functions' full names.
    pub(crate) functions: Vec<String>,
    /// Whether a moment was moved: whole seconds, so that a second more or less is right.
    pub(crate) has_moments: bool,
}

/// The name of a case's function on the engine, where the functions of all cases stand together.
pub(crate) fn full_name(case: &str, function: &str) -> String {
    format!("{case}--{function}")
}

impl RealTime {
    pub(crate) fn new(case: &Case, definition: &str, now: Timestamp) -> Self {
        let mut case = case.clone();
        let mut text = definition.to_owned();
        for (name, value) in &case.substitutions {
            text = text.replace(&format!("${{{name}}}"), value);
        }
        let mut definition: Value = serde_json::from_str(&text).unwrap();
        let names: Vec<String> = case.script.keys().cloned().collect();
        let mut squeezed_s = 0.0;
        let mut has_moments = false;
        if case.expect.elapsed_s.is_some() {
            let mut change = |text: &mut String| {
                if let Some((later, less_s)) = moved(text, now) {
                    has_moments = true;
                    squeezed_s += less_s;
                    *text = later;
                }
            };
            each_text(&mut definition, &mut change);
            each_text(&mut case.input, &mut change);
            for answer in case.script.values_mut().flatten() {
                each_text(&mut answer.output, &mut change);
            }
            // What comes out again takes no time.
            let mut repeat = |text: &mut String| {
                if let Some((later, _)) = moved(text, now) {
                    *text = later;
                }
            };
            if let Some(output) = &mut case.expect.output {
                each_text(output, &mut repeat);
            }
        }
        case.expect.elapsed_s = case.expect.elapsed_s.map(|seconds| seconds - squeezed_s);
        name_functions(&mut definition, &case.name, &names);
        for answer in case.script.values_mut().flatten() {
            name_functions(&mut answer.output, &case.name, &names);
        }
        squeeze_calls(&mut case, &mut definition);
        Self {
            definition: definition.to_string(),
            functions: names
                .iter()
                .map(|name| full_name(&case.name, name))
                .collect(),
            case,
            has_moments,
        }
    }
}

/// A moment of virtual time in real time, and by how many seconds it comes earlier than it would.
fn moved(text: &str, now: Timestamp) -> Option<(String, f64)> {
    let start: Timestamp = START.parse().unwrap();
    let moment: Timestamp = text.parse().ok()?;
    let after = moment.duration_since(start);
    if after.is_negative() {
        return None;
    }
    let squeezed = after.min(SignedDuration::from_secs_f64(LATEST_S));
    let less_s = after.as_secs() - squeezed.as_secs();
    // A whole second, so that what drops the fraction waits as long.
    let now = Timestamp::from_second(now.as_second() + 1).unwrap();
    let less_s = f64::from(i32::try_from(less_s).unwrap());
    Some(((now + squeezed).to_string(), less_s))
}

/// Cuts calls that last longer than a task may, with the task's limit, and those during which the
/// execution is stopped.
fn squeeze_calls(case: &mut Case, definition: &mut Value) {
    let answers = || case.script.values().flatten();
    if answers().any(|answer| answer.delay_ms > LONG_CALL_MS) {
        limit_tasks(definition);
        let limits = case.expect.elapsed_s_max;
        case.expect.elapsed_s_max = limits.map(|seconds| seconds - 3.0 * 910.0 + 3.0 * 4.0);
        for answer in case.script.values_mut().flatten() {
            answer.delay_ms = answer.delay_ms.min(BEYOND_LIMIT_MS);
        }
    }
    if let Some(cancel_ms) = case.cancel_after_ms {
        for answer in case.script.values_mut().flatten() {
            answer.delay_ms = answer.delay_ms.min(cancel_ms + 3_000);
        }
    }
}

fn limit_tasks(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let is_task = fields.get("Type").is_some_and(|kind| kind == "Task");
            if is_task && fields.contains_key("TimeoutSeconds") {
                fields.insert("TimeoutSeconds".into(), SHORT_LIMIT_S.into());
            }
            fields.values_mut().for_each(limit_tasks);
        }
        Value::Array(items) => items.iter_mut().for_each(limit_tasks),
        _ => {}
    }
}

fn each_text(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Value::Object(fields) => fields.values_mut().for_each(|item| each_text(item, change)),
        _ => {}
    }
}

/// Gives the functions their full names, in a definition as in what the functions answer.
fn name_functions(value: &mut Value, case: &str, names: &[String]) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                let names_one = field == "FunctionName" || field == "function";
                match value {
                    Value::String(name) if names_one && names.contains(name) => {
                        *name = full_name(case, name);
                    }
                    value => name_functions(value, case, names),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                name_functions(item, case, names);
            }
        }
        _ => {}
    }
}

/// Takes the functions' full names back, and writes errors' causes that are JSON in one way:
/// engines keep, drop or add the blanks between the fields.
pub(crate) fn plain(mut value: Value, case: &str) -> Value {
    let prefix = full_name(case, "");
    each_text(&mut value, &mut |text| {
        *text = text.replace(&prefix, "");
    });
    plain_causes(&mut value);
    value
}

fn plain_causes(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                match value {
                    Value::String(cause) if field == "Cause" => *cause = plain_cause(cause),
                    value => plain_causes(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plain_causes),
        _ => {}
    }
}

/// A cause, written in one way if it is JSON.
pub(crate) fn plain_cause(cause: &str) -> String {
    let json = serde_json::from_str::<Value>(cause);
    json.map_or_else(|_| cause.to_owned(), |json| json.to_string())
}
