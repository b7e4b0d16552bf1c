//! Look-alikes of the model providers: Anthropic's Messages API with its batches, and chat
//! completions as OpenAI, Groq and DeepSeek speak them.
//!
//! What a model "thinks" is composed by rules from the request's own data ([`honest`]), spoilt
//! ([`careless`]), or taken from whatever the data tells it to do ([`obedient`]). The key decides
//! about the account: [`Sandbox::model_key`] names keys without credit, over their limits, and of
//! models that behave in some way.

mod anthropic;
mod careless;
mod chat;
mod generic;
mod honest;
mod message;
mod obedient;
mod payload;
mod phrases;
mod usage;
mod words;

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::Sandbox;
use crate::faults::Fault;
use crate::server::{Answer, Endpoint, Request, reply};

/// How the models of a sandbox behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ModelMode {
    /// Says what the facts say, and judges as the rules do.
    #[default]
    Honest,
    /// Invents numbers, names, recency and links in some answers.
    Careless,
    /// Does whatever any text in the data tells it to: the worst case.
    Obedient,
}

impl Sandbox {
    /// The key that the look-alike of Anthropic accepts.
    pub const ANTHROPIC_KEY: &'static str = "sandbox-anthropic-key";
    /// The key that the look-alike of OpenAI accepts.
    pub const OPENAI_KEY: &'static str = "sandbox-openai-key";
    /// The key that the look-alike of Groq accepts.
    pub const GROQ_KEY: &'static str = "sandbox-groq-key";
    /// The key that the look-alike of DeepSeek accepts.
    pub const DEEPSEEK_KEY: &'static str = "sandbox-deepseek-key";

    /// A key with a behaviour of its own, as `model_key(Endpoint::OpenAi, "no-credit")`.
    ///
    /// - Models: `honest`, `careless`, `obedient`, whatever the sandbox's own mode is.
    /// - Accounts: `no-credit`, `spend-limit`, `overloaded`, `rate-limited`, `too-large`.
    /// - Answers: `refuses`, `truncated`, `fenced`, `empty`, `parts`, `drifted` (another shape than
    ///   asked for), `cut-body` (half of a body), `invalid-output` (Groq's 400 for it).
    /// - Batches: `busy-batch` (none ever ends on its own), `half-batch` (every second request of
    ///   one expires).
    #[must_use]
    pub fn model_key(endpoint: Endpoint, behaviour: &str) -> String {
        format!("{}-{behaviour}", own_key(endpoint))
    }
}

const fn own_key(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::Anthropic => Sandbox::ANTHROPIC_KEY,
        Endpoint::OpenAi => Sandbox::OPENAI_KEY,
        Endpoint::Groq => Sandbox::GROQ_KEY,
        Endpoint::DeepSeek => Sandbox::DEEPSEEK_KEY,
        _ => "",
    }
}

/// The behaviour that a key stands for (empty: none); `None` when the server does not know the key.
fn behaviour(endpoint: Endpoint, key: &str) -> Option<&str> {
    let rest = key.strip_prefix(own_key(endpoint))?;
    match rest {
        "" => Some(""),
        _ => rest.strip_prefix('-'),
    }
}

/// What a model is asked, whatever the protocol.
#[derive(Debug, Clone)]
struct Asked {
    model: String,
    instructions: String,
    input: Value,
    schema_name: String,
    schema: Value,
    output_tokens_max: u64,
}

impl Asked {
    /// What providers cache: all that comes before the record.
    fn prefix(&self) -> String {
        format!("{}\n{}\n{}", self.model, self.instructions, self.schema)
    }
}

/// The name of one of our schemas, told by its properties: Anthropic's form carries none.
fn schema_name(schema: &Value) -> &'static str {
    let has = |name: &str| schema.pointer(&format!("/properties/{name}")).is_some();
    match () {
        () if has("sentences") => "message",
        () if has("truthful") => "judgement",
        () if has("scores") => "scores",
        () if has("levels") => "enrichment_levels",
        () if has("source") && has("keywords") => "search_plan",
        () => "other",
    }
}

/// The model servers of a sandbox.
pub(crate) struct Models {
    mode: ModelMode,
    cache: usage::Cache,
    batches: Mutex<BTreeMap<String, anthropic::Batch>>,
}

impl Models {
    pub(crate) fn new(mode: ModelMode) -> Self {
        Self {
            mode,
            cache: usage::Cache::default(),
            batches: Mutex::default(),
        }
    }

    pub(crate) fn answer(&self, endpoint: Endpoint, request: &Request) -> Answer {
        match endpoint {
            Endpoint::Anthropic => self.anthropic(request),
            _ => self.chat(endpoint, request),
        }
    }

    /// What the model makes of a request.
    fn think(&self, asked: &Asked, behaviour: &str) -> Value {
        let mode = match behaviour {
            "honest" => ModelMode::Honest,
            "careless" => ModelMode::Careless,
            "obedient" => ModelMode::Obedient,
            _ => self.mode,
        };
        if behaviour == "drifted" {
            return json!({"result": "as you wish", "version": 2});
        }
        let honest = honest::answer(asked);
        match mode {
            ModelMode::Honest => honest,
            ModelMode::Careless => careless::spoil(asked, honest),
            ModelMode::Obedient => obedient::obey(asked, honest),
        }
    }
}

/// Sets a field of an object.
fn set(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(map) = object {
        map.insert(key.to_owned(), value);
    }
}

/// The text of an answer as a behaviour would have it.
fn told(value: &Value, behaviour: &str) -> String {
    let text = value.to_string();
    match behaviour {
        "fenced" => format!("```json\n{text}\n```"),
        "truncated" => text.chars().take(text.chars().count() / 2).collect(),
        "empty" => String::new(),
        _ => text,
    }
}

/// A 200 whose body may be cut off in the middle.
fn sent(body: &Value, behaviour: &str) -> Answer {
    let text = body.to_string();
    if behaviour == "cut-body" {
        let half: String = text.chars().take(text.chars().count() / 2).collect();
        return reply(200, "application/json", half);
    }
    reply(200, "application/json", text)
}

/// A reply with further headers.
fn with_headers(answer: Answer, headers: &[(&'static str, String)]) -> Answer {
    match answer {
        Answer::Reply(mut response) => {
            for (name, value) in headers {
                if let Ok(value) = hyper::header::HeaderValue::from_str(value) {
                    response.headers_mut().insert(*name, value);
                }
            }
            Answer::Reply(response)
        }
        other => other,
    }
}

pub(crate) fn faulty(endpoint: Endpoint, fault: Fault) -> Answer {
    match (endpoint, fault) {
        (Endpoint::Anthropic, Fault::RateLimited) => with_headers(
            anthropic::error(
                429,
                "rate_limit_error",
                "Number of requests has exceeded your limit.",
            ),
            &[("retry-after", "1".to_owned())],
        ),
        (Endpoint::Anthropic, _) => anthropic::error(529, "overloaded_error", "Overloaded"),
        (_, Fault::RateLimited) => chat::rate_limited(endpoint, "900ms"),
        _ => chat::overloaded(endpoint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hash of what honest, careless and obedient models write in every language.
    #[test]
    fn messages_are_the_same_byte_for_byte() {
        use sha2::{Digest, Sha256};
        const KINDS: [(&str, &str); 15] = [
            ("blog_post", "Five tips for a healthy smile"),
            ("announcement", "We open a second room"),
            ("hiring", "Dental nurse wanted"),
            ("about_sentence", "We publish our prices"),
            ("service", "root canals"),
            ("founded", "1987"),
            ("rating", "4.8 from 312 reviews"),
            ("speciality", "implants"),
            ("technology", "WordPress"),
            ("last_updated", "2026-01-02"),
            ("opening_hours", "Mon 9:00"),
            ("category", "dentist"),
            ("locality", "Bandra West"),
            ("person", "Ana Nair"),
            ("unknown", "anything"),
        ];
        let mut hash = Sha256::new();
        for language in ["en-GB", "de", "fr", "es", "ja", "el", "sr", "fi"] {
            for (kind, value) in KINDS {
                for (variant, date) in [(0, Some("2026-03-01")), (1, None), (2, Some("soon"))] {
                    for name in ["Ana Nair", ""] {
                        let input = json!({"language": language, "variant": variant, "words_max": 60,
                            "recipient": {"business": "Nair Dental", "name": name},
                            "facts": [{"number": 1, "kind": kind, "value": value, "date": date},
                                {"number": 2, "kind": "service", "value": "click http://x.example"}],
                            "seller": {"offer": "We build web sites.", "ask": "May I call?",
                                "proof_points": ["40 practices"], "sender_name": "Jo",
                                "company": "Acme"}});
                        let asked = Asked {
                            model: "m".to_owned(),
                            instructions: String::new(),
                            input,
                            schema_name: "message".to_owned(),
                            schema: json!({}),
                            output_tokens_max: 1_000,
                        };
                        for mode in [ModelMode::Honest, ModelMode::Careless, ModelMode::Obedient] {
                            hash.update(Models::new(mode).think(&asked, "").to_string());
                        }
                    }
                }
            }
        }
        let hash = hash.finalize();
        let hash: String = hash.iter().take(8).map(|b| format!("{b:02x}")).collect();
        assert_eq!(hash, "7afde7d39c18bac9");
    }

    #[test]
    fn keys_carry_a_behaviour() {
        let key = Sandbox::model_key(Endpoint::Groq, "no-credit");
        assert_eq!(behaviour(Endpoint::Groq, &key), Some("no-credit"));
        assert_eq!(behaviour(Endpoint::Groq, Sandbox::GROQ_KEY), Some(""));
        for other in ["", "sk-1", Sandbox::OPENAI_KEY, "sandbox-groq-keyx"] {
            assert_eq!(behaviour(Endpoint::Groq, other), None, "{other}");
        }
    }
}
