//! Errors of loading and of running.

use std::{fmt, io};

use serde_json::Value;

/// The largest payload of a state, in bytes of JSON:
/// [the quota of Step Functions](https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html),
/// 256 KiB of UTF-8.
pub const PAYLOAD_BYTES_MAX: usize = 262_144;

pub(crate) const ALL: &str = "States.ALL";
pub(crate) const TASK_FAILED: &str = "States.TaskFailed";
pub(crate) const TIMEOUT: &str = "States.Timeout";
pub(crate) const RUNTIME: &str = "States.Runtime";
pub(crate) const DATA_LIMIT_EXCEEDED: &str = "States.DataLimitExceeded";
pub(crate) const RESULT_PATH_MATCH_FAILURE: &str = "States.ResultPathMatchFailure";

/// `pointer` with one more reference token, escaped as RFC 6901 says.
pub(crate) fn child(pointer: &str, token: impl fmt::Display) -> String {
    let token = token.to_string().replace('~', "~0").replace('/', "~1");
    format!("{pointer}/{token}")
}

/// Why a definition cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{pointer}`: {problem}")]
pub struct LoadError {
    /// The JSON pointer (RFC 6901) of the offending field; empty for the whole document.
    pub pointer: String,
    /// What is wrong with it and what to do.
    pub problem: String,
}

impl LoadError {
    pub(crate) fn new(pointer: &str, problem: impl Into<String>) -> Self {
        Self {
            pointer: pointer.to_owned(),
            problem: problem.into(),
        }
    }
}

/// The failure of a task, a state or an execution, as `Retry` and `Catch` see it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}: {cause}")]
pub struct TaskError {
    /// The error name, such as `Lambda.ServiceException` or an exception's type.
    pub error: String,
    /// A description for people; for a failed function the JSON text that it returned.
    pub cause: String,
}

impl TaskError {
    /// A failure with this name and this cause.
    pub fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self {
            error: error.into(),
            cause: cause.into(),
        }
    }

    /// A failure of the machine itself. `spec_name` is the States Language's name for it; Step
    /// Functions reserves those names and reports `States.Runtime`.
    pub(crate) fn runtime(spec_name: &str, problem: &str) -> Self {
        Self::new(RUNTIME, format!("{spec_name}: {problem}"))
    }

    pub(crate) fn timeout(cause: impl Into<String>) -> Self {
        Self::new(TIMEOUT, cause)
    }

    pub(crate) fn result_path(path: &str) -> Self {
        Self::new(
            RESULT_PATH_MATCH_FAILURE,
            format!("the `ResultPath` `{path}` cannot be applied to the state's input"),
        )
    }
}

/// Fails with `States.DataLimitExceeded` if `value` is larger than [`PAYLOAD_BYTES_MAX`] as JSON.
pub(crate) fn check_size(what: &str, value: &Value) -> Result<(), TaskError> {
    struct Counter(usize);
    impl io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    // The counter never fails, and a `Value` has string keys only.
    let written = serde_json::to_writer(&mut counter, value);
    if written.is_ok() && counter.0 <= PAYLOAD_BYTES_MAX {
        return Ok(());
    }
    Err(TaskError::new(
        DATA_LIMIT_EXCEEDED,
        format!(
            "{what} has {} bytes, the limit is {PAYLOAD_BYTES_MAX}",
            counter.0
        ),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_size_limit_counts_bytes_of_json_text() {
        let fits = json!("x".repeat(PAYLOAD_BYTES_MAX - 2));
        let over = json!("x".repeat(PAYLOAD_BYTES_MAX - 1));
        assert_eq!(check_size("the output", &fits), Ok(()));
        assert_eq!(
            check_size("the output", &over).unwrap_err().error,
            DATA_LIMIT_EXCEEDED
        );
    }
}
