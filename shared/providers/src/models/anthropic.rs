//! Anthropic's Messages API.
//!
//! `POST /v1/messages`; the instructions are the system prompt with a cache breakpoint, the record is
//! the one user turn. Structured output is `output_config.format` with a JSON Schema; models from
//! before it are forced to call a tool whose input is the answer. Answers hold blocks of several
//! types (thinking comes first where it is on), so blocks are chosen by type.

use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::ports::ModelRequest;
use reqwest::header::HeaderName;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    ModelSpec, Structured, merged,
    reply::{Reply, Said, Tokens, unusable},
};
use crate::{
    client::{Call, Meaning, Pricing, Rate, Refusal, Service, by_status},
    spec::{Kind, ServiceSpec},
};

/// The version of the API that this speaks.
const VERSION: &str = "2023-06-01";

/// Anthropic.
pub(crate) static SERVICE: ServiceSpec = ServiceSpec {
    service: Service {
        id: "anthropic",
        name: "Anthropic",
        refusal,
        // A customer's tier decides; the API says by `retry-after` when it is too much.
        rate: Rate::UNLIMITED,
        prices: Pricing::ByModel,
    },
    kind: Kind::Models,
    key: Some("claude_api_key"),
    base_url: None,
    variable: "HUNTER_ANTHROPIC_URL",
    gives: "models",
    attribution: None,
};

/// With the headers that every call needs.
pub(super) fn signed(call: Call, key: &str) -> Result<Call, RecipeFailure> {
    let call = call.header(HeaderName::from_static("anthropic-version"), VERSION);
    call.secret(HeaderName::from_static("x-api-key"), key)
}

/// The parameters of a message.
pub(super) fn body(spec: &ModelSpec, request: &ModelRequest) -> Value {
    let schema = &request.schema;
    let mut body = json!({
        "model": spec.id,
        "max_tokens": super::output_tokens(spec, request),
        "system": [{
            "type": "text",
            "text": request.instructions,
            "cache_control": {"type": "ephemeral"},
        }],
        "messages": [{"role": "user", "content": request.input}],
    });
    let form = if spec.structured == Structured::Tool {
        json!({
            "tools": [{
                "name": request.schema_name,
                "description": "Takes the answer.",
                "input_schema": schema,
            }],
            "tool_choice": {"type": "tool", "name": request.schema_name},
        })
    } else {
        json!({"output_config": {"format": {"type": "json_schema", "schema": schema}}})
    };
    merged(&mut body, form);
    merged(&mut body, Value::Object(spec.request.clone()));
    body
}

/// The call for one message.
pub(super) fn call(
    spec: &ModelSpec,
    key: &str,
    request: &ModelRequest,
) -> Result<Call, RecipeFailure> {
    let call = Call::post(request.purpose.into(), "/v1/messages", &body(spec, request))
        .to_model(&spec.name);
    signed(call, key)
}

/// A message as it comes back, alone or within a batch's results.
#[derive(Debug, Deserialize)]
pub(super) struct Message {
    content: Vec<Block>,
    stop_reason: Option<String>,
    #[serde(default)]
    usage: Usage,
}

#[derive(Debug, Deserialize)]
struct Block {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
    input: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
struct Usage {
    input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    output_tokens: Option<u64>,
}

impl From<Usage> for Tokens {
    fn from(usage: Usage) -> Self {
        let written = usage.cache_creation_input_tokens.unwrap_or_default();
        let cached = usage.cache_read_input_tokens.unwrap_or_default();
        let fresh = usage.input_tokens.unwrap_or_default();
        Self {
            input: fresh.saturating_add(written).saturating_add(cached),
            cached,
            cache_written: written,
            output: usage.output_tokens.unwrap_or_default(),
        }
    }
}

/// What a message says.
pub(super) fn read(spec: &ModelSpec, message: Message) -> Reply {
    let said = said(spec, message.stop_reason.as_deref(), message.content);
    Reply {
        tokens: message.usage.into(),
        said,
    }
}

fn said(spec: &ModelSpec, stop: Option<&str>, blocks: Vec<Block>) -> Result<Said, RecipeFailure> {
    match stop {
        Some("max_tokens" | "model_context_window_exceeded") => {
            return Err(unusable(
                spec,
                "stopped in the middle: the answer is too long",
            ));
        }
        Some("refusal") => return Err(unusable(spec, "refused to answer")),
        _ => {}
    }
    let mut text = String::new();
    for block in blocks {
        match (block.kind.as_str(), block.text, block.input) {
            ("tool_use", _, Some(input)) => return Ok(Said::Input(input)),
            ("text", Some(part), _) => text.push_str(&part),
            _ => {}
        }
    }
    if text.trim().is_empty() {
        return Err(unusable(spec, "answered nothing"));
    }
    Ok(Said::Text(text))
}

/// What a refusal means, by `error.type`.
fn refusal(refusal: &Refusal<'_>) -> Meaning {
    let kind = refusal.text("/error/type").unwrap_or_default();
    let said = refusal.text("/error/message").unwrap_or_default();
    // Both limits on spending look like something else: a 429 as of too many calls, which only
    // this code tells apart, and a 400 as of a bad request, which only its words do.
    let detail = refusal
        .text("/error/details/error_code")
        .unwrap_or_default();
    let spent = detail.contains("spend_limit")
        || (kind == "invalid_request_error"
            && ["usage limits", "spend limit", "credit balance is too low"]
                .iter()
                .any(|words| said.contains(words)));
    let code = match kind {
        _ if spent => ErrorCode::ApiQuotaExceeded,
        "billing_error" => ErrorCode::ApiQuotaExceeded,
        "authentication_error" | "permission_error" => ErrorCode::AuthenticationFailed,
        "rate_limit_error" => ErrorCode::ApiRateLimit,
        "overloaded_error" | "api_error" | "conflict_error" => ErrorCode::ApiUnavailable,
        "timeout_error" => ErrorCode::Timeout,
        "invalid_request_error" | "request_too_large" => ErrorCode::InvalidInput,
        "not_found_error" => ErrorCode::InvalidConfiguration,
        _ => return by_status(refusal),
    };
    let advice = match code {
        ErrorCode::ApiQuotaExceeded => "; raise the limit or add credit in Anthropic's console",
        ErrorCode::AuthenticationFailed => "; set `claude_api_key` anew",
        ErrorCode::InvalidConfiguration => "; check the model and the address in models.toml",
        _ => "",
    };
    Meaning::new(code, format!("{kind}: {said}{advice}"))
}

/// What an error within a batch's results means: there it has no status of its own.
pub(super) fn meaning_of(error: &Map<String, Value>) -> Meaning {
    let body = Value::Object(error.clone());
    refusal(&Refusal {
        status: 500,
        headers: &reqwest::header::HeaderMap::new(),
        body: &[],
        json: Some(&body),
    })
}

#[cfg(test)]
mod tests {
    use hunter_contracts::Purpose;

    use super::*;
    use crate::models::ModelsConfig;

    fn request() -> ModelRequest {
        ModelRequest {
            purpose: Purpose::Writing,
            instructions: "Write.".into(),
            input: "{}".into(),
            schema_name: "message",
            schema: json!({"type": "object", "properties": {"n": {"type": "number"}}}),
            output_tokens_max: 700,
        }
    }

    #[test]
    fn the_instructions_are_a_cached_prefix_and_the_schema_goes_along() {
        let config = ModelsConfig::list();
        let body = body(config.model("claude-sonnet-5-5").unwrap(), &request());
        assert_eq!(body["system"][0]["cache_control"]["type"], "ephemeral");
        assert_eq!(body["max_tokens"], 700);
        assert_eq!(body["thinking"]["type"], "between_tools");
        // The model's own settings and the form of the answer share an object.
        assert_eq!(body["output_config"]["effort"], "medium");
        assert_eq!(body["output_config"]["format"]["schema"], request().schema);
        assert!(body.get("temperature").is_none() && body.get("tools").is_none());
    }

    #[test]
    fn older_models_are_forced_to_call_a_tool() {
        let config = ModelsConfig::list();
        let mut spec = config.model("claude-haiku-5-5").unwrap().clone();
        spec.structured = Structured::Tool;
        let body = body(&spec, &request());
        assert_eq!(
            body["tool_choice"],
            json!({"type": "tool", "name": "message"})
        );
        assert!(body["output_config"].get("format").is_none());
    }
}
