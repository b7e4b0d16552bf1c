//! What recipes are and how a step of one is run: the components of specification §4, [`Recipe`],
//! and [`execute()`], the one way to run a step.

mod components;
mod context;
mod execute;
mod idempotency;
pub mod json;
mod meter;
mod plan;
mod retry;
mod validate;

pub use components::{
    AiComponent, CorrespondenceComponent, Decision, Formatted, Quota, RateLimiter, SecretsManager,
};
pub use context::{Context, FunctionNames, Outcome, Platform, Progress, Recipe, Silent};
pub use execute::execute;
pub use idempotency::{derived_key, draft_id, lead_id, short_key};
pub use json::{parse, parse_text};
pub use meter::{Caller, Meter};
pub use plan::{chunk_sizes, fan_out, next_recipe, next_step, step_input};
pub use retry::{
    Handling, RETRY_AFTER_MAX, backoff, handle_failure, is_retryable, retry_policy, whole_second,
};
pub use validate::{require_leads, validate_agent, validate_leads, validate_target};
