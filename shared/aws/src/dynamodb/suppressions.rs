//! The suppression list: one item per address, by its hash, without an end.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use hunter_core::store::{Put, StoreResult, Suppression, Suppressions, suppression_hash};

use super::{DynamoTenantStore, item::Item, keys::Key};

#[async_trait]
impl Suppressions for DynamoTenantStore {
    async fn suppress(&self, suppression: &Suppression) -> StoreResult<Put<Suppression>> {
        let key = self.keys.suppression(&suppression.address_hash);
        let item = Item::at(&key).with_body(suppression, "suppression")?;
        self.put_new("suppress", &item).await
    }

    async fn suppressed(&self, addresses: &[String]) -> StoreResult<BTreeMap<String, Suppression>> {
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
