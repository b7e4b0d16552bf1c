//! What anybody may read: that the API answers, its description, and what error codes mean.

use axum::{
    Json,
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use hunter_contracts::ErrorCode;
use serde_json::{Map, Value};

use crate::{
    operation::operation,
    problem::{Answer, Refusal},
    views::Healthy,
};

/// Written by `cargo xtask schemas`; a test tells when it is out of date.
const OPENAPI: &str = include_str!("../../../docs/api/openapi.json");

operation! {
    /// Whether the API answers
    ///
    /// Says nothing of the services behind it.
    Health: GET "/healthz" => health,
    |operation| operation.public().gives::<Healthy>(200, "It does.")
}

async fn health() -> Json<Healthy> {
    Json(Healthy {
        status: "ok".into(),
    })
}

operation! {
    /// This document
    GetOpenApi: GET "/v1/openapi.json" => openapi,
    |operation| operation.public().gives::<Map<String, Value>>(200, "The document.")
}

async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}

operation! {
    /// What an error code means
    GetErrorPage: GET "/v1/errors/{code}" => error_page,
    |operation| operation
        .public()
        .parameter_of::<ErrorCode>("path", "code", "The code.")
        .gives_markdown("The page, in Markdown.")
}

async fn error_page(code: Option<Path<String>>) -> Answer {
    let code = code.map(|Path(code)| Value::String(code));
    let code = code.and_then(|code| serde_json::from_value::<ErrorCode>(code).ok());
    let code = code.ok_or_else(|| Refusal::not_found("the path names no error code"))?;
    let kind = [(header::CONTENT_TYPE, "text/markdown; charset=utf-8")];
    Ok((kind, page(code)).into_response())
}

macro_rules! pages {
    ($($name:ident $file:literal)*) => {
        const fn page(code: ErrorCode) -> &'static str {
            match code {
                $(ErrorCode::$name => include_str!(concat!("../../../docs/errors/", $file, ".md")),)*
            }
        }
    };
}

pages! {
    ApiRateLimit "API_RATE_LIMIT"
    ApiQuotaExceeded "API_QUOTA_EXCEEDED"
    ApiBadResponse "API_BAD_RESPONSE"
    ApiUnavailable "API_UNAVAILABLE"
    Timeout "TIMEOUT"
    ConnectionError "CONNECTION_ERROR"
    EmailNotFound "EMAIL_NOT_FOUND"
    InvalidInput "INVALID_INPUT"
    AuthenticationFailed "AUTHENTICATION_FAILED"
    SecretMissing "SECRET_MISSING"
    InsufficientCredits "INSUFFICIENT_CREDITS"
    QuotaExceeded "QUOTA_EXCEEDED"
    InvalidConfiguration "INVALID_CONFIGURATION"
    NotFound "NOT_FOUND"
    Conflict "CONFLICT"
    SourceUnreadable "SOURCE_UNREADABLE"
    RobotsDisallowed "ROBOTS_DISALLOWED"
    SiteBlocked "SITE_BLOCKED"
    SiteUnreachable "SITE_UNREACHABLE"
    NoUsableFacts "NO_USABLE_FACTS"
    DuplicateMessage "DUPLICATE_MESSAGE"
    NoChannel "NO_CHANNEL"
    LimitExceeded "LIMIT_EXCEEDED"
    FunctionFailed "FUNCTION_FAILED"
    Stopped "STOPPED"
    StoreUnavailable "STORE_UNAVAILABLE"
    Internal "INTERNAL"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_page() {
        for code in [
            ErrorCode::ApiRateLimit,
            ErrorCode::NotFound,
            ErrorCode::Conflict,
            ErrorCode::Internal,
        ] {
            assert!(page(code).starts_with(&format!("# {code}\n")), "{code}");
        }
    }
}
