//! Delivers alerts to people: the alert queue comes in, e-mails go out.
//!
//! The rules are those of the run's agent as they are now (specification §6): whether the trigger
//! is on, how often, to whom, through which channels, in which words. Without a rule the customer
//! gets an e-mail. An alert is delivered once per channel and recipient, as far as a provider
//! without idempotency keys allows: a delivery that dies after sending is repeated after its lease.
//!
//! Text messages, WhatsApp and pushes over WebSocket have no channel yet. A rule that asks for them
//! is told so in the audit log, and its other channels are served.

mod channel;
mod deliver;
mod mail;
mod rules;
mod template;

use std::sync::Arc;

use hunter_contracts::{AlertRecord, EmailAddress, QueueRecord, RecipeFailure, to_json};
use hunter_core::{
    control_plane::{Handled, check_body, handle_batch, parse_batch},
    ports::{Clock, Mailer, Queue},
    recipe::parse_text,
    store::{Accounts, Store},
};
use serde::Deserialize;
use serde_json::Value;

pub use channel::{DeliveryChannel, Notice};
pub use deliver::LEASE;
pub use mail::EmailChannel;

/// Alerts that are delivered at once, where nobody says otherwise.
pub const CONCURRENCY_DEFAULT: usize = 4;
/// Most bytes of a message: an alert is far smaller, also within the envelope of its topic.
const ALERT_BYTES_MAX: usize = 64 * 1024;

/// What the function works with.
#[derive(Clone)]
pub struct Notify {
    /// The store of runs and agents.
    pub store: Arc<dyn Store>,
    /// The store of profiles, and of what was delivered.
    pub accounts: Arc<dyn Accounts>,
    /// The alert queue; only its dead letters are written to.
    pub alert_queue: Arc<dyn Queue>,
    /// The channels that there are.
    pub channels: Vec<Arc<dyn DeliveryChannel>>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Whom the recipient `admin` stands for.
    pub admin_email: Option<EmailAddress>,
    /// Alerts at once, at least 1.
    pub concurrency: usize,
}

impl Notify {
    /// With e-mail as its only channel, without links, and [`CONCURRENCY_DEFAULT`]. Change the
    /// fields that differ.
    pub fn by_email<S: Store + Accounts + 'static>(
        store: Arc<S>,
        alert_queue: Arc<dyn Queue>,
        mailer: Arc<dyn Mailer>,
        clock: Arc<dyn Clock>,
        admin_email: EmailAddress,
    ) -> Self {
        let email = EmailChannel {
            mailer,
            console_url: None,
        };
        Self {
            store: store.clone(),
            accounts: store,
            alert_queue,
            channels: vec![Arc::new(email)],
            clock,
            admin_email: Some(admin_email),
            concurrency: CONCURRENCY_DEFAULT,
        }
    }
}

/// Delivers the alerts of a batch of the alert queue; answers a
/// [`hunter_contracts::BatchResponse`] with those that are to come again. What cannot be read, or
/// is refused by a provider for good, is buried with its reason.
///
/// # Errors
/// `INVALID_INPUT` for an event that is none of an SQS queue.
pub async fn handle(notify: &Notify, event: Value) -> Result<Value, RecipeFailure> {
    let event = parse_batch(event)?;
    let queue = notify.alert_queue.as_ref();
    let one = |record| handle_one(notify, record);
    let answer = handle_batch(queue, &event, notify.concurrency, one).await;
    Ok(to_json(&answer))
}

async fn handle_one(notify: &Notify, record: &QueueRecord) -> Handled {
    match read(&record.body) {
        Ok(alert) => deliver::deliver(notify, &alert).await,
        Err(failure) => Handled::failed(failure),
    }
}

/// What SNS wraps a message in where raw delivery is off; its other fields say nothing to us.
#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "Message")]
    message: String,
}

fn read(body: &str) -> Result<AlertRecord, RecipeFailure> {
    check_body(body, ALERT_BYTES_MAX)?;
    // No alert has a `Type`, and every message of a topic has one.
    let Ok(envelope) = serde_json::from_str::<Envelope>(body) else {
        return parse_text(body, "body");
    };
    if envelope.kind != "Notification" {
        return Err(RecipeFailure::invalid_input(format!(
            "`Type` is `{}`: only `Notification` holds an alert",
            envelope.kind.chars().take(40).collect::<String>()
        )));
    }
    parse_text(&envelope.message, "Message")
}
