//! The port of what a customer's month has used of outside services.

use async_trait::async_trait;
use hunter_contracts::{BillingMonth, ExecutionId};

use crate::store::{OfTenant, StoreResult};

/// Outside calls by month, which a plan limits.
#[async_trait]
pub trait OutsideCalls: OfTenant {
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
