//! Chat completions as OpenAI, Groq and DeepSeek speak them.

use hyper::Method;
use serde_json::{Value, json};

use super::exchange::{Question, answer_text, behaviour, ok, schema_name, set};
use super::model::Model;
use super::usage::tokens;
use crate::endpoint::Endpoint;
use crate::wire::{Answer, Request, reply, with_headers};

/// An error as these providers write it.
fn error(status: u16, kind: &str, code: &str, message: &str) -> Answer {
    let code = if code.is_empty() {
        Value::Null
    } else {
        json!(code)
    };
    let body = json!({"error": {"message": message, "type": kind, "param": null, "code": code}});
    reply(status, "application/json", body.to_string())
}

fn invalid(message: impl AsRef<str>) -> Answer {
    error(400, "invalid_request_error", "", message.as_ref())
}

/// Too many calls, with the provider's own way to say when to come back.
pub(super) fn rate_limited(endpoint: Endpoint, reset: &str) -> Answer {
    let message = format!("Rate limit reached for requests. Please try again in {reset}.");
    let answer = error(429, "requests", "rate_limit_exceeded", &message);
    match endpoint {
        // No word of when.
        Endpoint::DEEPSEEK => error(429, "rate_limit_error", "", "Rate limit reached"),
        Endpoint::GROQ => with_headers(answer, &[("retry-after", "2")]),
        _ => with_headers(
            answer,
            &[
                ("x-ratelimit-limit-requests", "60"),
                ("x-ratelimit-remaining-requests", "0"),
                ("x-ratelimit-reset-requests", reset),
                ("x-ratelimit-remaining-tokens", "149984"),
                ("x-ratelimit-reset-tokens", "6m0s"),
            ],
        ),
    }
}

/// The provider has no room.
pub(super) fn overloaded(endpoint: Endpoint) -> Answer {
    match endpoint {
        Endpoint::GROQ => error(498, "", "capacity_exceeded", "Flex tier capacity exceeded"),
        Endpoint::DEEPSEEK => error(503, "", "", "Server overloaded"),
        _ => error(
            503,
            "service_unavailable_error",
            "server_is_overloaded",
            "The engine is currently overloaded, please try again later",
        ),
    }
}

/// What the account says before the model is question.
fn account(endpoint: Endpoint, behaviour: &str) -> Option<Answer> {
    Some(match (behaviour, endpoint) {
        ("no-credit" | "spend-limit", Endpoint::DEEPSEEK) => error(
            402,
            "unknown_error",
            "invalid_request_error",
            "Insufficient Balance",
        ),
        ("no-credit" | "spend-limit", Endpoint::GROQ) => error(
            400,
            "invalid_request_error",
            "blocked_api_access",
            "API access is blocked: the spend limit has been reached",
        ),
        ("no-credit", _) => error(
            429,
            "insufficient_quota",
            "insufficient_quota",
            "You exceeded your current quota, please check your plan and billing details.",
        ),
        ("spend-limit", _) => error(
            429,
            "insufficient_quota",
            "project_spend_limit_exceeded",
            "The project reached its monthly spend limit.",
        ),
        ("overloaded", _) => overloaded(endpoint),
        ("rate-limited", _) => rate_limited(endpoint, "1m2.5s"),
        ("too-large", Endpoint::GROQ) => error(
            413,
            "tokens",
            "rate_limit_exceeded",
            "Request too large for model on tokens per minute (TPM): Limit 6000",
        ),
        ("too-large", _) => error(
            400,
            "invalid_request_error",
            "context_length_exceeded",
            "Your input exceeds the context window of this model.",
        ),
        ("invalid-output", Endpoint::GROQ) => error(
            400,
            "invalid_request_error",
            "json_validate_failed",
            "Failed to generate JSON. Please adjust your prompt.",
        ),
        _ => return None,
    })
}

/// What strict mode demands of a schema: closed objects with every property required.
fn not_strict(schema: &Value) -> Option<String> {
    match schema {
        Value::Object(map) => {
            if let Some(properties) = map.get("properties").and_then(Value::as_object) {
                if map.get("additionalProperties") != Some(&Value::Bool(false)) {
                    return Some("'additionalProperties' is required to be false".to_owned());
                }
                let required = map.get("required").and_then(Value::as_array);
                let all = required.map(Vec::as_slice).unwrap_or_default();
                let missing = properties.keys().find(|name| !all.contains(&json!(name)));
                if let Some(name) = missing {
                    return Some(format!("'required' is missing '{name}'"));
                }
                return properties.values().find_map(not_strict);
            }
            map.values().find_map(not_strict)
        }
        Value::Array(items) => items.iter().find_map(not_strict),
        _ => None,
    }
}

/// The messages of one role, together.
fn said_by(body: &Value, roles: &[&str]) -> String {
    let messages = body.get("messages").and_then(Value::as_array);
    let own = messages.into_iter().flatten().filter(|message| {
        let role = message.get("role").and_then(Value::as_str);
        role.is_some_and(|role| roles.contains(&role))
    });
    own.filter_map(|message| message.get("content")?.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The limit on the answer's tokens, or what is wrong with how it is given.
fn most(endpoint: Endpoint, body: &Value) -> Result<u64, Box<Answer>> {
    let newer = body.get("max_completion_tokens").and_then(Value::as_u64);
    let older = body.get("max_tokens").and_then(Value::as_u64);
    match (endpoint, newer, older) {
        (Endpoint::OPENAI, _, Some(_)) => Err(Box::new(error(
            400,
            "invalid_request_error",
            "unsupported_parameter",
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use \
             'max_completion_tokens' instead.",
        ))),
        (Endpoint::DEEPSEEK, _, older) => Ok(older.unwrap_or(4_096)),
        (_, newer, _) => Ok(newer.unwrap_or(4_096)),
    }
}

fn model_problem(endpoint: Endpoint, model: &str) -> Option<Answer> {
    let known = match endpoint {
        Endpoint::OPENAI => model.starts_with("gpt-"),
        Endpoint::GROQ => model.contains("gpt-oss") || model.contains("llama"),
        _ => model.starts_with("deepseek-"),
    };
    let message = format!("The model `{model}` does not exist or you do not have access to it.");
    (!known || model.contains("retired"))
        .then(|| error(404, "invalid_request_error", "model_not_found", &message))
}

fn question(endpoint: Endpoint, body: &Value) -> Result<Question, Box<Answer>> {
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    let model = text("/model").unwrap_or_default();
    if let Some(problem) = model_problem(endpoint, model) {
        return Err(Box::new(problem));
    }
    let reasons = endpoint == Endpoint::OPENAI && text("/reasoning_effort") != Some("none");
    if reasons && body.get("temperature").is_some() {
        return Err(Box::new(invalid(
            "Unsupported value: 'temperature' with reasoning",
        )));
    }
    let instructions = said_by(body, &["system", "developer"]);
    let input = said_by(body, &["user"]);
    let (name, schema) = match text("/response_format/type") {
        Some("json_schema") if endpoint == Endpoint::DEEPSEEK => {
            return Err(Box::new(invalid(
                "This response_format type is unavailable now",
            )));
        }
        Some("json_schema") => {
            let schema = body.pointer("/response_format/json_schema/schema");
            let schema = schema.cloned().unwrap_or(Value::Null);
            let strict = body.pointer("/response_format/json_schema/strict");
            if strict == Some(&Value::Bool(true))
                && let Some(problem) = not_strict(&schema)
            {
                return Err(Box::new(invalid(format!(
                    "Invalid schema for response_format: {problem}"
                ))));
            }
            let name = text("/response_format/json_schema/name").map(str::to_owned);
            (name, schema)
        }
        Some("json_object") => {
            if !format!("{instructions}{input}")
                .to_lowercase()
                .contains("json")
            {
                return Err(Box::new(invalid(
                    "Prompt must contain the word 'json' in some form to use 'response_format' of \
                     type 'json_object'.",
                )));
            }
            // The schema stands at the end of the instructions.
            let last = instructions.lines().last().unwrap_or_default();
            (None, serde_json::from_str(last).unwrap_or(Value::Null))
        }
        _ => (None, Value::Null),
    };
    Ok(Question {
        model: model.to_owned(),
        input: serde_json::from_str(&input).unwrap_or(Value::String(input)),
        schema_name: name.unwrap_or_else(|| schema_name(&schema).to_owned()),
        schema,
        output_tokens_max: most(endpoint, body)?,
        instructions,
    })
}

pub(super) fn answer(model: &Model, endpoint: Endpoint, request: &Request) -> Answer {
    let key = request.header("authorization").unwrap_or_default();
    let Some(behaviour) = key
        .strip_prefix("Bearer ")
        .and_then(|key| behaviour(endpoint, key))
    else {
        let kind = match endpoint {
            Endpoint::DEEPSEEK => "authentication_error",
            _ => "invalid_request_error",
        };
        return error(401, kind, "invalid_api_key", "Incorrect API key provided");
    };
    let base = match endpoint {
        Endpoint::GROQ => "/openai/v1",
        Endpoint::DEEPSEEK => "",
        _ => "/v1",
    };
    let path = request.uri.path().strip_prefix(base).unwrap_or_default();
    match (&request.method, path) {
        (&Method::GET, "/models") => {
            if let Some(refusal) = account(endpoint, behaviour) {
                return refusal;
            }
            let models: &[&str] = match endpoint {
                Endpoint::OPENAI => &["gpt-6.1-terra", "gpt-6-luna"],
                Endpoint::GROQ => &["openai/gpt-oss-120b", "openai/gpt-oss-20b"],
                _ => &["deepseek-flash", "deepseek-v4-pro"],
            };
            let models: Vec<Value> = models
                .iter()
                .map(|id| json!({"id": id, "object": "model"}))
                .collect();
            ok(&json!({"object": "list", "data": models}), "")
        }
        (&Method::POST, "/chat/completions") => {
            if let Some(refusal) = account(endpoint, behaviour) {
                return refusal;
            }
            let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
                return invalid("We could not parse the JSON body of your request.");
            };
            match question(endpoint, &body) {
                Ok(question) => completion(model, endpoint, &question, behaviour),
                Err(refusal) => *refusal,
            }
        }
        _ => error(
            404,
            "invalid_request_error",
            "unknown_url",
            "Unknown request URL",
        ),
    }
}

fn completion(model: &Model, endpoint: Endpoint, question: &Question, behaviour: &str) -> Answer {
    let value = model.think(question, behaviour);
    let text = answer_text(&value, behaviour);
    let written = tokens(&text);
    let long = written > question.output_tokens_max || behaviour == "truncated";
    let mut message = json!({"role": "assistant", "content": text});
    if endpoint == Endpoint::OPENAI {
        set(&mut message, "refusal", Value::Null);
    }
    let mut finish = if long { "length" } else { "stop" };
    match (behaviour, endpoint) {
        ("parts", _) => {
            let (head, tail) = halves(&text);
            set(
                &mut message,
                "content",
                json!([{"type": "text", "text": head}, {"type": "text", "text": tail}]),
            );
        }
        ("refuses", Endpoint::OPENAI) => {
            set(&mut message, "content", Value::Null);
            set(
                &mut message,
                "refusal",
                json!("I'm sorry, I can't help with that."),
            );
        }
        ("refuses", Endpoint::DEEPSEEK) => {
            set(&mut message, "content", json!(""));
            finish = "content_filter";
        }
        ("refuses", _) => set(&mut message, "content", json!("I cannot help with that.")),
        ("empty", Endpoint::OPENAI) => {
            return ok(&json!({"object": "chat.completion", "choices": []}), "");
        }
        _ => {}
    }
    let prompt = model
        .cache
        .count(endpoint, &question.prefix(), &question.input.to_string());
    let written = written.min(question.output_tokens_max);
    let mut usage = json!({
        "prompt_tokens": prompt.total,
        "completion_tokens": written,
        "total_tokens": prompt.total + written,
        "prompt_tokens_details": {"cached_tokens": prompt.cached},
    });
    match endpoint {
        Endpoint::OPENAI => {
            let details = json!({"cached_tokens": prompt.cached,
                "cache_write_tokens": prompt.written});
            set(&mut usage, "prompt_tokens_details", details);
        }
        Endpoint::DEEPSEEK => {
            set(&mut usage, "prompt_cache_hit_tokens", json!(prompt.cached));
            set(
                &mut usage,
                "prompt_cache_miss_tokens",
                json!(prompt.total - prompt.cached),
            );
        }
        _ => {}
    }
    let body = json!({
        "id": "chatcmpl-sandbox", "object": "chat.completion", "created": 1_767_225_600,
        "model": question.model,
        "choices": [{"index": 0, "message": message, "logprobs": null,
            "finish_reason": finish}],
        "usage": usage,
    });
    ok(&body, behaviour)
}

fn halves(text: &str) -> (String, String) {
    let middle = text.chars().count() / 2;
    (
        text.chars().take(middle).collect(),
        text.chars().skip(middle).collect(),
    )
}
