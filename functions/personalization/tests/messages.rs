//! Messages for varied leads, as snapshots, and the recipe's bookkeeping.
#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test may panic, and its helpers are shared by two binaries"
)]

mod support;

use hunter_contracts::{FactKind::*, *};
use hunter_core::recipe::Recipe;
use personalization::Personalization;
use support::*;

fn varied() -> Vec<(Tone, Lead)> {
    let mut person = lead(
        "dental",
        "Apollo Dental",
        &[
            (BlogPost, "Five myths about braces", Some("2025-12-01")),
            (Technology, "WordPress", None),
            (Category, "dentist", None),
            (Locality, "San Francisco", None),
        ],
    );
    person.emails = Some(vec![email("rajesh@apollo-dental.example")]);
    person.add_fact(
        Person,
        "Dr. Rajesh Kumar".into(),
        None,
        Evidence {
            url: "https://apollo.example/team".into(),
            quote: "Dr. Rajesh Kumar, owner".into(),
            fetched_at: now(),
        },
    );
    vec![
        (Tone::SalesFocused, person),
        (
            Tone::Professional,
            lead(
                "legal",
                "Kanzlei Weber & Partner",
                &[
                    (
                        Announcement,
                        "Wir eröffnen im März unseren zweiten Standort in Halle.",
                        None,
                    ),
                    (Category, "lawyer", None),
                    (Locality, "Leipzig", None),
                ],
            ),
        ),
        (
            Tone::Friendly,
            lead(
                "hotel",
                "Hotel Bellevue",
                &[
                    (
                        Hiring,
                        "Night receptionist (m/f/d) wanted",
                        Some("2025-11-20"),
                    ),
                    (Rating, "4.6 from 212 reviews", None),
                    (Category, "hotel", None),
                ],
            ),
        ),
        (
            Tone::Consultative,
            lead(
                "food",
                "Trattoria Da Enzo",
                &[
                    (
                        AboutSentence,
                        "We have cooked my grandmother's recipes since 1974.",
                        None,
                    ),
                    (OpeningHours, "Tu-Su 12:00-23:00", None),
                ],
            ),
        ),
        (
            Tone::Professional,
            lead(
                "japan",
                "さくら歯科クリニック",
                &[
                    (BlogPost, "冬の知覚過敏について", Some("2025-11-02")),
                    (Category, "dentist", None),
                    (Locality, "横浜市", None),
                ],
            ),
        ),
        (
            Tone::Professional,
            lead(
                "cyrillic",
                "Стоматология «Улыбка»",
                &[
                    (Service, "Имплантация зубов", None),
                    (Category, "dentist", None),
                    (Locality, "Москва", None),
                ],
            ),
        ),
        (
            Tone::Friendly,
            lead(
                "hindi",
                "शर्मा डेंटल क्लिनिक",
                &[
                    (BlogPost, "बच्चों के दाँतों की देखभाल", Some("2024-02-10")),
                    (Rating, "4.8 from 96 reviews", None),
                ],
            ),
        ),
        (
            Tone::Friendly,
            lead(
                "beauty",
                "Salon Marlene",
                &[
                    (OpeningHours, "Mo-Fr 09:00-18:00; Sa 09:00-14:00", None),
                    (Category, "hairdresser", None),
                    (Locality, "Dresden", None),
                ],
            ),
        ),
        (
            Tone::SalesFocused,
            lead(
                "trades",
                "Müller Heizungsbau GmbH",
                &[
                    (Founded, "1987", None),
                    (Category, "plumber", None),
                    (Locality, "Chemnitz", None),
                ],
            ),
        ),
        (
            Tone::Consultative,
            lead(
                "retail",
                "Buchhandlung am Markt",
                &[(Category, "books", None), (Locality, "Halle", None)],
            ),
        ),
        (
            Tone::Professional,
            lead(
                "software",
                "Nordlicht Software | Web, Apps & More",
                &[
                    (Technology, "Next.js", None),
                    (LastUpdated, "2025-10-01", Some("2025-10-01")),
                ],
            ),
        ),
        (
            Tone::Professional,
            lead("town", "Haus Sonne", &[(Locality, "Leipzig", None)]),
        ),
        (
            Tone::SalesFocused,
            lead(
                "long",
                "Physio im Park",
                &[(
                    BlogPost,
                    "Warum regelmäßige Bewegung nach einer Knieoperation so wichtig ist und was Sie in den ersten sechs Wochen unbedingt beachten sollten",
                    Some("2025-03-03"),
                )],
            ),
        ),
    ]
}

#[tokio::test]
async fn varied_leads() {
    let mut shown = String::new();
    for (tone, lead) in varied() {
        let id = lead.id.clone();
        let mut agent = agent();
        agent.writing.tone = tone;
        let outcome = run(agent, vec![lead]).await;
        assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
        let message = outcome.data.leads[0].message.clone().unwrap();
        assert!(
            message
                .checks
                .iter()
                .any(|c| c.name == "claims_grounded" && c.score == Score::ONE)
        );
        shown.push_str(&format!(
            "=== {id} (quality {}, relevance {})\nSubject: {}\n\n{}\n\n",
            message.quality_score, message.relevance_score, message.subject, message.text
        ));
    }
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn a_message_is_kept_whole_and_in_the_specifications_fields() {
    let (_, lead) = varied().remove(0);
    let outcome = run(agent(), vec![lead]).await;
    let lead = &outcome.data.leads[0];
    let message = lead.message.as_ref().unwrap();
    let email = &lead.emails.as_ref().unwrap()[0];
    assert_eq!(email.personalized_message.as_ref(), Some(&message.text));
    assert_eq!(email.message_quality_score, Some(message.quality_score));
    assert_eq!(email.model_used.as_deref(), Some("rules-1"));
    let weights: f64 = message.checks.iter().map(|c| c.weight.get()).sum();
    assert!((weights - 1.0).abs() < 1e-9);
    assert_eq!(outcome.charges.len(), 1);
    assert_eq!(outcome.charges[0].action, "message_accepted");
    assert_eq!(outcome.charges[0].amount.micros(), 40_000);
    for claim in &message.claims {
        assert!(message.text.contains(&claim.text));
        if let ClaimBasis::Fact { number, evidence } = &claim.basis {
            let fact = lead.facts.iter().find(|f| f.number == *number).unwrap();
            assert_eq!(&fact.evidence, evidence);
        }
    }
}

#[tokio::test]
async fn without_a_contact_a_lead_is_passed_over_and_without_facts_it_fails() {
    let mut unreachable = lead("a", "A", &[(Technology, "WordPress", None)]);
    unreachable.emails = None;
    let empty = lead("b", "B", &[]);
    let outcome = run(agent(), vec![unreachable.clone(), empty]).await;
    assert_eq!(outcome.data.leads[0], unreachable);
    assert_eq!((outcome.records_processed, outcome.records_failed), (1, 1));
    assert_eq!(outcome.errors[0].error_code, ErrorCode::NoUsableFacts);
    assert_eq!(outcome.errors[0].record_id, "lead_b");
    assert!(outcome.charges.is_empty());
}

#[tokio::test]
async fn the_specifications_direct_call_is_answered() {
    let json = r#"{"leads":[{"id":"lead_123","name":"Apollo Dental","website":"apollo-dental.com",
        "website_metadata":{"last_updated":"2025-12-10","blog_posts_count":15},
        "emails":[{"email":"rajesh@apollo-dental.com"}]}],
        "tone":"sales-focused","max_length":75,"template_context":"lead_generation"}"#;
    let payload: PersonalizationPayload = serde_json::from_str(json).unwrap();
    let mut context = context(agent());
    context.step = None;
    let recipe = Personalization::rules();
    recipe.validate(&payload).unwrap();
    let outcome = recipe.run(&context, payload).await.unwrap();
    let text = &outcome.data.leads[0].message.as_ref().unwrap().text;
    assert!(text.contains("10 December 2025"), "{text}");
}

#[tokio::test]
async fn leads_that_cannot_be_told_apart_are_rewritten_and_then_held_back() {
    let leads = (0..60)
        .map(|n| {
            let facts = [(Locality, "Halle", None)];
            lead(&format!("twin{n}"), &format!("Laden {n}"), &facts)
        })
        .collect();
    let mut agent = agent();
    agent.seller.proof_points.truncate(1);
    let outcome = run(agent, leads).await;
    let message = |l: &Lead| l.message.clone().unwrap();
    let (held, accepted): (Vec<&Lead>, Vec<&Lead>) = outcome
        .data
        .leads
        .iter()
        .partition(|l| message(l).held_back.is_some());
    assert!(
        !held.is_empty() && accepted.len() >= 2,
        "{} held",
        held.len()
    );
    assert_eq!(outcome.records_failed, held.len() as u64);
    assert_eq!(outcome.errors.len(), held.len());
    assert!(
        outcome
            .errors
            .iter()
            .all(|e| e.error_code == ErrorCode::DuplicateMessage)
    );
    assert_eq!(outcome.charges.len(), accepted.len());
    assert!(
        held.iter()
            .all(|l| l.emails.as_ref().unwrap()[0].personalized_message.is_none())
    );
    let texts: Vec<(&str, String)> = accepted
        .iter()
        .map(|l| {
            let name = l.name.as_deref().unwrap();
            (
                l.id.as_str(),
                hunter_core::rules::mask_names(&message(l).text, &[name]),
            )
        })
        .collect();
    assert_eq!(hunter_core::rules::near_duplicates(&texts, 0.8), []);
}

#[tokio::test]
async fn neighbours_with_facts_of_their_own_all_get_a_message() {
    let leads = (0..60)
        .map(|n| {
            let title = format!("Bericht {n} über Thema {n} und Ergebnis {n}");
            lead(
                &format!("n{n}"),
                &format!("Praxis {n}"),
                &[(BlogPost, &title, Some("2025-12-01"))],
            )
        })
        .collect();
    let outcome = run(agent(), leads).await;
    let texts: Vec<_> = outcome
        .data
        .leads
        .iter()
        .map(|l| l.message.clone().unwrap())
        .collect();
    assert_eq!(outcome.charges.len(), 60, "{:?}", outcome.errors);
    let openings: std::collections::BTreeSet<String> = texts
        .iter()
        .map(|m| {
            m.claims[1]
                .text
                .chars()
                .filter(|c| !c.is_numeric())
                .collect()
        })
        .collect();
    assert!(openings.len() >= 4, "{openings:?}");
}

#[tokio::test]
async fn a_seller_whose_texts_leave_no_room_is_told_what_to_change() {
    let mut agent = agent();
    agent.seller.offer = "help ".to_owned() + &"many ".repeat(30) + "businesses";
    agent.writing.max_length = 20;
    let outcome = run(
        agent,
        vec![lead("a", "A B", &[(Technology, "WordPress", None)])],
    )
    .await;
    assert_eq!(
        outcome.errors[0].error_code,
        ErrorCode::InvalidConfiguration
    );
    assert!(
        outcome.errors[0]
            .error_message
            .contains("writing.max_length")
    );
}

#[tokio::test]
async fn a_seller_who_writes_another_language_is_told_so() {
    let mut agent = agent();
    agent.seller.offer = "helfen Praxen, mit weniger Aufwand mehr Patienten zu gewinnen".into();
    agent.seller.ask = "Haben Sie nächste Woche Zeit für ein Gespräch?".into();
    let outcome = run(
        agent,
        vec![lead("a", "A B", &[(Technology, "WordPress", None)])],
    )
    .await;
    assert_eq!(
        outcome.errors[0].error_code,
        ErrorCode::InvalidConfiguration
    );
    assert!(outcome.errors[0].error_message.contains("English"));
}

#[tokio::test]
async fn nothing_is_written_in_the_name_of_nobody() {
    let context = context(AgentConfig::unconfigured());
    let leads = payload(vec![lead("a", "A B", &[(Technology, "WordPress", None)])]);
    let failure = Personalization::rules()
        .run(&context, leads)
        .await
        .unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidConfiguration);
    assert!(failure.message.contains("`seller.company` is empty"));
}

#[test]
fn bad_payloads_are_refused_by_field() {
    let recipe = Personalization::rules();
    let error = recipe.validate(&payload(vec![])).unwrap_err();
    assert!(error.message.contains("`leads`"));
    let mut short = payload(vec![lead("a", "A", &[])]);
    short.max_length = Some(19);
    assert!(
        recipe
            .validate(&short)
            .unwrap_err()
            .message
            .contains("`max_length` is 19")
    );
}
