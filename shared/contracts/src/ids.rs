//! Identifiers. They become parts of DynamoDB keys, so their alphabet excludes the separators
//! `# * ? $` and everything else that is not plain.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not a valid {kind}: use 1 to 96 of the characters A-Z a-z 0-9 _ - .")]
pub struct IdError {
    /// The kind of id that was expected, as in `customer_id`.
    pub kind: &'static str,
    /// What was given, cut to 100 characters.
    pub value: String,
}

fn check(kind: &'static str, value: &str) -> Result<(), IdError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if (1..=96).contains(&value.len()) && value.chars().all(plain) {
        return Ok(());
    }
    Err(IdError {
        kind,
        value: value.chars().take(100).collect(),
    })
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String", extend("pattern" = "^[A-Za-z0-9_.-]{1,96}$"))]
        pub struct $name(String);

        impl $name {
            /// Checks and wraps an identifier.
            ///
            /// # Errors
            /// When it is empty, longer than 96 characters, or holds a character outside
            /// `A-Z a-z 0-9 _ - .`.
            pub fn new(value: impl Into<String>) -> Result<Self, IdError> {
                let value = value.into();
                check($kind, &value)?;
                Ok(Self(value))
            }

            /// An identifier of the form `prefix_0123abcd…`; characters of the prefix that ids may
            /// not hold are left out, and it is cut to 96 characters.
            #[must_use]
            pub fn derived(prefix: &str, text: &str) -> Self {
                let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
                let joined = prefix.chars().chain(['_']).chain(text.chars());
                Self(joined.filter(plain).take(96).collect())
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(value: String) -> Result<Self, IdError> {
                Self::new(value)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(value: &str) -> Result<Self, IdError> {
                Self::new(value)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A customer: the tenant that every stored item belongs to (`customer_id` on the wire).
    TenantId, "customer_id"
);
id!(
    /// An agent: one customer's configured instance of the Hunter.
    AgentId, "agent_id"
);
id!(
    /// One run of an agent; also the name of the Step Functions execution.
    ExecutionId, "execution_id"
);
id!(
    /// A lead within a run; stable for the same source record.
    LeadId, "lead_id"
);
id!(
    /// An outreach draft, derived from execution, lead and channel.
    DraftId, "draft_id"
);
id!(
    /// An alert.
    AlertId, "alert_id"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_separators_are_refused() {
        for bad in ["", "a#b", "a*", "a?", "$a", "a b", "ü", &"x".repeat(97)] {
            assert!(TenantId::new(bad).is_err(), "{bad:?} was accepted");
        }
        assert_eq!(TenantId::new("cust_001").unwrap().as_str(), "cust_001");
    }

    #[test]
    fn a_bad_id_in_json_names_its_kind() {
        let error = serde_json::from_str::<ExecutionId>("\"a#b\"")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("execution_id") && error.contains("a#b"),
            "{error}"
        );
    }
}
