use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::{
    ports::{PlaceBatch, PlaceSource},
    recipe::Caller,
};
use hunter_providers::{
    client::Shared,
    web_search::{BraveSearch, WebSearchPlaces},
};
use serde_json::{Value, json};

use crate::{
    caller, clock, query,
    server::{Reply, Server},
};

fn source(base_url: &str, caller: Caller) -> WebSearchPlaces {
    let brave = BraveSearch::new(base_url, "key-1".to_owned(), caller, Shared::new(clock()));
    WebSearchPlaces::new(brave.unwrap(), clock())
}

async fn search(server: &Server, depth: u8) -> Result<PlaceBatch, RecipeFailure> {
    let asked = query(&["dentists"], "Leipzig", 500, depth);
    source(&server.url(), caller()).search(&asked).await
}

fn hit(title: &str, url: &str) -> Value {
    json!({"type": "search_result", "title": title, "url": url, "description": "d",
        "profile": {"name": "Own Name", "url": url, "long_name": "x.example"}})
}

fn page(hits: &[Value], more: bool) -> Reply {
    let body = json!({"type": "search", "query": {"original": "q", "more_results_available": more},
        "web": {"type": "search", "results": hits}});
    Reply::new(200, body.to_string()).with("content-type", "application/json")
}

fn refusal(status: u16, code: &str, meta: &Value) -> Reply {
    let error = json!({"code": code, "detail": "said", "status": status, "meta": meta});
    Reply::new(
        status,
        json!({"type": "ErrorResponse", "error": error}).to_string(),
    )
}

#[tokio::test]
async fn a_request_is_as_documented_and_sites_become_records() {
    let server = Server::start(|_| {
        let hits = [
            hit(
                "Home - Bright Smiles",
                "https://www.brightsmiles.example/de/",
            ),
            hit(
                "Contact - Bright Smiles",
                "https://brightsmiles.example/contact",
            ),
            hit("Best dentists", "https://www.yelp.com/search?x"),
            hit("Praxis | Facebook", "https://de-de.facebook.com/praxis"),
            hit("Preise", "https://zahn.example/preise.pdf"),
            hit("歯科", "https://tanaka.example"),
            json!({"type": "search_result", "title": 7}),
        ];
        page(&hits, false)
    })
    .await;
    let caller = caller();
    let asked = query(&["dentists", "dentists "], "Leipzig", 500, 3);
    let batch = source(&server.url(), caller.clone())
        .search(&asked)
        .await
        .unwrap();
    let seen = &server.seen()[0];
    let url = url::Url::parse(&format!("http://x{}", seen.path)).unwrap();
    assert_eq!(url.path(), "/res/v1/web/search");
    let sent = |name: &str| {
        url.query_pairs()
            .find(|(k, _)| k == name)
            .unwrap()
            .1
            .into_owned()
    };
    assert_eq!(sent("q"), "dentists Leipzig");
    assert_eq!(
        (sent("count"), sent("offset"), sent("country")),
        ("20".into(), "0".into(), "ALL".into())
    );
    assert_eq!(seen.header("x-subscription-token"), "key-1");
    assert_eq!(server.calls(), 1);
    let found: Vec<(&str, &str)> = batch
        .places
        .iter()
        .map(|p| (p.source_id.as_str(), p.name.as_deref().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            ("brightsmiles.example", "Bright Smiles"),
            ("tanaka.example", "Own Name")
        ]
    );
    let place = &batch.places[0];
    assert_eq!(
        place.website.as_deref(),
        Some("https://www.brightsmiles.example/")
    );
    assert_eq!(place.record_url, "https://www.brightsmiles.example/de/");
    assert_eq!(
        (&place.city, &place.address, place.position),
        (&None, &None, None)
    );
    let reasons: Vec<&str> = batch.unusable.iter().map(|r| r.reason.as_str()).collect();
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert!(reasons[0].contains("directory `yelp.com`") && reasons[1].contains("social network"));
    assert!(reasons[2].contains("a document"));
    assert_eq!(batch.content_ttl_s, Some(86_400));
    assert_eq!(caller.meter.cost().to_decimal(), 0.005);
}

#[tokio::test]
async fn pages_are_read_as_deep_as_asked_and_the_rest_is_reported() {
    let start = || {
        Server::start(|seen| {
            let offset = seen.path.split("offset=").nth(1).unwrap();
            let offset: u32 = offset.split('&').next().unwrap().parse().unwrap();
            let hits: Vec<Value> = (0..20)
                .map(|i| hit("X", &format!("https://h{}.example/", offset * 20 + i)))
                .collect();
            page(&hits, true)
        })
    };
    for (depth, calls, left) in [(1, 1, 9), (3, 3, 7), (4, 5, 5), (5, 10, 10)] {
        let server = start().await;
        let batch = search(&server, depth).await.unwrap();
        assert_eq!(server.calls(), calls, "depth {depth}");
        assert_eq!(batch.places.len(), 20 * calls as usize);
        let gap = &batch.coverage[0];
        assert_eq!(
            (gap.seen, gap.calls_needed),
            (20 * calls, left),
            "depth {depth}: {gap:?}"
        );
        assert_eq!(gap.query, "dentists Leipzig");
    }
    let server = start().await;
    let few = query(&["a", "b"], "Leipzig", 30, 5);
    let few = source(&server.url(), caller()).search(&few).await.unwrap();
    assert_eq!((few.places.len(), server.calls()), (40, 2));
    assert!(
        few.limits_reached[0].contains("1 queries were not sent"),
        "{:?}",
        few.limits_reached
    );
}

#[tokio::test]
async fn documented_errors_have_their_codes() {
    let none = json!({});
    let key =
        json!({"errors": [{"loc": ["header", "x-subscription-token"], "msg": "Field required"}]});
    let parameter = json!({"errors": [{"loc": ["query", "count"], "msg": "too large"}]});
    let limits = |reply: Reply, remaining: &str| {
        reply
            .with("x-ratelimit-limit", "1, 15000")
            .with("x-ratelimit-remaining", remaining)
            .with("x-ratelimit-reset", "2, 1419704")
    };
    let list =
        json!({"type": "ErrorResponse", "errors": [{"code": "QUOTA_LIMITED", "detail": "d"}]});
    let other = json!({"type": "videos", "results": []});
    let cases = [
        (
            refusal(422, "SUBSCRIPTION_TOKEN_INVALID", &none),
            ErrorCode::AuthenticationFailed,
            1,
        ),
        (
            refusal(404, "SUBSCRIPTION_NOT_FOUND", &none),
            ErrorCode::AuthenticationFailed,
            1,
        ),
        (
            refusal(422, "VALIDATION", &key),
            ErrorCode::AuthenticationFailed,
            1,
        ),
        (
            refusal(422, "VALIDATION", &parameter),
            ErrorCode::InvalidInput,
            1,
        ),
        (
            refusal(429, "QUOTA_LIMITED", &none),
            ErrorCode::ApiQuotaExceeded,
            1,
        ),
        (
            Reply::new(429, list.to_string()),
            ErrorCode::ApiQuotaExceeded,
            1,
        ),
        (
            limits(refusal(429, "RATE_LIMITED", &none), "0, 14000"),
            ErrorCode::ApiRateLimit,
            3,
        ),
        (
            limits(refusal(429, "RATE_LIMITED", &none), "0, 0"),
            ErrorCode::ApiQuotaExceeded,
            1,
        ),
        (
            limits(Reply::new(429, "<html>"), "0, 14000"),
            ErrorCode::ApiRateLimit,
            3,
        ),
        (
            refusal(503, "SERVICE_UNAVAILABLE", &none),
            ErrorCode::ApiUnavailable,
            3,
        ),
        (Reply::new(502, "<html>"), ErrorCode::ApiUnavailable, 3),
        (
            Reply::new(200, other.to_string()),
            ErrorCode::ApiBadResponse,
            1,
        ),
        (
            Reply::new(200, "{\"type\": \"search\", \"web\""),
            ErrorCode::ApiBadResponse,
            1,
        ),
    ];
    for (reply, code, calls) in cases {
        let shown: String = format!("{reply:?}").chars().take(160).collect();
        let server = Server::start(move |_| reply.clone()).await;
        let caller = caller();
        let asked = query(&["dentists"], "Leipzig", 20, 3);
        let failure = source(&server.url(), caller.clone())
            .search(&asked)
            .await
            .unwrap_err();
        assert_eq!(failure.code, code, "{shown}: {failure}");
        assert_eq!(server.seen().len(), calls, "{shown}");
        assert!(!failure.message.contains("key-1"), "{failure}");
        let used = &caller.meter.uses()[0];
        assert_eq!(
            (used.calls, used.failed),
            (calls as u64, calls as u64),
            "{shown}"
        );
        assert_eq!(used.cost.nanos(), 0, "{shown}: no charge without a result");
        if code == ErrorCode::ApiRateLimit {
            assert_eq!(failure.retry_after_ms, Some(2_000), "{shown}");
        }
    }
}

#[tokio::test]
async fn an_uncapped_plan_is_not_a_used_up_one() {
    let reply = refusal(429, "RATE_LIMITED", &json!({}))
        .with("x-ratelimit-limit", "50, 0")
        .with("x-ratelimit-remaining", "0, 0")
        .with("x-ratelimit-reset", "1, 1419704");
    let server = Server::start(move |_| reply.clone()).await;
    assert_eq!(
        search(&server, 1).await.unwrap_err().code,
        ErrorCode::ApiRateLimit
    );
}

#[tokio::test]
async fn a_failure_after_results_is_a_note_and_a_refused_key_is_not() {
    let after_first = |second: fn() -> Reply| {
        Server::start(move |seen| {
            if seen.path.contains("offset=0") {
                return page(&[hit("A", "https://a.example/")], true);
            }
            second()
        })
    };
    let quota = || refusal(429, "QUOTA_LIMITED", &json!({}));
    let server = after_first(quota).await;
    let batch = search(&server, 3).await.unwrap();
    assert_eq!(batch.places.len(), 1);
    assert!(
        batch.limits_reached[0].contains("not complete"),
        "{:?}",
        batch.limits_reached
    );
    let gap = &batch.coverage[0];
    assert_eq!(
        (gap.cap.as_str(), gap.calls_needed),
        ("API_QUOTA_EXCEEDED", 2)
    );
    let refused = || refusal(422, "SUBSCRIPTION_TOKEN_INVALID", &json!({}));
    let server = after_first(refused).await;
    let failure = search(&server, 3).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::AuthenticationFailed);
}

#[tokio::test]
async fn nothing_found_is_an_answer() {
    let server =
        Server::start(|_| Reply::new(200, r#"{"type": "search", "query": {"original": "q"}}"#))
            .await;
    let batch = search(&server, 5).await.unwrap();
    assert_eq!((batch.places.len(), server.calls()), (0, 1));
    let blank = query(&[" "], "Leipzig", 20, 1);
    let failure = source(&server.url(), caller())
        .search(&blank)
        .await
        .unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidInput);
}
