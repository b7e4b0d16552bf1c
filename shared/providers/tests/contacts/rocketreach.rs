//! RocketReach: polling, and what belongs to one person.

use hunter_contracts::{EmailAddress, ErrorCode, Verification};
use serde_json::{Value, json};

use super::{
    Bench,
    canned::{Canned, Server},
    query,
};

const KEYS: &[(&str, &str)] = &[("rocketchat_key", "key")];
const CREDIT: u64 = 360_000_000;

fn profile(status: &str, emails: &Value, phones: &Value) -> Value {
    json!({"id": 5244, "status": status, "name": "Ada Lovelace", "current_title": "Owner",
        "current_employer": "Smile", "linkedin_url": "https://www.linkedin.com/in/ada",
        "emails": emails, "phones": phones})
}

fn canned(body: &Value) -> Canned {
    Canned::new(200, body.to_string())
}

#[tokio::test]
async fn a_lookup_is_polled_until_it_is_complete() {
    let emails = json!([
        {"email": "ada@private.example", "smtp_valid": "valid", "type": "personal", "grade": "A"},
        {"email": "old@smile.example", "smtp_valid": "invalid", "type": "professional", "grade": "F"},
        {"email": "Ada@Smile.example", "smtp_valid": "valid", "type": "professional", "grade": "A-"},
    ]);
    let phones = json!([
        {"number": "+1 202 555 0101", "validity": "invalid", "recommended": true},
        {"number": "+1 202 555 0100", "e164": "+12025550100", "validity": "valid"},
    ]);
    let running = |status: &str| json!([{"id": 5244, "status": status}]);
    let server = Server::start(&[
        (
            "person/lookup",
            &[canned(&json!({"id": 5244, "status": "searching"}))],
        ),
        (
            "checkStatus?ids=5244",
            &[
                canned(&running("waiting")),
                canned(&running("progress")),
                canned(&json!([profile("complete", &emails, &phones)])),
            ],
        ),
    ])
    .await;
    let bench = Bench::new(server.config(), KEYS);
    let source = bench.source("rocketreach").await;
    let asked = query(
        "smile.example",
        Some("Smile"),
        &["Ada Lovelace", "Charles Babbage"],
    );
    let found = source.find(&asked).await.unwrap();
    assert_eq!(found.contacts.len(), 1);
    let ada = &found.contacts[0];
    assert_eq!(
        ada.email.as_ref().map(EmailAddress::as_str),
        Some("ada@smile.example")
    );
    assert_eq!(ada.phone.as_deref(), Some("+12025550100"));
    assert_eq!(ada.verification, Verification::Valid);
    assert_eq!(ada.position.as_deref(), Some("Owner"));
    assert!(
        ada.evidence.quote.contains("grade A-"),
        "{}",
        ada.evidence.quote
    );
    assert_eq!(bench.seconds(), 9);
    // Verified: the second person is not paid for.
    assert_eq!(server.asked("person/lookup"), 1);
    assert_eq!(server.asked("name=Ada+Lovelace&current_employer=Smile"), 1);
    assert_eq!(bench.used("person_lookup"), (1, 0, CREDIT));
    assert_eq!(bench.used("check_status"), (3, 0, 0));
}

#[tokio::test]
async fn a_lookup_that_never_ends_is_a_note() {
    let running = json!({"id": 5244, "status": "queued"});
    let server = Server::start(&[
        ("person/lookup", &[canned(&running)]),
        ("checkStatus", &[canned(&json!([running]))]),
    ])
    .await;
    let bench = Bench::new(server.config(), KEYS);
    let source = bench.source("rocketreach").await;
    let asked = query("smile.example", None, &["Ada Lovelace"]);
    let found = source.find(&asked).await.unwrap();
    assert!(found.contacts.is_empty());
    assert!(
        found.notes[0].contains("still searching"),
        "{:?}",
        found.notes
    );
    assert_eq!(bench.seconds(), 30);
    assert_eq!(bench.caller.meter.cost().nanos(), 0);
    // Without a company's name its domain is the employer.
    assert_eq!(server.asked("current_employer=smile.example"), 1);
}

#[tokio::test]
async fn nobody_known_and_nothing_found_cost_nothing() {
    let none = json!({"error": "We could not find a profile for that query."});
    let private = json!([{"email": "ada@gmail.com", "smtp_valid": "valid", "type": "personal"}]);
    let cases = [
        Canned::new(404, none.to_string()),
        canned(&json!({"id": 5244, "status": "failed"})),
        canned(&profile("complete", &json!([]), &json!(null))),
        canned(&json!([])),
    ];
    for answer in cases {
        let server = Server::start(&[("person/lookup", &[answer])]).await;
        let bench = Bench::new(server.config(), KEYS);
        let source = bench.source("rocketreach").await;
        let asked = query("smile.example", None, &["Ada Lovelace"]);
        let found = source.find(&asked).await.unwrap();
        assert!(
            found.contacts.is_empty() && found.notes.is_empty(),
            "{found:?}"
        );
        assert_eq!(bench.used("person_lookup"), (1, 0, 0));
    }
    // A private mailbox costs its credit and is not handed on.
    let answer = canned(&profile("complete", &private, &json!([])));
    let server = Server::start(&[("person/lookup", &[answer])]).await;
    let bench = Bench::new(server.config(), KEYS);
    let source = bench.source("rocketreach").await;
    let found = source
        .find(&query("smile.example", None, &["Ada Lovelace"]))
        .await
        .unwrap();
    assert!(found.contacts.is_empty());
    assert_eq!(bench.used("person_lookup"), (1, 0, CREDIT));
}

#[tokio::test]
async fn without_a_name_nobody_is_asked_for() {
    let server = Server::start(&[]).await;
    let bench = Bench::new(server.config(), KEYS);
    let source = bench.source("rocketreach").await;
    let found = source
        .find(&query("smile.example", Some("Smile"), &[" "]))
        .await
        .unwrap();
    assert!(
        found.notes[0].contains("needs a person's name"),
        "{:?}",
        found.notes
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_profile_is_asked_for_by_its_address() {
    let emails =
        json!([{"email": "ada@smile.example", "smtp_valid": null, "type": "professional"}]);
    let answer = canned(&profile("complete", &emails, &json!(null)));
    let server = Server::start(&[("linkedin_url=https", &[answer])]).await;
    let bench = Bench::new(server.config(), KEYS);
    let source = bench.source("rocketreach").await;
    let asked = query("smile.example", None, &["https://www.linkedin.com/in/ada"]);
    let found = source.find(&asked).await.unwrap();
    assert_eq!(found.contacts[0].name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(found.contacts[0].verification, Verification::Unknown);
}

#[tokio::test]
async fn undocumented_shapes_are_refused() {
    let cases = [
        json!({"id": 5244, "status": "teleporting"}),
        json!({"id": "5244", "status": "complete"}),
        json!({"id": 5244}),
        json!("complete"),
    ];
    for body in cases {
        let server = Server::start(&[("person/lookup", &[canned(&body)])]).await;
        let bench = Bench::new(server.config(), KEYS);
        let source = bench.source("rocketreach").await;
        let asked = query("smile.example", None, &["Ada Lovelace"]);
        let failure = source.find(&asked).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::ApiBadResponse, "{body}");
        assert_eq!(bench.used("person_lookup"), (1, 1, 0), "{body}");
    }
}
