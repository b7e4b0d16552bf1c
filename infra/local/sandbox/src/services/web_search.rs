//! A look-alike of Brave Search's Web Search API: `GET /res/v1/web/search` as documented at
//! <https://api-dashboard.search.brave.com/api-reference/web/search/get>.
//!
//! It finds the sites of the town's businesses, with what surrounds such results on the real web:
//! directories and profiles that are nobody's own site, further pages of the same site, and results
//! that come again on the next page.

use hyper::Method;
use serde_json::{Value, json};

use super::places;
use crate::dice::mix;
use crate::endpoint::Endpoint;
use crate::faults::Fault;
use crate::server::Sandbox;
use crate::town::{Business, Town};
use crate::wire::{Answer, Request, reply, with_headers};

/// `count` and `offset` as documented.
const COUNT_MAX: u64 = 20;
const OFFSET_MAX: u64 = 9;
/// A query's most characters and words.
const QUERY_CHARS_MAX: usize = 400;
const QUERY_WORDS_MAX: usize = 50;
/// Parameters that change nothing here.
const WITHOUT_EFFECT: [&str; 13] = [
    "country",
    "search_lang",
    "ui_lang",
    "safesearch",
    "freshness",
    "text_decorations",
    "spellcheck",
    "result_filter",
    "goggles",
    "units",
    "extra_snippets",
    "summary",
    "operators",
];

impl Endpoint {
    /// Brave Search.
    pub const WEB_SEARCH: Self = Self {
        name: "web_search",
        ..Self::of("brave_search").with_key(Sandbox::BRAVE_API_KEY)
    };
}

impl Sandbox {
    /// The one token that the web search accepts.
    pub const BRAVE_API_KEY: &'static str = "sandbox-brave-token";
    /// A token of a plan whose month is used up: 429 `QUOTA_LIMITED`.
    pub const BRAVE_EXHAUSTED_KEY: &'static str = "sandbox-brave-exhausted";
}

pub(crate) fn faulty(fault: Fault) -> Answer {
    match fault {
        Fault::RateLimited => limited(
            "RATE_LIMITED",
            "Request rate limit exceeded for plan.",
            "0, 14000",
        ),
        _ => error(
            503,
            "SERVICE_UNAVAILABLE",
            "The service is unavailable.",
            "web",
            None,
        ),
    }
}

fn limited(code: &str, detail: &str, remaining: &str) -> Answer {
    with_limits(error(429, code, detail, "rate_limiter", None), remaining)
}

pub(crate) fn answer(town: &Town, request: &Request) -> Answer {
    if request.uri.path() != "/res/v1/web/search" || request.method != Method::GET {
        return error(404, "RESOURCE_NOT_FOUND", "Not found.", "routing", None);
    }
    // The token comes first: a wrong one is told before a wrong parameter.
    match request.header("x-subscription-token") {
        None => {
            let place = json!(["header", "x-subscription-token"]);
            return invalid(&place, "Field required");
        }
        Some(Sandbox::BRAVE_API_KEY) => {}
        Some(Sandbox::BRAVE_EXHAUSTED_KEY) => {
            let detail = "Request quota limit exceeded for plan.";
            return limited("QUOTA_LIMITED", detail, "1, 0");
        }
        Some(_) => {
            let detail = "The provided subscription token is invalid.";
            return error(
                422,
                "SUBSCRIPTION_TOKEN_INVALID",
                detail,
                "authentication",
                None,
            );
        }
    }
    match search(town, request) {
        Ok(body) => with_limits(json_reply(200, &body), "0, 14999"),
        Err(answer) => *answer,
    }
}

fn search(town: &Town, request: &Request) -> Result<Value, Box<Answer>> {
    let query = request.parameter("q").unwrap_or_default();
    let query = query.trim();
    let too_long = query.chars().count() > QUERY_CHARS_MAX
        || query.split_whitespace().count() > QUERY_WORDS_MAX;
    if query.is_empty() || too_long {
        let problem = "String should have 1 to 400 characters and at most 50 words";
        return Err(Box::new(invalid(&json!(["query", "q"]), problem)));
    }
    let count = number(request, "count", 1, COUNT_MAX)?.unwrap_or(COUNT_MAX);
    let offset = number(request, "offset", 0, OFFSET_MAX)?.unwrap_or_default();
    for (name, _) in url::form_urlencoded::parse(request.uri.query().unwrap_or_default().as_bytes())
    {
        let known = ["q", "count", "offset"].contains(&&*name) || WITHOUT_EFFECT.contains(&&*name);
        if !known {
            let problem = "Extra inputs are not permitted";
            return Err(Box::new(invalid(&json!(["query", name]), problem)));
        }
    }
    let found = results(town, query);
    let start = usize::try_from(offset * count).unwrap_or(usize::MAX);
    // Pages may overlap: from the second one on, the last result of the page before comes again.
    let from = start.saturating_sub(usize::from(offset > 0));
    let size = usize::try_from(count).unwrap_or_default() + (start - from);
    let page: Vec<Value> = found.iter().skip(from).take(size).cloned().collect();
    let more = start + usize::try_from(count).unwrap_or_default() < found.len();
    let mut body = json!({
        "type": "search",
        "query": {
            "original": query,
            "show_strict_warning": false,
            "is_navigational": false,
            "spellcheck_off": true,
            "more_results_available": more && offset < OFFSET_MAX,
        },
        "mixed": { "type": "mixed", "main": [], "top": [], "side": [] },
    });
    // Nothing found is an answer without `web`.
    if let (Some(fields), false) = (body.as_object_mut(), page.is_empty()) {
        let web = json!({ "type": "search", "results": page, "family_friendly": true });
        fields.insert("web".to_owned(), web);
    }
    Ok(body)
}

/// All results for a query, best first.
fn results(town: &Town, query: &str) -> Vec<Value> {
    let mut results = Vec::new();
    for (position, business) in places::matching(town, query).into_iter().enumerate() {
        let slug = business.place_id.to_lowercase();
        if position % 9 == 0 {
            let title = format!(
                "THE BEST 10 {} in {} - Yelp",
                business.category.english(),
                business.city
            );
            results.push(result(
                &title,
                &format!("https://www.yelp.com/biz/{slug}"),
                "Yelp",
                business,
            ));
        }
        if position % 7 == 3 {
            let url = format!("https://www.facebook.com/{slug}");
            results.push(result(
                &format!("{} | Facebook", business.name),
                &url,
                "Facebook",
                business,
            ));
        }
        let Some(host) = &business.website else {
            continue;
        };
        let site = format!("http://{host}/");
        let dice = mix(business.seed, &["web"]);
        let title = match dice % 4 {
            0 => format!(
                "{} | {} in {}",
                business.name,
                business.category.english(),
                business.district
            ),
            1 => format!("Home - {}", business.name),
            2 => format!(
                "{} in {} – {}",
                business.category.english(),
                business.city,
                business.name
            ),
            _ => business.name.clone(),
        };
        results.push(result(&title, &site, host, business));
        if dice.is_multiple_of(5) {
            let title = format!("Contact | {}", business.name);
            results.push(result(&title, &format!("{site}contact"), host, business));
        }
        if dice.is_multiple_of(11) {
            let mut pdf = result("Price list", &format!("{site}prices.pdf"), host, business);
            if let Some(fields) = pdf.as_object_mut() {
                fields.insert("content_type".to_owned(), json!("pdf"));
            }
            results.push(pdf);
        }
    }
    results
}

fn result(title: &str, url: &str, site: &str, business: &Business) -> Value {
    let host = url.split('/').nth(2).unwrap_or_default();
    json!({
        "type": "search_result",
        "subtype": "generic",
        "title": title,
        "url": url,
        "is_source_local": false,
        "is_source_both": false,
        "description": format!(
            "{} is a {} in {}.", business.name, business.category.english(), business.city
        ),
        "language": business.language,
        "family_friendly": true,
        "profile": { "name": site, "url": url, "long_name": host, "img": "" },
        "meta_url": {
            "scheme": url.split(':').next().unwrap_or_default(),
            "netloc": host, "hostname": host, "favicon": "", "path": "",
        },
    })
}

fn number(request: &Request, name: &str, min: u64, max: u64) -> Result<Option<u64>, Box<Answer>> {
    let Some(text) = request.parameter(name) else {
        return Ok(None);
    };
    match text.parse::<u64>() {
        Ok(number) if (min..=max).contains(&number) => Ok(Some(number)),
        _ => {
            let problem = format!("Input should be a number from {min} to {max}");
            Err(Box::new(invalid(&json!(["query", name]), &problem)))
        }
    }
}

fn invalid(at: &Value, problem: &str) -> Answer {
    let meta = json!([{ "type": "value_error", "loc": at, "msg": problem }]);
    let detail = "Unable to validate request parameter(s)";
    error(422, "VALIDATION", detail, "validation", Some(meta))
}

fn error(status: u16, code: &str, detail: &str, component: &str, errors: Option<Value>) -> Answer {
    let mut meta = json!({ "component": component });
    if let (Some(fields), Some(errors)) = (meta.as_object_mut(), errors) {
        fields.insert("errors".to_owned(), errors);
    }
    let body = json!({
        "type": "ErrorResponse",
        "error": {
            "id": "5d832250-9396-4f6e-b84a-2a1fe524cd7d",
            "code": code, "detail": detail, "status": status, "meta": meta,
        },
        "time": 1_663_072_993,
    });
    json_reply(status, &body)
}

fn json_reply(status: u16, body: &Value) -> Answer {
    reply(status, "application/json", body.to_string())
}

/// What the plan allows, in a second and in a month, and when that starts again.
fn with_limits(answer: Answer, remaining: &str) -> Answer {
    let headers = [
        ("x-ratelimit-limit", "1, 15000"),
        ("x-ratelimit-policy", "1;w=1, 15000;w=2592000"),
        ("x-ratelimit-remaining", remaining),
        ("x-ratelimit-reset", "1, 1419704"),
    ];
    with_headers(answer, &headers)
}
