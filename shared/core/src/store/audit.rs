//! The port of the audit log.

use std::collections::BTreeMap;

use async_trait::async_trait;
use hunter_contracts::ExecutionId;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::store::{OfTenant, StoreResult};

/// An entry of the audit log (specification §9), reduced to what a recipe can know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Derived from what it records: writing it twice changes nothing.
    pub id: String,
    /// When.
    pub timestamp: Timestamp,
    /// `system`, `customer` or `admin`, and who.
    pub actor: (String, String),
    /// As in `recipe_executed`, `credit_deducted`, `draft_approved`.
    pub action: String,
    /// What was acted upon, as in `recipe_discovery`.
    pub resource_id: String,
    /// The run.
    pub execution_id: Option<ExecutionId>,
    /// Details: counts, codes, amounts. Never bodies, never secrets.
    pub details: BTreeMap<String, Value>,
}

/// The audit log. Entries are only ever added.
#[async_trait]
pub trait AuditLog: OfTenant {
    /// Appends to the audit log, once per id and day: a repeat carries the same timestamp.
    async fn audit(&self, entry: &AuditEntry) -> StoreResult<()>;
    /// The audit log of a day, oldest first.
    async fn audit_log(&self, day: Date) -> StoreResult<Vec<AuditEntry>>;
}
