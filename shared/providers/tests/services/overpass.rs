use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::{
    ports::{PlaceBatch, PlaceQuery, PlaceSource},
    recipe::Caller,
};
use hunter_providers::{Overpass, client::Shared};

use crate::{
    caller, clock, query, recorded,
    server::{Reply, Server},
};

const ANSWER: &str = r#"{"version":0.6,"osm3s":{"timestamp_osm_base":"2024-05-06T07:08:09Z"},
    "elements":[{"type":"node","id":1,"lat":51.0,"lon":12.0,"tags":{"name":"A","amenity":"dentist"}},
    {"type":"way","id":2,"center":{"lat":51.5,"lon":12.5},"tags":{"name":"B","amenity":"dentist"}}]}"#;

fn overpass(base_url: &str, caller: Caller) -> Overpass {
    let agent = "HunterBot/0.1 (+https://x.example)";
    Overpass::new(base_url, agent, caller, Shared::new(clock())).unwrap()
}

async fn search(server: &Server, max: u32) -> Result<PlaceBatch, RecipeFailure> {
    search_as(server, max, caller()).await
}

async fn search_as(server: &Server, max: u32, caller: Caller) -> Result<PlaceBatch, RecipeFailure> {
    let query = PlaceQuery {
        tags: vec![("amenity".to_owned(), "dentist".to_owned())],
        ..query(&["dentists & more"], "Leipzig", max, 1)
    };
    overpass(&server.url(), caller).search(&query).await
}

#[tokio::test]
async fn a_query_is_posted_and_the_answer_read_like_a_file() {
    let server = Server::start(|_| Reply::new(200, ANSWER)).await;
    let batch = search(&server, 10).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(seen.path, "/api/interpreter");
    assert_eq!(
        seen.header("user-agent"),
        "HunterBot/0.1 (+https://x.example)"
    );
    assert_eq!(
        seen.header("content-type"),
        "application/x-www-form-urlencoded"
    );
    let form: Vec<(String, String)> = url::form_urlencoded::parse(seen.body.as_bytes())
        .into_owned()
        .collect();
    assert_eq!((form.len(), form[0].0.as_str()), (1, "data"));
    assert!(
        form[0].1.contains("nwr[\"amenity\"=\"dentist\"](area.a);"),
        "{}",
        form[0].1
    );
    let ids: Vec<&str> = batch.places.iter().map(|p| p.source_id.as_str()).collect();
    assert_eq!(ids, ["node/1", "way/2"]);
    assert_eq!(batch.places[1].position.unwrap().lat, 51.5);
    assert_eq!(batch.places[0].as_of.to_string(), "2024-05-06T07:08:09Z");
    assert!(batch.attribution.unwrap().contains("OpenStreetMap"));
    assert_eq!((server.calls(), batch.limits_reached.len()), (1, 0));
    let cut = search(&server, 1).await.unwrap();
    assert!(
        cut.limits_reached[0].contains("more than 1"),
        "{:?}",
        cut.limits_reached
    );
    let gap = &cut.coverage[0];
    assert_eq!((gap.seen, gap.calls_needed), (2, 1));
    assert!(gap.query.contains("amenity=dentist") && gap.query.ends_with("in Leipzig"));
}

#[tokio::test]
async fn documented_errors_have_their_codes() {
    let cases: [(u16, &str, ErrorCode, Option<u64>); 7] = [
        (406, "Not Acceptable", ErrorCode::InvalidConfiguration, None),
        (429, "rate_limited", ErrorCode::ApiRateLimit, Some(30_000)),
        (504, "too busy", ErrorCode::ApiUnavailable, Some(30_000)),
        (400, "parse error", ErrorCode::InvalidInput, None),
        (200, "<html>odd", ErrorCode::ApiBadResponse, None),
        (
            200,
            r#"{"elements":[],"remark":"runtime error: Query timed out in \"query\" at line 1 after 26 seconds.","version":0.6}"#,
            ErrorCode::Timeout,
            Some(30_000),
        ),
        (
            200,
            r#"{"elements":[],"remark":"runtime error: Query run out of memory using about 2048 MB of RAM."}"#,
            ErrorCode::LimitExceeded,
            None,
        ),
    ];
    for (status, body, code, wait) in cases {
        let server = Server::start(move |_| Reply::new(status, body)).await;
        let caller = caller();
        let failure = search_as(&server, 10, caller.clone()).await.unwrap_err();
        assert_eq!(
            (failure.code, failure.retry_after_ms),
            (code, wait),
            "{failure}"
        );
        assert_eq!(
            server.seen().len(),
            1,
            "{status}: a busy server is not asked again at once"
        );
        let used = &caller.meter.uses()[0];
        assert_eq!((used.calls, used.failed), (1, 1), "{status}: {body}");
    }
}

#[tokio::test]
async fn recorded_failures_are_failures() {
    for (file, status, code) in [
        (
            "api/overpass/200-remark-timeout.json",
            200,
            ErrorCode::Timeout,
        ),
        (
            "api/overpass/429-rate_limited.html",
            429,
            ErrorCode::ApiRateLimit,
        ),
    ] {
        let Some(path) = recorded(file) else { return };
        let body = std::fs::read(path).unwrap();
        let server = Server::start(move |_| Reply::new(status, body.clone())).await;
        let failure = search(&server, 10).await.unwrap_err();
        assert_eq!(failure.code, code, "{file}: {failure}");
    }
}

#[tokio::test]
async fn a_tag_called_remark_is_no_failure() {
    let body = r#"{"elements":[{"type":"node","id":1,"lat":51.0,"lon":12.0,
        "tags":{"name":"A","amenity":"dentist","remark":"error in the opening hours"}}]}"#;
    let server = Server::start(move |_| Reply::new(200, body)).await;
    assert_eq!(search(&server, 10).await.unwrap().places.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_query_at_a_time_for_all_callers() {
    let under_way = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counted = under_way.clone();
    let server = Server::start(move |_| {
        let others = counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        std::thread::sleep(std::time::Duration::from_millis(50));
        counted.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
        Reply::new(if others > 0 { 429 } else { 200 }, ANSWER)
    })
    .await;
    let first = overpass(&server.url(), caller());
    let others = [
        first.for_caller(caller()),
        first.for_caller(caller()),
        first,
    ];
    let query = PlaceQuery {
        tags: vec![("amenity".to_owned(), "dentist".to_owned())],
        ..query(&["x"], "Leipzig", 10, 1)
    };
    let asked = others.iter().map(|overpass| overpass.search(&query));
    for answer in futures::future::join_all(asked).await {
        assert!(answer.is_ok(), "{answer:?}");
    }
}
