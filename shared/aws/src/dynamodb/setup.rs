//! The plan, and agents: the newest configuration, and every version as an item of its own.

use async_trait::async_trait;
use hunter_contracts::{AgentConfig, AgentId, Plan};
use hunter_core::store::{Setup, StoreError, StoreResult};

use super::{
    DynamoTenantStore,
    connection::Write,
    item::{Item, number},
};

const VERSION: &str = "version";

/// Most times that storing a configuration starts over because another writer was first.
const WRITES_MAX: u32 = 20;

impl DynamoTenantStore {
    async fn agent_head(
        &self,
        operation: &'static str,
        id: &AgentId,
    ) -> StoreResult<Option<(u32, AgentConfig)>> {
        let Some(item) = self.connection.get(operation, &self.keys.agent(id)).await? else {
            return Ok(None);
        };
        let version = u32::try_from(item.number(VERSION)?)
            .map_err(|_| item.damaged("`version` is out of range"))?;
        Ok(Some((version, item.body()?)))
    }
}

#[async_trait]
impl Setup for DynamoTenantStore {
    async fn plan(&self) -> StoreResult<Option<Plan>> {
        self.read("plan", &self.keys.plan()).await
    }

    async fn put_plan(&self, plan: &Plan) -> StoreResult<()> {
        let item = Item::at(&self.keys.plan()).with_body(plan, "plan")?;
        self.replace("put_plan", &item).await
    }

    /// The head holds the newest version, and every version stays as an item of its own. Storing
    /// what stands already answers its version.
    async fn put_agent(&self, agent: &AgentConfig) -> StoreResult<u32> {
        let id = &agent.agent_id;
        let what = format!("agent `{id}`");
        for _ in 0..WRITES_MAX {
            let head = self.agent_head("put_agent", id).await?;
            let before = match head {
                Some((version, standing)) if standing == *agent => return Ok(version),
                Some((version, _)) => version,
                None => 0,
            };
            let version = before.saturating_add(1);
            let item_at = |key| {
                Item::at(&key)
                    .with(VERSION, number(version.into()))
                    .with_body(agent, &what)
            };
            let writes = [
                Write::New(item_at(self.keys.agent_version(id, version))?),
                Write::Replace {
                    item: item_at(self.keys.agent(id))?,
                    condition: "attribute_not_exists(#PK) OR #version = :before",
                    values: vec![(":before", number(before.into()))],
                },
            ];
            let written = self.connection.transact("put_agent", &writes).await?;
            if written.is_ok() {
                return Ok(version);
            }
        }
        Err(StoreError::Stale(format!(
            "{what} is changed by others again and again"
        )))
    }

    async fn agent(&self, id: &AgentId) -> StoreResult<Option<AgentConfig>> {
        let head = self.agent_head("agent", id).await?;
        Ok(head.map(|(_, agent)| agent))
    }
}
