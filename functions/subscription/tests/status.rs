//! Figures, thresholds and repeats of the subscription recipe.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use hunter_core::recipe::Recipe;
use std::{collections::BTreeMap, sync::Arc};

use hunter_contracts::*;
use hunter_core::{
    ports::ManualClock,
    recipe::Context,
    test_support::{AccountDouble, StoreDouble, agent},
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

fn debit(at: &str, amount: f64) -> LedgerEntry {
    LedgerEntry {
        id: format!("debit {at} {amount}"),
        kind: EntryKind::Debit,
        amount: credits(amount),
        at: at.parse().unwrap(),
        execution_id: Some(exec(at, 1)),
        recipe_id: None,
        chunk: None,
        rate_card: None,
        lines: Vec::new(),
    }
}

/// The specification's example: 42.50 of 99.99 used.
fn account() -> AccountDouble {
    let mut grant = debit("2025-12-01T00:00:00Z", 99.99);
    grant.kind = EntryKind::Grant;
    AccountDouble {
        plan: Some(Plan {
            plan_id: "professional".into(),
            monthly_credits: credits(99.99),
            api_calls_limit: 100_000,
            cycle_ends: date(2025, 12, 31),
            trial_ends: None,
        }),
        balance: Balance {
            avail: credits(57.49),
            held: Credits::ZERO,
            spent: credits(142.50),
        },
        hold: None,
        // November's hundred do not count.
        entries: vec![
            debit("2025-11-30T23:00:00Z", 100.0),
            grant,
            debit("2025-12-14T10:00:00Z", 42.5),
        ],
        api_calls: BTreeMap::from([(
            (BillingMonth::at(now()), exec("2025-12-10T00:00:00Z", 3)),
            45_000,
        )]),
        alerts: BTreeMap::new(),
    }
}

fn context(store: Arc<StoreDouble>, agent: AgentConfig, at: Timestamp) -> Context {
    let clock = Arc::new(ManualClock::new(at));
    let mut context = Context::for_test(RecipeId::Subscription, store, clock, agent);
    context.execution_id = exec("2025-12-14T10:40:00Z", 9);
    context
}

fn payload() -> SubscriptionPayload {
    SubscriptionPayload {
        credits_used_this_run: credits(6.88),
        api_calls_this_run: 378,
    }
}

fn store(account: AccountDouble) -> Arc<StoreDouble> {
    Arc::new(StoreDouble::of_account(account))
}

async fn run(store: &Arc<StoreDouble>) -> SubscriptionData {
    let context = context(store.clone(), agent(), now());
    Subscription.run(&context, payload()).await.unwrap().data
}

#[tokio::test]
async fn the_specifications_example_comes_out() {
    let store = store(account());
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
    assert!(store.stored_alerts().is_empty());
}

#[tokio::test]
async fn a_repeat_changes_nothing_even_in_the_next_month() {
    let mut full = account();
    full.balance.avail = Credits::ZERO;
    let store = store(full);
    let first = run(&store).await;
    let stored = store.stored_alerts();
    assert_eq!(stored.len(), 1);
    let later = context(
        store.clone(),
        agent(),
        "2026-01-01T00:05:00Z".parse().unwrap(),
    );
    let second = Subscription.run(&later, payload()).await.unwrap().data;
    assert_eq!(first, second);
    assert_eq!(store.stored_alerts(), stored);
}

#[tokio::test]
async fn eighty_percent_is_near_and_one_millionth_less_is_not() {
    for (used, remaining, triggered) in [(80.0, 20.0, true), (79.999_999, 20.000_001, false)] {
        let mut account = account();
        account.plan.as_mut().unwrap().monthly_credits = credits(100.0);
        account.balance.avail = credits(remaining);
        account.entries = vec![debit("2025-12-02T00:00:00Z", used)];
        let store = store(account);
        let data = run(&store).await;
        assert_eq!(data.alerts[0].triggered, triggered, "{used}");
        let stored = store.stored_alerts();
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
    let store = store(account);
    let data = run(&store).await;
    assert_eq!(
        data.alerts[0].message,
        "You are using 100% of your monthly API calls"
    );
    assert_eq!(
        data.alerts[1].message,
        "All API calls are used until 2025-12-31"
    );
    assert_eq!(store.stored_alerts().len(), 2);
}

#[tokio::test]
async fn bought_credits_are_not_a_limit_and_an_open_hold_is_not_spent() {
    let mut account = account();
    account.entries = vec![debit("2025-12-02T00:00:00Z", 99.99)];
    account.balance.avail = Credits::ZERO;
    account.hold = Some(Hold {
        amount: credits(60.0),
        left: credits(50.0),
        settled: credits(10.0),
        open: true,
    });
    let data = run(&store(account)).await;
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
        let data = run(&store(account)).await;
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
    let on = store(account());
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
        on.stored_alerts().values().next().unwrap().severity,
        Severity::Info
    );
    agent.alerts = vec![rule(false, 40)];
    let off = store(account());
    Subscription
        .run(&context(off.clone(), agent, now()), payload())
        .await
        .unwrap();
    assert!(off.stored_alerts().is_empty());
}

#[tokio::test]
async fn a_ledger_too_long_to_read_is_answered_from_the_plan() {
    let mut account = account();
    account.entries = vec![debit("2025-12-02T00:00:00Z", 0.001); 10_001];
    let data = run(&store(account)).await;
    assert_eq!(
        data.subscription_status.credits_used_this_month,
        credits(42.5)
    );
}

#[tokio::test]
async fn without_a_plan_the_step_says_what_to_do() {
    let mut account = account();
    account.plan = None;
    let context = context(store(account), agent(), now());
    let failure = Subscription.run(&context, payload()).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidConfiguration);
    assert!(
        failure.message.contains("`cust_001` has no plan"),
        "{}",
        failure.message
    );
}

proptest::proptest! {
    #[test]
    fn figures_of_any_size_are_answered(
        used in 0_i64..1 << 52, left in 0_i64..1 << 52, total in 0_i64..1 << 52, calls in 0_u64..,
    ) {
        let mut account = account();
        let plan = account.plan.as_mut().unwrap();
        plan.monthly_credits = Credits::from_micros(total);
        plan.api_calls_limit = calls;
        account.balance.avail = Credits::from_micros(left);
        let mut entry = debit("2025-12-02T00:00:00Z", 0.0);
        entry.amount = Credits::from_micros(used);
        account.entries = vec![entry];
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let data = runtime.block_on(run(&store(account)));
        proptest::prop_assert_eq!(data.subscription_status.credits_used_this_month.micros(), used);
        proptest::prop_assert_eq!(data.alerts[1].triggered, left == 0 || calls <= 45_378);
    }
}
