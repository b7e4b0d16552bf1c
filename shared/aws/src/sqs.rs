//! Queues on SQS: a standard queue and the queue of its dead letters.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::{
    Client,
    types::{Message, MessageAttributeValue, MessageSystemAttributeName},
};
use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::ports::{DeadLetter, Queue, Received};

use crate::failure::{Codes, code, failure};

/// The largest message in bytes, attributes included.
const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// The longest delay.
const DELAY_MAX: Duration = Duration::from_secs(900);
/// The longest time out of sight.
const VISIBILITY_MAX: Duration = Duration::from_secs(12 * 3600);
/// How long a receive waits for a message: with 0, SQS asks a part of its servers only.
const WAIT_S: i32 = 1;
/// How long a dead letter is out of sight while it is moved.
const MOVE_S: i32 = 60;
/// The longest reason that is kept with a buried message.
const REASON_CHARS_MAX: usize = 1000;

/// Why a message was buried: the code and the words of its failure.
const ERROR_CODE: &str = "error_code";
const REASON: &str = "reason";

/// Source: the error sections of <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/>.
const CODES: &Codes = &[
    (
        "AWS.SimpleQueueService.NonExistentQueue",
        ErrorCode::InvalidConfiguration,
    ),
    ("QueueDoesNotExist", ErrorCode::InvalidConfiguration),
    ("InvalidAddress", ErrorCode::InvalidConfiguration),
    ("InvalidSecurity", ErrorCode::InvalidConfiguration),
    ("UnsupportedOperation", ErrorCode::InvalidConfiguration),
    (
        "AWS.SimpleQueueService.UnsupportedOperation",
        ErrorCode::InvalidConfiguration,
    ),
    ("InvalidMessageContents", ErrorCode::InvalidInput),
    ("InvalidAttributeValue", ErrorCode::InvalidInput),
    ("RequestThrottled", ErrorCode::ApiRateLimit),
    ("OverLimit", ErrorCode::ApiRateLimit),
    ("KmsThrottled", ErrorCode::ApiRateLimit),
    ("KMS.ThrottlingException", ErrorCode::ApiRateLimit),
    ("KmsAccessDenied", ErrorCode::AuthenticationFailed),
    ("KMS.AccessDeniedException", ErrorCode::AuthenticationFailed),
    ("KmsDisabled", ErrorCode::InvalidConfiguration),
    ("KMS.DisabledException", ErrorCode::InvalidConfiguration),
    ("KmsInvalidKeyUsage", ErrorCode::InvalidConfiguration),
    ("KmsInvalidState", ErrorCode::InvalidConfiguration),
    ("KmsNotFound", ErrorCode::InvalidConfiguration),
    ("KmsOptInRequired", ErrorCode::InvalidConfiguration),
];

/// A queue and its dead letters.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    url: String,
    dead_url: String,
}

impl SqsQueue {
    /// The queue at one address, whose dead letters are in the queue at another.
    #[must_use]
    pub fn new(client: Client, url: impl Into<String>, dead_url: impl Into<String>) -> Self {
        Self {
            client,
            url: url.into(),
            dead_url: dead_url.into(),
        }
    }

    async fn take(
        &self,
        url: &str,
        max: usize,
        visibility_s: i32,
    ) -> Result<Vec<Message>, RecipeFailure> {
        let received = self
            .client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(i32::try_from(max.clamp(1, 10)).unwrap_or(10))
            .visibility_timeout(visibility_s)
            .wait_time_seconds(WAIT_S)
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .send()
            .await;
        let received = received.map_err(|e| failure("SQS ReceiveMessage", CODES, &e))?;
        Ok(received.messages.unwrap_or_default())
    }

    async fn remove(&self, url: &str, receipt: &str) -> Result<(), RecipeFailure> {
        let request = self.client.delete_message().queue_url(url);
        match request.receipt_handle(receipt).send().await {
            Ok(_) => Ok(()),
            // It was received again since, or is gone already.
            Err(error) if code(&error) == "ReceiptHandleIsInvalid" => Ok(()),
            Err(error) => Err(failure("SQS DeleteMessage", CODES, &error)),
        }
    }
}

/// Whole seconds, rounded up.
fn seconds(field: &str, duration: Duration, max: Duration) -> Result<i32, RecipeFailure> {
    let whole = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    match i32::try_from(whole) {
        Ok(whole) if duration <= max => Ok(whole),
        _ => Err(RecipeFailure::invalid_input(format!(
            "`{field}` is {whole} s: SQS takes at most {} s",
            max.as_secs()
        ))),
    }
}

fn count(message: &Message, name: MessageSystemAttributeName) -> u64 {
    let attribute = message.attributes().and_then(|all| all.get(&name));
    attribute.and_then(|v| v.parse().ok()).unwrap_or_default()
}

/// Why a message was buried, from its attributes.
fn reason(message: &Message) -> Option<RecipeFailure> {
    let attribute = |name| message.message_attributes()?.get(name)?.string_value();
    let code = serde_json::Value::from(attribute(ERROR_CODE)?);
    // Another version may have buried it with a code that this one does not know.
    let code = serde_json::from_value(code).unwrap_or(ErrorCode::Internal);
    Some(RecipeFailure::new(
        code,
        attribute(REASON).unwrap_or_default(),
    ))
}

fn attribute(value: &str) -> Result<MessageAttributeValue, RecipeFailure> {
    let built = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value);
    built.build().map_err(RecipeFailure::defect)
}

/// A reason without the characters that SQS refuses, cut to what fits beside the body.
fn kept_reason(message: &str, room: usize) -> String {
    let allowed = |c: &char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
    let mut bytes = 0;
    let fits = |c: &char| {
        bytes += c.len_utf8();
        bytes <= room
    };
    let kept = message.chars().filter(allowed).take(REASON_CHARS_MAX);
    kept.take_while(fits).collect()
}

#[async_trait]
impl Queue for SqsQueue {
    async fn send(&self, body: &str, delay: Duration) -> Result<(), RecipeFailure> {
        if body.is_empty() || body.len() > MESSAGE_BYTES_MAX {
            return Err(RecipeFailure::invalid_input(format!(
                "`body` has {} bytes: send 1 to {MESSAGE_BYTES_MAX}",
                body.len()
            )));
        }
        let request = self.client.send_message().queue_url(&self.url);
        let request = request.delay_seconds(seconds("delay", delay, DELAY_MAX)?);
        let sent = request.message_body(body).send().await;
        sent.map(|_| ())
            .map_err(|error| failure("SQS SendMessage", CODES, &error))
    }

    async fn receive(
        &self,
        max: usize,
        visibility: Duration,
    ) -> Result<Vec<Received>, RecipeFailure> {
        let visibility_s = seconds("visibility", visibility, VISIBILITY_MAX)?;
        let messages = self.take(&self.url, max, visibility_s).await?;
        let received = |message: Message| Received {
            receive_count: u32::try_from(count(
                &message,
                MessageSystemAttributeName::ApproximateReceiveCount,
            ))
            .unwrap_or(u32::MAX)
            .max(1),
            body: message.body.unwrap_or_default(),
            receipt: message.receipt_handle.unwrap_or_default(),
        };
        Ok(messages.into_iter().map(received).collect())
    }

    async fn delete(&self, receipt: &str) -> Result<(), RecipeFailure> {
        self.remove(&self.url, receipt).await
    }

    async fn bury(&self, body: &str, reason: &RecipeFailure) -> Result<(), RecipeFailure> {
        let mut request = self.client.send_message().queue_url(&self.dead_url);
        let code: &str = reason.code.into();
        // Names, types and values of attributes count against the largest message.
        let framing = ERROR_CODE.len() + code.len() + REASON.len() + 2 * "String".len();
        if let Some(room) = MESSAGE_BYTES_MAX.checked_sub(body.len() + framing) {
            request = request.message_attributes(ERROR_CODE, attribute(code)?);
            let words = kept_reason(&reason.message, room);
            if !words.is_empty() {
                request = request.message_attributes(REASON, attribute(&words)?);
            }
        }
        let sent = request.message_body(body).send().await;
        sent.map(|_| ())
            .map_err(|error| failure("SQS SendMessage (dead letters)", CODES, &error))
    }

    async fn dead_letters(&self, max: usize) -> Result<Vec<DeadLetter>, RecipeFailure> {
        // In sight for others at once: looking takes nothing away.
        let mut messages = self.take(&self.dead_url, max, 0).await?;
        messages.sort_by_key(|m| count(m, MessageSystemAttributeName::SentTimestamp));
        let letter = |message: Message| DeadLetter {
            reason: reason(&message),
            body: message.body.unwrap_or_default(),
        };
        Ok(messages.into_iter().map(letter).collect())
    }

    async fn redrive(&self, max: usize) -> Result<usize, RecipeFailure> {
        let mut moved = 0;
        while moved < max {
            let messages = self.take(&self.dead_url, max - moved, MOVE_S).await?;
            if messages.is_empty() {
                break;
            }
            for message in messages {
                // There first, so that it can be twice but never lost.
                self.send(message.body().unwrap_or_default(), Duration::ZERO)
                    .await?;
                let receipt = message.receipt_handle().unwrap_or_default();
                self.remove(&self.dead_url, receipt).await?;
                moved += 1;
            }
        }
        Ok(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_cleaned_and_fits() {
        assert_eq!(kept_reason("a\u{0}b\nc\u{ffff}ä", 99), "abcä");
        assert_eq!(kept_reason("aää", 4), "aä");
        assert_eq!(kept_reason(&"x".repeat(2000), 9999).len(), REASON_CHARS_MAX);
    }

    #[test]
    fn parts_of_a_second_are_rounded_up() {
        let of = |ms, max_s| {
            let (duration, max) = (Duration::from_millis(ms), Duration::from_secs(max_s));
            seconds("delay", duration, max).map_err(|failure| failure.code)
        };
        assert_eq!(of(0, 900), Ok(0));
        assert_eq!(of(1, 900), Ok(1));
        assert_eq!(of(900_000, 900), Ok(900));
        assert_eq!(of(900_001, 900), Err(ErrorCode::InvalidInput));
    }
}
