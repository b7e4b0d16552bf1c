//! What the protocols of the model providers share: keys, the question, how an answer is sent.

use serde_json::Value;

use crate::endpoint::Endpoint;
use crate::server::Sandbox;
use crate::wire::{Answer, reply};

impl Endpoint {
    /// Anthropic Messages.
    pub const ANTHROPIC: Self = Self::model("anthropic", Sandbox::ANTHROPIC_KEY);
    /// OpenAI chat completions.
    pub const OPENAI: Self = Self::model("openai", Sandbox::OPENAI_KEY);
    /// Groq chat completions.
    pub const GROQ: Self = Self::model("groq", Sandbox::GROQ_KEY);
    /// DeepSeek chat completions.
    pub const DEEPSEEK: Self = Self::model("deepseek", Sandbox::DEEPSEEK_KEY);
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

    /// A key with a behaviour of its own, as `model_key(Endpoint::OPENAI, "no-credit")`.
    ///
    /// - Models: `honest`, `careless`, `obedient`, whatever the sandbox's own mode is.
    /// - Accounts: `no-credit`, `spend-limit`, `overloaded`, `rate-limited`, `too-large`.
    /// - Answers: `refuses`, `truncated`, `fenced`, `empty`, `parts`, `drifted` (another shape than
    ///   asked for), `cut-body` (half of a body), `invalid-output` (Groq's 400 for it).
    /// - Batches: `busy-batch` (none ever ends on its own), `half-batch` (every second request of
    ///   one expires).
    #[must_use]
    pub fn model_key(endpoint: Endpoint, behaviour: &str) -> String {
        format!("{}-{behaviour}", endpoint.key.unwrap_or_default())
    }
}

/// The behaviour that a key stands for (empty: none); `None` when the server does not know the key.
pub(super) fn behaviour(endpoint: Endpoint, key: &str) -> Option<&str> {
    let rest = key.strip_prefix(endpoint.key.unwrap_or_default())?;
    match rest {
        "" => Some(""),
        _ => rest.strip_prefix('-'),
    }
}

/// What a model is asked, whatever the protocol.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) model: String,
    pub(super) instructions: String,
    pub(super) input: Value,
    pub(super) schema_name: String,
    pub(super) schema: Value,
    pub(super) output_tokens_max: u64,
}

impl Question {
    /// What providers cache: all that comes before the record.
    pub(super) fn prefix(&self) -> String {
        format!("{}\n{}\n{}", self.model, self.instructions, self.schema)
    }
}

/// The name of one of our schemas, told by its properties: Anthropic's form carries none.
pub(super) fn schema_name(schema: &Value) -> &'static str {
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

/// Sets a field of an object.
pub(super) fn set(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(map) = object {
        map.insert(key.to_owned(), value);
    }
}

/// The text of an answer as a behaviour would have it.
pub(super) fn answer_text(value: &Value, behaviour: &str) -> String {
    let text = value.to_string();
    match behaviour {
        "fenced" => format!("```json\n{text}\n```"),
        "truncated" => text.chars().take(text.chars().count() / 2).collect(),
        "empty" => String::new(),
        _ => text,
    }
}

/// A 200 whose body may be cut off in the middle.
pub(super) fn ok(body: &Value, behaviour: &str) -> Answer {
    let text = body.to_string();
    if behaviour == "cut-body" {
        let half: String = text.chars().take(text.chars().count() / 2).collect();
        return reply(200, "application/json", half);
    }
    reply(200, "application/json", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_carry_a_behaviour() {
        let key = Sandbox::model_key(Endpoint::GROQ, "no-credit");
        assert_eq!(behaviour(Endpoint::GROQ, &key), Some("no-credit"));
        assert_eq!(behaviour(Endpoint::GROQ, Sandbox::GROQ_KEY), Some(""));
        for other in ["", "sk-1", Sandbox::OPENAI_KEY, "sandbox-groq-keyx"] {
            assert_eq!(behaviour(Endpoint::GROQ, other), None, "{other}");
        }
    }
}
