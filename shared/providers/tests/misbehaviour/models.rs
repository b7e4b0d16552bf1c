//! Language models.

use std::sync::Arc;

use futures::FutureExt;
use hunter_contracts::{Purpose, RecipeFailure};
use hunter_core::{
    ports::{Models, Question},
    recipe::Caller,
};
use hunter_providers::{
    client::Shared,
    models::{ConfiguredModels, ModelsConfig},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::harness::{Adapter, Keys, misbehave, outage};

const ANSWER: &str = r#"{"scores":[{"id":"lead_1","fit_match":0.5,"reason":"fits"}]}"#;

async fn ask(
    provider: &str,
    secret: &'static [&'static str],
    base_url: String,
    shared: Shared,
    caller: Caller,
) -> Result<usize, RecipeFailure> {
    let config = ModelsConfig::list().with_base_url(provider, base_url);
    let models = ConfiguredModels::new(config, Arc::new(Keys(secret)), shared)?;
    let models = models.open(&caller, Purpose::Scoring).await?;
    let input = json!({"leads": [{"id": "lead_1"}]});
    let question: Question<Scores> =
        Question::new(Purpose::Scoring, "scores", "Score the leads.", &input, 200);
    let answer = question.ask(models[0].as_ref()).await?;
    Ok(answer.scores.len())
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Scores {
    scores: Vec<ScoredLead>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "read for its shape alone")]
struct ScoredLead {
    id: String,
    fit_match: f64,
    reason: String,
}

fn adapter(name: &'static str, healthy: fn() -> Value, run: crate::harness::Run) -> Adapter {
    Adapter {
        name,
        healthy,
        requests_max: 3,
        bills_bad_answers: true,
        otherwise: &[],
        run,
    }
}

fn completion() -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_790_000_000, "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop",
            "message": {"role": "assistant", "content": ANSWER}}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    })
}

fn anthropic() -> Adapter {
    let healthy = || {
        json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-haiku-5-5",
            "content": [{"type": "text", "text": ANSWER}],
            "stop_reason": "end_turn", "stop_sequence": null,
            "usage": {"input_tokens": 10, "output_tokens": 5,
                "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
        })
    };
    adapter("anthropic", healthy, |base_url, shared, caller| {
        ask("anthropic", &["claude_api_key"], base_url, shared, caller).boxed()
    })
}

fn openai() -> Adapter {
    adapter("openai", completion, |base_url, shared, caller| {
        ask("openai", &["openai_api_key"], base_url, shared, caller).boxed()
    })
}

fn groq() -> Adapter {
    adapter("groq", completion, |base_url, shared, caller| {
        ask("groq", &["groq_api_key"], base_url, shared, caller).boxed()
    })
}

fn deepseek() -> Adapter {
    adapter("deepseek", completion, |base_url, shared, caller| {
        ask("deepseek", &["deepseek_api_key"], base_url, shared, caller).boxed()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn anthropic_outlives_every_shape() {
    misbehave(anthropic()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openai_outlives_every_shape() {
    misbehave(openai()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groq_outlives_every_shape() {
    misbehave(groq()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deepseek_outlives_every_shape() {
    misbehave(deepseek()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anthropic_survives_an_outage_cheaply() {
    outage(&anthropic()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openai_survives_an_outage_cheaply() {
    outage(&openai()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groq_survives_an_outage_cheaply() {
    outage(&groq()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deepseek_survives_an_outage_cheaply() {
    outage(&deepseek()).await;
}
