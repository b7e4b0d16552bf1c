//! The personalization recipe: writes one short message per lead that could have been written to
//! nobody else, from facts that were found and from what the seller says of itself.
//!
//! 1. **Facts** (`facts`): only what may be quoted goes on; a model is given it as numbered data
//!    (`write/request.rs`).
//! 2. **Writer** (`write`): the customer's models one after the other, at last the rules engine
//!    (`write/rules.rs`). All answer in the same shape.
//! 3. **Checker** (`check/review`): a program that trusts no writer. Objections go back to a model;
//!    what still does not hold is cut, and where the rest is not whole (`check/whole.rs`), the next
//!    writer is asked.
//! 4. **Gates** (`check/gates`) that no message may break.
//! 5. **Judge** (`score/judge.rs`): another model's opinion, with a bounded say in the score
//!    (`score/quality.rs`).
//!
//! Then messages of the step are compared, and one that is too close to another is worded anew or
//! held back (`step.rs`). `docs/messages.md` tells all of it, with what can still slip.
//!
//! A model writes in the lead's language where the seller has texts in it
//! (`seller.translations`), else in the seller's. The rules engine writes English. Titles are
//! quoted in their own language.

mod author;
mod check;
mod facts;
mod score;
mod step;
mod words;
mod write;

use std::sync::Arc;

use async_trait::async_trait;
use hunter_contracts::{
    ErrorCode, LeadsData, PersonalizationPayload, RecipeFailure, RecipeId, check_limits,
};
use hunter_core::{
    ports::{Models, NoModels},
    recipe::{Context, Outcome, Recipe, require_leads, validate_leads},
};

/// Most leads in one call.
pub const LEADS_LIMIT: usize = 1_000;

/// The recipe.
#[derive(Clone)]
pub struct Personalization {
    models: Arc<dyn Models>,
}

impl Personalization {
    /// With a customer's models for writing, polishing and judging; the rules engine stands behind
    /// them.
    #[must_use]
    pub fn new(models: Arc<dyn Models>) -> Self {
        Self { models }
    }

    /// With the rules engine alone.
    #[must_use]
    pub fn rules() -> Self {
        Self::new(Arc::new(NoModels))
    }
}

#[async_trait]
impl Recipe for Personalization {
    const ID: RecipeId = RecipeId::Personalization;
    type Payload = PersonalizationPayload;
    type Data = LeadsData;

    fn validate(&self, payload: &Self::Payload) -> Result<(), RecipeFailure> {
        require_leads(payload)?;
        validate_leads(payload, LEADS_LIMIT)?;
        check_limits(payload, "", ErrorCode::InvalidInput)
    }

    async fn run(
        &self,
        context: &Context,
        payload: Self::Payload,
    ) -> Result<Outcome<Self::Data>, RecipeFailure> {
        step::run(self.models.as_ref(), context, payload).await
    }
}
