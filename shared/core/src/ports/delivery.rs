//! The remaining ports: queues, e-mail, alerts.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use hunter_contracts::{AlertRecord, EmailAddress, RecipeFailure};

/// A message that was received from a queue and must be deleted when it is done with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The body.
    pub body: String,
    /// Deletes it; good until it is received again.
    pub receipt: String,
    /// How often it was received, this time included.
    pub receive_count: u32,
}

/// A queue with at-least-once delivery, a visibility timeout and a dead-letter queue, as SQS is.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Puts a message in; it can be received after `delay`.
    ///
    /// # Errors
    /// When the queue cannot be reached, or the body exceeds 1 MiB.
    async fn send(&self, body: &str, delay: Duration) -> Result<(), RecipeFailure>;
    /// Takes up to `max` (1–10) messages out of sight for `visibility`.
    ///
    /// # Errors
    /// When the queue cannot be reached.
    async fn receive(
        &self,
        max: usize,
        visibility: Duration,
    ) -> Result<Vec<Received>, RecipeFailure>;
    /// Deletes a received message; a receipt that is no longer good changes nothing.
    ///
    /// # Errors
    /// When the queue cannot be reached.
    async fn delete(&self, receipt: &str) -> Result<(), RecipeFailure>;
    /// Puts a message that will never succeed to the dead letters, with the reason.
    ///
    /// # Errors
    /// When the queue cannot be reached.
    async fn bury(&self, body: &str, reason: &RecipeFailure) -> Result<(), RecipeFailure>;
    /// Up to `max` (1–10) messages that were received too often or were buried, oldest first. They
    /// stay where they are.
    ///
    /// # Errors
    /// When the queue cannot be reached.
    async fn dead_letters(&self, max: usize) -> Result<Vec<DeadLetter>, RecipeFailure>;
    /// Puts up to `max` dead letters back into the queue, the body as it was; answers how many.
    ///
    /// # Errors
    /// When the queue cannot be reached; what was put back by then stays there.
    async fn redrive(&self, max: usize) -> Result<usize, RecipeFailure>;
}

/// A message that nobody could handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// The body as it was sent.
    pub body: String,
    /// Why it was buried; absent for one that was received too often.
    pub reason: Option<RecipeFailure>,
}

/// Most recipients of one e-mail, as SES has it.
const RECIPIENTS_MAX: usize = 50;
/// Longest line of a message without its end, as RFC 5322 has it.
const SUBJECT_BYTES_MAX: usize = 998;

/// An e-mail of the Hunter to its own customers (never to leads: recipes cannot send).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// The recipients.
    pub to: Vec<EmailAddress>,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML, where there is one.
    pub html: Option<String>,
}

impl Email {
    /// Refuses what could break out of a header, says nothing or is for nobody. Every [`Mailer`]
    /// asks this first.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming the field.
    pub fn check(&self) -> Result<(), RecipeFailure> {
        let invalid = |message: String| Err(RecipeFailure::invalid_input(message));
        if !(1..=RECIPIENTS_MAX).contains(&self.to.len()) {
            return invalid(format!(
                "`to` holds {} recipients: use 1 to {RECIPIENTS_MAX}",
                self.to.len()
            ));
        }
        if self.subject.len() > SUBJECT_BYTES_MAX || self.subject.chars().any(char::is_control) {
            return invalid(format!(
                "`subject` holds a line break or control character, or is longer than \
                 {SUBJECT_BYTES_MAX} bytes"
            ));
        }
        if self.text.trim().is_empty() {
            return invalid("`text` is empty: every mail has a text, also one with HTML".into());
        }
        Ok(())
    }
}

/// Sends e-mail to customers.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends; answers the provider's message id.
    ///
    /// # Errors
    /// `INVALID_INPUT` for what [`Email::check`] refuses.
    async fn send(&self, email: &Email) -> Result<String, RecipeFailure>;
}

/// Hands raised alerts on to whoever delivers them.
#[async_trait]
pub trait AlertPublisher: Send + Sync {
    /// Publishes one alert.
    ///
    /// # Errors
    /// When it cannot be handed on.
    async fn publish(&self, alert: &AlertRecord) -> Result<(), RecipeFailure>;
}

/// Publishes nowhere: alerts are stored only.
#[derive(Debug, Clone, Copy, Default)]
pub struct StoredOnly;

#[async_trait]
impl AlertPublisher for StoredOnly {
    async fn publish(&self, _: &AlertRecord) -> Result<(), RecipeFailure> {
        Ok(())
    }
}

/// Stores an alert and publishes it. One that stands already is published again: the step that
/// stored it may have died before it was published, and whoever delivers it delivers it once.
///
/// # Errors
/// When the store or the publisher fails.
pub async fn raise_alert(
    store: &Arc<dyn crate::store::TenantStore>,
    publisher: &Arc<dyn AlertPublisher>,
    alert: &AlertRecord,
) -> Result<(), RecipeFailure> {
    store.put_alert(alert).await?;
    publisher.publish(alert).await
}
