//! One search: queries in waves, and quarters of the area where a query cannot show everything.

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicU64, Ordering},
};

use futures::future::join_all;
use hunter_contracts::{RecipeFailure, chain};
use hunter_core::ports::{PlaceBatch, PlaceQuery};
use serde_json::Value;

use super::{
    GooglePlaces, PAGE_SIZE, PAGES_MAX, RESULTS_MAX, SEARCH, SERVICE,
    gathered::{Cell, Cut, Gathered},
    grid::{Area, levels},
    wire::SearchRequest,
};

/// From this depth every page of every query is read.
const DEPTH_ALL_PAGES: u8 = 3;
/// The deepest search.
const DEPTH_MAX: u8 = 5;
/// Queries at once.
const CONCURRENCY: usize = 4;
/// Pages of one search; at list price $7.00.
const CALLS_MAX: u64 = 200;

/// Where a query stopped before the service had no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// The service had no more.
    End,
    /// The service gives no more pages.
    Cap,
    /// Only so many pages are read at this depth.
    Depth,
    /// There is enough.
    Enough,
    /// The search has made all the calls that it may.
    Calls,
}

/// What one query gave.
struct Answer {
    places: Vec<Value>,
    pages: u32,
    stop: Stop,
    failure: Option<RecipeFailure>,
}

/// Where the location lies, once it was looked up.
enum Located {
    NotYet,
    At(Area),
    Unknown(String),
}

/// A search under way.
pub(super) struct Search<'a> {
    google: &'a GooglePlaces,
    query: &'a PlaceQuery,
    pages: u32,
    max: usize,
    calls: AtomicU64,
    located: Located,
    gathered: Gathered,
}

impl<'a> Search<'a> {
    pub(super) fn new(google: &'a GooglePlaces, query: &'a PlaceQuery) -> Self {
        Self {
            google,
            query,
            pages: if query.depth >= DEPTH_ALL_PAGES {
                PAGES_MAX
            } else {
                1
            },
            max: usize::try_from(query.max_results.max(1)).unwrap_or(usize::MAX),
            calls: AtomicU64::new(0),
            located: Located::NotYet,
            gathered: Gathered::default(),
        }
    }

    /// Asks until there is enough, nothing is left to ask, or something stops it. The whole
    /// location comes first with every text, its parts after that: they cost more per new place.
    pub(super) async fn run(mut self, texts: Vec<String>) -> Result<PlaceBatch, RecipeFailure> {
        let whole = |text| Cell {
            text,
            area: None,
            level: 0,
        };
        let mut waiting: VecDeque<Cell> = texts.into_iter().map(whole).collect();
        while !waiting.is_empty() && self.goes_on() {
            // Waves, so that no more queries are paid for than `max_results` can need.
            let missing = self.max.saturating_sub(self.gathered.places());
            let per_query = usize::try_from(PAGE_SIZE * self.pages).unwrap_or(usize::MAX);
            let size = missing.div_ceil(per_query).min(CONCURRENCY);
            let wave: Vec<Cell> = waiting.drain(..size.min(waiting.len())).collect();
            let asked = wave.iter().map(|cell| self.ask(cell, missing));
            let answers = join_all(asked).await;
            for (cell, answer) in wave.iter().zip(answers) {
                let parts = self.take(cell, answer).await?;
                waiting.extend(parts);
            }
        }
        self.leave(&waiting);
        self.gathered.finish()
    }

    fn is_full(&self) -> bool {
        self.gathered.places() >= self.max
    }

    fn calls_left(&self) -> u64 {
        CALLS_MAX.saturating_sub(self.calls.load(Ordering::Relaxed))
    }

    fn goes_on(&self) -> bool {
        !self.is_full() && !self.gathered.has_failed() && self.calls_left() > 0
    }

    /// Whether one more call may be made; counts it.
    fn may_call(&self) -> bool {
        let count = |calls| (calls < CALLS_MAX).then_some(calls + 1);
        let counted = self
            .calls
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, count);
        counted.is_ok()
    }

    /// One query, page by page, until `wanted` results or a failure.
    async fn ask(&self, cell: &Cell, wanted: usize) -> Answer {
        let mut answer = Answer {
            places: Vec::new(),
            pages: 0,
            stop: Stop::End,
            failure: None,
        };
        let mut token: Option<String> = None;
        loop {
            if !self.may_call() {
                answer.stop = Stop::Calls;
                return answer;
            }
            let request = SearchRequest {
                text_query: &cell.text,
                page_size: PAGE_SIZE,
                page_token: token.as_deref(),
                location_restriction: cell.area.map(Into::into),
            };
            let got = match self.google.page(&request).await {
                Ok(got) => got,
                Err(failure) => {
                    answer.failure = Some(failure);
                    return answer;
                }
            };
            answer.pages += 1;
            answer.places.extend(got.places);
            token = got.next_page_token.filter(|token| !token.is_empty());
            // The last page of a query that has more than 60 results bears no token either.
            let full = answer.places.len() >= usize::try_from(RESULTS_MAX).unwrap_or(usize::MAX);
            answer.stop = match &token {
                _ if full || (token.is_some() && answer.pages >= PAGES_MAX) => Stop::Cap,
                None => Stop::End,
                Some(_) if answer.pages >= self.pages => Stop::Depth,
                Some(_) if answer.places.len() >= wanted => Stop::Enough,
                Some(_) => continue,
            };
            return answer;
        }
    }

    /// Takes what a query gave; answers the parts in which it must be asked again.
    ///
    /// # Errors
    /// When nothing is kept of the search.
    async fn take(&mut self, cell: &Cell, answer: Answer) -> Result<Vec<Cell>, RecipeFailure> {
        let now = self.google.client.shared().clock.now();
        let seen = u64::try_from(answer.places.len()).unwrap_or(u64::MAX);
        self.gathered.take(answer.places, now);
        let left = u64::from(self.pages.saturating_sub(answer.pages));
        if let Some(failure) = answer.failure {
            let cap = failure.code.to_string();
            self.gathered.fail(cell, failure)?;
            self.cut(cell, cap, seen, left, "run again later".to_owned());
            return Ok(Vec::new());
        }
        match answer.stop {
            Stop::End => Ok(Vec::new()),
            Stop::Cap => Ok(self.parts(cell, seen).await),
            Stop::Depth => {
                let cap = "only the first page was read".to_owned();
                let advice = format!("depth {DEPTH_ALL_PAGES} reads all");
                self.cut(cell, cap, seen, u64::from(PAGES_MAX - 1), advice);
                Ok(Vec::new())
            }
            Stop::Enough => {
                let cap = format!("`max_results` is {}", self.max);
                self.cut(cell, cap, seen, left, "raise it to see more".to_owned());
                Ok(Vec::new())
            }
            Stop::Calls => {
                let advice = "search fewer keywords or a smaller location at once".to_owned();
                self.cut(cell, calls_cap(), seen, left, advice);
                Ok(Vec::new())
            }
        }
    }

    /// The quarters of a query's area; none, with the reason noted, where it is not cut.
    async fn parts(&mut self, cell: &Cell, seen: u64) -> Vec<Cell> {
        let advice = match self.quarters(cell).await {
            Ok(quarters) => return quarters,
            Err(advice) => advice,
        };
        let cap = format!("the service gives at most {RESULTS_MAX} results per query");
        // One more level: each quarter with all its pages.
        self.cut(cell, cap, seen, u64::from(4 * PAGES_MAX), advice);
        Vec::new()
    }

    async fn quarters(&mut self, cell: &Cell) -> Result<Vec<Cell>, String> {
        let narrower = "narrower keywords or a smaller location find the rest";
        if self.is_full() {
            return Err(format!("raise `max_results` ({}) to see more", self.max));
        }
        if cell.level >= levels(self.query.depth) {
            return Err(match self.query.depth {
                DEPTH_MAX.. => narrower.to_owned(),
                depth => format!("depth {} splits the area further", depth + 1),
            });
        }
        let area = match cell.area {
            Some(area) => area,
            None => self
                .area()
                .await
                .map_err(|why| format!("{why}; {narrower}"))?,
        };
        let quarters = area.quarters();
        if quarters.is_empty() {
            return Err(narrower.to_owned());
        }
        let part = |area| Cell {
            text: cell.text.clone(),
            area: Some(area),
            level: cell.level + 1,
        };
        Ok(quarters.into_iter().map(part).collect())
    }

    /// The location's area; looked up once.
    async fn area(&mut self) -> Result<Area, String> {
        if matches!(self.located, Located::NotYet) {
            self.located = self.look_up().await;
        }
        match &self.located {
            Located::At(area) => Ok(*area),
            Located::Unknown(why) => Err(why.clone()),
            Located::NotYet => Err("its area was not looked up".to_owned()),
        }
    }

    async fn look_up(&self) -> Located {
        let location = self.query.location.as_deref().map(str::trim);
        let Some(location) = location.filter(|text| !text.is_empty()) else {
            return Located::Unknown(
                "no `location` was given whose area could be split".to_owned(),
            );
        };
        if !self.may_call() {
            return Located::Unknown(calls_cap());
        }
        match self.google.locate(location).await {
            Ok(Some(area)) => Located::At(area),
            Ok(None) => Located::Unknown(format!("the service knows no area called `{location}`")),
            Err(failure) => {
                let why = chain(&failure);
                Located::Unknown(format!("the area of `{location}` is not known: {why}"))
            }
        }
    }

    /// Notes what was not asked any more.
    fn leave(&mut self, waiting: &VecDeque<Cell>) {
        let (cap, advice) = if let Some(code) = self.gathered.stopped_by() {
            (code, "run again later")
        } else if self.is_full() {
            (
                format!("`max_results` is {}", self.max),
                "raise it to see more",
            )
        } else {
            let advice = "search fewer keywords or a smaller location at once";
            (calls_cap(), advice)
        };
        let unsent = waiting.iter().filter(|cell| cell.area.is_none()).count();
        if unsent > 0 && self.is_full() {
            self.gathered.note(format!(
                "stopped at {} places (`max_results` is {}); {unsent} queries were not sent",
                self.gathered.places(),
                self.max
            ));
        }
        for cell in waiting {
            // A further keyword that was not needed is no gap; a part of a cut search is one.
            if cell.area.is_some() || !self.is_full() {
                let calls = u64::from(self.pages);
                self.cut(cell, cap.clone(), 0, calls, advice.to_owned());
            }
        }
    }

    fn cut(&mut self, cell: &Cell, cap: String, seen: u64, calls: u64, advice: String) {
        let price = SERVICE.price(SEARCH);
        let cut = Cut {
            cap,
            seen,
            calls,
            advice,
        };
        self.gathered.cut(cell, cut, price);
    }
}

fn calls_cap() -> String {
    format!("a search makes at most {CALLS_MAX} calls")
}
