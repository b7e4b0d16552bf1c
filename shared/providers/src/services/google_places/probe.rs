//! The cheapest question: whether the key is taken.

use hunter_contracts::RecipeFailure;

use super::{GooglePlaces, wire::SearchRequest};

/// The name on meters; the price table has none: a search for ids alone is free of charge (Text
/// Search Essentials, IDs Only).
const PROBE: &str = "probe";
const IDS_MASK: &str = "places.id";

impl GooglePlaces {
    /// Searches for one id.
    ///
    /// # Errors
    /// As the service refuses.
    pub(crate) async fn probe(&self) -> Result<String, RecipeFailure> {
        let request = SearchRequest {
            text_query: "restaurant",
            page_size: 1,
            page_token: None,
            location_restriction: None,
        };
        self.ask(PROBE, IDS_MASK, &request).await?;
        Ok("the key is taken (a search for ids alone)".to_owned())
    }
}
