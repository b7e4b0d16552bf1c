//! What the refusals of OpenAI, Groq and DeepSeek mean: by `error.code`, then `error.type`, and by
//! the status only where the provider documents nothing finer.

use std::borrow::Cow;

use hunter_contracts::ErrorCode;
use reqwest::header::RETRY_AFTER;

use crate::{
    client::{Meaning, Pricing, Rate, Refusal, Service, by_status},
    http,
    spec::{Kind, ServiceSpec},
};

/// OpenAI.
pub(crate) static OPENAI: ServiceSpec = ServiceSpec {
    service: Service {
        id: "openai",
        name: "OpenAI",
        refusal: openai,
        rate: Rate::UNLIMITED,
        prices: Pricing::ByModel,
    },
    kind: Kind::Models,
    key: Some("openai_api_key"),
    base_url: None,
    variable: "HUNTER_OPENAI_URL",
    gives: "models",
    attribution: None,
};

/// Groq.
pub(crate) static GROQ: ServiceSpec = ServiceSpec {
    service: Service {
        id: "groq",
        name: "Groq",
        refusal: groq,
        rate: Rate::UNLIMITED,
        prices: Pricing::ByModel,
    },
    kind: Kind::Models,
    key: Some("groq_api_key"),
    base_url: None,
    variable: "HUNTER_GROQ_URL",
    gives: "models",
    attribution: None,
};

/// DeepSeek.
pub(crate) static DEEPSEEK: ServiceSpec = ServiceSpec {
    service: Service {
        id: "deepseek",
        name: "DeepSeek",
        refusal: deepseek,
        rate: Rate::UNLIMITED,
        prices: Pricing::ByModel,
    },
    kind: Kind::Models,
    key: Some("deepseek_api_key"),
    base_url: None,
    variable: "HUNTER_DEEPSEEK_URL",
    gives: "models",
    attribution: None,
};

/// Codes and types of a 429 at OpenAI that no waiting helps against.
const OPENAI_SPENT: [&str; 7] = [
    "insufficient_quota",
    "credit_balance_exhausted",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
    "billing_hard_limit_reached",
    "billing_not_active",
];

struct Said<'a> {
    code: &'a str,
    kind: &'a str,
    message: Cow<'a, str>,
}

fn said<'a>(refusal: &'a Refusal<'_>) -> Said<'a> {
    let text = |pointer| refusal.text(pointer).unwrap_or_default();
    Said {
        code: text("/error/code"),
        kind: text("/error/type"),
        // What no provider wrote, as a gateway's page, speaks for itself.
        message: match refusal.text("/error/message") {
            Some(message) => message.into(),
            None => http::excerpt(refusal.body).into(),
        },
    }
}

impl Said<'_> {
    /// The finest name that the provider gives the error.
    fn name(&self) -> &str {
        if self.code.is_empty() {
            self.kind
        } else {
            self.code
        }
    }

    fn meaning(&self, code: ErrorCode, advice: &str) -> Meaning {
        let name = match self.name() {
            "" => String::new(),
            name => format!("{name}: "),
        };
        Meaning::new(code, format!("{name}{}{advice}", self.message))
    }
}

fn openai(refusal: &Refusal<'_>) -> Meaning {
    let said = said(refusal);
    let either = |names: &[&str]| names.contains(&said.code) || names.contains(&said.kind);
    if either(&OPENAI_SPENT) {
        let advice = "; add credit or raise the limit in OpenAI's settings";
        return said.meaning(ErrorCode::ApiQuotaExceeded, advice);
    }
    if let Some(meaning) = common(refusal, &said, "openai_api_key") {
        return meaning;
    }
    if either(&["server_is_overloaded", "service_unavailable_error"]) {
        return said.meaning(ErrorCode::ApiUnavailable, "");
    }
    by_status(refusal)
}

fn groq(refusal: &Refusal<'_>) -> Meaning {
    let said = said(refusal);
    match (refusal.status, said.code) {
        // The model did not manage the form that it was held to.
        (_, "tool_use_failed" | "json_validate_failed") => {
            return said.meaning(ErrorCode::ApiBadResponse, "");
        }
        (498, _) | (_, "capacity_exceeded") => {
            return said.meaning(ErrorCode::ApiUnavailable, "");
        }
        (_, "blocked_api_access") => {
            let advice = "; raise the spend limit in Groq's console";
            return said.meaning(ErrorCode::ApiQuotaExceeded, advice);
        }
        (_, "model_decommissioned") => {
            let advice = "; name another model in models.toml";
            return said.meaning(ErrorCode::InvalidConfiguration, advice);
        }
        _ => {}
    }
    common(refusal, &said, "groq_api_key").unwrap_or_else(|| by_status(refusal))
}

fn deepseek(refusal: &Refusal<'_>) -> Meaning {
    let said = said(refusal);
    // The code is `invalid_request_error` for nearly everything: here the status is the documented
    // one.
    if refusal.status == 402 {
        let advice = "; top up the balance at DeepSeek";
        return said.meaning(ErrorCode::ApiQuotaExceeded, advice);
    }
    common(refusal, &said, "deepseek_api_key").unwrap_or_else(|| by_status(refusal))
}

/// What the three have in common.
fn common(refusal: &Refusal<'_>, said: &Said<'_>, secret: &str) -> Option<Meaning> {
    let meaning = match (refusal.status, said.name()) {
        (401 | 403, _) | (_, "invalid_api_key") => said.meaning(
            ErrorCode::AuthenticationFailed,
            &format!("; set `{secret}` anew"),
        ),
        (404, _) | (_, "model_not_found") => said.meaning(
            ErrorCode::InvalidConfiguration,
            "; check the model and the address in models.toml",
        ),
        // A request that is larger than a minute's allowance is refused the same way every minute.
        (413, _) => said.meaning(ErrorCode::InvalidInput, ""),
        (429, _) if said.message.starts_with("Request too large") => {
            said.meaning(ErrorCode::InvalidInput, "")
        }
        (429, _) => Meaning {
            wait_ms: wait_ms(refusal, said),
            ..said.meaning(ErrorCode::ApiRateLimit, "")
        },
        (409, _) => said.meaning(ErrorCode::ApiUnavailable, ""),
        (400 | 422, _) if refusal.json.is_some() => said.meaning(ErrorCode::InvalidInput, ""),
        _ => return None,
    };
    Some(meaning)
}

/// How long a 429 asks to wait where it has no `Retry-After`: `retry-after-ms`, else the reset of the
/// allowance that is used up, else what the message says.
fn wait_ms(refusal: &Refusal<'_>, said: &Said<'_>) -> Option<u64> {
    let header = |name: &str| refusal.headers.get(name)?.to_str().ok();
    if refusal.headers.contains_key(RETRY_AFTER) {
        return None;
    }
    if let Some(wait) = header("retry-after-ms").and_then(|text| text.trim().parse().ok()) {
        return Some(wait);
    }
    let reset = |of: &str| {
        let left = header(&format!("x-ratelimit-remaining-{of}"))?;
        let used_up = left.trim() == "0" || said.kind == of;
        let reset = header(&format!("x-ratelimit-reset-{of}"))?;
        used_up.then(|| duration_ms(reset)).flatten()
    };
    let waits = [reset("requests"), reset("tokens")];
    let in_words = || {
        let (_, after) = said.message.split_once("try again in ")?;
        let end = after.find(char::is_whitespace).unwrap_or(after.len());
        duration_ms(after.get(..end)?.trim_end_matches('.'))
    };
    waits.into_iter().flatten().max().or_else(in_words)
}

/// A duration as the headers write it, in milliseconds, rounded up: `12ms`, `17.359s`, `1m2.5s`,
/// `1d2h`, `6m0s`.
pub(super) fn duration_ms(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(end);
        let number: f64 = number.parse().ok()?;
        let units = [
            ("ms", 1.0),
            ("µs", 0.001),
            ("us", 0.001),
            ("ns", 0.000_001),
            ("s", 1e3),
            ("m", 60e3),
            ("h", 3_600e3),
            ("d", 86_400e3),
        ];
        let (unit, factor) = units.into_iter().find(|(unit, _)| tail.starts_with(unit))?;
        total += number * factor;
        rest = tail.strip_prefix(unit)?;
    }
    (total.is_finite() && total < 1e15).then(|| total.ceil() as u64)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn durations_of_all_forms() {
        for (text, expected) in [
            ("12ms", Some(12)),
            ("17.359s", Some(17_359)),
            ("1m2.5s", Some(62_500)),
            ("6m0s", Some(360_000)),
            ("2h30m", Some(9_000_000)),
            ("1d", Some(86_400_000)),
            ("7.66s", Some(7_660)),
            ("250us", Some(1)),
            ("0s", Some(0)),
            ("", None),
            ("soon", None),
            ("5", None),
            ("5 s", None),
            ("1.2.3s", None),
            ("-3s", None),
            ("99999999999999999999d", None),
        ] {
            assert_eq!(duration_ms(text), expected, "{text}");
        }
    }

    fn meaning(
        service: &ServiceSpec,
        status: u16,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Meaning {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                let name: reqwest::header::HeaderName = name.parse().unwrap();
                (name, value.parse().unwrap())
            })
            .collect();
        (service.refusal)(&Refusal {
            status,
            headers: &headers,
            body: body.to_string().as_bytes(),
            json: Some(body),
        })
    }

    #[test]
    fn the_wait_is_that_of_the_allowance_that_is_used_up() {
        let body = json!({"error": {"code": "rate_limit_exceeded", "type": "requests",
            "message": "Rate limit reached. Please try again in 20s. Visit https://x"}});
        let both = [
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", "1m2.5s"),
            ("x-ratelimit-remaining-tokens", "149984"),
            ("x-ratelimit-reset-tokens", "6m0s"),
        ];
        assert_eq!(meaning(&OPENAI, 429, &both, &body).wait_ms, Some(62_500));
        assert_eq!(meaning(&OPENAI, 429, &[], &body).wait_ms, Some(20_000));
        let exact = [("retry-after-ms", "1500")];
        assert_eq!(meaning(&OPENAI, 429, &exact, &body).wait_ms, Some(1_500));
        // The client reads this header itself.
        let usual = [("retry-after", "3"), ("x-ratelimit-reset-requests", "9s")];
        assert_eq!(meaning(&GROQ, 429, &usual, &body).wait_ms, None);
    }

    #[test]
    fn errors_are_told_apart_by_their_documented_names() {
        use ErrorCode as E;
        let cases: [(&ServiceSpec, u16, &str, &str, &str, ErrorCode); 24] = [
            (
                &OPENAI,
                429,
                "rate_limit_exceeded",
                "tokens",
                "",
                E::ApiRateLimit,
            ),
            (
                &OPENAI,
                429,
                "slow_down",
                "rate_limit_error",
                "",
                E::ApiRateLimit,
            ),
            (
                &OPENAI,
                429,
                "",
                "insufficient_quota",
                "",
                E::ApiQuotaExceeded,
            ),
            (
                &OPENAI,
                429,
                "project_spend_limit_exceeded",
                "insufficient_quota",
                "",
                E::ApiQuotaExceeded,
            ),
            (
                &OPENAI,
                429,
                "rate_limit_exceeded",
                "tokens",
                "Request too large for gpt",
                E::InvalidInput,
            ),
            (
                &OPENAI,
                401,
                "invalid_api_key",
                "invalid_request_error",
                "",
                E::AuthenticationFailed,
            ),
            (
                &OPENAI,
                403,
                "unsupported_country_region_territory",
                "",
                "",
                E::AuthenticationFailed,
            ),
            (
                &OPENAI,
                404,
                "model_not_found",
                "invalid_request_error",
                "",
                E::InvalidConfiguration,
            ),
            (
                &OPENAI,
                400,
                "context_length_exceeded",
                "invalid_request_error",
                "",
                E::InvalidInput,
            ),
            (&OPENAI, 500, "", "server_error", "", E::ApiUnavailable),
            (
                &OPENAI,
                503,
                "server_is_overloaded",
                "service_unavailable_error",
                "",
                E::ApiUnavailable,
            ),
            (&OPENAI, 504, "", "", "", E::Timeout),
            (&GROQ, 498, "capacity_exceeded", "", "", E::ApiUnavailable),
            (
                &GROQ,
                429,
                "rate_limit_exceeded",
                "tokens",
                "",
                E::ApiRateLimit,
            ),
            (
                &GROQ,
                400,
                "json_validate_failed",
                "invalid_request_error",
                "",
                E::ApiBadResponse,
            ),
            (
                &GROQ,
                400,
                "tool_use_failed",
                "invalid_request_error",
                "",
                E::ApiBadResponse,
            ),
            (
                &GROQ,
                400,
                "model_decommissioned",
                "invalid_request_error",
                "",
                E::InvalidConfiguration,
            ),
            (
                &GROQ,
                413,
                "rate_limit_exceeded",
                "tokens",
                "",
                E::InvalidInput,
            ),
            (
                &DEEPSEEK,
                402,
                "invalid_request_error",
                "unknown_error",
                "",
                E::ApiQuotaExceeded,
            ),
            (
                &DEEPSEEK,
                401,
                "invalid_request_error",
                "authentication_error",
                "",
                E::AuthenticationFailed,
            ),
            (
                &DEEPSEEK,
                422,
                "invalid_request_error",
                "",
                "",
                E::InvalidInput,
            ),
            (&DEEPSEEK, 429, "", "", "", E::ApiRateLimit),
            (&DEEPSEEK, 500, "", "", "", E::ApiUnavailable),
            (&DEEPSEEK, 503, "", "", "", E::ApiUnavailable),
        ];
        for (service, status, code, kind, message, expected) in cases {
            let body = json!({"error": {"code": code, "type": kind, "message": message}});
            let found = meaning(service, status, &[], &body).code;
            assert_eq!(found, expected, "{} {status} {code} {kind}", service.id);
        }
    }
}
