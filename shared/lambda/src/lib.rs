//! Between the Lambda runtime and [`hunter_core`]: events in, results out, failures as Lambda
//! errors whose `errorType` is the specification's code; logs and metrics. No logic of its own.
//!
//! A main is [`start`] around the wiring, which ends in one of [`serve_recipe`], [`serve_run`],
//! [`serve_event`] and [`serve`]. A function that runs under another runtime (`lambda_http`) calls
//! [`init`] first and counts each request with an [`Invocation`].
//!
//! # What is written
//!
//! - **Standard error: logs**, one JSON object per line, its fields flat, so that CloudWatch Logs
//!   Insights finds them by name: `timestamp`, `level`, `message`, `target`, and on every line of an
//!   invocation `function`, `request_id`, `trace_id` (X-Ray), `tenant`, `execution_id`, `recipe`.
//!   The level comes from `RUST_LOG`. Below `INFO` only our own crates are heard: other crates say
//!   bodies, headers and signatures there. What stands in quotation marks, and e-mail addresses,
//!   are blotted out of every value, so that a message about bad input does not quote it.
//! - **Standard output: metrics**, one line per invocation in CloudWatch's embedded metric format.
//!
//! # Trace ids
//!
//! The X-Ray trace id of an invocation stands on its log and metric lines. The runtime also puts it
//! into `_X_AMZN_TRACE_ID`, from where the AWS SDK sends it along with every call of an AWS service
//! (`X-Amzn-Trace-Id`), so that a function or execution that is started there belongs to the same
//! trace. Services that are not AWS's are not told.

mod invocation;
mod logs;
mod metrics;
mod redact;
#[cfg(any(test, feature = "test-support"))]
pub mod runtime_api;
mod start;
#[cfg(test)]
mod tests;

use hunter_contracts::{RecipeFailure, RunAnswer, StepResult};
use hunter_core::recipe::{Platform, Recipe, execute};
pub use lambda_runtime::Error;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Serialize;
use serde_json::Value;

pub use invocation::{Invocation, MeasuredAnswer, serve};
pub use logs::init;
pub use metrics::{InvocationStatus, Measures, NAMESPACE, Records};
pub use start::{StartError, start};

/// A failure as Lambda reports it: Step Functions matches `ErrorEquals` against the code.
#[must_use]
pub fn diagnostic(failure: &RecipeFailure) -> Diagnostic {
    Diagnostic {
        error_type: failure.code.to_string(),
        error_message: failure.told(),
    }
}

/// Handles one invocation of a recipe's function.
///
/// # Errors
/// Where [`execute`] has no answer: the input names no usable run, or the store is away.
pub async fn handle_recipe<R: Recipe>(
    recipe: &R,
    platform: &Platform,
    event: LambdaEvent<Value>,
) -> Result<StepResult, Diagnostic> {
    execute(recipe, platform, event.payload)
        .await
        .map_err(|failure| diagnostic(&failure))
}

/// Serves a recipe under the Lambda runtime until the process ends.
///
/// # Errors
/// As [`serve`].
pub async fn serve_recipe<R: Recipe + 'static>(recipe: R, platform: Platform) -> Result<(), Error> {
    let (recipe, platform) = (&recipe, &platform);
    serve(|event| async move {
        // A step of a run says in the core's own words why it failed.
        let is_step = event.get("step").is_some();
        let answer = execute(recipe, platform, event).await?;
        if let (false, Some((code, reason))) = (is_step, answer.control.failure()) {
            tracing::warn!(error_code = %code, "the call failed: {reason}");
        }
        let measures = Measures::from(&answer);
        Ok(MeasuredAnswer { answer, measures })
    })
    .await
}

/// Serves the run function under the Lambda runtime until the process ends.
///
/// # Errors
/// As [`serve`].
pub async fn serve_run<F, Fut>(handle: F) -> Result<(), Error>
where
    F: Fn(Value) -> Fut,
    Fut: Future<Output = Result<RunAnswer, RecipeFailure>>,
{
    let handle = &handle;
    serve(|event| async move {
        let answer = handle(event).await?;
        if let Some((code, reason)) = answer.failure() {
            tracing::warn!(error_code = %code, "{reason}");
        }
        let measures = Measures::from(&answer);
        Ok(MeasuredAnswer { answer, measures })
    })
    .await
}

/// Serves any other function under the Lambda runtime until the process ends. What it answers goes
/// out as it is; an answer counts as a success. A function that knows better uses [`serve`].
///
/// # Errors
/// As [`serve`].
pub async fn serve_event<F, Fut, T>(handle: F) -> Result<(), Error>
where
    F: Fn(Value) -> Fut,
    Fut: Future<Output = Result<T, RecipeFailure>>,
    T: Serialize,
{
    let handle = &handle;
    serve(|event| async move {
        let answer = handle(event).await?;
        let measures = Measures::default();
        Ok(MeasuredAnswer { answer, measures })
    })
    .await
}
