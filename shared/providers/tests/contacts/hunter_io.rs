//! Hunter.io: paging, polling, and what is never said of somebody who opted out.

use hunter_contracts::{EmailAddress, ErrorCode, Verification};
use serde_json::{Value, json};

use super::{
    Bench,
    canned::{Canned, Server},
    query,
};

const KEYS: &[(&str, &str)] = &[("hunter_io_key", "key")];
/// A credit of the price table, in billionths of a dollar.
const CREDIT: u64 = 24_500_000;

fn entry(address: &str, seniority: Option<&str>) -> Value {
    json!({"value": address, "type": "personal", "confidence": 80, "sources": [],
        "first_name": "A", "last_name": address.split('@').next(), "position": null,
        "seniority": seniority, "department": null, "verification": null})
}

fn page(entries: &[Value], results: u64, description: Option<&str>) -> Canned {
    let body = json!({
        "data": {"domain": "smile.example", "pattern": "{first}.{last}", "organization": "Smile",
            "description": description, "emails": entries},
        "meta": {"results": results, "limit": 10, "offset": 0},
    });
    Canned::new(200, body.to_string())
}

fn ten(from: usize) -> Vec<Value> {
    let junior = |n| entry(&format!("p{n}@smile.example"), Some("junior"));
    (from..from + 10).map(junior).collect()
}

#[tokio::test]
async fn pages_are_read_until_somebody_decides() {
    let boss = entry("boss@smile.example", Some("executive"));
    let server = Server::start(&[
        ("offset=0&type=personal", &[page(&ten(10), 31, None)]),
        ("offset=10&type=personal", &[page(&[boss], 31, None)]),
        ("offset=0", &[page(&ten(0), 40, Some("Dentists."))]),
    ])
    .await;
    let bench = Bench::new(server.config(), KEYS);
    let source = bench.source("hunter_io").await;
    let found = source
        .find(&query("smile.example", None, &[]))
        .await
        .unwrap();
    assert_eq!(found.contacts.len(), 21);
    assert_eq!(
        found.contacts[0].email.as_ref().map(EmailAddress::as_str),
        Some("boss@smile.example")
    );
    assert!(
        found.notes[0].contains("knows 40 addresses"),
        "{:?}",
        found.notes
    );
    assert_eq!(server.asked("seniority=senior%2Cexecutive"), 2);
    // One credit for each ten addresses or part of ten.
    assert_eq!(bench.used("domain_search"), (3, 0, 3 * CREDIT));
    // The search described the business: nothing is paid for its profile.
    assert_eq!(server.asked("companies/find"), 0);
    assert_eq!(
        found.company.unwrap().description.as_deref(),
        Some("Dentists.")
    );
}

#[tokio::test]
async fn a_plan_without_paging_keeps_the_first_page() {
    let refused = json!({"errors": [{"id": "pagination_error", "code": 400, "details": "free"}]});
    let server = Server::start(&[
        ("type=personal", &[Canned::new(400, refused.to_string())]),
        ("offset=0", &[page(&ten(0), 40, Some("Dentists."))]),
    ])
    .await;
    let bench = Bench::new(server.config(), KEYS);
    let source = bench.source("hunter_io").await;
    let found = source
        .find(&query("smile.example", None, &[]))
        .await
        .unwrap();
    assert_eq!(found.contacts.len(), 10);
    assert!(
        found.notes[0].contains("pagination_error"),
        "{:?}",
        found.notes
    );
}

#[tokio::test]
async fn nothing_found_costs_nothing() {
    let missing = json!({"errors": [{"id": "not_found", "code": 404, "details": "no"}]});
    let server = Server::start(&[
        ("domain-search", &[page(&[], 0, None)]),
        (
            "email-finder",
            &[Canned::new(200, r#"{"data":{"email":null,"score":null}}"#)],
        ),
        ("companies/find", &[Canned::new(404, missing.to_string())]),
    ])
    .await;
    let bench = Bench::new(server.config(), KEYS);
    let source = bench.source("hunter_io").await;
    let asked = query("smile.example", None, &["Ada Lovelace"]);
    let found = source.find(&asked).await.unwrap();
    assert!(found.contacts.is_empty() && found.opted_out.is_empty());
    assert_eq!(bench.caller.meter.calls(), 3);
    assert_eq!(bench.caller.meter.cost().nanos(), 0);
    assert_eq!(bench.used("company"), (1, 0, 0));
}

#[tokio::test]
async fn whoever_opted_out_is_reported_and_not_found() {
    let claimed = json!({"errors": [{"id": "claimed_email", "code": 451, "details": "asked"}]});
    let server = Server::start(&[
        (
            "domain-search",
            &[page(&[entry("info@smile.example", None)], 1, Some("D."))],
        ),
        ("email-finder", &[Canned::new(451, claimed.to_string())]),
        ("email-verifier", &[Canned::new(451, "")]),
    ])
    .await;
    let bench = Bench::new(server.config(), KEYS);
    let source = bench.source("hunter_io").await;
    let asked = query("smile.example", None, &["Ada Lovelace"]);
    let found = source.find(&asked).await.unwrap();
    assert_eq!(
        found.opted_out,
        ["ada.lovelace@smile.example".parse().unwrap()]
    );
    assert!(found.notes[0].contains("Ada Lovelace"), "{:?}", found.notes);
    let verdict = bench
        .verifier()
        .await
        .verify(&"ada@smile.example".parse().unwrap())
        .await
        .unwrap();
    assert!(verdict.opted_out);
    assert_eq!(verdict.verification, Verification::Unknown);
    assert_eq!(bench.used("email_verifier"), (1, 0, 0));
}

#[tokio::test]
async fn an_address_without_a_name_is_asked_for_together_with_its_business() {
    let nameless = json!({"value": "al@smile.example", "type": "personal", "confidence": 70});
    let both = json!({"data": {
        "person": {"name": {"fullName": "Ada Lovelace"}, "employment": {"title": "Owner"},
            "linkedin": {"handle": "ada"}, "phone": "+1 202 555 0100"},
        "company": {"name": "Smile Ltd", "description": "Teeth.", "foundedYear": 1998,
            "category": {"industry": "Health"}, "metrics": {"employees": "1-10"},
            "tech": ["wordpress"], "phone": null},
    }});
    let server = Server::start(&[
        ("domain-search", &[page(&[nameless], 1, None)]),
        ("combined/find", &[Canned::new(200, both.to_string())]),
    ])
    .await;
    let bench = Bench::new(server.config(), KEYS);
    let source = bench.source("hunter_io").await;
    let found = source
        .find(&query("smile.example", None, &[]))
        .await
        .unwrap();
    let ada = &found.contacts[0];
    assert_eq!(ada.name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(ada.position.as_deref(), Some("Owner"));
    assert_eq!(ada.phone.as_deref(), Some("+1 202 555 0100"));
    assert_eq!(
        ada.linkedin.as_deref(),
        Some("https://www.linkedin.com/in/ada")
    );
    let company = found.company.unwrap();
    assert_eq!(
        (company.founded_year, company.employees.as_deref()),
        (Some(1998), Some("1-10"))
    );
    assert_eq!(bench.used("combined"), (1, 0, 9_800_000));
}

#[tokio::test]
async fn verifications_are_polled_within_a_bound() {
    let done = json!({"data": {"status": "valid", "score": 97}});
    let waits = Canned::new(202, r#"{"data":null}"#);
    let answers = [
        waits.clone(),
        waits.clone(),
        Canned::new(200, done.to_string()),
    ];
    let server = Server::start(&[("email-verifier", &answers)]).await;
    let bench = Bench::new(server.config(), KEYS);
    let verifier = bench.verifier().await;
    let verdict = verifier
        .verify(&" Ada@Smile.example ".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(verdict.verification, Verification::Valid);
    assert_eq!(bench.used("email_verifier"), (3, 0, CREDIT / 2));
    assert_eq!(server.asked("email=ada%40smile.example"), 3);

    let server = Server::start(&[("email-verifier", &[waits])]).await;
    let bench = Bench::new(server.config(), KEYS);
    let verdict = bench
        .verifier()
        .await
        .verify(&"ada@smile.example".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(verdict.verification, Verification::Unknown);
    assert!((16..=24).contains(&bench.seconds()), "{}", bench.seconds());
    assert_eq!(bench.used("email_verifier"), (11, 0, 0));
}

#[tokio::test]
async fn unknown_is_never_valid_and_costs_nothing() {
    let unclear = [
        (
            200,
            json!({"data": {"status": "unknown", "result": "deliverable", "score": 99}}),
        ),
        (200, json!({"data": {"status": "brand_new", "score": 99}})),
        (
            222,
            json!({"errors": [{"id": "verification_failed", "code": 222, "details": "x"}]}),
        ),
        (200, json!({"data": {"result": "risky", "score": 60}})),
    ];
    for (status, body) in unclear {
        let canned = [Canned::new(status, body.to_string())];
        let server = Server::start(&[("email-verifier", &canned)]).await;
        let bench = Bench::new(server.config(), KEYS);
        let verdict = bench
            .verifier()
            .await
            .verify(&"a@smile.example".parse().unwrap())
            .await
            .unwrap();
        assert_eq!(verdict.verification, Verification::Unknown, "{body}");
        assert!(!verdict.opted_out);
        assert_eq!(bench.used("email_verifier"), (1, 0, 0), "{body}");
    }
    let server = Server::start(&[("email-verifier", &[Canned::new(200, r#"{"data":{}}"#)])]).await;
    let bench = Bench::new(server.config(), KEYS);
    let failure = bench
        .verifier()
        .await
        .verify(&"a@smile.example".parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!(failure.code, ErrorCode::ApiBadResponse);
    assert_eq!(bench.used("email_verifier"), (1, 1, 0));
}

#[tokio::test]
async fn evidence_is_the_page_that_still_has_the_address() {
    let source = |uri: &str, seen: &str, still: bool| {
        json!({"domain": "x", "uri": uri, "extracted_on": "2020-01-01", "last_seen_on": seen,
            "still_on_page": still})
    };
    let mut ada = entry("ada@smile.example", None);
    ada["sources"] = json!([
        source("http://old.example/", "2026-02-01", false),
        source("http://smile.example/team", "2026-01-15", true),
    ]);
    let server = Server::start(&[("domain-search", &[page(&[ada], 1, Some("D."))])]).await;
    let bench = Bench::new(server.config(), KEYS);
    let source = bench.source("hunter_io").await;
    let found = source
        .find(&query("smile.example", None, &[]))
        .await
        .unwrap();
    let evidence = &found.contacts[0].evidence;
    assert_eq!(evidence.url, "http://smile.example/team");
    assert_eq!(evidence.fetched_at, "2026-01-15T00:00:00Z".parse().unwrap());
    assert!(
        evidence.quote.contains("ada@smile.example"),
        "{}",
        evidence.quote
    );
}

#[tokio::test]
async fn a_later_failure_loses_nothing() {
    let server = Server::start(&[
        (
            "domain-search",
            &[page(&[entry("a@smile.example", None)], 1, None)],
        ),
        ("email-finder", &[Canned::new(500, "{}")]),
        ("companies/find", &[Canned::new(500, "{}")]),
    ])
    .await;
    let bench = Bench::new(server.config(), KEYS);
    let source = bench.source("hunter_io").await;
    let asked = query("smile.example", None, &["Ada Lovelace"]);
    let found = source.find(&asked).await.unwrap();
    assert_eq!(found.contacts.len(), 1);
    assert_eq!(found.notes.len(), 2, "{:?}", found.notes);
}

#[tokio::test]
async fn what_is_no_domain_is_not_asked() {
    let server = Server::start(&[]).await;
    let bench = Bench::new(server.config(), KEYS);
    let source = bench.source("hunter_io").await;
    let failure = source.find(&query("", None, &[])).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidInput);
    assert!(server.seen().is_empty());
}
