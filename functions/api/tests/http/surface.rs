//! What every answer has, and that the description is the API's own.

use std::{fs, path::Path, sync::Arc};

use api::{ApiState, JwtSettings, JwtVerifier};
use base64::{Engine, engine::general_purpose::STANDARD};
use lambda_http::{Service, request::LambdaRequest};
use serde_json::{Value, json};

use crate::{
    fixture::{ADA, Fixture},
    issuer::{AUDIENCE, ISSUER},
    operations,
};

#[tokio::test]
async fn the_public_pages_need_no_token() {
    let fixture = Fixture::start().await;
    let health = fixture.send("GET /healthz", &[], None).await;
    assert_eq!(
        (health.status, health.text.as_str()),
        (200, r#"{"status":"ok"}"#)
    );
    let document = fixture.send("GET /v1/openapi.json", &[], None).await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let page = fixture.send("GET /v1/errors/NOT_FOUND", &[], None).await;
    assert!(page.text.starts_with("# NOT_FOUND"), "{}", page.text);
}

#[tokio::test]
async fn every_answer_has_its_headers() {
    let fixture = Fixture::start().await;
    let trace = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1";
    for call in [
        "GET /healthz",
        "GET /v1/runs",
        "POST /healthz",
        "GET /nothing",
    ] {
        let answer = fixture
            .send(
                call,
                &[
                    ("x-amzn-trace-id", trace),
                    ("origin", "https://evil.example"),
                ],
                None,
            )
            .await;
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-request-id", "1-67891233-abcdef012345678912345678"),
            ("access-control-allow-origin", ""),
        ] {
            assert_eq!(answer.header(name), value, "{call} {name}");
        }
    }
    let forged = [("x-amzn-trace-id", "Root=<script>")];
    let answer = fixture.send("GET /healthz", &forged, None).await;
    assert!(
        answer.header("x-request-id").starts_with("req_"),
        "{:?}",
        answer.headers
    );
}

#[tokio::test]
async fn every_path_names_its_methods() {
    let fixture = Fixture::start().await;
    let all = operations::all();
    for operation in &all {
        let path = operation
            .path
            .replace("{id}", "x")
            .replace("{code}", "NOT_FOUND");
        let own: Vec<&str> = all
            .iter()
            .filter(|other| other.path == operation.path)
            .map(|other| other.method.as_str())
            .collect();
        for method in [
            "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY",
        ] {
            if own.contains(&method) {
                continue;
            }
            let answer = fixture.ask(ADA, &format!("{method} {path}"), None).await;
            answer.problem(405);
            let allow = answer.header("allow");
            assert!(
                own.iter().all(|method| allow.contains(method)),
                "{method} {path}: {allow}"
            );
        }
    }
}

#[tokio::test]
async fn every_operation_but_the_public_ones_wants_a_token() {
    let fixture = Fixture::start().await;
    let all = operations::all();
    let public = all.iter().filter(|operation| operation.is_public);
    assert_eq!(public.count(), 3);
    for operation in all.iter().filter(|operation| !operation.is_public) {
        let path = operation.path.replace("{id}", "x");
        let call = format!("{} {path}?nonsense=1", operation.method);
        fixture
            .send(&call, &[], Some(b"{{{".to_vec()))
            .await
            .problem(401);
    }
}

#[test]
fn the_description_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/api/openapi.json");
    let standing: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let remedy = "out of date: `cargo xtask schemas` writes it";
    assert!(standing == api::openapi(), "{remedy}");
    assert_eq!(operations::all().len(), 20);
}

#[test]
fn the_examples_fit_their_schemas() {
    let document = api::openapi();
    let mut checked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let media = &operation["requestBody"]["content"]["application/json"];
            let Some(example) = media.get("example") else {
                continue;
            };
            let mut schema = media["schema"].clone();
            schema["components"] = document["components"].clone();
            let valid = jsonschema::validate(&schema, example);
            assert!(valid.is_ok(), "{method} {path}: {valid:?}");
            checked += 1;
        }
    }
    assert_eq!(checked, 6);
}

/// What API Gateway sends (payload format 2.0) is answered by the same router.
async fn gateway(fixture: &Fixture, event: Value) -> (u16, Value) {
    let event: LambdaRequest = serde_json::from_value(event).unwrap();
    let request: lambda_http::Request = event.into();
    let settings = JwtSettings::new(ISSUER, AUDIENCE, "tenant_id");
    let clock = Arc::new(fixture.clock.clone());
    let verifier = JwtVerifier::remote(settings, &fixture.issuer.url, clock);
    let mut router = api::router(ApiState {
        control: fixture.cloud.control.clone(),
        verifier: Arc::new(verifier),
    });
    let answer = router.call(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 1_000_000)
        .await
        .unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn events_of_api_gateway_are_answered() {
    let fixture = Fixture::start().await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/api.json");
    let sample: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let healthy = gateway(&fixture, sample.clone()).await;
    assert_eq!(healthy, (200, json!({"status": "ok"})));

    let mut start = sample.clone();
    start["rawPath"] = json!("/v1/runs");
    start["requestContext"]["http"]["method"] = json!("POST");
    start["headers"]["content-type"] = json!("application/json");
    start["headers"]["idempotency-key"] = json!("key-1");
    start["body"] = json!(STANDARD.encode(r#"{"agent_id":"agent_1"}"#));
    start["isBase64Encoded"] = json!(true);
    assert_eq!(gateway(&fixture, start.clone()).await.0, 401);
    start["headers"]["authorization"] = json!(format!("Bearer {}", fixture.token(ADA)));
    let (status, started) = gateway(&fixture, start).await;
    assert_eq!((status, &started["status"]), (202, &json!("starting")));

    let mut list = sample;
    list["rawPath"] = json!("/v1/drafts");
    list["rawQueryString"] = json!("limit=1&status=draft_pending_review");
    list["requestContext"]["http"]["path"] = json!("/v1/drafts");
    list["headers"]["authorization"] = json!(format!("Bearer {}", fixture.token(ADA)));
    let (status, page) = gateway(&fixture, list).await;
    assert_eq!(
        (status, page["items"].as_array().map(Vec::len)),
        (200, Some(1)),
        "{page}"
    );
}
