//! How far a model's judgement moves a score.

use hunter_core::recipe::Recipe;
use std::sync::Arc;

use discovery::Discovery;
use hunter_contracts::*;
use hunter_core::{
    ports::{RULES, RawPlace},
    recipe::{Meter, Outcome},
};
use serde_json::{Value, json};

use crate::{
    check_account, context,
    doubles::Sites,
    held,
    models::{For, Scripted, dentists, quiet},
    payload,
};

async fn scored(
    models: Vec<Scripted>,
    places: Vec<RawPlace>,
) -> (Outcome<DiscoveryData>, Arc<Meter>) {
    let recipe = Discovery::new(Arc::new(held(places)), Arc::new(Sites::default()))
        .with_models(Arc::new(For(Purpose::Scoring, models)));
    let context = context(quiet());
    let asked = payload("dentists", Some("Musterstadt"));
    let outcome = recipe.run(&context, asked).await.unwrap();
    check_account(&outcome);
    (outcome, context.caller().meter)
}

/// The same judgement for every lead of a request.
fn judging(name: &'static str, value: f64) -> Scripted {
    Scripted::new(name, move |request| {
        let input: Value = serde_json::from_str(&request.input).unwrap();
        let scores: Vec<Value> = input["leads"]
            .as_array()
            .unwrap()
            .iter()
            .map(|lead| {
                json!({"id": lead["id"], "business_maturity": value,
                "intent_signals": value, "fit_match": value, "reason": "it says so"})
            })
            .collect();
        Ok(json!({ "scores": scores }))
    })
}

fn by_id(outcome: &Outcome<DiscoveryData>) -> std::collections::BTreeMap<LeadId, f64> {
    let leads = outcome.data.leads.iter();
    leads
        .map(|lead| (lead.id.clone(), lead.lead_score.unwrap().get()))
        .collect()
}

#[tokio::test]
async fn a_model_moves_a_score_by_a_twentieth_at_most() {
    let (rules, _) = scored(vec![], dentists(45)).await;
    let rules = by_id(&rules);
    assert_eq!(rules.len(), 45);
    for (value, sign) in [(1.0, 1.0), (0.0, -1.0)] {
        let model = judging("judge-1", value);
        let (outcome, meter) = scored(vec![model.clone()], dentists(45)).await;
        assert_eq!(outcome.data.leads.len(), 45);
        for lead in &outcome.data.leads {
            let moved = lead.lead_score.unwrap().get() - rules[&lead.id];
            assert!(moved.abs() <= 0.05 + 1e-9 && moved * sign > 0.04, "{moved}");
            assert_eq!(
                lead.quality_tier,
                Some(QualityTier::of(lead.lead_score.unwrap()))
            );
            let reason = lead.score_reasons.last().unwrap();
            assert!(
                reason.contains("model `judge-1`") && reason.contains("it says so"),
                "{reason}"
            );
        }
        let requests = model.asked();
        assert_eq!(requests.len(), 3, "twenty leads a request");
        assert!(meter.fallbacks().is_empty());
        let strategy = outcome.data.summary.strategy.join("\n");
        assert!(
            strategy.contains("45 leads were also judged by a model"),
            "{strategy}"
        );
        let input: Value = serde_json::from_str(&requests[2].input).unwrap();
        assert_eq!(input["wanted"]["keywords"], json!(["dentists"]));
        assert_eq!(
            input["wanted"]["ideal_customer"]["excluded_words"],
            json!(["closed club"])
        );
        let fields: Vec<&str> = input["leads"][0]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(
            fields,
            [
                "categories",
                "city",
                "has_website",
                "id",
                "last_updated",
                "name",
                "posts",
                "rating",
                "review_count",
                "rules"
            ]
        );
    }
}

#[tokio::test]
async fn leads_without_a_usable_judgement_stand_as_the_rules_scored_them() {
    let (rules, _) = scored(vec![], dentists(6)).await;
    let rules = by_id(&rules);
    let model = Scripted::new("judge-1", |request| {
        let input: Value = serde_json::from_str(&request.input).unwrap();
        let id = |i: usize| input["leads"][i]["id"].clone();
        let score = |id: Value, value: Value| {
            json!({"id": id, "business_maturity": value,
            "intent_signals": 1, "fit_match": 1, "reason": "r"})
        };
        Ok(json!({"scores": [
            score(id(0), json!(1)),
            // The second one for the same lead does not count.
            score(id(0), json!(0)),
            score(id(1), json!(1.5)),
            score(id(2), json!("high")),
            score(json!("lead_of_somebody_else"), json!(1)),
            {"id": id(3)},
            7,
        ]}))
    });
    let (outcome, meter) = scored(vec![model], dentists(6)).await;
    let moved: Vec<f64> = by_id(&outcome)
        .iter()
        .map(|(id, score)| score - rules[id])
        .collect();
    assert_eq!(
        moved.iter().filter(|by| by.abs() > 1e-9).count(),
        1,
        "{moved:?}"
    );
    assert!(moved.iter().any(|by| (by - 0.05).abs() < 1e-9), "{moved:?}");
    assert!(meter.fallbacks().is_empty());
    let strategy = outcome.data.summary.strategy.join("\n");
    assert!(strategy.contains("1 of 6 leads"), "{strategy}");
}

#[tokio::test]
async fn a_model_that_fails_is_replaced_by_the_next_and_at_last_by_the_rules() {
    let (rules, _) = scored(vec![], dentists(25)).await;
    let down = || Scripted::new("down-1", |_| Err(ErrorCode::ApiUnavailable));
    let babbles = || Scripted::new("babbles-1", |_| Ok(json!({"scores": []})));
    let (outcome, meter) = scored(vec![down(), babbles()], dentists(25)).await;
    assert_eq!(by_id(&outcome), by_id(&rules));
    let noted: Vec<(String, String, u64)> = meter
        .fallbacks()
        .into_iter()
        .map(|f| (f.from, f.to, f.count))
        .collect();
    let expected = [("babbles-1", RULES, 2), ("down-1", "babbles-1", 2)];
    assert_eq!(
        noted,
        expected.map(|(from, to, n)| (from.to_owned(), to.to_owned(), n))
    );
    let strategy = outcome.data.summary.strategy.join("\n");
    assert!(strategy.contains("0 of 25 leads"), "{strategy}");
    let (outcome, _) = scored(vec![down(), judging("judge-2", 1.0)], dentists(25)).await;
    let reason = outcome.data.leads[0].score_reasons.last().unwrap();
    assert!(reason.contains("judge-2"), "{reason}");
}
