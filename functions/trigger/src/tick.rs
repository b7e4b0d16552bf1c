//! A schedule's tick.

use hunter_contracts::{ExecutionId, RecipeFailure, ScheduleTick, to_json};
use hunter_core::{
    control_plane::{bury, tick_request},
    ports::Started,
    recipe::parse,
};
use serde::Serialize;
use serde_json::Value;

use crate::Trigger;

/// What became of a tick.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum TickOutcome {
    /// Its run is under way, or was before.
    Started {
        execution_id: ExecutionId,
        started: &'static str,
    },
    /// It can never start a run as things stand, and lies with the run queue's dead letters.
    Buried { buried: RecipeFailure },
}

/// Starts the tick's run. What is buried is the run's request, which can be redriven: it starts the
/// same run as the tick.
pub(crate) async fn start(trigger: &Trigger, event: Value) -> Result<TickOutcome, RecipeFailure> {
    let tick: ScheduleTick = match parse(event.clone(), "") {
        Ok(tick) => tick,
        Err(failure) => return give_up(trigger, &event, failure).await,
    };
    let request = tick_request(&tick);
    let (tenant, execution_id) = (&request.customer_id, &request.execution_id);
    match trigger.control.tick(&tick).await {
        Ok(started) => {
            tracing::info!(%tenant, %execution_id, ?started, "tick");
            Ok(TickOutcome::Started {
                execution_id: request.execution_id,
                started: match started {
                    Started::New => "new",
                    Started::Existing => "existing",
                },
            })
        }
        Err(failure) if failure.code.retryable() => Err(failure),
        Err(failure) => {
            tracing::warn!(%tenant, %execution_id, error_code = %failure.code, "tick starts nothing");
            let body = to_json(&request);
            give_up(trigger, &body, failure).await
        }
    }
}

async fn give_up(
    trigger: &Trigger,
    body: &Value,
    failure: RecipeFailure,
) -> Result<TickOutcome, RecipeFailure> {
    bury(trigger.run_queue.as_ref(), &body.to_string(), &failure).await?;
    Ok(TickOutcome::Buried { buried: failure })
}
