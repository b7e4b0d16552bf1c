//! Google Places API (New), Text Search: `POST /v1/places:searchText`.
//! <https://developers.google.com/maps/documentation/places/web-service/text-search>

mod error;
mod gathered;
mod grid;
mod probe;
mod search;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use hunter_contracts::{Dollars, ErrorCode, RecipeFailure};
use hunter_core::{
    ports::{PlaceBatch, PlaceQuery, PlaceSource},
    recipe::Caller,
};
use jiff::civil::date;
use reqwest::header::HeaderName;

use crate::{
    client::{ApiClient, Call, Endpoint, Pricing, Rate, Service, Shared},
    spec::{Kind, ServiceSpec},
};
use grid::Area;
use search::Search;
use wire::{SearchAnswer, SearchRequest};

/// As documented; the quota is a project's default for Text Search, 600 calls a minute.
pub(crate) static SERVICE: ServiceSpec = ServiceSpec {
    service: Service {
        id: "google_places",
        name: "Google Places",
        refusal: error::meaning,
        rate: Rate {
            calls: 600,
            per_ms: 60_000,
        },
        prices: Pricing::List {
            as_of: date(2026, 11, 22),
            units: &[
                // Text Search with fields of the Enterprise price; per call of up to 20 places.
                (SEARCH, Dollars::from_nanos(35_000_000)),
                // Text Search with `viewport`, `location`, `types`, `formattedAddress`: the Pro price; per
                // call.
                (LOCATE, Dollars::from_nanos(32_000_000)),
            ],
        },
    },
    kind: Kind::Places,
    key: Some("google_maps_api_key"),
    base_url: Some("https://places.googleapis.com"),
    variable: "HUNTER_GOOGLE_PLACES_URL",
    gives: "places with ratings",
    attribution: Some("Google Maps"),
};

const PATH: &str = "/v1/places:searchText";
/// The name that leads carry as `source`.
const SOURCE: &str = "google_maps";
/// Results per page that the service allows.
const PAGE_SIZE: u32 = 20;
/// Pages that the service gives per query.
const PAGES_MAX: u32 = 3;
/// Results that the service gives per query, on all its pages.
const RESULTS_MAX: u32 = PAGE_SIZE * PAGES_MAX;
/// What a search for places costs is in the price table under this name: Text Search Enterprise,
/// since ratings, phone numbers and sites are asked for.
const SEARCH: &str = "search";
/// Looking up where a location lies: Text Search Pro, the cheapest price that shows a viewport.
const LOCATE: &str = "locate";
/// How long the terms allow to keep more of a place than its id: 30 days.
const CONTENT_TTL_S: u64 = 30 * 24 * 60 * 60;
/// What is asked for, without spaces; every field is paid for by its dearest one.
const FIELD_MASK: &str = "places.id,places.displayName,places.formattedAddress,\
places.addressComponents,places.location,places.types,places.primaryType,places.rating,\
places.userRatingCount,places.websiteUri,places.nationalPhoneNumber,\
places.internationalPhoneNumber,places.businessStatus,places.googleMapsUri,\
places.regularOpeningHours.weekdayDescriptions,nextPageToken";
/// What is asked about a location.
const LOCATE_MASK: &str = "places.viewport,places.location,places.types,places.formattedAddress";

const KEY_HEADER: HeaderName = HeaderName::from_static("x-goog-api-key");
const MASK_HEADER: HeaderName = HeaderName::from_static("x-goog-fieldmask");

/// A client of Google Places with one customer's key.
pub struct GooglePlaces {
    client: ApiClient,
    key: String,
    caller: Caller,
}

impl GooglePlaces {
    /// A client for `https://places.googleapis.com` or a stand-in, on behalf of a caller.
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
            user_agent: concat!("hunter/", env!("CARGO_PKG_VERSION")).to_owned(),
            ..Endpoint::new(base_url)
        };
        Ok(Self {
            client: ApiClient::new(&SERVICE, endpoint, shared)?,
            key,
            caller,
        })
    }

    /// One page of a query.
    async fn page(&self, request: &SearchRequest<'_>) -> Result<SearchAnswer, RecipeFailure> {
        self.ask(SEARCH, FIELD_MASK, request).await
    }

    /// Where a location lies; nothing where the service knows no such area.
    async fn locate(&self, location: &str) -> Result<Option<Area>, RecipeFailure> {
        let request = SearchRequest {
            text_query: location,
            page_size: 1,
            page_token: None,
            location_restriction: None,
        };
        let answer = self.ask(LOCATE, LOCATE_MASK, &request).await?;
        Ok(wire::area(answer.places))
    }

    async fn ask(
        &self,
        operation: &'static str,
        mask: &'static str,
        request: &SearchRequest<'_>,
    ) -> Result<SearchAnswer, RecipeFailure> {
        let body = serde_json::to_value(request).map_err(RecipeFailure::defect)?;
        let mut call = Call::post(operation, PATH, &body)
            .secret(KEY_HEADER, &self.key)?
            .header(MASK_HEADER, mask);
        call.disguised = Some(error::disguised);
        let read = self.client.json(&self.caller, &call).await?;
        // Only answers are billed, each page as a call of its own.
        self.client.bill(&self.caller, operation, 1);
        Ok(read)
    }
}

#[async_trait]
impl PlaceSource for GooglePlaces {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn filters(&self) -> bool {
        true
    }

    /// One query per term, `term in location`. The terms are those that the caller's depth allows
    /// (from 2 with synonyms); below 3 the first page of each is read. From 3 a query that meets
    /// the service's limit of 60 results is asked again in the quarters of the location's area,
    /// and those again: one level at depth 3, two at 4, three at 5. Places are told apart by their
    /// id. What stays hidden is in `coverage`. A rate limit or an outage after results ends the
    /// search with a note in `limits_reached`; without results it is an error.
    async fn search(&self, query: &PlaceQuery) -> Result<PlaceBatch, RecipeFailure> {
        let texts = crate::queries::query_texts(query, " in ");
        if texts.is_empty() {
            return Err(RecipeFailure::new(
                ErrorCode::InvalidInput,
                "`keywords`: Google Places needs at least one",
            ));
        }
        let mut batch = Search::new(self, query).run(texts).await?;
        batch.attribution = SERVICE.attribution.map(str::to_owned);
        batch.content_ttl_s = Some(CONTENT_TTL_S);
        Ok(batch)
    }
}
