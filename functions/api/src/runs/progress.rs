//! How far the recipes of a run are, from what they have stored.

use hunter_contracts::{DiscoveryData, RecipeId, RunRecord};
use hunter_core::store::{Pack, PackKey, StoreResult, TenantStore};

use crate::StageProgress;

/// The recipes of a run, in the order of its cookbook.
pub(super) async fn of(
    store: &dyn TenantStore,
    run: &RunRecord,
) -> StoreResult<Vec<StageProgress>> {
    let mut progress = Vec::new();
    let mut chunks_total = None;
    for recipe in &run.agent.recipes {
        let stage = match recipe.id {
            RecipeId::Discovery => {
                let key = PackKey::head(&run.execution_id, recipe.id);
                let head = store.pack(&key).await?;
                chunks_total = head.as_ref().map(chunk_count);
                StageProgress {
                    leads: head.as_ref().map_or(0, qualified),
                    ..once(recipe.id, head.as_ref())
                }
            }
            RecipeId::Subscription => {
                let key = PackKey::head(&run.execution_id, recipe.id);
                let head = store.pack(&key).await?;
                StageProgress {
                    // It looks at the account and not at leads.
                    leads: 0,
                    failed: 0,
                    ..once(recipe.id, head.as_ref())
                }
            }
            RecipeId::Intelligence | RecipeId::Personalization | RecipeId::Outreach => {
                let packs = store.packs(&run.execution_id, recipe.id).await?;
                let done = packs
                    .iter()
                    .filter(|(name, _)| PackKey::chunk_of(name).is_some());
                let done: Vec<&Pack> = done.map(|(_, pack)| pack).collect();
                chunked(recipe.id, chunks_total, &done)
            }
        };
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

/// Leads per chunk, in order, from discovery's head.
pub(super) fn chunk_sizes(head: &Pack) -> Vec<u32> {
    data(head).map(|data| data.chunks).unwrap_or_default()
}

fn chunk_count(head: &Pack) -> u32 {
    u32::try_from(chunk_sizes(head).len()).unwrap_or(u32::MAX)
}

fn qualified(head: &Pack) -> u64 {
    data(head).map_or(0, |data| data.summary.qualified_leads)
}

fn data(head: &Pack) -> Option<DiscoveryData> {
    let data = head.output.as_ref()?.data.clone();
    serde_json::from_value(data).ok()
}
