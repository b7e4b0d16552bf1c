//! The account's side of the store: its suite, one winner of a race, and what its keys hold.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use hunter_contracts::{AlertId, TenantId};
use hunter_core::{
    store::{AccountStore, Accounts, DeliveryClaim},
    test_support::{samples::at, suites::account_store},
};
use jiff::Timestamp;

use crate::support::Embedded;

fn account(embedded: &Embedded, tenant: &str) -> Arc<dyn AccountStore> {
    embedded.store.account(&TenantId::new(tenant).unwrap())
}

fn later(minutes: u64) -> Timestamp {
    at().checked_add(Duration::from_secs(60 * minutes)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_passes_its_suite() {
    let embedded = Embedded::start().await;
    let [one, other] = ["cust_1", "cust_10"].map(|tenant| account(&embedded, tenant));
    account_store(one.as_ref(), other.as_ref()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_delivers() {
    let embedded = Embedded::start().await;
    let account = account(&embedded, "cust_1");
    let alert = AlertId::new("alert_a").unwrap();
    let racing = (0..8).map(|_| {
        let (account, alert) = (account.clone(), alert.clone());
        tokio::spawn(async move {
            account
                .begin_delivery(&alert, "x", at(), later(1))
                .await
                .unwrap()
        })
    });
    let mut winners = 0;
    for claim in racing.collect::<Vec<_>>() {
        winners += u32::from(claim.await.unwrap() == DeliveryClaim::Mine);
    }
    assert_eq!(winners, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_name_the_tenant_and_hold_no_address() {
    let embedded = Embedded::start().await;
    let account = account(&embedded, "cust_1");
    let alert = AlertId::new("alert_a").unwrap();
    account
        .begin_delivery(&alert, "email a@b.example", at(), later(1))
        .await
        .unwrap();
    account
        .claim_alert_window("my # rule", &alert, at(), later(1))
        .await
        .unwrap();
    let scanned = embedded
        .client
        .scan()
        .table_name("hunter")
        .send()
        .await
        .unwrap();
    let mut sort_keys = BTreeSet::new();
    for item in scanned.items() {
        let text = |name: &str| item.get(name).and_then(|v| v.as_s().ok()).unwrap().clone();
        assert_eq!(text("PK"), "T#cust_1");
        assert!(matches!(item.get("ttl"), Some(AttributeValue::N(_))));
        sort_keys.insert(text("SK"));
    }
    assert_eq!(sort_keys.len(), 2);
    assert!(
        sort_keys
            .iter()
            .all(|key| !key.contains('@') && !key.contains(' ')),
        "{sort_keys:?}"
    );
}
