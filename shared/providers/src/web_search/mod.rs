//! Web search as a source of places: businesses that a search engine finds by their own sites.
//!
//! A result says that a page exists and what it calls itself; it says nothing of where the business
//! is. So a record holds the site and a name, and neither address nor position: what a page's
//! snippet mentions is not a location. The crawler reads the rest from the site itself.

pub(crate) mod brave;
mod hits;
mod hosts;

use std::{collections::HashSet, sync::Arc};

use async_trait::async_trait;
use hunter_contracts::{CoverageGap, ErrorCode, RecipeFailure, chain};
use hunter_core::ports::{Clock, PlaceBatch, PlaceQuery, PlaceSource};

pub use brave::BraveSearch;

/// The name that leads carry as `source`.
const SOURCE: &str = "web_search";
/// Calls of one search; at list price $0.50.
const CALLS_MAX: u64 = 100;

/// A result of a search engine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WebHit {
    /// The page's title, without markup.
    pub(crate) title: String,
    /// The page's address.
    pub(crate) url: String,
    /// What the engine calls the site, where it says so.
    pub(crate) site_name: Option<String>,
}

/// A page of results.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WebPage {
    /// The results, best first.
    pub(crate) hits: Vec<WebHit>,
    /// Whether the engine has more.
    pub(crate) more: bool,
}

/// Brave Search as a source of places.
pub struct WebSearchPlaces {
    engine: BraveSearch,
    clock: Arc<dyn Clock>,
}

/// What is known while a search is under way.
#[derive(Default)]
struct Found {
    batch: PlaceBatch,
    /// Hosts that were seen.
    seen: HashSet<String>,
    calls: u64,
    failure: Option<RecipeFailure>,
}

impl WebSearchPlaces {
    /// Around a client.
    #[must_use]
    pub fn new(engine: BraveSearch, clock: Arc<dyn Clock>) -> Self {
        Self { engine, clock }
    }

    /// Pages of a query that are read at a depth.
    fn pages(depth: u8) -> u32 {
        let pages = match depth {
            0..=2 => 1,
            3 => 3,
            4 => 5,
            _ => 10,
        };
        pages.min(brave::PAGES_MAX)
    }

    async fn ask(&self, text: &str, query: &PlaceQuery, found: &mut Found) {
        let (pages, max) = (Self::pages(query.depth), max_results(query));
        let mut results = 0_u64;
        for page in 0..pages {
            if found.calls >= CALLS_MAX || found.batch.places.len() >= max {
                return;
            }
            found.calls += 1;
            let got = match self.engine.page(text, page).await {
                Ok(got) => got,
                Err(failure) => {
                    let cap = failure.code.to_string();
                    let left = u64::from(pages - page);
                    self.gap(found, text, cap, (results, left), "run again later");
                    found.failure = Some(failure);
                    return;
                }
            };
            let count = u32::try_from(got.hits.len()).unwrap_or(u32::MAX);
            results += u64::from(count);
            // The last page that there can be says that there is no more, whether or not there is.
            let last = page + 1 == brave::PAGES_MAX;
            let more = got.more || (last && count >= brave::PAGE_SIZE);
            for hit in got.hits {
                hits::take(
                    hit,
                    text,
                    self.clock.now(),
                    &mut found.seen,
                    &mut found.batch,
                );
            }
            if !more {
                return;
            }
        }
        let most = brave::PAGES_MAX;
        if pages < most {
            let cap = format!("{pages} of {most} pages were read");
            let left = u64::from(most - pages);
            self.gap(
                found,
                text,
                cap,
                (results, left),
                "a greater depth reads more",
            );
        } else {
            let cap = format!(
                "the service gives at most {} results per query",
                most * brave::PAGE_SIZE
            );
            let advice = "narrower keywords find the rest";
            self.gap(found, text, cap, (results, u64::from(most)), advice);
        }
    }

    fn gap(&self, found: &mut Found, text: &str, cap: String, of: (u64, u64), advice: &str) {
        let (seen, calls_needed) = of;
        found.batch.coverage.push(CoverageGap {
            source: SOURCE.to_owned(),
            query: text.to_owned(),
            area: None,
            cap,
            seen,
            calls_needed,
            cost_needed: brave::SERVICE.price(brave::SEARCH).times(calls_needed),
            advice: advice.to_owned(),
        });
    }
}

fn max_results(query: &PlaceQuery) -> usize {
    usize::try_from(query.max_results.max(1)).unwrap_or(usize::MAX)
}

#[async_trait]
impl PlaceSource for WebSearchPlaces {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn filters(&self) -> bool {
        true
    }

    /// One query per term with the location, page by page: one page below depth 3, three at 3, five
    /// at 4, all at 5. Sites are told apart by their hosts; directories, social networks
    /// and documents are unusable, each with its reason. A failure after results ends the search with
    /// a note, unless the key is refused.
    async fn search(&self, query: &PlaceQuery) -> Result<PlaceBatch, RecipeFailure> {
        let texts = crate::queries::query_texts(query, " ");
        if texts.is_empty() {
            return Err(RecipeFailure::invalid_input(
                "`keywords`: a web search needs at least one",
            ));
        }
        let max = max_results(query);
        let mut found = Found::default();
        let mut unsent = texts.len();
        for text in &texts {
            let enough = found.batch.places.len() >= max || found.calls >= CALLS_MAX;
            if enough || found.failure.is_some() {
                break;
            }
            self.ask(text, query, &mut found).await;
            unsent -= 1;
        }
        if let Some(failure) = &found.failure {
            let refused = failure.code == ErrorCode::AuthenticationFailed;
            if refused || found.batch.places.is_empty() {
                return Err(failure.clone());
            }
            let why = chain(failure);
            let note = format!("not complete: {why}; {unsent} queries were not sent");
            found.batch.limits_reached.push(note);
        } else if unsent > 0 {
            let why = if found.calls >= CALLS_MAX {
                format!("a search makes at most {CALLS_MAX} calls")
            } else {
                format!("`max_results` is {max}")
            };
            found.batch.limits_reached.push(format!(
                "stopped at {} businesses ({why}); {unsent} queries were not sent",
                found.batch.places.len()
            ));
        }
        let mut batch = found.batch;
        if query.location.is_some() && !batch.places.is_empty() {
            batch.limits_reached.push(
                "web results say what a site is called, not where the business is: the location \
                 was part of the query only"
                    .to_owned(),
            );
        }
        batch.attribution = brave::SERVICE.attribution.map(str::to_owned);
        batch.content_ttl_s = Some(brave::CONTENT_TTL_S);
        Ok(batch)
    }
}
