//! The search itself: the recipe's action component around a source of places.

use std::sync::Arc;

use async_trait::async_trait;
use hunter_contracts::{Credits, RecipeFailure};
use hunter_core::{
    ports::{PlaceBatch, PlaceSource},
    recipe::{ActionComponent, ActionResult, Decision},
};

use crate::strategy::SearchPlan;

/// Searches one source.
pub struct PlaceSearch {
    source: Arc<dyn PlaceSource>,
}

impl PlaceSearch {
    /// Around an open source.
    #[must_use]
    pub fn new(source: Arc<dyn PlaceSource>) -> Self {
        Self { source }
    }
}

#[async_trait]
impl ActionComponent<SearchPlan, PlaceBatch> for PlaceSearch {
    async fn execute(
        &self,
        decision: &Decision<SearchPlan>,
    ) -> Result<ActionResult<PlaceBatch>, RecipeFailure> {
        let batch = self.source.search(&decision.parameters.query).await?;
        Ok(ActionResult {
            api_calls: batch.api_calls,
            // Discovery is charged per lead screened, not per call.
            credits_consumed: Credits::ZERO,
            data: batch,
        })
    }
}
