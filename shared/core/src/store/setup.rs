//! The port of what stands before a run: the customer's plan and agents.

use async_trait::async_trait;
use hunter_contracts::{AgentConfig, AgentId, Plan};

use crate::store::{OfTenant, StoreResult};

/// The plan, and agents' configurations with their versions. A version that was stored stays as it
/// is.
#[async_trait]
pub trait Setup: OfTenant {
    /// What the customer's subscription allows; none for a customer that never had one.
    async fn plan(&self) -> StoreResult<Option<Plan>>;
    /// Replaces the plan.
    async fn put_plan(&self, plan: &Plan) -> StoreResult<()>;
    /// Stores an agent's configuration as its next version; answers the version. What stands as the
    /// newest already is no new version.
    async fn put_agent(&self, agent: &AgentConfig) -> StoreResult<u32>;
    /// The newest configuration.
    async fn agent(&self, id: &AgentId) -> StoreResult<Option<AgentConfig>>;
}
