//! The personalization recipe: writes one short message per lead that could have been written to
//! nobody else, from facts that were found and from what the seller says of itself.
//!
//! A writer (an [`AiComponent`]: the rules engine [`RulesWriter`], or a model) proposes sentences,
//! each with what it rests on. A checker that trusts no writer cuts every sentence that does not
//! hold. What is left is scored by named checks (`quality.rs`), compared with the other messages
//! of the step, and rewritten with another wording where it is too close to one of them.
//!
//! The rules engine writes English, whatever the language of the lead's site: the seller's texts
//! stand in the message word for word, so its language is theirs. Titles are quoted in their own.

mod facts;
mod grammar;
mod message;
mod people;
mod quality;
mod step;
mod supplied;
mod text;
mod verify;
mod writer;

use std::sync::Arc;

use async_trait::async_trait;
use hunter_contracts::{LeadsData, PersonalizationPayload, RecipeFailure, RecipeId};
use hunter_core::{AiComponent, Context, Outcome, Recipe, require_leads, validate_leads};

pub use message::{Composition, Role, Sentence, WriteRequest, assemble};
pub use writer::{RULES_MODEL, RulesWriter};

/// Most leads in one call.
pub const LEADS_LIMIT: usize = 1_000;

/// The recipe.
#[derive(Clone)]
pub struct Personalization {
    writer: Arc<dyn AiComponent<WriteRequest, Composition>>,
}

impl Personalization {
    /// With a writer of messages.
    #[must_use]
    pub fn new(writer: Arc<dyn AiComponent<WriteRequest, Composition>>) -> Self {
        Self { writer }
    }

    /// With the rules engine.
    #[must_use]
    pub fn rules() -> Self {
        Self::new(Arc::new(RulesWriter))
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
        step::run(self.writer.as_ref(), context, payload).await
    }
}
