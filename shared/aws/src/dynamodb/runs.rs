//! Plans, agents and runs.

use hunter_contracts::{AgentConfig, AgentId, ExecutionId, Plan, RunRecord};
use hunter_core::store::{Page, Put, StoreError, StoreResult};

use super::{
    DynamoTenantStore,
    connection::{NEW, Table, Write, Written},
    item::{Item, number},
    list::{ListSpec, list},
};

const VERSION: &str = "version";

/// Most times that storing a configuration starts over because another writer was first.
const WRITES_MAX: u32 = 20;

impl DynamoTenantStore {
    pub(super) async fn read_plan(&self) -> StoreResult<Option<Plan>> {
        let item = self.connection.get("plan", &self.keys.plan()).await?;
        item.map(|item| item.body()).transpose()
    }

    pub(super) async fn write_plan(&self, plan: &Plan) -> StoreResult<()> {
        let item = Item::at(&self.keys.plan()).with_body(plan, "plan")?;
        let written = self
            .connection
            .put("put_plan", Table::Main, &item, None, Vec::new());
        written.await.map(|_| ())
    }

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

    pub(super) async fn read_agent(&self, id: &AgentId) -> StoreResult<Option<AgentConfig>> {
        let head = self.agent_head("agent", id).await?;
        Ok(head.map(|(_, agent)| agent))
    }

    /// The head holds the newest version, and every version stays as an item of its own. Storing
    /// what stands already answers its version.
    pub(super) async fn write_agent(&self, agent: &AgentConfig) -> StoreResult<u32> {
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
            let (condition, values) = match before {
                0 => (NEW, Vec::new()),
                _ => (
                    "#version = :before",
                    vec![(":before", number(before.into()))],
                ),
            };
            let writes = [
                Write::New(item_at(self.keys.agent_version(id, version))?),
                Write::Replace {
                    item: item_at(self.keys.agent(id))?,
                    condition,
                    values,
                },
            ];
            if self
                .connection
                .transact("put_agent", &writes)
                .await?
                .is_ok()
            {
                return Ok(version);
            }
        }
        Err(StoreError::Conflict(format!(
            "{what} is changed by others again and again"
        )))
    }

    fn run_item(&self, run: &RunRecord) -> StoreResult<Item> {
        let id = &run.execution_id;
        Item::at(&self.keys.run(id)).with_body(run, &format!("run `{id}`"))
    }

    pub(super) async fn write_new_run(&self, run: &RunRecord) -> StoreResult<Put<RunRecord>> {
        let item = self.run_item(run)?;
        let written = self
            .connection
            .put("create_run", Table::Main, &item, Some(NEW), Vec::new());
        match written.await? {
            Written::Done => Ok(Put::New),
            Written::Refused(Some(standing)) => Ok(Put::Existing(standing.body()?)),
            Written::Refused(None) => {
                let key = self.keys.run(&run.execution_id);
                self.existing("create_run", &key).await
            }
        }
    }

    pub(super) async fn replace_run(&self, run: &RunRecord) -> StoreResult<()> {
        let item = self.run_item(run)?;
        let stands = Some("attribute_exists(#PK)");
        let written = self
            .connection
            .put("update_run", Table::Main, &item, stands, Vec::new());
        match written.await? {
            Written::Done => Ok(()),
            Written::Refused(_) => {
                let problem = format!("run `{}`: create it first", run.execution_id);
                Err(StoreError::NotFound(problem))
            }
        }
    }

    pub(super) async fn read_run(&self, id: &ExecutionId) -> StoreResult<Option<RunRecord>> {
        let item = self.connection.get("run", &self.keys.run(id)).await?;
        item.map(|item| item.body()).transpose()
    }

    pub(super) async fn list_runs(
        &self,
        limit: usize,
        cursor: Option<String>,
    ) -> StoreResult<Page<RunRecord>> {
        let spec = ListSpec::of_table("runs", self.keys.runs());
        let page = list(&self.connection, &spec, limit, cursor).await?;
        page.map(|item| item.body())
    }
}
