//! A run's leads as far as they have come, read back from its packs.

use std::collections::BTreeMap;

use crate::store::{PackKey, StoreResult, TenantStore};
use hunter_contracts::{
    DiscoveryData, ExecutionId, Lead, LeadId, RECIPES, RecipeId, RejectedRecord, Turn,
};

/// The leads of a run, best first, each as the latest recipe left it.
///
/// # Errors
/// When the store fails.
pub async fn run_leads(store: &dyn TenantStore, id: &ExecutionId) -> StoreResult<Vec<Lead>> {
    let Some(head) = store.pack(&PackKey::head(id, RecipeId::FIRST)).await? else {
        return Ok(Vec::new());
    };
    let generation = head.generation.clone().unwrap_or_default();
    let mut leads = Vec::new();
    let sizes = head.data::<DiscoveryData>()?.chunks;
    for (chunk, _) in (0..).zip(sizes) {
        leads.extend(chunk_leads(store, id, &generation, chunk).await?);
    }
    Ok(leads)
}

/// The leads of a chunk, best first, each as the latest recipe left it.
///
/// # Errors
/// When the store fails.
pub async fn chunk_leads(
    store: &dyn TenantStore,
    id: &ExecutionId,
    generation: &str,
    chunk: u32,
) -> StoreResult<Vec<Lead>> {
    let mut leads: BTreeMap<LeadId, Lead> = BTreeMap::new();
    for recipe in RECIPES.iter().filter(|recipe| recipe.writes_leads) {
        let generation = (recipe.turn == Turn::First).then_some(generation);
        let key = PackKey::chunk(id, recipe.id, generation, chunk);
        let pack = store.pack(&key).await?;
        for lead in pack.into_iter().flat_map(|pack| pack.leads) {
            leads.insert(lead.id.clone(), lead);
        }
    }
    let mut leads: Vec<Lead> = leads.into_values().collect();
    leads.sort_by_key(|lead| lead.rank.map_or(u32::MAX, |rank| rank.position));
    Ok(leads)
}

/// The records of a run that did not become leads.
///
/// # Errors
/// When the store fails.
pub async fn run_rejected(
    store: &dyn TenantStore,
    id: &ExecutionId,
) -> StoreResult<Vec<RejectedRecord>> {
    let Some(head) = store.pack(&PackKey::head(id, RecipeId::FIRST)).await? else {
        return Ok(Vec::new());
    };
    let generation = head.generation.unwrap_or_default();
    let mut rejected = Vec::new();
    for part in 0.. {
        let key = PackKey::rejected(id, RecipeId::FIRST, &generation, part);
        let Some(pack) = store.pack(&key).await? else {
            break;
        };
        rejected.extend(pack.rejected);
    }
    Ok(rejected)
}
