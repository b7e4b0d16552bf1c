//! The port of the customer's plan.

use async_trait::async_trait;
use hunter_contracts::Plan;

use crate::store::{OfTenant, StoreResult};

/// What the customer's subscription allows.
#[async_trait]
pub trait Plans: OfTenant {
    /// The customer's plan; none for a customer that never had one.
    async fn plan(&self) -> StoreResult<Option<Plan>>;
    /// Replaces the plan.
    async fn put_plan(&self, plan: &Plan) -> StoreResult<()>;
}
