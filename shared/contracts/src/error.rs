//! Error codes, and the two shapes of failure: a record's and a recipe's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Every error code of the Hunter. Each has a page under `docs/errors/`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// An outside service refused because of too many calls.
#[derive(strum::Display, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
    ApiRateLimit,
    /// An outside service's plan or prepaid quota is used up.
    ApiQuotaExceeded,
    /// An outside service answered in a way that its documentation does not allow.
    ApiBadResponse,
    /// An outside service reported a failure of its own.
    ApiUnavailable,
    /// Something took longer than its limit.
    Timeout,
    /// A connection could not be made or broke.
    ConnectionError,
    /// No e-mail address was found for a lead.
    EmailNotFound,
    /// The input does not fit its schema or its limits.
    InvalidInput,
    /// A key or token was refused.
    AuthenticationFailed,
    /// A secret that the recipe needs is not set.
    SecretMissing,
    /// The customer's credits do not cover the run.
    InsufficientCredits,
    /// A quota of the customer's plan is used up.
    QuotaExceeded,
    /// The agent's configuration is not valid.
    InvalidConfiguration,
    /// What was asked for does not exist for this customer.
    NotFound,
    /// The same id was used for different content, or another writer was first.
    Conflict,
    /// A source holds nothing that can be used.
    SourceUnreadable,
    /// The robots rules of a site forbid fetching it.
    RobotsDisallowed,
    /// A site refuses automated visitors.
    SiteBlocked,
    /// A site could not be reached.
    SiteUnreachable,
    /// No honest message could be written from the facts at hand.
    NoUsableFacts,
    /// A message was too close to another one of the same run.
    DuplicateMessage,
    /// No channel may be used for the lead.
    NoChannel,
    /// A stated limit was reached.
    LimitExceeded,
    /// A function crashed or its platform failed.
    FunctionFailed,
    /// The run was stopped.
    Stopped,
    /// The store failed.
    StoreUnavailable,
    /// A defect of the Hunter.
    Internal,
}

impl ErrorCode {
    /// Whether trying again can help, where the customer's policy does not say otherwise.
    #[must_use]
    pub const fn retryable(self) -> bool {
        match self {
            Self::ApiRateLimit
            | Self::ApiUnavailable
            | Self::Timeout
            | Self::ConnectionError
            | Self::SiteUnreachable
            | Self::FunctionFailed
            | Self::StoreUnavailable => true,
            Self::ApiQuotaExceeded
            | Self::ApiBadResponse
            | Self::EmailNotFound
            | Self::InvalidInput
            | Self::AuthenticationFailed
            | Self::SecretMissing
            | Self::InsufficientCredits
            | Self::QuotaExceeded
            | Self::InvalidConfiguration
            | Self::NotFound
            | Self::Conflict
            | Self::SourceUnreadable
            | Self::RobotsDisallowed
            | Self::SiteBlocked
            | Self::NoUsableFacts
            | Self::DuplicateMessage
            | Self::NoChannel
            | Self::LimitExceeded
            | Self::Stopped
            | Self::Internal => false,
        }
    }
}

/// Which record failed, and why (specification §3, `errors[]`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecordError {
    /// The record, usually a lead id; `run` where the whole step failed.
    pub record_id: String,
    /// The code.
    pub error_code: ErrorCode,
    /// For a person.
    pub error_message: String,
    /// Whether trying again can help.
    pub retryable: bool,
}

impl RecordError {
    /// A failure of one record, with the code's own `retryable`.
    pub fn new(record_id: impl Into<String>, code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            record_id: record_id.into(),
            error_code: code,
            error_message: message.into(),
            retryable: code.retryable(),
        }
    }
}

/// A failure of a whole recipe step: nothing of its result is kept, nothing is charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[error("{code}: {message}")]
pub struct RecipeFailure {
    /// The code.
    pub code: ErrorCode,
    /// For a person: what is wrong and what to do.
    pub message: String,
    /// How long an outside service asked us to wait, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl RecipeFailure {
    /// A failure without a waiting time.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after_ms: None,
        }
    }

    /// Input that does not fit: names the field, the problem and what to do.
    pub fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidInput, message)
    }

    /// A defect of ours.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Internal, message)
    }
}
