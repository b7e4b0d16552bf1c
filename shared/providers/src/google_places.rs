//! Google Places API (New), Text Search: `POST /v1/places:searchText`.
//! <https://developers.google.com/maps/documentation/places/web-service/text-search>

mod error;
mod wire;

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::future::join_all;
use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::{Clock, PlaceBatch, PlaceQuery, PlaceSource};
use reqwest::Client;

use crate::http;
use wire::{SearchAnswer, SearchRequest};

const SERVICE: &str = "Google Places";
/// Results per page that the service allows.
const PAGE_SIZE: u32 = 20;
/// Pages that the service gives per query: 60 results.
const PAGES_MAX: u32 = 3;
/// From this depth every page of every query is read.
const DEPTH_ALL_PAGES: u8 = 3;
/// Queries at once.
const CONCURRENCY: usize = 4;
const BODY_MAX_BYTES: usize = 4 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(20);
/// What is asked for, without spaces; every field is paid for by its dearest one.
const FIELD_MASK: &str = "places.id,places.displayName,places.formattedAddress,\
places.addressComponents,places.location,places.types,places.primaryType,places.rating,\
places.userRatingCount,places.websiteUri,places.nationalPhoneNumber,\
places.internationalPhoneNumber,places.businessStatus,places.googleMapsUri,\
places.regularOpeningHours.weekdayDescriptions,nextPageToken";

/// A client of Google Places with one customer's key.
pub struct GooglePlaces {
    client: Client,
    endpoint: String,
    key: String,
    clock: Arc<dyn Clock>,
}

/// What one query gave, and what stopped it where something did.
struct QueryAnswer {
    places: Vec<serde_json::Value>,
    limit: Option<String>,
    failure: Option<RecipeFailure>,
}

impl GooglePlaces {
    /// A client for `https://places.googleapis.com` or a stand-in.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when the address is none.
    pub fn new(base_url: &str, key: String, clock: Arc<dyn Clock>) -> Result<Self, RecipeFailure> {
        let client = http::api_client(
            base_url,
            concat!("hunter/", env!("CARGO_PKG_VERSION")),
            TIMEOUT,
        )?;
        Ok(Self {
            client,
            endpoint: format!("{}/v1/places:searchText", base_url.trim_end_matches('/')),
            key,
            clock,
        })
    }

    /// One query, page by page, until `wanted` results, `pages` pages, or a failure.
    async fn query(&self, text: &str, pages: u32, wanted: usize, calls: &AtomicU64) -> QueryAnswer {
        let mut answer = QueryAnswer {
            places: Vec::new(),
            limit: None,
            failure: None,
        };
        let mut token: Option<String> = None;
        for page in 1..=pages {
            let request = SearchRequest {
                text_query: text,
                page_size: PAGE_SIZE,
                page_token: token.as_deref(),
            };
            let got = self.page_with_retries(&request, calls).await;
            let got = match got {
                Ok(got) => got,
                Err(failure) => {
                    answer.failure = Some(failure);
                    return answer;
                }
            };
            answer.places.extend(got.places);
            token = got.next_page_token.filter(|token| !token.is_empty());
            if token.is_none() {
                break;
            }
            if page == PAGES_MAX {
                answer.limit = Some(format!(
                    "`{text}`: the service gives at most {} results per query; narrower keywords \
                     or a smaller location find the rest",
                    PAGE_SIZE * PAGES_MAX
                ));
            } else if page == pages {
                answer.limit = Some(format!(
                    "`{text}`: only the first page was read; depth {DEPTH_ALL_PAGES} reads all"
                ));
            }
            if answer.places.len() >= wanted {
                break;
            }
        }
        answer
    }

    async fn page_with_retries(
        &self,
        request: &SearchRequest<'_>,
        calls: &AtomicU64,
    ) -> Result<SearchAnswer, RecipeFailure> {
        let mut retries = http::Retries::new(self.clock.as_ref(), request.text_query);
        loop {
            calls.fetch_add(1, Ordering::Relaxed);
            match self.page(request).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => retries.wait_after(failure).await?,
            }
        }
    }

    async fn page(&self, request: &SearchRequest<'_>) -> Result<SearchAnswer, RecipeFailure> {
        let response = self
            .client
            .post(&self.endpoint)
            .header("X-Goog-Api-Key", &self.key)
            .header("X-Goog-FieldMask", FIELD_MASK)
            .json(request)
            .send()
            .await
            .map_err(|error| http::transport_failure(SERVICE, error))?;
        let status = response.status();
        let retry_after_ms = http::retry_after_ms(response.headers(), self.clock.now());
        let body = http::read_body(SERVICE, response, BODY_MAX_BYTES).await?;
        if !status.is_success() {
            return Err(error::failure(status.as_u16(), &body, retry_after_ms));
        }
        serde_json::from_slice(&body).map_err(|error| {
            RecipeFailure::new(
                ErrorCode::ApiBadResponse,
                format!("{SERVICE}: the answer is not as documented: {error}"),
            )
        })
    }
}

/// Whether results that are already there are kept, with a note, when this stops the rest. A
/// refused key or query is no reason to go on.
fn keeps_results(code: ErrorCode) -> bool {
    code.retryable() || code == ErrorCode::ApiQuotaExceeded
}

/// The results of all queries, each place once.
#[derive(Default)]
struct Gathered {
    batch: PlaceBatch,
    ids: HashSet<String>,
    failure: Option<RecipeFailure>,
    failed: Vec<String>,
}

impl Gathered {
    fn take(
        &mut self,
        text: &str,
        answer: QueryAnswer,
        now: jiff::Timestamp,
    ) -> Result<(), RecipeFailure> {
        for value in answer.places {
            match wire::place(value, now) {
                Ok(place) => {
                    if self.ids.insert(place.source_id.clone()) {
                        self.batch.places.push(place);
                    }
                }
                Err(mut rejected) => {
                    if rejected.source_id.is_empty() {
                        let n = self.batch.places.len() + self.batch.unusable.len() + 1;
                        rejected.source_id = format!("#{n}");
                    }
                    if self.ids.insert(rejected.source_id.clone()) {
                        self.batch.unusable.push(rejected);
                    }
                }
            }
        }
        self.batch.limits_reached.extend(answer.limit);
        if let Some(failure) = answer.failure {
            if !keeps_results(failure.code) {
                return Err(failure);
            }
            self.failed.push(text.to_owned());
            self.failure.get_or_insert(failure);
        }
        Ok(())
    }

    /// A failure with nothing found is the answer; with results it is a note.
    fn finish(mut self, unsent: usize, max: usize) -> Result<PlaceBatch, RecipeFailure> {
        if let Some(failure) = self.failure {
            if self.batch.places.is_empty() {
                return Err(failure);
            }
            self.batch.limits_reached.push(format!(
                "not complete: {} for `{}`; run again later for the rest",
                failure,
                self.failed.join("`, `")
            ));
        } else if unsent > 0 {
            self.batch.limits_reached.push(format!(
                "stopped at {} places (`max_results` is {max}); {unsent} queries were not sent",
                self.batch.places.len()
            ));
        }
        Ok(self.batch)
    }
}

#[async_trait]
impl PlaceSource for GooglePlaces {
    fn name(&self) -> &'static str {
        "google_maps"
    }

    fn filters(&self) -> bool {
        true
    }

    /// One query per term, `term in location`. The terms are those that the caller's depth allows
    /// (from 2 with synonyms); below 3 the first page of each is read. Places are told apart by
    /// their id. A rate limit or an outage after results ends the search with a note in
    /// `limits_reached`; without results it is an error.
    async fn search(&self, query: &PlaceQuery) -> Result<PlaceBatch, RecipeFailure> {
        let texts = query_texts(query);
        if texts.is_empty() {
            return Err(RecipeFailure::invalid_input(
                "`keywords`: Google Places needs at least one",
            ));
        }
        let pages = if query.depth >= DEPTH_ALL_PAGES {
            PAGES_MAX
        } else {
            1
        };
        let max = usize::try_from(query.max_results.max(1)).unwrap_or(usize::MAX);
        let per_query = usize::try_from(PAGE_SIZE * pages).unwrap_or(usize::MAX);
        let calls = AtomicU64::new(0);
        let mut gathered = Gathered::default();
        let mut sent = 0;
        // Waves, so that no more queries are paid for than `max_results` can need.
        while sent < texts.len() && gathered.batch.places.len() < max && gathered.failure.is_none()
        {
            let missing = max - gathered.batch.places.len();
            let wave = missing.div_ceil(per_query).min(CONCURRENCY);
            let wave: Vec<&String> = texts.iter().skip(sent).take(wave).collect();
            sent += wave.len();
            let answers = wave
                .iter()
                .map(|text| self.query(text, pages, missing, &calls));
            for (text, answer) in wave.iter().zip(join_all(answers).await) {
                gathered.take(text, answer, self.clock.now())?;
            }
        }
        for text in texts.iter().skip(sent) {
            if gathered.failure.is_some() {
                gathered.failed.push(text.clone());
            }
        }
        gathered.batch.api_calls = calls.load(Ordering::Relaxed);
        gathered.batch.attribution = Some("Google Maps".to_owned());
        gathered.finish(texts.len() - sent, max)
    }
}

/// `dentists in Leipzig`, each once.
fn query_texts(query: &PlaceQuery) -> Vec<String> {
    let mut texts = Vec::new();
    let location = query.location.as_deref().map(str::trim);
    for term in query.terms.iter().map(|term| term.trim()) {
        if term.is_empty() {
            continue;
        }
        match location.filter(|l| !l.is_empty()) {
            Some(location) => crate::files::push_new(&mut texts, format!("{term} in {location}")),
            None => crate::files::push_new(&mut texts, term),
        }
    }
    texts
}
