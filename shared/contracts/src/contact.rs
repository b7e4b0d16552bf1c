//! How a lead is reached: addresses and numbers, with what is known of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Evidence, Score};

/// An e-mail address of a lead, and the message written to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailContact {
    /// The address, lower case in the domain.
    pub email: String,
    /// How sure we are that it reaches this business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Score>,
    /// Who found it: `website`, `source_record`, `hunter_io`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// What is known of whether it can receive mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// What kind of mailbox it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<EmailClass>,
    /// The message, filled by personalization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personalized_message: Option<String>,
    /// How good the message is, from named checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_quality_score: Option<Score>,
    /// What wrote it: `rules-1` or a model's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_used: Option<String>,
}

/// What a verifier, or the mail host's records, say of an address. `Unknown` is never `Valid`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    /// The mail host takes mail for it.
    Valid,
    /// It cannot receive mail.
    Invalid,
    /// The mail host takes mail for every name, so nothing is known of this one.
    AcceptAll,
    /// A mailbox at a free-mail provider that could not be checked further.
    Webmail,
    /// A throw-away mailbox.
    Disposable,
    /// Nothing is known.
    Unknown,
}

/// What kind of mailbox an address names.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EmailClass {
    /// A person's mailbox at the business.
    Personal,
    /// A function's mailbox, as in `info@`, `praxis@`.
    Role,
    /// A mailbox at a free-mail provider.
    FreeMail,
    /// A throw-away mailbox; never written to.
    Disposable,
}

/// A phone number of a lead, with the person where one is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneContact {
    /// The person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The person's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The number: E.164 where the country is known, else as found.
    pub phone: String,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}
