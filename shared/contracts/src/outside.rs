//! What outside services did for a step, what that cost us, and where one stood in for another.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ErrorCode;

/// US dollars that a provider asks for, in whole billionths. A decimal number in JSON.
///
/// Tokens cost less than a millionth each, so [`crate::Credits`] would round them away. This is our
/// cost; what a customer is charged is in credits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Dollars(u64);

impl Dollars {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From whole billionths.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// In whole billionths.
    #[must_use]
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// From a decimal number of dollars; rounded to the nearest billionth.
    ///
    /// # Errors
    /// When the number is negative, not finite, or above 9 million dollars.
    pub fn from_decimal(value: f64) -> Result<Self, DollarsError> {
        let nanos = (value * 1e9).round();
        if !nanos.is_finite() || nanos < 0.0 || nanos > (1_u64 << 53) as f64 {
            return Err(DollarsError);
        }
        Ok(Self(nanos as u64))
    }

    /// As a decimal number of dollars.
    #[must_use]
    pub fn to_decimal(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// The amount `count` times; stops at the largest amount.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// Sum; stops at the largest amount.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The cost of `tokens` at this price per million, rounded up.
    #[must_use]
    pub const fn per_million(self, tokens: u64) -> Self {
        Self(self.0.saturating_mul(tokens).div_ceil(1_000_000))
    }
}

/// An amount of dollars outside what can be represented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("amount of dollars out of range: a number from 0 to 9007199")]
pub struct DollarsError;

impl std::iter::Sum for Dollars {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Self::plus)
    }
}

impl fmt::Display for Dollars {
    /// As in `$0.0004`: two to nine decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = format!("{:09}", self.0 % 1_000_000_000);
        let trimmed = fraction.trim_end_matches('0');
        f.pad(&format!("${}.{trimmed:0<2}", self.0 / 1_000_000_000))
    }
}

impl Serialize for Dollars {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_multiple_of(1_000_000_000) {
            return serializer.serialize_u64(self.0 / 1_000_000_000);
        }
        serializer.serialize_f64(self.to_decimal())
    }
}

impl<'de> Deserialize<'de> for Dollars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        Self::from_decimal(value).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Dollars {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Dollars".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "number",
            "minimum": 0,
            "description": "US dollars, in whole billionths."
        })
    }
}

/// What a model is asked to do.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[derive(strum::Display, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Purpose {
    /// Judge how well a discovered business fits.
    Scoring,
    /// Choose: a search strategy, further keywords, how much to spend on a lead.
    Routing,
    /// Write a message.
    Writing,
    /// Judge a message.
    Judging,
    /// Smooth a message without changing what it says.
    Polishing,
}

impl Purpose {
    /// All purposes.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;
}

/// What one operation of one outside service was used for in a step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutsideUse {
    /// The service, as in `hunter_io`, `anthropic`.
    pub service: String,
    /// What was asked, as in `domain_search`; a model's purpose, as in `writing`.
    pub operation: String,
    /// The model, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Requests sent, failed ones and repeats included.
    pub calls: u64,
    /// Requests that failed.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub failed: u64,
    /// Tokens read, cached ones included.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub input_tokens: u64,
    /// Tokens that were read from the provider's cache.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub cached_tokens: u64,
    /// Tokens written.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub output_tokens: u64,
    /// What it cost by the price table.
    pub cost: Dollars,
}

impl OutsideUse {
    /// Whether it is of the same service, operation and model.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        (&self.service, &self.operation, &self.model)
            == (&other.service, &other.operation, &other.model)
    }

    /// Adds it to the entry of the same service, operation and model, or as a new one.
    pub fn add_to(&self, sums: &mut Vec<Self>) {
        let Some(sum) = sums.iter_mut().find(|sum| sum.is_like(self)) else {
            sums.push(self.clone());
            return;
        };
        sum.calls = sum.calls.saturating_add(self.calls);
        sum.failed = sum.failed.saturating_add(self.failed);
        sum.input_tokens = sum.input_tokens.saturating_add(self.input_tokens);
        sum.cached_tokens = sum.cached_tokens.saturating_add(self.cached_tokens);
        sum.output_tokens = sum.output_tokens.saturating_add(self.output_tokens);
        sum.cost = sum.cost.plus(self.cost);
    }
}

/// One model, or the rules engine, stood in for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fallback {
    /// What was to be done.
    pub purpose: Purpose,
    /// Who could not, as in `claude-sonnet-5-5`.
    pub from: String,
    /// Who did it instead, as in `rules-1`.
    pub to: String,
    /// Why.
    pub error_code: ErrorCode,
    /// Why, for a person; of the first time.
    pub reason: String,
    /// How often.
    pub count: u64,
}

impl Fallback {
    /// Whether it is of the same purpose, models and code.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        (self.purpose, &self.from, &self.to, self.error_code)
            == (other.purpose, &other.from, &other.to, other.error_code)
    }

    /// Adds it to the entry of the same purpose, models and code, or as a new one.
    pub fn add_to(&self, sums: &mut Vec<Self>) {
        match sums.iter_mut().find(|sum| sum.is_like(self)) {
            Some(sum) => sum.count = sum.count.saturating_add(self.count),
            None => sums.push(self.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_cost_billionths_rounded_up() {
        let price = Dollars::from_decimal(0.10).unwrap();
        assert_eq!(price.per_million(1).nanos(), 100);
        assert_eq!(Dollars::from_nanos(1).per_million(1).nanos(), 1);
        assert_eq!(price.per_million(1_000_000), price);
        assert_eq!(price.to_string(), "$0.10");
        assert_eq!(Dollars::from_nanos(1_500).to_string(), "$0.0000015");
    }

    #[test]
    fn alike_adds_up_and_unlike_stands_beside() {
        let used = |model: Option<&str>, calls| OutsideUse {
            service: "anthropic".into(),
            operation: "writing".into(),
            model: model.map(str::to_owned),
            calls,
            cost: Dollars::from_nanos(5),
            ..OutsideUse::default()
        };
        let mut sums = Vec::new();
        for more in [used(Some("a"), 3), used(None, 1), used(Some("a"), 4)] {
            more.add_to(&mut sums);
        }
        let seen: Vec<_> = sums.iter().map(|s| (s.calls, s.cost.nanos())).collect();
        assert_eq!(seen, [(7, 10), (1, 5)]);

        let fell = |error_code, count| Fallback {
            purpose: Purpose::Routing,
            from: "a".into(),
            to: "rules-1".into(),
            error_code,
            reason: "slow".into(),
            count,
        };
        let mut sums = Vec::new();
        for more in [
            fell(ErrorCode::Timeout, 2),
            fell(ErrorCode::Timeout, 3),
            fell(ErrorCode::ApiUnavailable, 1),
        ] {
            more.add_to(&mut sums);
        }
        let counts: Vec<u64> = sums.iter().map(|sum| sum.count).collect();
        assert_eq!(counts, [5, 1]);
    }

    #[test]
    fn dollars_are_a_number_in_json() {
        let some: Dollars = serde_json::from_str("0.0105").unwrap();
        assert_eq!(some.nanos(), 10_500_000);
        assert_eq!(serde_json::to_string(&some).unwrap(), "0.0105");
        assert_eq!(serde_json::to_string(&Dollars::ZERO).unwrap(), "0");
        assert!(serde_json::from_str::<Dollars>("-1").is_err());
        assert!(Dollars::from_decimal(f64::NAN).is_err());
    }
}
