use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::{
    ports::{PlaceBatch, PlaceSource},
    recipe::Caller,
};
use hunter_providers::{GooglePlaces, client::Shared};
use serde_json::{Value, json};

use crate::{
    caller, clock, query, recorded,
    server::{Reply, Seen, Server, closed, raw},
};

pub(crate) fn places(base_url: &str) -> GooglePlaces {
    places_of(base_url, caller())
}

pub(crate) fn places_of(base_url: &str, caller: Caller) -> GooglePlaces {
    GooglePlaces::new(base_url, "key-1".to_owned(), caller, Shared::new(clock())).unwrap()
}

pub(crate) fn body(seen: &Seen) -> Value {
    serde_json::from_str(&seen.body).unwrap()
}

/// A page of places `<prefix>0…`, with a token for the next one where there is one.
fn page(prefix: &str, count: usize, next: Option<&str>) -> Reply {
    let places: Vec<Value> = (0..count)
        .map(|i| json!({"id": format!("{prefix}{i}"), "displayName": {"text": format!("P {i}")}}))
        .collect();
    let mut answer = json!({ "places": places });
    if let Some(next) = next {
        answer["nextPageToken"] = json!(next);
    }
    Reply::new(200, answer.to_string())
}

pub(crate) fn error(status: u16, name: &str, details: &Value) -> Reply {
    let body =
        json!({"error": {"code": status, "message": "said", "status": name, "details": details}});
    Reply::new(status, body.to_string())
}

async fn search_one(server: &Server) -> Result<PlaceBatch, RecipeFailure> {
    places(&server.url())
        .search(&query(&["dentists"], "Leipzig", 20, 1))
        .await
}

#[tokio::test]
async fn a_request_is_as_documented_and_an_answer_is_read_in_full() {
    let server = Server::start(|_| {
        let place = json!({
            "id": "ChIJ1", "displayName": {"text": "Dr. Test", "languageCode": "de"},
            "formattedAddress": "Markt 1, 04109 Leipzig, Germany",
            "addressComponents": [
                {"longText": "1", "shortText": "1", "types": ["street_number"]},
                {"longText": "Markt", "shortText": "Markt", "types": ["route"]},
                {"longText": "Leipzig", "shortText": "Leipzig", "types": ["locality", "political"]},
                {"longText": "Germany", "shortText": "DE", "types": ["country", "political"]},
                {"longText": "04109", "shortText": "04109", "types": ["postal_code"]}],
            "location": {"latitude": 51.3, "longitude": 12.4},
            "types": ["dentist", "health", "point_of_interest", "establishment"],
            "primaryType": "dental_clinic", "rating": 4.6, "userRatingCount": 212,
            "websiteUri": "https://test.example/", "nationalPhoneNumber": "0341 1",
            "internationalPhoneNumber": "+49 341 1", "businessStatus": "CLOSED_PERMANENTLY",
            "googleMapsUri": "https://maps.google.com/?cid=1",
            "regularOpeningHours": {"weekdayDescriptions": ["Monday: 8-12", "Tuesday: 8-12"]},
            "somethingNew": [1]});
        Reply::new(
            200,
            json!({"places": [place, {"id": 7}, "odd"]}).to_string(),
        )
    })
    .await;
    let batch = search_one(&server).await.unwrap();
    let seen = &server.seen()[0];
    assert_eq!(seen.path, "/v1/places:searchText");
    assert_eq!(seen.header("x-goog-api-key"), "key-1");
    let mask = seen.header("x-goog-fieldmask");
    assert!(
        mask.contains("places.id") && mask.contains("nextPageToken"),
        "{mask}"
    );
    assert!(!mask.contains(' ') && !mask.contains('*'), "{mask}");
    assert_eq!(
        body(seen),
        json!({"textQuery": "dentists in Leipzig", "pageSize": 20})
    );
    assert_eq!(
        (batch.places.len(), batch.unusable.len(), server.calls()),
        (1, 2, 1)
    );
    let place = &batch.places[0];
    assert_eq!(place.source_id, "ChIJ1");
    assert_eq!(place.name.as_deref(), Some("Dr. Test"));
    assert_eq!(place.street.as_deref(), Some("Markt 1"));
    assert_eq!(place.city.as_deref(), Some("Leipzig"));
    assert_eq!(
        (place.postcode.as_deref(), place.country.as_deref()),
        (Some("04109"), Some("DE"))
    );
    assert_eq!(place.phones, ["+49 341 1"]);
    assert_eq!(place.categories, ["dental_clinic", "dentist", "health"]);
    assert_eq!(
        (place.rating, place.review_count, place.closed),
        (Some(4.6), Some(212), true)
    );
    assert_eq!(
        place.opening_hours.as_deref(),
        Some("Monday: 8-12; Tuesday: 8-12")
    );
    assert_eq!(place.record_url, "https://maps.google.com/?cid=1");
    assert_eq!(place.as_of.to_string(), "2026-01-02T03:04:05Z");
}

#[tokio::test]
async fn pages_are_read_as_deep_as_asked() {
    let start = || {
        Server::start(|seen| match body(seen)["pageToken"].as_str() {
            _ if seen.header("x-goog-fieldmask").contains("viewport") => Reply::new(200, "{}"),
            None => page("a", 20, Some("t2")),
            Some("t2") => page("b", 20, Some("t3")),
            Some(_) => page("c", 20, Some("t4")),
        })
    };
    let server = start().await;
    let caller = caller();
    let deep = places_of(&server.url(), caller.clone())
        .search(&query(&["x"], "Y", 500, 3))
        .await
        .unwrap();
    // The fourth call looks for the area of `Y`, and the service knows none.
    assert_eq!((deep.places.len(), server.calls()), (60, 4));
    let uses = caller.meter.uses();
    let of = |name: &str| uses.iter().find(|u| u.operation == name).unwrap();
    assert_eq!(
        (of("search").calls, of("search").cost.to_decimal()),
        (3, 0.105)
    );
    assert_eq!(
        (of("locate").calls, of("locate").cost.to_decimal()),
        (1, 0.032)
    );
    let gap = &deep.coverage[0];
    assert_eq!(
        (gap.query.as_str(), gap.area, gap.seen),
        ("x in Y", None, 60)
    );
    assert_eq!((gap.calls_needed, gap.cost_needed.to_decimal()), (12, 0.42));
    assert!(
        gap.cap.contains("60 results") && gap.advice.contains("no area called `Y`"),
        "{gap:?}"
    );
    assert!(deep.limits_reached[0].contains("60 results"));
    assert_eq!(deep.content_ttl_s, Some(30 * 86_400));
    let tokens: Vec<Value> = server
        .seen()
        .iter()
        .take(3)
        .map(|s| body(s)["pageToken"].clone())
        .collect();
    assert_eq!(tokens, [json!(null), json!("t2"), json!("t3")]);
    let server = start().await;
    let flat = places(&server.url())
        .search(&query(&["x"], "Y", 500, 2))
        .await
        .unwrap();
    assert_eq!((flat.places.len(), server.calls()), (20, 1));
    assert!(
        flat.limits_reached[0].contains("depth 3"),
        "{:?}",
        flat.limits_reached
    );
    assert_eq!(
        (flat.coverage[0].seen, flat.coverage[0].calls_needed),
        (20, 2)
    );
    let server = start().await;
    let few = places(&server.url())
        .search(&query(&["x"], "Y", 21, 5))
        .await
        .unwrap();
    assert_eq!(
        (few.places.len(), server.calls()),
        (40, 2),
        "no page beyond what is wanted"
    );
    assert!(
        few.coverage[0].cap.contains("`max_results` is 21"),
        "{:?}",
        few.coverage
    );
}

#[tokio::test]
async fn the_recorded_pages_are_read() {
    let Some(dir) = recorded("api/google_places") else {
        return;
    };
    let read = move |n: u8| std::fs::read(dir.join(format!("searchText-page{n}.json"))).unwrap();
    let pages = [read(1), read(2), read(3)];
    let token =
        |page: &[u8]| serde_json::from_slice::<Value>(page).unwrap()["nextPageToken"].clone();
    let (second, third) = (token(&pages[0]), token(&pages[1]));
    let server = Server::start(move |seen| {
        let parts = body(seen).get("locationRestriction").is_some();
        if parts || seen.header("x-goog-fieldmask").contains("viewport") {
            return Reply::new(200, "{}");
        }
        let asked = body(seen)["pageToken"].clone();
        let index = if asked == third {
            2
        } else {
            usize::from(asked == second)
        };
        Reply::new(200, pages[index].clone())
    })
    .await;
    let batch = places(&server.url())
        .search(&query(&["bars"], "Chicago", 100, 3))
        .await
        .unwrap();
    assert_eq!(
        (batch.places.len(), batch.unusable.len(), server.calls()),
        (60, 0, 4)
    );
    let sites = batch.places.iter().filter(|p| p.website.is_some()).count();
    assert_eq!(sites, 59);
    assert!(
        batch
            .places
            .iter()
            .all(|p| p.rating.is_some() && p.position.is_some())
    );
    // The third page bears no token, whether or not there is more.
    assert_eq!(batch.coverage.len(), 1, "{:?}", batch.coverage);
}

#[tokio::test]
async fn queries_share_their_places_and_stop_at_the_maximum() {
    let server = Server::start(|seen| {
        let text = body(seen)["textQuery"].as_str().unwrap().to_owned();
        if text.starts_with('a') || text.starts_with('b') {
            return page("same", 10, None);
        }
        page(&text, 10, None)
    })
    .await;
    let terms = ["a", "b", "a", "c", "d", "e"];
    let batch = places(&server.url())
        .search(&query(&terms, "Y", 25, 2))
        .await
        .unwrap();
    let texts: Vec<String> = server
        .seen()
        .iter()
        .map(|s| body(s)["textQuery"].as_str().unwrap().to_owned())
        .collect();
    assert!(!texts.contains(&"e in Y".to_owned()), "{texts:?}");
    let unsent = batch
        .limits_reached
        .iter()
        .any(|l| l.contains("1 queries were not sent"));
    assert!(unsent, "{:?}", batch.limits_reached);
    assert_eq!(batch.places.len(), 30);
    assert_eq!(server.calls(), 4);
}

#[tokio::test]
async fn documented_errors_have_their_codes() {
    let none = json!([]);
    let key = json!([{"reason": "API_KEY_INVALID"}]);
    let daily = json!([{"metadata": {"quota_limit": "SearchTextRequestPerDay"}}]);
    let limited = error(429, "RESOURCE_EXHAUSTED", &none).with("retry-after", "60");
    let cases = [
        (limited, ErrorCode::ApiRateLimit, 1),
        (
            error(429, "RESOURCE_EXHAUSTED", &daily),
            ErrorCode::ApiQuotaExceeded,
            1,
        ),
        (
            // An error in an answer that says 200.
            error(200, "INVALID_ARGUMENT", &key),
            ErrorCode::AuthenticationFailed,
            1,
        ),
        (
            error(400, "INVALID_ARGUMENT", &key),
            ErrorCode::AuthenticationFailed,
            1,
        ),
        (
            error(400, "INVALID_ARGUMENT", &none),
            ErrorCode::InvalidInput,
            1,
        ),
        (
            error(403, "PERMISSION_DENIED", &none),
            ErrorCode::AuthenticationFailed,
            1,
        ),
        (
            error(503, "UNAVAILABLE", &none),
            ErrorCode::ApiUnavailable,
            3,
        ),
        (
            Reply::new(502, "<html>bad gateway"),
            ErrorCode::ApiUnavailable,
            3,
        ),
        (
            Reply::new(200, "{\"places\": ["),
            ErrorCode::ApiBadResponse,
            1,
        ),
        (Reply::new(200, "<html>"), ErrorCode::ApiBadResponse, 1),
        (
            Reply::new(302, "").with("location", "/x"),
            ErrorCode::ApiBadResponse,
            1,
        ),
        (
            Reply::new(200, vec![b' '; 5_000_000]),
            ErrorCode::ApiBadResponse,
            1,
        ),
    ];
    for (reply, code, calls) in cases {
        let shown = format!("{reply:?}").chars().take(120).collect::<String>();
        let limited = shown.contains("retry-after");
        let server = Server::start(move |_| reply.clone()).await;
        let caller = caller();
        let places = places_of(&server.url(), caller.clone());
        let asked = query(&["dentists"], "Leipzig", 20, 1);
        let failure = places.search(&asked).await.unwrap_err();
        assert_eq!(failure.code, code, "{shown}: {failure}");
        let used = &caller.meter.uses()[0];
        assert_eq!(
            (used.calls, used.failed),
            (calls as u64, calls as u64),
            "{shown}"
        );
        assert_eq!(
            caller.meter.cost().nanos(),
            0,
            "{shown}: no charge without a result"
        );
        assert_eq!(server.seen().len(), calls, "{shown}");
        assert_eq!(failure.retry_after_ms, limited.then_some(60_000), "{shown}");
        assert!(!failure.message.contains("key-1"), "{failure}");
    }
    for (address, code) in [
        (closed().await, ErrorCode::ConnectionError),
        (
            raw(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{").await,
            ErrorCode::ConnectionError,
        ),
    ] {
        let places = places(&format!("http://{address}"));
        let failure = places.search(&query(&["x"], "Y", 20, 1)).await.unwrap_err();
        assert_eq!(failure.code, code, "{failure}");
    }
}

#[tokio::test]
async fn recorded_errors_have_their_codes() {
    let Some(dir) = recorded("api/google_places") else {
        return;
    };
    for (file, status) in [
        ("error-400-API_KEY_INVALID.json", 400),
        ("error-403-PERMISSION_DENIED-app_blocked.json", 403),
    ] {
        let body = std::fs::read(dir.join(file)).unwrap();
        let server = Server::start(move |_| Reply::new(status, body.clone())).await;
        let failure = search_one(&server).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::AuthenticationFailed, "{file}");
        assert!(failure.message.contains("google_maps_api_key"), "{failure}");
    }
}

#[tokio::test]
async fn a_page_that_fails_for_a_moment_is_tried_again() {
    let tries = std::sync::atomic::AtomicU32::new(0);
    let server =
        Server::start(
            move |_| match tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
                0 | 1 => Reply::new(503, "busy"),
                _ => page("a", 3, None),
            },
        )
        .await;
    let batch = search_one(&server).await.unwrap();
    assert_eq!((batch.places.len(), server.calls()), (3, 3));
}

#[tokio::test]
async fn a_rate_limit_after_results_is_a_note_and_a_refused_key_is_not() {
    let limited_after_first = |second: fn() -> Reply| {
        Server::start(move |seen| match body(seen)["pageToken"].as_str() {
            None => page("a", 20, Some("t2")),
            Some(_) => second(),
        })
    };
    let limited = || error(429, "RESOURCE_EXHAUSTED", &json!([])).with("retry-after", "60");
    let server = limited_after_first(limited).await;
    let batch = places(&server.url())
        .search(&query(&["x"], "Y", 60, 3))
        .await
        .unwrap();
    assert_eq!(batch.places.len(), 20);
    let note = &batch.limits_reached[0];
    assert!(
        note.contains("not complete") && note.contains("`x in Y`"),
        "{note}"
    );
    let gap = &batch.coverage[0];
    assert_eq!(
        (gap.cap.as_str(), gap.seen, gap.calls_needed),
        ("API_RATE_LIMIT", 20, 2)
    );
    let server = limited_after_first(|| error(403, "PERMISSION_DENIED", &json!([]))).await;
    let failure = places(&server.url())
        .search(&query(&["x"], "Y", 60, 3))
        .await
        .unwrap_err();
    assert_eq!(failure.code, ErrorCode::AuthenticationFailed);
}

#[tokio::test]
async fn no_results_is_an_answer_and_no_terms_is_a_mistake() {
    let server = Server::start(|_| Reply::new(200, "{}")).await;
    let batch = search_one(&server).await.unwrap();
    assert_eq!((batch.places.len(), batch.limits_reached.len()), (0, 0));
    let failure = places(&server.url())
        .search(&query(&[" "], "Y", 20, 1))
        .await
        .unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidInput);
}
