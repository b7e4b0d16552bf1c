//! The personalization recipe: writes one short message per lead that could have been written to
//! nobody else, from facts that were found and from what the seller says of itself.
//!
//! 1. **Facts** (`facts.rs`, `text.rs`, `material.rs`): only what may be quoted goes on; a model is
//!    given it as numbered data (`wire.rs`).
//! 2. **Writer** (`author.rs`): the customer's models one after the other, at last the rules engine
//!    [`RulesWriter`] (`writer.rs`). Each sentence says what it rests on.
//! 3. **Checker** (`prose.rs` for models, `verify.rs` for the rules engine): a program that trusts
//!    no writer. Objections go back to the model; what still does not hold is cut, and where the
//!    rest is not whole (`whole.rs`), the next writer is asked.
//! 4. **Gates** (`gates.rs`) that no message may break.
//! 5. **Judge** (`judge.rs`): another model's opinion, with a bounded say in the score
//!    (`quality.rs`).
//!
//! Then messages of the step are compared, and one that is too close to another is worded anew or
//! held back (`step.rs`). `docs/messages.md` tells all of it, with what can still slip.
//!
//! A model writes in the lead's language where the seller has texts in it
//! (`seller.translations`), else in the seller's. The rules engine writes English. Titles are
//! quoted in their own language.

mod author;
mod facts;
mod gates;
mod grammar;
mod judge;
mod language;
mod material;
mod message;
mod people;
mod prose;
mod quality;
mod step;
mod supplied;
mod text;
mod tokens;
mod verify;
mod whole;
mod wire;
mod writer;

use std::sync::Arc;

use async_trait::async_trait;
use hunter_contracts::{LeadsData, PersonalizationPayload, RecipeFailure, RecipeId};
use hunter_core::{
    ports::{Models, NoModels},
    recipe::{AiComponent, Context, Outcome, Recipe, require_leads, validate_leads},
};

pub use message::{Composition, Role, Sentence, WriteRequest, assemble};
pub use writer::{RULES_MODEL, RulesWriter};

/// Most leads in one call.
pub const LEADS_LIMIT: usize = 1_000;

/// The recipe.
#[derive(Clone)]
pub struct Personalization {
    models: Arc<dyn Models>,
    rules: Arc<dyn AiComponent<WriteRequest, Composition>>,
}

impl Personalization {
    /// With a customer's models for writing, polishing and judging; the rules engine stands behind
    /// them.
    #[must_use]
    pub fn new(models: Arc<dyn Models>) -> Self {
        Self {
            models,
            rules: Arc::new(RulesWriter),
        }
    }

    /// With the rules engine alone.
    #[must_use]
    pub fn rules() -> Self {
        Self::new(Arc::new(NoModels))
    }

    /// With another engine at the end of the chain. What it proposes is checked like the rules
    /// engine's.
    #[must_use]
    pub fn with_rules(self, rules: Arc<dyn AiComponent<WriteRequest, Composition>>) -> Self {
        Self { rules, ..self }
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
        let invalid = |text: String| Err(RecipeFailure::invalid_input(text));
        if let Some(words) = payload.max_length.filter(|n| !(20..=200).contains(n)) {
            return invalid(format!("`max_length` is {words}: use 20 to 200"));
        }
        let context = payload.template_context.as_deref().unwrap_or_default();
        if context.chars().count() > 200 {
            return invalid("`template_context` is longer than 200 characters: shorten it".into());
        }
        Ok(())
    }

    async fn run(
        &self,
        context: &Context,
        payload: Self::Payload,
    ) -> Result<Outcome<Self::Data>, RecipeFailure> {
        step::run(self.models.as_ref(), self.rules.as_ref(), context, payload).await
    }
}
