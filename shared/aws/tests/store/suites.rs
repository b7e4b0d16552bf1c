//! The ports' suites on the embedded store.

use hunter_aws::dynamodb::{Tables, create_tables};
use hunter_core::test_support::{
    samples::plan,
    suites::{tenant, tenant_store},
};

use crate::support::Embedded;

#[tokio::test(flavor = "multi_thread")]
async fn every_port_passes_its_suite() {
    let embedded = Embedded::start().await;
    tenant_store(embedded.tenant(tenant().as_str()).as_ref()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_created_once() {
    let embedded = Embedded::start().await;
    embedded.tenant("a").put_plan(&plan()).await.unwrap();
    create_tables(&embedded.client, &Tables::default())
        .await
        .unwrap();
    assert_eq!(embedded.tenant("a").plan().await.unwrap(), Some(plan()));
}
