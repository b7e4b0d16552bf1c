//! The port to sources of places: files, Google Places, Overpass.

use std::sync::Arc;

use async_trait::async_trait;
use hunter_contracts::{Cause, CoverageGap, GeoPoint, RecipeFailure, RejectedRecord, TenantId};
use jiff::Timestamp;

use crate::recipe::Caller;

/// What is looked for, after keyword expansion.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlaceQuery {
    /// Free-text terms, the customer's own first, then synonyms: `dentists`, `orthodontists`, …
    pub terms: Vec<String>,
    /// OpenStreetMap tags that mean the same, as in `("amenity", "dentist")`; a value of `*` means
    /// any.
    pub tags: Vec<(String, String)>,
    /// Town, region or country, as the customer wrote it.
    pub location: Option<String>,
    /// Most places wanted per run; a source may stop there and then says so.
    pub max_results: u32,
    /// 1–5; from 3 every page of every query.
    pub depth: u8,
}

/// A record as its source gave it: texts are trimmed and non-empty, nothing is normalised yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RawPlace {
    /// The source's id: `node/457567524`, a Google place id, `row/12`.
    pub source_id: String,
    /// The name in its own script.
    pub name: Option<String>,
    /// Names in other languages or scripts, as in `name:en`.
    pub other_names: Vec<String>,
    /// Phone numbers as written (a source may hold several).
    pub phones: Vec<String>,
    /// E-mail addresses as written.
    pub emails: Vec<String>,
    /// Web site as written.
    pub website: Option<String>,
    /// Social profiles as written.
    pub social_links: Vec<String>,
    /// Address on one line, as the source gives it or as composed from its parts.
    pub address: Option<String>,
    /// Street with number, for comparing addresses.
    pub street: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// Postal code.
    pub postcode: Option<String>,
    /// ISO 3166-1 alpha-2 where the source says it.
    pub country: Option<String>,
    /// Where it is.
    pub position: Option<GeoPoint>,
    /// What it is: OSM values and Google types, as in `dentist`, `fast_food`.
    pub categories: Vec<String>,
    /// All tags, as in `("amenity", "dentist")`; for Google its types as `("type", …)`.
    pub tags: Vec<(String, String)>,
    /// Stars, 0–5.
    pub rating: Option<f64>,
    /// Number of reviews.
    pub review_count: Option<u64>,
    /// Opening hours as written.
    pub opening_hours: Option<String>,
    /// Brand or chain.
    pub brand: Option<String>,
    /// Whether the source says it is closed for good.
    pub closed: bool,
    /// A page of the source that shows this record, for evidence.
    pub record_url: String,
    /// When the source says its data is from, else when it was read.
    pub as_of: Timestamp,
}

/// What a source answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlaceBatch {
    /// The records that can be looked at.
    pub places: Vec<RawPlace>,
    /// Records that are malformed or no place at all (untagged geometry nodes), each with its
    /// reason; `places.len() + unusable.len()` is everything the source held.
    pub unusable: Vec<RejectedRecord>,
    /// Limits that were reached and what lies beyond them.
    pub limits_reached: Vec<String>,
    /// What the source's terms want shown, as in `© OpenStreetMap contributors`.
    pub attribution: Option<String>,
    /// Where results were held back, and what it would take to see them.
    pub coverage: Vec<CoverageGap>,
    /// How long the source's terms allow to keep more of a record than its id, in seconds; absent:
    /// as long as one likes.
    pub content_ttl_s: Option<u64>,
}

/// A source of places.
#[async_trait]
pub trait PlaceSource: Send + Sync {
    /// The name that leads carry as `source`: `google_maps`, `overpass`, `file`.
    fn name(&self) -> &str;
    /// Whether the source itself applies terms and location (an API), or holds whatever it holds
    /// (a file), so that discovery filters.
    fn filters(&self) -> bool;
    /// Searches.
    ///
    /// # Errors
    /// With the `ErrorCode` of what went wrong; nothing is returned by halves.
    async fn search(&self, query: &PlaceQuery) -> Result<PlaceBatch, RecipeFailure>;
}

/// The sources that are configured here.
#[async_trait]
pub trait PlaceSources: Send + Sync {
    /// Names of what can be opened now, best first, with the reason in a few words:
    /// `("google_places", "a key is set")`.
    async fn available(&self, tenant: &TenantId) -> Vec<(String, String)>;
    /// Opens a source by its name as in `DiscoveryPayload::source`.
    ///
    /// # Errors
    /// `INVALID_INPUT` when there is no such source here, `SECRET_MISSING` without its key.
    async fn open(
        &self,
        caller: &Caller,
        name: &str,
    ) -> Result<Arc<dyn PlaceSource>, RecipeFailure>;
}

/// Why a page could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FetchFailure {
    /// The cause that is recorded for the values it would have held.
    pub cause: Cause,
    /// For a person, as in `HTTP 503 from http://…`.
    pub message: String,
    /// Whether trying again can help.
    pub retryable: bool,
}
