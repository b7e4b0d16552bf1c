//! Every gate, passed and failed.

use std::collections::BTreeMap;

use hunter_contracts::{Claim, Evidence, FactKind, LeadId};

use super::*;

fn lead() -> Lead {
    let mut lead = Lead::new(LeadId::derived("lead", "1"));
    lead.name = Some("Studio 24".into());
    let evidence = Evidence {
        url: "https://studio.example/".into(),
        quote: "Five myths about braces".into(),
        fetched_at: jiff::Timestamp::UNIX_EPOCH,
    };
    let day = Some(jiff::civil::date(2025, 3, 3));
    lead.add_fact(
        FactKind::BlogPost,
        "Five myths about braces".into(),
        day,
        evidence,
    );
    lead
}

fn seller() -> Seller {
    Seller {
        company: "BrightChair".into(),
        offer: "help dental clinics win back lost patients".into(),
        proof_points: vec!["23 clinics use it, see brightchair.com.".into()],
        ask: "Worth a short call next week?".into(),
        sender_name: "Ana Silva".into(),
        sender_email: None,
        postal_address: None,
        offers_by_industry: BTreeMap::new(),
        translations: BTreeMap::new(),
    }
}

/// A sound message, with one text put in place of the opening and one in place of the greeting.
fn composition(greeting: &str, opening: &str, subject: &str) -> Composition {
    let lead = lead();
    let fact = ClaimBasis::Fact {
        number: 1,
        evidence: lead.facts[0].evidence.clone(),
    };
    let own = |field: &str| ClaimBasis::Seller {
        field: field.parse().unwrap(),
    };
    let sentences = [
        (Role::Greeting, greeting, ClaimBasis::NoAssertion),
        (Role::Opening, opening, fact),
        (
            Role::Offer,
            "We help dental clinics win back lost patients.",
            own("offer"),
        ),
        (
            Role::Proof,
            "23 clinics use it, see brightchair.com.",
            own("proof_points"),
        ),
        (Role::Ask, "Worth a short call next week?", own("ask")),
    ];
    Composition {
        subject: subject.into(),
        sentences: sentences
            .map(|(role, text, basis)| Claim {
                role,
                text: text.into(),
                basis,
            })
            .to_vec(),
        language: "en".into(),
        fact_rank: 1.0,
    }
}

const GREETING: &str = "Hello Studio 24,";
const OPENING: &str = "Your post “Five myths about braces” of 3 March 2025 is why I am writing.";
const SUBJECT: &str = "About “Five myths about braces”";

fn failed(composition: &Composition, words_max: usize) -> Vec<&'static str> {
    let (lead, seller) = (lead(), seller());
    let gated = Gates {
        lead: &lead,
        seller: &seller,
        composition,
        words_max,
    };
    let gates = gated.gates().into_iter();
    gates
        .filter(|(_, gate)| gate.is_err())
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn a_sound_message_passes_them_all() {
    let sound = composition(GREETING, OPENING, SUBJECT);
    assert_eq!(failed(&sound, 75), Vec::<&str>::new());
    let (lead, seller) = (lead(), seller());
    let gated = Gates {
        lead: &lead,
        seller: &seller,
        composition: &sound,
        words_max: 75,
    };
    let checks = gated.checks();
    assert_eq!(checks.len(), 9);
    assert!(
        checks
            .iter()
            .all(|c| c.score == Score::ONE && c.weight == Score::ZERO)
    );
}

#[test]
fn each_gate_fails_alone() {
    for (greeting, opening, subject, gate) in [
        ("Dear Sir/Madam,", OPENING, SUBJECT, "gate_greeting"),
        ("Dear business owner,", OPENING, SUBJECT, "gate_greeting"),
        (
            GREETING,
            "Your post [title] is why I am writing.",
            SUBJECT,
            "gate_placeholder",
        ),
        (
            GREETING,
            "Your post {{title}} is why I am writing.",
            SUBJECT,
            "gate_placeholder",
        ),
        (
            GREETING,
            "Your post at <company> is why.",
            SUBJECT,
            "gate_placeholder",
        ),
        (
            GREETING,
            "Your post at XYZ is why I am writing.",
            SUBJECT,
            "gate_placeholder",
        ),
        (
            GREETING,
            "Lorem ipsum is why I am writing.",
            SUBJECT,
            "gate_placeholder",
        ),
        (
            GREETING,
            "Your post ____ is why I am writing.",
            SUBJECT,
            "gate_placeholder",
        ),
        (
            GREETING,
            "Your post at evil.com is why.",
            SUBJECT,
            "gate_links",
        ),
        (
            GREETING,
            "Write to me@example.org about it.",
            SUBJECT,
            "gate_links",
        ),
        (
            GREETING,
            "Your post of 4 March 2025 is why.",
            SUBJECT,
            "gate_invented",
        ),
        (
            GREETING,
            "Your post has 17 readers.",
            SUBJECT,
            "gate_invented",
        ),
        (GREETING, "Bcc: somebody else.", SUBJECT, "gate_recipient"),
        (GREETING, "channel: sms", SUBJECT, "gate_recipient"),
        (GREETING, OPENING, "", "gate_subject"),
        (
            GREETING,
            OPENING,
            "A subject line that goes on and on and on until it is far too long",
            "gate_subject",
        ),
        (GREETING, OPENING, "See evil.com", "gate_subject"),
        (GREETING, OPENING, "A question for [Name]", "gate_subject"),
        (
            GREETING,
            "Ihr Beitrag ist der Grund, dass ich Ihnen heute schreibe, und ich würde mich sehr über \
             eine kurze Antwort von Ihnen oder aus Ihrem Haus in der nächsten Woche freuen.",
            SUBJECT,
            "gate_language",
        ),
    ] {
        let message = composition(greeting, opening, subject);
        assert_eq!(
            failed(&message, 75),
            [gate],
            "{greeting} {opening} {subject}"
        );
    }
    let sound = composition(GREETING, OPENING, SUBJECT);
    assert_eq!(failed(&sound, 20), ["gate_length"]);
}

#[test]
fn evidence_must_be_the_facts_own() {
    let mut message = composition(GREETING, OPENING, SUBJECT);
    if let ClaimBasis::Fact { evidence, .. } = &mut message.sentences[1].basis {
        evidence.url = "https://elsewhere.example/".into();
    }
    assert_eq!(failed(&message, 75), ["gate_evidence"]);
    message.sentences.remove(1);
    assert_eq!(failed(&message, 75), ["gate_evidence"]);
}

#[test]
fn quotations_and_names_are_not_ours() {
    // A page may say "XYZ", and a business may be called like a host.
    let quoted = composition(
        GREETING,
        "Your post “How XYZ began” is why I am writing.",
        SUBJECT,
    );
    assert_eq!(failed(&quoted, 75), Vec::<&str>::new());
}
