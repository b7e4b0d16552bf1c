//! What a function tells the state machine: specification §4's ErrorHandler answer, completed with
//! where to go next. The machine reads `control` and nothing else; what each action needs is in the
//! action's variant, so that an answer the machine cannot use cannot be built.

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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum Control {
    /// Run `step`.
    Next {
        /// What is run.
        step: NextStep,
        /// The chunk that this is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chunk: Option<u32>,
    },
    /// The recipe failed: wait until `retry_at`, then run `step`, which is the same again.
    Retry {
        /// What is run.
        step: NextStep,
        /// Not before this time.
        retry_at: Timestamp,
        /// The chunk that this is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chunk: Option<u32>,
        /// Why, for a person.
        reason: String,
        /// Why, for a program.
        error_code: ErrorCode,
    },
    /// The recipe failed; `step` is its fallback. No recipe has one yet.
    Fallback {
        /// What is run.
        step: NextStep,
        /// The chunk that this is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chunk: Option<u32>,
        /// Why, for a person.
        reason: String,
        /// Why, for a program.
        error_code: ErrorCode,
    },
    /// The recipe failed and the agent allows going on without it: run `step`.
    Skip {
        /// What is run.
        step: NextStep,
        /// The chunk that this is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chunk: Option<u32>,
        /// Why, for a person.
        reason: String,
        /// Why, for a program.
        error_code: ErrorCode,
    },
    /// Run the rest of the cookbook once per entry of `chunks`.
    FanOut {
        /// One entry per chunk, each the first state of its lane.
        chunks: Vec<ChunkEntry>,
        /// How many chunks may run at once.
        max_concurrency: u32,
    },
    /// The run cannot start before `retry_at`.
    Wait {
        /// Not before this time.
        retry_at: Timestamp,
        /// Why, for a person.
        reason: String,
        /// Why, for a program.
        error_code: ErrorCode,
    },
    /// What failed is given up.
    Abort {
        /// The chunk that this is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chunk: Option<u32>,
        /// Why, for a person.
        reason: String,
        /// Why, for a program.
        error_code: ErrorCode,
    },
    /// Nothing is left to do here.
    Done {
        /// The chunk that this is about.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chunk: Option<u32>,
        /// Why, for a person, where that is not plain.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Set where the agent went on without a failed recipe, or only a run is to be closed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error_code: Option<ErrorCode>,
    },
}

impl Control {
    /// The end of a lane or of a run before its fan-out.
    #[must_use]
    pub const fn done(chunk: Option<u32>) -> Self {
        Self::Done {
            chunk,
            reason: None,
            error_code: None,
        }
    }

    /// The step that comes next: of a fan-out, its first chunk's.
    #[must_use]
    pub fn step(&self) -> Option<&NextStep> {
        match self {
            Self::Next { step, .. }
            | Self::Retry { step, .. }
            | Self::Fallback { step, .. }
            | Self::Skip { step, .. } => Some(step),
            Self::FanOut { chunks, .. } => chunks.first().map(|entry| {
                let LaneStart::Next { step, .. } = &entry.control;
                step
            }),
            Self::Wait { .. } | Self::Abort { .. } | Self::Done { .. } => None,
        }
    }

    /// What failed before this was decided, with the reason.
    #[must_use]
    pub fn failure(&self) -> Option<(ErrorCode, &str)> {
        match self {
            Self::Retry {
                error_code, reason, ..
            }
            | Self::Fallback {
                error_code, reason, ..
            }
            | Self::Skip {
                error_code, reason, ..
            }
            | Self::Wait {
                error_code, reason, ..
            }
            | Self::Abort {
                error_code, reason, ..
            } => Some((*error_code, reason)),
            Self::Done {
                error_code, reason, ..
            } => error_code.map(|code| (code, reason.as_deref().unwrap_or_default())),
            Self::Next { .. } | Self::FanOut { .. } => None,
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
    /// The chunk's first step.
    pub control: LaneStart,
}

/// As [`Control::Next`], with the chunk that the machine names when the lane crashes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum LaneStart {
    /// Run `step`.
    Next {
        /// What is run.
        step: NextStep,
        /// The lane's chunk.
        chunk: u32,
    },
}

/// The answer to `close`: as [`Control::Next`], with how the run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum RunEnd {
    /// Run `step`, the last one.
    Next {
        /// What is run.
        step: NextStep,
        /// How the run ended.
        status: Status,
        /// Why, for a person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Why, for a program.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error_code: Option<ErrorCode>,
    },
}
