//! Runs and drafts by what a person types: an id, a unique beginning of one, `last`.

use hunter_cloud::{LocalCloud, journal::Entry};
use hunter_contracts::{Draft, DraftId, ErrorCode, ExecutionId, RecipeFailure, RunRecord};
use hunter_core::store::{DraftFilter, TenantStore};

use crate::called::command;

/// Runs that one command looks through.
pub(super) const RUNS_MAX: usize = 1_000;
/// Drafts that one command looks through.
const DRAFTS_MAX: usize = 20_000;

/// A run by its id, a unique beginning of it, or `last`.
///
/// # Errors
/// `NOT_FOUND`, or `CONFLICT` for a beginning of several.
pub(super) async fn run(store: &dyn TenantStore, id: &str) -> Result<RunRecord, RecipeFailure> {
    let missing = || {
        RecipeFailure::new(
            ErrorCode::NotFound,
            format!("`{id}` names no run: `{} runs list` shows them", command()),
        )
    };
    if id == "last" {
        return store.runs(1, None).await?.items.pop().ok_or_else(missing);
    }
    if let Ok(exact) = ExecutionId::new(id)
        && let Some(run) = store.run(&exact).await?
    {
        return Ok(run);
    }
    let mut runs = store.runs(RUNS_MAX, None).await?.items;
    runs.retain(|run| !id.is_empty() && run.execution_id.as_str().starts_with(id));
    match (runs.len(), runs.pop()) {
        (1, Some(run)) => Ok(run),
        (0, _) | (_, None) => Err(missing()),
        (count, _) => Err(RecipeFailure::new(
            ErrorCode::Conflict,
            format!("`{id}` is the beginning of {count} runs: write more of it"),
        )),
    }
}

/// A run that was begun and not ended, by its id, a unique beginning of it, or `last`.
///
/// # Errors
/// `NOT_FOUND`, or `CONFLICT` for a beginning of several.
pub(super) fn unfinished(cloud: &LocalCloud, id: &str) -> Result<Entry, RecipeFailure> {
    let mut found = cloud.journal.unfinished()?;
    found.dedup_by(|a, b| a.request.execution_id == b.request.execution_id);
    if id != "last" {
        found.retain(|entry| !id.is_empty() && entry.request.execution_id.as_str().starts_with(id));
    }
    match (found.len(), found.pop()) {
        (_, None) => Err(RecipeFailure::new(
            ErrorCode::NotFound,
            format!(
                "`{id}` names no interrupted run: `{} runs list` shows all runs",
                command()
            ),
        )),
        (2.., Some(_)) if id != "last" => Err(RecipeFailure::new(
            ErrorCode::Conflict,
            format!("`{id}` is the beginning of several interrupted runs: write more of it"),
        )),
        (_, Some(entry)) => Ok(entry),
    }
}

fn sort_best_first(drafts: &mut [Draft]) {
    drafts.sort_by(|a, b| {
        b.job
            .rank_score
            .partial_cmp(&a.job.rank_score)
            .unwrap_or(std::cmp::Ordering::Equal)
            .then_with(|| a.job.id.cmp(&b.job.id))
    });
}

/// Drafts, best first.
///
/// # Errors
/// When the store fails.
pub(super) async fn drafts(
    store: &dyn TenantStore,
    filter: &DraftFilter,
) -> Result<Vec<Draft>, RecipeFailure> {
    let mut drafts = Vec::new();
    let mut cursor = None;
    loop {
        let page = store.drafts(filter, 200, cursor).await?;
        drafts.extend(page.items);
        cursor = page.cursor;
        if cursor.is_none() || drafts.len() >= DRAFTS_MAX {
            sort_best_first(&mut drafts);
            return Ok(drafts);
        }
    }
}

/// A run's drafts, best first.
///
/// # Errors
/// When the store fails.
pub(super) async fn drafts_of_run(
    store: &dyn TenantStore,
    id: &ExecutionId,
) -> Result<Vec<Draft>, RecipeFailure> {
    let filter = DraftFilter {
        status: None,
        execution_id: Some(id.clone()),
    };
    drafts(store, &filter).await
}

/// A draft by its id or a unique beginning of it.
///
/// # Errors
/// `NOT_FOUND`, or `CONFLICT` for a beginning of several.
pub(super) async fn draft(store: &dyn TenantStore, id: &str) -> Result<Draft, RecipeFailure> {
    if let Ok(exact) = DraftId::new(id)
        && let Some(draft) = store.draft(&exact).await?
    {
        return Ok(draft);
    }
    let mut matching = drafts(store, &DraftFilter::default()).await?;
    matching.retain(|draft| !id.is_empty() && draft.job.id.as_str().starts_with(id));
    let count = matching.len();
    match (matching.pop(), count) {
        (Some(draft), 1) => Ok(draft),
        (Some(_), _) => Err(RecipeFailure::new(
            ErrorCode::Conflict,
            format!("`{id}` is the beginning of {count} drafts: write more of it"),
        )),
        (None, _) => Err(RecipeFailure::new(
            ErrorCode::NotFound,
            format!(
                "`{id}` names no draft: `{} drafts list --status all` shows them",
                command()
            ),
        )),
    }
}
