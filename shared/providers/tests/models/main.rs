//! Model clients against the look-alikes of their providers and against recorded real bodies.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic and says when it is skipped"
)]

mod batch;
mod chain;
mod contract;
mod modes;
mod recorded;
mod requests;
mod server;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use hunter_contracts::{ErrorCode, OutsideUse, Purpose, RecipeFailure, TenantId};
use hunter_core::{
    ports::{ManualClock, Model, ModelRequest, Models, Question},
    recipe::{Caller, SecretsManager},
};
use hunter_providers::{
    client::Shared,
    models::{ConfiguredModels, ModelsConfig, Provider},
};
use hunter_sandbox::{Endpoint, Faults, Sandbox, Town, TownOptions};
use serde_json::{Value, json};

/// Keys by the name of their secret.
struct Keys(BTreeMap<String, String>);

#[async_trait]
impl SecretsManager for Keys {
    async fn get_secret(&self, _: &TenantId, key: &str) -> Result<String, RecipeFailure> {
        let missing = || RecipeFailure::new(ErrorCode::SecretMissing, format!("`{key}`"));
        self.0.get(key).cloned().ok_or_else(missing)
    }
}

fn keys(pairs: &[(Provider, &str)]) -> Arc<dyn SecretsManager> {
    let pairs = pairs.iter();
    let pairs = pairs.map(|(provider, key)| (provider.secret().to_owned(), (*key).to_owned()));
    Arc::new(Keys(pairs.collect()))
}

const fn endpoint(provider: Provider) -> Endpoint {
    match provider {
        Provider::Anthropic => Endpoint::ANTHROPIC,
        Provider::OpenAi => Endpoint::OPENAI,
        Provider::Groq => Endpoint::GROQ,
        Provider::DeepSeek => Endpoint::DEEPSEEK,
    }
}

async fn sandbox(faults: Faults) -> Sandbox {
    let mut options = TownOptions::new(7, "2026-01-01T00:00:00Z".parse().unwrap());
    options.businesses = 1;
    Sandbox::start(Town::generate(options), faults)
        .await
        .unwrap()
}

fn shared() -> Shared {
    let start = "2026-01-02T03:04:05Z".parse().unwrap();
    Shared::new(Arc::new(ManualClock::new(start)))
}

fn caller() -> Caller {
    Caller::new("cust_1".parse().unwrap())
}

/// The configuration that is compiled in, changed as text, at a sandbox's addresses.
fn config(sandbox: &Sandbox, change: impl Fn(String) -> String) -> ModelsConfig {
    let list = include_str!("../../src/models/models.toml");
    let mut config = ModelsConfig::parse(&change(list.to_owned())).unwrap();
    for provider in Provider::ALL {
        config = config.with_base_url(provider.id(), sandbox.base_url(endpoint(provider)));
    }
    config
}

/// The first model of one provider, with a key of the sandbox.
async fn model(
    sandbox: &Sandbox,
    provider: Provider,
    key: &str,
    caller: &Caller,
) -> Arc<dyn Model> {
    let config = config(sandbox, |text| text);
    let models = ConfiguredModels::new(config, keys(&[(provider, key)]), shared()).unwrap();
    let opened = models.open(caller, Purpose::Scoring).await.unwrap();
    assert_eq!(opened.len(), 1);
    opened[0].clone()
}

fn own_key(provider: Provider) -> &'static str {
    match provider {
        Provider::Anthropic => Sandbox::ANTHROPIC_KEY,
        Provider::OpenAi => Sandbox::OPENAI_KEY,
        Provider::Groq => Sandbox::GROQ_KEY,
        Provider::DeepSeek => Sandbox::DEEPSEEK_KEY,
    }
}

/// A closed object with every property required.
fn object(properties: Value) -> Value {
    let names: Vec<String> = properties.as_object().unwrap().keys().cloned().collect();
    json!({"type": "object", "properties": properties, "required": names,
        "additionalProperties": false})
}

fn share() -> Value {
    json!({"type": "number"})
}

fn schema(name: &str) -> Value {
    let text = json!({"type": "string"});
    match name {
        "message" => object(json!({
            "subject": text,
            "sentences": {"type": "array", "items": object(json!({
                "role": {"type": "string", "enum": ["greeting", "opening", "second", "offer",
                    "proof", "ask", "sign_off"]},
                "text": text,
                "facts": {"type": "array", "items": {"type": "integer"}},
                "quotes": {"type": "array", "items": text},
                "seller_field": {"type": ["string", "null"]},
            }))},
        })),
        "judgement" => object(
            json!({"specific": share(), "truthful": share(), "clear": share(),
            "natural": share(), "reason": text}),
        ),
        "scores" => object(json!({"scores": {"type": "array", "items": object(json!({
            "id": text, "business_maturity": share(), "intent_signals": share(),
            "fit_match": share(), "reason": text,
        }))}})),
        "search_plan" => object(json!({"source": text,
            "keywords": {"type": "array", "items": text}, "reason": text})),
        _ => object(json!({"levels": {"type": "array", "items": object(json!({
            "id": text,
            "level": {"type": "string", "enum": ["premium", "standard", "basic", "skip"]},
            "reason": text,
        }))}})),
    }
}

fn request(name: &'static str, input: &Value) -> ModelRequest {
    let purpose = match name {
        "message" => Purpose::Writing,
        "judgement" => Purpose::Judging,
        "scores" => Purpose::Scoring,
        _ => Purpose::Routing,
    };
    ModelRequest {
        purpose,
        instructions: format!("Answer as JSON. {}", "Keep to the facts. ".repeat(300)),
        input: input.to_string(),
        schema_name: name,
        schema: schema(name),
        output_tokens_max: 1_500,
    }
}

fn message_input() -> Value {
    json!({
        "language": "en", "tone": "professional", "words_max": 75,
        "purpose": "lead_generation", "variant": 0,
        "recipient": {"name": "Ana Ruiz", "business": "Smile Dental"},
        "seller": {"company": "Recall GmbH", "offer": "We help dental clinics win back patients.",
            "ask": "Worth a short call next week?", "sender_name": "Tom Berg",
            "proof_points": ["Forty clinics work with us."]},
        "facts": [
            {"number": 1, "kind": "person", "value": "Ana Ruiz", "date": null, "quote": "Dr Ana Ruiz"},
            {"number": 2, "kind": "rating", "value": "4.6 from 212 reviews", "date": null,
                "quote": "rating: 4.6 from 212 reviews"},
            {"number": 3, "kind": "blog_post", "value": "Five tips for a healthy smile",
                "date": "2025-12-20", "quote": "Five tips for a healthy smile"},
        ],
        "draft": null, "problems": [],
    })
}

fn scores_input() -> Value {
    let lead = |id: &str, fit: f64| {
        json!({"id": id, "name": "Smile Dental", "categories": ["dentist"], "city": "Bonn",
            "rating": 4.6, "review_count": 212, "has_website": true, "posts": 2,
            "last_updated": null,
            "rules": {"business_maturity": 0.8, "intent_signals": 0.5, "fit_match": fit}})
    };
    json!({"wanted": {"keywords": ["dentist"], "business_type": null, "location": "Bonn",
        "ideal_customer": {}}, "leads": [lead("l1", 0.9), lead("l2", 0.4)]})
}

/// What is on the meter for a model.
fn used(caller: &Caller) -> OutsideUse {
    let uses = caller.meter.uses();
    let mut found = uses.into_iter().filter(|used| used.model.is_some());
    let first = found.next().unwrap_or_default();
    assert!(found.next().is_none());
    first
}

/// Requests sent, by the meter.
fn calls(caller: &Caller) -> u64 {
    caller.meter.calls()
}
