//! Credits: 1 credit is 1 US dollar of list price, held as whole micro-credits.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount of credits in whole micro-credits (10⁻⁶). A decimal number in JSON.
///
/// Arithmetic is checked: there is no operator that could wrap or lose a fraction. Amounts may be
/// negative only as the result of [`Credits::checked_sub`] on request; balances never are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Credits(i64);

/// The largest amount that JSON numbers carry exactly (2⁵³ micro-credits, about 9 × 10⁹ credits).
const MICROS_MAX: i64 = 1 << 53;

/// An amount outside what can be represented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "amount of credits out of range: at most 9007199254.740992 and a whole number of millionths"
)]
pub struct CreditsError;

impl Credits {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From whole micro-credits.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// In whole micro-credits.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// From a decimal number of credits, as in `0.02`; rounded to the nearest micro-credit.
    ///
    /// # Errors
    /// When the number is not finite or too large to be exact in JSON.
    pub fn from_decimal(value: f64) -> Result<Self, CreditsError> {
        let micros = (value * 1e6).round();
        if !micros.is_finite() || micros.abs() > MICROS_MAX as f64 {
            return Err(CreditsError);
        }
        Ok(Self(micros as i64))
    }

    /// As a decimal number of credits.
    #[must_use]
    pub fn to_decimal(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// Sum, or `None` on overflow.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Difference, or `None` on overflow. May be negative.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The amount `count` times, or `None` on overflow.
    #[must_use]
    pub fn checked_mul(self, count: u64) -> Option<Self> {
        i64::try_from(count)
            .ok()
            .and_then(|n| self.0.checked_mul(n))
            .map(Self)
    }

    /// Sum that stops at the largest representable amount; for figures shown, never for balances.
    #[must_use]
    pub fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Whether it is less than nothing.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
}

impl std::iter::Sum for Credits {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Self::saturating_add)
    }
}

impl fmt::Display for Credits {
    /// Two to six decimals: `0.08`, `0.0125`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        let fraction = format!("{:06}", micros % 1_000_000);
        let trimmed = fraction.trim_end_matches('0');
        f.pad(&format!("{sign}{}.{trimmed:0<2}", micros / 1_000_000))
    }
}

impl Serialize for Credits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Whole amounts are written as integers, so that `0` stays `0`.
        if self.0 % 1_000_000 == 0 {
            return serializer.serialize_i64(self.0 / 1_000_000);
        }
        serializer.serialize_f64(self.to_decimal())
    }
}

impl<'de> Deserialize<'de> for Credits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        Self::from_decimal(value).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Credits {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Credits".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "number",
            "description": "Credits (1 credit = 1 US dollar of list price), in whole millionths."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_round_trip() {
        for text in [
            "0", "2.15", "99.99", "0.02", "57.49", "6.88", "0.0125", "16",
        ] {
            let credits: Credits = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&credits).unwrap(), text);
        }
    }

    #[test]
    fn no_amount_that_json_cannot_carry() {
        assert!(Credits::from_decimal(f64::NAN).is_err());
        assert!(Credits::from_decimal(1e12).is_err());
        assert!(serde_json::from_str::<Credits>("1e300").is_err());
    }

    #[test]
    fn shown_with_two_to_six_decimals() {
        assert_eq!(Credits::from_micros(80_000).to_string(), "0.08");
        assert_eq!(Credits::from_micros(-12_500).to_string(), "-0.0125");
        assert_eq!(Credits::from_micros(16_000_000).to_string(), "16.00");
    }

    proptest::proptest! {
        #[test]
        fn every_exact_amount_survives_json(micros in -MICROS_MAX / 4..MICROS_MAX / 4) {
            let json = serde_json::to_string(&Credits::from_micros(micros)).unwrap();
            let back: Credits = serde_json::from_str(&json).unwrap();
            proptest::prop_assert_eq!(back.micros(), micros);
        }
    }
}
