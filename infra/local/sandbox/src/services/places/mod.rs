//! A look-alike of Google's Places API (New), Text Search:
//! `POST /v1/places:searchText` as documented at
//! <https://developers.google.com/maps/documentation/places/web-service/text-search>.

mod fields;
mod refusal;
mod request;
mod search;
mod vocabulary;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::Method;
use serde_json::{Map, Value, json};

use crate::dice::mix;
use crate::endpoint::PLACES_KEY;
use crate::faults::Fault;
use crate::server::Sandbox;
use crate::town::{Business, Town};
use crate::wire::{Answer, Request, reply};
use refusal::{Refusal, exhausted, json_reply};
use request::Search;

/// Places for all pages of a query together.
const RESULTS_MAX: usize = 60;

impl Sandbox {
    /// The one API key that the Places server accepts.
    pub const PLACES_API_KEY: &'static str = PLACES_KEY;
    /// A key of a project in which the API is not enabled: 403 `SERVICE_DISABLED`.
    pub const PLACES_DISABLED_KEY: &'static str = "sandbox-disabled-key";
    /// A key of a project whose quota for the day is used up: 429 `RESOURCE_EXHAUSTED` that no
    /// waiting mends.
    pub const PLACES_EXHAUSTED_KEY: &'static str = "sandbox-exhausted-key";
}

pub(crate) fn faulty(fault: Fault) -> Answer {
    let refusal = match fault {
        Fault::RateLimited => exhausted("minute", "PerMinute"),
        _ => Refusal {
            code: 503,
            status: "UNAVAILABLE",
            message: "The service is currently unavailable.".to_owned(),
            details: Vec::new(),
        },
    };
    refusal.into_answer()
}

/// Businesses that a free text finds, best first: what a web search of the same words would find.
pub(crate) fn matching<'t>(town: &'t Town, text: &str) -> Vec<&'t Business> {
    search::find(town, &Search::of_text(text))
}

pub(crate) fn answer(town: &Town, request: &Request) -> Answer {
    if request.uri.path() != "/v1/places:searchText" || request.method != Method::POST {
        return reply(
            404,
            "text/html; charset=UTF-8",
            "<!DOCTYPE html><title>Error 404</title>",
        );
    }
    match search_text(town, request) {
        Ok(body) => json_reply(200, &body),
        Err(refusal) => refusal.into_answer(),
    }
}

fn search_text(town: &Town, request: &Request) -> Result<Value, Refusal> {
    check_key(request)?;
    let search = Search::parse(&request.body)?;
    let mask = request
        .header("x-goog-fieldmask")
        .map(str::to_owned)
        .or_else(|| request.parameter("$fields"))
        .or_else(|| request.parameter("fields"));
    let mask = fields::Mask::parse(mask.as_deref())?;
    let identity = mix(town.options().seed, &[&search.identity()]);
    let start = match &search.page_token {
        Some(token) => offset(token, identity)?,
        None => 0,
    };
    let language = search.language_code.as_deref();
    let found: Vec<Value> = match search::city(&search) {
        // A query that is nothing but a place finds the place.
        Some(city) => vec![fields::city(city)],
        None => search::find(town, &search)
            .into_iter()
            .take(RESULTS_MAX)
            .map(|business| fields::place(business, language))
            .collect(),
    };
    let page: Vec<Value> = found
        .iter()
        .skip(start)
        .take(search.page_size)
        .map(|place| mask.of_place(place.clone()))
        .collect();
    let end = start + page.len();
    let mut body = Map::new();
    // An empty list is left out, as protocol buffers do.
    if !page.is_empty() && mask.wants_places() {
        body.insert("places".into(), Value::Array(page));
    }
    if end < found.len() && mask.wants_token() {
        body.insert("nextPageToken".into(), json!(token(end, identity)));
    }
    Ok(Value::Object(body))
}

fn check_key(request: &Request) -> Result<(), Refusal> {
    let key = request
        .header("x-goog-api-key")
        .map(str::to_owned)
        .or_else(|| request.parameter("key"))
        .unwrap_or_default();
    let forbidden = |message: &str| Refusal {
        code: 403,
        status: "PERMISSION_DENIED",
        message: message.to_owned(),
        details: Vec::new(),
    };
    match key.as_str() {
        "" => Err(forbidden(
            "Method doesn't allow unregistered callers (callers without established identity). \
             Please use API Key or other form of API consumer identity to call this API.",
        )),
        Sandbox::PLACES_API_KEY => Ok(()),
        Sandbox::PLACES_EXHAUSTED_KEY => Err(exhausted("day", "PerDay")),
        Sandbox::PLACES_DISABLED_KEY => Err(forbidden(
            "Places API (New) has not been used in project 000000000000 before or it is disabled.",
        )
        .reason("SERVICE_DISABLED")),
        _ => Err(
            Refusal::invalid("API key not valid. Please pass a valid API key.")
                .reason("API_KEY_INVALID"),
        ),
    }
}

/// A page token: the place to go on at, bound to the query and the town.
fn token(offset: usize, identity: u64) -> String {
    let seal = mix(identity, &["page", &offset.to_string()]);
    let mut bytes = (offset as u64 ^ identity).to_be_bytes().to_vec();
    bytes.extend(seal.to_be_bytes());
    // Google's tokens are long and begin alike.
    bytes.extend((0..12).flat_map(|n| mix(seal, &[&n.to_string()]).to_be_bytes()));
    format!("AaVGc3{}", URL_SAFE_NO_PAD.encode(bytes))
}

fn offset(given: &str, identity: u64) -> Result<usize, Refusal> {
    (1..RESULTS_MAX)
        .find(|offset| token(*offset, identity) == given)
        .ok_or_else(|| {
            Refusal::invalid(
                "Request parameters for paging requests must match the initial SearchText request.",
            )
        })
}
