//! How far the recipes of a run are, from what they have stored.

use hunter_contracts::{DiscoveryData, RecipeId, RunRecord, Turn};
use hunter_core::store::{Pack, PackKey, StoreResult, TenantStore};

use crate::StageProgress;

/// The recipes of a run, in the order of its cookbook.
pub(super) async fn of(
    store: &dyn TenantStore,
    run: &RunRecord,
) -> StoreResult<Vec<StageProgress>> {
    let mut progress = Vec::new();
    let mut chunks_total = None;
    for id in run.agent.recipes.iter().map(|recipe| recipe.id) {
        let turn = id.spec().turn;
        if turn == Turn::Chunk {
            let packs = store.packs(&run.execution_id, id).await?;
            let done = packs.iter().filter(|(name, _)| name.result_of().is_some());
            let done: Vec<&Pack> = done.map(|(_, pack)| pack).collect();
            progress.push(chunked(id, chunks_total, &done));
            continue;
        }
        let head = store.pack(&PackKey::head(&run.execution_id, id)).await?;
        let mut stage = once(id, head.as_ref());
        if turn == Turn::First {
            let found = head.as_ref().map(Pack::data::<DiscoveryData>).transpose()?;
            stage.leads = found
                .as_ref()
                .map_or(0, |found| found.summary.qualified_leads);
            chunks_total = found.map(|found| found.chunks.len().try_into().unwrap_or(u32::MAX));
        } else {
            // It looks at the account and not at leads.
            (stage.leads, stage.failed) = (0, 0);
        }
        progress.push(stage);
    }
    Ok(progress)
}

fn once(recipe_id: RecipeId, head: Option<&Pack>) -> StageProgress {
    let done: Vec<&Pack> = head.into_iter().collect();
    chunked(recipe_id, Some(1), &done)
}

fn chunked(recipe_id: RecipeId, chunks_total: Option<u32>, done: &[&Pack]) -> StageProgress {
    let outputs = || done.iter().filter_map(|pack| pack.output.as_ref());
    StageProgress {
        recipe_id,
        chunks_done: u32::try_from(done.len()).unwrap_or(u32::MAX),
        chunks_total,
        leads: outputs()
            .map(|output| output.metadata.records_succeeded)
            .sum(),
        failed: outputs().map(|output| output.metadata.records_failed).sum(),
        credits: done
            .iter()
            .flat_map(|pack| &pack.charges)
            .map(|line| line.amount)
            .sum(),
    }
}
