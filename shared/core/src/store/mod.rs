//! The port to the store. There is one implementation, on DynamoDB (`hunter-aws`); on one machine
//! it talks to an embedded DynamoDB.
//!
//! A [`TenantStore`] is bound to one tenant when it is made and has no unscoped method. Every
//! method may be called twice with the same arguments: the second call changes nothing and answers
//! like the first.

mod accounts;
mod suppression;

pub use accounts::{AccountStore, Accounts, DeliveryClaim, RunClaim};
pub use suppression::{Suppression, SuppressionReason, masked, suppression_hash};

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use hunter_contracts::{
    AgentConfig, AgentId, AlertRecord, Balance, BillingMonth, ChargeLine, Credits, Draft, DraftId,
    DraftStatus, ErrorCode, ExecutionId, Hold, Lead, LedgerEntry, Plan, RateCard, RecipeFailure,
    RecipeId, RecipeOutput, RejectedRecord, RunRecord, TenantId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Why the store could not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached or is overloaded.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// The same key holds something else, or another writer was first.
    #[error("conflict: {0}")]
    Conflict(String),
    /// What is asked for is not there.
    #[error("not found: {0}")]
    NotFound(String),
    /// More than the balance or the hold covers.
    #[error("insufficient credits: {needed} needed, {available} available")]
    Insufficient {
        /// What was asked for.
        needed: Credits,
        /// What there is.
        available: Credits,
    },
    /// A stored item cannot be read.
    #[error("stored item is damaged: {0}")]
    Damaged(String),
    /// Larger than the store takes.
    #[error("too large for the store: {0}")]
    TooLarge(String),
}

impl From<StoreError> for RecipeFailure {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Unavailable(_) => ErrorCode::StoreUnavailable,
            StoreError::Conflict(_) => ErrorCode::Conflict,
            StoreError::NotFound(_) => ErrorCode::NotFound,
            StoreError::Insufficient { .. } => ErrorCode::InsufficientCredits,
            StoreError::TooLarge(_) => ErrorCode::LimitExceeded,
            StoreError::Damaged(_) => ErrorCode::Internal,
        };
        Self::new(code, error.to_string())
    }
}

/// Short for what every method answers.
pub type StoreResult<T> = Result<T, StoreError>;

/// Which pack: a run, a recipe, and a name within it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackKey {
    /// The run.
    pub execution_id: ExecutionId,
    /// The recipe that wrote it.
    pub recipe: RecipeId,
    /// `head`, `c0003`, `g1a2b#c0003`, `g1a2b#r0001`: characters of ids and `#`.
    pub name: String,
}

impl PackKey {
    /// The result of a recipe that runs once per run.
    #[must_use]
    pub fn head(execution_id: &ExecutionId, recipe: RecipeId) -> Self {
        Self {
            execution_id: execution_id.clone(),
            recipe,
            name: "head".into(),
        }
    }

    /// The result of a recipe for one chunk; `generation` as in
    /// [`hunter_contracts::LeadsRef::generation`].
    #[must_use]
    pub fn chunk(
        execution_id: &ExecutionId,
        recipe: RecipeId,
        generation: Option<&str>,
        chunk: u32,
    ) -> Self {
        let name = match generation {
            Some(generation) => format!("g{generation}#c{chunk:04}"),
            None => format!("c{chunk:04}"),
        };
        Self {
            execution_id: execution_id.clone(),
            recipe,
            name,
        }
    }

    /// The chunk that a name as in [`Self::chunk`] (without a generation) is of.
    #[must_use]
    pub fn chunk_of(name: &str) -> Option<u32> {
        name.strip_prefix('c')?.parse().ok()
    }

    /// A part of the list of rejected records.
    #[must_use]
    pub fn rejected(
        execution_id: &ExecutionId,
        recipe: RecipeId,
        generation: &str,
        part: u32,
    ) -> Self {
        let name = format!("g{generation}#r{part:04}");
        Self {
            execution_id: execution_id.clone(),
            recipe,
            name,
        }
    }
}

/// What a pack holds; stored compressed, at most 350 KB.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Pack {
    /// The recipe's answer without its leads; absent on discovery's chunks and reject lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<RecipeOutput<Value>>,
    /// The chunk's leads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leads: Vec<Lead>,
    /// Rejected records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<RejectedRecord>,
    /// On discovery's head: which generation its chunks have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<String>,
    /// What is to be charged for it: kept with the result so that a repeat charges the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<ChargeLine>,
    /// The rate card that the charges are by; absent where nothing is charged, and on what was
    /// stored while there was one card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_card: Option<String>,
}

impl Pack {
    /// The recipe's result, without its leads.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when there is none, or it is of another recipe.
    pub fn data<D: DeserializeOwned>(&self) -> StoreResult<D> {
        let output = self.output.as_ref();
        let data = output.map(|output| output.data.clone()).unwrap_or_default();
        serde_json::from_value(data)
            .map_err(|error| StoreError::Damaged(format!("a recipe's result: {error}")))
    }
}

/// Whether something was written now or stood already.
#[derive(Debug, Clone, PartialEq)]
pub enum Put<T> {
    /// Written now.
    New,
    /// Stood already; this is it.
    Existing(T),
}

/// A debit: what a chunk's work costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debit {
    /// The run.
    pub execution_id: ExecutionId,
    /// The recipe.
    pub recipe: RecipeId,
    /// The chunk; absent for a recipe that runs once per run.
    pub chunk: Option<u32>,
    /// Per lead and action. Their sum is what is charged.
    pub lines: Vec<ChargeLine>,
    /// The rate card that was applied.
    pub rate_card: String,
    /// When.
    pub at: Timestamp,
}

impl Debit {
    /// What a stored result costs.
    #[must_use]
    pub fn of(
        pack: &Pack,
        execution_id: &ExecutionId,
        recipe: RecipeId,
        chunk: Option<u32>,
        at: Timestamp,
    ) -> Self {
        let rate_card = pack.rate_card.clone();
        Self {
            execution_id: execution_id.clone(),
            recipe,
            chunk,
            lines: pack.charges.clone(),
            rate_card: rate_card.unwrap_or_else(|| RateCard::first().id),
            at,
        }
    }

    /// The sum of the lines.
    #[must_use]
    pub fn amount(&self) -> Credits {
        self.lines.iter().map(|line| line.amount).sum()
    }
}

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

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Opaque; give it back to get the next page.
    pub cursor: Option<String>,
}

/// Which drafts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftFilter {
    /// Only with this stored status; absent: all.
    pub status: Option<DraftStatus>,
    /// Only of this run.
    pub execution_id: Option<ExecutionId>,
}

/// Everything of one tenant.
#[async_trait]
pub trait TenantStore: Send + Sync {
    /// Whose store it is.
    fn tenant(&self) -> &TenantId;

    /// The customer's plan.
    async fn plan(&self) -> StoreResult<Option<Plan>>;
    /// Replaces the plan.
    async fn put_plan(&self, plan: &Plan) -> StoreResult<()>;
    /// The balance; zeros for a customer that was never granted anything.
    async fn balance(&self) -> StoreResult<Balance>;
    /// Adds credits once per `key`.
    async fn grant(&self, key: &str, amount: Credits, at: Timestamp) -> StoreResult<()>;

    /// Stores an agent's configuration as its next version; answers the version.
    async fn put_agent(&self, agent: &AgentConfig) -> StoreResult<u32>;
    /// The newest configuration.
    async fn agent(&self, id: &AgentId) -> StoreResult<Option<AgentConfig>>;

    /// Creates a run, or answers the one that stands.
    async fn create_run(&self, run: &RunRecord) -> StoreResult<Put<RunRecord>>;
    /// Replaces a run's record.
    async fn update_run(&self, run: &RunRecord) -> StoreResult<()>;
    /// A run.
    async fn run(&self, id: &ExecutionId) -> StoreResult<Option<RunRecord>>;
    /// Runs, newest first.
    async fn runs(&self, limit: usize, cursor: Option<String>) -> StoreResult<Page<RunRecord>>;

    /// Moves `amount` from `avail` to a hold of the run.
    ///
    /// # Errors
    /// [`StoreError::Insufficient`]; [`StoreError::Conflict`] when the run holds another amount.
    async fn reserve(
        &self,
        id: &ExecutionId,
        amount: Credits,
        at: Timestamp,
    ) -> StoreResult<Put<Hold>>;
    /// Charges a debit against the run's open hold, once per run, recipe and chunk.
    ///
    /// # Errors
    /// [`StoreError::Insufficient`] when the hold has less left; [`StoreError::Conflict`] when it
    /// is closed.
    async fn settle(&self, debit: &Debit) -> StoreResult<Put<()>>;
    /// Closes the run's hold: what was settled is spent, the rest is free again. Answers the hold
    /// as closed; a run without a hold answers `None`.
    async fn close(&self, id: &ExecutionId, at: Timestamp) -> StoreResult<Option<Hold>>;
    /// The run's hold.
    async fn hold(&self, id: &ExecutionId) -> StoreResult<Option<Hold>>;
    /// The ledger, oldest first.
    async fn ledger(&self, limit: usize, cursor: Option<String>) -> StoreResult<Page<LedgerEntry>>;

    /// Counts outside calls of a run into its month, once per run.
    async fn add_api_calls(
        &self,
        month: BillingMonth,
        id: &ExecutionId,
        calls: u64,
    ) -> StoreResult<()>;
    /// Outside calls counted in a month.
    async fn api_calls(&self, month: BillingMonth) -> StoreResult<u64>;

    /// Stores a pack, or answers the one that stands.
    async fn put_pack(&self, key: &PackKey, pack: &Pack) -> StoreResult<Put<Pack>>;
    /// A pack.
    async fn pack(&self, key: &PackKey) -> StoreResult<Option<Pack>>;
    /// All packs of a run and a recipe, by name.
    async fn packs(&self, id: &ExecutionId, recipe: RecipeId) -> StoreResult<Vec<(String, Pack)>>;

    /// Creates a draft, or answers the one that stands (with whatever the customer did to it).
    async fn create_draft(&self, draft: &Draft) -> StoreResult<Put<Draft>>;
    /// A draft.
    async fn draft(&self, id: &DraftId) -> StoreResult<Option<Draft>>;
    /// Drafts, newest run first.
    async fn drafts(
        &self,
        filter: &DraftFilter,
        limit: usize,
        cursor: Option<String>,
    ) -> StoreResult<Page<Draft>>;
    /// Replaces a draft whose stored version is `draft.version - 1`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another writer was first.
    async fn update_draft(&self, draft: &Draft) -> StoreResult<()>;

    /// Stores an alert once per id; answers whether it is new.
    async fn put_alert(&self, alert: &AlertRecord) -> StoreResult<bool>;
    /// Alerts, newest first.
    async fn alerts(&self, limit: usize, cursor: Option<String>) -> StoreResult<Page<AlertRecord>>;

    /// Puts an address on the suppression list, or answers the entry that stands. Entries do not
    /// expire; see [`crate::recipe::Context::suppress`], which also writes the audit entry.
    async fn suppress(&self, suppression: &Suppression) -> StoreResult<Put<Suppression>>;
    /// Which of these addresses are on the suppression list, by the address as it was asked for.
    /// Reads nothing where none is asked for.
    async fn suppressed(&self, addresses: &[String]) -> StoreResult<BTreeMap<String, Suppression>>;

    /// Appends to the audit log, once per id.
    async fn audit(&self, entry: &AuditEntry) -> StoreResult<()>;
    /// The audit log of a day, oldest first.
    async fn audit_log(&self, day: jiff::civil::Date) -> StoreResult<Vec<AuditEntry>>;
}

/// Binds stores to tenants.
pub trait Store: Send + Sync {
    /// The store of one tenant.
    fn tenant(&self, tenant: &TenantId) -> Arc<dyn TenantStore>;
}
