//! In which language a message is written.

use std::sync::Arc;

use hunter_contracts::{FactKind::*, *};
use serde_json::{Value, json};

use crate::{doubles::*, support::*};

fn german() -> (AgentConfig, Lead) {
    let mut agent = agent();
    agent.seller.translations.insert(
        "de".into(),
        SellerTexts {
            offer: "Wir helfen Praxen, verlorene Patienten zurückzugewinnen.".into(),
            ask: "Haben Sie nächste Woche Zeit für ein kurzes Gespräch?".into(),
            proof_points: vec![],
        },
    );
    let mut lead = lead(
        "de",
        "Praxis Weber",
        &[(BlogPost, "Fünf Mythen über Zahnspangen", None)],
    );
    lead.website_metadata = Some(WebsiteMetadata {
        language: Some("de".into()),
        ..WebsiteMetadata::default()
    });
    (agent, lead)
}

fn honest_german(input: &Value) -> Value {
    let seller = &input["seller"];
    json!({"subject": "Eine kurze Frage", "sentences": [
        {"role": "greeting", "text": "Guten Tag Praxis Weber,", "facts": [], "quotes": [], "seller_field": null},
        {"role": "opening", "text": "Ihr Beitrag „Fünf Mythen über Zahnspangen“ hat mich neugierig gemacht.",
            "facts": [1], "quotes": ["Fünf Mythen über Zahnspangen"], "seller_field": null},
        {"role": "offer", "text": format!("{}.", seller["offer"].as_str().unwrap()), "facts": [], "quotes": [],
            "seller_field": "offer"},
        {"role": "ask", "text": seller["ask"], "facts": [], "quotes": [], "seller_field": "ask"},
        {"role": "sign_off", "text": "Viele Grüße\nAna Silva\nBrightChair", "facts": [], "quotes": [],
            "seller_field": "sender_name"}
    ]})
}

#[tokio::test]
async fn a_message_is_in_the_leads_language_where_the_seller_has_texts_in_it() {
    let (agent, lead) = german();
    let model = Scripted::new("good", |input, _| match input["language"].as_str() {
        Some("de") => Ok(honest_german(input)),
        _ => Ok(honest(input)),
    });
    let shelf = Shelf::of(&[(Purpose::Writing, &model)]);
    let done = run_with(shelf.clone(), agent.clone(), vec![lead.clone()]).await;
    assert_eq!(done.message().language, "de");
    assert!(
        done.message().text.contains("Wir helfen Praxen"),
        "{}",
        done.message().text
    );
    let fields: Vec<String> = done
        .message()
        .claims
        .iter()
        .filter_map(|c| match &c.basis {
            ClaimBasis::Seller { field } => Some(field.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(
        fields,
        [
            "translations.de.offer",
            "translations.de.ask",
            "sender_name"
        ]
    );
    // Without the texts, or in a language that cannot be checked, it is the seller's.
    let mut japanese = lead.clone();
    japanese.website_metadata.as_mut().unwrap().language = Some("ja".into());
    for (agent, lead) in [
        (crate::support::agent(), lead.clone()),
        (agent.clone(), japanese),
    ] {
        let done = run_with(shelf.clone(), agent, vec![lead]).await;
        assert_eq!(done.message().language, "en");
    }
    // The rules engine writes English.
    let none = run_with(Arc::new(Shelf::default()), agent, vec![lead]).await;
    assert_eq!(
        (
            none.message().language.as_str(),
            none.message().model_used.as_str()
        ),
        ("en", "rules-1")
    );
}

#[tokio::test]
async fn an_answer_in_another_language_is_not_taken() {
    let (agent, lead) = german();
    let model = Scripted::new("english only", |input, _| Ok(honest(input)));
    let done = run_with(Shelf::of(&[(Purpose::Writing, &model)]), agent, vec![lead]).await;
    assert_eq!(
        (
            done.message().language.as_str(),
            done.message().model_used.as_str()
        ),
        ("en", "rules-1")
    );
}

#[tokio::test]
async fn a_seller_of_another_language_is_written_for_by_a_model_and_in_english_by_the_rules() {
    let (translated, lead) = german();
    let texts = translated.seller.translations["de"].clone();
    let mut agent = agent();
    agent.seller.offer = texts.offer;
    agent.seller.ask = texts.ask;
    agent.seller.proof_points = vec![];
    agent.seller.offers_by_industry.clear();
    let model = Scripted::new("good", |input, _| Ok(honest_german(input)));
    let done = run_with(
        Shelf::of(&[(Purpose::Writing, &model)]),
        agent.clone(),
        vec![lead.clone()],
    )
    .await;
    assert_eq!(
        (
            done.message().language.as_str(),
            done.message().model_used.as_str()
        ),
        ("de", "good")
    );
    agent.seller.translations.insert(
        "en".into(),
        SellerTexts {
            offer: "help practices win back lost patients".into(),
            ask: "Worth a short call next week?".into(),
            proof_points: vec![],
        },
    );
    let rules = run(agent, vec![lead]).await;
    let message = rules.data.leads[0].message.as_ref().unwrap();
    assert!(
        message.text.contains("win back lost patients"),
        "{}",
        message.text
    );
    let named = |c: &Claim| matches!(&c.basis, ClaimBasis::Seller { field } if field.to_string() == "translations.en.offer");
    assert!(message.claims.iter().any(named));
}
