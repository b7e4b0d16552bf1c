//! What is refused before anything happens.

use hunter_contracts::{
    AgentId, Credits, DiscoveryPayload, EntryKind, ErrorCode, OnInsufficientCredits, RecipeId,
    RunStatus,
};
use hunter_core::ports::Clock;
use hunter_e2e::{Customer, Terms, World, WorldOptions, target};
use jiff::{ToSpan, tz::TimeZone};

/// A world without a town: nothing gets that far.
async fn bare_world() -> World {
    World::open(WorldOptions {
        town: 0,
        ..WorldOptions::default()
    })
    .await
}

fn credits(decimal: f64) -> Credits {
    Credits::from_decimal(decimal).unwrap()
}

#[tokio::test]
async fn without_credits_a_run_is_refused_and_nothing_is_stored() {
    let world = bare_world().await;
    let terms = Terms {
        credits: Credits::ZERO,
        ..Terms::default()
    };
    let customer = Customer::sign_up(&world, "cust_poor", terms).await;
    let request = customer.request("exec_poor", target(10));
    let ended = world.engine().run(&request, std::future::pending()).await;
    let failure = ended.failure.unwrap();
    assert_eq!(failure.code, ErrorCode::InsufficientCredits);
    assert!(failure.message.contains("add credits"), "{failure}");
    customer.assert_untouched().await;
}

#[tokio::test]
async fn with_too_few_credits_the_refusal_names_what_is_affordable() {
    let world = World::usual().await;
    let terms = Terms {
        credits: credits(1.0),
        ..Terms::default()
    };
    let customer = Customer::sign_up(&world, "cust_short", terms).await;
    let request = customer.request("exec_short", target(200));
    let ended = world.engine().run(&request, std::future::pending()).await;
    let failure = ended.failure.unwrap();
    assert_eq!(failure.code, ErrorCode::InsufficientCredits);
    // 1 credit at 0.08 a lead.
    assert!(failure.message.contains("`max_results` to 12"), "{failure}");
    customer.assert_untouched().await;

    let request = customer.request("exec_fits", target(12));
    let ended = world.engine().run(&request, std::future::pending()).await;
    assert!(ended.failure.is_none(), "the advice was wrong: {ended:?}");
    let result = customer.result(&request.execution_id).await;
    assert_eq!(result.run.status, RunStatus::Succeeded, "{:?}", result.run);
    result.assert_sound();
}

#[tokio::test]
async fn a_queued_run_waits_until_the_cycle_renews_and_then_runs() {
    let world = World::usual().await;
    let today = world.clock.now().to_zoned(TimeZone::UTC).date();
    let cycle_ends = today.checked_add(9.days()).unwrap();
    let mut terms = Terms {
        credits: credits(0.5),
        cycle_ends: Some(cycle_ends),
        ..Terms::default()
    };
    terms.agent.on_insufficient_credits = OnInsufficientCredits::Queue;
    let customer = Customer::sign_up(&world, "cust_queue", terms).await;
    let request = customer.request("exec_queue", target(15));
    let (store, id) = (customer.store.clone(), request.execution_id.clone());
    let now = world.clock.now();
    world.timer.during_next_wait(Box::pin(async move {
        let run = store.run(&id).await.unwrap().unwrap();
        assert_eq!(run.status, RunStatus::Queued);
        assert_eq!(run.error_code, Some(ErrorCode::InsufficientCredits));
        assert!(store.hold(&id).await.unwrap().is_none());
        store.grant("next-cycle", credits(50.0), now).await.unwrap();
    }));
    let ended = world.engine().run(&request, std::future::pending()).await;
    assert!(ended.failure.is_none(), "{ended:?}");
    let renewal = cycle_ends
        .tomorrow()
        .unwrap()
        .to_zoned(TimeZone::UTC)
        .unwrap();
    let wait = renewal.timestamp().duration_since(now);
    assert_eq!(world.timer.waits(), [wait.unsigned_abs()]);
    let result = customer.result(&request.execution_id).await;
    assert_eq!(result.run.status, RunStatus::Succeeded, "{:?}", result.run);
    assert_eq!((&result.run.reason, result.run.error_code), (&None, None));
    result.assert_sound();
    result.assert_adds_up();
}

#[tokio::test]
async fn an_agent_that_is_not_there_or_not_valid_is_refused() {
    let world = bare_world().await;
    let customer = Customer::sign_up(&world, "cust_agents", Terms::default()).await;
    let mut request = customer.request("exec_unknown", target(10));
    request.agent_id = AgentId::new("agent_nobody").unwrap();
    let ended = world.engine().run(&request, std::future::pending()).await;
    let failure = ended.failure.unwrap();
    assert_eq!(failure.code, ErrorCode::NotFound);
    assert!(failure.message.contains("agent_nobody"), "{failure}");
    customer.assert_untouched().await;

    let mut agent = customer.agent.clone();
    agent
        .recipes
        .retain(|recipe| recipe.id != RecipeId::Subscription);
    customer.store.put_agent(&agent).await.unwrap();
    let request = customer.request("exec_invalid", target(10));
    let ended = world.engine().run(&request, std::future::pending()).await;
    let failure = ended.failure.unwrap();
    assert_eq!(failure.code, ErrorCode::InvalidConfiguration);
    assert!(failure.message.contains("subscription"), "{failure}");
    customer.assert_untouched().await;
}

#[tokio::test]
async fn a_bad_target_is_refused_with_its_field() {
    let world = bare_world().await;
    let customer = Customer::sign_up(&world, "cust_targets", Terms::default()).await;
    let good = || target(10);
    let table: [(&str, DiscoveryPayload); 5] = [
        (
            "keywords",
            DiscoveryPayload {
                keywords: Vec::new(),
                ..good()
            },
        ),
        (
            "keywords[0]",
            DiscoveryPayload {
                keywords: vec![" ".into()],
                ..good()
            },
        ),
        (
            "max_results",
            DiscoveryPayload {
                max_results: Some(0),
                ..good()
            },
        ),
        (
            "depth",
            DiscoveryPayload {
                depth: Some(9),
                ..good()
            },
        ),
        (
            "location",
            DiscoveryPayload {
                location: Some(String::new()),
                ..good()
            },
        ),
    ];
    for (number, (field, target)) in (1..).zip(table) {
        let request = customer.request(&format!("exec_bad_{number}"), target);
        let ended = world.engine().run(&request, std::future::pending()).await;
        let failure = ended.failure.unwrap();
        assert_eq!(failure.code, ErrorCode::InvalidInput, "{field}");
        assert!(failure.message.contains(field), "{field}: {failure}");
    }
    customer.assert_untouched().await;
}

#[tokio::test]
async fn a_source_that_is_not_there_fails_the_run_and_releases_its_credits() {
    let world = bare_world().await;
    let customer = Customer::sign_up(&world, "cust_source", Terms::default()).await;
    let source = Some("file:yellow_pages.csv".to_owned());
    let request = customer.request(
        "exec_source",
        DiscoveryPayload {
            source,
            ..target(10)
        },
    );
    world.engine().run(&request, std::future::pending()).await;
    let result = customer.result(&request.execution_id).await;
    assert_eq!(result.run.status, RunStatus::Failed);
    assert_eq!(result.run.error_code, Some(ErrorCode::InvalidInput));
    assert!(result.run.reason.clone().unwrap().contains("yellow_pages"));
    assert_eq!(result.run.charged, Credits::ZERO);
    result.assert_sound();
    let debits = result.books.entries.iter();
    assert!(debits.clone().all(|e| e.kind != EntryKind::Debit));
}
