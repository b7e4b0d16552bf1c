//! Hunter.io API v2: domain search, email finder, email verifier, enrichment.
//! <https://hunter.io/api-documentation/v2>
//!
//! The key goes into the `Authorization` header and never into an address. Its errors have their
//! own numbering: 403 is the rate limit, 429 the used-up plan, 451 a person who asked not to be
//! processed; an unfinished verification answers 202, one that the mail host broke off 222.

mod search;
mod verifier;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use hunter_contracts::{Dollars, ErrorCode, Evidence, RecipeFailure};
use hunter_core::ports::EmailVerifier;
use jiff::civil::date;
use reqwest::header::AUTHORIZATION;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    client::{Call, Meaning, Pricing, Rate, Refusal, Service},
    contacts::{
        answer,
        spec::{Connection, ContactService, ContactSpec},
    },
    http,
    spec::{Kind, ServiceSpec},
};

/// The name on contacts, meters and in price tables.
const ID: &str = "hunter_io";

/// Hunter.io as the client sees it. Its slowest limit is the verifier's: 10 a second and 300 a
/// minute; the others allow 15 and 500.
pub(crate) static SERVICE: ServiceSpec = ServiceSpec {
    service: Service {
        id: ID,
        name: "Hunter.io",
        refusal,
        rate: Rate {
            calls: 10,
            per_ms: 2_000,
        },
        // A credit of the Starter plan: $49 for 2,000, read on hunter.io/pricing in August 2026
        // (resellers' copy). Credits: help.hunter.io, "How do credits work in Hunter?". Nothing is
        // counted where nothing is found, nor for the same question twice in a billing period.
        prices: Pricing::List {
            as_of: date(2026, 11, 22),
            units: &[
                // Per 1 to 10 addresses of a domain: 1 credit.
                (search::DOMAIN_SEARCH, Dollars::from_nanos(24_500_000)),
                // Per address found for a name: 1 credit, its verification included.
                (search::EMAIL_FINDER, Dollars::from_nanos(24_500_000)),
                // Per address verified: 0.5 credit.
                (verifier::OPERATION, Dollars::from_nanos(12_250_000)),
                // Per domain enriched: 0.2 credit.
                (search::COMPANY, Dollars::from_nanos(4_900_000)),
                // Per address enriched with its person and its business: 0.4 credit (0.2 each).
                (search::COMBINED, Dollars::from_nanos(9_800_000)),
            ],
        },
    },
    kind: Kind::Contacts(ContactSpec {
        lookup: search::DOMAIN_SEARCH,
        has_profiles: true,
        open: |connection| Ok(Arc::new(HunterIo(connection))),
    }),
    key: Some("hunter_io_key"),
    base_url: Some("https://api.hunter.io"),
    variable: "HUNTER_HUNTER_IO_URL",
    gives: "people, addresses, verification",
    attribution: None,
};

/// Statuses whose meaning the body or the operation decides.
const ANSWERS: &[u16] = &[202, 222, 404, 451];

/// What Hunter.io means, by its documented errors `{"errors":[{"id","code","details"}]}`. The code
/// in the body decides before the status.
fn refusal(refusal: &Refusal<'_>) -> Meaning {
    let error = refusal.json.and_then(|json| json.pointer("/errors/0"));
    let text = |field: &str| error.and_then(|error| error.get(field)?.as_str());
    let id = text("id").unwrap_or_default();
    let said = match text("details") {
        Some(details) => format!("{id}: {details}"),
        None => http::excerpt(refusal.body),
    };
    let code = body_code(error).unwrap_or(refusal.status);
    let asks_to_wait = refusal.headers.contains_key(reqwest::header::RETRY_AFTER);
    let (code, advice) = match (id, code) {
        ("pagination_error", _) => (
            ErrorCode::LimitExceeded,
            "; the plan gives no more than the first addresses of a domain",
        ),
        ("authentication_failed" | "invalid_api_key" | "restricted_account", _) | (_, 401) => (
            ErrorCode::AuthenticationFailed,
            "; check `hunter_io_key` in Hunter.io's dashboard",
        ),
        (_, 402) => (ErrorCode::ApiQuotaExceeded, "; check the plan's payment"),
        (_, 403) => (ErrorCode::ApiRateLimit, ""),
        // Something in front of the service, which itself never says how long to wait.
        (_, 429) if error.is_none() && asks_to_wait => (ErrorCode::ApiRateLimit, ""),
        (_, 429) => (
            ErrorCode::ApiQuotaExceeded,
            "; the plan's credits are used up until it renews",
        ),
        (_, 404) => (ErrorCode::NotFound, ""),
        (_, 408 | 504) => (ErrorCode::Timeout, ""),
        (_, 400 | 405..=428) => (ErrorCode::InvalidInput, ""),
        (_, 500..=599) => (ErrorCode::ApiUnavailable, ""),
        _ => (ErrorCode::ApiBadResponse, ""),
    };
    Meaning::new(code, format!("{said}{advice}"))
}

fn body_code(error: Option<&Value>) -> Option<u16> {
    let code = error?.get("code")?;
    let number = code.as_u64().or_else(|| code.as_str()?.parse().ok());
    u16::try_from(number?).ok()
}

/// An answer of Hunter.io.
#[derive(Debug)]
enum LookupResult<T> {
    Found(T),
    NotFound,
    /// The person asked not to be processed.
    OptedOut,
    /// It is still at work; the same call again gets the answer.
    Pending,
    /// The mail host broke the verification off.
    Undecided,
}

/// A client of Hunter.io with one customer's key.
pub(crate) struct HunterIo(Connection);

#[async_trait]
impl ContactService for HunterIo {
    /// What the account has left; free of charge.
    async fn check(&self) -> Result<String, RecipeFailure> {
        let call = Call::get("account", "/v2/account");
        let LookupResult::Found(account) = self.ask::<wire::Account>(call).await? else {
            return Err(self.unlike("account", "no account"));
        };
        Ok(account.to_string())
    }

    fn verifier(self: Arc<Self>) -> Option<Arc<dyn EmailVerifier>> {
        Some(self)
    }
}

impl HunterIo {
    /// One call. `data` of the answer is read; the body decides before the status.
    async fn ask<T: DeserializeOwned>(&self, call: Call) -> Result<LookupResult<T>, RecipeFailure> {
        let mut call = call.secret(AUTHORIZATION, &format!("Bearer {}", self.0.key))?;
        call.also_accepts = ANSWERS;
        let operation = call.operation;
        let answer = self.0.client.call(&self.0.caller, &call).await?;
        let Some(mut body) = answer::json(&answer) else {
            return match answer.status {
                // The law's status needs no words.
                451 => Ok(LookupResult::OptedOut),
                202 => Ok(LookupResult::Pending),
                222 => Ok(LookupResult::Undecided),
                _ => Err(self.unlike(operation, &http::excerpt(&answer.body))),
            };
        };
        let error = body.pointer("/errors/0");
        let id = error.and_then(|error| error.get("id")?.as_str());
        match (id, body_code(error).unwrap_or(answer.status)) {
            (Some("claimed_email"), _) | (_, 451) => return Ok(LookupResult::OptedOut),
            (_, 222) => return Ok(LookupResult::Undecided),
            (_, 202) => return Ok(LookupResult::Pending),
            (Some(_), 404) => return Ok(LookupResult::NotFound),
            (None, 200 | 201) if error.is_none() => {}
            (None, 404) => {
                let problem = "HTTP 404 without Hunter.io's errors; is its address right?";
                return Err(self.unlike(operation, problem));
            }
            _ => {
                let (client, caller) = (&self.0.client, &self.0.caller);
                return Err(answer::refused(client, caller, operation, &answer));
            }
        }
        // What is beside `data` is of use to nobody but a reader of pages, who gets it with it.
        let results = body.pointer("/meta/results").cloned();
        let data = body.get_mut("data").map(Value::take);
        let Some(mut data) = data.filter(Value::is_object) else {
            return Err(self.unlike(operation, "there is no `data`"));
        };
        if let (Some(results), Some(fields)) = (results, data.as_object_mut()) {
            fields.insert("meta_results".to_owned(), results);
        }
        answer::read(&self.0.client, &self.0.caller, operation, data).map(LookupResult::Found)
    }

    fn unlike(&self, operation: &str, problem: &str) -> RecipeFailure {
        answer::not_as_documented(&self.0.client, &self.0.caller, operation, problem)
    }

    fn charge(&self, operation: &str, units: u64) {
        self.0.client.bill(&self.0.caller, operation, units);
    }

    /// The page that Hunter.io found it on, or else Hunter.io's own record.
    fn evidence(&self, sources: &[wire::Source], record: &str, words: &str) -> Evidence {
        let now = self.0.client.shared().clock.now();
        match wire::best_source(sources) {
            Some(source) => Evidence {
                url: source.uri.clone(),
                quote: answer::quote(&format!("{words}; {}", source.words())),
                fetched_at: source.seen_at().unwrap_or(now),
            },
            None => Evidence {
                url: format!("{}{record}", self.0.base_url),
                quote: answer::quote(&format!("{words}; no public source")),
                fetched_at: now,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue};
    use serde_json::json;

    use super::*;

    fn code(status: u16, body: &Value) -> ErrorCode {
        let text = body.to_string();
        refusal(&Refusal {
            status,
            headers: &HeaderMap::new(),
            body: text.as_bytes(),
            json: Some(body),
        })
        .code
    }

    #[test]
    fn the_body_decides_before_the_status() {
        let body = |code: u16| json!({"errors": [{"id": "x", "code": code, "details": "d"}]});
        assert_eq!(code(400, &body(429)), ErrorCode::ApiQuotaExceeded);
        assert_eq!(code(429, &body(403)), ErrorCode::ApiRateLimit);
        assert_eq!(code(200, &body(401)), ErrorCode::AuthenticationFailed);
    }

    #[test]
    fn a_429_of_something_in_front_is_a_rate_limit() {
        let mut headers = HeaderMap::new();
        headers.insert(reqwest::header::RETRY_AFTER, HeaderValue::from_static("3"));
        let meaning = refusal(&Refusal {
            status: 429,
            headers: &headers,
            body: b"<html>slow down</html>",
            json: None,
        });
        assert_eq!(meaning.code, ErrorCode::ApiRateLimit);
    }
}
