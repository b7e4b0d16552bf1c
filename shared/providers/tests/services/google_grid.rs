//! Passing the cap of sixty results.

use hunter_core::ports::PlaceSource;
use serde_json::{Value, json};

use crate::{
    caller,
    google::{body, error, places, places_of},
    query,
    server::{Reply, Seen, Server},
};

/// Places on the map, in a city that is one degree wide; the service shows at most 60 of those
/// within the rectangle that it is asked for.
fn map(spots: Vec<(f64, f64)>) -> impl Fn(&Seen) -> Reply + Send + Sync + 'static {
    move |seen| {
        if seen.header("x-goog-fieldmask").contains("viewport") {
            assert_eq!(body(seen)["textQuery"], "Y");
            return Reply::new(
                200,
                json!({"places": [
                    {"types": ["bar"], "viewport": {"low": {"latitude": 1, "longitude": 1}, "high": {"latitude": 2, "longitude": 2}}},
                    {"types": ["locality", "political"], "viewport": {
                        "low": {"latitude": 50.0, "longitude": 10.0},
                        "high": {"latitude": 51.0, "longitude": 11.0}}},
                ]}).to_string(),
            );
        }
        let asked = body(seen);
        let edge = |corner: &str, axis: &str, whole: f64| {
            let at = format!("/locationRestriction/rectangle/{corner}/{axis}");
            asked.pointer(&at).map_or(whole, |v| v.as_f64().unwrap())
        };
        let (south, west) = (
            edge("low", "latitude", -90.0),
            edge("low", "longitude", -180.0),
        );
        let (north, east) = (
            edge("high", "latitude", 90.0),
            edge("high", "longitude", 180.0),
        );
        let inside =
            |(lat, lon): &(f64, f64)| (south..=north).contains(lat) && (west..=east).contains(lon);
        let shown: Vec<usize> = (0..spots.len())
            .filter(|i| inside(&spots[*i]))
            .take(60)
            .collect();
        let page = asked["pageToken"]
            .as_str()
            .map_or(0, |t| t.parse::<usize>().unwrap());
        let places: Vec<Value> = shown
            .iter()
            .skip(page * 20)
            .take(20)
            .map(|i| json!({"id": format!("p{i}"), "displayName": {"text": "P"}}))
            .collect();
        let mut answer = json!({ "places": places });
        if shown.len() > (page + 1) * 20 {
            answer["nextPageToken"] = json!((page + 1).to_string());
        }
        Reply::new(200, answer.to_string())
    }
}

/// So many places spread over the city.
fn spread(count: usize) -> Vec<(f64, f64)> {
    let spot = |i: usize| {
        let part = |step: f64| (i as f64 * step).fract() * 0.98 + 0.01;
        (50.0 + part(0.618_034), 10.0 + part(0.754_878))
    };
    (0..count).map(spot).collect()
}

#[tokio::test]
async fn the_area_is_split_as_deep_as_asked() {
    // 200 places spread evenly: a quarter holds about 50, which is all shown.
    let server = Server::start(map(spread(200))).await;
    let caller = caller();
    let batch = places_of(&server.url(), caller.clone())
        .search(&query(&["x"], "Y", 1_000, 3))
        .await
        .unwrap();
    assert_eq!(batch.places.len(), 200);
    assert_eq!(batch.coverage, []);
    // Three pages of the whole, the area, three of each quarter.
    assert_eq!(server.calls(), 16);
    let located = caller
        .meter
        .uses()
        .iter()
        .filter(|u| u.operation == "locate")
        .count();
    assert_eq!(located, 1);

    // 800: a quarter of a quarter holds about 50.
    let server = Server::start(map(spread(800))).await;
    let google = places(&server.url());
    let once = google.search(&query(&["x"], "Y", 1_000, 3)).await.unwrap();
    assert!(once.places.len() < 300, "{}", once.places.len());
    assert_eq!(once.coverage.len(), 4);
    for gap in &once.coverage {
        assert!(
            gap.area.is_some() && gap.advice.contains("depth 4"),
            "{gap:?}"
        );
        assert_eq!((gap.seen, gap.calls_needed), (60, 12));
        assert_eq!(gap.cost_needed.to_decimal(), 0.42);
    }
    let south_west = once.coverage[0].area.unwrap();
    assert_eq!((south_west.0.lat, south_west.1.lon), (50.0, 10.5));
    let twice = google.search(&query(&["x"], "Y", 1_000, 4)).await.unwrap();
    assert_eq!((twice.places.len(), twice.coverage.len()), (800, 0));
}

#[tokio::test]
async fn the_split_stops_at_the_maximum_and_at_the_call_limit() {
    let server = Server::start(map(spread(800))).await;
    let google = places(&server.url());
    let few = google.search(&query(&["x"], "Y", 100, 5)).await.unwrap();
    assert!(
        (100..180).contains(&few.places.len()),
        "{}",
        few.places.len()
    );
    assert!(server.calls() <= 10, "{}", server.calls());
    assert!(
        few.coverage
            .iter()
            .any(|gap| gap.cap.contains("max_results")),
        "{:?}",
        few.coverage
    );

    // Everything in one spot, below what is worth a cell: every cell is full.
    let mut crowd = spread(4_000);
    crowd.extend(spread(4_000));
    let server = Server::start(map(crowd)).await;
    let most = places(&server.url());
    let most = most
        .search(&query(&["a", "b", "c", "d"], "Y", 9_999, 5))
        .await
        .unwrap();
    assert_eq!(server.calls(), 200);
    assert!(
        most.coverage
            .iter()
            .any(|gap| gap.cap.contains("200 calls")),
        "{:?}",
        most.coverage
    );
    assert!(most.coverage.len() <= 50);
}

#[tokio::test]
async fn a_rate_limit_in_the_middle_of_a_split_keeps_what_is_there() {
    let whole = map(spread(800));
    let calls = std::sync::atomic::AtomicU32::new(0);
    let server =
        Server::start(
            move |seen| match calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
                0..=6 => whole(seen),
                _ => error(429, "RESOURCE_EXHAUSTED", &json!([])).with("retry-after", "60"),
            },
        )
        .await;
    let batch = places(&server.url())
        .search(&query(&["x"], "Y", 1_000, 4))
        .await
        .unwrap();
    assert!(batch.places.len() >= 60, "{}", batch.places.len());
    assert!(
        batch.limits_reached[0].contains("not complete"),
        "{:?}",
        batch.limits_reached
    );
    let limited = batch
        .coverage
        .iter()
        .filter(|gap| gap.cap == "API_RATE_LIMIT");
    assert_eq!(
        limited.filter(|gap| gap.area.is_some()).count(),
        4,
        "{:?}",
        batch.coverage
    );
    assert!(
        batch
            .coverage
            .iter()
            .all(|gap| gap.advice.contains("again later"))
    );
}
