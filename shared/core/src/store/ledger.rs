//! The port of credits: the balance, the holds and the ledger, and what else a plan limits.

use async_trait::async_trait;
use hunter_contracts::{
    Balance, BillingMonth, ChargeLine, Credits, ExecutionId, Hold, LedgerEntry, RateCard, RecipeId,
};
use jiff::Timestamp;

use crate::store::{OfTenant, Pack, Page, Put, StoreResult};

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
}

/// Credits. What the commands mean is `hunter_ledger::Account`; each is done whole or not at all,
/// and its key says what it is for. The ledger's entries alone give the balance and the holds.
///
/// Each command refuses an amount with [`OutOfRange`](crate::store::StoreError::OutOfRange), and a
/// repeat that asks for something else with [`Different`](crate::store::StoreError::Different).
#[async_trait]
pub trait Ledger: OfTenant {
    /// The balance; zeros for a customer that was never granted anything. Never below 0.
    async fn balance(&self) -> StoreResult<Balance>;
    /// Adds credits once per `key`.
    async fn grant(&self, key: &str, amount: Credits, at: Timestamp) -> StoreResult<()>;
    /// Moves `amount` from `avail` to a hold of the run, once per run.
    ///
    /// # Errors
    /// [`Insufficient`](crate::store::StoreError::Insufficient) when the balance has less.
    async fn reserve(
        &self,
        id: &ExecutionId,
        amount: Credits,
        at: Timestamp,
    ) -> StoreResult<Put<Hold>>;
    /// Charges a debit against the run's open hold, once per run, recipe and chunk; a repeat is
    /// answered after the hold is closed, too.
    ///
    /// # Errors
    /// [`Insufficient`](crate::store::StoreError::Insufficient) when the hold has less left,
    /// [`HoldClosed`](crate::store::StoreError::HoldClosed), and
    /// [`NotFound`](crate::store::StoreError::NotFound) for a run without a hold.
    async fn settle(&self, debit: &Debit) -> StoreResult<Put<()>>;
    /// Closes the run's hold: what was settled is spent, the rest is free again. Answers the hold
    /// as closed; a run without a hold answers `None`.
    async fn close(&self, id: &ExecutionId, at: Timestamp) -> StoreResult<Option<Hold>>;
    /// The run's hold.
    async fn hold(&self, id: &ExecutionId) -> StoreResult<Option<Hold>>;
    /// The entries, oldest first.
    async fn ledger(&self, limit: usize, cursor: Option<String>) -> StoreResult<Page<LedgerEntry>>;

    /// Counts outside calls of a run into a month, once per run whatever the month.
    async fn add_api_calls(
        &self,
        month: BillingMonth,
        id: &ExecutionId,
        calls: u64,
    ) -> StoreResult<()>;
    /// Outside calls counted in a month.
    async fn api_calls(&self, month: BillingMonth) -> StoreResult<u64>;
}
