//! The client itself, with a service that documents nothing of its own.

use std::{sync::Arc, time::Duration};

use futures::{FutureExt, future::join_all};
use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::{ports::ManualClock, recipe::Caller};
use hunter_providers::client::{
    ApiClient, Call, Endpoint, Pricing, Rate, Service, Shared, by_status,
};
use reqwest::header::HeaderName;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    harness::{Adapter, KEY, TIMEOUT, caller, misbehave, outage, server, shared},
    server::Expected,
};

pub(crate) static SERVICE: Service = Service {
    id: "plain",
    name: "Plain",
    refusal: by_status,
    rate: Rate::UNLIMITED,
    prices: Pricing::Free,
};

#[derive(Deserialize)]
struct Found {
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only its shape is of interest")]
struct Item {
    name: String,
    count: u32,
}

pub(crate) fn healthy() -> Value {
    json!({"items": [{"name": "Zahnarztpraxis Müller", "count": 3}]})
}

pub(crate) fn client(base_url: String, shared: Shared) -> ApiClient {
    ApiClient::new(&SERVICE, Endpoint::new(base_url), shared).unwrap()
}

pub(crate) fn call(key: &str) -> Call {
    Call::post("find", "/v1/find", &json!({"q": "dentists"}))
        .query("city", "Leipzig")
        .query("api_key", key)
        .secret(HeaderName::from_static("x-api-key"), key)
        .unwrap()
}

async fn find(base_url: String, shared: Shared, caller: Caller) -> Result<usize, RecipeFailure> {
    let client = client(base_url, shared);
    let found: Found = client.json(&caller, &call(KEY)).await?;
    Ok(found.items.len())
}

fn plain() -> Adapter {
    Adapter {
        name: "plain",
        healthy,
        requests_max: 3,
        bills_bad_answers: false,
        otherwise: &[
            ("404", Expected::Fails),
            ("fields_renamed", Expected::Fails),
        ],
        run: |base_url, shared, caller| find(base_url, shared, caller).boxed(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_outlives_every_shape() {
    misbehave(plain()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_costs_no_more_than_a_healthy_run() {
    outage(&plain()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_say_what_happened() {
    for (shape, code, part) in [
        ("silence", ErrorCode::Timeout, "timed out"),
        ("body_drips", ErrorCode::Timeout, "timed out"),
        ("connection_refused", ErrorCode::ConnectionError, "refused"),
        ("reset_in_body", ErrorCode::ConnectionError, "reset"),
        ("closed_in_body", ErrorCode::ConnectionError, "end of file"),
        ("gzip_broken", ErrorCode::ApiBadResponse, ""),
        ("gzip_that_is_none", ErrorCode::ApiBadResponse, ""),
        (
            "gzip_bomb",
            ErrorCode::ApiBadResponse,
            "larger than 4194304 bytes",
        ),
        ("body_of_100_mb", ErrorCode::ApiBadResponse, "larger than"),
        ("error_of_100_mb", ErrorCode::ApiBadResponse, "larger than"),
        (
            "html_with_200",
            ErrorCode::ApiBadResponse,
            "`text/html; charset=utf-8`",
        ),
        ("empty_200", ErrorCode::ApiBadResponse, "it is empty"),
        ("204", ErrorCode::ApiBadResponse, "HTTP 204"),
        (
            "nested_lists",
            ErrorCode::ApiBadResponse,
            "not as documented",
        ),
        ("keys_twice", ErrorCode::ApiBadResponse, "duplicate field"),
        ("truncated_json", ErrorCode::ApiBadResponse, "EOF"),
        (
            "fields_renamed",
            ErrorCode::ApiBadResponse,
            "missing field `items`",
        ),
        (
            "redirect_elsewhere",
            ErrorCode::ApiBadResponse,
            "sends us elsewhere",
        ),
        (
            "401_that_echoes_the_request",
            ErrorCode::AuthenticationFailed,
            "[redacted]",
        ),
        (
            "500_that_echoes_the_request",
            ErrorCode::ApiUnavailable,
            "[redacted]",
        ),
        (
            "200_that_echoes_the_request",
            ErrorCode::ApiBadResponse,
            "[redacted]",
        ),
    ] {
        let server = server(shape, healthy()).await;
        let found = find(server.base_url(), shared(), caller("acme")).await;
        let failure = found.unwrap_err();
        assert_eq!(failure.code, code, "{shape}: {failure}");
        assert!(failure.message.contains(part), "{shape}: {failure}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_are_honoured_up_to_an_hour() {
    for (shape, wait) in [
        ("429_without_retry_after", None),
        ("retry_after_more_than_64_bits", Some(3_600_000)),
        ("retry_after_a_year", Some(3_600_000)),
        ("retry_after_end_of_time", Some(3_600_000)),
        ("retry_after_negative", None),
        ("retry_after_garbage", None),
        ("retry_after_empty", None),
        ("retry_after_exponent", None),
        ("retry_after_impossible_date", None),
        ("retry_after_not_ascii", None),
        ("retry_after_long_ago", Some(0)),
        ("retry_after_twice", Some(1_000)),
    ] {
        let server = server(shape, healthy()).await;
        let failure = find(server.base_url(), shared(), caller("acme"))
            .await
            .unwrap_err();
        assert_eq!(failure.code, ErrorCode::ApiRateLimit, "{shape}");
        assert_eq!(failure.retry_after_ms, wait, "{shape}");
        // A long wait is nobody's to sit out here.
        let tries = if wait.unwrap_or(0) > 5_000 { 1 } else { 3 };
        assert_eq!(server.requests(), tries, "{shape}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_was_asked_for_holds_for_all_calls_of_the_customer() {
    let server = server("retry_after_a_year", healthy()).await;
    let clock = ManualClock::new("2026-11-22T12:00:00Z".parse().unwrap());
    let mut shared = Shared::new(Arc::new(clock.clone()));
    shared.timeout_max = Some(TIMEOUT);
    let ask = |tenant| find(server.base_url(), shared.clone(), caller(tenant));
    for _ in 0..20 {
        assert_eq!(ask("acme").await.unwrap_err().code, ErrorCode::ApiRateLimit);
    }
    assert_eq!(server.requests(), 1);
    // Another customer has a limit of its own.
    ask("other").await.unwrap_err();
    assert_eq!(server.requests(), 2);
    clock.advance(Duration::from_hours(1));
    ask("acme").await.unwrap_err();
    assert_eq!(server.requests(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_time_limit_is_not_run_into_twice() {
    let server = server("silence", healthy()).await;
    let caller = caller("acme");
    let found = find(server.base_url(), shared(), caller.clone()).await;
    assert_eq!(found.unwrap_err().code, ErrorCode::Timeout);
    assert_eq!(server.requests(), 1);
    let used = &caller.meter.uses()[0];
    assert_eq!((used.calls, used.failed), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_key_stops_its_own_calls_only() {
    let refusing = server("401", healthy()).await;
    let shared = shared();
    for _ in 0..200 {
        let found = find(refusing.base_url(), shared.clone(), caller("acme")).await;
        assert_eq!(found.unwrap_err().code, ErrorCode::AuthenticationFailed);
    }
    assert_eq!(refusing.requests(), 2);
    let well = server("healthy", healthy()).await;
    assert!(
        find(well.base_url(), shared.clone(), caller("other"))
            .await
            .is_ok()
    );
    assert!(
        find(well.base_url(), shared.clone(), caller("acme"))
            .await
            .is_err()
    );
    // A new key works at once.
    let client = client(well.base_url(), shared);
    let found: Found = client
        .json(&caller("acme"), &call("a-new-key-0123"))
        .await
        .unwrap();
    assert_eq!(found.items.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_met_by_all_calls_at_once_costs_little_more_than_one_request_each() {
    let server = server("503_for_a_century", healthy()).await;
    let shared = shared();
    let client = client(server.base_url(), shared);
    let (caller, call) = (caller("acme"), call(KEY));
    let results = join_all((0..200).map(|_| client.call(&caller, &call))).await;
    assert!(results.iter().all(Result::is_err));
    assert!(server.requests() <= 220, "{}", server.requests());
    assert_eq!(caller.meter.calls(), server.requests());
}
