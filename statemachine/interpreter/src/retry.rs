//! `Retry` and `Catch`.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>

use std::time::Duration;

use serde_json::Value;

use crate::document::Fields;
use crate::error::{
    ALL, DATA_LIMIT_EXCEEDED, LoadError, RESULT_PATH_MATCH_FAILURE, RUNTIME, TASK_FAILED, TIMEOUT,
    TaskError, child,
};
use crate::result_path::ResultPath;

/// The error names of one `ErrorEquals`.
#[derive(Debug, Clone)]
pub(crate) struct ErrorEquals(Vec<String>);

/// One retrier.
#[derive(Debug, Clone)]
pub(crate) struct Retrier {
    pub(crate) errors: ErrorEquals,
    pub(crate) attempts_max: u64,
    interval_s: u64,
    backoff_rate: f64,
    delay_max_s: Option<u64>,
    pub(crate) full_jitter: bool,
}

/// One catcher.
#[derive(Debug, Clone)]
pub(crate) struct Catcher {
    pub(crate) errors: ErrorEquals,
    pub(crate) result_path: ResultPath,
    pub(crate) next: String,
}

/// The `States.` names that Step Functions can report to a retrier or catcher.
const REPORTABLE: [&str; 8] = [
    ALL,
    TASK_FAILED,
    TIMEOUT,
    DATA_LIMIT_EXCEEDED,
    RESULT_PATH_MATCH_FAILURE,
    "States.Permissions",
    "States.BranchFailed",
    "States.HeartbeatTimeout",
];

/// A year and a day: what Step Functions accepts as a wait must stay below it.
const INTERVAL_MAX_S: u64 = 31_622_400;

impl ErrorEquals {
    fn load(fields: &mut Fields<'_>, is_last: bool) -> Result<Self, LoadError> {
        fields.require("ErrorEquals")?;
        let list = fields
            .array("ErrorEquals")?
            .map(Vec::as_slice)
            .unwrap_or_default();
        let pointer = fields.at("ErrorEquals");
        if list.is_empty() {
            return Err(LoadError::new(
                &pointer,
                "must hold at least one error name",
            ));
        }
        let mut names = Vec::new();
        for (index, name) in list.iter().enumerate() {
            let fail = |problem: String| LoadError::new(&child(&pointer, index), problem);
            let name = name
                .as_str()
                .ok_or_else(|| fail("must be a string".to_owned()))?;
            if name.starts_with("States.") && !REPORTABLE.contains(&name) {
                return Err(fail(format!(
                    "`{name}` can be neither retried nor caught: Step Functions reports it as \
                     `{RUNTIME}`, which ends the execution"
                )));
            }
            if name == ALL && (list.len() > 1 || !is_last) {
                return Err(fail(format!(
                    "`{ALL}` must stand alone and in the last entry"
                )));
            }
            names.push(name.to_owned());
        }
        Ok(Self(names))
    }

    /// Whether `failure` is meant. `States.Runtime` never is; `States.DataLimitExceeded` only by
    /// its own name; `States.TaskFailed` means all but a timeout.
    pub(crate) fn matches(&self, failure: &TaskError) -> bool {
        let error = failure.error.as_str();
        if error == RUNTIME {
            return false;
        }
        self.0.iter().any(|name| match name.as_str() {
            ALL => error != DATA_LIMIT_EXCEEDED,
            TASK_FAILED => error != DATA_LIMIT_EXCEEDED && error != TIMEOUT,
            name => name == error,
        })
    }
}

impl Retrier {
    pub(crate) fn load_all(list: &[Value], pointer: &str) -> Result<Vec<Self>, LoadError> {
        each(list, pointer, "a retrier", |fields, is_last| {
            let errors = ErrorEquals::load(fields, is_last)?;
            let interval_s = fields
                .integer("IntervalSeconds", 1..=INTERVAL_MAX_S - 1)?
                .unwrap_or(1);
            let delay_max_s = fields.integer("MaxDelaySeconds", 1..=INTERVAL_MAX_S - 1)?;
            if delay_max_s.is_some_and(|delay_max_s| delay_max_s <= interval_s) {
                let problem = format!("must be greater than `IntervalSeconds`, {interval_s}");
                return Err(fields.error("MaxDelaySeconds", problem));
            }
            let backoff_rate = match fields.take("BackoffRate") {
                None => 2.0,
                Some(rate) => rate
                    .as_f64()
                    .filter(|rate| *rate >= 1.0)
                    .ok_or_else(|| fields.error("BackoffRate", "must be a number from 1.0"))?,
            };
            let full_jitter = match fields.string("JitterStrategy")? {
                None | Some("NONE") => false,
                Some("FULL") => true,
                Some(_) => return Err(fields.error("JitterStrategy", "must be `FULL` or `NONE`")),
            };
            Ok(Self {
                errors,
                attempts_max: fields.integer("MaxAttempts", 0..=99_999_999)?.unwrap_or(3),
                interval_s,
                backoff_rate,
                delay_max_s,
                full_jitter,
            })
        })
    }

    /// The wait before the retry that follows `retries` earlier ones, before jitter:
    /// `IntervalSeconds · BackoffRate^retries`, at most `MaxDelaySeconds`.
    pub(crate) fn delay(&self, retries: u64) -> Duration {
        let exponent = i32::try_from(retries).unwrap_or(i32::MAX);
        let interval = Duration::from_secs(self.interval_s).as_secs_f64();
        let limit_s = self.delay_max_s.unwrap_or(INTERVAL_MAX_S);
        let limit = Duration::from_secs(limit_s);
        Duration::try_from_secs_f64(interval * self.backoff_rate.powi(exponent))
            .map_or(limit, |delay| delay.min(limit))
    }
}

impl Catcher {
    pub(crate) fn load_all(list: &[Value], pointer: &str) -> Result<Vec<Self>, LoadError> {
        each(list, pointer, "a catcher", |fields, is_last| {
            Ok(Self {
                errors: ErrorEquals::load(fields, is_last)?,
                result_path: ResultPath::load(fields)?,
                next: fields.require_string("Next")?.to_owned(),
            })
        })
    }
}

/// Loads every object of `list`, telling each whether it is the last.
fn each<T>(
    list: &[Value],
    pointer: &str,
    what: &str,
    mut load: impl FnMut(&mut Fields<'_>, bool) -> Result<T, LoadError>,
) -> Result<Vec<T>, LoadError> {
    let mut loaded = Vec::with_capacity(list.len());
    for (index, item) in list.iter().enumerate() {
        let mut fields = Fields::new(what, item, &child(pointer, index))?;
        fields.string("Comment")?;
        loaded.push(load(&mut fields, index + 1 == list.len())?);
        fields.finish()?;
    }
    Ok(loaded)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn retrier(fields: Value) -> Retrier {
        Retrier::load_all(&[fields], "").unwrap().remove(0)
    }

    #[test]
    fn the_delay_grows_and_is_capped() {
        let plain = retrier(json!({"ErrorEquals": ["A"]}));
        assert_eq!(plain.attempts_max, 3);
        assert_eq!([0, 1, 2].map(|n| plain.delay(n).as_secs()), [1, 2, 4]);
        let capped = retrier(json!({"ErrorEquals": ["A"], "IntervalSeconds": 3,
            "BackoffRate": 1.5, "MaxDelaySeconds": 5}));
        assert_eq!(
            [0, 1, 2].map(|n| capped.delay(n).as_millis()),
            [3000, 4500, 5000]
        );
        assert_eq!(plain.delay(5000).as_secs(), INTERVAL_MAX_S);
    }

    #[test]
    fn wildcards_leave_out_what_the_documentation_says() {
        let matches = |name: &str, error: &str| {
            let item = json!({"ErrorEquals": [name], "Next": "X"});
            Catcher::load_all(&[item], "").unwrap()[0]
                .errors
                .matches(&TaskError::new(error, ""))
        };
        assert!(matches(ALL, "Custom") && matches(ALL, TIMEOUT) && matches(TASK_FAILED, "Custom"));
        assert!(!matches(TASK_FAILED, TIMEOUT));
        assert!(!matches(ALL, RUNTIME) && !matches(ALL, DATA_LIMIT_EXCEEDED));
        assert!(matches(DATA_LIMIT_EXCEEDED, DATA_LIMIT_EXCEEDED));
        assert!(matches("Custom", "Custom") && !matches("Custom", "custom"));
    }
}
