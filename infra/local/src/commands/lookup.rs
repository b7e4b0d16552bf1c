//! Runs and drafts by what a person types: an id, a unique beginning of one, `last`.

use hunter_cloud::{LocalCloud, journal::Entry};
use hunter_contracts::{Draft, DraftId, ErrorCode, ExecutionId, RecipeFailure, RunRecord, Score};
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
    if id == "last" {
        return one(store.runs(1, None).await?.items, id, RUN);
    }
    if let Ok(exact) = ExecutionId::new(id)
        && let Some(run) = store.run(&exact).await?
    {
        return Ok(run);
    }
    let mut runs = store.runs(RUNS_MAX, None).await?.items;
    runs.retain(|run| !id.is_empty() && run.execution_id.as_str().starts_with(id));
    one(runs, id, RUN)
}

/// What is looked for, and the command that shows all of it.
type Wanted = (&'static str, &'static str);
const RUN: Wanted = ("run", "runs list");
const DRAFT: Wanted = ("draft", "drafts list --status all");

/// The only one of what was found.
fn one<T>(mut found: Vec<T>, id: &str, (noun, list): Wanted) -> Result<T, RecipeFailure> {
    let (code, problem) = match (found.pop(), found.len()) {
        (Some(one), 0) => return Ok(one),
        (Some(_), others) => {
            let problem = format!(
                "is the beginning of {} {noun}s: write more of it",
                others + 1
            );
            (ErrorCode::Conflict, problem)
        }
        (None, _) => {
            let problem = format!("names no {noun}: `{} {list}` shows them", command());
            (ErrorCode::NotFound, problem)
        }
    };
    Err(RecipeFailure::new(code, format!("`{id}` {problem}")))
}

/// A run that was begun and not ended, by its id, a unique beginning of it, or `last`.
///
/// # Errors
/// `NOT_FOUND`, or `CONFLICT` for a beginning of several.
pub(super) fn unfinished(cloud: &LocalCloud, id: &str) -> Result<Entry, RecipeFailure> {
    let mut found = cloud.journal.unfinished()?;
    found.dedup_by(|a, b| a.request.execution_id == b.request.execution_id);
    match id {
        "last" => found = found.pop().into_iter().collect(),
        _ => found
            .retain(|entry| !id.is_empty() && entry.request.execution_id.as_str().starts_with(id)),
    }
    one(found, id, ("interrupted run", RUN.1))
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
            // Best first: the greatest rank, and ids where ranks are equal.
            let rank = |draft: &Draft| draft.job.rank_score.map_or(-1.0, Score::get);
            drafts.sort_by(|a, b| {
                rank(b)
                    .total_cmp(&rank(a))
                    .then_with(|| a.job.id.cmp(&b.job.id))
            });
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
    one(matching, id, DRAFT)
}
