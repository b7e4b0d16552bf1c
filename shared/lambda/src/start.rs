//! Starting: wire, serve; and when that fails, say so once and end.

use std::{process::ExitCode, time::Duration};

use hunter_contracts::{ErrorCode, RecipeFailure, chain};
use lambda_runtime::{Diagnostic, Error};
use lambda_runtime_api_client::{PooledClient, body::Body, build_request};

use crate::logs;

/// What the Lambda environment always sets; the runtime panics without it.
const RUNTIME_VARIABLES: [&str; 4] = [
    RUNTIME_API,
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];
const RUNTIME_API: &str = "AWS_LAMBDA_RUNTIME_API";

/// How long the report of a failed start may take.
const REPORT_MAX: Duration = Duration::from_secs(2);

/// Why a function cannot be served, or is served no longer.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The process was not started by Lambda, nor by something that plays it.
    #[error(
        "environment variable `{0}` is not set: Lambda sets it; to start a function on one's own machine use cargo lambda watch"
    )]
    NoRuntime(&'static str),
    /// The Runtime API cannot be reached, or ends.
    #[error("the Lambda Runtime API cannot be reached")]
    RuntimeApi(#[source] Error),
}

/// Runs a main: sets up logs, then wires and serves. A failure is one log line that says what is
/// wrong (never in `Debug` form), is reported to the Runtime API as a failed start with its code,
/// `INVALID_CONFIGURATION` where it has none, and ends the process with exit code 1.
///
/// ```no_run
/// # struct Configuration;
/// # fn read_configuration() -> Result<Configuration, hunter_lambda::Error> { Ok(Configuration) }
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> std::process::ExitCode {
///     hunter_lambda::start(async {
///         let _configuration = read_configuration()?;
///         hunter_lambda::serve_event(|event| async { Ok(event) }).await
///     })
///     .await
/// }
/// ```
pub async fn start(serve: impl Future<Output = Result<(), Error>>) -> ExitCode {
    logs::init();
    let Err(error) = serve.await else {
        return ExitCode::SUCCESS;
    };
    let (code, text) = match (
        error.downcast_ref::<RecipeFailure>(),
        error.downcast_ref::<StartError>(),
    ) {
        // Its `Display` begins with the code, which stands in a field of its own.
        (Some(failure), _) => (failure.code, failure.told()),
        (_, Some(StartError::RuntimeApi(_))) => (ErrorCode::ConnectionError, chain(&*error)),
        _ => (ErrorCode::InvalidConfiguration, chain(&*error)),
    };
    tracing::error!(error_code = %code, "the function cannot run: {text}");
    if !error.is::<StartError>() {
        report(&Diagnostic {
            error_type: code.to_string(),
            error_message: text,
        })
        .await;
    }
    ExitCode::FAILURE
}

/// That Lambda, or something that plays it, started this process.
pub(crate) fn check_runtime() -> Result<(), StartError> {
    match RUNTIME_VARIABLES.iter().find(|name| !is_set(name)) {
        Some(name) => Err(StartError::NoRuntime(name)),
        None => Ok(()),
    }
}

/// Settings are read by `hunter-aws` alone. These are none: the runtime reads them, by itself, and
/// ends the process with a panic where one is not set.
fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some()
}

/// Tells Lambda that the start failed: `POST /2018-06-01/runtime/init/error`. The runtime does so
/// for its own snapshots only.
async fn report(diagnostic: &Diagnostic) {
    if !is_set(RUNTIME_API) {
        return;
    }
    let Ok(body) = serde_json::to_vec(diagnostic) else {
        return;
    };
    let request = build_request()
        .method("POST")
        .uri("/2018-06-01/runtime/init/error")
        .header("lambda-runtime-function-error-type", &diagnostic.error_type)
        .body(Body::from(body));
    let Ok(request) = request else { return };
    let answer = PooledClient::builder().build().call(request);
    match tokio::time::timeout(REPORT_MAX, answer).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            tracing::warn!("the failed start could not be reported: {}", chain(&*error))
        }
        Err(_) => tracing::warn!("the failed start could not be reported in time"),
    }
}
