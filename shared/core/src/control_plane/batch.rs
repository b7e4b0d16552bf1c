//! A batch of a queue's messages, as Lambda hands it over: each message ends for itself.

use futures::{StreamExt, stream};
use hunter_contracts::{
    BatchItemFailure, BatchResponse, ErrorCode, QueueEvent, QueueRecord, RecipeFailure,
};
use serde_json::Value;

use crate::{ports::Queue, recipe::parse};

/// Most messages that SQS hands over at once.
pub const BATCH_RECORDS_MAX: usize = 10_000;
/// Most characters of a reason that goes to the dead letters: it becomes an attribute there.
const REASON_CHARS_MAX: usize = 1_000;

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handled {
    /// It is done with.
    Done,
    /// It comes again: trying again can help.
    Again(RecipeFailure),
    /// It is buried: it will never succeed as things stand. Redriven, it is tried again.
    Never(RecipeFailure),
}

impl Handled {
    /// What a failure means for its message: the code's own nature decides.
    #[must_use]
    pub fn failed(failure: RecipeFailure) -> Self {
        if failure.code.retryable() {
            Self::Again(failure)
        } else {
            Self::Never(failure)
        }
    }
}

/// Reads an event that must be a batch of an SQS queue.
///
/// # Errors
/// `INVALID_INPUT` naming the field, also for more than [`BATCH_RECORDS_MAX`] messages.
pub fn parse_batch(event: Value) -> Result<QueueEvent, RecipeFailure> {
    let event: QueueEvent = parse(event, "")?;
    let count = event.records.len();
    if count > BATCH_RECORDS_MAX {
        return Err(RecipeFailure::invalid_input(format!(
            "`Records` holds {count} messages: at most {BATCH_RECORDS_MAX} are allowed"
        )));
    }
    Ok(event)
}

/// Handles the bodies of a batch, `concurrency` at once. A message that never succeeds goes to the
/// dead letters of `queue` with its reason; where that fails it comes again.
pub async fn handle_batch<'a, F, Fut>(
    queue: &dyn Queue,
    event: &'a QueueEvent,
    concurrency: usize,
    handle: F,
) -> BatchResponse
where
    F: Fn(&'a QueueRecord) -> Fut,
    Fut: Future<Output = Handled>,
{
    let mut records: Vec<_> = Vec::with_capacity(event.records.len());
    for record in &event.records {
        let handled = handle(record);
        records.push(async move { end(queue, record, handled.await).await });
    }
    let ended: Vec<Option<BatchItemFailure>> = stream::iter(records)
        .buffered(concurrency.max(1))
        .collect()
        .await;
    BatchResponse {
        batch_item_failures: ended.into_iter().flatten().collect(),
    }
}

/// Ends a message; answers it where it is to come again.
async fn end(
    queue: &dyn Queue,
    record: &QueueRecord,
    handled: Handled,
) -> Option<BatchItemFailure> {
    let message_id = record.message_id.as_str();
    let failure = match handled {
        Handled::Done => return None,
        Handled::Again(failure) => failure,
        Handled::Never(reason) => match bury(queue, &record.body, &reason).await {
            Ok(()) => return None,
            Err(failure) => failure,
        },
    };
    tracing::warn!(message_id, error_code = %failure.code, reason = failure.told(), "comes again");
    Some(BatchItemFailure {
        item_identifier: record.message_id.clone(),
    })
}

/// Puts a message that never succeeds to the dead letters, with a reason that fits there.
///
/// # Errors
/// When the queue cannot be reached.
pub async fn bury(
    queue: &dyn Queue,
    body: &str,
    reason: &RecipeFailure,
) -> Result<(), RecipeFailure> {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let told = reason.told();
    let message: String = told.chars().map(plain).take(REASON_CHARS_MAX).collect();
    let reason = RecipeFailure::new(reason.code, message).after(reason.retry_after_ms);
    queue.bury(body, &reason).await?;
    // The reason quotes the message, which is no business of the log's.
    tracing::error!(error_code = %reason.code, "message is buried: its reason is with it");
    Ok(())
}

/// Refuses a body that is larger than its kind can be.
///
/// # Errors
/// `LIMIT_EXCEEDED`.
pub fn check_body(body: &str, bytes_max: usize) -> Result<(), RecipeFailure> {
    if body.len() > bytes_max {
        return Err(RecipeFailure::new(
            ErrorCode::LimitExceeded,
            format!(
                "the message has {} bytes: at most {bytes_max} are allowed",
                body.len()
            ),
        ));
    }
    Ok(())
}
