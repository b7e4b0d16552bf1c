//! What a model said, and what it cost: the same for all protocols.

use hunter_contracts::{Dollars, ErrorCode, OutsideUse, Purpose, RecipeFailure};
use serde_json::Value;

use super::ModelSpec;

/// Tokens of one answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tokens {
    /// Read, cached ones included.
    pub(super) input: u64,
    /// Of those, read from the provider's cache.
    pub(super) cached: u64,
    /// Of those, written to the provider's cache.
    pub(super) cache_written: u64,
    /// Written, reasoning included.
    pub(super) output: u64,
}

impl Tokens {
    /// What they cost by the list; `batched` ones are cheaper where a provider says so.
    pub(super) fn cost(self, spec: &ModelSpec, batched: bool) -> Dollars {
        let price = &spec.price;
        let cached = self.cached.min(self.input);
        let written = self.cache_written.min(self.input.saturating_sub(cached));
        let fresh = self.input.saturating_sub(cached).saturating_sub(written);
        let whole: Dollars = [
            price.input.per_million(fresh),
            price.cached.unwrap_or(price.input).per_million(cached),
            price
                .cache_write
                .unwrap_or(price.input)
                .per_million(written),
            price.output.per_million(self.output),
        ]
        .into_iter()
        .sum();
        match price.batch_share.filter(|_| batched) {
            Some(share) => Dollars::from_decimal(whole.to_decimal() * share).unwrap_or(whole),
            None => whole,
        }
    }

    /// As an entry of the meter; the request itself is counted where it is sent.
    pub(super) fn used(self, purpose: Purpose, spec: &ModelSpec, batched: bool) -> OutsideUse {
        OutsideUse {
            operation: purpose.to_string(),
            model: Some(spec.name.clone()),
            input_tokens: self.input,
            cached_tokens: self.cached,
            output_tokens: self.output,
            cost: self.cost(spec, batched),
            ..OutsideUse::default()
        }
    }
}

/// What came back as the answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    /// Text that should be JSON.
    Text(String),
    /// The input of the tool that the model was forced to call.
    Input(Value),
}

/// An answer that was paid for, whether or not it can be used.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reply {
    /// What it cost.
    pub(super) tokens: Tokens,
    /// What it says, or why that is nothing.
    pub(super) said: Result<Said, RecipeFailure>,
}

impl Reply {
    /// The answer as JSON, of whatever shape.
    pub(super) fn json(self, spec: &ModelSpec) -> Result<Value, RecipeFailure> {
        match self.said? {
            Said::Input(value) => Ok(value),
            Said::Text(text) => json_in(&text).ok_or_else(|| {
                let shown: String = text.chars().take(120).collect();
                unusable(spec, &format!("answered no JSON; it begins `{shown}`"))
            }),
        }
    }
}

/// An answer that its own model is to blame for.
pub(super) fn unusable(spec: &ModelSpec, problem: &str) -> RecipeFailure {
    RecipeFailure::new(
        ErrorCode::ApiBadResponse,
        format!("{} {}", spec.name, crate::http::printable(problem, 300)),
    )
}

/// The one JSON value of a text: alone, or in a fenced block, with or without words around that.
fn json_in(text: &str) -> Option<Value> {
    let text = text.trim().trim_start_matches('\u{feff}');
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    let (_, fenced) = text.split_once("```")?;
    // The fence's own line may name the language.
    let (language, inner) = fenced.split_once('\n')?;
    let named = language.trim();
    if !named.is_empty() && !named.eq_ignore_ascii_case("json") {
        return None;
    }
    let (inner, _) = inner.rsplit_once("```")?;
    serde_json::from_str(inner.trim()).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::models::ModelsConfig;

    #[test]
    fn json_is_found_alone_and_in_fences() {
        for text in [
            r#"{"a":1}"#,
            " \n{\"a\": 1}\n",
            "\u{feff}{\"a\":1}",
            "```json\n{\"a\":1}\n```",
            "```\n{\"a\":1}\n```",
            "Here it is:\n```JSON\n{\"a\":1}\n```\nI hope this helps.",
        ] {
            assert_eq!(json_in(text), Some(json!({"a": 1})), "{text}");
        }
        for text in [
            "",
            "{\"a\":1",
            "a",
            "```python\n1\n```",
            "```json\n{\"a\":1}",
        ] {
            assert_eq!(json_in(text), None, "{text}");
        }
    }

    #[test]
    fn cached_tokens_cost_less_and_batches_half() {
        let config = ModelsConfig::list();
        let spec = config.model("claude-sonnet-5-5").unwrap();
        let tokens = Tokens {
            input: 1_000_000,
            cached: 600_000,
            cache_written: 300_000,
            output: 100_000,
        };
        // 0.1 × $2 + 0.6 × $0.10 + 0.3 × $2.50 + 0.1 × $10
        let expected = Dollars::from_decimal(0.2 + 0.06 + 0.75 + 1.0).unwrap();
        assert_eq!(tokens.cost(spec, false), expected);
        assert_eq!(tokens.cost(spec, true), expected.per_million(500_000));
        let odd = Tokens {
            input: 10,
            cached: u64::MAX,
            cache_written: u64::MAX,
            output: 0,
        };
        assert_eq!(
            odd.cost(spec, false),
            spec.price.cached.unwrap().per_million(10)
        );
    }
}
