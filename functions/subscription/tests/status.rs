//! Figures, thresholds and repeats of the subscription recipe.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeMap, sync::Arc};

use hunter_aws::test_support::Embedded;
use hunter_contracts::*;
use hunter_core::{
    ports::ManualClock,
    recipe::{Context, Recipe},
    store::{Debit, TenantStore},
    test_support::agent,
};
use jiff::{Timestamp, civil::date};
use subscription::Subscription;

/// Sunday, 14 December 2025.
fn now() -> Timestamp {
    "2025-12-14T10:46:00Z".parse().unwrap()
}

fn credits(value: f64) -> Credits {
    Credits::from_decimal(value).unwrap()
}

fn exec(at: &str, n: u128) -> ExecutionId {
    let at: Timestamp = at.parse().unwrap();
    let millis = u64::try_from(at.as_millisecond()).unwrap();
    ExecutionId::derived("exec", &ulid::Ulid::from_parts(millis, n).to_string())
}

/// What a customer's account has seen.
struct Account {
    plan: Option<Plan>,
    /// Credits that are free in the end.
    left: Credits,
    /// Runs that are closed: when, and what each was charged.
    debits: Vec<(&'static str, Credits)>,
    /// Outside calls of another run of the month.
    api_calls: u64,
}

/// The specification's example: 42.50 of 99.99 used.
fn account() -> Account {
    Account {
        plan: Some(Plan {
            plan_id: "professional".into(),
            monthly_credits: credits(99.99),
            api_calls_limit: 100_000,
            cycle_ends: date(2025, 12, 31),
            trial_ends: None,
        }),
        left: credits(57.49),
        // November's hundred do not count.
        debits: vec![
            ("2025-11-30T23:00:00Z", credits(100.0)),
            ("2025-12-14T10:00:00Z", credits(42.5)),
        ],
        api_calls: 45_000,
    }
}

impl Account {
    /// The account's store, as the Hunter would have left it.
    async fn store(&self) -> Arc<dyn TenantStore> {
        let embedded = Embedded::start(Arc::new(ManualClock::new(now()))).await;
        let store = embedded.tenant("cust_001");
        self.happen(store.as_ref()).await;
        store
    }

    async fn happen(&self, store: &dyn TenantStore) {
        if let Some(plan) = &self.plan {
            store.put_plan(plan).await.unwrap();
        }
        let begun = "2025-11-01T00:00:00Z".parse().unwrap();
        store.grant("left", self.left, begun).await.unwrap();
        for (at, amount) in &self.debits {
            store.grant(at, *amount, begun).await.unwrap();
            let id = exec(at, 1);
            charge(store, &id, at, *amount, *amount).await;
            store.close(&id, at.parse().unwrap()).await.unwrap();
        }
        let (month, other) = (BillingMonth::at(now()), exec("2025-12-10T00:00:00Z", 3));
        store
            .add_api_calls(month, &other, self.api_calls)
            .await
            .unwrap();
    }
}

/// Reserves, and charges a part of it.
async fn charge(
    store: &dyn TenantStore,
    id: &ExecutionId,
    at: &str,
    reserved: Credits,
    amount: Credits,
) {
    let at = at.parse().unwrap();
    store.reserve(id, reserved, at).await.unwrap();
    let debit = Debit {
        execution_id: id.clone(),
        recipe: RecipeId::Discovery,
        chunk: None,
        lines: vec![ChargeLine {
            lead_id: LeadId::derived("lead", "1"),
            action: "lead_screened".into(),
            amount,
        }],
        rate_card: RateCard::first().id,
        at,
    };
    store.settle(&debit).await.unwrap();
}

fn context(store: Arc<dyn TenantStore>, agent: AgentConfig, at: Timestamp) -> Context {
    let clock = Arc::new(ManualClock::new(at));
    let mut context = Context::for_test(RecipeId::Subscription, store, clock, agent);
    context.execution_id = this_run();
    context
}

fn this_run() -> ExecutionId {
    exec("2025-12-14T10:40:00Z", 9)
}

async fn alerts(store: &dyn TenantStore) -> BTreeMap<AlertId, AlertRecord> {
    let stored = store.alerts(100, None).await.unwrap().items.into_iter();
    stored.map(|alert| (alert.id.clone(), alert)).collect()
}

fn payload() -> SubscriptionPayload {
    SubscriptionPayload {
        credits_used_this_run: credits(6.88),
        api_calls_this_run: 378,
    }
}

async fn run(store: &Arc<dyn TenantStore>) -> SubscriptionData {
    let context = context(store.clone(), agent(), now());
    Subscription.run(&context, payload()).await.unwrap().data
}

#[tokio::test]
async fn the_specifications_example_comes_out() {
    let store = account().store().await;
    let data = run(&store).await;
    let json = serde_json::to_value(&data.subscription_status).unwrap();
    let expected = serde_json::json!({
        "plan_id": "professional", "monthly_credits_total": 99.99,
        "credits_used_this_month": 42.5, "credits_remaining": 57.49,
        "api_calls_limit": 100_000, "api_calls_used_this_month": 45_378,
        "api_calls_remaining": 54_622, "billing_cycle_ends": "2025-12-31"
    });
    assert_eq!(json, expected);
    let alert = serde_json::to_value(&data.alerts[0]).unwrap();
    assert_eq!(alert["type"], "approaching_limit");
    assert_eq!(alert["threshold_type"], "percentage");
    assert_eq!(alert["threshold_value"], 20);
    assert_eq!(alert["triggered"], false);
    assert_eq!(
        alert["message"],
        "You are using 42% of your monthly credits"
    );
    assert!(alerts(store.as_ref()).await.is_empty());
}

#[tokio::test]
async fn a_repeat_changes_nothing_even_in_the_next_month() {
    let mut full = account();
    full.left = Credits::ZERO;
    let store = full.store().await;
    let first = run(&store).await;
    let stored = alerts(store.as_ref()).await;
    assert_eq!(stored.len(), 1);
    let later = context(
        store.clone(),
        agent(),
        "2026-01-01T00:05:00Z".parse().unwrap(),
    );
    let second = Subscription.run(&later, payload()).await.unwrap().data;
    assert_eq!(first, second);
    assert_eq!(alerts(store.as_ref()).await, stored);
}

#[tokio::test]
async fn eighty_percent_is_near_and_one_millionth_less_is_not() {
    for (used, remaining, triggered) in [(80.0, 20.0, true), (79.999_999, 20.000_001, false)] {
        let mut account = account();
        account.plan.as_mut().unwrap().monthly_credits = credits(100.0);
        account.left = credits(remaining);
        account.debits = vec![("2025-12-02T00:00:00Z", credits(used))];
        let store = account.store().await;
        let data = run(&store).await;
        assert_eq!(data.alerts[0].triggered, triggered, "{used}");
        let stored = alerts(store.as_ref()).await;
        assert_eq!(stored.len(), usize::from(triggered));
        for alert in stored.values() {
            assert_eq!(
                alert.trigger_type,
                AlertTrigger::SubscriptionApproachingLimit
            );
            assert_eq!(alert.id, data.alerts[0].id);
            assert!(alert.suggested_action.is_some() && alert.expires_at > alert.created_at);
        }
    }
}

#[tokio::test]
async fn calls_run_out_as_well_as_credits() {
    let mut account = account();
    account.plan.as_mut().unwrap().api_calls_limit = 45_378;
    let store = account.store().await;
    let data = run(&store).await;
    assert_eq!(
        data.alerts[0].message,
        "You are using 100% of your monthly API calls"
    );
    assert_eq!(
        data.alerts[1].message,
        "All API calls are used until 2025-12-31"
    );
    assert_eq!(alerts(store.as_ref()).await.len(), 2);
}

#[tokio::test]
async fn bought_credits_are_not_a_limit_and_an_open_hold_is_not_spent() {
    let mut account = account();
    account.debits = vec![("2025-12-02T00:00:00Z", credits(99.99))];
    account.left = credits(60.0);
    let store = account.store().await;
    let (reserved, charged) = (credits(60.0), credits(10.0));
    charge(
        store.as_ref(),
        &this_run(),
        "2025-12-14T10:40:00Z",
        reserved,
        charged,
    )
    .await;
    let data = run(&store).await;
    assert_eq!(data.subscription_status.credits_remaining, credits(50.0));
    assert!(
        data.alerts.iter().all(|a| !a.triggered),
        "{:?}",
        data.alerts
    );
}

#[tokio::test]
async fn the_trials_end_is_announced_seven_days_before() {
    for (ends, triggered, text) in [
        (date(2025, 12, 22), false, "in 8 days"),
        (date(2025, 12, 21), true, "in 7 days"),
        (date(2025, 12, 14), true, "today"),
        (date(2025, 12, 13), false, "ended on"),
        (date(2026, 2, 13), false, "in 61 days"),
    ] {
        let mut account = account();
        account.plan.as_mut().unwrap().trial_ends = Some(ends);
        let data = run(&account.store().await).await;
        let alert = &data.alerts[2];
        assert_eq!(alert.kind, ThresholdKind::TrialEnding);
        assert_eq!(alert.triggered, triggered, "{ends}");
        assert!(alert.message.contains(text), "{}", alert.message);
    }
}

#[tokio::test]
async fn the_agents_own_percentage_applies_and_a_disabled_rule_stores_nothing() {
    let rule = |enabled, percent| AlertConfig {
        id: "a".into(),
        trigger: AlertTrigger::SubscriptionApproachingLimit,
        severity: Severity::Info,
        channels: Vec::new(),
        recipients: Vec::new(),
        template: None,
        enabled,
        max_frequency_hours: None,
        threshold_percentage: Some(percent),
    };
    let mut agent = agent();
    agent.alerts = vec![rule(true, 40)];
    let on = account().store().await;
    let data = Subscription
        .run(&context(on.clone(), agent.clone(), now()), payload())
        .await
        .unwrap()
        .data;
    assert_eq!(
        (data.alerts[0].threshold_value, data.alerts[0].triggered),
        (60, true)
    );
    assert_eq!(
        alerts(on.as_ref()).await.values().next().unwrap().severity,
        Severity::Info
    );
    agent.alerts = vec![rule(false, 40)];
    let off = account().store().await;
    Subscription
        .run(&context(off.clone(), agent, now()), payload())
        .await
        .unwrap();
    assert!(alerts(off.as_ref()).await.is_empty());
}

#[tokio::test]
async fn a_ledger_too_long_to_read_is_answered_from_the_plan() {
    let mut account = account();
    account.debits.clear();
    let embedded = Embedded::start(Arc::new(ManualClock::new(now()))).await;
    let store = embedded.tenant("cust_001");
    account.happen(store.as_ref()).await;
    embedded.lengthen_ledger("cust_001", 10_000).await;
    let data = run(&store).await;
    assert_eq!(
        data.subscription_status.credits_used_this_month,
        credits(42.5)
    );
}

#[tokio::test]
async fn without_a_plan_the_step_says_what_to_do() {
    let mut account = account();
    account.plan = None;
    let context = context(account.store().await, agent(), now());
    let failure = Subscription.run(&context, payload()).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidConfiguration);
    assert!(
        failure.message.contains("`cust_001` has no plan"),
        "{}",
        failure.message
    );
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]
    #[test]
    fn figures_of_any_size_are_answered(
        used in 0_i64..1 << 49, left in 0_i64..1 << 49, total in 0_i64..1 << 52, calls in 0_u64..,
    ) {
        let mut account = account();
        let plan = account.plan.as_mut().unwrap();
        plan.monthly_credits = Credits::from_micros(total);
        plan.api_calls_limit = calls;
        account.left = Credits::from_micros(left);
        account.debits = vec![("2025-12-02T00:00:00Z", Credits::from_micros(used))];
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let data = runtime.block_on(async { run(&account.store().await).await });
        proptest::prop_assert_eq!(data.subscription_status.credits_used_this_month.micros(), used);
        proptest::prop_assert_eq!(data.alerts[1].triggered, left == 0 || calls <= 45_378);
    }
}
