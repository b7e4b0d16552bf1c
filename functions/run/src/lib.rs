//! Opens a run (validate, plan, reserve credits) and closes it (settle, release, roll up).
//!
//! Both may be called twice with the same input: the second call finds what stands and answers the
//! same.

mod close;
mod open;
mod outcomes;
mod usage;

use hunter_contracts::{RecipeFailure, RunAnswer, RunCommand};
use hunter_core::recipe::{Platform, parse};
use serde_json::Value;

/// Handles `{"action": "open" | "close", …}`.
///
/// # Errors
/// `INVALID_INPUT` when the command cannot be read, `STORE_UNAVAILABLE` when the store fails. A run
/// that is refused is an answer, not an error.
pub async fn handle(platform: &Platform, event: Value) -> Result<RunAnswer, RecipeFailure> {
    match parse(event, "")? {
        // What is opened comes from people: its errors are a refusal, told to them.
        RunCommand::<Value>::Open { input } => {
            let control = match parse(input, "input") {
                Ok(request) => open::open(platform, request).await?,
                Err(failure) => open::refused(&failure),
            };
            Ok(RunAnswer::Opened { control })
        }
        RunCommand::Close {
            customer_id,
            execution_id,
            state,
        } => {
            let control = close::close(platform, &customer_id, &execution_id, state).await?;
            Ok(RunAnswer::Closed { control })
        }
    }
}
