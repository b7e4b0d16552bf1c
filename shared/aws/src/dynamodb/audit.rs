//! Alerts, and the audit log in its own table, where entries are only ever added.

use hunter_contracts::{AlertRecord, utc_date};
use hunter_core::store::{AuditEntry, Page, StoreResult};
use jiff::civil::Date;

use super::{
    DynamoTenantStore,
    connection::{Listing, NEW, Table, Written},
    item::Item,
    keys::time_key,
    list::{ListSpec, list},
};

/// Days that an alert is kept after it stopped mattering.
pub(super) const ALERT_DAYS: i64 = 90;

impl DynamoTenantStore {
    pub(super) async fn write_alert(&self, alert: &AlertRecord) -> StoreResult<bool> {
        let place = format!("{}#{}", time_key(alert.created_at), alert.id);
        let item = Item::at(&self.keys.alert(&alert.id))
            .listed(self.keys.alerts().pk, place)
            .expiring(alert.expires_at, ALERT_DAYS)
            .with_body(alert, &format!("alert `{}`", alert.id))?;
        let written = self
            .connection
            .put("put_alert", Table::Main, &item, Some(NEW), Vec::new());
        Ok(matches!(written.await?, Written::Done))
    }

    pub(super) async fn list_alerts(
        &self,
        limit: usize,
        cursor: Option<String>,
    ) -> StoreResult<Page<AlertRecord>> {
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

    /// The entry's id is its key within the day of its timestamp: a repeat must carry the same
    /// timestamp.
    pub(super) async fn write_audit(&self, entry: &AuditEntry) -> StoreResult<()> {
        let key = self.keys.audit_entry(utc_date(entry.timestamp), &entry.id);
        let what = format!("audit entry `{}`", entry.id);
        let item = Item::at(&key).with_body(entry, &what)?;
        let written = self
            .connection
            .put("audit", Table::Audit, &item, Some(NEW), Vec::new());
        written.await.map(|_| ())
    }

    pub(super) async fn read_audit_log(&self, day: Date) -> StoreResult<Vec<AuditEntry>> {
        let listing = Listing {
            table: Table::Audit,
            by_index: false,
            ascending: true,
            limit: usize::MAX,
        };
        let range = self.keys.audit_log(day);
        let items = self.connection.query("audit_log", &range, listing).await?;
        let mut entries: Vec<AuditEntry> =
            items.iter().map(Item::body).collect::<StoreResult<_>>()?;
        entries.sort_by(|one, other| (one.timestamp, &one.id).cmp(&(other.timestamp, &other.id)));
        Ok(entries)
    }
}
