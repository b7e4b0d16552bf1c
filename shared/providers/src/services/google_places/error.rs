//! Google's error model (AIP-193) as `ErrorCode`s.

use hunter_contracts::ErrorCode;
use serde_json::Value;

use crate::client::{Answer, Meaning, Refusal};

/// What stands in `error` of a refusal, as far as it is there.
struct Status<'a> {
    status: &'a str,
    message: &'a str,
    details: &'a [Value],
}

impl<'a> Status<'a> {
    fn of(refusal: &'a Refusal<'_>) -> Self {
        let details = refusal.json.and_then(|body| body.pointer("/error/details"));
        Self {
            status: refusal.text("/error/status").unwrap_or_default(),
            message: refusal.text("/error/message").unwrap_or_default(),
            details: details.and_then(Value::as_array).map_or(&[], Vec::as_slice),
        }
    }

    fn reason(&self) -> &'a str {
        let mut reasons = self
            .details
            .iter()
            .filter_map(|d| d.get("reason")?.as_str());
        reasons.next().unwrap_or_default()
    }

    /// A quota per day does not come back by waiting a little. Its reason is the same as that of a
    /// quota per minute; the limit's name tells, and where there are no details the message.
    fn is_daily_quota(&self) -> bool {
        let limits = self.details.iter().filter_map(|detail| {
            let limit = detail.get("metadata")?.get("quota_limit")?.as_str()?;
            Some(limit.contains("PerDay"))
        });
        limits.reduce(|a, b| a || b).unwrap_or_else(|| {
            let message = self.message.to_ascii_lowercase();
            message.contains("per day") || message.contains("perday")
        })
    }
}

/// What an answer other than 200 means.
pub(super) fn meaning(refusal: &Refusal<'_>) -> Meaning {
    let error = Status::of(refusal);
    let code = match (error.status, refusal.status) {
        _ if error.reason().starts_with("API_KEY") => ErrorCode::AuthenticationFailed,
        ("RESOURCE_EXHAUSTED", _) if error.is_daily_quota() => ErrorCode::ApiQuotaExceeded,
        ("RESOURCE_EXHAUSTED", _) | (_, 429) => ErrorCode::ApiRateLimit,
        ("PERMISSION_DENIED" | "UNAUTHENTICATED", _) | ("", 401 | 403) => {
            ErrorCode::AuthenticationFailed
        }
        ("INVALID_ARGUMENT" | "FAILED_PRECONDITION" | "OUT_OF_RANGE", _) => ErrorCode::InvalidInput,
        ("DEADLINE_EXCEEDED", _) => ErrorCode::Timeout,
        ("UNAVAILABLE" | "INTERNAL" | "ABORTED" | "UNKNOWN", _) | (_, 500..=599) => {
            ErrorCode::ApiUnavailable
        }
        _ => ErrorCode::ApiBadResponse,
    };
    let said = match error.message {
        "" => crate::http::excerpt(refusal.body),
        message => message.chars().take(160).collect(),
    };
    let advice = match code {
        ErrorCode::AuthenticationFailed => {
            "; check `google_maps_api_key`, its restrictions, and that Places API (New) is enabled"
        }
        ErrorCode::ApiQuotaExceeded => "; the daily quota is used up, raise it or wait a day",
        _ => "",
    };
    Meaning::new(code, format!("{} {said}{advice}", error.status).trim())
}

/// An error that comes with status 200.
pub(super) fn disguised(answer: &Answer) -> Option<Meaning> {
    // A place may hold the word; only an answer that holds it is read twice.
    let word = b"\"error\"";
    answer.body.windows(word.len()).find(|part| part == word)?;
    let json: Value = serde_json::from_slice(&answer.body).ok()?;
    let status = json.pointer("/error/code").or(json.get("error"))?.as_u64();
    Some(meaning(&Refusal {
        status: status.and_then(|s| u16::try_from(s).ok()).unwrap_or(200),
        headers: &answer.headers,
        body: &answer.body,
        json: Some(&json),
    }))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;
    use serde_json::json;

    use super::*;

    fn code(status: u16, body: &Value) -> ErrorCode {
        let headers = HeaderMap::new();
        let refusal = Refusal {
            status,
            headers: &headers,
            body: b"",
            json: Some(body),
        };
        meaning(&refusal).code
    }

    #[test]
    fn a_quota_per_day_is_told_from_one_per_minute() {
        let said = |message: &str, details: Value| json!({"error": {"status": "RESOURCE_EXHAUSTED", "message": message, "details": details}});
        let limit = |name: &str| json!([{"reason": "RATE_LIMIT_EXCEEDED", "metadata": {"quota_limit": name}}]);
        let day = "Quota exceeded for quota metric 'SearchTextRequest' and limit \
                   'SearchTextRequest per day' of service 'places.googleapis.com'.";
        let minute = day.replace("per day", "per minute");
        assert_eq!(
            code(429, &said(day, json!([]))),
            ErrorCode::ApiQuotaExceeded
        );
        assert_eq!(
            code(429, &said(&minute, json!([]))),
            ErrorCode::ApiRateLimit
        );
        let named = limit("SearchTextRequestPerDayPerProject");
        assert_eq!(code(429, &said("said", named)), ErrorCode::ApiQuotaExceeded);
        let named = limit("SearchTextRequestPerMinutePerProject");
        assert_eq!(code(429, &said("said", named)), ErrorCode::ApiRateLimit);
    }
}
