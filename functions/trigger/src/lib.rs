//! What starts and closes runs by itself. Three kinds of event come in:
//!
//! - a tick of EventBridge Scheduler ([`hunter_contracts::ScheduleTick`]): starts the agent's run;
//! - messages of the run queue ([`hunter_contracts::RunRequest`] each): start runs;
//! - EventBridge's "Step Functions Execution Status Change" of an execution that did not end well:
//!   closes the run where the execution did not, so that its credits are released;
//! - the clock's [`hunter_contracts::SweepTick`]: closes those of which that event was lost, which
//!   comes at best.
//!
//! All of them come at least once. A run is started once per execution id, and closed once.

mod ended;
mod queued;
mod tick;

use std::sync::Arc;

use hunter_contracts::{RecipeFailure, to_json};
use hunter_core::{control_plane::ControlPlane, ports::Queue};
use serde_json::Value;

/// Messages that are handled at once, where nobody says otherwise.
pub const CONCURRENCY_DEFAULT: usize = 8;

/// What the function works with.
#[derive(Clone)]
pub struct Trigger {
    /// Starts and closes runs.
    pub control: ControlPlane,
    /// The run queue; only its dead letters are written to.
    pub run_queue: Arc<dyn Queue>,
    /// Messages at once, at least 1.
    pub concurrency: usize,
}

impl Trigger {
    /// With [`CONCURRENCY_DEFAULT`].
    #[must_use]
    pub fn new(control: ControlPlane, run_queue: Arc<dyn Queue>) -> Self {
        Self {
            control,
            run_queue,
            concurrency: CONCURRENCY_DEFAULT,
        }
    }
}

/// Handles one event.
///
/// Answers a [`hunter_contracts::BatchResponse`] to messages of the queue; `{"execution_id",
/// "started": "new" | "existing"}` or `{"buried": reason}` to a tick; `{"closed": bool, "reason"}`
/// to an ended execution; `{"ends": number, "closed": number}` to a sweep.
///
/// # Errors
/// `INVALID_INPUT` for any other event; for a tick or an ended execution also what can pass, so
/// that the sender tries again. Nothing is half done then.
pub async fn handle(trigger: &Trigger, event: Value) -> Result<Value, RecipeFailure> {
    let has = |field: &str| event.get(field).is_some();
    if has("Records") {
        return Ok(to_json(&queued::start(trigger, event).await?));
    }
    if event.get("detail-type").and_then(Value::as_str) == Some(ended::DETAIL_TYPE) {
        return Ok(to_json(&ended::close(trigger, event).await?));
    }
    if has("sweep_last_s") {
        return Ok(to_json(&ended::sweep(trigger, event).await?));
    }
    // A tick with a mistake in it is still a tick.
    let ticks = ["customer_id", "agent_id", "scheduled_time"];
    if ticks.into_iter().any(has) && !has("detail-type") {
        return Ok(to_json(&tick::start(trigger, event).await?));
    }
    Err(RecipeFailure::invalid_input(format!(
        "the event is none that this function takes: send a tick (`customer_id`, `agent_id`, `scheduled_time`), messages of an SQS queue (`Records`), a sweep (`sweep_last_s`), or EventBridge's `{}`",
        ended::DETAIL_TYPE
    )))
}
