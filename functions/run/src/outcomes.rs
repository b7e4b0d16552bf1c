//! What the state machine tells about how the run went: the last step's control, the chunks'
//! outcomes, the error of a function that failed for good.

use hunter_contracts::{Control, ErrorCode};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// The machine's state when it closes a run. Whatever is missing or unknown is left aside: closing
/// must work after any failure.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct MachineState {
    #[serde(deserialize_with = "if_readable")]
    control: Option<Control>,
    #[serde(deserialize_with = "if_readable")]
    outcomes: Vec<Outcome>,
    #[serde(deserialize_with = "if_readable")]
    error: Option<FunctionError>,
    /// Set when a person stopped the run.
    #[serde(deserialize_with = "if_readable")]
    pub(crate) stopped: bool,
}

fn if_readable<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    field: D,
) -> Result<T, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(field)?).unwrap_or_default())
}

/// How a chunk's lane ended.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Outcome {
    /// A function failed for good: the machine names the chunk and the error.
    Crashed {
        error: FunctionError,
        #[serde(default)]
        control: CrashControl,
    },
    /// With the last answer of its functions.
    Ended { control: Control },
    /// In a way that is not known.
    Unknown(serde::de::IgnoredAny),
}

/// What the machine says in place of a crashed function's control.
#[derive(Debug, Default, Deserialize)]
struct CrashControl {
    #[serde(default)]
    chunk: Option<u32>,
}

/// The error object that a Catch leaves.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FunctionError {
    #[serde(rename = "Error")]
    error: String,
    #[serde(rename = "Cause")]
    cause: String,
}

impl FunctionError {
    fn trouble(&self, chunk: Option<u32>) -> Trouble {
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

/// What was given up. A last recipe that failed where the agent goes on without it ends its lane
/// with `done`, and says why.
fn given_up(control: &Control, lane: Option<u32>) -> Option<Trouble> {
    let (Control::Abort { chunk, .. } | Control::Done { chunk, .. }) = control else {
        return None;
    };
    let (code, reason) = control.failure()?;
    Some(Trouble {
        chunk: chunk.or(lane),
        code,
        message: reason.to_owned(),
    })
}

impl MachineState {
    pub(crate) fn read(state: Value) -> Self {
        let mut read: Self = serde_json::from_value(state).unwrap_or_default();
        // An execution that only closes a run says so in what opening answered.
        let failure = read.control.as_ref().and_then(Control::failure);
        if failure.is_some_and(|(code, _)| code == ErrorCode::Stopped) {
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
        match (&self.error, &self.control) {
            (Some(error), _) => Some(error.trouble(None)),
            (None, control) => given_up(control.as_ref()?, None),
        }
    }

    /// What went wrong in chunks.
    pub(crate) fn chunk_troubles(&self) -> Vec<Trouble> {
        let troubles = (0..)
            .zip(&self.outcomes)
            .filter_map(|(lane, outcome)| match outcome {
                Outcome::Crashed { error, control } => {
                    Some(error.trouble(control.chunk.or(Some(lane))))
                }
                Outcome::Ended { control } => given_up(control, Some(lane)),
                Outcome::Unknown(_) => None,
            });
        troubles.collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_crash_before_the_fan_out_is_told_with_its_cause() {
        let state = MachineState::read(json!({
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
        let state = MachineState::read(json!({
            "control": {"action": "done", "error_code": "STOPPED"},
        }));
        assert!(state.stopped && state.is_troubled());
        assert_eq!(state.run_trouble(), None);
        let other = MachineState::read(json!({
            "control": {"action": "done", "error_code": "TIMEOUT"},
        }));
        assert!(!other.stopped && other.run_trouble().is_some());
    }

    #[test]
    fn chunks_that_ended_badly_are_told_by_their_own_number() {
        let state = MachineState::read(json!({"outcomes": [
            {"control": {"action": "done", "chunk": 0}},
            {"control": {"action": "abort", "chunk": 7, "error_code": "TIMEOUT", "reason": "slow"}},
            {"control": {"action": "abort", "chunk": 9}, "error": {"Error": "States.Timeout", "Cause": ""}},
            {"control": {"action": "done", "chunk": 3, "error_code": "INTERNAL", "reason": "x"}},
        ]}));
        let troubles = state.chunk_troubles();
        let seen: Vec<_> = troubles.iter().map(|t| (t.chunk, t.code)).collect();
        assert_eq!(
            seen,
            [
                (Some(7), ErrorCode::Timeout),
                (Some(9), ErrorCode::Timeout),
                (Some(3), ErrorCode::Internal),
            ]
        );
    }

    #[test]
    fn whatever_the_machine_says_can_be_read() {
        for state in [
            json!(null),
            json!([1]),
            json!({"outcomes": "x"}),
            json!({"outcomes": [3, {"control": 3}]}),
            json!({"control": 3}),
        ] {
            let state = MachineState::read(state);
            assert!(state.run_trouble().is_none() && state.chunk_troubles().is_empty());
        }
    }
}
