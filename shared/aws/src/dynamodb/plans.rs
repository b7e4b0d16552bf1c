//! The customer's plan.

use async_trait::async_trait;
use hunter_contracts::Plan;
use hunter_core::store::{Plans, StoreResult};

use super::{DynamoTenantStore, item::Item};

#[async_trait]
impl Plans for DynamoTenantStore {
    async fn plan(&self) -> StoreResult<Option<Plan>> {
        self.read("plan", &self.keys.plan()).await
    }

    async fn put_plan(&self, plan: &Plan) -> StoreResult<()> {
        let item = Item::at(&self.keys.plan()).with_body(plan, "plan")?;
        self.replace("put_plan", &item).await
    }
}
