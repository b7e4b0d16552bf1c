//! Alerts.

use async_trait::async_trait;
use hunter_contracts::AlertRecord;
use hunter_core::store::{Alerts, Page, Put, StoreResult};

use super::{
    DynamoTenantStore,
    item::Item,
    keys::time_key,
    list::{ListSpec, list},
};

/// Days that an alert is kept after it stopped mattering.
pub(super) const ALERT_DAYS: i64 = 90;

#[async_trait]
impl Alerts for DynamoTenantStore {
    async fn put_alert(&self, alert: &AlertRecord) -> StoreResult<bool> {
        let place = format!("{}#{}", time_key(alert.created_at), alert.id);
        let item = Item::at(&self.keys.alert(&alert.id))
            .listed(self.keys.alerts().pk, place)
            .expiring(alert.expires_at, ALERT_DAYS)
            .with_body(alert, &format!("alert `{}`", alert.id))?;
        let put: Put<AlertRecord> = self.put_new("put_alert", &item).await?;
        Ok(put == Put::New)
    }

    async fn alerts(&self, limit: usize, cursor: Option<String>) -> StoreResult<Page<AlertRecord>> {
        let spec = ListSpec::of_index("alerts", self.keys.alerts());
        let page = list(&self.connection, &spec, limit, cursor).await?;
        let keys: Vec<_> = page
            .items
            .iter()
            .map(Item::key)
            .collect::<StoreResult<_>>()?;
        let items = self.connection.batch_get("alerts", &keys).await?;
        Ok(Page {
            items: items.iter().map(Item::body).collect::<StoreResult<_>>()?,
            cursor: page.cursor,
        })
    }
}
