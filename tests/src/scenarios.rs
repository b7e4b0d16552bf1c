//! The end-to-end scenarios: what must hold on any engine.
//!
//! Each is run on the embedded interpreter by `tests/scenarios/any_engine.rs`, and on engines that
//! others wrote by `tests/engines`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use hunter_contracts::{
    AlertTrigger, BackoffStrategy, Credits, DiscoveryPayload, ErrorCode, RECIPES, RecipeId,
    RetryPolicy, RunStatus, Turn,
};
use hunter_sandbox::Faults;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{
    Account, Disturbance, Embedded, EngineUnderTest, RunEnd, RunResult, Setup, Step, Terms, target,
};

/// Leads that a run screens at most.
const RESULTS: u32 = 20;
/// The first wait of the retry policy, and what each later one is longer by.
const RETRY_BASE: Duration = Duration::from_secs(3);

/// Two chunks or more; the run goes on after a failure of `recipe` or not.
fn chunks(recipe: RecipeId, goes_on: bool) -> Terms {
    let mut terms = Terms::default();
    terms.agent.chunk_size = 4;
    terms.agent.max_concurrency = 2;
    for config in &mut terms.agent.recipes {
        if config.id == recipe {
            config.continue_on_failure = goes_on;
        }
    }
    terms
}

/// One run of a new customer, and what it left behind; sound in any case.
async fn run(
    engine: &dyn EngineUnderTest,
    name: &str,
    terms: Terms,
    target: DiscoveryPayload,
) -> (RunEnd, RunResult) {
    let customer = engine.sign_up(&format!("cust_{name}"), terms).await;
    run_of(engine, &customer, name, target).await
}

async fn run_of(
    engine: &dyn EngineUnderTest,
    customer: &Account,
    name: &str,
    target: DiscoveryPayload,
) -> (RunEnd, RunResult) {
    let request = customer.request(&format!("exec_{name}"), target);
    let end = engine.run(&request).await;
    let result = customer.result(&request.execution_id).await;
    println!(
        "{name}: {} {:?} in {:?}; run {:?}, {} leads, {} drafts, {} steps",
        end.status,
        end.error,
        end.elapsed,
        result.run.status,
        result.leads.len(),
        result.drafts.len(),
        end.steps.len(),
    );
    result.assert_sound();
    (end, result)
}

/// Asserts the order of the steps: discovery first, the recipes of each chunk in the cookbook's
/// order, whichever chunk comes when, subscription last. Answers the recipes of each chunk.
fn assert_order(steps: &[Step]) -> BTreeMap<u32, Vec<RecipeId>> {
    assert_eq!(
        steps.first(),
        Some(&(RecipeId::Discovery, None)),
        "{steps:?}"
    );
    assert_eq!(
        steps.last(),
        Some(&(RecipeId::Subscription, None)),
        "{steps:?}"
    );
    let mut lanes: BTreeMap<u32, Vec<RecipeId>> = BTreeMap::new();
    for &(recipe, chunk) in &steps[1..steps.len() - 1] {
        let chunk = chunk.unwrap_or_else(|| panic!("{recipe} outside of a chunk: {steps:?}"));
        lanes.entry(chunk).or_default().push(recipe);
    }
    lanes
}

/// The recipes of a chunk, in their order.
fn of_chunks() -> Vec<RecipeId> {
    let chunks = RECIPES.iter().filter(|recipe| recipe.turn == Turn::Chunk);
    chunks.map(|recipe| recipe.id).collect()
}

/// What every whole run must show.
fn assert_whole(end: &RunEnd, result: &RunResult) {
    assert_eq!(
        (end.status.as_str(), &end.error),
        ("SUCCEEDED", &None),
        "{end:?}"
    );
    assert_eq!(result.run.status, RunStatus::Succeeded, "{:?}", result.run);
    result.assert_adds_up();
    let drafts = u64::try_from(result.drafts.len()).unwrap();
    assert!(drafts > 2, "{drafts} drafts");
    assert_eq!(result.run.stages[&RecipeId::Outreach].succeeded, drafts);
    for (chunk, recipes) in assert_order(&end.steps) {
        assert_eq!(recipes, of_chunks(), "chunk {chunk}");
    }
    let charged: BTreeSet<_> = result
        .debits()
        .filter_map(|debit| debit.recipe_id)
        .collect();
    assert!(charged.contains(&RecipeId::Discovery), "{charged:?}");
    assert!(charged.contains(&RecipeId::Personalization), "{charged:?}");
}

/// A run that goes well.
pub async fn success(engine: &dyn EngineUnderTest) {
    engine.prepare(Setup::default()).await.unwrap();
    let (end, result) = run(engine, "success", Terms::default(), target(RESULTS)).await;
    assert_whole(&end, &result);
    // Every lead is drafted or its failure is named.
    for lead in &result.leads {
        let drafted = result
            .drafts
            .iter()
            .any(|draft| draft.job.lead_id == lead.id);
        let mut errors = result.run.errors.iter();
        let named = errors.any(|error| error.record_id == lead.id.as_str());
        assert!(
            drafted != named,
            "{} drafted: {drafted}, failed: {named}",
            lead.id
        );
    }
}

/// A recipe fails for good in one chunk: that chunk loses its drafts and the others do not.
pub async fn partial(engine: &dyn EngineUnderTest) {
    let refused = Disturbance::Refused(RecipeId::Intelligence, 1);
    engine.prepare(disturbed(refused)).await.unwrap();
    let terms = chunks(RecipeId::Intelligence, false);
    let (end, result) = run(engine, "partial", terms, target(RESULTS)).await;
    assert_eq!(end.status, "SUCCEEDED", "{end:?}");
    assert_eq!(result.run.status, RunStatus::Partial, "{:?}", result.run);
    assert_eq!(result.run.error_code, Some(ErrorCode::LimitExceeded));
    assert!(
        result
            .run
            .errors
            .iter()
            .any(|error| error.record_id == "chunk 1")
    );
    assert!(!result.drafts.is_empty());
    let lanes = assert_order(&end.steps);
    assert!(lanes.len() > 1 || !lanes.contains_key(&1), "{lanes:?}");
    for (chunk, recipes) in lanes {
        let whole = chunk != 1;
        assert_eq!(recipes == of_chunks(), whole, "chunk {chunk}: {recipes:?}");
    }
    let charged = charged_steps(&result);
    assert!(
        !charged.contains(&(RecipeId::Intelligence, Some(1))),
        "{charged:?}"
    );
    assert!(
        charged.contains(&(RecipeId::Intelligence, Some(0))),
        "{charged:?}"
    );
    let raised: Vec<_> = result
        .alerts
        .iter()
        .map(|alert| alert.trigger_type)
        .collect();
    assert!(raised.contains(&AlertTrigger::RecipeFailed), "{raised:?}");
}

/// The same failure of a recipe after which the customer goes on: only its result is missing.
pub async fn continue_on_failure(engine: &dyn EngineUnderTest) {
    let refused = Disturbance::Refused(RecipeId::Intelligence, 1);
    engine.prepare(disturbed(refused)).await.unwrap();
    let terms = chunks(RecipeId::Intelligence, true);
    let (end, result) = run(engine, "goes_on", terms, target(RESULTS)).await;
    assert_eq!(end.status, "SUCCEEDED", "{end:?}");
    assert_eq!(result.run.status, RunStatus::Partial, "{:?}", result.run);
    let lanes = assert_order(&end.steps);
    assert_eq!(lanes[&0], of_chunks());
    let went_on = lanes[&1]
        .iter()
        .filter(|&&recipe| recipe != RecipeId::Intelligence);
    assert!(went_on.eq(&of_chunks()[1..]), "{lanes:?}");
    let charged = charged_steps(&result);
    assert!(
        !charged.contains(&(RecipeId::Intelligence, Some(1))),
        "{charged:?}"
    );
    let mut errors = result.run.errors.iter();
    let told = errors.find(|error| error.record_id == "chunk 1").unwrap();
    assert!(told.error_message.contains("intelligence"), "{told:?}");
}

fn disturbed(disturbance: Disturbance) -> Setup {
    Setup {
        disturbance,
        ..Setup::default()
    }
}

fn charged_steps(result: &RunResult) -> BTreeSet<Step> {
    let debits = result.debits();
    debits
        .filter_map(|debit| Some((debit.recipe_id?, debit.chunk)))
        .collect()
}

/// Places turns `rejections` calls away after the first `after`.
fn limited(after: u64, rejections: u64) -> Setup {
    Setup {
        faults: Faults {
            rate_limit_after: Some(after),
            rate_limit_rejections: rejections,
            ..Faults::none()
        },
        ..Setup::default()
    }
}

/// Calls Places so often that the next call is turned away.
async fn use_up(places: SocketAddr, calls: u64) {
    for _ in 0..calls {
        let mut stream = TcpStream::connect(places).await.unwrap();
        let request = "GET / HTTP/1.1\r\nhost: places\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.unwrap();
    }
}

/// Discovery is retried `attempts` times in all, by the customer's policy.
fn patient(attempts: u32) -> Terms {
    let mut terms = Terms::default();
    let base_ms = u64::try_from(RETRY_BASE.as_millis()).unwrap();
    for recipe in &mut terms.agent.recipes {
        if recipe.id == RecipeId::Discovery {
            recipe.retry_policy = Some(RetryPolicy {
                max_attempts: attempts,
                backoff_strategy: BackoffStrategy::Linear,
                backoff_base_ms: base_ms,
                backoff_max_ms: 10 * base_ms,
                ..RetryPolicy::default()
            });
        }
    }
    terms
}

/// How many calls two attempts of discovery make when Places turns all away; the same everywhere.
/// The second one makes fewer: the first has used up the repeats that a failing service gets.
async fn calls_of_two_attempts() -> u64 {
    let engine = Embedded::default();
    engine.prepare(limited(0, 1)).await.unwrap();
    run(&engine, "turned_away", patient(2), target(RESULTS)).await;
    engine.turned_away().await
}

/// Places turns everything away for as long as two attempts last: the run waits twice as the
/// customer's policy says, and is whole.
pub async fn retry_by_policy(engine: &dyn EngineUnderTest) {
    let rejections = calls_of_two_attempts().await;
    engine.prepare(limited(100, rejections)).await.unwrap();
    use_up(engine.places().await, 100).await;
    let (end, result) = run(engine, "patient", patient(4), target(RESULTS)).await;
    assert_whole(&end, &result);
    // A timestamp's fraction of a second is dropped, so that a wait may be that much shorter.
    let waits = RETRY_BASE * (1 + 2);
    assert!(end.elapsed + Duration::from_secs(1) >= waits, "{end:?}");
}

/// A place file that nobody finds: discovery is required and fails, so the run fails, costs nothing
/// and keeps nothing reserved.
pub async fn required_recipe_fails(engine: &dyn EngineUnderTest) {
    engine.prepare(Setup::default()).await.unwrap();
    let target = DiscoveryPayload {
        source: Some("file:yellow_pages.csv".into()),
        ..target(RESULTS)
    };
    let (end, result) = run(engine, "source", Terms::default(), target).await;
    assert_failed(&end, &result);
    assert_eq!(result.run.error_code, Some(ErrorCode::InvalidInput));
    assert!(result.run.reason.clone().unwrap().contains("yellow_pages"));
}

fn assert_failed(end: &RunEnd, result: &RunResult) {
    let error = end.error.as_deref();
    assert_eq!(
        (end.status.as_str(), error),
        ("FAILED", Some("RunFailed")),
        "{end:?}"
    );
    assert_eq!(result.run.status, RunStatus::Failed, "{:?}", result.run);
    assert_eq!(result.run.charged, Credits::ZERO);
    assert_eq!(result.books.balance.held, Credits::ZERO);
    assert!(result.drafts.is_empty());
    // The customer is told in any case.
    assert_eq!(
        end.steps.last(),
        Some(&(RecipeId::Subscription, None)),
        "{end:?}"
    );
}

/// Discovery's process dies in the middle: it is called again and nothing of it is to be seen.
pub async fn crash(engine: &dyn EngineUnderTest) {
    let setup = Setup {
        // Time enough for whoever kills it.
        faults: Faults {
            latency_p50_ms: 400,
            ..Faults::none()
        },
        disturbance: Disturbance::Crash(RecipeId::Discovery),
    };
    engine.prepare(setup).await.unwrap();
    let (end, result) = run(engine, "crash", Terms::default(), target(RESULTS)).await;
    assert_whole(&end, &result);
}

/// Discovery is cut off every time: the run fails, costs nothing and keeps nothing reserved.
pub async fn timeout(engine: &dyn EngineUnderTest) {
    let setup = Setup {
        faults: Faults {
            latency_p50_ms: 30_000,
            ..Faults::none()
        },
        disturbance: Disturbance::Timeout(RecipeId::Discovery),
    };
    engine.prepare(setup).await.unwrap();
    let (end, result) = run(engine, "timeout", Terms::default(), target(RESULTS)).await;
    assert_failed(&end, &result);
}

/// Without credits the run is refused, and nothing is stored.
pub async fn no_credits(engine: &dyn EngineUnderTest) {
    engine.prepare(Setup::default()).await.unwrap();
    let terms = Terms {
        credits: Credits::ZERO,
        ..Terms::default()
    };
    let customer = engine.sign_up("cust_poor", terms).await;
    let request = customer.request("exec_poor", target(RESULTS));
    let end = engine.run(&request).await;
    let error = end.error.as_deref();
    assert_eq!(
        (end.status.as_str(), error),
        ("FAILED", Some("INSUFFICIENT_CREDITS"))
    );
    assert!(end.cause.unwrap().contains("add credits"));
    assert!(end.steps.is_empty(), "{:?}", end.steps);
    customer.assert_untouched().await;
}

/// Five chunks in the Map.
pub async fn five_chunks(engine: &dyn EngineUnderTest) {
    engine.prepare(Setup::default()).await.unwrap();
    let mut terms = Terms::default();
    terms.agent.chunk_size = 2;
    terms.agent.max_concurrency = 3;
    let (end, result) = run(engine, "chunks", terms, target(RESULTS)).await;
    assert_whole(&end, &result);
    assert_eq!(
        assert_order(&end.steps).len(),
        5,
        "{} leads",
        result.leads.len()
    );
}
