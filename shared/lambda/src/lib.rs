//! Between the Lambda runtime and [`hunter_core`]: events in, results out, failures as Lambda
//! errors whose `errorType` is the specification's code. No logic of its own.

use hunter_contracts::{RecipeFailure, RunAnswer, StepResult};
use hunter_core::{Platform, Recipe, execute};
pub use lambda_runtime::Error;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;
use tracing_subscriber::EnvFilter;

/// A failure as Lambda reports it: Step Functions matches `ErrorEquals` against the code.
#[must_use]
pub fn diagnostic(failure: &RecipeFailure) -> Diagnostic {
    Diagnostic {
        error_type: failure.code.as_str(),
        error_message: failure.message.clone(),
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
/// When the runtime API cannot be reached.
pub async fn serve_recipe<R: Recipe + 'static>(recipe: R, platform: Platform) -> Result<(), Error> {
    init_logs();
    let handler = |event| handle_recipe(&recipe, &platform, event);
    lambda_runtime::run(service_fn(handler)).await
}

/// Serves the run function under the Lambda runtime until the process ends.
///
/// # Errors
/// When the runtime API cannot be reached.
pub async fn serve_run<F, Fut>(handle: F) -> Result<(), Error>
where
    F: Fn(Value) -> Fut,
    Fut: Future<Output = Result<RunAnswer, RecipeFailure>>,
{
    init_logs();
    let handler = |event: LambdaEvent<Value>| {
        let answer = handle(event.payload);
        async { answer.await.map_err(|failure| diagnostic(&failure)) }
    };
    lambda_runtime::run(service_fn(handler)).await
}

/// Structured logs on standard output: JSON lines, level from `RUST_LOG`, `info` without it.
fn init_logs() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_target(false);
    // A second initialisation (a warm test process) leaves the first one in place.
    let _ = logs.try_init();
}
