//! What the checker lets through and what it cuts.

use hunter_contracts::LeadId;
use jiff::civil::date;

use super::*;
use crate::grammar::english;

fn lead() -> Lead {
    let mut lead = Lead::new(LeadId::derived("lead", "1"));
    lead.name = Some("Apollo Dental".into());
    let evidence = |quote: &str| Evidence {
        url: "https://apollo.example/blog".into(),
        quote: quote.into(),
        fetched_at: jiff::Timestamp::UNIX_EPOCH,
    };
    let title = "Five myths about braces";
    lead.add_fact(
        FactKind::BlogPost,
        title.into(),
        Some(date(2025, 3, 3)),
        evidence(title),
    );
    let rating = "4.6 from 212 reviews";
    lead.add_fact(
        FactKind::Rating,
        rating.into(),
        None,
        evidence("rating 4.6 (212)"),
    );
    lead.add_fact(
        FactKind::Person,
        "Rajesh Kumar".into(),
        None,
        evidence("Rajesh Kumar"),
    );
    lead
}

fn seller() -> Seller {
    Seller {
        company: "BrightChair".into(),
        offer: "help dental clinics win back lost patients".into(),
        proof_points: vec!["23 clinics use it.".into()],
        ask: "Worth a short call next week?".into(),
        sender_name: "Ana Silva".into(),
        sender_email: None,
        postal_address: None,
        offers_by_industry: std::collections::BTreeMap::new(),
        translations: std::collections::BTreeMap::new(),
    }
}

fn fact_check(number: u32, role: Role, text: &str) -> Result<(), String> {
    let lead = lead();
    let fact = lead.facts.iter().find(|f| f.number == number);
    let evidence = fact.unwrap_or(&lead.facts[0]).evidence.clone();
    let basis = ClaimBasis::Fact { number, evidence };
    check(&lead, role, text, basis)
}

fn check(lead: &Lead, role: Role, text: &str, basis: ClaimBasis) -> Result<(), String> {
    let seller = seller();
    let today = date(2025, 12, 14);
    let checker = Checker {
        lead,
        seller: &seller,
        grammar: english().unwrap(),
        today,
    };
    checker.check(&Sentence {
        role,
        claim: Claim {
            text: text.into(),
            basis,
        },
    })
}

#[test]
fn what_stands_in_the_fact_holds() {
    for (number, text) in [
        (
            1,
            "Your post “Five myths about braces” of 3 March 2025 is the reason I am writing.",
        ),
        (
            1,
            "I am writing because of “Five myths…”, which you published on 3 March 2025.",
        ),
        (
            2,
            "With 4.6 stars from 212 reviews, Apollo Dental stood out in my search.",
        ),
    ] {
        assert_eq!(fact_check(number, Role::Opening, text), Ok(()));
    }
    assert_eq!(fact_check(3, Role::Greeting, "Hi Rajesh,"), Ok(()));
}

#[test]
fn what_does_not_stand_in_the_fact_is_cut() {
    for (number, text, reason) in [
        (
            9,
            "Your post “Five myths about braces” is why.",
            "there is no fact 9",
        ),
        (
            1,
            "Your post “Six myths about braces” is why.",
            "does not stand in fact",
        ),
        (
            1,
            "Your post “Five myths about braces” of 4 March 2025 is why.",
            "number `4`",
        ),
        (
            1,
            "Your post “Five myths about braces” of 3 May 2025 is why.",
            "name `May`",
        ),
        (
            1,
            "Your recent post “Five myths about braces” is why.",
            "says `recent`",
        ),
        (
            1,
            "Your post “Five myths about braces” impressed Google.",
            "name `Google`",
        ),
        (
            1,
            "You opened a second practice.",
            "says nothing that stands",
        ),
        (
            1,
            "Your post “Five myths about braces is why.",
            "not closed",
        ),
        (
            1,
            "“Five myths about braces”: see evil.com for more.",
            "link",
        ),
        (
            2,
            "Your 4.7 stars from 212 reviews are why.",
            "number `4.7`",
        ),
        (
            2,
            "Your stars from 212 reviews are why.",
            "says nothing that stands",
        ),
    ] {
        let error = fact_check(number, Role::Opening, text).unwrap_err();
        assert!(error.contains(reason), "{text}: {error}");
    }
    assert!(fact_check(3, Role::Greeting, "Hi Ramesh,").is_err());
    assert!(fact_check(1, Role::Greeting, "Hi Five,").is_err());
}

#[test]
fn evidence_must_be_the_facts_own() {
    let lead = lead();
    let evidence = lead.facts[1].evidence.clone();
    let basis = ClaimBasis::Fact {
        number: 1,
        evidence,
    };
    let text = "Your post “Five myths about braces” is why.";
    assert!(check(&lead, Role::Opening, text, basis).is_err());
}

#[test]
fn the_seller_is_quoted_word_for_word_and_nothing_is_added() {
    let seller = |role, field: &str, text: &str| {
        check(
            &lead(),
            role,
            text,
            ClaimBasis::Seller {
                field: field.into(),
            },
        )
    };
    let offer = "With patients in mind, we help dental clinics win back lost patients.";
    assert_eq!(seller(Role::Offer, "offer", offer), Ok(()));
    assert_eq!(
        seller(Role::Proof, "proof_points", "23 clinics use it."),
        Ok(())
    );
    assert_eq!(
        seller(
            Role::SignOff,
            "sender_name",
            "Best,\nAna Silva\nBrightChair"
        ),
        Ok(())
    );
    for (role, field, text) in [
        (
            Role::Offer,
            "offer",
            "We help dental clinics win back 50 lost patients.",
        ),
        (
            Role::Offer,
            "offer",
            "Like Google, we help dental clinics win back lost patients.",
        ),
        (
            Role::Offer,
            "offer",
            "In 30 days we help dental clinics win back lost patients.",
        ),
        (
            Role::Offer,
            "company",
            "We help dental clinics win back lost patients.",
        ),
        (Role::Proof, "proof_points", "24 clinics use it."),
        (Role::Ask, "ask", "Worth a long call next week?"),
        (
            Role::SignOff,
            "sender_name",
            "Best,\nAna Silva\nSee evil.com\nBrightChair",
        ),
    ] {
        assert!(seller(role, field, text).is_err(), "{text}");
    }
}

#[test]
fn nothing_but_a_greeting_may_rest_on_nothing() {
    let courtesy = |role, text: &str| check(&lead(), role, text, ClaimBasis::NoAssertion);
    assert_eq!(
        courtesy(Role::Greeting, "Hello Apollo Dental team,"),
        Ok(())
    );
    assert!(courtesy(Role::Greeting, "Hello Bob,").is_err());
    assert!(courtesy(Role::Opening, "You are doing great.").is_err());
    assert!(courtesy(Role::Greeting, "Hello, you won 5 prizes,").is_err());
}
