//! People, their addresses and their numbers stay together, and nobody gets another's.

use hunter_contracts::{EnrichmentLevel, Evidence, FactKind, Lead, PhoneContact, Verification};
use hunter_core::ports::{CompanyProfile, ContactAnswer, FoundContact};

use crate::doubles::*;

const MAIN: &str = "+911122334455";

fn with_phone(name: Option<&str>, email: &str, phone: &str) -> FoundContact {
    FoundContact {
        phone: Some(phone.into()),
        ..contact(name, email, Verification::Valid)
    }
}

/// The numbers of a lead after a service said these contacts, as (name, e-mail, number).
async fn numbers(
    asked: Lead,
    contacts: Vec<FoundContact>,
) -> Vec<(Option<String>, Option<String>, String)> {
    let world = World::default()
        .site("apollo-dental.com", "")
        .source("cheap", move |_| Ok(answer(contacts.clone())));
    let ran = world.run(vec![asked]).await;
    let contacts = ran.lead().phone_contacts.clone().unwrap_or_default();
    contacts
        .into_iter()
        .map(|c| (c.name, c.email.map(String::from), c.phone))
        .collect()
}

fn asked() -> Lead {
    lead("apollo-dental.com", EnrichmentLevel::Premium)
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[tokio::test]
async fn a_person_keeps_its_own_address_and_number() {
    let found = numbers(
        asked(),
        vec![
            with_phone(
                Some("Dr. Rajesh Kumar"),
                "rajesh@apollo-dental.com",
                "098765 43210",
            ),
            contact(
                Some("Priya Rao"),
                "priya@apollo-dental.com",
                Verification::Valid,
            ),
            with_phone(None, "info@apollo-dental.com", MAIN),
        ],
    )
    .await;
    assert_eq!(
        found,
        [
            (
                text("Dr. Rajesh Kumar"),
                text("rajesh@apollo-dental.com"),
                "+919876543210".to_owned()
            ),
            (None, None, MAIN.to_owned()),
        ]
    );
}

#[tokio::test]
async fn nobody_is_paired_with_a_shared_number_or_anothers() {
    // The business's own line.
    let mut main = asked();
    main.phone = Some(MAIN.into());
    let rajesh = || with_phone(Some("Rajesh Kumar"), "rajesh@apollo-dental.com", MAIN);
    let found = numbers(main, vec![rajesh()]).await;
    assert_eq!(found, [(None, None, MAIN.to_owned())]);
    // A number that the site shows without a name.
    let on_site = |name: Option<&str>| {
        let mut lead = asked();
        lead.phone_contacts = Some(vec![PhoneContact {
            name: name.map(str::to_owned),
            email: None,
            phone: MAIN.into(),
            evidence: None,
        }]);
        lead
    };
    let found = numbers(on_site(None), vec![rajesh()]).await;
    assert_eq!(found, [(None, None, MAIN.to_owned())]);
    // Another person's.
    let found = numbers(on_site(Some("Priya Rao")), vec![rajesh()]).await;
    assert_eq!(found, [(text("Priya Rao"), None, MAIN.to_owned())]);
    // The same person's, written in another way: the address joins the number.
    let found = numbers(on_site(Some("Kumar, Rajesh")), vec![rajesh()]).await;
    let own = text("rajesh@apollo-dental.com");
    assert_eq!(found, [(text("Kumar, Rajesh"), own, MAIN.to_owned())]);
    // One number, two people.
    let priya = with_phone(
        Some("Priya Rao"),
        "priya@apollo-dental.com",
        "+91 11 2233 4455",
    );
    let found = numbers(asked(), vec![rajesh(), priya]).await;
    assert_eq!(found, [(None, None, MAIN.to_owned())]);
}

#[tokio::test]
async fn people_are_named_once_with_evidence() {
    let site = "<p>Owner: Rajesh Kumar</p><p>info@apollo-dental.com</p>";
    let world = World::default()
        .site("apollo-dental.com", site)
        .source("cheap", |query| {
            assert_eq!(query.people, ["Rajesh Kumar"]);
            assert_eq!(query.company.as_deref(), Some("Apollo Dental"));
            Ok(answer(vec![
                contact(Some("Dr. Rajesh Kumar"), "", Verification::Unknown),
                contact(Some("Priya Rao"), "", Verification::Unknown),
            ]))
        });
    let ran = world.run(vec![asked()]).await;
    let people: Vec<_> = ran
        .lead()
        .facts
        .iter()
        .filter(|fact| fact.kind == FactKind::Person)
        .map(|fact| (fact.value.as_str(), fact.evidence.url.as_str()))
        .collect();
    let expected = [
        ("Rajesh Kumar", "https://apollo-dental.com/"),
        ("Priya Rao", "https://service.example/"),
    ];
    assert_eq!(people, expected);
}

#[tokio::test]
async fn a_persons_private_mailbox_is_not_taken() {
    let world = World::default()
        .site("apollo-dental.com", "")
        .source("cheap", |_| {
            Ok(answer(vec![
                contact(
                    Some("Rajesh Kumar"),
                    "rajesh.k@gmail.com",
                    Verification::Valid,
                ),
                contact(Some("Priya Rao"), "", Verification::Valid),
            ]))
        });
    let ran = world.run(vec![asked()]).await;
    assert!(ran.emails().is_empty(), "{:?}", ran.emails());
    assert_eq!(ran.lead().facts.len(), 2);
}

#[tokio::test]
async fn what_is_known_of_the_business_comes_with_its_evidence() {
    let world = World::default()
        .site("apollo-dental.com", "")
        .source("cheap", |_| {
            let company = CompanyProfile {
                description: Some("Dental clinics in  Chennai.".into()),
                founded_year: Some(1998),
                industry: Some("Dentistry".into()),
                tech: vec!["WordPress".into()],
                phone: Some(MAIN.into()),
                evidence: Some(evidence("cheap")),
                ..CompanyProfile::default()
            };
            Ok(ContactAnswer {
                company: Some(company),
                ..ContactAnswer::default()
            })
        });
    let ran = world.run(vec![asked()]).await;
    let lead = ran.lead();
    let facts: Vec<(FactKind, &str)> = lead
        .facts
        .iter()
        .map(|f| (f.kind, f.value.as_str()))
        .collect();
    let expected = [
        (FactKind::Founded, "1998"),
        (FactKind::Category, "Dentistry"),
        (FactKind::Category, "Dental clinics in Chennai."),
    ];
    assert_eq!(facts, expected);
    let from: Evidence = evidence("cheap");
    assert!(lead.facts.iter().all(|fact| fact.evidence == from));
    let site = lead.website_metadata.as_ref().unwrap();
    assert_eq!(
        site.tech_stack.as_deref(),
        Some(["WordPress".to_owned()].as_slice())
    );
    assert_eq!(site.evidence["tech_stack"], from);
    assert_eq!(lead.phone.as_deref(), Some(MAIN));
    assert!(!lead.absent.contains_key("tech_stack"));
}
