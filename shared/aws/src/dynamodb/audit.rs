//! The audit log, in its own table, where entries are only ever added.

use async_trait::async_trait;
use hunter_contracts::{ExecutionId, utc_date};
use hunter_core::store::{
    Actor, ActorKind, AuditDetails, AuditEntry, AuditEvent, AuditLog, AuditStatus, StoreResult,
};
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use serde_json::Value;

use super::{
    DynamoTenantStore,
    connection::{Listing, NEW, Table},
    item::Item,
};

/// An entry as it was stored before entries had the specification's form.
#[derive(Deserialize)]
struct FlatEntry {
    id: String,
    timestamp: Timestamp,
    actor: (ActorKind, String),
    action: AuditEvent,
    resource_id: String,
    execution_id: Option<ExecutionId>,
    details: AuditDetails,
}

impl DynamoTenantStore {
    fn entry(&self, item: &Item) -> StoreResult<AuditEntry> {
        let body: Value = item.body()?;
        let unfit = |error: serde_json::Error| item.unreadable(error.into());
        if body.get("context").is_some() {
            return serde_json::from_value(body).map_err(unfit);
        }
        let flat: FlatEntry = serde_json::from_value(body).map_err(unfit)?;
        let (event, resource) = (flat.action, &flat.resource_id);
        let actor = Actor::new(flat.actor.0, flat.actor.1);
        let mut entry = AuditEntry::new(
            flat.id,
            flat.timestamp,
            actor,
            event,
            resource,
            &self.tenant,
        );
        entry.context.execution_id = flat.execution_id;
        let recipe = resource.strip_prefix("recipe_");
        entry.context.recipe_id = recipe.and_then(|name| serde_json::from_value(name.into()).ok());
        entry.result.status = match flat.details.get("status").and_then(Value::as_str) {
            Some("partial") => AuditStatus::Warning,
            Some("failed") => AuditStatus::Failed,
            _ if event == AuditEvent::AlertNotDelivered => AuditStatus::Failed,
            _ => AuditStatus::Success,
        };
        entry.result.details = flat.details;
        Ok(entry)
    }
}

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
        let listing = Listing::whole(Table::Audit);
        let range = self.keys.audit_log(day);
        let items = self.connection.query("audit_log", &range, listing).await?;
        let entries = items.iter().map(|item| self.entry(item));
        let mut entries: Vec<AuditEntry> = entries.collect::<StoreResult<_>>()?;
        entries.sort_by(|one, other| (one.timestamp, &one.id).cmp(&(other.timestamp, &other.id)));
        Ok(entries)
    }
}
