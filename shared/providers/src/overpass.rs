//! Overpass API: `POST <base>/api/interpreter` with `data=` and a query in Overpass QL.
//! <https://wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL>,
//! <https://dev.overpass-api.de/overpass-doc/en/preface/commons.html>

mod query;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::{Clock, PlaceBatch, PlaceQuery, PlaceSource};
use reqwest::{Client, header::CONTENT_TYPE};
use tokio::sync::Semaphore;

use crate::{files, http};

const SERVICE: &str = "Overpass";
/// The server gives up after this; ours is a little longer, so that its answer is heard.
const SERVER_TIMEOUT_S: u64 = 90;
const TIMEOUT: Duration = Duration::from_secs(SERVER_TIMEOUT_S + 20);
const BODY_MAX_BYTES: usize = 64 * 1024 * 1024;
/// What the operators ask for after a 429.
const RATE_LIMIT_WAIT_MS: u64 = 30_000;

/// A client of an Overpass server. Clones share the rule of one query at a time.
#[derive(Clone)]
pub struct Overpass {
    client: Client,
    endpoint: String,
    clock: Arc<dyn Clock>,
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
        clock: Arc<dyn Clock>,
    ) -> Result<Self, RecipeFailure> {
        Ok(Self {
            client: http::api_client(base_url, user_agent, TIMEOUT)?,
            endpoint: format!("{}/api/interpreter", base_url.trim_end_matches('/')),
            clock,
            one_at_a_time: Arc::new(Semaphore::new(1)),
        })
    }

    async fn ask(&self, body: &str) -> Result<(PlaceBatch, Option<String>), RecipeFailure> {
        let response = self
            .client
            .post(&self.endpoint)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.to_owned())
            .send()
            .await
            .map_err(|error| http::transport_failure(SERVICE, error))?;
        let status = response.status().as_u16();
        let retry_after_ms = http::retry_after_ms(response.headers(), self.clock.now());
        let body = http::read_body(SERVICE, response, BODY_MAX_BYTES).await?;
        if !(200..300).contains(&status) {
            return Err(status_failure(status, &body, retry_after_ms));
        }
        let now = self.clock.now();
        let columns = files::ColumnMap::default();
        let parsed = tokio::task::spawn_blocking(move || {
            files::parse_json(body.as_slice(), "overpass", &columns, now).map_err(|error| {
                RecipeFailure::new(
                    ErrorCode::ApiBadResponse,
                    format!(
                        "{SERVICE}: the answer is not as documented: {error}; it begins `{}`",
                        http::excerpt(&body)
                    ),
                )
            })
        });
        let parsed = parsed
            .await
            .map_err(|error| RecipeFailure::internal(format!("reading an answer: {error}")))??;
        match parsed.remark {
            // The server answers 200 and says in a remark that it broke off.
            Some(remark) if remark.contains("error") => Err(remark_failure(&remark)),
            remark => Ok((parsed.batch, remark)),
        }
    }
}

fn remark_failure(remark: &str) -> RecipeFailure {
    let code = if remark.contains("timed out") {
        ErrorCode::Timeout
    } else if remark.contains("rate_limited") {
        ErrorCode::ApiRateLimit
    } else if remark.contains("out of memory") {
        ErrorCode::LimitExceeded
    } else {
        ErrorCode::ApiUnavailable
    };
    let mut failure = RecipeFailure::new(
        code,
        format!("{SERVICE} broke off: `{remark}`; a smaller location or fewer keywords help"),
    );
    // The server has just spent its whole time on it: not again at once.
    failure.retry_after_ms = code.retryable().then_some(RATE_LIMIT_WAIT_MS);
    failure
}

fn status_failure(status: u16, body: &[u8], retry_after_ms: Option<u64>) -> RecipeFailure {
    let (code, advice) = match status {
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
    let wait = match status {
        429 | 504 => Some(retry_after_ms.unwrap_or(0).max(RATE_LIMIT_WAIT_MS)),
        _ => retry_after_ms.filter(|_| code.retryable()),
    };
    RecipeFailure {
        retry_after_ms: wait,
        ..RecipeFailure::new(
            code,
            format!("{SERVICE}: HTTP {status}: {}{advice}", http::excerpt(body)),
        )
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
            .map_err(|error| RecipeFailure::internal(error.to_string()))?;
        let mut calls = 0;
        let mut retries = http::Retries::new(self.clock.as_ref(), &asked.text);
        let (mut batch, remark) = loop {
            calls += 1;
            match self.ask(&body).await {
                Ok(answer) => break answer,
                Err(failure) => retries.wait_after(failure).await?,
            }
        };
        batch.api_calls = calls;
        batch.attribution = Some(files::OSM_ATTRIBUTION.to_owned());
        batch
            .limits_reached
            .extend(remark.map(|r| format!("{SERVICE} remarks: {r}")));
        batch.limits_reached.extend(asked.note);
        let max = usize::try_from(query.max_results.max(1)).unwrap_or(usize::MAX);
        if batch.places.len() + batch.unusable.len() > max {
            batch.limits_reached.push(format!(
                "the server holds more than {max} matching records (`max_results`); a smaller \
                 location or a higher limit finds the rest"
            ));
        }
        Ok(batch)
    }
}
