//! What the state machine tells about how the run went: the last step's control, the chunks'
//! outcomes, the error of a function that failed for good.

use hunter_contracts::{Action, Control, ErrorCode};
use serde::Deserialize;
use serde_json::Value;

/// The machine's state when it closes a run. Whatever is missing or unknown is left aside: closing
/// must work after any failure.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct MachineState {
    #[serde(default)]
    control: Option<Value>,
    #[serde(default)]
    outcomes: Option<Vec<Value>>,
    #[serde(default)]
    error: Option<FunctionError>,
    /// Set when a person stopped the run.
    #[serde(default)]
    pub(crate) stopped: bool,
}

/// The error object that a Catch leaves.
#[derive(Debug, Default, Clone, Deserialize)]
struct FunctionError {
    #[serde(rename = "Error", default)]
    error: String,
    #[serde(rename = "Cause", default)]
    cause: String,
}

impl FunctionError {
    fn into_trouble(self, chunk: Option<u32>) -> Trouble {
        let cause: String = self.cause.chars().take(300).collect();
        let code = match self.error.as_str() {
            "States.Timeout" => ErrorCode::Timeout,
            _ => ErrorCode::FunctionFailed,
        };
        Trouble {
            chunk,
            code,
            message: format!("a function failed: {}: {cause}", self.error),
        }
    }
}

/// A step that did not end well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// The chunk, where it was in one.
    pub(crate) chunk: Option<u32>,
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
}

fn trouble(state: &Value, chunk: Option<u32>) -> Option<Trouble> {
    let stated = state.pointer("/control/chunk").and_then(Value::as_u64);
    let chunk = stated.and_then(|chunk| u32::try_from(chunk).ok()).or(chunk);
    if let Some(error) = state.get("error") {
        let error: FunctionError = serde_json::from_value(error.clone()).unwrap_or_default();
        return Some(error.into_trouble(chunk));
    }
    let control: Control = serde_json::from_value(state.get("control")?.clone()).ok()?;
    // A last recipe that failed where the agent goes on without it ends its lane with `done`, and
    // says why.
    let given_up = control.action == Action::Abort || control.error_code.is_some();
    given_up.then(|| Trouble {
        chunk: control.chunk.or(chunk),
        code: control.error_code.unwrap_or(ErrorCode::Internal),
        message: control
            .reason
            .unwrap_or_else(|| "the step was given up".into()),
    })
}

impl MachineState {
    pub(crate) fn read(state: &Value) -> Self {
        let mut read: Self = serde_json::from_value(state.clone()).unwrap_or_default();
        // An execution that only closes a run says so in what opening answered.
        let opened = read
            .control
            .as_ref()
            .and_then(|c| c.get("error_code"))
            .cloned();
        let code = opened.and_then(|code| serde_json::from_value(code).ok());
        if code == Some(ErrorCode::Stopped) {
            read.stopped = true;
            read.control = None;
        }
        read
    }

    /// Whether anything kept the run from its regular end.
    pub(crate) fn is_troubled(&self) -> bool {
        self.stopped || self.run_trouble().is_some() || !self.chunk_troubles().is_empty()
    }

    /// What went wrong before the fan-out.
    pub(crate) fn run_trouble(&self) -> Option<Trouble> {
        if let Some(error) = &self.error {
            return Some(error.clone().into_trouble(None));
        }
        let control = self.control.clone()?;
        trouble(&serde_json::json!({ "control": control }), None)
    }

    /// What went wrong in chunks.
    pub(crate) fn chunk_troubles(&self) -> Vec<Trouble> {
        let outcomes = self.outcomes.as_deref().unwrap_or_default();
        (0..)
            .zip(outcomes)
            .filter_map(|(chunk, state)| trouble(state, Some(chunk)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_crash_before_the_fan_out_is_told_with_its_cause() {
        let state = MachineState::read(&json!({
            "control": {"action": "next"},
            "error": {"Error": "Lambda.Unknown", "Cause": "out of memory"},
        }));
        let trouble = state.run_trouble().unwrap();
        assert_eq!(trouble.code, ErrorCode::FunctionFailed);
        assert!(
            trouble.message.contains("out of memory"),
            "{}",
            trouble.message
        );
    }

    #[test]
    fn an_execution_that_only_closes_a_run_stops_it_and_blames_nobody() {
        let state = MachineState::read(&json!({
            "control": {"action": "done", "error_code": "STOPPED"},
        }));
        assert!(state.stopped && state.is_troubled());
        assert_eq!(state.run_trouble(), None);
        let other = MachineState::read(&json!({
            "control": {"action": "done", "error_code": "TIMEOUT"},
        }));
        assert!(!other.stopped && other.run_trouble().is_some());
    }

    #[test]
    fn chunks_that_ended_badly_are_told_by_their_own_number() {
        let state = MachineState::read(&json!({"outcomes": [
            {"control": {"action": "done", "chunk": 0}},
            {"control": {"action": "abort", "chunk": 7, "error_code": "TIMEOUT", "reason": "slow"}},
            {"control": {"action": "abort", "chunk": 9}, "error": {"Error": "States.Timeout", "Cause": ""}},
        ]}));
        let troubles = state.chunk_troubles();
        let seen: Vec<_> = troubles.iter().map(|t| (t.chunk, t.code)).collect();
        assert_eq!(
            seen,
            [(Some(7), ErrorCode::Timeout), (Some(9), ErrorCode::Timeout)]
        );
    }

    #[test]
    fn whatever_the_machine_says_can_be_read() {
        for state in [
            json!(null),
            json!([1]),
            json!({"outcomes": "x"}),
            json!({"control": 3}),
        ] {
            let state = MachineState::read(&state);
            assert!(state.run_trouble().is_none() && state.chunk_troubles().is_empty());
        }
    }
}
