//! The port of alerts.

use async_trait::async_trait;
use hunter_contracts::AlertRecord;

use crate::store::{OfTenant, Page, StoreResult};

/// Alerts as they were raised; who was told is [`AccountStore`](crate::store::AccountStore)'s.
#[async_trait]
pub trait Alerts: OfTenant {
    /// Stores an alert once per id; answers whether it is new.
    async fn put_alert(&self, alert: &AlertRecord) -> StoreResult<bool>;
    /// Alerts, newest first. One that was stored a moment ago may be missing.
    async fn alerts(&self, limit: usize, cursor: Option<String>) -> StoreResult<Page<AlertRecord>>;
}
