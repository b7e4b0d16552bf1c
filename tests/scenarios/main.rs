//! End-to-end scenarios.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may panic, and say what they looked at"
)]

mod any_engine;
mod concurrency;
mod crashes;
mod direct_calls;
mod faulty_store;
mod injection;
mod interruptions;
mod job;
mod outage;
mod place_files;
mod real_sites;
mod recipe_failures;
mod refusals;
mod retries;

use hunter_contracts::{RunRequest, RunStatus};
use hunter_e2e::{Customer, RunResult, Script};

/// Runs a request to its end with nobody stopping it, and answers what it left behind.
async fn run_with(
    customer: &Customer<'_>,
    request: &RunRequest,
    script: &std::sync::Arc<Script>,
) -> RunResult {
    let engine = customer.world.engine_with(script);
    let ended = engine.run(request, std::future::pending()).await;
    assert!(!ended.stopped, "{ended:?}");
    customer.result(&request.execution_id).await
}

/// A run without faults that succeeds.
async fn clean_run(customer: &Customer<'_>, request: &RunRequest) -> RunResult {
    let result = run_with(customer, request, &Script::none()).await;
    assert_eq!(result.run.status, RunStatus::Succeeded, "{:?}", result.run);
    result.assert_sound();
    result.assert_adds_up();
    result
}
