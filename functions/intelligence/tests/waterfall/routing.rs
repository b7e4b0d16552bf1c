//! A model may move a lead by a step; the rules are where it starts, and what stands without it.

use std::sync::Arc;

use async_trait::async_trait;
use hunter_contracts::{EnrichmentLevel, ErrorCode, Lead, Purpose, RecipeFailure};
use hunter_core::{
    ports::{Model, ModelRequest, Models, RULES},
    recipe::Caller,
};
use serde_json::{Value, json};

use crate::doubles::*;

type Reply = fn() -> Result<Value, ErrorCode>;

/// A model that gives every lead the same level.
fn always(level: &'static str) -> ModelDouble {
    ModelDouble::new(move |request| {
        let input: Value = serde_json::from_str(&request.input).unwrap();
        let levels: Vec<Value> = input["leads"]
            .as_array()
            .unwrap()
            .iter()
            .map(|lead| json!({"id": lead["id"], "level": level, "reason": "a\nreason"}))
            .collect();
        Ok(json!({ "levels": levels }))
    })
}

async fn routed(model: &ModelDouble, leads: Vec<Lead>, asked: Option<EnrichmentLevel>) -> Ran {
    let mut world = World::default();
    world.models = Some(Arc::new(model.clone()));
    world.asked = asked;
    world.run(leads).await
}

fn leads(count: usize, level: EnrichmentLevel) -> Vec<Lead> {
    (0..count)
        .map(|n| lead(&format!("praxis-{n}.de"), level))
        .collect()
}

#[tokio::test]
async fn a_model_moves_leads_by_a_step_and_says_why() {
    use EnrichmentLevel::{Premium, Skip, Standard};
    let model = always("premium");
    let mut all = leads(2, Standard);
    all.extend(leads(1, Skip));
    let ran = routed(&model, all, None).await;
    let levels: Vec<_> = ran
        .outcome
        .data
        .leads
        .iter()
        .map(|l| l.enrichment_level.unwrap())
        .collect();
    assert_eq!(levels, [Premium, Premium, Skip]);
    let notes = &ran.lead().enrichment_notes;
    assert_eq!(notes[0], "standard: lower half of the list (rules-1)");
    assert_eq!(notes[1], "premium: a reason (model-1)");
    // Leads below the threshold are not in the question, which holds no text of theirs.
    let requests = model.requests.lock().unwrap().clone();
    assert_eq!(
        (requests.len(), requests[0].schema_name),
        (1, "enrichment_levels")
    );
    let input: Value = serde_json::from_str(&requests[0].input).unwrap();
    let first = json!({"id": "lead_praxis-0.de", "lead_score": 0.7, "quality_tier": "silver",
        "position": 10, "of": 10, "website": true, "emails": 0, "rules": "standard"});
    assert_eq!(input["leads"][0], first);
    assert_eq!(input["leads"].as_array().unwrap().len(), 2);
    assert!(ran.meter.fallbacks().is_empty());
}

#[tokio::test]
async fn the_rules_are_the_boundary() {
    use EnrichmentLevel::{Basic, Premium, Standard};
    // Rules, model, what the caller asked for, level. Every proposal is out of bounds.
    for (rules, model, asked, expected) in [
        (Premium, "skip", None, Standard),
        (Premium, "basic", None, Standard),
        (Standard, "skip", None, Basic),
        (Standard, "premium", Some(Standard), Standard),
        (Premium, "premium", Some(Basic), Basic),
    ] {
        let ran = routed(&always(model), leads(1, rules), asked).await;
        assert_eq!(
            ran.lead().enrichment_level,
            Some(expected),
            "{rules:?} {model} {asked:?}"
        );
        let notes = ran.lead().enrichment_notes.join("\n");
        let refused = format!("`{model}` as model-1 proposed is outside");
        assert!(notes.contains(&refused), "{notes}");
    }
}

#[tokio::test]
async fn one_request_is_about_fifty_leads_at_most() {
    let model = always("standard");
    let ran = routed(&model, leads(120, EnrichmentLevel::Standard), None).await;
    let requests = model.requests.lock().unwrap().clone();
    let of = |request: &ModelRequest| {
        let input: Value = serde_json::from_str(&request.input).unwrap();
        input["leads"].as_array().unwrap().len()
    };
    assert_eq!(requests.iter().map(of).collect::<Vec<_>>(), [50, 50, 20]);
    assert_eq!(ran.outcome.data.leads.len(), 120);
}

#[tokio::test]
async fn the_rules_decide_where_the_model_cannot() {
    let replies: [(&str, Reply); 5] = [
        ("a failure", || Err(ErrorCode::ApiUnavailable)),
        ("no object", || Ok(json!("premium"))),
        ("no level", || {
            Ok(json!({"levels": [{"id": "lead_praxis-0.de", "level": "gold", "reason": ""}]}))
        }),
        ("others' ids", || {
            Ok(json!({"levels": [{"id": "lead_other", "level": "premium", "reason": ""}]}))
        }),
        ("nothing", || Ok(json!({"levels": []}))),
    ];
    for (what, reply) in replies {
        let model = ModelDouble::new(move |_| reply());
        let ran = routed(&model, leads(1, EnrichmentLevel::Standard), None).await;
        assert_eq!(
            ran.lead().enrichment_level,
            Some(EnrichmentLevel::Standard),
            "{what}"
        );
        let fallbacks = ran.meter.fallbacks();
        assert_eq!(fallbacks.len(), 1, "{what}");
        assert_eq!(
            (fallbacks[0].purpose, fallbacks[0].to.as_str()),
            (Purpose::Routing, RULES)
        );
    }
    // A lead that is left out stays where it is, and of two levels the first counts.
    let model = ModelDouble::new(|_| {
        Ok(json!({"levels": [
            {"id": "lead_praxis-1.de", "level": "premium", "reason": "first"},
            {"id": "lead_praxis-1.de", "level": "basic", "reason": "second"},
        ]}))
    });
    let ran = routed(&model, leads(2, EnrichmentLevel::Standard), None).await;
    let levels: Vec<_> = ran
        .outcome
        .data
        .leads
        .iter()
        .map(|l| l.enrichment_level.unwrap())
        .collect();
    assert_eq!(
        levels,
        [EnrichmentLevel::Standard, EnrichmentLevel::Premium]
    );
}

/// Models whose keys cannot be read.
struct Locked;

#[async_trait]
impl Models for Locked {
    async fn open(&self, _: &Caller, _: Purpose) -> Result<Vec<Arc<dyn Model>>, RecipeFailure> {
        Err(RecipeFailure::new(
            ErrorCode::StoreUnavailable,
            "no secrets",
        ))
    }
}

#[tokio::test]
async fn keys_that_cannot_be_read_leave_it_to_the_rules() {
    let mut world = World::default();
    world.models = Some(Arc::new(Locked));
    let ran = world.run(leads(1, EnrichmentLevel::Standard)).await;
    assert_eq!(ran.lead().enrichment_level, Some(EnrichmentLevel::Standard));
    assert_eq!(
        ran.meter.fallbacks()[0].error_code,
        ErrorCode::StoreUnavailable
    );
}
