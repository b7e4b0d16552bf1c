//! Runs' records.

use async_trait::async_trait;
use hunter_contracts::{ExecutionId, RunRecord};
use hunter_core::store::{Page, Put, Runs, StoreError, StoreResult};

use super::{
    DynamoTenantStore,
    connection::{Table, Written},
    item::Item,
    list::{ListSpec, bodies, list},
};

impl DynamoTenantStore {
    fn run_item(&self, run: &RunRecord) -> StoreResult<Item> {
        let id = &run.execution_id;
        Item::at(&self.keys.run(id)).with_body(run, &format!("run `{id}`"))
    }
}

#[async_trait]
impl Runs for DynamoTenantStore {
    async fn create_run(&self, run: &RunRecord) -> StoreResult<Put<RunRecord>> {
        self.put_new("create_run", &self.run_item(run)?).await
    }

    async fn update_run(&self, run: &RunRecord) -> StoreResult<()> {
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

    async fn run(&self, id: &ExecutionId) -> StoreResult<Option<RunRecord>> {
        self.read("run", &self.keys.run(id)).await
    }

    async fn runs(&self, limit: usize, cursor: Option<String>) -> StoreResult<Page<RunRecord>> {
        let spec = ListSpec::of_table("runs", self.keys.runs());
        bodies(list(&self.connection, &spec, limit, cursor).await?)
    }
}
