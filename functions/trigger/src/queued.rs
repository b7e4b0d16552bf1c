//! Messages of the run queue.

use hunter_contracts::{BatchResponse, QueueRecord, RecipeFailure, RunRequest};
use hunter_core::{
    control_plane::{Handled, check_body, handle_batch, parse_batch},
    recipe::parse_text,
};
use serde_json::Value;

use crate::Trigger;

/// Most bytes of a request: 50 keywords of 100 characters, with room to spare. Step Functions takes
/// 256 KiB as input.
const REQUEST_BYTES_MAX: usize = 64 * 1024;

/// Starts the runs that are asked for.
pub(crate) async fn start(trigger: &Trigger, event: Value) -> Result<BatchResponse, RecipeFailure> {
    let event = parse_batch(event)?;
    let queue = trigger.run_queue.as_ref();
    let one = |record| start_one(trigger, record);
    Ok(handle_batch(queue, &event, trigger.concurrency, one).await)
}

async fn start_one(trigger: &Trigger, record: &QueueRecord) -> Handled {
    let request = match read(&record.body) {
        Ok(request) => request,
        Err(failure) => return Handled::failed(failure),
    };
    let (tenant, execution_id) = (&request.customer_id, &request.execution_id);
    match trigger.control.start_run(&request).await {
        Ok(started) => {
            tracing::info!(%tenant, %execution_id, ?started, "queued run");
            Handled::Done
        }
        Err(failure) => {
            tracing::warn!(%tenant, %execution_id, error_code = %failure.code, "queued run not started");
            Handled::failed(failure)
        }
    }
}

fn read(body: &str) -> Result<RunRequest, RecipeFailure> {
    check_body(body, REQUEST_BYTES_MAX)?;
    parse_text(body, "body")
}
