//! What a sentence of a message is there for and what it rests on.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Evidence;

/// What a sentence of a message is there for, in the order in which they stand.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Names the reader.
    Greeting,
    /// The fact that the message is written for.
    Opening,
    /// Another fact.
    Second,
    /// What the seller offers.
    Offer,
    /// What the seller can prove.
    Proof,
    /// What the seller asks for.
    Ask,
    /// Closing line, name and company.
    SignOff,
}

/// A sentence of a message: what it is there for and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, from = "StoredClaim")]
pub struct Claim {
    /// What it is there for.
    pub role: Role,
    /// The sentence, as it stands in the message.
    pub text: String,
    /// What it rests on.
    pub basis: ClaimBasis,
}

/// A claim as it is read: those that were stored before roles were have none.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Claim")]
struct StoredClaim {
    /// What it is there for; without it, what its basis says.
    role: Option<Role>,
    /// The sentence, as it stands in the message.
    text: String,
    /// What it rests on.
    basis: ClaimBasis,
}

impl From<StoredClaim> for Claim {
    /// Without a role the basis tells it: the seller's field; nothing asserted is a greeting; what
    /// rests on a fact is one where it ends as greetings do, else an opening, which is never cut.
    fn from(stored: StoredClaim) -> Self {
        let StoredClaim { role, text, basis } = stored;
        let role = role.unwrap_or_else(|| match &basis {
            ClaimBasis::Seller { field } => field.role(),
            ClaimBasis::Fact { .. } if !text.ends_with([',', ':']) => Role::Opening,
            ClaimBasis::Fact { .. } | ClaimBasis::NoAssertion => Role::Greeting,
        });
        Self { role, text, basis }
    }
}

/// What a claim rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ClaimBasis {
    /// A fact about the lead, by number, with its evidence.
    Fact {
        /// The fact's number.
        number: u32,
        /// The fact's evidence, kept with the claim.
        evidence: Evidence,
    },
    /// What the customer stated about itself.
    Seller {
        /// The field of the seller's configuration.
        field: SellerField,
    },
    /// A question or courtesy that asserts nothing.
    NoAssertion,
}

/// A field of [`Seller`](crate::Seller), as in `offer`, `offers_by_industry.dentist` or
/// `translations.de.ask`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SellerField {
    /// `sender_name`, with the company.
    SenderName,
    /// The offer for an industry, by its key.
    OfferByIndustry(String),
    /// A text that there is in each language.
    Text {
        /// ISO 639-1; the seller's own where it is absent.
        language: Option<String>,
        /// Which text.
        text: SellerText,
    },
}

/// A text that a seller has in each of its languages.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, strum::Display, strum::EnumString, strum::IntoStaticStr,
)]
#[strum(serialize_all = "snake_case")]
pub enum SellerText {
    /// What it does.
    Offer,
    /// What it asks for.
    Ask,
    /// What it can prove.
    ProofPoints,
}

impl SellerField {
    /// What a sentence that rests on it is there for.
    #[must_use]
    pub const fn role(&self) -> Role {
        match self {
            Self::SenderName => Role::SignOff,
            Self::OfferByIndustry(_) => Role::Offer,
            Self::Text { text, .. } => match text {
                SellerText::Offer => Role::Offer,
                SellerText::Ask => Role::Ask,
                SellerText::ProofPoints => Role::Proof,
            },
        }
    }
}

impl fmt::Display for SellerField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SenderName => f.write_str("sender_name"),
            Self::OfferByIndustry(industry) => write!(f, "offers_by_industry.{industry}"),
            Self::Text { language, text } => match language {
                Some(language) => write!(f, "translations.{language}.{text}"),
                None => write!(f, "{text}"),
            },
        }
    }
}

impl FromStr for SellerField {
    type Err = String;

    fn from_str(field: &str) -> Result<Self, String> {
        if field == "sender_name" {
            return Ok(Self::SenderName);
        }
        if let Some(industry) = field.strip_prefix("offers_by_industry.") {
            return Ok(Self::OfferByIndustry(industry.to_owned()));
        }
        let (language, name) = match field.strip_prefix("translations.") {
            Some(translated) => translated
                .rsplit_once('.')
                .map_or((None, ""), |(language, name)| {
                    (Some(language.to_owned()), name)
                }),
            None => (None, field),
        };
        let text = name.parse().map_err(|_| {
            format!("`field` is `{field}`, which no sentence rests on: use `offer`, `ask`, …")
        })?;
        Ok(Self::Text { language, text })
    }
}

impl Serialize for SellerField {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SellerField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let field = String::deserialize(deserializer)?;
        field.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for SellerField {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SellerField".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string" })
    }
}

#[cfg(test)]
mod tests {
    use super::{Claim, ClaimBasis, Role};

    #[test]
    fn a_claim_keeps_its_field_as_text_and_an_old_one_gets_its_role() {
        for (field, role) in [
            ("offer", Role::Offer),
            ("offers_by_industry.craft.carpenter", Role::Offer),
            ("translations.de.ask", Role::Ask),
            ("translations.de.proof_points", Role::Proof),
            ("sender_name", Role::SignOff),
        ] {
            let old = format!(r#"{{"text":"x","basis":{{"seller":{{"field":"{field}"}}}}}}"#);
            let claim: Claim = serde_json::from_str(&old).unwrap();
            assert_eq!(claim.role, role, "{field}");
            let json = serde_json::to_string(&claim).unwrap();
            assert!(json.contains(&format!("\"{field}\"")), "{json}");
            assert_eq!(serde_json::from_str::<Claim>(&json).unwrap(), claim);
        }
        let odd = r#"{"text":"x","basis":{"seller":{"field":"password"}}}"#;
        let error = serde_json::from_str::<Claim>(odd).unwrap_err().to_string();
        assert!(error.contains("`field` is `password`"), "{error}");
    }

    #[test]
    fn an_old_claim_on_a_fact_is_a_greeting_only_where_it_ends_like_one() {
        let evidence = r#"{"url":"u","quote":"q","fetched_at":"2025-12-14T00:00:00Z"}"#;
        let role = |text: &str| {
            let basis = format!(r#"{{"fact":{{"number":1,"evidence":{evidence}}}}}"#);
            let claim: Claim =
                serde_json::from_str(&format!(r#"{{"text":"{text}","basis":{basis}}}"#)).unwrap();
            assert!(matches!(claim.basis, ClaimBasis::Fact { .. }));
            claim.role
        };
        assert_eq!(role("Hola Ana:"), Role::Greeting);
        assert_eq!(role("Your post is why."), Role::Opening);
        let courtesy: Claim =
            serde_json::from_str(r#"{"text":"Hello,","basis":"no_assertion"}"#).unwrap();
        assert_eq!(courtesy.role, Role::Greeting);
    }
}
