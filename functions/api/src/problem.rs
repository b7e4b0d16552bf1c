//! Failures on the wire: RFC 9457 problem details.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hunter_contracts::{ErrorCode, RecipeFailure};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Seconds until a client may try again, where nobody said.
const RETRY_AFTER_S: u64 = 5;

/// A failure (RFC 9457), as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// The page that explains the code, relative to the API's address.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong here and what to do.
    pub detail: String,
    /// The code.
    pub error_code: ErrorCode,
    /// What to name when asking for help; also in the header `x-request-id`.
    pub request_id: String,
}

/// A failure on its way to the client. [`crate::answer::finish`] writes it out, with the request's
/// id.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: ErrorCode,
    detail: String,
    /// What happened behind it: for the operator's log only, it may name accounts and resources.
    cause: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// What handlers answer.
pub(crate) type Answer<T = Response> = Result<T, Refusal>;

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            cause: None,
            headers: Vec::new(),
        }
    }

    /// Input that cannot be read: 400.
    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, ErrorCode::InvalidInput, detail)
    }

    /// Input that can be read and not be done: 422.
    pub(crate) fn unprocessable(detail: impl Into<String>) -> Self {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self::new(status, ErrorCode::InvalidInput, detail)
    }

    /// What this customer does not have: 404.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, detail)
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same failure with another status, where it has `code`.
    pub(crate) fn with_status_for(mut self, code: ErrorCode, status: StatusCode) -> Self {
        if self.code == code {
            self.status = status;
        }
        self
    }

    /// As it goes to the client.
    pub(crate) fn problem(&self, request_id: &str) -> Problem {
        let code: &str = self.code.into();
        Problem {
            kind: format!("/v1/errors/{code}"),
            title: code.to_lowercase().replace('_', " "),
            status: self.status.as_u16(),
            detail: self.detail.clone(),
            error_code: self.code,
            request_id: request_id.to_owned(),
        }
    }

    /// The code and, for the operator's log, what happened.
    pub(crate) fn for_log(&self) -> (ErrorCode, &str) {
        (self.code, self.cause.as_ref().unwrap_or(&self.detail))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        for (name, value) in &self.headers {
            response.headers_mut().append(name, value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// The status of a code, for input that could be read.
const fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidInput | ErrorCode::InvalidConfiguration => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::Conflict | ErrorCode::Stopped => StatusCode::CONFLICT,
        ErrorCode::LimitExceeded => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::InsufficientCredits => StatusCode::PAYMENT_REQUIRED,
        ErrorCode::QuotaExceeded => StatusCode::TOO_MANY_REQUESTS,
        // Who runs the machine or keeps time is away, or does not let us in: the client can only
        // come back.
        ErrorCode::StoreUnavailable
        | ErrorCode::ApiUnavailable
        | ErrorCode::ApiRateLimit
        | ErrorCode::ApiQuotaExceeded
        | ErrorCode::ApiBadResponse
        | ErrorCode::ConnectionError
        | ErrorCode::Timeout
        | ErrorCode::AuthenticationFailed
        | ErrorCode::SecretMissing
        | ErrorCode::FunctionFailed => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::EmailNotFound
        | ErrorCode::SourceUnreadable
        | ErrorCode::RobotsDisallowed
        | ErrorCode::SiteBlocked
        | ErrorCode::SiteUnreachable
        | ErrorCode::NoUsableFacts
        | ErrorCode::DuplicateMessage
        | ErrorCode::NoChannel
        | ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<RecipeFailure> for Refusal {
    fn from(failure: RecipeFailure) -> Self {
        let status = status(failure.code);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let wait = failure
                .retry_after_ms
                .map_or(RETRY_AFTER_S, |ms| ms.div_ceil(1_000));
            let detail =
                format!("a service that this needs does not answer: try again in {wait} seconds");
            let refusal = Self::new(status, failure.code, detail);
            return Self {
                cause: Some(failure.told()),
                ..refusal.with_header(header::RETRY_AFTER, wait.into())
            };
        }
        if status.is_server_error() {
            let detail = "this should not happen: tell us the request id";
            return Self {
                cause: Some(failure.told()),
                ..Self::new(status, failure.code, detail)
            };
        }
        Self::new(status, failure.code, failure.told())
    }
}

impl From<hunter_core::store::StoreError> for Refusal {
    fn from(error: hunter_core::store::StoreError) -> Self {
        RecipeFailure::from(error).into()
    }
}
