//! What a customer says in reviewing a draft.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    SUBJECT_CHARS_MAX,
    limits::{DRAFT_DAYS_MAX, NOTE, ONE_LINE, TEXT},
};

/// A change of a draft. At least one of `text` and `subject` is given.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, garde::Validate,
)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = [{"required": ["text"]}, {"required": ["subject"]}]))]
#[garde(allow_unvalidated)]
pub struct EditDraftBody {
    /// The whole message.
    #[serde(default)]
    #[garde(length(chars, min = 1, max = 5_000), pattern(TEXT))]
    pub text: Option<String>,
    /// The subject line.
    #[serde(default)]
    #[garde(length(chars, min = 1, max = SUBJECT_CHARS_MAX), pattern(ONE_LINE))]
    pub subject: Option<String>,
    /// The version that the change is for, as an alternative to `if-match`.
    #[serde(default)]
    pub version: Option<u32>,
}

/// Approval of a draft.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveDraftBody {
    /// The version that is approved, as an alternative to `if-match`.
    #[serde(default)]
    pub version: Option<u32>,
}

/// Rejection of a draft.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, garde::Validate,
)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct RejectDraftBody {
    /// Why, for the customer's own records.
    #[serde(default)]
    #[garde(length(chars, max = 500), pattern(NOTE))]
    pub reason: Option<String>,
    /// The version that is rejected, as an alternative to `if-match`.
    #[serde(default)]
    pub version: Option<u32>,
}

/// A draft is put off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct DeferDraftBody {
    /// For so many days from now.
    #[garde(range(min = 1, max = DRAFT_DAYS_MAX))]
    pub days: u32,
    /// The version that is put off, as an alternative to `if-match`.
    #[serde(default)]
    pub version: Option<u32>,
}
