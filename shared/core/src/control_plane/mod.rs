//! What the ways in share: the HTTP API, the trigger and the command line start and stop runs here.

mod batch;
mod review;
mod run_result;

pub use batch::{BATCH_RECORDS_MAX, Handled, bury, check_body, handle_batch, parse_batch};
pub use review::{Review, review};
pub use run_result::{chunk_leads, run_leads, run_rejected};

use std::{sync::Arc, time::Duration};

use hunter_contracts::{
    AgentConfig, AgentId, AgentSchedule, CloseCause, ErrorCode, ExecutionId, RecipeFailure,
    RunOverrides, RunRecord, RunRequest, ScheduleTick, TenantId, chain,
};

use crate::{
    ports::{Clock, ExecutionState, Executions, Ids, Schedules, Started},
    recipe::{short_key, validate_agent, validate_target},
    store::{Accounts, Actor, AuditEntry, AuditEvent, Put, RunClaim, Store, audit_details},
};

/// Runs of a customer, the latest first, of which one may have been left open.
const STALE_RUNS_SEEN: usize = 20;
/// What is known of an execution lags behind its start by moments.
const STALE_AFTER: Duration = Duration::from_secs(300);

/// Everything that a way in needs.
#[derive(Clone)]
pub struct ControlPlane {
    /// The store of runs, drafts, credits.
    pub store: Arc<dyn Store>,
    /// The store of what was asked for.
    pub accounts: Arc<dyn Accounts>,
    /// The engine.
    pub executions: Arc<dyn Executions>,
    /// The timekeeper.
    pub schedules: Arc<dyn Schedules>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
}

impl ControlPlane {
    /// The id of the run that an idempotency key of a customer names, or a fresh one without a key.
    #[must_use]
    pub fn execution_id(&self, tenant: &TenantId, idempotency_key: Option<&str>) -> ExecutionId {
        match idempotency_key {
            Some(key) => {
                ExecutionId::derived("exec", &short_key(&[tenant.as_str(), "idempotency", key]))
            }
            None => self.ids.execution_id(self.clock.now()),
        }
    }

    /// Starts a run, once per execution id: what was asked for is stored first, so that a start
    /// whose answer was lost is found by the next one, also where the agent was changed meanwhile.
    ///
    /// # Errors
    /// `NOT_FOUND` for an agent that this customer does not have; `INVALID_INPUT` or
    /// `INVALID_CONFIGURATION` for what cannot run; `CONFLICT` where the id stands for another
    /// request; the store's and the engine's errors. Nothing is started then.
    pub async fn start_run(&self, request: &RunRequest) -> Result<Started, RecipeFailure> {
        if request.close_only.is_some() {
            return Err(RecipeFailure::invalid_input(
                "`close_only` is set: it closes runs and starts none, leave it out",
            ));
        }
        let account = self.accounts.account(&request.customer_id);
        let standing = match self.check_run(request).await {
            Ok(()) => {
                let claim = RunClaim {
                    request: request.clone(),
                    requested_at: self.clock.now(),
                };
                match account.claim_run(&claim).await? {
                    Put::New => claim,
                    Put::Existing(standing) => standing,
                }
            }
            Err(failure) if failure.code.retryable() => return Err(failure),
            // It could run when it was asked for first.
            Err(failure) => {
                let standing = account.run_claim(&request.execution_id).await?;
                standing.ok_or(failure)?
            }
        };
        if standing.request != *request {
            return Err(RecipeFailure::new(
                ErrorCode::Conflict,
                format!(
                    "run `{}` was asked for with other content: use another idempotency key",
                    request.execution_id
                ),
            ));
        }
        if let Err(failure) = self.close_stale(&request.customer_id).await {
            let (tenant, failure) = (&request.customer_id, chain(&failure));
            tracing::warn!(%tenant, failure, "runs that are left open are not closed");
        }
        self.executions.start(request).await
    }

    /// Closes the customer's latest runs whose executions ended without doing so: of such an end
    /// only an event tells, which comes at best, and the credits that they hold may be what this
    /// run lacks.
    async fn close_stale(&self, tenant: &TenantId) -> Result<(), RecipeFailure> {
        let store = self.store.tenant(tenant);
        let Ok(before) = self.clock.now().checked_sub(STALE_AFTER) else {
            return Ok(());
        };
        let open = |run: &RunRecord| run.completed_at.is_none() && run.started_at < before;
        let runs = store.runs(STALE_RUNS_SEEN, None).await?;
        for run in runs.items.into_iter().filter(open) {
            let state = self.executions.describe(tenant, &run.execution_id).await?;
            // Executions are forgotten some time after their end.
            let cause = state.map_or(Some(CloseCause::Failed), |state| state.close_cause());
            let Some(cause) = cause else { continue };
            let request = RunRequest {
                customer_id: run.customer_id,
                execution_id: run.execution_id,
                agent_id: run.agent.agent_id,
                request: RunOverrides::default(),
                close_only: None,
            };
            self.close_run(&request, cause).await?;
        }
        Ok(())
    }

    /// Whether what is asked for can run as things stand.
    async fn check_run(&self, request: &RunRequest) -> Result<(), RecipeFailure> {
        let agent = self.agent(&request.customer_id, &request.agent_id).await?;
        let target = request.request.target.as_ref().or(agent.target.as_ref());
        let target = target.ok_or_else(|| {
            RecipeFailure::invalid_input(
                "`request.target` is missing and the agent has none: say whom to look for",
            )
        })?;
        validate_target(target)
    }

    async fn agent(&self, tenant: &TenantId, id: &AgentId) -> Result<AgentConfig, RecipeFailure> {
        let agent = self.store.tenant(tenant).agent(id).await?;
        let agent = agent.ok_or_else(|| {
            RecipeFailure::new(
                ErrorCode::NotFound,
                format!("`agent_id` `{id}` names no agent of this customer"),
            )
        })?;
        validate_agent(&agent)?;
        Ok(agent)
    }

    /// Starts the run of a schedule's tick: five deliveries of it start one run.
    ///
    /// # Errors
    /// As [`Self::start_run`].
    pub async fn tick(&self, tick: &ScheduleTick) -> Result<Started, RecipeFailure> {
        self.start_run(&tick_request(tick)).await
    }

    /// Ends a run: the execution is stopped, then another one settles what was finished and
    /// releases the rest of its credits.
    ///
    /// # Errors
    /// `NOT_FOUND` for a run that this customer never asked for; the engine's errors.
    pub async fn stop_run(&self, tenant: &TenantId, id: &ExecutionId) -> Result<(), RecipeFailure> {
        let claim = self.accounts.account(tenant).run_claim(id).await?;
        let claim = claim.ok_or_else(|| no_run(id))?;
        match self.executions.stop(tenant, id).await {
            Err(failure) if failure.code != ErrorCode::NotFound => return Err(failure),
            _ => {}
        }
        self.close_run(&claim.request, CloseCause::Stopped).await
    }

    /// Closes a run whose execution ended without doing so. Closing a closed run changes nothing.
    ///
    /// # Errors
    /// The engine's errors.
    pub async fn close_run(
        &self,
        request: &RunRequest,
        cause: CloseCause,
    ) -> Result<(), RecipeFailure> {
        // A name is taken for good: should closing fail, it can be tried again in another hour.
        let hour = (self.clock.now().as_second() / 3_600).to_string();
        let parts = [
            request.customer_id.as_str(),
            request.execution_id.as_str(),
            &hour,
        ];
        let id = ExecutionId::derived("close", &short_key(&parts));
        // The machine's input names the run to close; the execution's own name comes from `id`.
        let close = RunRequest {
            close_only: Some(cause),
            ..request.clone()
        };
        self.executions.start_as(&id, &close).await.map(|_| ())
    }

    /// How the execution of a run stands.
    ///
    /// # Errors
    /// When the engine cannot be asked.
    pub async fn execution(
        &self,
        tenant: &TenantId,
        id: &ExecutionId,
    ) -> Result<Option<ExecutionState>, RecipeFailure> {
        self.executions.describe(tenant, id).await
    }

    /// Sets when an agent runs by itself.
    ///
    /// # Errors
    /// `NOT_FOUND` for an agent that this customer does not have, `INVALID_INPUT` for an expression
    /// or a time zone that is refused.
    pub async fn put_schedule(
        &self,
        tenant: &TenantId,
        agent: &AgentId,
        schedule: &AgentSchedule,
    ) -> Result<(), RecipeFailure> {
        self.agent(tenant, agent).await?;
        // The timekeeper first: what it refuses is not stored.
        self.schedules.put(tenant, agent, schedule).await?;
        let account = self.accounts.account(tenant);
        account.put_schedule(agent, schedule).await?;
        let now = self.clock.now();
        let key = short_key(&[agent.as_str(), "schedule", &now.to_string()]);
        let (id, actor) = (format!("audit_{key}"), Actor::customer(tenant));
        let event = AuditEvent::ScheduleChanged;
        let mut entry = AuditEntry::new(id, now, actor, event, agent, tenant);
        entry.context.agent_id = Some(agent.clone());
        entry.changes.after = audit_details([
            ("expression", schedule.expression.clone().into()),
            ("timezone", schedule.timezone.clone().into()),
            ("enabled", schedule.enabled.into()),
        ]);
        Ok(self.store.tenant(tenant).audit(&entry).await?)
    }
}

/// The request that a tick stands for.
#[must_use]
pub fn tick_request(tick: &ScheduleTick) -> RunRequest {
    let parts = [
        tick.customer_id.as_str(),
        tick.agent_id.as_str(),
        &tick.scheduled_time.to_string(),
    ];
    RunRequest {
        customer_id: tick.customer_id.clone(),
        execution_id: ExecutionId::derived("exec", &short_key(&parts)),
        agent_id: tick.agent_id.clone(),
        request: RunOverrides::default(),
        close_only: None,
    }
}

/// The answer for a run that this customer does not have.
#[must_use]
pub fn no_run(id: &ExecutionId) -> RecipeFailure {
    RecipeFailure::new(
        ErrorCode::NotFound,
        format!("`{id}` names no run of this customer"),
    )
}
