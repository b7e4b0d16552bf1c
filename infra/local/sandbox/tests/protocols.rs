//! The look-alike APIs over real HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::collections::BTreeSet;

use hunter_sandbox::{Category, Endpoint, Faults, Focus, Sandbox, Town, TownCity, TownOptions};
use jiff::Timestamp;
use reqwest::{Client, Response};
use serde_json::{Value, json};

fn now() -> Timestamp {
    "2026-03-01T09:00:00Z".parse().unwrap()
}

/// reqwest is built without a TLS provider; the servers here speak plain http.
fn client() -> reqwest::ClientBuilder {
    // An earlier test of the same process may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
}

async fn start(faults: Faults) -> Sandbox {
    Sandbox::start(Town::generate(TownOptions::new(11, now())), faults)
        .await
        .unwrap()
}

async fn search_as(sandbox: &Sandbox, key: &str, mask: &str, body: &Value) -> (u16, Value) {
    let url = format!(
        "{}/v1/places:searchText",
        sandbox.base_url(Endpoint::PLACES)
    );
    let mut request = client()
        .build()
        .unwrap()
        .post(url)
        .header("content-type", "application/json");
    if !key.is_empty() {
        request = request.header("X-Goog-Api-Key", key);
    }
    if !mask.is_empty() {
        request = request.header("X-Goog-FieldMask", mask);
    }
    let response = request.body(body.to_string()).send().await.unwrap();
    read(response).await
}

async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (
        status,
        serde_json::from_str(&response.text().await.unwrap()).unwrap(),
    )
}

async fn search(sandbox: &Sandbox, mask: &str, body: &Value) -> (u16, Value) {
    search_as(sandbox, Sandbox::PLACES_API_KEY, mask, body).await
}

/// Every page of a query.
async fn ids(sandbox: &Sandbox, query: &str) -> (Vec<String>, usize) {
    let mut ids = Vec::new();
    let mut pages = 0;
    let mut body = json!({ "textQuery": query });
    loop {
        let (status, page) = search(sandbox, "places.id,nextPageToken", &body).await;
        assert_eq!(status, 200, "{page}");
        pages += 1;
        for place in page["places"].as_array().into_iter().flatten() {
            ids.push(place["id"].as_str().unwrap().to_owned());
        }
        let Some(token) = page["nextPageToken"].as_str() else {
            return (ids, pages);
        };
        body["pageToken"] = json!(token);
    }
}

#[tokio::test]
async fn pages_go_to_sixty_and_stop() {
    let sandbox = start(Faults::none()).await;
    let (dentists, pages) = ids(&sandbox, "dentists in Mumbai, India").await;
    assert_eq!((dentists.len(), pages), (60, 3));
    let different: BTreeSet<&String> = dentists.iter().collect();
    assert_eq!(different.len(), 60);
    for id in &dentists {
        let business = sandbox.town().by_place_id(id).unwrap();
        assert!(business.category.is_dental() && business.city == "Mumbai");
    }
    // Other queries find the rest.
    let mut all: BTreeSet<String> = dentists.into_iter().collect();
    for query in [
        "orthodontists in Mumbai",
        "dental clinics in Mumbai",
        "dentists in Bandra",
    ] {
        all.extend(ids(&sandbox, query).await.0);
    }
    let truth = sandbox.town().businesses().iter();
    let truth = truth
        .filter(|b| b.city == "Mumbai" && b.category.is_dental())
        .count();
    assert!(
        all.len() > 60 && all.len() <= truth,
        "{} of {truth}",
        all.len()
    );
    assert_eq!(
        sandbox.counters().by_status["places"][&200],
        sandbox.counters().places
    );
    sandbox.stop().await;
}

#[tokio::test]
async fn a_focused_town_gives_two_hundred_leads_by_district() {
    let focus = Focus {
        category: Category::Dentist,
        city: TownCity::named("Mumbai").unwrap(),
    };
    let options = TownOptions {
        businesses: 400,
        focus: Some(focus),
        ..TownOptions::new(1, now())
    };
    let sandbox = Sandbox::start(Town::generate(options), Faults::none())
        .await
        .unwrap();
    let mut all = BTreeSet::new();
    for district in [
        "Bandra West",
        "Andheri East",
        "Powai",
        "Dadar West",
        "Colaba",
        "Juhu",
        "Malad West",
        "Chembur",
        "Borivali West",
        "Lower Parel",
        "Ghatkopar East",
        "Worli",
    ] {
        all.extend(
            ids(&sandbox, &format!("dentist in {district}, Mumbai"))
                .await
                .0,
        );
    }
    assert!(all.len() >= 380, "{}", all.len());
}

#[tokio::test]
async fn the_field_mask_is_honoured() {
    let sandbox = start(Faults::none()).await;
    let body = json!({ "textQuery": "dentist Mumbai", "pageSize": 3 });
    let (_, page) = search(&sandbox, "places.displayName.text,places.rating", &body).await;
    let places = page["places"].as_array().unwrap();
    assert_eq!(places.len(), 3);
    assert!(page.get("nextPageToken").is_none());
    for place in places {
        let fields: BTreeSet<&str> = place
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert!(
            fields.is_subset(&BTreeSet::from(["displayName", "rating"])),
            "{fields:?}"
        );
        assert!(place["displayName"].get("languageCode").is_none());
    }
    let (_, everything) = search(&sandbox, "*", &body).await;
    assert!(everything["nextPageToken"].is_string());
    assert!(everything["places"][0]["formattedAddress"].is_string());

    for mask in ["", "places.id, places.rating", "places.nonsense", "id"] {
        let (status, error) = search(&sandbox, mask, &body).await;
        assert_eq!(
            (status, &error["error"]["status"]),
            (400, &json!("INVALID_ARGUMENT")),
            "{mask}"
        );
    }
}

#[tokio::test]
async fn keys_bodies_and_tokens_are_checked() {
    let sandbox = start(Faults::none()).await;
    let good = json!({ "textQuery": "dentist Mumbai" });
    for (key, code, status, reason) in [
        ("", 403, "PERMISSION_DENIED", Value::Null),
        ("wrong", 400, "INVALID_ARGUMENT", json!("API_KEY_INVALID")),
        (
            Sandbox::PLACES_DISABLED_KEY,
            403,
            "PERMISSION_DENIED",
            json!("SERVICE_DISABLED"),
        ),
    ] {
        let (got, body) = search_as(&sandbox, key, "places.id", &good).await;
        let error = &body["error"];
        assert_eq!(
            (got, error["code"].as_u64().unwrap()),
            (code, u64::from(code))
        );
        assert_eq!(error["status"], status);
        assert_eq!(error["details"][0]["reason"], reason);
    }
    for bad in [
        json!({}),
        json!({ "textQuery": "dentist", "keyword": "x" }),
        json!({ "textQuery": "dentist", "pageSize": -1 }),
        json!({ "textQuery": "dentist", "includedType": "wizard" }),
        json!({ "textQuery": "dentist", "pageToken": "stale" }),
        json!({ "textQuery": "dentist", "locationRestriction": { "circle": {} } }),
        json!({ "textQuery": "dentist", "locationBias": { "circle": { "radius": 5 } } }),
    ] {
        let (status, body) = search(&sandbox, "places.id", &bad).await;
        assert_eq!(status, 400, "{bad} gave {body}");
    }
    // A token of another query is foreign.
    let (_, page) = search(&sandbox, "nextPageToken", &good).await;
    let foreign = json!({ "textQuery": "dentist Pune", "pageToken": page["nextPageToken"] });
    assert_eq!(search(&sandbox, "places.id", &foreign).await.0, 400);
    // Nothing found is an empty object.
    let nowhere = json!({ "textQuery": "dentists in Atlantis" });
    assert_eq!(
        search(&sandbox, "places.id", &nowhere).await,
        (200, json!({}))
    );
}

#[tokio::test]
async fn areas_restrict() {
    let sandbox = start(Faults::none()).await;
    let rectangle = json!({ "rectangle": {
        "low": { "latitude": 48.0, "longitude": 11.0 },
        "high": { "latitude": 48.5, "longitude": 12.0 },
    }});
    let body = json!({ "textQuery": "Zahnarzt", "locationRestriction": rectangle });
    let (_, page) = search(&sandbox, "places.id,places.formattedAddress", &body).await;
    let places = page["places"].as_array().unwrap();
    assert!(!places.is_empty());
    for place in places {
        assert!(
            place["formattedAddress"]
                .as_str()
                .unwrap()
                .contains("München"),
            "{place}"
        );
    }
}

#[tokio::test]
async fn faults_come_as_the_services_send_them() {
    let faults = Faults {
        rate_limit_after: Some(1),
        rate_limit_rejections: 1,
        ..Faults::none()
    };
    let sandbox = start(faults).await;
    let body = json!({ "textQuery": "dentist Mumbai" });
    assert_eq!(search(&sandbox, "places.id", &body).await.0, 200);
    let (status, error) = search(&sandbox, "places.id", &body).await;
    assert_eq!(
        (status, &error["error"]["status"]),
        (429, &json!("RESOURCE_EXHAUSTED"))
    );
    assert_eq!(search(&sandbox, "places.id", &body).await.0, 200);
    assert_eq!(sandbox.counters().faults, 1);

    let faults = Faults {
        overpass_timeout_rate: 1.0,
        error_burst_max: 1,
        ..Faults::none()
    };
    let sandbox = start(faults).await;
    let query = "[out:json];nwr[\"amenity\"=\"dentist\"](18,72,20,74);out center;";
    let (status, body) = read(overpass(&sandbox, "hunter (ops@host.example)", query).await).await;
    assert_eq!(status, 200);
    assert!(
        body["remark"]
            .as_str()
            .unwrap()
            .starts_with("runtime error: Query timed out")
    );
    assert_eq!(body["elements"], json!([]));
    let (_, body) = read(overpass(&sandbox, "hunter (ops@host.example)", query).await).await;
    assert!(body.get("remark").is_none() && !body["elements"].as_array().unwrap().is_empty());
}

async fn overpass(sandbox: &Sandbox, agent: &str, query: &str) -> Response {
    let url = format!("{}/api/interpreter", sandbox.base_url(Endpoint::OVERPASS));
    let form: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("data", query)
        .finish();
    let request = client()
        .build()
        .unwrap()
        .post(url)
        .header("user-agent", agent)
        .header("content-type", "application/x-www-form-urlencoded");
    request.body(form).send().await.unwrap()
}

#[tokio::test]
async fn overpass_finds_what_the_town_has() {
    let sandbox = start(Faults::none()).await;
    let query = "[out:json][timeout:25];\narea[\"name\"=\"Mumbai\"]->.a;\n(\n  \
                 nwr[\"amenity\"=\"dentist\"](area.a);\n);\nout center;";
    let (status, body) = read(overpass(&sandbox, "hunter (ops@host.example)", query).await).await;
    assert_eq!(status, 200);
    let found: BTreeSet<i64> = body["elements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["id"].as_i64().unwrap())
        .collect();
    let truth: BTreeSet<i64> = sandbox
        .town()
        .businesses()
        .iter()
        .filter(|b| b.city == "Mumbai" && b.category.is_dental())
        .filter_map(|b| b.osm.map(|osm| osm.id))
        .collect();
    assert_eq!(found, truth);
    for element in body["elements"].as_array().unwrap() {
        let place = if element["type"] == "way" {
            &element["center"]
        } else {
            element
        };
        assert!(
            place["lat"].is_f64() && element["tags"]["name"].is_string(),
            "{element}"
        );
    }
    // The recursion mixes in points without tags.
    let query = "[out:json];(nwr[amenity=dentist](18,72,20,74);>;);out body;";
    let (_, body) = read(overpass(&sandbox, "hunter (ops@host.example)", query).await).await;
    assert!(
        body["elements"]
            .as_array()
            .unwrap()
            .iter()
            .any(|e| e.get("tags").is_none())
    );
}

#[tokio::test]
async fn overpass_refuses_as_the_real_one_does() {
    let sandbox = start(Faults::none()).await;
    let query = "[out:json];node[\"amenity\"](18,72,20,74);out;";
    assert_eq!(
        overpass(&sandbox, "python-requests/2.32", query)
            .await
            .status(),
        406
    );
    let response = overpass(
        &sandbox,
        "hunter (ops@host.example)",
        "[out:json];nod(1);out;",
    )
    .await;
    assert_eq!(response.status(), 400);
    assert!(
        response.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    let page = response.text().await.unwrap();
    assert!(
        page.contains("line 1: parse error: Unknown type &quot;nod&quot;"),
        "{page}"
    );
    assert_eq!(sandbox.counters().overpass, 2);
}
