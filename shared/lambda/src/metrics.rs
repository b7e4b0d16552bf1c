//! Metrics in CloudWatch's embedded metric format, one JSON line per invocation:
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.
//!
//! The only dimensions are the function and how the invocation ended: every combination is billed
//! as a metric of its own. The tenant, the run and the error code are properties of the line, which
//! Logs Insights finds and nobody is billed for. Counts are of invocations: a step that is repeated
//! and finds its stored result counts its records and credits again. What was charged stands in the
//! ledger.

use hunter_contracts::{Credits, ErrorCode, Metadata, RunAnswer, RunEnd, Status, StepResult};
use serde_json::{Map, Value, json};

/// The namespace of the Hunter's metrics.
pub const NAMESPACE: &str = "Hunter";

/// How an invocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum InvocationStatus {
    /// Well.
    Success,
    /// With failures of records.
    Partial,
    /// Badly.
    Failed,
    /// What was asked for was rightly refused, or waits: nothing that an operator could mend.
    Refused,
}

impl From<Status> for InvocationStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Success => Self::Success,
            Status::Partial => Self::Partial,
            Status::Failed => Self::Failed,
        }
    }
}

/// What an answer says of the work behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Measures {
    /// How it ended.
    pub status: InvocationStatus,
    /// Why it failed, where it did; a property of the line. Only the status says that it failed: a
    /// request that was rightly refused has a code, too.
    pub error_code: Option<ErrorCode>,
    /// What was worked on, where that is records.
    pub records: Option<Records>,
}

impl Default for Measures {
    /// A success with nothing to count.
    fn default() -> Self {
        Self {
            status: InvocationStatus::Success,
            error_code: None,
            records: None,
        }
    }
}

/// Records and what they cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Records {
    /// Records looked at.
    pub processed: u64,
    /// Records that came out.
    pub succeeded: u64,
    /// Records that failed.
    pub failed: u64,
    /// What was charged.
    pub credits_consumed: Credits,
    /// Calls to outside services.
    pub api_calls: u64,
}

impl From<&Metadata> for Records {
    fn from(metadata: &Metadata) -> Self {
        Self {
            processed: metadata.records_processed,
            succeeded: metadata.records_succeeded,
            failed: metadata.records_failed,
            credits_consumed: metadata.credits_consumed,
            api_calls: metadata.api_calls,
        }
    }
}

/// Nothing to count.
impl From<(Status, Option<ErrorCode>)> for Measures {
    fn from((status, error_code): (Status, Option<ErrorCode>)) -> Self {
        Self {
            status: status.into(),
            error_code,
            records: None,
        }
    }
}

impl From<&StepResult> for Measures {
    fn from(answer: &StepResult) -> Self {
        Self {
            status: answer.output.status.into(),
            error_code: answer.control.failure().map(|(code, _)| code),
            records: Some(Records::from(&answer.output.metadata)),
        }
    }
}

impl From<&RunAnswer> for Measures {
    fn from(answer: &RunAnswer) -> Self {
        let status = match answer {
            RunAnswer::Opened { .. } if answer.failure().is_some() => InvocationStatus::Refused,
            RunAnswer::Opened { .. } => InvocationStatus::Success,
            RunAnswer::Closed {
                control: RunEnd::Next { status, .. },
            } => (*status).into(),
        };
        Self {
            status,
            error_code: answer.failure().map(|(code, _)| code),
            records: None,
        }
    }
}

/// One line: what was measured, and what it is found by.
pub(crate) struct Line<'a> {
    /// Milliseconds since 1970.
    pub(crate) timestamp_ms: i64,
    pub(crate) function: &'a str,
    /// A name of [`InvocationStatus`], or `error` for an invocation without an answer.
    pub(crate) status: &'static str,
    pub(crate) duration_ms: f64,
    pub(crate) is_cold: bool,
    pub(crate) error_code: Option<ErrorCode>,
    pub(crate) records: Option<Records>,
    /// Properties: name and value; those without a value are left out.
    pub(crate) properties: [(&'static str, Option<&'a str>); 5],
}

impl Line<'_> {
    /// Name, unit and value of every metric.
    fn metrics(&self) -> Vec<(&'static str, &'static str, Value)> {
        let failures = u8::from(matches!(self.status, "failed" | "error"));
        let mut metrics = vec![
            ("invocations", "Count", json!(1)),
            ("duration_ms", "Milliseconds", json!(self.duration_ms)),
            ("cold_start", "Count", json!(u8::from(self.is_cold))),
            ("failures", "Count", json!(failures)),
        ];
        if let Some(records) = &self.records {
            metrics.extend([
                ("records_processed", "Count", json!(records.processed)),
                ("records_succeeded", "Count", json!(records.succeeded)),
                ("records_failed", "Count", json!(records.failed)),
                ("credits_consumed", "None", json!(records.credits_consumed)),
                ("api_calls", "Count", json!(records.api_calls)),
            ]);
        }
        metrics
    }

    /// The line as a JSON object.
    pub(crate) fn to_json(&self) -> Value {
        let metrics = self.metrics();
        let definition = |name: &str, unit: &str| json!({ "Name": name, "Unit": unit });
        let directive = |dimensions: &[&str], definitions: Vec<Value>| {
            json!({
                "Namespace": NAMESPACE,
                "Dimensions": [dimensions],
                "Metrics": definitions,
            })
        };
        let all = metrics.iter().map(|(name, unit, _)| definition(name, unit));
        // By status only how often: each further metric here would be billed once per status.
        let by_status = vec![definition("invocations", "Count")];
        let mut line = Map::new();
        line.insert(
            "_aws".into(),
            json!({
                "Timestamp": self.timestamp_ms,
                "CloudWatchMetrics": [
                    directive(&["function"], all.collect()),
                    directive(&["function", "status"], by_status),
                ],
            }),
        );
        line.insert("function".into(), self.function.into());
        line.insert("status".into(), self.status.into());
        line.extend(
            metrics
                .into_iter()
                .map(|(name, _, value)| (name.to_owned(), value)),
        );
        let code = self.error_code.map(<&str>::from);
        let properties = self.properties.iter().copied();
        for (name, value) in properties.chain([("error_code", code)]) {
            if let Some(value) = value {
                line.insert(name.to_owned(), value.into());
            }
        }
        Value::Object(line)
    }
}
