//! The suite of [`AccountStore`].

use std::time::Duration;

use hunter_contracts::{AgentId, AlertId, CustomerProfile, RunRequest, TenantId};
use jiff::Timestamp;
use serde_json::json;

use crate::{
    store::{AccountStore, DeliveryClaim, Put, RunClaim},
    test_support::{
        samples::{at, run_id},
        suites::schedule,
    },
};

/// Everything, on the accounts of two tenants, which must be empty.
pub async fn account_store(one: &dyn AccountStore, other: &dyn AccountStore) {
    kept(one, other).await;
    windows(one, other).await;
    deliveries(one).await;
}

fn later(minutes: u64) -> Timestamp {
    at().checked_add(Duration::from_secs(60 * minutes)).unwrap()
}

fn request(tenant: &TenantId, id: &str) -> RunRequest {
    serde_json::from_value(json!({
        "customer_id": tenant, "execution_id": id, "agent_id": "agent_1", "request": {}
    }))
    .unwrap()
}

async fn kept(one: &dyn AccountStore, other: &dyn AccountStore) {
    let profile = CustomerProfile {
        name: "Bright Smile".into(),
        email: "owner@example.com".parse().unwrap(),
    };
    let agents = ["agent_1", "agent_2"].map(|id| AgentId::new(id).unwrap());
    for _ in 0..2 {
        one.put_profile(&profile).await.unwrap();
        assert_eq!(one.profile().await.unwrap(), Some(profile.clone()));
        for agent in &agents {
            one.put_schedule(agent, &schedule("rate(1 day)", true))
                .await
                .unwrap();
        }
    }
    one.put_schedule(&agents[1], &schedule("rate(2 days)", true))
        .await
        .unwrap();
    for (agent, expression) in agents.iter().zip(["rate(1 day)", "rate(2 days)"]) {
        let found = one.schedule(agent).await.unwrap();
        assert_eq!(found, Some(schedule(expression, true)));
    }

    let claim = |id: &str, requested_at| RunClaim {
        request: request(one.tenant(), id),
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

    assert_eq!(other.profile().await.unwrap(), None);
    assert_eq!(other.schedule(&agents[0]).await.unwrap(), None);
    assert_eq!(other.run_claim(&run_id("exec_1")).await.unwrap(), None);
}

/// A window is one alert's until its time is over.
async fn windows(one: &dyn AccountStore, other: &dyn AccountStore) {
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
    for (account, rule) in [(one, "another rule"), (other, "recipe_failed")] {
        let taken = account
            .claim_alert_window(rule, &b, at(), later(1))
            .await
            .unwrap();
        assert!(taken, "{rule}");
    }
}

/// A delivery has one owner and ends once.
async fn deliveries(account: &dyn AccountStore) {
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
