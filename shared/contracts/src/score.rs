//! Scores between 0 and 1, and the tiers that follow from them.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A finite number from 0 to 1, held to four decimals so that it survives storage unchanged.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Score(f64);

impl Score {
    /// The lowest score.
    pub const ZERO: Self = Self(0.0);
    /// The highest score.
    pub const ONE: Self = Self(1.0);

    /// Rounds to four decimals and clamps into 0–1; a number that is not one becomes 0.
    #[must_use]
    pub fn clamped(value: f64) -> Self {
        if value.is_nan() {
            return Self::ZERO;
        }
        Self((value.clamp(0.0, 1.0) * 1e4).round() / 1e4)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl std::fmt::Display for Score {
    /// Two decimals, rounded down: 0.8499 is not gold and must not look like it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Scores hold four decimals: whole ten-thousandths are exact, hundredths of a double not.
        let hundredths = (self.0 * 1e4).round() as u32 / 100;
        f.pad(&format!("{}.{:02}", hundredths / 100, hundredths % 100))
    }
}

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}

impl<'de> Deserialize<'de> for Score {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        if (0.0..=1.0).contains(&value) {
            return Ok(Self::clamped(value));
        }
        Err(serde::de::Error::custom(format!(
            "`{value}` is not a score: use a number from 0 to 1"
        )))
    }
}

impl JsonSchema for Score {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Score".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "minimum": 0, "maximum": 1 })
    }
}

/// A lead's standing. `hot` is what a lead becomes when it replies; discovery never assigns it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[derive(strum::Display, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum QualityTier {
    /// Below 0.60: filtered.
    Bronze,
    /// From 0.60.
    Silver,
    /// From 0.85.
    Gold,
    /// Has replied.
    Hot,
}

impl QualityTier {
    /// The tier of a score: gold from 0.85, silver from 0.60, bronze below.
    #[must_use]
    pub fn of(score: Score) -> Self {
        match score.get() {
            s if s >= 0.85 => Self::Gold,
            s if s >= 0.60 => Self::Silver,
            _ => Self::Bronze,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_start_at_their_bounds() {
        assert_eq!(QualityTier::of(Score::clamped(0.85)), QualityTier::Gold);
        assert_eq!(QualityTier::of(Score::clamped(0.8499)), QualityTier::Silver);
        assert_eq!(QualityTier::of(Score::clamped(0.60)), QualityTier::Silver);
        assert_eq!(QualityTier::of(Score::clamped(0.5999)), QualityTier::Bronze);
    }

    #[test]
    fn a_score_never_looks_like_a_tier_that_it_does_not_reach() {
        for (score, shown) in [
            (0.8499, "0.84"),
            (0.85, "0.85"),
            (0.29, "0.29"),
            (1.0, "1.00"),
            (0.0, "0.00"),
        ] {
            assert_eq!(Score::clamped(score).to_string(), shown);
        }
    }

    #[test]
    fn out_of_range_is_refused_on_the_wire_and_nan_is_zero() {
        assert!(serde_json::from_str::<Score>("1.01").is_err());
        assert!(serde_json::from_str::<Score>("-0.1").is_err());
        assert_eq!(Score::clamped(f64::NAN), Score::ZERO);
    }
}
