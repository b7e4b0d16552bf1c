//! Anthropic's Messages API and Message Batches.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use hyper::Method;
use serde_json::{Map, Value, json};

use super::exchange::{Question, answer_text, behaviour, ok, schema_name, set};
use super::model::Model;
use super::usage::tokens;
use crate::dice::mix;
use crate::endpoint::Endpoint;
use crate::wire::{Answer, Request, reply, with_headers};

/// Looks until a batch has ended.
const LOOKS: u64 = 2;

/// Keywords that structured outputs refuse.
const REFUSED_KEYWORDS: [&str; 8] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
];

/// The server, and the batches that it was given.
#[derive(Default)]
pub(super) struct Anthropic {
    batches: Mutex<BTreeMap<String, Batch>>,
}

/// A batch.
struct Batch {
    requests: Vec<(String, Value)>,
    behaviour: String,
    looks: u64,
    cancelled: bool,
}

impl Batch {
    fn has_ended(&self) -> bool {
        self.cancelled || (self.looks >= LOOKS && self.behaviour != "busy-batch")
    }

    fn body(&self, id: &str) -> Value {
        let count = self.requests.len();
        let (ended, processing) = if self.has_ended() {
            ("ended", 0)
        } else {
            ("in_progress", count)
        };
        let results = self
            .has_ended()
            .then(|| format!("https://api.anthropic.com/v1/messages/batches/{id}/results"));
        json!({
            "id": id,
            "type": "message_batch",
            "processing_status": ended,
            "request_counts": {"processing": processing, "succeeded": count - processing,
                "errored": 0, "canceled": 0, "expired": 0},
            "ended_at": null,
            "created_at": "2026-01-01T00:00:00Z",
            "expires_at": "2026-01-02T00:00:00Z",
            "cancel_initiated_at": null,
            "results_url": results,
        })
    }
}

/// An error as Anthropic writes it.
pub(super) fn error(status: u16, kind: &str, message: &str) -> Answer {
    reply(
        status,
        "application/json",
        error_body(kind, message).to_string(),
    )
}

fn error_body(kind: &str, message: &str) -> Value {
    json!({"type": "error", "error": {"type": kind, "message": message},
        "request_id": "req_011CSandbox"})
}

fn invalid(message: impl AsRef<str>) -> Answer {
    error(400, "invalid_request_error", message.as_ref())
}

/// What the account says before the model is question.
fn account(behaviour: &str) -> Option<Answer> {
    Some(match behaviour {
        "no-credit" => error(
            402,
            "billing_error",
            "Your account has no payment method on file.",
        ),
        "spend-limit" => {
            let mut body = error_body(
                "rate_limit_error",
                "You have reached your organization's monthly usage limit.",
            );
            if let Some(error) = body.get_mut("error") {
                set(
                    error,
                    "details",
                    json!({"error_code": "enforced_spend_limit_reached"}),
                );
            }
            reply(429, "application/json", body.to_string())
        }
        "own-limit" => invalid("You have reached your specified API usage limits."),
        "overloaded" => error(529, "overloaded_error", "Overloaded"),
        "rate-limited" => with_headers(
            error(
                429,
                "rate_limit_error",
                "This request would exceed your account's rate limit. Please try again later.",
            ),
            &[("retry-after", "7")],
        ),
        "too-large" => error(413, "request_too_large", "Request exceeds the maximum size"),
        _ => return None,
    })
}

/// Whether a schema holds what structured outputs refuse, and what.
fn refused(schema: &Value) -> Option<String> {
    match schema {
        Value::Object(map) => {
            let open = map.get("type").and_then(Value::as_str) == Some("object")
                && map.get("additionalProperties") != Some(&Value::Bool(false));
            if open {
                return Some("For 'object' type, 'additionalProperties' must be false".to_owned());
            }
            let keyword = map
                .keys()
                .find(|key| REFUSED_KEYWORDS.contains(&key.as_str()));
            if let Some(keyword) = keyword {
                return Some(format!("property '{keyword}' is not supported"));
            }
            map.iter().find_map(|(key, value)| match key.as_str() {
                // Names of properties are no keywords.
                "properties" => value.as_object()?.values().find_map(refused),
                _ => refused(value),
            })
        }
        Value::Array(items) => items.iter().find_map(refused),
        _ => None,
    }
}

/// The text of a content that is text or blocks of it.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => blocks
            .iter()
            .filter_map(|block| block.get("text")?.as_str())
            .collect(),
        _ => String::new(),
    }
}

/// The parameters of a message, or what is wrong with them.
fn question(params: &Value) -> Result<(Question, Option<String>), Box<Answer>> {
    let text = |pointer: &str| params.pointer(pointer).and_then(Value::as_str);
    let model = text("/model").unwrap_or_default();
    if !model.starts_with("claude-") || model.contains("retired") {
        return Err(Box::new(error(
            404,
            "not_found_error",
            &format!("model: {model}"),
        )));
    }
    let Some(most) = params.get("max_tokens").and_then(Value::as_u64) else {
        return Err(Box::new(invalid("max_tokens: Field required")));
    };
    // The documented traps of the 5.5 models.
    let newest = model.ends_with("-5-5");
    if newest
        && ["temperature", "top_p", "top_k"]
            .iter()
            .any(|key| params.get(key).is_some())
    {
        return Err(Box::new(invalid(
            "`temperature` is not supported for this model.",
        )));
    }
    if model == "claude-sonnet-5-5" && text("/thinking/type") == Some("disabled") {
        return Err(Box::new(invalid(
            "\"thinking.type.disabled\" is not supported for this model. Use \"between_tools\".",
        )));
    }
    let tool = text("/tool_choice/name").map(str::to_owned);
    if tool.is_some() && newest {
        return Err(Box::new(invalid(
            "tool_choice: forced tool use is not supported for this model.",
        )));
    }
    let schema = match &tool {
        Some(_) => params.pointer("/tools/0/input_schema"),
        None => params.pointer("/output_config/format/schema"),
    };
    let schema = schema.cloned().unwrap_or(Value::Null);
    if tool.is_none()
        && let Some(problem) = refused(&schema)
    {
        return Err(Box::new(invalid(format!(
            "output_config.format.schema: {problem}"
        ))));
    }
    let messages = params.get("messages").and_then(Value::as_array);
    let last = messages.and_then(|messages| messages.last());
    if last.and_then(|last| last.get("role")?.as_str()) != Some("user") {
        return Err(Box::new(invalid(
            "messages: the final position must be a user turn",
        )));
    }
    let input = text_of(
        last.and_then(|last| last.get("content"))
            .unwrap_or(&Value::Null),
    );
    let question = Question {
        model: model.to_owned(),
        instructions: text_of(params.get("system").unwrap_or(&Value::Null)),
        input: serde_json::from_str(&input).unwrap_or(Value::String(input)),
        schema_name: tool
            .clone()
            .unwrap_or_else(|| schema_name(&schema).to_owned()),
        schema,
        output_tokens_max: most,
    };
    Ok((question, tool))
}

fn message(model: &Model, params: &Value, behaviour: &str) -> Result<Value, Box<Answer>> {
    let (question, tool) = self::question(params)?;
    let value = model.think(&question, behaviour);
    let text = answer_text(&value, behaviour);
    let written = tokens(&text);
    let long = written > question.output_tokens_max || behaviour == "truncated";
    let mut content = Vec::new();
    if params.pointer("/thinking/type").and_then(Value::as_str) == Some("adaptive") {
        content.push(json!({"type": "thinking", "thinking": "", "signature": "c2FuZGJveA=="}));
    }
    let stop = match (behaviour, &tool) {
        ("refuses", _) => "refusal",
        (_, _) if long => {
            content.push(json!({"type": "text", "text": text}));
            "max_tokens"
        }
        (_, Some(name)) => {
            content.push(
                json!({"type": "tool_use", "id": "toolu_01Sandbox", "name": name,
                "input": value}),
            );
            "tool_use"
        }
        _ => {
            content.push(json!({"type": "text", "text": text}));
            "end_turn"
        }
    };
    let record = question.input.to_string();
    let prompt = model
        .cache
        .count(Endpoint::ANTHROPIC, &question.prefix(), &record);
    let fresh = prompt.total - prompt.cached - prompt.written;
    Ok(json!({
        "model": question.model, "id": "msg_01Sandbox", "type": "message", "role": "assistant",
        "content": content, "stop_reason": stop, "stop_sequence": null,
        "usage": {
            "input_tokens": fresh,
            "cache_creation_input_tokens": prompt.written,
            "cache_read_input_tokens": prompt.cached,
            "output_tokens": written.min(question.output_tokens_max),
            "service_tier": "standard",
        },
    }))
}

impl Anthropic {
    pub(super) fn answer(&self, model: &Model, request: &Request) -> Answer {
        let Some(key) = request.header("x-api-key") else {
            return error(401, "authentication_error", "x-api-key header is required");
        };
        let Some(behaviour) = behaviour(Endpoint::ANTHROPIC, key) else {
            return error(401, "authentication_error", "invalid x-api-key");
        };
        if request.header("anthropic-version").is_none() {
            return invalid("anthropic-version: header is required");
        }
        if let Some(refusal) = account(behaviour) {
            return refusal;
        }
        let path = request.uri.path().to_owned();
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let post = request.method == Method::POST;
        match parts.as_slice() {
            ["v1", "models"] if !post => {
                let models = ["claude-sonnet-5-5", "claude-haiku-5-5"];
                let models = models.map(|id| json!({"type": "model", "id": id}));
                ok(&json!({"data": models, "has_more": false}), "")
            }
            ["v1", "messages"] if post => {
                let Ok(params) = serde_json::from_slice::<Value>(&request.body) else {
                    return invalid("The request body is not valid JSON");
                };
                match message(model, &params, behaviour) {
                    Ok(message) => ok(&message, behaviour),
                    Err(refusal) => *refusal,
                }
            }
            ["v1", "messages", "batches"] if post => self.create(&request.body, behaviour),
            ["v1", "messages", "batches", id] if !post => self.look(id),
            ["v1", "messages", "batches", id, "cancel"] if post => self.cancel(id),
            ["v1", "messages", "batches", id, "results"] if !post => self.results(model, id),
            _ => error(404, "not_found_error", "Not Found"),
        }
    }

    fn create(&self, body: &[u8], behaviour: &str) -> Answer {
        let parsed: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
        let requests = parsed.get("requests").and_then(Value::as_array);
        let Some(requests) = requests.filter(|requests| !requests.is_empty()) else {
            return invalid("requests: List should have at least 1 item");
        };
        let mut kept: Vec<(String, Value)> = Vec::new();
        for request in requests {
            let id = request.get("custom_id").and_then(Value::as_str);
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            let id = id.filter(|id| (1..=64).contains(&id.len()) && id.chars().all(plain));
            let (Some(id), Some(params)) = (id, request.get("params")) else {
                return invalid("requests: custom_id should match '^[a-zA-Z0-9_-]{1,64}$'");
            };
            if kept.iter().any(|(known, _)| known == id) {
                return invalid(format!("requests: custom_id {id} is not unique"));
            }
            kept.push((id.to_owned(), params.clone()));
        }
        let mut batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner);
        let number = batches.len().to_string();
        let id = format!("msgbatch_{:016x}", mix(0, &["batch", &number]));
        let batch = Batch {
            requests: kept,
            behaviour: behaviour.to_owned(),
            looks: 0,
            cancelled: false,
        };
        let body = batch.body(&id);
        batches.insert(id, batch);
        ok(&body, "")
    }

    fn look(&self, id: &str) -> Answer {
        let mut batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(batch) = batches.get_mut(id) else {
            return error(404, "not_found_error", "batch not found");
        };
        batch.looks += 1;
        ok(&batch.body(id), "")
    }

    fn cancel(&self, id: &str) -> Answer {
        let mut batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(batch) = batches.get_mut(id) else {
            return error(404, "not_found_error", "batch not found");
        };
        // It is still being cancelled in this answer, and ended in the next.
        let mut body = batch.body(id);
        set(&mut body, "processing_status", json!("canceling"));
        batch.cancelled = true;
        ok(&body, "")
    }

    /// In reverse order: results come in any.
    fn results(&self, model: &Model, id: &str) -> Answer {
        let batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(batch) = batches.get(id).filter(|batch| batch.has_ended()) else {
            return error(404, "not_found_error", "results are not available yet");
        };
        let mut lines = Vec::new();
        for (at, (custom_id, params)) in batch.requests.iter().enumerate().rev() {
            let half = batch.cancelled || batch.behaviour == "half-batch";
            let result = match message(model, params, &batch.behaviour) {
                _ if half && at % 2 == 1 && batch.cancelled => json!({"type": "canceled"}),
                _ if half && at % 2 == 1 => json!({"type": "expired"}),
                Ok(message) => json!({"type": "succeeded", "message": message}),
                Err(_) => json!({"type": "errored",
                    "error": error_body("invalid_request_error", "invalid parameters")}),
            };
            lines.push(json!({"custom_id": custom_id, "result": result}).to_string());
        }
        reply(200, "application/x-jsonl", lines.join("\n"))
    }
}
