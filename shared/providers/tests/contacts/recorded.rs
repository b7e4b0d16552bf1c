//! Bodies that the services were recorded with, served as they are.

use std::path::PathBuf;

use hunter_contracts::{EmailAddress, ErrorCode, Verification};
use hunter_core::ports::ContactAnswer;
use serde_json::Value;

use super::{
    Bench,
    canned::{Canned, Server},
    query,
};

const KEYS: &[(&str, &str)] = &[("hunter_io_key", "key"), ("clearbit_key", "key")];

/// A recorded body, where the real-world data is present.
fn body(path: &str) -> Option<String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/realworld/api");
    if let Ok(text) = std::fs::read_to_string(root.join(path)) {
        // Some files hold the request beside the response.
        let json: Value = serde_json::from_str(&text).unwrap();
        return Some(json.get("response").map_or(text, Value::to_string));
    }
    eprintln!("skipped: `{path}` of the real-world data is not here");
    None
}

async fn bench(status: u16, body: String) -> (Server, Bench) {
    let missing = r#"{"errors":[{"id":"not_found","code":404,"details":"none"}]}"#;
    let server = Server::start(&[
        ("companies/find", &[Canned::new(404, missing)]),
        ("/", &[Canned::new(status, body)]),
    ])
    .await;
    let bench = Bench::new(server.config(), KEYS);
    (server, bench)
}

async fn find(domain: &str, body: String) -> ContactAnswer {
    let (_server, bench) = bench(200, body).await;
    let source = bench.source("hunter_io").await;
    source.find(&query(domain, None, &[])).await.unwrap()
}

#[tokio::test]
async fn domain_searches() {
    let Some(text) = body("hunter/2026-domain-search-example.json") else {
        return;
    };
    let found = find("stripe.com", text).await;
    let patrick = &found.contacts[0];
    assert_eq!(
        patrick.email.as_ref().map(EmailAddress::as_str),
        Some("patrick@stripe.com")
    );
    assert_eq!(patrick.name.as_deref(), Some("Patrick Collison"));
    assert_eq!(patrick.verification, Verification::Valid);
    assert_eq!(patrick.confidence.get(), 0.99);
    assert_eq!(
        patrick.linkedin.as_deref(),
        Some("https://www.linkedin.com/in/patrickcollison")
    );
    assert_eq!(patrick.evidence.url, "https://stripe.com/about");
    assert_eq!(
        patrick.evidence.fetched_at,
        "2026-03-18T00:00:00Z".parse().unwrap()
    );
    let press = &found.contacts[1];
    assert_eq!(
        (press.name.as_deref(), press.verification),
        (None, Verification::AcceptAll)
    );
    let company = found.company.unwrap();
    assert_eq!(
        company.industry.as_deref(),
        Some("Internet Software & Services")
    );
    assert_eq!(company.employees.as_deref(), Some("5001-10000"));
    assert!(found.notes[0].contains("142"), "{:?}", found.notes);

    // The older shape has neither verification nor description.
    let Some(text) = body("hunter/domain-search.json") else {
        return;
    };
    let found = find("intercom.io", text).await;
    assert_eq!(found.contacts.len(), 3);
    assert!(
        found
            .contacts
            .iter()
            .all(|c| c.verification == Verification::Unknown)
    );
    assert_eq!(
        found.contacts[0].evidence.fetched_at,
        "2017-07-01T00:00:00Z".parse().unwrap()
    );
}

#[tokio::test]
async fn persons() {
    for (path, domain, person, email, verification) in [
        (
            "hunter/2026-email-finder-example.json",
            "stripe.com",
            "Patrick Collison",
            "patrick@stripe.com",
            Verification::Valid,
        ),
        (
            "hunter/email-finder.json",
            "asana.com",
            "Dustin Moskovitz",
            "dustin@asana.com",
            Verification::Unknown,
        ),
    ] {
        let Some(text) = body(path) else { return };
        let empty = r#"{"data":{"description":"x","emails":[]},"meta":{"results":0}}"#;
        let server = Server::start(&[
            ("domain-search", &[Canned::new(200, empty)]),
            ("email-finder", &[Canned::new(200, text)]),
        ])
        .await;
        let bench = Bench::new(server.config(), KEYS);
        let source = bench.source("hunter_io").await;
        let found = source.find(&query(domain, None, &[person])).await.unwrap();
        let contact = &found.contacts[0];
        assert_eq!(
            contact.email.as_ref().map(EmailAddress::as_str),
            Some(email)
        );
        assert_eq!(contact.name.as_deref(), Some(person));
        assert_eq!(contact.position.as_deref(), Some("CEO"));
        assert_eq!(contact.verification, verification, "{path}");
        assert!(
            contact.evidence.url.starts_with("http"),
            "{}",
            contact.evidence.url
        );
    }
}

#[tokio::test]
async fn verifications() {
    for (path, confidence) in [
        ("hunter/2026-email-verifier-example.json", 0.99),
        ("hunter/email-verifier.json", 0.91),
    ] {
        let Some(text) = body(path) else { return };
        let (_server, bench) = bench(200, text).await;
        let verdict = bench
            .verifier()
            .await
            .verify(&"ada@example.com".parse().unwrap())
            .await
            .unwrap();
        assert_eq!(verdict.verification, Verification::Valid, "{path}");
        assert_eq!(verdict.confidence.get(), confidence, "{path}");
    }
}

#[tokio::test]
async fn an_account() {
    let Some(text) = body("hunter/account-info.json") else {
        return;
    };
    let (_server, bench) = bench(200, text).await;
    let checks = bench.services.check(&bench.caller).await.unwrap();
    let hunter = checks
        .iter()
        .find(|check| check.service == "hunter_io")
        .unwrap();
    let said = hunter.result.as_ref().unwrap();
    assert_eq!(
        said,
        "plan Pro, 28526 of 50000 calls used until 2020 - 07 - 02"
    );
}

#[tokio::test]
async fn refusals() {
    for (path, status, code) in [
        ("hunter/error.json", 400, ErrorCode::InvalidInput),
        (
            "hunter/error-429-too_many_requests.json",
            429,
            ErrorCode::ApiQuotaExceeded,
        ),
        // An answer to another question.
        ("hunter/email-count.json", 200, ErrorCode::ApiBadResponse),
    ] {
        let Some(text) = body(path) else { return };
        let (_server, bench) = bench(status, text).await;
        let source = bench.source("hunter_io").await;
        let failure = source
            .find(&query("stripe.com", None, &[]))
            .await
            .unwrap_err();
        assert_eq!(failure.code, code, "{path}: {failure}");
    }
}

#[tokio::test]
async fn companies_of_clearbit() {
    let find = async |path: &str| {
        let text = body(path)?;
        let server = Server::start(&[("/", &[Canned::new(200, text)])]).await;
        let bench = Bench::new(server.config(), KEYS);
        let source = bench.source("clearbit").await;
        let asked = query("clearbit.com", None, &[]);
        Some(source.find(&asked).await.map_err(|failure| failure.code))
    };
    let Some(found) = find("clearbit/company-v2-slack.json").await else {
        return;
    };
    let found = found.unwrap();
    let company = found.company.unwrap();
    assert_eq!(company.name.as_deref(), Some("Clearbit"));
    assert_eq!(
        company.industry.as_deref(),
        Some("Internet Software & Services")
    );
    assert_eq!(company.employees.as_deref(), Some("10"));
    assert_eq!(company.phone.as_deref(), Some("+1 877-223-8023"));
    assert_eq!(
        company
            .tech
            .iter()
            .filter(|name| *name == "mixpanel")
            .count(),
        1
    );
    assert_eq!(found.contacts.len(), 7);

    // The first shape of all: everything at the top.
    let uber = find("clearbit/company.json")
        .await
        .unwrap()
        .unwrap()
        .company
        .unwrap();
    assert_eq!(
        (uber.name.as_deref(), uber.employees.as_deref()),
        (Some("Uber"), Some("200"))
    );
    assert_eq!(uber.industry.as_deref(), Some("Transportation"));
    let named = find("clearbit/name_to_domain.json").await.unwrap().unwrap();
    assert_eq!(named.company.unwrap().name.as_deref(), Some("Uber"));
    // Answers to other questions.
    for path in ["clearbit/discovery.json", "clearbit/risk.json"] {
        let code = find(path).await.unwrap().unwrap_err();
        assert_eq!(code, ErrorCode::ApiBadResponse, "{path}");
    }
}
