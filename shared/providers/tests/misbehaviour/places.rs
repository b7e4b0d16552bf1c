//! Sources of places.

use std::sync::Arc;

use futures::FutureExt;
use hunter_contracts::RecipeFailure;
use hunter_core::ports::{PlaceQuery, PlaceSource};
use hunter_providers::{
    GooglePlaces, Overpass,
    web_search::{BraveSearch, WebSearchPlaces},
};
use serde_json::{Value, json};

use crate::harness::{Adapter, KEY, misbehave, outage};

async fn search(source: impl PlaceSource) -> Result<usize, RecipeFailure> {
    let query = PlaceQuery {
        terms: vec!["dentists".to_owned()],
        tags: vec![("amenity".to_owned(), "dentist".to_owned())],
        location: Some("Leipzig".to_owned()),
        max_results: 20,
        depth: 1,
    };
    let batch = source.search(&query).await?;
    Ok(batch.places.len() + batch.unusable.len())
}

fn google_places() -> Adapter {
    Adapter {
        name: "google_places",
        healthy: || {
            json!({"places": [{
                "id": "ChIJ1",
                "displayName": {"text": "Zahnarztpraxis Müller", "languageCode": "de"},
                "formattedAddress": "Markt 1, 04109 Leipzig, Germany",
                "addressComponents": [
                    {"longText": "Leipzig", "shortText": "Leipzig", "types": ["locality"]}],
                "location": {"latitude": 51.3, "longitude": 12.4},
                "types": ["dentist", "establishment"],
                "primaryType": "dentist",
                "rating": 4.5,
                "userRatingCount": 12,
                "websiteUri": "https://mueller.example/",
                "businessStatus": "OPERATIONAL"
            }]})
        },
        requests_max: 3,
        bills_bad_answers: false,
        otherwise: &[],
        run: |base_url, shared, caller| {
            async move {
                search(GooglePlaces::new(
                    &base_url,
                    KEY.to_owned(),
                    caller,
                    shared,
                )?)
                .await
            }
            .boxed()
        },
    }
}

fn osm() -> Value {
    json!({
        "version": 0.6,
        "generator": "Overpass API",
        "osm3s": {"timestamp_osm_base": "2026-11-22T07:08:09Z"},
        "elements": [
            {"type": "node", "id": 1, "lat": 51.3, "lon": 12.4,
             "tags": {"name": "Zahnarztpraxis Müller", "amenity": "dentist"}},
            {"type": "way", "id": 2, "center": {"lat": 51.5, "lon": 12.5},
             "tags": {"name": "B", "amenity": "dentist"}}]
    })
}

fn overpass() -> Adapter {
    Adapter {
        name: "overpass",
        healthy: osm,
        requests_max: 3,
        bills_bad_answers: false,
        otherwise: &[],
        run: |base_url, shared, caller| {
            let agent = "HunterBot/0.1 (+https://hunter.example)";
            async move { search(Overpass::new(&base_url, agent, caller, shared)?).await }.boxed()
        },
    }
}

fn brave() -> Adapter {
    Adapter {
        name: "brave_search",
        healthy: || {
            json!({
                "type": "search",
                "query": {"original": "dentists in Leipzig", "more_results_available": false},
                "web": {"type": "search", "results": [{
                    "type": "search_result", "title": "Zahnarztpraxis Müller",
                    "url": "https://mueller.example/", "description": "Zähne",
                    "profile": {"name": "Müller", "long_name": "mueller.example"}}]}
            })
        },
        requests_max: 3,
        bills_bad_answers: false,
        otherwise: &[],
        run: |base_url, shared, caller| {
            async move {
                let clock = Arc::clone(&shared.clock);
                let engine = BraveSearch::new(&base_url, KEY.to_owned(), caller, shared)?;
                search(WebSearchPlaces::new(engine, clock)).await
            }
            .boxed()
        },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn brave_search_outlives_every_shape() {
    misbehave(brave()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn brave_search_survives_an_outage_cheaply() {
    outage(&brave()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn google_places_outlives_every_shape() {
    misbehave(google_places()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn google_places_survives_an_outage_cheaply() {
    outage(&google_places()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn overpass_outlives_every_shape() {
    misbehave(overpass()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn overpass_survives_an_outage_cheaply() {
    outage(&overpass()).await;
}
