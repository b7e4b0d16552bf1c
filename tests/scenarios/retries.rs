//! The customer's retry policy.

use std::time::Duration;

use hunter_contracts::{
    AlertTrigger, BackoffStrategy, Credits, ErrorCode, RecipeId, RetryPolicy, RunStatus,
};
use hunter_e2e::{Customer, Terms, World, WorldOptions, target};
use hunter_sandbox::{Endpoint, Faults};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Linear waits of 20 s: they cannot be taken for anything else.
fn terms() -> Terms {
    attempts(4)
}

fn attempts(max_attempts: u32) -> Terms {
    let mut terms = Terms::default();
    let discovery = terms.agent.recipes.iter_mut();
    let discovery = discovery.filter(|recipe| recipe.id == RecipeId::Discovery);
    for recipe in discovery {
        recipe.retry_policy = Some(RetryPolicy {
            max_attempts,
            backoff_strategy: BackoffStrategy::Linear,
            backoff_base_ms: 20_000,
            backoff_max_ms: 50_000,
            ..RetryPolicy::default()
        });
    }
    terms
}

/// Places turns `rejections` calls away after the first `after`.
async fn limited(after: u64, rejections: u64) -> World {
    let mut faults = Faults::none();
    faults.rate_limit_after = Some(after);
    faults.rate_limit_rejections = rejections;
    World::open(WorldOptions {
        town: 60,
        faults: Some(faults),
        ..WorldOptions::default()
    })
    .await
}

/// Calls Places so often that the next call is turned away.
async fn use_up(world: &World, calls: u64) {
    let address = world.sandbox().address(Endpoint::PLACES);
    for _ in 0..calls {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = "GET / HTTP/1.1\r\nhost: places\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.unwrap();
    }
}

fn turned_away(world: &World) -> u64 {
    let counters = world.sandbox().counters();
    let places = counters.by_status.get("places");
    places.and_then(|by| by.get(&429)).copied().unwrap_or(0)
}

#[tokio::test]
async fn a_source_that_never_recovers_fails_the_run_after_the_policys_waits() {
    let world = limited(0, 1).await;
    let customer = Customer::sign_up(&world, "cust_limited", terms()).await;
    let request = customer.request("exec_limited", target(20));
    let ended = world.engine().run(&request, std::future::pending()).await;
    let waits = [20, 40, 50].map(Duration::from_secs);
    assert_eq!(world.timer.waits(), waits);
    assert_eq!(ended.failure.unwrap().code, ErrorCode::FunctionFailed);
    let result = customer.result(&request.execution_id).await;
    assert_eq!(result.run.status, RunStatus::Failed, "{:?}", result.run);
    assert_eq!(result.run.error_code, Some(ErrorCode::ApiRateLimit));
    assert_eq!(result.run.charged, Credits::ZERO);
    result.assert_sound();
    assert_eq!(result.books.balance.held, Credits::ZERO);
    let raised: Vec<_> = result.alerts.iter().map(|a| a.trigger_type).collect();
    assert!(raised.contains(&AlertTrigger::RecipeFailed), "{raised:?}");
    assert!(
        raised.contains(&AlertTrigger::DiscoveryRateLimit),
        "{raised:?}"
    );
    assert!(turned_away(&world) >= 4, "four attempts");
}

#[tokio::test]
async fn a_source_that_recovers_makes_the_run_late_but_whole() {
    // How many calls two attempts make when all are turned away: the second one makes fewer, since
    // the first has used up the repeats that a failing service gets.
    let world = limited(0, 1).await;
    let customer = Customer::sign_up(&world, "cust_away", attempts(2)).await;
    let request = customer.request("exec_away", target(20));
    world.engine().run(&request, std::future::pending()).await;
    let rejections = turned_away(&world);

    let world = limited(100, rejections).await;
    use_up(&world, 100).await;
    let customer = Customer::sign_up(&world, "cust_late", terms()).await;
    let request = customer.request("exec_late", target(20));
    let ended = world.engine().run(&request, std::future::pending()).await;
    assert!(ended.failure.is_none(), "{ended:?}");
    assert_eq!(world.timer.waits(), [20, 40].map(Duration::from_secs));
    assert_eq!(turned_away(&world), rejections);
    let late = customer.result(&request.execution_id).await;
    assert_eq!(late.run.status, RunStatus::Succeeded, "{:?}", late.run);
    late.assert_sound();
    late.assert_adds_up();
    assert!(!late.drafts.is_empty());
}
