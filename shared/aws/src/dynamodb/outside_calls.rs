//! What a customer's months have used of outside services.

use async_trait::async_trait;
use hunter_contracts::{BillingMonth, ExecutionId};
use hunter_core::store::{OutsideCalls, StoreResult};

use super::{
    DynamoTenantStore,
    connection::Write,
    item::{Item, number, text},
};

const USED: &str = "used";

#[async_trait]
impl OutsideCalls for DynamoTenantStore {
    async fn add_api_calls(
        &self,
        month: BillingMonth,
        id: &ExecutionId,
        calls: u64,
    ) -> StoreResult<()> {
        let calls = i64::try_from(calls).unwrap_or(i64::MAX);
        let marker = Item::at(&self.keys.calls_counted(id))
            .with(USED, number(calls))
            .with("cycle", text(month.to_string()));
        let writes = [
            Write::New(marker),
            Write::Update {
                key: self.keys.calls(month),
                update: "SET #used = if_not_exists(#used, :zero) + :calls",
                condition: None,
                values: vec![(":calls", number(calls)), (":zero", number(0))],
            },
        ];
        // A refusal can only mean that the run was counted before.
        self.connection
            .transact("add_api_calls", &writes)
            .await
            .map(|_| ())
    }

    async fn api_calls(&self, month: BillingMonth) -> StoreResult<u64> {
        let key = self.keys.calls(month);
        let Some(item) = self.connection.get("api_calls", &key).await? else {
            return Ok(0);
        };
        u64::try_from(item.number(USED)?).map_err(|_| item.damaged("`used` is below 0"))
    }
}
