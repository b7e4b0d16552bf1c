//! Executions that ended without closing their run: an error of the machine itself, its time limit,
//! or a stop from outside. The run's credits stay reserved until somebody closes it.

use std::time::Duration;

use hunter_contracts::{
    CloseCause, ExecutionStatusEvent, RecipeFailure, RunRequest, RunStatus, SweepTick,
};
use hunter_core::{
    ports::{BadEnd, ExecutionState, execution_name},
    recipe::{parse, parse_text},
};
use serde::Serialize;
use serde_json::Value;

use crate::Trigger;

/// The kind of event, as EventBridge names it.
pub(crate) const DETAIL_TYPE: &str = "Step Functions Execution Status Change";

const SOURCE: &str = "aws.states";
/// Ends without a run of `CloseRun` for certain. The machine's own refusals are among `FAILED`:
/// they leave nothing open.
const BAD_ENDS: [(&str, CloseCause); 3] = [
    ("FAILED", CloseCause::Failed),
    ("TIMED_OUT", CloseCause::TimedOut),
    ("ABORTED", CloseCause::Stopped),
];

/// What became of the run of an ended execution.
#[derive(Debug, Serialize)]
pub(crate) struct Closed {
    /// Whether an execution was started that closes it.
    closed: bool,
    reason: &'static str,
}

/// What a sweep found.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Swept {
    /// Executions that did not end well.
    ends: usize,
    /// Runs among them that are closed now.
    closed: usize,
}

const fn nothing(reason: &'static str) -> Result<Closed, RecipeFailure> {
    Ok(Closed {
        closed: false,
        reason,
    })
}

/// Closes the run of an execution, where it is open.
pub(crate) async fn close(trigger: &Trigger, event: Value) -> Result<Closed, RecipeFailure> {
    let event: ExecutionStatusEvent = parse(event, "")?;
    if event.source != SOURCE {
        return Err(RecipeFailure::invalid_input(format!(
            "`source` is `{}`: only `{SOURCE}` tells about executions",
            event.source
        )));
    }
    let detail = event.detail;
    let end = BAD_ENDS.iter().find(|(status, _)| *status == detail.status);
    let Some(&(_, cause)) = end else {
        return nothing("the execution did not end badly");
    };
    let end = BadEnd {
        name: detail.name,
        cause,
        input: detail.input.unwrap_or_default(),
    };
    close_run(trigger, &end).await
}

/// Closes the runs of all executions that did not end well of late, where they are open. One that
/// cannot be closed does not keep the others open.
pub(crate) async fn sweep(trigger: &Trigger, event: Value) -> Result<Swept, RecipeFailure> {
    let tick: SweepTick = parse(event, "")?;
    let back = Duration::from_secs(tick.sweep_last_s.into());
    let since = trigger.control.clock.now().checked_sub(back);
    let since = since.map_err(RecipeFailure::defect)?;
    let (mut swept, mut failed) = (Swept::default(), Ok(()));
    for end in trigger.control.executions.bad_ends(since).await? {
        swept.ends += 1;
        match close_run(trigger, &end).await {
            Ok(closed) => swept.closed += usize::from(closed.closed),
            Err(failure) => failed = Err(failure),
        }
    }
    failed.map(|()| swept)
}

async fn close_run(trigger: &Trigger, end: &BadEnd) -> Result<Closed, RecipeFailure> {
    // An execution with an input that cannot be read was refused by the machine: it opened nothing.
    let Ok(request) = parse_text::<RunRequest>(&end.input, "detail.input") else {
        return nothing("the execution's input is no request of a run");
    };
    let (tenant, execution_id) = (&request.customer_id, &request.execution_id);
    if !is_open(trigger, &request).await? {
        return nothing("the run is not open");
    }
    if request.close_only.is_some() {
        // Closing it again by the same means would go on for ever.
        tracing::error!(%tenant, %execution_id, "a run stays open: closing it failed");
        return nothing("closing the run failed: it needs a person");
    }
    // Another execution than the run's own may have been started with the same input by hand.
    if end.name != execution_name(tenant, execution_id)
        && trigger.control.execution(tenant, execution_id).await? == Some(ExecutionState::Running)
    {
        return nothing("the run's own execution is under way");
    }
    trigger.control.close_run(&request, end.cause).await?;
    tracing::warn!(%tenant, %execution_id, cause = ?end.cause, "closes an abandoned run");
    Ok(Closed {
        closed: true,
        reason: "an execution that closes the run is started",
    })
}

/// Whether the run holds credits or counts as under way.
async fn is_open(trigger: &Trigger, request: &RunRequest) -> Result<bool, RecipeFailure> {
    let store = trigger.control.store.tenant(&request.customer_id);
    let hold = store.hold(&request.execution_id).await?;
    if hold.is_some_and(|hold| hold.open) {
        return Ok(true);
    }
    let run = store.run(&request.execution_id).await?;
    Ok(run.is_some_and(|run| matches!(run.status, RunStatus::Queued | RunStatus::Running)))
}
