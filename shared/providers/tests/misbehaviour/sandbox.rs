//! Faults of a running sandbox's bodies, as a client meets with them.

use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::ports::{PlaceQuery, PlaceSource};
use hunter_providers::GooglePlaces;
use hunter_sandbox::{BodyFault, Endpoint, Faults, Sandbox, Town, TownOptions};

use crate::harness::{caller, shared};

/// What a search gives whose first requests meet with these, and the requests that it took.
async fn search(script: &[BodyFault]) -> (Result<usize, RecipeFailure>, u64) {
    let line = |(n, fault): (usize, &BodyFault)| (Endpoint::PLACES, n as u64 + 1, *fault);
    let faults = Faults {
        body_script: script.iter().enumerate().map(line).collect(),
        slow_body_ms: 200,
        ..Faults::none()
    };
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    let town = Town::generate(TownOptions::new(3, now));
    let sandbox = Sandbox::start(town, faults).await.unwrap();
    let query = PlaceQuery {
        terms: vec!["dentist".to_owned()],
        tags: Vec::new(),
        location: Some("Mumbai".to_owned()),
        max_results: 20,
        depth: 1,
    };
    let (base_url, key) = (sandbox.base_url(Endpoint::PLACES), Sandbox::PLACES_API_KEY);
    let google = GooglePlaces::new(&base_url, key.to_owned(), caller("acme"), shared()).unwrap();
    let found = google.search(&query).await.map(|batch| batch.places.len());
    (found, sandbox.counters().places)
}

#[tokio::test(flavor = "multi_thread")]
async fn body_faults_are_survived_or_named() {
    use BodyFault::{Huge, Reset, Slow, SuccessThenTimeout, Truncated};
    let (found, requests) = search(&[]).await;
    let right = (found.unwrap(), requests);
    assert!(right.0 > 0);
    // What may pass is asked for again; what comes slowly is waited for.
    for (script, requests) in [(&[Reset][..], 2), (&[Reset, Reset], 3), (&[Slow], 1)] {
        let (found, asked) = search(script).await;
        assert_eq!((found.unwrap(), asked), (right.0, requests), "{script:?}");
    }
    for (fault, code) in [
        (Truncated, ErrorCode::ApiBadResponse),
        (Huge, ErrorCode::ApiBadResponse),
        (SuccessThenTimeout, ErrorCode::Timeout),
    ] {
        let (found, asked) = search(&[fault]).await;
        assert_eq!((found.unwrap_err().code, asked), (code, 1), "{fault:?}");
    }
}
