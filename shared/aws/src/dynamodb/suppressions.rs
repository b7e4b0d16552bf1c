//! The suppression list: one item per address, by its hash, without an end.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use hunter_core::store::{Put, StoreResult, Suppression, suppression_hash};

use super::{
    DynamoTenantStore,
    connection::{NEW, Table, Written},
    item::Item,
    keys::Key,
};

impl DynamoTenantStore {
    pub(super) async fn write_suppression(
        &self,
        suppression: &Suppression,
    ) -> StoreResult<Put<Suppression>> {
        let key = self.keys.suppression(&suppression.address_hash);
        let item = Item::at(&key).with_body(suppression, "suppression")?;
        let written = self
            .connection
            .put("suppress", Table::Main, &item, Some(NEW), Vec::new());
        match written.await? {
            Written::Done => Ok(Put::New),
            Written::Refused(Some(standing)) => Ok(Put::Existing(standing.body()?)),
            Written::Refused(None) => self.existing("suppress", &key).await,
        }
    }

    pub(super) async fn read_suppressions(
        &self,
        addresses: &[String],
    ) -> StoreResult<BTreeMap<String, Suppression>> {
        let hashes: Vec<(&String, String)> = addresses
            .iter()
            .map(|address| (address, suppression_hash(&self.tenant, address)))
            .collect();
        // A batch may name a key once only.
        let different: BTreeSet<&str> = hashes.iter().map(|(_, hash)| hash.as_str()).collect();
        let keys: Vec<Key> = different
            .into_iter()
            .map(|hash| self.keys.suppression(hash))
            .collect();
        let items = self.connection.batch_get("suppressed", &keys).await?;
        let mut found: HashMap<String, Suppression> = HashMap::with_capacity(items.len());
        for item in &items {
            let entry: Suppression = item.body()?;
            found.insert(item.key()?.sk, entry);
        }
        let listed = hashes
            .into_iter()
            .filter_map(|(address, hash)| Some((address.clone(), found.get(&hash)?.clone())));
        Ok(listed.collect())
    }
}
