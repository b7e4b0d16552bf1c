//! Clearbit: what is queued, counted, and known of people.

use hunter_contracts::{EmailAddress, Verification};
use serde_json::{Value, json};

use super::{
    Bench,
    canned::{Canned, Server},
    query,
};

const KEYS: &[(&str, &str)] = &[("clearbit_key", "key")];
const CALL: u64 = 39_600_000;

fn error(status: u16, kind: &str) -> Canned {
    let body = json!({"error": {"type": kind, "message": "words"}});
    Canned::new(status, body.to_string())
}

fn company() -> Value {
    json!({"id": "1", "name": "Smile", "domain": "smile.example", "description": "Teeth.",
        "foundedYear": 1998, "category": {"industry": "Health"}, "tech": ["aws", "aws", "nginx"],
        "metrics": {"employees": 7, "employeesRange": "1-10"}, "phone": null,
        "site": {"phoneNumbers": ["+1 202 555 0100"],
            "emailAddresses": ["info@smile.example", "Ada@smile.example", "agency@web.example"]}})
}

#[tokio::test]
async fn a_queued_business_is_asked_for_again_and_counted_once() {
    let person = json!({"person": {"name": {"fullName": "Ada Lovelace"},
        "employment": {"title": "Owner"}, "linkedin": {"handle": "in/ada"}},
        "company": company()});
    let server = Server::start(&[
        (
            "companies/find?domain=smile.example",
            &[
                error(202, "queued"),
                Canned::new(200, company().to_string()),
            ],
        ),
        (
            "combined/find?email=ada%40smile.example",
            &[Canned::new(200, person.to_string())],
        ),
    ])
    .await;
    let bench = Bench::new(server.config(), KEYS);
    let source = bench.source("clearbit").await;
    let asked = query("smile.example", None, &["Ada Lovelace"]);
    let found = source.find(&asked).await.unwrap();
    assert_eq!(bench.seconds(), 5);
    assert_eq!(bench.used("company"), (2, 0, CALL));
    assert_eq!(bench.used("combined"), (1, 0, CALL));
    let profile = found.company.unwrap();
    assert_eq!(profile.tech, ["aws", "nginx"]);
    assert_eq!(profile.employees.as_deref(), Some("1-10"));
    assert_eq!(profile.phone.as_deref(), Some("+1 202 555 0100"));
    let addresses: Vec<_> = found
        .contacts
        .iter()
        .filter_map(|c| c.email.as_ref().map(EmailAddress::as_str))
        .collect();
    assert_eq!(addresses, ["info@smile.example", "ada@smile.example"]);
    assert_eq!(found.contacts[1].name.as_deref(), Some("Ada Lovelace"));
    let profile = found.contacts[1].linkedin.as_deref();
    assert_eq!(profile, Some("https://www.linkedin.com/in/ada"));
    assert!(
        found
            .contacts
            .iter()
            .all(|c| c.verification == Verification::Unknown)
    );
}

#[tokio::test]
async fn what_stays_queued_is_a_note_and_a_miss_is_counted_too() {
    let server = Server::start(&[("companies/find", &[error(202, "queued")])]).await;
    let bench = Bench::new(server.config(), KEYS);
    let source = bench.source("clearbit").await;
    let found = source
        .find(&query("smile.example", None, &[]))
        .await
        .unwrap();
    assert!(
        found.notes[0].contains("still looking up"),
        "{:?}",
        found.notes
    );
    assert_eq!((bench.seconds(), bench.used("company")), (20, (5, 0, CALL)));

    let server = Server::start(&[("companies/find", &[error(404, "unknown_record")])]).await;
    let bench = Bench::new(server.config(), KEYS);
    let source = bench.source("clearbit").await;
    let found = source
        .find(&query("smile.example", None, &[]))
        .await
        .unwrap();
    assert!(found.company.is_none() && found.notes.is_empty());
    assert_eq!(bench.used("company"), (1, 0, CALL));
}
