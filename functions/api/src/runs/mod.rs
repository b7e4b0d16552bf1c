//! Runs: started, listed, shown, stopped.

mod leads;
mod progress;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use hunter_contracts::{
    AgentId, CloseCause, Credits, ErrorCode, ExecutionId, RecipeFailure, RunOverrides, RunRecord,
    RunRequest, RunStatus, TenantId,
};
use hunter_core::{
    control_plane::no_run,
    ports::{ExecutionState, Started},
    store::RunClaim,
};
use jiff::Timestamp;
use serde_json::json;
use tracing::Span;

use crate::{
    ApiState, List, RunAccepted, RunDetail, RunState, RunSummary, StartRunBody,
    agents::check_source,
    auth::Tenant,
    body::Body,
    operation::operation,
    problem::{Answer, Refusal},
    query::{PageQuery, Parameters, PathId, list_failure, only},
};

pub(crate) use leads::ListLeads;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_KEY_MAX: usize = 255;

/// A run that the engine does not know so long after it was asked for was never begun.
const START_SECONDS_MAX: i64 = 15 * 60;

operation! {
    /// Start a run
    ///
    /// With an `idempotency-key`, the same request starts one run however often it is sent, and is
    /// answered with that run; the same key with another request is answered 422. An agent that does
    /// not exist is answered 404.
    StartRun: POST "/v1/runs" => start,
    |operation| operation
        .parameter("header", "idempotency-key", "A name for this request, as in a UUID.", json!({
            "type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_MAX,
            "pattern": format!("^[!-~]{{1,{IDEMPOTENCY_KEY_MAX}}}$"),
        }))
        .body::<StartRunBody>(true, Some(json!({
            "agent_id": "agent_001",
            "request": {"target": {"keywords": ["dentists"], "location": "Salzburg"}},
        })))
        .gives_with::<RunAccepted>(
            202,
            "The run is started, or was by an earlier request of this key.",
            ("location", "Where the run is shown."),
        )
        .problems(&[404])
}

async fn start(
    Tenant(tenant): Tenant,
    State(state): State<ApiState>,
    headers: HeaderMap,
    Body(body): Body<StartRunBody>,
) -> Answer {
    let key = idempotency_key(&headers)?;
    check_source(body.request.target.as_ref(), "request.target")?;
    let control = &state.control;
    let request = RunRequest {
        execution_id: control.execution_id(&tenant, key),
        customer_id: tenant,
        agent_id: body.agent_id,
        request: body.request,
        close_only: None,
    };
    let id = &request.execution_id;
    Span::current().record("execution_id", tracing::field::display(id));
    let started = control.start_run(&request).await.map_err(|failure| {
        let refusal = Refusal::from(failure);
        // The key stands for another request (draft-ietf-httpapi-idempotency-key-header §2.7).
        refusal.with_status_for(ErrorCode::Conflict, StatusCode::UNPROCESSABLE_ENTITY)
    })?;
    let status = match started {
        Started::New => RunState::Starting,
        Started::Existing => {
            let found = find(&state, &request.customer_id, id).await?;
            found.map_or(RunState::Starting, |run| run.status())
        }
    };
    let location = [(header::LOCATION, format!("/v1/runs/{id}"))];
    let accepted = accepted(id, &request.agent_id, status);
    Ok((StatusCode::ACCEPTED, location, accepted).into_response())
}

fn idempotency_key(headers: &HeaderMap) -> Answer<Option<&str>> {
    let Some(key) = only(headers, &IDEMPOTENCY_KEY)? else {
        return Ok(None);
    };
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    if visible && (1..=IDEMPOTENCY_KEY_MAX).contains(&key.len()) {
        return Ok(Some(key));
    }
    Err(Refusal::malformed(format!(
        "`idempotency-key` is not 1 to {IDEMPOTENCY_KEY_MAX} visible ASCII characters: send a UUID, for example"
    )))
}

fn accepted(id: &ExecutionId, agent: &AgentId, status: RunState) -> Json<RunAccepted> {
    Json(RunAccepted {
        execution_id: id.clone(),
        agent_id: agent.clone(),
        status,
    })
}

operation! {
    /// List runs, newest first
    ///
    /// A run that was refused before it was opened is not listed; it is shown by its id.
    ListRuns: GET "/v1/runs" => list,
    |operation| operation.page().gives::<List<RunSummary>>(200, "The runs.")
}

async fn list(
    Tenant(tenant): Tenant,
    State(state): State<ApiState>,
    Parameters(page): Parameters<PageQuery>,
) -> Answer<Json<List<RunSummary>>> {
    let (limit, cursor) = page.checked()?;
    let store = state.control.store.tenant(&tenant);
    let page = store.runs(limit, cursor).await.map_err(list_failure)?;
    Ok(Json(List {
        items: page.items.into_iter().map(RunSummary::from).collect(),
        next_cursor: page.cursor,
    }))
}

operation! {
    /// Show a run and how far it is
    GetRun: GET "/v1/runs/{id}" => show,
    |operation| operation.id::<ExecutionId>("The run.").gives::<RunDetail>(200, "The run.")
}

async fn show(
    Tenant(tenant): Tenant,
    State(state): State<ApiState>,
    PathId(id): PathId<ExecutionId>,
) -> Answer<Json<RunDetail>> {
    let run = find(&state, &tenant, &id).await?;
    let detail = match run.ok_or_else(|| no_run(&id))? {
        Run::Opened(run, claim) => {
            let store = state.control.store.tenant(&tenant);
            let progress = progress::of(store.as_ref(), &run).await?;
            opened(*run, claim, progress)
        }
        Run::Claimed(claim, standing) => claimed(claim, standing),
    };
    Ok(Json(detail))
}

operation! {
    /// Stop a run
    ///
    /// Chunks that are finished are kept and charged, the rest of the reservation is released.
    /// Stopping a run that has ended changes nothing; the answer says how it ended.
    StopRun: DELETE "/v1/runs/{id}" => stop,
    |operation| operation
        .id::<ExecutionId>("The run.")
        .gives::<RunAccepted>(202, "The run is being stopped, or has ended.")
}

async fn stop(
    Tenant(tenant): Tenant,
    State(state): State<ApiState>,
    PathId(id): PathId<ExecutionId>,
) -> Answer<Response> {
    Span::current().record("execution_id", tracing::field::display(&id));
    let run = find(&state, &tenant, &id).await?;
    let run = run.ok_or_else(|| no_run(&id))?;
    if !run.has_ended() {
        end(&state, &run).await?;
    }
    let accepted = accepted(&id, run.agent_id(), run.status());
    Ok((StatusCode::ACCEPTED, accepted).into_response())
}

async fn end(state: &ApiState, run: &Run) -> Result<(), RecipeFailure> {
    let control = &state.control;
    match run {
        Run::Opened(run, None) => {
            // It was started by other means than a control plane; its record says what it is.
            let request = RunRequest {
                customer_id: run.customer_id.clone(),
                execution_id: run.execution_id.clone(),
                agent_id: run.agent.agent_id.clone(),
                request: RunOverrides::default(),
                close_only: None,
            };
            let stopped = control.executions.stop(&run.customer_id, &run.execution_id);
            match stopped.await {
                Err(failure) if failure.code != ErrorCode::NotFound => Err(failure),
                _ => control.close_run(&request, CloseCause::Stopped).await,
            }
        }
        Run::Opened(_, Some(claim)) | Run::Claimed(claim, _) => {
            let RunRequest {
                customer_id,
                execution_id,
                ..
            } = &claim.request;
            control.stop_run(customer_id, execution_id).await
        }
    }
}

/// A run of the customer.
enum Run {
    /// It was opened: its record tells.
    Opened(Box<RunRecord>, Option<RunClaim>),
    /// It was asked for: the engine tells.
    Claimed(RunClaim, Standing),
}

/// How a run stands that has no record.
struct Standing {
    status: RunState,
    error_code: Option<ErrorCode>,
    reason: Option<String>,
}

impl Run {
    fn status(&self) -> RunState {
        match self {
            Self::Opened(run, _) => run.status.into(),
            Self::Claimed(_, standing) => standing.status,
        }
    }

    fn has_ended(&self) -> bool {
        match self {
            Self::Opened(run, _) => !matches!(run.status, RunStatus::Queued | RunStatus::Running),
            Self::Claimed(_, standing) => standing.status != RunState::Starting,
        }
    }

    fn agent_id(&self) -> &AgentId {
        match self {
            Self::Opened(run, _) => &run.agent.agent_id,
            Self::Claimed(claim, _) => &claim.request.agent_id,
        }
    }
}

async fn find(state: &ApiState, tenant: &TenantId, id: &ExecutionId) -> Answer<Option<Run>> {
    let control = &state.control;
    let claim = control.accounts.account(tenant).run_claim(id).await?;
    if let Some(run) = control.store.tenant(tenant).run(id).await? {
        return Ok(Some(Run::Opened(Box::new(run), claim)));
    }
    let Some(claim) = claim else {
        return Ok(None);
    };
    let execution = control.execution(tenant, id).await?;
    // It may have been opened meanwhile.
    if let Some(run) = control.store.tenant(tenant).run(id).await? {
        return Ok(Some(Run::Opened(Box::new(run), Some(claim))));
    }
    let age = control.clock.now().duration_since(claim.requested_at);
    let standing = standing(execution, age.as_secs() < START_SECONDS_MAX);
    Ok(Some(Run::Claimed(claim, standing)))
}

/// How a run without a record stands, from its execution.
fn standing(execution: Option<ExecutionState>, recent: bool) -> Standing {
    let ended = |status, error_code, reason: String| Standing {
        status,
        error_code: Some(error_code),
        reason: Some(reason),
    };
    match execution {
        Some(ExecutionState::Running) => Standing::starting(),
        None if recent => Standing::starting(),
        None => ended(
            RunState::Failed,
            ErrorCode::FunctionFailed,
            "the run was never begun: start a new one".into(),
        ),
        Some(ExecutionState::Failed { error, cause }) => {
            let code = serde_json::from_value(error.into());
            ended(
                RunState::Failed,
                code.unwrap_or(ErrorCode::FunctionFailed),
                cause,
            )
        }
        Some(ExecutionState::TimedOut) => ended(
            RunState::Failed,
            ErrorCode::Timeout,
            "the run was not opened in time: start a new one".into(),
        ),
        Some(ExecutionState::Succeeded) => ended(
            RunState::Failed,
            ErrorCode::FunctionFailed,
            "the run ended and left no record: start a new one".into(),
        ),
        Some(ExecutionState::Aborted) => ended(
            RunState::Stopped,
            ErrorCode::Stopped,
            "stopped before it was opened".into(),
        ),
    }
}

impl Standing {
    const fn starting() -> Self {
        Self {
            status: RunState::Starting,
            error_code: None,
            reason: None,
        }
    }
}

fn opened(
    run: RunRecord,
    claim: Option<RunClaim>,
    progress: Vec<crate::StageProgress>,
) -> RunDetail {
    RunDetail {
        execution_id: run.execution_id,
        agent_id: run.agent.agent_id,
        status: run.status.into(),
        reason: run.reason,
        error_code: run.error_code,
        target: Some(run.target),
        requested_at: claim.map(|claim| claim.requested_at),
        started_at: Some(run.started_at),
        completed_at: run.completed_at,
        reserved: run.reserved,
        charged: run.charged,
        progress,
        summary: run.summary,
        stages: run.stages,
        errors: run.errors,
        errors_total: run.errors_total,
    }
}

fn claimed(claim: RunClaim, standing: Standing) -> RunDetail {
    let requested_at: Timestamp = claim.requested_at;
    RunDetail {
        execution_id: claim.request.execution_id,
        agent_id: claim.request.agent_id,
        status: standing.status,
        reason: standing.reason,
        error_code: standing.error_code,
        target: claim.request.request.target,
        requested_at: Some(requested_at),
        started_at: None,
        completed_at: None,
        reserved: Credits::ZERO,
        charged: Credits::ZERO,
        progress: Vec::new(),
        summary: None,
        stages: std::collections::BTreeMap::new(),
        errors: Vec::new(),
        errors_total: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_a_record_stands_as_its_execution() {
        let failed = |error: &str| {
            Some(ExecutionState::Failed {
                error: error.into(),
                cause: "why".into(),
            })
        };
        // Execution, recent, status, code.
        let table = [
            (None, true, RunState::Starting, None),
            (
                None,
                false,
                RunState::Failed,
                Some(ErrorCode::FunctionFailed),
            ),
            (
                Some(ExecutionState::Running),
                false,
                RunState::Starting,
                None,
            ),
            (
                failed("INSUFFICIENT_CREDITS"),
                true,
                RunState::Failed,
                Some(ErrorCode::InsufficientCredits),
            ),
            (
                failed("States.Runtime"),
                true,
                RunState::Failed,
                Some(ErrorCode::FunctionFailed),
            ),
            (
                Some(ExecutionState::TimedOut),
                true,
                RunState::Failed,
                Some(ErrorCode::Timeout),
            ),
            (
                Some(ExecutionState::Succeeded),
                true,
                RunState::Failed,
                Some(ErrorCode::FunctionFailed),
            ),
            (
                Some(ExecutionState::Aborted),
                true,
                RunState::Stopped,
                Some(ErrorCode::Stopped),
            ),
        ];
        for (execution, recent, status, code) in table {
            let shown = format!("{execution:?}");
            let standing = standing(execution, recent);
            assert_eq!(
                (standing.status, standing.error_code),
                (status, code),
                "{shown}"
            );
        }
    }

    #[test]
    fn keys_are_visible_ascii() {
        let key = |value: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.append(&IDEMPOTENCY_KEY, value.try_into().unwrap());
            idempotency_key(&headers)
                .map(|key| key.map(str::to_owned))
                .ok()
        };
        let longest = "k".repeat(255);
        assert_eq!(key(longest.as_bytes()), Some(Some(longest)));
        assert_eq!(key(b"\"a-b\""), Some(Some("\"a-b\"".into())));
        for bad in [&b""[..], b"a b", "ü".as_bytes(), &[b'k'; 256]] {
            assert_eq!(key(bad), None, "{bad:?}");
        }
        let mut twice = HeaderMap::new();
        twice.append(&IDEMPOTENCY_KEY, "a".parse().unwrap());
        twice.append(&IDEMPOTENCY_KEY, "a".parse().unwrap());
        assert!(idempotency_key(&twice).is_err());
        assert!(matches!(idempotency_key(&HeaderMap::new()), Ok(None)));
    }
}
