//! The clients against the sandbox's look-alikes, which know nothing of the clients.

use std::collections::BTreeSet;

use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::ports::{PlaceBatch, PlaceQuery, PlaceSource};
use hunter_providers::{
    GooglePlaces, Overpass,
    client::Shared,
    web_search::{BraveSearch, WebSearchPlaces},
};
use hunter_sandbox::{
    Business, Category, Endpoint, Faults, Focus, Sandbox, Town, TownCity, TownOptions,
};

use crate::{caller, clock, query};

/// Dentists in Mumbai, and nothing else.
async fn dentists(count: usize, faults: Faults) -> Sandbox {
    let focus = Focus {
        category: Category::Dentist,
        city: TownCity::named("Mumbai").unwrap(),
    };
    let options = TownOptions {
        businesses: count,
        focus: Some(focus),
        ..TownOptions::new(7, "2026-01-02T03:04:05Z".parse().unwrap())
    };
    Sandbox::start(Town::generate(options), faults)
        .await
        .unwrap()
}

fn google(sandbox: &Sandbox, key: &str) -> GooglePlaces {
    let (url, key) = (sandbox.base_url(Endpoint::PLACES), key.to_owned());
    GooglePlaces::new(&url, key, caller(), Shared::new(clock())).unwrap()
}

async fn google_search(sandbox: &Sandbox, depth: u8) -> PlaceBatch {
    let asked = query(&["dentists"], "Mumbai, India", 1_000, depth);
    google(sandbox, Sandbox::PLACES_API_KEY)
        .search(&asked)
        .await
        .unwrap()
}

fn ids(batch: &PlaceBatch) -> BTreeSet<String> {
    batch.places.iter().map(|p| p.source_id.clone()).collect()
}

#[tokio::test]
async fn google_shows_sixty_and_the_grid_the_rest() {
    let sandbox = dentists(400, Faults::none()).await;
    let town: BTreeSet<String> = {
        let all = sandbox.town().businesses().iter();
        all.map(|business| business.place_id.clone()).collect()
    };
    let shallow = google_search(&sandbox, 2).await;
    assert_eq!(shallow.places.len(), 20);
    assert_eq!(shallow.coverage.len(), 1);
    let mut before = 60;
    for depth in [3, 4, 5] {
        let batch = google_search(&sandbox, depth).await;
        let found = ids(&batch);
        assert_eq!(found.len(), batch.places.len(), "each place once");
        assert!(found.is_subset(&town));
        let more = found.len() > before || before == town.len();
        assert!(more, "depth {depth}: {}", found.len());
        // What is missing is behind a gap that says so.
        assert_eq!(
            batch.coverage.is_empty(),
            found.len() == town.len(),
            "depth {depth}"
        );
        before = found.len();
    }
    assert_eq!(before, town.len(), "the deepest grid finds every dentist");
}

#[tokio::test]
async fn google_refuses_as_documented() {
    let sandbox = dentists(100, Faults::none()).await;
    let asked = query(&["dentists"], "Mumbai", 100, 3);
    for (key, code) in [
        (Sandbox::PLACES_EXHAUSTED_KEY, ErrorCode::ApiQuotaExceeded),
        (
            Sandbox::PLACES_DISABLED_KEY,
            ErrorCode::AuthenticationFailed,
        ),
        ("wrong", ErrorCode::AuthenticationFailed),
    ] {
        let before = sandbox.counters().places;
        let failure = google(&sandbox, key).search(&asked).await.unwrap_err();
        assert_eq!(failure.code, code, "{key}: {failure}");
        assert_eq!(
            sandbox.counters().places,
            before + 1,
            "{key}: asked once only"
        );
    }
}

#[tokio::test]
async fn google_limits_a_minute_and_results_are_kept() {
    let faults = Faults {
        rate_limit_after: Some(5),
        rate_limit_rejections: 50,
        ..Faults::none()
    };
    let sandbox = dentists(400, faults).await;
    let batch = google_search(&sandbox, 3).await;
    assert!(batch.places.len() >= 60, "{}", batch.places.len());
    assert!(batch.coverage.iter().any(|gap| gap.cap == "API_RATE_LIMIT"));
    assert!(batch.limits_reached[0].contains("not complete"));
}

fn overpass_query() -> PlaceQuery {
    PlaceQuery {
        tags: vec![("amenity".to_owned(), "dentist".to_owned())],
        ..query(&["dentists"], "Mumbai", 1_000, 1)
    }
}

async fn overpass(sandbox: &Sandbox, agent: &str) -> Result<PlaceBatch, RecipeFailure> {
    let url = sandbox.base_url(Endpoint::OVERPASS);
    let client = Overpass::new(&url, agent, caller(), Shared::new(clock()));
    client.unwrap().search(&overpass_query()).await
}

#[tokio::test]
async fn overpass_wants_to_know_who_asks_and_remarks_that_it_broke_off() {
    let sandbox = dentists(50, Faults::none()).await;
    let batch = overpass(&sandbox, "HunterBot/0.1 (+https://x.example)")
        .await
        .unwrap();
    assert!(!batch.places.is_empty());
    let failure = overpass(&sandbox, "reqwest/0.13").await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidConfiguration, "{failure}");
    let faults = Faults {
        overpass_timeout_rate: 1.0,
        error_burst_max: 0,
        ..Faults::none()
    };
    let sandbox = dentists(50, faults).await;
    let failure = overpass(&sandbox, "HunterBot/0.1 (x)").await.unwrap_err();
    assert_eq!(
        (failure.code, failure.retry_after_ms),
        (ErrorCode::Timeout, Some(30_000))
    );
    assert_eq!(sandbox.counters().overpass, 1);
    let faults = Faults {
        rate_limit_after: Some(0),
        rate_limit_rejections: 50,
        ..Faults::none()
    };
    let sandbox = dentists(50, faults).await;
    let failure = overpass(&sandbox, "HunterBot/0.1 (x)").await.unwrap_err();
    assert_eq!(
        (failure.code, failure.retry_after_ms),
        (ErrorCode::ApiRateLimit, Some(30_000))
    );
    assert_eq!(sandbox.counters().overpass, 1, "not asked again at once");
}

fn web(sandbox: &Sandbox, key: &str) -> WebSearchPlaces {
    let url = sandbox.base_url(Endpoint::WEB_SEARCH);
    let shared = Shared::new(clock());
    let brave = BraveSearch::new(url.as_str(), key.to_owned(), caller(), shared);
    WebSearchPlaces::new(brave.unwrap(), clock())
}

#[tokio::test]
async fn a_web_search_finds_the_towns_sites_once_each() {
    let sandbox = dentists(120, Faults::none()).await;
    let asked = query(&["dentists"], "Mumbai", 1_000, 5);
    let batch = web(&sandbox, Sandbox::BRAVE_API_KEY)
        .search(&asked)
        .await
        .unwrap();
    let hosts = ids(&batch);
    assert_eq!(hosts.len(), batch.places.len());
    let dentist = |b: &&Business| b.category.is_dental();
    let town = sandbox.town().businesses().iter().filter(dentist);
    let sites: BTreeSet<String> = town.filter_map(|b| b.website.clone()).collect();
    let bare = |host: &String| host.strip_prefix("www.").unwrap_or(host).to_owned();
    assert_eq!(hosts, sites.iter().map(bare).collect());
    let reasons: Vec<&str> = batch.unusable.iter().map(|r| r.reason.as_str()).collect();
    for part in ["yelp.com", "facebook.com", "a document"] {
        assert!(
            reasons.iter().any(|r| r.contains(part)),
            "{part}: {reasons:?}"
        );
    }
    // Most sites are called what the business is called.
    let named = batch.places.iter().filter(|place| {
        let business = sandbox.town().by_host(&place.source_id).unwrap();
        place.name.as_deref() == Some(business.name.as_str())
    });
    let share = named.count() as f64 / batch.places.len() as f64;
    assert!(share > 0.8, "{share}");
}

#[tokio::test]
async fn a_web_search_is_refused_as_documented() {
    let sandbox = dentists(40, Faults::none()).await;
    let asked = query(&["dentists"], "Mumbai", 100, 3);
    for (key, code) in [
        ("wrong", ErrorCode::AuthenticationFailed),
        (Sandbox::BRAVE_EXHAUSTED_KEY, ErrorCode::ApiQuotaExceeded),
    ] {
        let failure = web(&sandbox, key).search(&asked).await.unwrap_err();
        assert_eq!(failure.code, code, "{failure}");
    }
    let faults = Faults {
        rate_limit_after: Some(1),
        rate_limit_rejections: 1,
        ..Faults::none()
    };
    let sandbox = dentists(120, faults).await;
    let found = web(&sandbox, Sandbox::BRAVE_API_KEY).search(&asked).await;
    assert!(found.is_ok(), "{found:?}");
    assert_eq!(
        sandbox.counters().by_server["web_search"],
        5,
        "every other call was refused and made again"
    );
}
