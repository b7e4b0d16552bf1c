//! How a notice reaches a person.

use async_trait::async_trait;
use hunter_contracts::{AlertChannel, AlertRecord, EmailAddress, RecipeFailure};

/// What a person is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// The alert.
    pub alert: AlertRecord,
    /// The rule's own words instead of title, message and suggestion.
    pub text: Option<String>,
    /// What the reader should know about the rule, as in a placeholder that there is none of.
    pub notes: Vec<String>,
}

/// A channel: e-mail today; text messages, WhatsApp and WebSocket when they come.
#[async_trait]
pub trait DeliveryChannel: Send + Sync {
    /// Which one.
    fn channel(&self) -> AlertChannel;

    /// Delivers a notice to one recipient. Answers the provider's id of the message.
    ///
    /// # Errors
    /// `INVALID_INPUT` or `NOT_FOUND` for a recipient that cannot be reached ever; a retryable code
    /// for what can pass; any other one for what a person has to mend first.
    async fn deliver(
        &self,
        notice: &Notice,
        recipient: &EmailAddress,
    ) -> Result<String, RecipeFailure>;
}
