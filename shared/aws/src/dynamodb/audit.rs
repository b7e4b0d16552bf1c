//! The audit log, in its own table, where entries are only ever added.

use async_trait::async_trait;
use hunter_contracts::utc_date;
use hunter_core::store::{AuditEntry, AuditLog, StoreResult};
use jiff::civil::Date;

use super::{
    DynamoTenantStore,
    connection::{Listing, NEW, Table},
    item::Item,
};

#[async_trait]
impl AuditLog for DynamoTenantStore {
    /// The entry's id is its key within the day of its timestamp: a repeat must carry the same
    /// timestamp.
    async fn audit(&self, entry: &AuditEntry) -> StoreResult<()> {
        let key = self.keys.audit_entry(utc_date(entry.timestamp), &entry.id);
        let what = format!("audit entry `{}`", entry.id);
        let item = Item::at(&key).with_body(entry, &what)?;
        let written = self
            .connection
            .put("audit", Table::Audit, &item, Some(NEW), Vec::new());
        written.await.map(|_| ())
    }

    async fn audit_log(&self, day: Date) -> StoreResult<Vec<AuditEntry>> {
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
