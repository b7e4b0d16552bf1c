//! Packs: the results of recipes, chunk by chunk, written once.

use hunter_contracts::{ExecutionId, RecipeId};
use hunter_core::store::{Pack, PackKey, Put, StoreResult};

use super::{
    DynamoTenantStore,
    connection::{Listing, NEW, Table, Written},
    item::{Item, SK},
};

/// Days that a pack is kept. What must outlive it stands in the run, the drafts and the ledger.
pub(super) const PACK_DAYS: i64 = 90;

impl DynamoTenantStore {
    pub(super) async fn write_pack(&self, key: &PackKey, pack: &Pack) -> StoreResult<Put<Pack>> {
        let what = format!("pack `{} {}`", key.recipe, key.name);
        let item = Item::at(&self.keys.pack(key))
            .with_body(pack, &what)?
            .expiring(self.connection.clock.now(), PACK_DAYS);
        let written = self
            .connection
            .put("put_pack", Table::Main, &item, Some(NEW), Vec::new());
        match written.await? {
            Written::Done => Ok(Put::New),
            Written::Refused(Some(standing)) => Ok(Put::Existing(standing.body()?)),
            Written::Refused(None) => self.existing("put_pack", &self.keys.pack(key)).await,
        }
    }

    pub(super) async fn read_pack(&self, key: &PackKey) -> StoreResult<Option<Pack>> {
        let item = self.connection.get("pack", &self.keys.pack(key)).await?;
        item.map(|item| item.body()).transpose()
    }

    pub(super) async fn list_packs(
        &self,
        id: &ExecutionId,
        recipe: RecipeId,
    ) -> StoreResult<Vec<(String, Pack)>> {
        let listing = Listing {
            table: Table::Main,
            by_index: false,
            ascending: true,
            limit: usize::MAX,
        };
        let range = self.keys.packs(id, recipe);
        let items = self.connection.query("packs", &range, listing).await?;
        let prefix = format!("P#{recipe}#");
        let read = |item: &Item| {
            let name = item.text(SK)?.strip_prefix(&prefix);
            let name = name.ok_or_else(|| item.damaged("it is no pack"))?;
            Ok((name.to_owned(), item.body()?))
        };
        items.iter().map(read).collect()
    }
}
