//! Closing: whatever happened, credits are released, the run is rolled up, and people are told.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use hunter_contracts::{
    AlertContext, AlertId, AlertRecord, AlertTrigger, Credits, DiscoveryData, DraftStatus,
    ErrorCode, ExecutionId, RecipeFailure, RecipeId, RecipeInput, RecordError, RunEnd, RunRecord,
    RunStatus, Severity, StageTotals, Status, SubscriptionPayload, TenantId, Turn, to_json,
};
use hunter_core::{
    ports::raise_alert,
    recipe::{Platform, draft_id, short_key, step_input},
    rules::{NEAR_DUPLICATE_THRESHOLD, mask_names, near_duplicates},
    store::{Debit, Pack, PackKey, PackName, StoreError, TenantStore},
};
use serde_json::Value;

use crate::{
    outcomes::{MachineState, Trouble},
    usage,
};

/// Errors that a run's record keeps; `errors_total` counts all of them.
const ERRORS_KEPT: usize = 100;

/// Closes a run and names the subscription step.
///
/// # Errors
/// When the store fails; trying again is safe.
pub(crate) async fn close(
    platform: &Platform,
    customer_id: &TenantId,
    execution_id: &ExecutionId,
    state: Value,
) -> Result<RunEnd, RecipeFailure> {
    let store = platform.store.tenant(customer_id);
    let state = MachineState::read(state);
    let found = store.run(execution_id).await?;
    if let Some(run) = found.as_ref().filter(|_| state.is_troubled()) {
        settle_kept(platform, store.as_ref(), run).await?;
    }
    let hold = store.close(execution_id, platform.clock.now()).await?;
    let Some(mut run) = found else {
        return Ok(never_opened(platform, customer_id, execution_id, &state));
    };
    if run.completed_at.is_none() {
        let written = roll_up(store.as_ref(), &mut run, &state).await?;
        hold_back_duplicates(store.as_ref(), &run, &written).await?;
        run.charged = hold.map(|hold| hold.settled).unwrap_or_default();
        run.completed_at = Some(platform.clock.now());
        store.update_run(&run).await?;
    }
    raise_alerts(platform, &store, &run).await?;
    let status = match run.status {
        RunStatus::Succeeded => Status::Success,
        RunStatus::Partial | RunStatus::Stopped => Status::Partial,
        RunStatus::Failed | RunStatus::Running | RunStatus::Queued => Status::Failed,
    };
    let input = step_input(&run, RecipeId::LAST, None, None);
    Ok(RunEnd::Next {
        step: platform.functions.step(input),
        status,
        reason: run.reason,
        error_code: run.error_code,
    })
}

/// Charges what is kept: a step may have been stopped, or have died for good, between storing its
/// result and settling it. What was settled already stays as it is.
async fn settle_kept(
    platform: &Platform,
    store: &dyn TenantStore,
    run: &RunRecord,
) -> Result<(), RecipeFailure> {
    let id = &run.execution_id;
    for recipe in run.agent.recipes.iter().map(|r| r.id) {
        for (name, pack) in results(store, id, recipe).await? {
            if pack.charges.is_empty() {
                continue;
            }
            let now = platform.clock.now();
            let debit = Debit::of(&pack, id, recipe, name.result_of(), now);
            match store.settle(&debit).await {
                // An earlier attempt to close has closed the hold: nothing can be charged any more.
                Ok(_) | Err(StoreError::HoldClosed) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// The results of a recipe, by name.
async fn results(
    store: &dyn TenantStore,
    id: &ExecutionId,
    recipe: RecipeId,
) -> Result<Vec<(PackName, Pack)>, RecipeFailure> {
    match recipe.spec().turn {
        // Its chunks are no results of their own.
        Turn::First => {
            let head = store.pack(&PackKey::head(id, recipe)).await?;
            Ok(head
                .map(|pack| (PackName::Head, pack))
                .into_iter()
                .collect())
        }
        Turn::Chunk => Ok(store.packs(id, recipe).await?),
        // Its turn comes after this.
        Turn::Last => Ok(Vec::new()),
    }
}

/// Opening failed before the run's record stood: there is nothing to roll up.
fn never_opened(
    platform: &Platform,
    customer_id: &TenantId,
    execution_id: &ExecutionId,
    state: &MachineState,
) -> RunEnd {
    let payload = SubscriptionPayload {
        credits_used_this_run: Credits::ZERO,
        api_calls_this_run: 0,
    };
    let input = RecipeInput {
        recipe_id: RecipeId::LAST,
        execution_id: execution_id.clone(),
        customer_id: customer_id.clone(),
        payload: to_json(&payload),
        step: None,
    };
    let (code, reason) = match state.run_trouble() {
        Some(trouble) => (trouble.code, trouble.message),
        None => (ErrorCode::FunctionFailed, "the run was never opened".into()),
    };
    RunEnd::Next {
        step: platform.functions.step(input),
        status: Status::Failed,
        reason: Some(reason),
        error_code: Some(code),
    }
}

/// A written message, by lead.
struct Written {
    lead: hunter_contracts::LeadId,
    /// The text with the lead's name masked: it must not make two messages look different.
    masked_text: String,
    score: f64,
}

/// Sums up what the stages stored. Answers the messages that were drafted.
async fn roll_up(
    store: &dyn TenantStore,
    run: &mut RunRecord,
    state: &MachineState,
) -> Result<Vec<Written>, RecipeFailure> {
    let mut written = Vec::new();
    let mut errors = Vec::new();
    let mut stages = BTreeMap::new();
    let mut lanes: Vec<(RecipeId, BTreeSet<PackName>)> = Vec::new();
    let mut planned = 0;
    for recipe in run.agent.recipes.iter().map(|r| r.id) {
        let mut totals = StageTotals::default();
        let turn = recipe.spec().turn;
        if turn == Turn::Last {
            continue;
        }
        let packs = results(store, &run.execution_id, recipe).await?;
        if turn == Turn::Chunk {
            lanes.push((recipe, packs.iter().map(|(name, _)| name.clone()).collect()));
        }
        for (_, pack) in packs {
            add(&mut totals, &mut errors, &pack);
            if turn == Turn::First {
                let found: Option<DiscoveryData> = pack.data().ok();
                planned = found.as_ref().map_or(0, |found| found.chunks.len());
                run.summary = found.map(|found| found.summary);
            }
            if recipe == RecipeId::Personalization {
                written.extend(pack.leads.into_iter().filter_map(message));
            }
        }
        stages.insert(recipe, totals);
    }
    run.stages = stages;
    judge(run, state, &lanes, planned, &mut errors);
    run.errors_total = u64::try_from(errors.len()).unwrap_or(u64::MAX);
    errors.truncate(ERRORS_KEPT);
    run.errors = errors;
    Ok(written)
}

/// Recipes that a chunk went on without: it has no result of theirs, but one of a later recipe.
/// The machine keeps only the last answer of a lane, so the results themselves must tell.
fn left_out(lanes: &[(RecipeId, BTreeSet<PackName>)]) -> Vec<Trouble> {
    let mut found = Vec::new();
    let mut later: BTreeSet<&PackName> = BTreeSet::new();
    for (recipe, chunks) in lanes.iter().rev() {
        let missing = later.iter().filter(|name| !chunks.contains(**name));
        found.extend(missing.map(|name| Trouble {
            chunk: name.result_of(),
            code: ErrorCode::FunctionFailed,
            message: format!("`{recipe}` failed, and the agent goes on without it"),
        }));
        later.extend(chunks);
    }
    found.reverse();
    found
}

fn add(totals: &mut StageTotals, errors: &mut Vec<RecordError>, pack: &Pack) {
    let Some(output) = &pack.output else { return };
    let metadata = &output.metadata;
    totals.processed = totals.processed.saturating_add(metadata.records_processed);
    totals.succeeded = totals.succeeded.saturating_add(metadata.records_succeeded);
    totals.failed = totals.failed.saturating_add(metadata.records_failed);
    totals.credits = totals.credits.saturating_add(metadata.credits_consumed);
    totals.api_calls = totals.api_calls.saturating_add(metadata.api_calls);
    totals.duration_ms_max = totals.duration_ms_max.max(metadata.duration_ms);
    usage::add(totals, metadata);
    errors.extend(output.errors.iter().cloned());
}

fn message(lead: hunter_contracts::Lead) -> Option<Written> {
    let message = lead.message.filter(|message| message.held_back.is_none())?;
    let score = message.relevance_score.get() + lead.lead_score.map_or(0.0, |s| s.get());
    let name = lead.name.unwrap_or_default();
    let masked_text = mask_names(&message.text, &[&name]);
    Some(Written {
        lead: lead.id,
        masked_text,
        score,
    })
}

/// Whether a recipe that the agent requires has no result in any chunk.
fn required_is_missing(
    run: &RunRecord,
    lanes: &[(RecipeId, BTreeSet<PackName>)],
    planned: usize,
) -> bool {
    let required = |id: RecipeId| run.agent.recipes.iter().any(|r| r.id == id && r.required);
    planned > 0
        && lanes
            .iter()
            .any(|(recipe, chunks)| chunks.is_empty() && required(*recipe))
}

/// Decides how the run ended, and names what is lost with a chunk that did not end well.
fn judge(
    run: &mut RunRecord,
    state: &MachineState,
    lanes: &[(RecipeId, BTreeSet<PackName>)],
    planned: usize,
    errors: &mut Vec<RecordError>,
) {
    let mut troubles: Vec<Trouble> = state.run_trouble().into_iter().collect();
    troubles.extend(state.chunk_troubles());
    troubles.extend(left_out(lanes));
    let lost = |trouble: &Trouble| {
        let chunk = trouble
            .chunk
            .map_or_else(|| "run".to_owned(), |chunk| format!("chunk {chunk}"));
        RecordError::new(chunk, trouble.code, trouble.message.clone())
    };
    errors.splice(0..0, troubles.iter().map(lost));
    run.status = if state.stopped {
        RunStatus::Stopped
    } else if run.summary.is_none()
        || (!troubles.is_empty() && required_is_missing(run, lanes, planned))
    {
        RunStatus::Failed
    } else if troubles.is_empty() {
        RunStatus::Succeeded
    } else {
        RunStatus::Partial
    };
    if state.stopped {
        run.reason =
            Some("stopped: finished chunks are kept and charged, the rest is released".into());
        run.error_code = Some(ErrorCode::Stopped);
    } else if let Some(trouble) = troubles.into_iter().next() {
        run.reason = Some(trouble.message);
        run.error_code = Some(trouble.code);
    }
}

/// Across chunks nobody saw all messages before: of two that are the same, the weaker one's draft
/// is kept back.
async fn hold_back_duplicates(
    store: &dyn TenantStore,
    run: &RunRecord,
    written: &[Written],
) -> Result<(), RecipeFailure> {
    let texts: Vec<(usize, String)> = written
        .iter()
        .map(|w| w.masked_text.clone())
        .enumerate()
        .collect();
    let mut held = BTreeSet::new();
    for (a, b) in near_duplicates(&texts, NEAR_DUPLICATE_THRESHOLD) {
        let (Some(first), Some(second)) = (written.get(a), written.get(b)) else {
            continue;
        };
        if held.contains(&first.lead) || held.contains(&second.lead) {
            continue;
        }
        let (kept, dropped) = if first.score >= second.score {
            (first, second)
        } else {
            (second, first)
        };
        held.insert(dropped.lead.clone());
        for channel in &run.agent.outreach.channels {
            let id = draft_id(
                &run.customer_id,
                &run.execution_id,
                &dropped.lead,
                channel.into(),
            );
            let Some(mut draft) = store.draft(&id).await? else {
                continue;
            };
            if draft.job.status == DraftStatus::DraftPendingReview {
                draft.job.status = DraftStatus::HeldBack;
                draft.job.awaiting_customer_approval = false;
                draft.reason = Some(format!("too close to the message for {}", kept.lead));
                draft.version = draft.version.saturating_add(1);
                store.update_draft(&draft).await?;
            }
        }
    }
    Ok(())
}

async fn raise_alerts(
    platform: &Platform,
    store: &Arc<dyn TenantStore>,
    run: &RunRecord,
) -> Result<(), RecipeFailure> {
    let drafts = run.drafts();
    let mut raised: Vec<(AlertTrigger, String, String)> = Vec::new();
    let mut raise = |trigger, title: &str, message: &str| {
        raised.push((trigger, title.to_owned(), message.to_owned()));
    };
    if matches!(run.status, RunStatus::Failed | RunStatus::Partial) {
        let reason = run.reason.as_deref().unwrap_or("some records failed");
        raise(
            AlertTrigger::RecipeFailed,
            "Your run did not complete",
            reason,
        );
    }
    let mut codes = run.errors.iter().map(|error| error.error_code);
    if codes.any(|code| code == ErrorCode::ApiRateLimit) {
        raise(
            AlertTrigger::DiscoveryRateLimit,
            "A source refused for too many calls",
            "Some of your leads could not be looked up: the source limits calls.",
        );
    }
    if drafts > 0 {
        raise(
            AlertTrigger::OutreachPendingReview,
            &format!("{drafts} drafts wait for your review"),
            "Nothing is sent before you approve it.",
        );
    }
    let messages = run.succeeded(RecipeId::Personalization);
    if messages > 0 && drafts == 0 && asks_for(run, RecipeId::Outreach) {
        raise(
            AlertTrigger::OutreachFailed,
            "No drafts could be made",
            &format!("{messages} messages were written and none of them became a draft."),
        );
    }
    for (trigger, title, message) in raised {
        if let Some(alert) = alert(platform, run, trigger, title, message) {
            raise_alert(store, &platform.alerts, &alert).await?;
        }
    }
    Ok(())
}

/// The recipe that an alert is about.
const fn about(trigger: AlertTrigger) -> Option<RecipeId> {
    match trigger {
        AlertTrigger::DiscoveryRateLimit => Some(RecipeId::Discovery),
        AlertTrigger::OutreachPendingReview | AlertTrigger::OutreachFailed => {
            Some(RecipeId::Outreach)
        }
        AlertTrigger::SubscriptionApproachingLimit
        | AlertTrigger::SubscriptionExceeded
        | AlertTrigger::SubscriptionTrialEnding => Some(RecipeId::Subscription),
        AlertTrigger::RecipeFailed => None,
    }
}

fn asks_for(run: &RunRecord, recipe: RecipeId) -> bool {
    run.agent.recipes.iter().any(|r| r.id == recipe)
}

/// The alert, unless the agent switched it off.
fn alert(
    platform: &Platform,
    run: &RunRecord,
    trigger: AlertTrigger,
    title: String,
    message: String,
) -> Option<AlertRecord> {
    let mut rules = run.agent.alerts.iter().filter(|r| r.trigger == trigger);
    let mut enabled = rules.clone().filter(|rule| rule.enabled).peekable();
    if enabled.peek().is_none() && rules.next().is_some() {
        return None;
    }
    let now = run.completed_at.unwrap_or_else(|| platform.clock.now());
    let severity = match trigger {
        AlertTrigger::OutreachPendingReview => Severity::Info,
        AlertTrigger::RecipeFailed | AlertTrigger::OutreachFailed => Severity::Error,
        _ => Severity::Warning,
    };
    Some(AlertRecord {
        id: AlertId::derived(
            "alert",
            &short_key(&[run.execution_id.as_str(), &format!("{trigger:?}")]),
        ),
        customer_id: run.customer_id.clone(),
        trigger_type: trigger,
        severity: enabled.map(|rule| rule.severity).max().unwrap_or(severity),
        title,
        message,
        context: AlertContext {
            recipe_id: about(trigger),
            execution_id: Some(run.execution_id.clone()),
            error_code: run.error_code,
        },
        action_required: trigger != AlertTrigger::DiscoveryRateLimit,
        suggested_action: match trigger {
            AlertTrigger::OutreachPendingReview => Some("Review the drafts".into()),
            AlertTrigger::RecipeFailed => Some("Look at the run's errors and run again".into()),
            AlertTrigger::OutreachFailed => Some(
                "Look at the errors of the outreach step: which channels may be used, and which leads can be reached by them".into(),
            ),
            _ => None,
        },
        created_at: now,
        expires_at: now
            .checked_add(std::time::Duration::from_hours(24))
            .unwrap_or(now),
        read: false,
    })
}
