//! Who is asked, and when it stops.

use hunter_contracts::{EmailClass, EnrichmentLevel, ErrorCode, Lead, PhoneContact, Verification};
use hunter_core::ports::ContactQuery;

use crate::doubles::*;

const PERSONAL: &str = "<p>Write to <a href='mailto:rajesh@apollo-dental.com'>Rajesh</a></p>";
const ROLE: &str = "<p>Write to <a href='mailto:info@apollo-dental.com'>us</a></p>";

fn nobody(_: &ContactQuery) -> Result<hunter_core::ports::ContactAnswer, ErrorCode> {
    Ok(answer(Vec::new()))
}

fn somebody(
    verification: Verification,
) -> impl Fn(&ContactQuery) -> Result<hunter_core::ports::ContactAnswer, ErrorCode> {
    move |query| {
        let email = format!("rajesh@{}", query.domain);
        Ok(answer(vec![contact(
            Some("Rajesh Kumar"),
            &email,
            verification,
        )]))
    }
}

fn valid(email: &str) -> (&str, Result<hunter_core::ports::Verdict, ErrorCode>) {
    (email, Ok(verdict_of(Verification::Valid)))
}

#[tokio::test]
async fn services_are_asked_cheapest_first_until_a_person_is_verified() {
    let world = World::default()
        .site("apollo-dental.com", ROLE)
        .source("cheap", nobody)
        .source("dear", somebody(Verification::Valid))
        .source("dearest", somebody(Verification::Valid));
    let ran = world
        .run(vec![lead("apollo-dental.com", EnrichmentLevel::Premium)])
        .await;
    assert_eq!(
        ran.paid(),
        ["cheap apollo-dental.com", "dear apollo-dental.com"]
    );
    assert_eq!(
        ran.emails(),
        ["rajesh@apollo-dental.com", "info@apollo-dental.com"]
    );
    let best = &ran.lead().emails.as_ref().unwrap()[0];
    assert_eq!(best.source.as_deref(), Some("dear"));
    assert_eq!(best.verification, Some(Verification::Valid));
    assert_eq!(best.class, Some(EmailClass::Personal));
    let sure: Vec<f64> = ran
        .lead()
        .emails
        .iter()
        .flatten()
        .map(|e| e.confidence.unwrap().get())
        .collect();
    assert!(sure[0] > 0.9, "{sure:?}");
    let notes = ran.lead().enrichment_notes.join("\n");
    assert!(notes.contains("premium: gold (rules-1)"), "{notes}");
    assert!(
        notes.contains("cheap: nobody known") && notes.contains("dear: 1 contact"),
        "{notes}"
    );
}

#[tokio::test]
async fn a_verified_person_on_the_site_ends_it_before_any_service() {
    let world = World::default()
        .site("apollo-dental.com", PERSONAL)
        .verifier(&[valid("rajesh@apollo-dental.com")])
        .source("cheap", somebody(Verification::Valid));
    let ran = world
        .run(vec![lead("apollo-dental.com", EnrichmentLevel::Premium)])
        .await;
    assert_eq!(ran.paid(), ["verify rajesh@apollo-dental.com"]);
}

#[tokio::test]
async fn unknown_is_never_valid_and_does_not_stop_premium() {
    // The service's own words and the verifier's are unclear, the mail host cannot be asked.
    for fail in [vec![], vec!["apollo-dental.com"]] {
        let mut world = World::default()
            .site("apollo-dental.com", ROLE)
            .verifier(&[])
            .source("cheap", somebody(Verification::Unknown))
            .source("dear", nobody);
        world.fail = fail;
        let ran = world
            .run(vec![lead("apollo-dental.com", EnrichmentLevel::Premium)])
            .await;
        let asked = ran.paid();
        assert!(
            asked.contains(&"dear apollo-dental.com".to_owned()),
            "{asked:?}"
        );
        for email in ran.lead().emails.as_ref().unwrap() {
            assert_eq!(email.verification, Some(Verification::Unknown), "{email:?}");
        }
    }
}

#[tokio::test]
async fn levels_pay_for_what_they_say() {
    use EnrichmentLevel::{Basic, Skip, Standard};
    // Level, page, what is asked besides mail hosts, mail hosts, times that keys are read.
    let table: [(EnrichmentLevel, &str, &[&str], usize, u64); 5] = [
        (Skip, ROLE, &[], 0, 0),
        (Basic, ROLE, &[], 0, 0),
        (Basic, "", &[], 0, 0),
        (Standard, ROLE, &["verify info@apollo-dental.com"], 1, 1),
        (Standard, "", &["cheap apollo-dental.com"], 1, 1),
    ];
    for (level, page, asked, hosts, opened) in table {
        let mut world = World::default()
            .site("apollo-dental.com", page)
            .verifier(&[valid("info@apollo-dental.com")])
            .source("cheap", somebody(Verification::Valid))
            .source("dear", somebody(Verification::Valid));
        world.asked = (level == Basic).then_some(Basic);
        let ran = world.run(vec![lead("apollo-dental.com", level)]).await;
        assert_eq!(ran.lead().enrichment_level, Some(level));
        assert_eq!(ran.paid(), asked, "{level:?}");
        assert_eq!(
            ran.world.asked_for().len() - asked.len(),
            hosts,
            "{level:?}"
        );
        assert_eq!(ran.opened(), opened, "{level:?}");
        let verified = ran.lead().emails.as_ref().and_then(|e| e[0].verification);
        let expected = (level == Standard).then_some(Verification::Valid);
        assert_eq!(verified, expected, "{level:?}");
        let class = ran.lead().emails.as_ref().and_then(|e| e[0].class);
        assert_eq!(
            class.is_some(),
            level != Skip && !(level == Basic && page.is_empty())
        );
    }
}

/// A model puts the first lead one step down, to basic, beside one that is premium.
#[tokio::test]
async fn a_basic_lead_beside_a_premium_one_pays_nothing() {
    let model = ModelDouble::new(|_| {
        let (id, level) = ("lead_a-praxis.de", "basic");
        Ok(serde_json::json!({"levels": [{"id": id, "level": level, "reason": "enough"}]}))
    });
    let mut world = World::default()
        .verifier(&[])
        .source("cheap", somebody(Verification::Valid));
    for host in ["a-praxis.de", "b-praxis.de"] {
        world = world.site(host, &format!("<a href='mailto:info@{host}'>x</a>"));
    }
    world.models = Some(std::sync::Arc::new(model));
    let leads = vec![
        lead("a-praxis.de", EnrichmentLevel::Standard),
        lead("b-praxis.de", EnrichmentLevel::Premium),
    ];
    let ran = world.run(leads).await;
    assert_eq!(ran.lead().enrichment_level, Some(EnrichmentLevel::Basic));
    let asked = ran.world.asked_for();
    assert!(
        asked.iter().all(|what| what.contains("b-praxis.de")),
        "{asked:?}"
    );
    assert!(!asked.is_empty());
    assert_eq!(ran.lead().emails.as_ref().unwrap()[0].verification, None);
}

#[tokio::test]
async fn what_the_verifier_calls_invalid_is_replaced() {
    let world = World::default()
        .site("apollo-dental.com", ROLE)
        .verifier(&[(
            "info@apollo-dental.com",
            Ok(verdict_of(Verification::Invalid)),
        )])
        .source("cheap", somebody(Verification::AcceptAll));
    let ran = world
        .run(vec![lead("apollo-dental.com", EnrichmentLevel::Standard)])
        .await;
    assert_eq!(
        ran.paid(),
        ["verify info@apollo-dental.com", "cheap apollo-dental.com"]
    );
    assert_eq!(
        ran.emails(),
        ["rajesh@apollo-dental.com", "info@apollo-dental.com"]
    );
}

#[tokio::test]
async fn a_dead_address_is_marked_stands_last_and_is_replaced() {
    let mut world = World::default()
        .site(
            "apollo-dental.com",
            "<a href='mailto:info@apollo.example.in'>x</a>",
        )
        .source("cheap", somebody(Verification::AcceptAll));
    world.refuse = vec!["apollo-old.com"];
    let mut old = lead("apollo-dental.com", EnrichmentLevel::Standard);
    old.emails = Some(vec![record("info@apollo-old.com")]);
    let ran = world.run(vec![old]).await;
    assert_eq!(ran.paid(), ["cheap apollo-dental.com"]);
    assert_eq!(
        ran.emails(),
        ["rajesh@apollo-dental.com", "info@apollo-old.com"]
    );
    let dead = &ran.lead().emails.as_ref().unwrap()[1];
    assert_eq!(dead.verification, Some(Verification::Invalid));
    assert_eq!(dead.confidence.unwrap().get(), 0.0);
    assert!(ran.outcome.errors.is_empty());
}

fn record(email: &str) -> hunter_contracts::EmailContact {
    hunter_contracts::EmailContact {
        source: Some("source_record".into()),
        ..hunter_contracts::EmailContact::new(email.parse().unwrap())
    }
}

#[tokio::test]
async fn a_throw_away_address_is_kept_but_never_a_way_to_reach_the_lead() {
    let mut thrown = lead("", EnrichmentLevel::Basic);
    thrown.emails = Some(vec![record("apollo@mailinator.com")]);
    let ran = World::default().run(vec![thrown]).await;
    let email = &ran.lead().emails.as_ref().unwrap()[0];
    assert_eq!(email.class, Some(EmailClass::Disposable));
    assert_eq!(email.verification, Some(Verification::Disposable));
    assert_eq!(ran.outcome.errors[0].error_code, ErrorCode::EmailNotFound);
}

#[tokio::test]
async fn a_mailbox_at_a_domain_in_its_own_script_is_verified() {
    let world = World::default()
        .verifier(&[valid("info@xn--zahnarzt-mller-psb.de")])
        .source("cheap", nobody);
    let mut found = lead("zahnarzt-müller.de", EnrichmentLevel::Standard);
    found.emails = Some(vec![record("info@zahnarzt-müller.de")]);
    let ran = world.run(vec![found]).await;
    let email = &ran.lead().emails.as_ref().unwrap()[0];
    assert_eq!(email.verification, Some(Verification::Valid));
    assert!(ran.outcome.errors.is_empty(), "{:?}", ran.outcome.errors);
}

#[tokio::test]
async fn branches_of_a_chain_share_one_question() {
    let hosts = [
        "leipzig.kette.de",
        "halle.kette.de",
        "kette.de",
        "www.kette.de",
        "jena.kette.de",
    ];
    let mut world = World::default()
        .verifier(&[])
        .source("cheap", somebody(Verification::Valid));
    world.concurrency = 4;
    for host in hosts {
        world = world.site(host, "");
    }
    let leads: Vec<Lead> = hosts
        .map(|host| lead(host, EnrichmentLevel::Premium))
        .into();
    let ran = world.run(leads).await;
    assert_eq!(ran.world.asked_for(), ["cheap kette.de", "mx kette.de"]);
    assert_eq!(ran.meter.calls(), 1);
    for branch in &ran.outcome.data.leads {
        assert_eq!(emails(branch), ["rajesh@kette.de"]);
    }
}

#[tokio::test]
async fn hosts_of_many_businesses_are_never_asked_about() {
    for website in [
        "facebook.com/apollo",
        "apollo.wixsite.com/home",
        "https://www.instagram.com/apollo",
        "sites.google.com/view/apollo",
        "http://192.0.2.7/",
        "gmail.com",
        "",
    ] {
        let world = World::default().source("cheap", somebody(Verification::Valid));
        let mut shared = lead(website, EnrichmentLevel::Premium);
        shared.emails = Some(vec![record("apollo.dental@gmail.com")]);
        let ran = world.run(vec![shared]).await;
        assert_eq!(ran.world.asked_for(), Vec::<String>::new(), "{website}");
        assert_eq!(ran.emails(), ["apollo.dental@gmail.com"]);
        let email = &ran.lead().emails.as_ref().unwrap()[0];
        assert_eq!(email.verification, Some(Verification::Webmail));
        assert_eq!(email.class, Some(EmailClass::FreeMail));
    }
    // A business without a site is known by the domain of its mailbox.
    let world = World::default().source("cheap", somebody(Verification::Valid));
    let mut known = lead("", EnrichmentLevel::Premium);
    known.emails = Some(vec![record("info@apollo-dental.com")]);
    let ran = world.run(vec![known]).await;
    assert_eq!(ran.paid(), ["cheap apollo-dental.com"]);
}

#[tokio::test]
async fn verifications_are_limited_and_the_cost_is_on_the_meter() {
    let page = ["ann.lee", "bob.ray", "cat.fox", "dan.orr", "eve.poe"]
        .map(|name| format!("<p>{name}@apollo-dental.com</p>"))
        .concat();
    let world = World::default()
        .site("apollo-dental.com", &page)
        .verifier(&[])
        .source("cheap", nobody);
    let mut asked = lead("apollo-dental.com", EnrichmentLevel::Premium);
    asked.phone_contacts = Some(vec![PhoneContact {
        name: None,
        email: None,
        phone: "+911122334455".into(),
        evidence: None,
    }]);
    let ran = world.run(vec![asked]).await;
    let verified = ran
        .paid()
        .iter()
        .filter(|a| a.starts_with("verify"))
        .count();
    assert_eq!(verified, 3);
    // Persons on the site that are 0.90 sure are enough without a service.
    assert_eq!(ran.paid().len(), 3);
    assert_eq!(ran.meter.calls(), 0);

    let world = World::default().source("cheap", somebody(Verification::Valid));
    let leads = ["a-praxis.de", "b-praxis.de"].map(|host| lead(host, EnrichmentLevel::Premium));
    let ran = world.run(leads.into()).await;
    let uses = ran.meter.uses();
    assert_eq!((uses.len(), uses[0].calls), (1, 2));
    assert_eq!(uses[0].cost.to_string(), "$0.068");
}

/// What the customer is charged is reading a site: what a service found about a business without
/// one is on us.
#[tokio::test]
async fn the_charge_is_for_reading_a_site() {
    for (site, charges) in [(true, 1), (false, 0)] {
        let mut world = World::default().source("cheap", somebody(Verification::Valid));
        if site {
            world = world.site("apollo-dental.com", "");
        }
        let ran = world
            .run(vec![lead("apollo-dental.com", EnrichmentLevel::Premium)])
            .await;
        assert_eq!(ran.emails(), ["rajesh@apollo-dental.com"]);
        assert_eq!(ran.outcome.charges.len(), charges);
    }
}
