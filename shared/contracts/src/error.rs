//! Error codes, and the two shapes of failure: a record's and a recipe's.

use std::{error::Error, iter, sync::Arc};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};

/// Every error code of the Hunter. Each has a page under `docs/errors/`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[derive(strum::Display, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// An outside service refused because of too many calls.
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

/// What is behind an error, the nearest first.
pub fn causes<'e>(
    error: &'e (dyn Error + 'static),
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    iter::successors(error.source(), |cause| (**cause).source())
}

/// An error with what is behind it, on one line: `what: why: why`.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    told(error.to_string(), error)
}

/// Some errors say themselves what is behind them: it is not told twice.
fn told(what: String, error: &(dyn Error + 'static)) -> String {
    causes(error).fold(what, |told, cause| match cause.to_string() {
        cause if told.ends_with(&cause) => told,
        cause => format!("{told}: {cause}"),
    })
}

/// A failure of a whole recipe step: nothing of its result is kept, nothing is charged.
#[derive(Debug, Clone, Deserialize, JsonSchema, thiserror::Error)]
#[error("{code}: {message}")]
pub struct RecipeFailure {
    /// The code.
    pub code: ErrorCode,
    /// For a person: what is wrong and what to do.
    pub message: String,
    /// How long an outside service asked us to wait, in milliseconds.
    #[serde(default)]
    pub retry_after_ms: Option<u64>,
    /// Kept until somebody is told ([`Self::told`]).
    #[serde(skip)]
    #[source]
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

/// What is behind a failure does not tell it from another one.
impl PartialEq for RecipeFailure {
    fn eq(&self, other: &Self) -> bool {
        let key = |failure: &Self| (failure.code, failure.retry_after_ms);
        key(self) == key(other) && self.message == other.message
    }
}

impl Eq for RecipeFailure {}

/// On the wire the message says what is behind it.
impl Serialize for RecipeFailure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut wire = serializer.serialize_struct("RecipeFailure", 3)?;
        wire.serialize_field("code", &self.code)?;
        wire.serialize_field("message", &self.told())?;
        if let Some(wait) = self.retry_after_ms {
            wire.serialize_field("retry_after_ms", &wait)?;
        }
        wire.end()
    }
}

impl RecipeFailure {
    /// A failure without a waiting time.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after_ms: None,
            cause: None,
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

    /// What should not be able to fail did.
    pub fn defect(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::internal("a defect of the Hunter").caused_by(error)
    }

    /// With what is behind it.
    #[must_use]
    pub fn caused_by(self, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let cause: Box<dyn Error + Send + Sync> = error.into();
        Self {
            cause: Some(cause.into()),
            ..self
        }
    }

    /// With the time that an outside service asked us to wait.
    #[must_use]
    pub fn after(self, retry_after_ms: Option<u64>) -> Self {
        Self {
            retry_after_ms,
            ..self
        }
    }

    /// As the failure of a record.
    pub fn of_record(&self, record_id: impl Into<String>) -> RecordError {
        RecordError::new(record_id, self.code, self.told())
    }

    /// The message with what is behind it: what a person is told, and what goes over the wire.
    #[must_use]
    pub fn told(&self) -> String {
        told(self.message.clone(), self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure() -> RecipeFailure {
        let io = std::io::Error::other("disk full");
        let inner = RecipeFailure::new(ErrorCode::StoreUnavailable, "no entry").caused_by(io);
        RecipeFailure::internal("no record").caused_by(inner)
    }

    #[test]
    fn a_cause_is_told_to_its_end_and_once() {
        let told = "no record: STORE_UNAVAILABLE: no entry: disk full";
        assert_eq!(failure().told(), told);
        assert_eq!(chain(&failure()), format!("INTERNAL: {told}"));
        assert_eq!(failure().to_string(), "INTERNAL: no record");
        // What wraps an error and says it, too.
        let wrapped = std::io::Error::other(failure());
        assert_eq!(chain(&wrapped), chain(&failure()));
        let said = RecipeFailure::internal("no file: disk full").caused_by("disk full");
        assert_eq!(said.told(), "no file: disk full");
    }

    #[test]
    fn a_cause_is_told_on_the_wire_and_not_compared() {
        let mut plain = RecipeFailure::internal("no record");
        assert_eq!(plain, failure());
        let json = serde_json::to_value(failure()).unwrap();
        plain.message = failure().told();
        assert_eq!(
            json,
            serde_json::json!({"code": "INTERNAL", "message": plain.message})
        );
        let read: RecipeFailure = serde_json::from_value(json).unwrap();
        assert_eq!(read, plain);
        let later = plain.after(Some(7));
        let json = serde_json::to_value(&later).unwrap();
        assert_eq!(json["retry_after_ms"], 7);
        assert_eq!(
            serde_json::from_value::<RecipeFailure>(json).unwrap(),
            later
        );
    }
}
