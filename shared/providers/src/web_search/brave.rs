//! Brave Search, Web Search API: `GET /res/v1/web/search`.
//! <https://api-dashboard.search.brave.com/api-reference/web/search/get>

use std::time::Duration;

use hunter_contracts::{Dollars, ErrorCode, RecipeFailure};
use hunter_core::recipe::Caller;
use jiff::civil::date;
use reqwest::header::{ACCEPT, HeaderMap, HeaderName};
use serde::Deserialize;
use serde_json::Value;

use super::{WebHit, WebPage};
use crate::{
    client::{
        ApiClient, Call, Endpoint, Meaning, Pricing, Rate, Refusal, Service, Shared, by_status,
    },
    spec::{Kind, ServiceSpec},
};

/// As documented. The rate is a plan's own; what it allows comes with every answer, and a 429 says
/// when to go on.
pub(crate) static SERVICE: ServiceSpec = ServiceSpec {
    service: Service {
        id: "brave_search",
        name: "Brave Search",
        refusal: meaning,
        rate: Rate {
            calls: 20,
            per_ms: 1_000,
        },
        prices: Pricing::List {
            as_of: date(2026, 11, 22),
            units: &[
                // Web Search, $5 per 1,000 requests; per successful request of up to 20 results.
                (SEARCH, Dollars::from_nanos(5_000_000)),
            ],
        },
    },
    kind: Kind::Places,
    key: Some("brave_api_key"),
    base_url: Some("https://api.search.brave.com"),
    variable: "HUNTER_BRAVE_URL",
    gives: "places by web search",
    attribution: Some("Brave Search"),
};

const PATH: &str = "/res/v1/web/search";
/// The name on meters and in the price table.
pub(super) const SEARCH: &str = "web_search";
/// Results on a page.
pub(super) const PAGE_SIZE: u32 = 20;
/// Pages: `offset` is 0 to 9.
pub(super) const PAGES_MAX: u32 = 10;
/// A query's most characters and words, as documented.
const QUERY_CHARS_MAX: usize = 400;
const QUERY_WORDS_MAX: usize = 50;
/// How long results may be kept: the terms allow no more than the use itself needs.
pub(super) const CONTENT_TTL_S: u64 = 24 * 60 * 60;
/// A window of at least a day is a quota, a shorter one a rate.
const DAY_S: u64 = 24 * 60 * 60;

const KEY_HEADER: HeaderName = HeaderName::from_static("x-subscription-token");

/// A client of Brave Search with one customer's key.
pub struct BraveSearch {
    client: ApiClient,
    key: String,
    caller: Caller,
}

impl BraveSearch {
    /// A client for `https://api.search.brave.com` or a stand-in, on behalf of a caller.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when the address is none.
    pub fn new(
        base_url: &str,
        key: String,
        caller: Caller,
        shared: Shared,
    ) -> Result<Self, RecipeFailure> {
        let endpoint = Endpoint {
            timeout: Duration::from_secs(20),
            ..Endpoint::new(base_url)
        };
        Ok(Self {
            client: ApiClient::new(&SERVICE, endpoint, shared)?,
            key,
            caller,
        })
    }
}

/// The documented answer, as far as it is used. `web` is absent where nothing was found; the
/// answer's `type` tells it from another body.
#[derive(Debug, Deserialize)]
struct SearchAnswer {
    #[serde(rename = "type")]
    kind: String,
    query: Option<Query>,
    web: Option<Web>,
}

#[derive(Debug, Deserialize)]
struct Query {
    #[serde(default)]
    more_results_available: bool,
}

#[derive(Debug, Deserialize)]
struct Web {
    /// Read one by one, so that one odd result does not spoil the others.
    #[serde(default)]
    results: Vec<Value>,
}

#[derive(Debug, Deserialize)]
struct Hit {
    title: String,
    url: String,
    profile: Option<Profile>,
}

#[derive(Debug, Deserialize)]
struct Profile {
    name: Option<String>,
    long_name: Option<String>,
}

impl From<Hit> for WebHit {
    fn from(hit: Hit) -> Self {
        // `name` is the site's own where Brave knows it; both may be the bare host.
        let names = hit.profile.map(|profile| [profile.name, profile.long_name]);
        let named = names.into_iter().flatten().flatten();
        let site_name = named
            .map(|name| name.trim().to_owned())
            .find(|name| !name.is_empty() && !name.contains('.'));
        Self {
            title: hit.title,
            url: hit.url,
            site_name,
        }
    }
}

impl BraveSearch {
    /// One page of a query, from 0.
    ///
    /// # Errors
    /// With the code that Brave's documentation gives the failure.
    pub(crate) async fn page(&self, query: &str, page: u32) -> Result<WebPage, RecipeFailure> {
        let words: Vec<&str> = query.split_whitespace().take(QUERY_WORDS_MAX).collect();
        let text: String = words.join(" ").chars().take(QUERY_CHARS_MAX).collect();
        let call = Call::get(SEARCH, PATH)
            .query("q", text)
            .query("count", PAGE_SIZE.to_string())
            .query("offset", page.to_string())
            // The default is the United States.
            .query("country", "ALL")
            .query("result_filter", "web")
            .query("text_decorations", "false")
            // What was asked for is searched, not what the engine takes it for.
            .query("spellcheck", "false")
            .secret(KEY_HEADER, &self.key)?
            .header(ACCEPT, "application/json");
        let answer = self.client.call(&self.caller, &call).await?;
        let read = self.client.parse::<SearchAnswer>(&answer);
        match read.and_then(of_a_search) {
            Ok(read) => {
                // Only successful requests are billed.
                self.client.bill(&self.caller, SEARCH, 1);
                Ok(page_of(read))
            }
            Err(failure) => {
                self.client.count_failed(&self.caller, SEARCH);
                Err(failure)
            }
        }
    }
}

fn page_of(answer: SearchAnswer) -> WebPage {
    let results = answer.web.map(|web| web.results).unwrap_or_default();
    let hits = results
        .into_iter()
        .filter_map(|value| serde_json::from_value::<Hit>(value).ok())
        .map(WebHit::from)
        .collect();
    WebPage {
        hits,
        more: answer.query.is_some_and(|q| q.more_results_available),
    }
}

/// An error, or another interface's answer, may come with status 200.
fn of_a_search(answer: SearchAnswer) -> Result<SearchAnswer, RecipeFailure> {
    if answer.kind == "search" {
        return Ok(answer);
    }
    let kind = crate::http::printable(&answer.kind, 60);
    Err(RecipeFailure::new(
        ErrorCode::ApiBadResponse,
        format!(
            "{}: the answer is of type `{kind}`, not `search`",
            SERVICE.name
        ),
    ))
}

/// What an answer other than 200 means: by the error's code, which stands under `error` or in a
/// list `errors`; a refused key is a 422 like a wrong parameter.
fn meaning(refusal: &Refusal<'_>) -> Meaning {
    let text = |name: &str| {
        let single = refusal.text(&format!("/error/{name}"));
        single.or_else(|| refusal.text(&format!("/errors/0/{name}")))
    };
    let said = text("detail").unwrap_or_default();
    let refused = "; check `brave_api_key` and its plan";
    let (code, advice) = match text("code").unwrap_or_default() {
        "SUBSCRIPTION_TOKEN_INVALID" | "SUBSCRIPTION_TOKEN_MISSING" | "SUBSCRIPTION_NOT_FOUND" => {
            (ErrorCode::AuthenticationFailed, refused)
        }
        "OPTION_NOT_IN_PLAN" | "RESOURCE_NOT_ALLOWED" => (ErrorCode::AuthenticationFailed, refused),
        "VALIDATION" if names_the_key(refusal) => (ErrorCode::AuthenticationFailed, refused),
        "VALIDATION" => (ErrorCode::InvalidInput, ""),
        "QUOTA_LIMITED" => (ErrorCode::ApiQuotaExceeded, "; the plan's quota is used up"),
        "RATE_LIMITED" if quota_is_used_up(refusal.headers) => {
            (ErrorCode::ApiQuotaExceeded, "; the plan's quota is used up")
        }
        "RATE_LIMITED" => (ErrorCode::ApiRateLimit, ""),
        _ if refusal.status == 429 && quota_is_used_up(refusal.headers) => {
            (ErrorCode::ApiQuotaExceeded, "; the plan's quota is used up")
        }
        _ => {
            let by_status = by_status(refusal);
            return Meaning {
                wait_ms: reset_ms(refusal.headers).filter(|_| refusal.status == 429),
                ..by_status
            };
        }
    };
    Meaning {
        wait_ms: reset_ms(refusal.headers).filter(|_| code == ErrorCode::ApiRateLimit),
        ..Meaning::new(code, format!("{said}{advice}"))
    }
}

/// Whether a validation error is about the header with the key.
fn names_the_key(refusal: &Refusal<'_>) -> bool {
    let lists = ["/error/meta/errors", "/errors/0/meta/errors"];
    let errors = lists
        .iter()
        .find_map(|at| refusal.json?.pointer(at)?.as_array());
    let locations = errors
        .into_iter()
        .flatten()
        .filter_map(|e| e.get("loc")?.as_array());
    let mut parts = locations.flatten().filter_map(Value::as_str);
    parts.any(|part| part.eq_ignore_ascii_case(KEY_HEADER.as_str()))
}

/// Numbers of a header such as `1, 15000`.
fn numbers(headers: &HeaderMap, name: &str) -> Vec<u64> {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    let parts = value.unwrap_or_default().split(',');
    parts.filter_map(|part| part.trim().parse().ok()).collect()
}

/// Whether the plan's quota, not its rate, is what is used up. A limit of 0 means that there is
/// none.
fn quota_is_used_up(headers: &HeaderMap) -> bool {
    let limits = numbers(headers, "x-ratelimit-limit");
    let remaining = numbers(headers, "x-ratelimit-remaining");
    let resets = numbers(headers, "x-ratelimit-reset");
    let windows = limits.iter().zip(&remaining).zip(&resets);
    // Windows come in the order of their lengths; one that ends within a day may still be a month's.
    let mut quotas = windows
        .enumerate()
        .filter(|(at, ((_, _), reset))| *at > 0 || **reset > DAY_S);
    quotas.any(|(_, ((limit, remaining), _))| *limit > 0 && *remaining == 0)
}

/// When the shortest window ends.
fn reset_ms(headers: &HeaderMap) -> Option<u64> {
    let seconds = numbers(headers, "x-ratelimit-reset").first().copied()?;
    seconds.checked_mul(1_000)
}
