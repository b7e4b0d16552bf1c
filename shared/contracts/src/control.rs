//! What a function tells the state machine: specification §4's ErrorHandler answer, completed with
//! where to go next. The machine reads `control` and nothing else.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ErrorCode, RecipeInput, RecipeOutput, Status};

/// The answer of every recipe function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepResult {
    /// What the specification defines; inside a run its `data` refers to stored leads.
    pub output: RecipeOutput<Value>,
    /// What the state machine does next.
    pub control: Control,
}

/// What the state machine does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Run `step`.
    Next,
    /// Wait until `retry_at`, then run `step` again.
    Retry,
    /// The recipe failed; `step` is its fallback.
    Fallback,
    /// The recipe failed and the agent allows going on without it: run `step`.
    Skip,
    /// The recipe failed and the agent does not allow going on.
    Abort,
    /// Nothing is left to do here.
    Done,
    /// Run the rest of the cookbook once per entry of `chunks`.
    FanOut,
    /// The run cannot start before `retry_at`.
    Wait,
}

/// The state machine's instructions. Fields that an action does not need are absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// What to do.
    pub action: Action,
    /// The function to call and its input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<NextStep>,
    /// Not before this time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Timestamp>,
    /// One entry per chunk, each the first state of its lane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunks: Option<Vec<ChunkEntry>>,
    /// How many chunks may run at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_concurrency: Option<u32>,
    /// The chunk that this is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunk: Option<u32>,
    /// How the run ended; on the answer to `close`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Why, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why, for a program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<ErrorCode>,
}

impl Control {
    /// An instruction with everything optional absent.
    #[must_use]
    pub const fn new(action: Action) -> Self {
        Self {
            action,
            step: None,
            retry_at: None,
            chunks: None,
            max_concurrency: None,
            chunk: None,
            status: None,
            reason: None,
            error_code: None,
        }
    }
}

/// A function to call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NextStep {
    /// Name or ARN of the Lambda function.
    pub function: String,
    /// Its input.
    pub input: RecipeInput<Value>,
}

/// The first state of a chunk's lane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChunkEntry {
    /// Action `next` with the chunk's first step.
    pub control: Control,
}
