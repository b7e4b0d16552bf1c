//! The outreach recipe: turns messages into drafts for the customer to review.
//!
//! Nothing can be sent from here: the crate sees the store and the clock, no channel. The recipient
//! and the channel come from recorded data and the customer's configuration
//! ([`hunter_core::rules::route`]), never from a message. Addresses on the suppression list are taken out
//! before.

mod drafts;
mod format;
mod sms;
mod suppressed;

use std::sync::Arc;

use async_trait::async_trait;
use hunter_contracts::{
    ErrorCode, OutreachData, OutreachPayload, RecipeFailure, RecipeId, check_limits,
};
use hunter_core::recipe::{
    Context, CorrespondenceComponent, Outcome, Recipe, require_leads, validate_leads,
};

pub use format::{ChannelFormatter, subject_line};
pub use sms::{Encoding, Segments, segments, to_gsm7};

/// Most leads in one call.
pub const LEADS_LIMIT: usize = 1_000;

/// The recipe.
#[derive(Clone)]
pub struct Outreach {
    formatter: Arc<dyn CorrespondenceComponent>,
}

impl Outreach {
    /// With a formatter of messages.
    #[must_use]
    pub fn new(formatter: Arc<dyn CorrespondenceComponent>) -> Self {
        Self { formatter }
    }
}

impl Default for Outreach {
    /// With [`ChannelFormatter`].
    fn default() -> Self {
        Self::new(Arc::new(ChannelFormatter))
    }
}

#[async_trait]
impl Recipe for Outreach {
    const ID: RecipeId = RecipeId::Outreach;
    type Payload = OutreachPayload;
    type Data = OutreachData;

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
        drafts::run(self.formatter.as_ref(), context, payload).await
    }
}
