//! The ports to the store, one per aggregate. There is one implementation, on DynamoDB
//! (`hunter-aws`); on one machine it talks to an embedded DynamoDB.
//!
//! A store is bound to one tenant when it is made and has no unscoped method. Every method may be
//! called twice with the same arguments: the second call changes nothing and answers like the first.

mod accounts;
mod alerts;
mod audit;
mod drafts;
mod error;
mod ledger;
mod packs;
mod runs;
mod setup;
mod suppressions;

use std::sync::Arc;

use hunter_contracts::TenantId;

pub use accounts::{AccountStore, Accounts, DeliveryClaim, RunClaim};
pub use alerts::Alerts;
pub use audit::{
    Actor, ActorKind, AuditAction, AuditChanges, AuditContext, AuditDetails, AuditEntry,
    AuditEvent, AuditLog, AuditResource, AuditResult, AuditStatus, audit_details,
};
pub use drafts::{DraftFilter, Drafts};
pub use error::{StoreError, StoreResult};
pub use ledger::{Debit, Ledger};
pub use packs::{Pack, PackKey, PackName, Packs};
pub use runs::Runs;
pub use setup::Setup;
pub use suppressions::{Suppression, SuppressionReason, Suppressions, masked, suppression_hash};

/// Whether something was written now or stood already.
#[derive(Debug, Clone, PartialEq)]
pub enum Put<T> {
    /// Written now.
    New,
    /// Stood already; this is it.
    Existing(T),
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Opaque; give it back to get the next page.
    pub cursor: Option<String>,
}

/// What belongs to one tenant.
pub trait OfTenant: Send + Sync {
    /// Whose it is.
    fn tenant(&self) -> &TenantId;
}

/// Everything of one tenant that recipes see: the sum of the ports.
pub trait TenantStore:
    Setup + Runs + Ledger + Packs + Drafts + Alerts + Suppressions + AuditLog
{
}

/// Binds stores to tenants.
pub trait Store: Send + Sync {
    /// The store of one tenant.
    fn tenant(&self, tenant: &TenantId) -> Arc<dyn TenantStore>;
}
