//! The account's side of the store: each method called twice, tenants apart, one winner of a race.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use hunter_contracts::{AgentId, AgentSchedule, AlertId, CustomerProfile, RunRequest, TenantId};
use hunter_core::{
    store::{AccountStore, Accounts, DeliveryClaim, Put, RunClaim},
    test_support::samples::{at, run_id},
};
use jiff::Timestamp;
use serde_json::json;

use crate::support::Embedded;

fn account(embedded: &Embedded, tenant: &str) -> Arc<dyn AccountStore> {
    embedded.store.account(&TenantId::new(tenant).unwrap())
}

fn later(minutes: u64) -> Timestamp {
    at().checked_add(Duration::from_secs(60 * minutes)).unwrap()
}

fn request(tenant: &str, id: &str) -> RunRequest {
    serde_json::from_value(json!({
        "customer_id": tenant, "execution_id": id, "agent_id": "agent_1", "request": {}
    }))
    .unwrap()
}

fn schedule(expression: &str) -> AgentSchedule {
    AgentSchedule {
        expression: expression.into(),
        timezone: "Europe/Vienna".into(),
        enabled: true,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn profiles_schedules_and_requests_are_kept_per_tenant() {
    let embedded = Embedded::start().await;
    let (one, ten) = (account(&embedded, "cust_1"), account(&embedded, "cust_10"));
    let profile = CustomerProfile {
        name: "Bright Smile".into(),
        email: "owner@example.com".parse().unwrap(),
    };
    let agents = ["agent_1", "agent_2"].map(|id| AgentId::new(id).unwrap());
    for _ in 0..2 {
        one.put_profile(&profile).await.unwrap();
        assert_eq!(one.profile().await.unwrap(), Some(profile.clone()));
        for agent in &agents {
            one.put_schedule(agent, &schedule("rate(1 day)"))
                .await
                .unwrap();
        }
    }
    one.put_schedule(&agents[1], &schedule("rate(2 days)"))
        .await
        .unwrap();
    for (agent, expression) in agents.iter().zip(["rate(1 day)", "rate(2 days)"]) {
        let found = one.schedule(agent).await.unwrap();
        assert_eq!(found, Some(schedule(expression)));
    }

    let claim = |id: &str, requested_at| RunClaim {
        request: request("cust_1", id),
        requested_at,
    };
    assert_eq!(
        one.claim_run(&claim("exec_1", at())).await.unwrap(),
        Put::New
    );
    // A repeat meets what was asked first, with its time.
    let again = one.claim_run(&claim("exec_1", later(5))).await.unwrap();
    assert_eq!(again, Put::Existing(claim("exec_1", at())));
    assert_eq!(
        one.run_claim(&run_id("exec_1")).await.unwrap(),
        Some(claim("exec_1", at()))
    );

    assert_eq!(ten.profile().await.unwrap(), None);
    assert_eq!(ten.schedule(&agents[0]).await.unwrap(), None);
    assert_eq!(ten.run_claim(&run_id("exec_1")).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_is_one_alerts_until_its_time_is_over() {
    let embedded = Embedded::start().await;
    let (one, ten) = (account(&embedded, "cust_1"), account(&embedded, "cust_10"));
    let [a, b] = ["alert_a", "alert_b"].map(|id| AlertId::new(id).unwrap());
    // When, which alert, until which minute, and whether it may go out.
    for (minute, alert, until, expected) in [
        (0, &a, 60, true),
        (1, &a, 61, true),
        (2, &b, 62, false),
        (59, &b, 119, false),
        (60, &b, 120, true),
        (61, &a, 121, false),
    ] {
        let taken = one
            .claim_alert_window("recipe_failed", alert, later(minute), later(until))
            .await
            .unwrap();
        assert_eq!(taken, expected, "minute {minute}");
    }
    for (account, rule) in [(&one, "another rule"), (&ten, "recipe_failed")] {
        let taken = account
            .claim_alert_window(rule, &b, at(), later(1))
            .await
            .unwrap();
        assert!(taken, "{rule}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_has_one_owner_and_ends_once() {
    let embedded = Embedded::start().await;
    let account = account(&embedded, "cust_1");
    let alert = AlertId::new("alert_a").unwrap();
    let to = "email owner@example.com";
    let begin = |minute| account.begin_delivery(&alert, to, later(minute), later(minute + 2));
    assert_eq!(begin(0).await.unwrap(), DeliveryClaim::Mine);
    let busy = DeliveryClaim::Busy { until: later(2) };
    assert_eq!(begin(1).await.unwrap(), busy);
    // Whoever had it is gone.
    assert_eq!(begin(2).await.unwrap(), DeliveryClaim::Mine);
    for _ in 0..2 {
        account
            .end_delivery(&alert, to, "ses-1", later(3))
            .await
            .unwrap();
    }
    assert_eq!(begin(9_999).await.unwrap(), DeliveryClaim::Delivered);
    let other = account.begin_delivery(&alert, "email other@example.com", at(), later(1));
    assert_eq!(other.await.unwrap(), DeliveryClaim::Mine);
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
