//! Chat completions, as OpenAI, Groq and DeepSeek speak them.
//!
//! The instructions come first and are the same for all records, so that each provider's automatic
//! cache finds them. What differs is data: the path, the name of the limit on the answer's length,
//! how the answer is held to its schema, and where cached tokens are counted.

use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::ports::ModelRequest;
use reqwest::header::AUTHORIZATION;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ModelSpec, Provider, Structured, merged,
    reply::{Reply, Said, Tokens, unusable},
};
use crate::client::Call;

/// With the key.
pub(super) fn signed(call: Call, key: &str) -> Result<Call, RecipeFailure> {
    call.secret(AUTHORIZATION, &format!("Bearer {key}"))
}

/// The body of a request.
fn body(spec: &ModelSpec, request: &ModelRequest) -> Value {
    let schema = &request.schema;
    let mut instructions = request.instructions.clone();
    let format = if spec.structured == Structured::JsonSchema {
        json!({
            "type": "json_schema",
            "json_schema": {"name": request.schema_name, "strict": true, "schema": schema},
        })
    } else {
        // Both providers demand that the prompt speaks of JSON; the schema is part of the prefix.
        instructions.push_str(&format!(
            "\n\nAnswer with one JSON object that fits the JSON Schema `{}`, and with nothing \
             else:\n{schema}",
            request.schema_name
        ));
        json!({"type": "json_object"})
    };
    let mut body = json!({
        "model": spec.id,
        "messages": [
            {"role": "system", "content": instructions},
            {"role": "user", "content": request.input},
        ],
        "response_format": format,
    });
    let limit = match spec.provider {
        Provider::DeepSeek => "max_tokens",
        _ => "max_completion_tokens",
    };
    merged(
        &mut body,
        json!({limit: super::output_tokens(spec, request)}),
    );
    merged(&mut body, Value::Object(spec.request.clone()));
    body
}

/// The call for one completion.
pub(super) fn call(
    spec: &ModelSpec,
    key: &str,
    request: &ModelRequest,
) -> Result<Call, RecipeFailure> {
    let path = match spec.provider {
        Provider::Groq => "/openai/v1/chat/completions",
        Provider::DeepSeek => "/chat/completions",
        _ => "/v1/chat/completions",
    };
    let call = Call::post(request.purpose.into(), path, &body(spec, request));
    let call = call.to_model(&spec.name);
    signed(call, key)
}

/// A completion as it comes back.
#[derive(Debug, Deserialize)]
pub(super) struct Completion {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Usage>,
    /// Some gateways answer 200 with an error.
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    message: Option<Message>,
    finish_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Message {
    content: Option<Content>,
    refusal: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<ToolCall>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Debug, Deserialize)]
struct Part {
    text: Option<String>,
    refusal: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ToolCall {
    function: Function,
}

#[derive(Debug, Deserialize)]
struct Function {
    arguments: String,
}

#[derive(Debug, Default, Deserialize)]
struct Usage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    /// DeepSeek's own count.
    prompt_cache_hit_tokens: Option<u64>,
    prompt_tokens_details: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
struct Details {
    cached_tokens: Option<u64>,
    /// OpenAI, since GPT-5.6.
    cache_write_tokens: Option<u64>,
}

impl From<Usage> for Tokens {
    fn from(usage: Usage) -> Self {
        let details = usage.prompt_tokens_details.unwrap_or_default();
        let cached = usage.prompt_cache_hit_tokens.or(details.cached_tokens);
        Self {
            input: usage.prompt_tokens.unwrap_or_default(),
            cached: cached.unwrap_or_default(),
            cache_written: details.cache_write_tokens.unwrap_or_default(),
            output: usage.completion_tokens.unwrap_or_default(),
        }
    }
}

/// What a completion says.
pub(super) fn read(spec: &ModelSpec, completion: Completion) -> Reply {
    let tokens = completion.usage.unwrap_or_default().into();
    let first = completion.choices.into_iter().next();
    let said = match (first, completion.error) {
        (Some(choice), _) => said(spec, choice),
        (None, Some(error)) => {
            let shown: String = error.to_string().chars().take(200).collect();
            Err(unusable(spec, &format!("answered with an error: {shown}")))
        }
        (None, None) => Err(unusable(spec, "answered without a choice")),
    };
    Reply { tokens, said }
}

fn said(spec: &ModelSpec, choice: Choice) -> Result<Said, RecipeFailure> {
    match choice.finish_reason.as_deref() {
        Some("length") => {
            return Err(unusable(
                spec,
                "stopped in the middle: the answer is too long",
            ));
        }
        Some("content_filter") => {
            return Err(unusable(
                spec,
                "was stopped by its provider's content filter",
            ));
        }
        Some("insufficient_system_resource") => {
            return Err(RecipeFailure::new(
                ErrorCode::ApiUnavailable,
                format!("{} was interrupted: its provider is overloaded", spec.name),
            ));
        }
        _ => {}
    }
    let Some(message) = choice.message else {
        return Err(unusable(spec, "answered without a message"));
    };
    let refused = |why: &str| {
        let why: String = why.chars().take(160).collect();
        Err(unusable(spec, &format!("refused to answer: {why}")))
    };
    if let Some(why) = message.refusal.filter(|why| !why.is_empty()) {
        return refused(&why);
    }
    let mut text = String::new();
    match message.content {
        Some(Content::Text(whole)) => text = whole,
        Some(Content::Parts(parts)) => {
            for part in parts {
                if let Some(why) = part.refusal {
                    return refused(&why);
                }
                text.push_str(part.text.as_deref().unwrap_or_default());
            }
        }
        None => {}
    }
    if !text.trim().is_empty() {
        return Ok(Said::Text(text));
    }
    // We offer no tools; some models answer as if we did.
    let call = message.tool_calls.unwrap_or_default().into_iter().next();
    match call {
        Some(call) => Ok(Said::Text(call.function.arguments)),
        None => Err(unusable(spec, "answered nothing")),
    }
}
