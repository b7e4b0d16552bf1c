//! A run's leads as far as they have come, read back from its packs.

use std::collections::BTreeMap;

use crate::store::{Pack, PackKey, StoreResult, TenantStore};
use hunter_contracts::{ExecutionId, Lead, RecipeId, RejectedRecord};

/// The leads of a run, best first, each as the latest recipe left it.
///
/// # Errors
/// When the store fails.
pub async fn run_leads(store: &dyn TenantStore, id: &ExecutionId) -> StoreResult<Vec<Lead>> {
    let Some(head) = store.pack(&PackKey::head(id, RecipeId::Discovery)).await? else {
        return Ok(Vec::new());
    };
    let generation = head.generation.clone().unwrap_or_default();
    let mut leads = BTreeMap::new();
    for chunk in 0..chunk_count(&head) {
        let key = PackKey::chunk(id, RecipeId::Discovery, Some(&generation), chunk);
        collect(&mut leads, store.pack(&key).await?);
        for recipe in [RecipeId::Intelligence, RecipeId::Personalization] {
            collect(
                &mut leads,
                store.pack(&PackKey::chunk(id, recipe, None, chunk)).await?,
            );
        }
    }
    let mut leads: Vec<Lead> = leads.into_values().collect();
    leads.sort_by_key(|lead| lead.rank.map_or(u32::MAX, |rank| rank.position));
    Ok(leads)
}

fn collect(leads: &mut BTreeMap<String, Lead>, pack: Option<Pack>) {
    for lead in pack.into_iter().flat_map(|pack| pack.leads) {
        leads.insert(lead.id.to_string(), lead);
    }
}

fn chunk_count(head: &Pack) -> u32 {
    let chunks = head
        .output
        .as_ref()
        .and_then(|output| output.data.get("chunks"));
    let count = chunks
        .and_then(|chunks| chunks.as_array())
        .map_or(0, Vec::len);
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The records of a run that did not become leads.
///
/// # Errors
/// When the store fails.
pub async fn run_rejected(
    store: &dyn TenantStore,
    id: &ExecutionId,
) -> StoreResult<Vec<RejectedRecord>> {
    let Some(head) = store.pack(&PackKey::head(id, RecipeId::Discovery)).await? else {
        return Ok(Vec::new());
    };
    let generation = head.generation.unwrap_or_default();
    let mut rejected = Vec::new();
    for part in 0.. {
        let key = PackKey::rejected(id, RecipeId::Discovery, &generation, part);
        let Some(pack) = store.pack(&key).await? else {
            break;
        };
        rejected.extend(pack.rejected);
    }
    Ok(rejected)
}
