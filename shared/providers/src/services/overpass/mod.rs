//! Overpass API: `POST <base>/api/interpreter` with `data=` and a query in Overpass QL.
//! <https://wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL>,
//! <https://dev.overpass-api.de/overpass-doc/en/preface/commons.html>

mod probe;
mod query;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use hunter_contracts::{CoverageGap, Dollars, ErrorCode, RecipeFailure};
use hunter_core::{
    ports::{PlaceBatch, PlaceQuery, PlaceSource},
    recipe::Caller,
};
use reqwest::{Method, header::RETRY_AFTER};
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::{
    client::{Answer, ApiClient, Call, Endpoint, Meaning, Pricing, Rate, Refusal, Service, Shared},
    files, http,
    spec::{Kind, ServiceSpec},
};

/// As its operators ask. There is no rate: one query at a time is the rule, and each takes seconds.
pub(crate) static SERVICE: ServiceSpec = ServiceSpec {
    service: Service {
        id: "overpass",
        name: "Overpass",
        refusal: meaning,
        rate: Rate::UNLIMITED,
        prices: Pricing::Free,
    },
    kind: Kind::Places,
    key: None,
    base_url: Some("https://overpass-api.de"),
    variable: "HUNTER_OVERPASS_URL",
    gives: "places of OpenStreetMap",
    attribution: Some(files::OSM_ATTRIBUTION),
};

const PATH: &str = "/api/interpreter";
/// What is asked, on meters; it costs nothing.
const INTERPRET: &str = "interpreter";
/// The server gives up after this; ours is a little longer, so that its answer is heard.
const SERVER_TIMEOUT_S: u64 = 90;
const TIMEOUT: Duration = Duration::from_secs(SERVER_TIMEOUT_S + 20);
const BODY_MAX_BYTES: usize = 64 * 1024 * 1024;
/// What the operators ask for after a 429.
const RATE_LIMIT_WAIT_MS: u64 = 30_000;

/// A client of an Overpass server, on behalf of a caller. Those made of one another by
/// [`Overpass::for_caller`] share the rule of one query at a time.
#[derive(Clone)]
pub struct Overpass {
    client: ApiClient,
    caller: Caller,
    one_at_a_time: Arc<Semaphore>,
}

impl Overpass {
    /// A client for `https://overpass-api.de`, an instance of one's own, or a stand-in. The server
    /// refuses a `user_agent` that does not say who asks.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when the address is none.
    pub fn new(
        base_url: &str,
        user_agent: &str,
        caller: Caller,
        shared: Shared,
    ) -> Result<Self, RecipeFailure> {
        let endpoint = Endpoint {
            user_agent: user_agent.to_owned(),
            timeout: TIMEOUT,
            body_max_bytes: BODY_MAX_BYTES,
            ..Endpoint::new(base_url)
        };
        Ok(Self {
            client: ApiClient::new(&SERVICE, endpoint, shared)?,
            caller,
            one_at_a_time: Arc::new(Semaphore::new(1)),
        })
    }

    /// The same server for another caller.
    #[must_use]
    pub fn for_caller(&self, caller: Caller) -> Self {
        Self {
            caller,
            ..self.clone()
        }
    }

    async fn ask(&self, body: String) -> Result<(PlaceBatch, Option<String>), RecipeFailure> {
        let call = Call {
            method: Method::POST,
            body: Some(("application/x-www-form-urlencoded", body.into_bytes())),
            disguised: Some(disguised),
            ..Call::get(INTERPRET, PATH)
        };
        let answer = self.client.call(&self.caller, &call).await?;
        let read = self.read(answer.body).await;
        if read.is_err() {
            self.client.count_failed(&self.caller, INTERPRET);
        }
        read
    }

    async fn read(&self, body: Vec<u8>) -> Result<(PlaceBatch, Option<String>), RecipeFailure> {
        let now = self.client.shared().clock.now();
        let columns = files::ColumnMap::default();
        let parsed = tokio::task::spawn_blocking(move || {
            files::parse_json(body.as_slice(), "overpass", &columns, now).map_err(|error| {
                let (name, begin) = (SERVICE.name, http::excerpt(&body));
                let message =
                    format!("{name}: the answer, which begins `{begin}`, is not as documented");
                RecipeFailure::new(ErrorCode::ApiBadResponse, message).caused_by(error)
            })
        });
        let parsed = parsed.await.map_err(RecipeFailure::defect)??;
        match parsed.remark {
            // It stood before the elements.
            Some(remark) if remark.contains("error") => {
                let meaning = remark_meaning(&remark);
                let message = format!("{}: {}", SERVICE.name, meaning.message);
                Err(RecipeFailure::new(meaning.code, message).after(meaning.wait_ms))
            }
            remark => Ok((parsed.batch, remark)),
        }
    }
}

/// How much of an answer's end is looked at for a remark, which stands after all elements.
const REMARK_WITHIN: usize = 4_096;

/// The server answers 200 and says in a remark that it broke off.
fn disguised(answer: &Answer) -> Option<Meaning> {
    #[derive(Deserialize)]
    struct Remarked {
        remark: String,
    }
    let from = answer.body.len().saturating_sub(REMARK_WITHIN);
    let word = b"\"remark\"";
    let mut parts = answer.body.get(from..)?.windows(word.len());
    parts.find(|part| part == word)?;
    // The word may also be an element's tag.
    let read: Remarked = serde_json::from_slice(&answer.body).ok()?;
    let broke_off = read.remark.contains("error");
    broke_off.then(|| remark_meaning(&read.remark))
}

fn remark_meaning(remark: &str) -> Meaning {
    let code = if remark.contains("timed out") {
        ErrorCode::Timeout
    } else if remark.contains("rate_limited") {
        ErrorCode::ApiRateLimit
    } else if remark.contains("out of memory") {
        ErrorCode::LimitExceeded
    } else {
        ErrorCode::ApiUnavailable
    };
    let text = format!("it broke off: `{remark}`; a smaller location or fewer keywords help");
    Meaning {
        // The server has just spent its whole time on it: not again at once.
        wait_ms: code.retryable().then_some(RATE_LIMIT_WAIT_MS),
        ..Meaning::new(code, text)
    }
}

/// What an answer other than 200 means. Bodies are HTML pages for people.
fn meaning(refusal: &Refusal<'_>) -> Meaning {
    let (code, advice) = match refusal.status {
        406 | 403 => (
            ErrorCode::InvalidConfiguration,
            "; the server wants a user agent that says who asks: set it to a name with an address",
        ),
        429 => (ErrorCode::ApiRateLimit, "; wait at least 30 seconds"),
        504 => (ErrorCode::ApiUnavailable, "; the server is busy"),
        500..=599 => (ErrorCode::ApiUnavailable, ""),
        400 => (ErrorCode::InvalidInput, "; the query was not understood"),
        _ => (ErrorCode::ApiBadResponse, ""),
    };
    let asked = refusal.headers.get(RETRY_AFTER);
    let asked_s: Option<u64> = asked.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let busy = matches!(refusal.status, 429 | 504);
    Meaning {
        wait_ms: busy.then(|| {
            let asked_ms = asked_s.unwrap_or(0).saturating_mul(1_000);
            asked_ms.max(RATE_LIMIT_WAIT_MS)
        }),
        ..Meaning::new(code, format!("{}{advice}", http::excerpt(refusal.body)))
    }
}

#[async_trait]
impl PlaceSource for Overpass {
    fn name(&self) -> &'static str {
        "overpass"
    }

    fn filters(&self) -> bool {
        true
    }

    /// One query: everything with one of the tags, and what is called like a term (from depth 2, or
    /// without tags). `location` is an area's name, or `south,west,north,east` in degrees.
    async fn search(&self, query: &PlaceQuery) -> Result<PlaceBatch, RecipeFailure> {
        let asked = query::build(query, SERVER_TIMEOUT_S)?;
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("data", &asked.text)
            .finish();
        let _turn = self
            .one_at_a_time
            .acquire()
            .await
            .map_err(RecipeFailure::defect)?;
        let (mut batch, remark) = self.ask(body).await?;
        batch.attribution = SERVICE.attribution.map(str::to_owned);
        let remark = remark.map(|remark| format!("{} remarks: {remark}", SERVICE.name));
        batch.limits_reached.extend(remark);
        batch.limits_reached.extend(asked.note);
        let max = usize::try_from(query.max_results.max(1)).unwrap_or(usize::MAX);
        let seen = batch.places.len() + batch.unusable.len();
        if seen > max {
            batch.limits_reached.push(format!(
                "the server holds more than {max} matching records (`max_results`); a smaller \
                 location or a higher limit finds the rest"
            ));
            batch.coverage.push(CoverageGap {
                source: SERVICE.id.to_owned(),
                query: described(query),
                area: None,
                cap: format!("`max_results` is {max}"),
                seen: u64::try_from(seen).unwrap_or(u64::MAX),
                calls_needed: 1,
                cost_needed: Dollars::ZERO,
                advice: "raise `max_results`, or search a smaller location".to_owned(),
            });
        }
        Ok(batch)
    }
}

/// What was searched, for a person: `amenity=dentist, dentists in Leipzig`.
fn described(query: &PlaceQuery) -> String {
    let tags = query
        .tags
        .iter()
        .map(|(key, value)| format!("{key}={value}"));
    let what: Vec<String> = tags.chain(query.terms.iter().cloned()).take(5).collect();
    let location = query.location.as_deref().unwrap_or_default();
    format!("{} in {location}", what.join(", "))
}
