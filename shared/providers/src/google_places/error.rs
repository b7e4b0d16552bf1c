//! Google's error model (AIP-193) as `ErrorCode`s.

use hunter_contracts::{ErrorCode, RecipeFailure};
use serde::Deserialize;
use serde_json::Value;

use super::SERVICE;
use crate::http;

#[derive(Debug, Deserialize)]
struct Body {
    error: Status,
}

#[derive(Debug, Default, Deserialize)]
struct Status {
    #[serde(default)]
    message: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    details: Vec<Value>,
}

impl Status {
    fn reason(&self) -> &str {
        let mut reasons = self
            .details
            .iter()
            .filter_map(|d| d.get("reason")?.as_str());
        reasons.next().unwrap_or_default()
    }

    /// A quota per day does not come back by waiting a little.
    fn is_daily_quota(&self) -> bool {
        let quota = |detail: &Value| {
            let limit = detail.get("metadata")?.get("quota_limit")?.as_str()?;
            Some(limit.contains("PerDay"))
        };
        self.details
            .iter()
            .any(|detail| quota(detail) == Some(true))
    }
}

/// What an answer outside 200–299 means.
pub(super) fn failure(status: u16, body: &[u8], retry_after_ms: Option<u64>) -> RecipeFailure {
    let parsed = serde_json::from_slice::<Body>(body).map(|body| body.error);
    let error = parsed.as_ref().ok();
    let name = error.map_or("", |e| e.status.as_str());
    let reason = error.map_or("", Status::reason);
    let key_refused = reason.starts_with("API_KEY");
    let code = match (name, status) {
        _ if key_refused => ErrorCode::AuthenticationFailed,
        ("RESOURCE_EXHAUSTED", _) if error.is_some_and(Status::is_daily_quota) => {
            ErrorCode::ApiQuotaExceeded
        }
        ("RESOURCE_EXHAUSTED", _) | ("", 429) => ErrorCode::ApiRateLimit,
        ("PERMISSION_DENIED" | "UNAUTHENTICATED", _) | ("", 401 | 403) => {
            ErrorCode::AuthenticationFailed
        }
        ("INVALID_ARGUMENT" | "FAILED_PRECONDITION" | "OUT_OF_RANGE", _) => ErrorCode::InvalidInput,
        ("DEADLINE_EXCEEDED", _) => ErrorCode::Timeout,
        ("UNAVAILABLE" | "INTERNAL" | "ABORTED" | "UNKNOWN", _) | (_, 500..=599) => {
            ErrorCode::ApiUnavailable
        }
        (_, 429) => ErrorCode::ApiRateLimit,
        _ => ErrorCode::ApiBadResponse,
    };
    let said = match error {
        Some(error) if !error.message.is_empty() => error.message.chars().take(300).collect(),
        _ => http::excerpt(body),
    };
    let advice = match code {
        ErrorCode::AuthenticationFailed => {
            "; check `google_maps_api_key`, its restrictions, and that Places API (New) is enabled"
        }
        ErrorCode::ApiQuotaExceeded => "; the daily quota is used up, raise it or wait a day",
        _ => "",
    };
    RecipeFailure {
        retry_after_ms: retry_after_ms.filter(|_| code.retryable()),
        ..RecipeFailure::new(
            code,
            format!("{SERVICE}: HTTP {status} {name}: {said}{advice}"),
        )
    }
}
