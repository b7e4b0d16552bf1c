//! `RecipeInput` and `RecipeOutput`: specification §3, field for field.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Credits, ExecutionId, Fallback, OutsideUse, RecipeId, RecordError, TenantId};

/// What a recipe is called with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecipeInput<P> {
    /// The recipe that is to run.
    pub recipe_id: RecipeId,
    /// The run.
    pub execution_id: ExecutionId,
    /// The tenant.
    pub customer_id: TenantId,
    /// What the recipe needs.
    pub payload: P,
    /// Where in a run this call stands. Absent on a direct call, which then carries its leads
    /// inline and opens and closes its own reservation of credits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepContext>,
}

/// Where in a run a call stands. An extension of the specification's input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepContext {
    /// 1 on the first try, counted up by the customer's retry policy.
    pub attempt: u32,
    /// The chunk of leads that is worked on; absent before the fan-out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunk: Option<u32>,
}

/// Leads that are stored rather than carried: one chunk as a stage left it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeadsRef {
    /// The recipe that wrote them.
    pub stage: RecipeId,
    /// The chunk.
    pub chunk: u32,
    /// Which attempt's result: discovery may be tried again with another result, and only one
    /// attempt's chunks belong together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<String>,
}

/// How a recipe ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every record succeeded.
    Success,
    /// Some records failed; each is named in `errors`.
    Partial,
    /// Nothing succeeded.
    Failed,
}

/// Times, counts and cost of a recipe step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// When the step began.
    pub started_at: Timestamp,
    /// When it ended.
    pub completed_at: Timestamp,
    /// The time between, in milliseconds.
    pub duration_ms: u64,
    /// Records looked at: `records_succeeded + records_failed`.
    pub records_processed: u64,
    /// Records that came out.
    pub records_succeeded: u64,
    /// Records that failed, each with an entry in `errors`.
    pub records_failed: u64,
    /// What was charged.
    pub credits_consumed: Credits,
    /// Calls made to outside services (an extension of the specification).
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub api_calls: u64,
    /// What outside services were used for, and what that cost (an extension of the
    /// specification).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outside_use: Vec<OutsideUse>,
    /// Where one model, or the rules engine, stood in for another (an extension of the
    /// specification).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<Fallback>,
}

/// What a recipe answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecipeOutput<D> {
    /// The recipe that ran.
    pub recipe_id: RecipeId,
    /// The run.
    pub execution_id: ExecutionId,
    /// The tenant.
    pub customer_id: TenantId,
    /// How it ended.
    pub status: Status,
    /// The result.
    pub data: D,
    /// Times, counts and cost.
    pub metadata: Metadata,
    /// One entry per failed record.
    pub errors: Vec<RecordError>,
    /// The input of the next recipe, by reference inside a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_recipe_input: Option<Box<RecipeInput<serde_json::Value>>>,
}
