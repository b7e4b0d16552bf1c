//! The store's suite on the emulator's DynamoDB.

use hunter_aws::dynamodb::{Tables, create_tables};
use hunter_core::{
    store::{Accounts, Store},
    test_support::suites::{account_store, other_tenant, tenant, tenant_store},
};

use crate::emulator::{Emulator, clock};

#[tokio::test]
async fn dynamodb_passes_the_suites_of_the_store() {
    let mut emulator = Emulator::get();
    let (table, audit) = (emulator.name("hunter"), emulator.name("hunter-audit"));
    emulator.set("HUNTER_TABLE", table);
    emulator.set("HUNTER_AUDIT_TABLE", audit);
    let aws = emulator.aws();
    let client = aws.dynamodb_client().unwrap();
    create_tables(&client, &Tables::from(aws.settings()))
        .await
        .unwrap();
    let store = aws.store(clock()).unwrap();
    tenant_store(store.tenant(&tenant()).as_ref()).await;
    let [one, other] = [tenant(), other_tenant()].map(|tenant| store.account(&tenant));
    account_store(one.as_ref(), other.as_ref()).await;
}
