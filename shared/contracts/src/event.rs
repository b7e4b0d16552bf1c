//! Events that AWS hands to functions, as far as the Hunter reads them. Their shapes are AWS's, so
//! unknown fields are let through: <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>,
//! <https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html>.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Messages of an SQS queue, 1–10,000 of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QueueEvent {
    /// The messages.
    #[serde(rename = "Records")]
    pub records: Vec<QueueRecord>,
}

/// A message of an SQS queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueRecord {
    /// The message's id: a failed one is named by it.
    pub message_id: String,
    /// What was sent.
    pub body: String,
    /// `aws:sqs`: other services put `Records` into their events too.
    pub event_source: QueueSource,
}

/// Where the messages of a [`QueueEvent`] come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum QueueSource {
    /// A queue.
    #[serde(rename = "aws:sqs")]
    Sqs,
}

/// The answer to a [`QueueEvent`]: which messages are to come again. All others are done with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    /// The failed messages.
    pub batch_item_failures: Vec<BatchItemFailure>,
}

/// A message that is to come again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BatchItemFailure {
    /// Its `messageId`.
    pub item_identifier: String,
}

/// EventBridge's "Step Functions Execution Status Change".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExecutionStatusEvent {
    /// `aws.states`.
    pub source: String,
    /// What changed.
    pub detail: ExecutionStatusDetail,
}

/// What changed on an execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExecutionStatusDetail {
    /// The execution's name.
    pub name: String,
    /// `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED` or `PENDING_REDRIVE`.
    pub status: String,
    /// The execution's input, JSON in a text; absent where it is too large for an event.
    #[serde(default)]
    pub input: Option<String>,
}

/// The clock's order to close what executions left open, whose own event was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SweepTick {
    /// How far back ends of executions are looked for, in seconds.
    pub sweep_last_s: u32,
}
