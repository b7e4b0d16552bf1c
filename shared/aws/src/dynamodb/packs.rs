//! Packs: the results of recipes, chunk by chunk, written once.

use async_trait::async_trait;
use hunter_contracts::{ExecutionId, RecipeId};
use hunter_core::store::{Pack, PackKey, PackName, Packs, Put, StoreResult};

use super::{
    DynamoTenantStore,
    connection::{Listing, Table},
    item::{Item, SK},
};

/// Days that a pack is kept. What must outlive it stands in the run, the drafts and the ledger.
pub(super) const PACK_DAYS: i64 = 90;

#[async_trait]
impl Packs for DynamoTenantStore {
    async fn put_pack(&self, key: &PackKey, pack: &Pack) -> StoreResult<Put<Pack>> {
        let what = format!("pack `{} {}`", key.recipe, key.name);
        let item = Item::at(&self.keys.pack(key))
            .with_body(pack, &what)?
            .expiring(self.connection.clock.now(), PACK_DAYS);
        self.put_new("put_pack", &item).await
    }

    async fn pack(&self, key: &PackKey) -> StoreResult<Option<Pack>> {
        self.read("pack", &self.keys.pack(key)).await
    }

    async fn packs(
        &self,
        id: &ExecutionId,
        recipe: RecipeId,
    ) -> StoreResult<Vec<(PackName, Pack)>> {
        let listing = Listing::whole(Table::Main);
        let range = self.keys.packs(id, recipe);
        let items = self.connection.query("packs", &range, listing).await?;
        let prefix = format!("P#{recipe}#");
        let read = |item: &Item| {
            let name = item.text(SK)?.strip_prefix(&prefix).unwrap_or_default();
            let name = name.parse().map_err(|_| item.damaged("it is no pack"))?;
            Ok((name, item.body()?))
        };
        items.iter().map(read).collect()
    }
}
