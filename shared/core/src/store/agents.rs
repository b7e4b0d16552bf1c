//! The port of agents' configurations.

use async_trait::async_trait;
use hunter_contracts::{AgentConfig, AgentId};

use crate::store::{OfTenant, StoreResult};

/// Configurations with their versions. A version that was stored stays as it is.
#[async_trait]
pub trait Agents: OfTenant {
    /// Stores an agent's configuration as its next version; answers the version. What stands as the
    /// newest already is no new version.
    async fn put_agent(&self, agent: &AgentConfig) -> StoreResult<u32>;
    /// The newest configuration.
    async fn agent(&self, id: &AgentId) -> StoreResult<Option<AgentConfig>>;
}
