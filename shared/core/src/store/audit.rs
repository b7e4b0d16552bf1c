//! The port of the audit log, and its entries as specification §8 has them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use hunter_contracts::{AgentId, Credits, ErrorCode, ExecutionId, RecipeId, TenantId};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::store::{OfTenant, StoreResult};

/// Counts, codes and amounts by name. Never bodies, never secrets, never an address.
pub type AuditDetails = BTreeMap<String, Value>;

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Derived from what it records: writing it twice changes nothing.
    pub id: String,
    /// When.
    pub timestamp: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What was done, to what.
    pub action: AuditAction,
    /// What is different now.
    pub changes: AuditChanges,
    /// Whose it is, and what it belongs to.
    pub context: AuditContext,
    /// How it went.
    pub result: AuditResult,
}

/// Who acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// What the id is of.
    #[serde(rename = "type")]
    pub kind: ActorKind,
    /// A customer, an operator, or a part of the Hunter, as in `hunter` or `notify`.
    pub id: String,
    /// Where a person's request came from.
    pub ip_address: Option<String>,
    /// With which program.
    pub user_agent: Option<String>,
}

/// Kinds of actors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// The Hunter itself.
    System,
    /// The customer.
    Customer,
    /// An operator.
    Admin,
}

impl Actor {
    /// A part of the Hunter.
    #[must_use]
    pub fn system(part: impl ToString) -> Self {
        Self::new(ActorKind::System, part)
    }

    /// The customer.
    #[must_use]
    pub fn customer(tenant: &TenantId) -> Self {
        Self::new(ActorKind::Customer, tenant)
    }

    /// Whoever it is.
    #[must_use]
    pub fn new(kind: ActorKind, id: impl ToString) -> Self {
        Self {
            kind,
            id: id.to_string(),
            ip_address: None,
            user_agent: None,
        }
    }
}

/// What is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditEvent {
    /// A step came to its end.
    RecipeExecuted,
    /// Somebody was put on the suppression list.
    AddressSuppressed,
    /// An agent runs by itself at other times.
    ScheduleChanged,
    /// The customer said yes to a draft.
    DraftApproved,
    /// The customer said no.
    DraftRejected,
    /// The customer put it off.
    DraftDeferred,
    /// The customer changed its words.
    DraftEdited,
    /// Somebody who should be told of an alert was not.
    AlertNotDelivered,
}

impl AuditEvent {
    /// What such an event is about.
    const fn resource(self) -> AuditResource {
        match self {
            Self::RecipeExecuted => AuditResource::Recipe,
            Self::AddressSuppressed => AuditResource::Address,
            Self::ScheduleChanged => AuditResource::Agent,
            Self::DraftApproved | Self::DraftRejected | Self::DraftDeferred | Self::DraftEdited => {
                AuditResource::Draft
            }
            Self::AlertNotDelivered => AuditResource::Alert,
        }
    }
}

/// Kinds of what is acted upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditResource {
    /// An agent, by its id.
    Agent,
    /// A recipe, as in `recipe_discovery`.
    Recipe,
    /// A draft, by its id.
    Draft,
    /// An alert, by its id.
    Alert,
    /// An address, by its hash.
    Address,
}

/// What was done, to what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditAction {
    /// What.
    #[serde(rename = "type")]
    pub event: AuditEvent,
    /// To what kind of thing.
    pub resource: AuditResource,
    /// To which.
    pub resource_id: String,
}

/// What is different now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AuditChanges {
    /// As it was, where that is known.
    pub before: AuditDetails,
    /// As it is.
    pub after: AuditDetails,
    /// Credits that came, or went (below 0).
    pub delta: Option<Credits>,
}

/// Whose an entry is, and what it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditContext {
    /// The tenant.
    pub customer_id: TenantId,
    /// The agent.
    pub agent_id: Option<AgentId>,
    /// The run.
    pub execution_id: Option<ExecutionId>,
    /// The recipe.
    pub recipe_id: Option<RecipeId>,
}

/// How it went.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AuditResult {
    /// In a word.
    pub status: AuditStatus,
    /// In figures.
    pub details: AuditDetails,
    /// Why it failed.
    pub error_code: Option<ErrorCode>,
}

/// How it went, in a word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditStatus {
    /// Well.
    #[default]
    Success,
    /// Not at all.
    Failed,
    /// In part.
    Warning,
}

impl AuditEntry {
    /// An event that went well, and what it was about. The writer adds what else it knows.
    #[must_use]
    pub fn new(
        id: String,
        timestamp: Timestamp,
        actor: Actor,
        event: AuditEvent,
        resource_id: impl ToString,
        customer_id: &TenantId,
    ) -> Self {
        Self {
            id,
            timestamp,
            actor,
            action: AuditAction {
                event,
                resource: event.resource(),
                resource_id: resource_id.to_string(),
            },
            changes: AuditChanges::default(),
            context: AuditContext {
                customer_id: customer_id.clone(),
                agent_id: None,
                execution_id: None,
                recipe_id: None,
            },
            result: AuditResult::default(),
        }
    }
}

/// Details by name.
#[must_use]
pub fn audit_details<const N: usize>(details: [(&str, Value); N]) -> AuditDetails {
    details.map(|(name, value)| (name.to_owned(), value)).into()
}

/// The audit log. Entries are only ever added.
#[async_trait]
pub trait AuditLog: OfTenant {
    /// Appends to the audit log, once per id and day: a repeat carries the same timestamp.
    async fn audit(&self, entry: &AuditEntry) -> StoreResult<()>;
    /// The audit log of a day, oldest first.
    async fn audit_log(&self, day: Date) -> StoreResult<Vec<AuditEntry>>;
}
