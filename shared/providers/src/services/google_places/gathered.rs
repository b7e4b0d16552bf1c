//! The results of all queries of a search: each place once, and what stayed hidden.

use std::collections::HashSet;

use hunter_contracts::{CoverageGap, Dollars, ErrorCode, RecipeFailure, chain};
use hunter_core::ports::PlaceBatch;
use jiff::Timestamp;
use serde_json::Value;

use super::{SOURCE, grid::Area, wire};

/// Gaps that are listed one by one; the others are only counted.
const GAPS_MAX: usize = 50;

/// A query, in the whole location or in a part of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    /// As in `dentists in Leipzig`.
    pub(super) text: String,
    /// Absent: wherever the service looks.
    pub(super) area: Option<Area>,
    /// How often the area was cut.
    pub(super) level: u8,
}

/// Why a query does not show everything.
pub(super) struct Cut {
    pub(super) cap: String,
    pub(super) seen: u64,
    /// Calls that would show the rest.
    pub(super) calls: u64,
    pub(super) advice: String,
}

/// Collects.
#[derive(Default)]
pub(super) struct Gathered {
    batch: PlaceBatch,
    ids: HashSet<String>,
    unlisted: u64,
    failure: Option<RecipeFailure>,
    failed: Vec<String>,
}

impl Gathered {
    pub(super) fn places(&self) -> usize {
        self.batch.places.len()
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Takes a page's records, each id once.
    pub(super) fn take(&mut self, places: Vec<Value>, now: Timestamp) {
        for value in places {
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
    }

    /// Notes that a query shows less than there is, at `price` per call.
    pub(super) fn cut(&mut self, cell: &Cell, cut: Cut, price: Dollars) {
        let note = format!("`{}`: {}; {}", cell.text, cut.cap, cut.advice);
        if !self.batch.limits_reached.contains(&note) {
            self.batch.limits_reached.push(note);
        }
        if self.batch.coverage.len() >= GAPS_MAX {
            self.unlisted += 1;
            return;
        }
        self.batch.coverage.push(CoverageGap {
            source: SOURCE.to_owned(),
            query: cell.text.clone(),
            area: cell.area.map(|area| (area.low, area.high)),
            cap: cut.cap,
            seen: cut.seen,
            calls_needed: cut.calls,
            cost_needed: price.times(cut.calls),
            advice: cut.advice,
        });
    }

    /// Notes what stopped the search. What is there already is kept, unless the key is refused:
    /// that is for the customer to mend before anything else.
    ///
    /// # Errors
    /// The failure itself, where nothing is kept.
    pub(super) fn fail(
        &mut self,
        cell: &Cell,
        failure: RecipeFailure,
    ) -> Result<(), RecipeFailure> {
        if failure.code == ErrorCode::AuthenticationFailed {
            return Err(failure);
        }
        if !self.failed.contains(&cell.text) {
            self.failed.push(cell.text.clone());
        }
        self.failure.get_or_insert(failure);
        Ok(())
    }

    /// What stopped the search, in a few words.
    pub(super) fn stopped_by(&self) -> Option<String> {
        self.failure.as_ref().map(|f| f.code.to_string())
    }

    /// A note for a person.
    pub(super) fn note(&mut self, note: String) {
        self.batch.limits_reached.push(note);
    }

    /// A failure with nothing found is the answer; with results it is a note.
    ///
    /// # Errors
    /// That failure.
    pub(super) fn finish(mut self) -> Result<PlaceBatch, RecipeFailure> {
        if let Some(failure) = self.failure {
            if self.batch.places.is_empty() && self.batch.unusable.is_empty() {
                return Err(failure);
            }
            let (why, failed) = (chain(&failure), self.failed.join("`, `"));
            let note = format!("not complete: {why} for `{failed}`; run again later for the rest");
            self.batch.limits_reached.insert(0, note);
        }
        if self.unlisted > 0 {
            self.batch.limits_reached.push(format!(
                "{GAPS_MAX} searches that were cut off are listed; {} more are only counted",
                self.unlisted
            ));
        }
        Ok(self.batch)
    }
}
