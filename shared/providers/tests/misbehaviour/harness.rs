//! One adapter against every shape of misbehaviour.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, future::BoxFuture, stream};
use hunter_contracts::{Dollars, ErrorCode, RecipeFailure, TenantId};
use hunter_core::{
    ports::ManualClock,
    recipe::{Caller, RETRY_AFTER_MAX, SecretsManager},
};
use hunter_providers::client::Shared;
use serde_json::Value;

use crate::server::{Expected, Misbehaviour, SHAPES, Shape};

/// The key that every adapter is given; no failure may show it.
pub(crate) const KEY: &str = "sk-misbehaviour/7Zq+secret=0123456789";
/// What a request may take where silence is to be run into.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(2);
/// What a request may take where it should work, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(15);
/// What all of an adapter's work on one answer may take on a busy machine. The shapes that never
/// end would take ten times as long.
const LIMIT: Duration = Duration::from_secs(20);
/// Shapes at once.
const CONCURRENCY: usize = 12;

/// What an adapter does with a base address: the number of results, or its failure.
pub(crate) type Run =
    fn(String, Shared, Caller) -> BoxFuture<'static, Result<usize, RecipeFailure>>;

/// An adapter under test.
pub(crate) struct Adapter {
    /// The service's id.
    pub(crate) name: &'static str,
    /// A right answer to every request of `run`.
    pub(crate) healthy: fn() -> Value,
    /// Requests that one `run` may send whatever happens, repeats included.
    pub(crate) requests_max: u64,
    /// Whether a bad answer may still be one that is billed, as a model's tokens are.
    pub(crate) bills_bad_answers: bool,
    /// Shapes of which the adapter's own documentation says something else.
    pub(crate) otherwise: &'static [(&'static str, Expected)],
    /// Uses it.
    pub(crate) run: Run,
}

/// A customer who holds the key for these secrets and no other.
pub(crate) struct Keys(pub(crate) &'static [&'static str]);

#[async_trait]
impl SecretsManager for Keys {
    async fn get_secret(&self, _: &TenantId, key: &str) -> Result<String, RecipeFailure> {
        let missing = || RecipeFailure::new(ErrorCode::SecretMissing, "not set");
        let held = self.0.contains(&key).then(|| KEY.to_owned());
        held.ok_or_else(missing)
    }
}

/// What is shared by the clients of one test; nobody waits for real.
pub(crate) fn shared() -> Shared {
    let clock = ManualClock::new("2026-11-22T12:00:00Z".parse().unwrap());
    Shared {
        timeout_max: Some(TIMEOUT),
        ..Shared::new(Arc::new(clock))
    }
}

pub(crate) fn caller(tenant: &str) -> Caller {
    Caller::new(TenantId::new(tenant).unwrap())
}

/// A server with the shape of this name.
pub(crate) async fn server(name: &str, healthy: Value) -> Misbehaviour {
    let shape = SHAPES.iter().find(|shape| shape.name == name);
    let shape = shape.unwrap_or_else(|| panic!("no shape `{name}`"));
    Misbehaviour::start(*shape, healthy).await.unwrap()
}

/// Every shape, each with a server and a customer of its own.
pub(crate) async fn misbehave(adapter: Adapter) {
    let adapter = Arc::new(adapter);
    let problems: Vec<Option<String>> = stream::iter(SHAPES)
        .map(|shape| {
            let adapter = Arc::clone(&adapter);
            async move { one(&adapter, *shape).await.err() }
        })
        .buffer_unordered(CONCURRENCY)
        .collect()
        .await;
    assert!(problems.len() >= 45, "{} shapes", problems.len());
    let problems: Vec<String> = problems.into_iter().flatten().collect();
    assert!(
        problems.is_empty(),
        "{}:\n{}",
        adapter.name,
        problems.join("\n")
    );
}

async fn one(adapter: &Adapter, shape: Shape) -> Result<(), String> {
    let wrong = |problem: String| Err(format!("{}: {problem}", shape.name));
    let server = Misbehaviour::start(shape, (adapter.healthy)())
        .await
        .unwrap();
    let caller = caller("acme");
    let otherwise = adapter
        .otherwise
        .iter()
        .find(|(name, _)| *name == shape.name);
    let expected = otherwise.map_or(shape.expected, |(_, expected)| *expected);
    let mut shared = shared();
    if expected == Expected::Works {
        shared.timeout_max = Some(PATIENCE);
    }
    // In a task of its own, so that a panic is seen as such.
    let work = tokio::spawn((adapter.run)(server.base_url(), shared, caller.clone()));
    let result = match tokio::time::timeout(LIMIT, work).await {
        Err(_) => return wrong(format!("nothing after {LIMIT:?}")),
        Ok(Err(panicked)) => return wrong(format!("{panicked}")),
        Ok(Ok(result)) => result,
    };
    if server.requests() > adapter.requests_max {
        return wrong(format!("{} requests", server.requests()));
    }
    if server.visits_elsewhere() > 0 {
        return wrong("a redirect was followed".into());
    }
    match (result, expected) {
        (Ok(0), Expected::Works) => wrong("an answer was lost".into()),
        (Err(failure), Expected::Works) => wrong(format!("{failure}")),
        (Ok(found), Expected::Fails) => wrong(format!("{found} results")),
        (Ok(_), _) => Ok(()),
        (Err(failure), _) => {
            check(&failure).map_err(|problem| format!("{}: {problem}: {failure}", shape.name))?;
            if caller.meter.cost() != Dollars::ZERO && !adapter.bills_bad_answers {
                return wrong(format!(
                    "a failure that cost {}: {failure}",
                    caller.meter.cost()
                ));
            }
            Ok(())
        }
    }
}

/// What holds of every failure.
fn check(failure: &RecipeFailure) -> Result<(), String> {
    let bytes = failure.message.len();
    if bytes > 1_500 {
        return Err(format!("{bytes} bytes"));
    }
    let shown = format!("{failure:?} {failure}");
    let inner = "7Zq+secret";
    if shown.contains(KEY) || shown.contains(inner) || shown.contains("7Zq%2Bsecret") {
        return Err("the key is shown".into());
    }
    let message = &failure.message;
    if message.chars().any(char::is_control) || message.contains('\u{202e}') {
        return Err("characters that are none of a line's".into());
    }
    // A service may refuse our configuration, as Overpass does with a user agent.
    let own = [
        ErrorCode::Internal,
        ErrorCode::FunctionFailed,
        ErrorCode::SecretMissing,
    ];
    if own.contains(&failure.code) {
        return Err("blames us".into());
    }
    let most = u64::try_from(RETRY_AFTER_MAX.as_millis()).unwrap();
    match failure.retry_after_ms {
        Some(wait) if wait > most => Err(format!("a wait of {wait} ms")),
        Some(_) if !failure.code.retryable() => Err("a wait for what will not pass".into()),
        _ => Ok(()),
    }
}

/// 200 uses against a service that is down: they cost no more than 1.1 times the requests of a
/// healthy run of 200.
pub(crate) async fn outage(adapter: &Adapter) {
    let requests = async |shape: &str| {
        let server = server(shape, (adapter.healthy)()).await;
        let (shared, mut failed) = (shared(), 0);
        for _ in 0..200 {
            let caller = caller("acme");
            let result = (adapter.run)(server.base_url(), shared.clone(), caller).await;
            failed += u64::from(result.is_err());
        }
        (server.requests(), failed)
    };
    let (healthy, failed) = requests("healthy").await;
    assert!(healthy >= 200, "{}: {healthy} requests", adapter.name);
    assert_eq!(failed, 0, "{}: failures without an outage", adapter.name);
    for shape in [
        "500",
        "closed_before_headers",
        "429_without_retry_after",
        "401",
        "402",
    ] {
        let (sent, failed) = requests(shape).await;
        assert_eq!(failed, 200, "{}: {shape}", adapter.name);
        assert!(
            sent * 10 <= healthy * 11,
            "{}: {shape}: {sent} requests where a healthy run sends {healthy}",
            adapter.name
        );
    }
}
