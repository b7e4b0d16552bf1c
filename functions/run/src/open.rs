//! Opening: what is asked for is checked and paid for before anything happens.

use hunter_contracts::{
    AgentConfig, BillingMonth, CloseCause, Control, Credits, DiscoveryPayload, ErrorCode,
    MAX_RESULTS_DEFAULT, OnInsufficientCredits, RateCard, RecipeFailure, RecipeId, RunRecord,
    RunRequest, RunStatus, Turn,
};
use hunter_core::{
    recipe::{Platform, step_input, validate_agent, validate_target, whole_second},
    store::{Put, StoreError, TenantStore},
};
use jiff::{Timestamp, tz::TimeZone};

/// A refusal as the state machine reads it.
pub(crate) fn refused(failure: &RecipeFailure) -> Control {
    Control::Abort {
        chunk: None,
        reason: failure.told(),
        error_code: failure.code,
    }
}

/// The machine goes straight to CloseRun, which closes the run that the input names.
fn only_close(cause: CloseCause) -> Control {
    let (code, reason) = match cause {
        CloseCause::Stopped => (ErrorCode::Stopped, "the run was stopped"),
        CloseCause::TimedOut => (ErrorCode::Timeout, "the run took longer than its limit"),
        CloseCause::Failed => (
            ErrorCode::FunctionFailed,
            "the run broke off before it could be closed",
        ),
    };
    Control::Done {
        chunk: None,
        reason: Some(reason.into()),
        error_code: Some(code),
    }
}

/// Opens a run, or refuses it and stores nothing.
///
/// # Errors
/// When the store fails; trying again is safe.
pub(crate) async fn open(
    platform: &Platform,
    request: RunRequest,
) -> Result<Control, RecipeFailure> {
    if let Some(cause) = request.close_only {
        return Ok(only_close(cause));
    }
    let store = platform.store.tenant(&request.customer_id);
    if let Some(run) = store.run(&request.execution_id).await? {
        return reopen(platform, store.as_ref(), run).await;
    }
    match plan(platform, store.as_ref(), request).await {
        Ok(run) => reserve(platform, store.as_ref(), run).await,
        Err(failure) if failure.code == ErrorCode::StoreUnavailable => Err(failure),
        Err(failure) => Ok(refused(&failure)),
    }
}

/// The same execution again: a repeat of an open run goes on, a queued one is tried again, or closed
/// where what it is to do is valid no longer, a closed one stays closed.
async fn reopen(
    platform: &Platform,
    store: &dyn TenantStore,
    run: RunRecord,
) -> Result<Control, RecipeFailure> {
    let valid = || validate_agent(&run.agent).and_then(|()| validate_target(&run.target));
    match run.status {
        RunStatus::Queued if let Err(failure) = valid() => Ok(Control::Done {
            chunk: None,
            reason: Some(failure.told()),
            error_code: Some(failure.code),
        }),
        RunStatus::Running | RunStatus::Queued => reserve(platform, store, run).await,
        status => Ok(refused(&RecipeFailure::new(
            ErrorCode::Conflict,
            format!(
                "run `{}` has ended ({status:?}): start a new one",
                run.execution_id
            ),
        ))),
    }
}

async fn plan(
    platform: &Platform,
    store: &dyn TenantStore,
    request: RunRequest,
) -> Result<RunRecord, RecipeFailure> {
    let mut agent = store.agent(&request.agent_id).await?.ok_or_else(|| {
        RecipeFailure::new(
            ErrorCode::NotFound,
            format!(
                "`agent_id` `{}` names no agent of this customer",
                request.agent_id
            ),
        )
    })?;
    validate_agent(&agent)?;
    if let Some(threshold) = request.request.threshold {
        agent.scoring.threshold = threshold;
    }
    let target = target(&agent, request.request.target)?;
    let started_at = platform.clock.now();
    let month = BillingMonth::of(&request.execution_id, started_at);
    check_calls(store, month).await?;
    let rates = platform.rates.at(started_at)?.clone();
    Ok(RunRecord {
        execution_id: request.execution_id,
        customer_id: request.customer_id,
        reserved: cost_max(&agent, &target, &rates),
        rates,
        agent,
        target,
        status: RunStatus::Running,
        started_at,
        completed_at: None,
        charged: Credits::ZERO,
        summary: None,
        stages: std::collections::BTreeMap::new(),
        errors: Vec::new(),
        errors_total: 0,
        reason: None,
        error_code: None,
    })
}

fn target(
    agent: &AgentConfig,
    asked: Option<DiscoveryPayload>,
) -> Result<DiscoveryPayload, RecipeFailure> {
    let mut target = asked.or_else(|| agent.target.clone()).ok_or_else(|| {
        RecipeFailure::invalid_input(
            "`request.target` is missing and the agent has none: say whom to look for",
        )
    })?;
    validate_target(&target)?;
    target.max_results.get_or_insert(MAX_RESULTS_DEFAULT);
    Ok(target)
}

/// The most that a run can cost: every lead screened, enriched and written to.
fn cost_max(agent: &AgentConfig, target: &DiscoveryPayload, rates: &RateCard) -> Credits {
    let leads = u64::from(target.max_results.unwrap_or(MAX_RESULTS_DEFAULT));
    agent
        .recipes
        .iter()
        .filter(|recipe| recipe.id.spec().turn != Turn::Last)
        .filter_map(|recipe| rates.price(recipe.id).checked_mul(leads))
        .sum()
}

async fn check_calls(store: &dyn TenantStore, month: BillingMonth) -> Result<(), RecipeFailure> {
    let Some(plan) = store.plan().await? else {
        return Err(RecipeFailure::new(
            ErrorCode::InvalidConfiguration,
            "this customer has no plan: set one up before the first run",
        ));
    };
    let used = store.api_calls(month).await?;
    if used >= plan.api_calls_limit {
        return Err(RecipeFailure::new(
            ErrorCode::QuotaExceeded,
            format!(
                "all {} calls of the billing cycle are used: the next cycle begins after {}",
                plan.api_calls_limit, plan.cycle_ends
            ),
        ));
    }
    Ok(())
}

async fn reserve(
    platform: &Platform,
    store: &dyn TenantStore,
    mut run: RunRecord,
) -> Result<Control, RecipeFailure> {
    match store
        .reserve(&run.execution_id, run.reserved, platform.clock.now())
        .await
    {
        Ok(_) => {}
        Err(StoreError::Insufficient { needed, available }) => {
            return not_covered(platform, store, run, needed, available).await;
        }
        Err(error) => return Err(error.into()),
    }
    run.status = RunStatus::Running;
    run.reason = None;
    run.error_code = None;
    if let Put::Existing(standing) = store.create_run(&run).await?
        && standing.status == RunStatus::Queued
    {
        store.update_run(&run).await?;
    }
    let input = step_input(&run, RecipeId::FIRST, None, None);
    Ok(Control::Next {
        step: platform.functions.step(input),
        chunk: None,
    })
}

async fn not_covered(
    platform: &Platform,
    store: &dyn TenantStore,
    mut run: RunRecord,
    needed: Credits,
    available: Credits,
) -> Result<Control, RecipeFailure> {
    let leads = run.target.max_results.unwrap_or(MAX_RESULTS_DEFAULT).max(1);
    let affordable =
        i128::from(available.micros()) * i128::from(leads) / i128::from(needed.micros().max(1));
    let advice = if affordable > 0 {
        format!("lower `max_results` to {affordable} or add credits")
    } else {
        "add credits".to_owned()
    };
    let failure = RecipeFailure::new(
        ErrorCode::InsufficientCredits,
        format!(
            "a run of up to {leads} leads reserves {needed} credits and {available} are available: {advice}"
        ),
    );
    if run.agent.on_insufficient_credits == OnInsufficientCredits::Fail {
        return Ok(refused(&failure));
    }
    run.status = RunStatus::Queued;
    run.reason = Some(failure.told());
    run.error_code = Some(failure.code);
    if let Put::Existing(_) = store.create_run(&run).await? {
        store.update_run(&run).await?;
    }
    let plan = store.plan().await?;
    let cycle_ends = plan.map(|plan| plan.cycle_ends);
    Ok(Control::Wait {
        retry_at: whole_second(renewal(cycle_ends, platform.clock.now())),
        reason: failure.told(),
        error_code: failure.code,
    })
}

/// Midnight UTC after the cycle's last day; a day from now where that is past or unknown.
fn renewal(cycle_ends: Option<jiff::civil::Date>, now: Timestamp) -> Timestamp {
    let tomorrow = now
        .checked_add(std::time::Duration::from_hours(24))
        .unwrap_or(now);
    cycle_ends
        .and_then(|day| day.tomorrow().ok())
        .and_then(|day| day.to_zoned(TimeZone::UTC).ok())
        .map(|midnight| midnight.timestamp())
        .filter(|&midnight| midnight > now)
        .unwrap_or(tomorrow)
}
