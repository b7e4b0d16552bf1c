//! When to send a request again, and what to say when it is given up.

use std::{
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    types::CancellationReason,
};
use hunter_contracts::chain;
use hunter_core::{
    ports::Clock,
    store::{StoreError, StoreResult},
};

/// Most times that a request is sent.
const ATTEMPTS_MAX: u32 = 12;
/// The longest first wait; it doubles from attempt to attempt.
const WAIT_BASE_MS: u64 = 25;
/// The longest wait.
const WAIT_MAX_MS: u64 = 2_000;

/// Counts the attempts of one request and waits between them.
///
/// The waits are spread over their whole range (full jitter) by a hash of the key that is written
/// and the attempt: writers of different items part, and a simulation repeats exactly.
pub(super) struct Attempts<'a> {
    clock: &'a dyn Clock,
    seed: u64,
    made: u32,
}

impl<'a> Attempts<'a> {
    pub(super) fn new(clock: &'a dyn Clock, pk: &str, sk: &str) -> Self {
        let mut hash = DefaultHasher::new();
        (pk, sk).hash(&mut hash);
        let seed = hash.finish();
        Self {
            clock,
            seed,
            made: 0,
        }
    }

    /// Waits before the next attempt.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] with the last error when there is no next attempt.
    pub(super) async fn wait<E>(&mut self, error: &SdkError<E>) -> StoreResult<()>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        self.wait_for(describe(error)).await
    }

    /// As [`Attempts::wait`], with a reason in words.
    pub(super) async fn wait_for(&mut self, reason: impl fmt::Display) -> StoreResult<()> {
        self.made += 1;
        if self.made >= ATTEMPTS_MAX {
            let reason = format!("given up after {ATTEMPTS_MAX} attempts: {reason}");
            return Err(StoreError::unavailable(reason));
        }
        let wait_ms = wait_ms(self.seed, self.made);
        tracing::debug!(attempt = self.made, wait_ms, %reason, "store request is sent again");
        self.clock.sleep(Duration::from_millis(wait_ms)).await;
        Ok(())
    }
}

/// A wait from 1 ms to the attempt's longest one.
fn wait_ms(seed: u64, made: u32) -> u64 {
    let doubled = 1_u64
        .checked_shl(made.saturating_sub(1))
        .unwrap_or(u64::MAX);
    let longest = WAIT_BASE_MS.saturating_mul(doubled).min(WAIT_MAX_MS);
    let mut hash = DefaultHasher::new();
    (seed, made).hash(&mut hash);
    1 + hash.finish() % longest
}

/// Whether sending the same request again can help. All writes are guarded by conditions, so a
/// request whose answer was lost may be sent again.
pub(super) fn is_transient<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    match error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            true
        }
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or_default();
            service.raw().status().is_server_error()
                || matches!(
                    code,
                    "ThrottlingException"
                        | "ProvisionedThroughputExceededException"
                        | "RequestLimitExceeded"
                        | "InternalServerError"
                        | "TransactionConflictException"
                        | "TransactionInProgressException"
                )
        }
        _ => false,
    }
}

/// Whether a transaction was cancelled because others were at the same items, or for throttling.
pub(super) fn is_busy(reason: &CancellationReason) -> bool {
    matches!(
        reason.code(),
        Some("TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded")
    )
}

/// An error that another attempt would meet as well.
pub(super) fn failure<E>(operation: &str, error: &SdkError<E>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let message = error.message().unwrap_or_default();
    match error.code().unwrap_or_default() {
        "ResourceNotFoundException" => StoreError::unavailable(format!(
            "`{operation}`: the table does not exist: create the tables first"
        )),
        "ValidationException" if message.contains("Item size") => {
            StoreError::TooLarge(format!("`{operation}`: {message}"))
        }
        _ => StoreError::unavailable(format!("`{operation}`: {}", describe(error))),
    }
}

/// The error in one line: what DynamoDB says, or what went wrong on the way to it.
pub(super) fn describe<E>(error: &SdkError<E>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    if let Some(service) = error.as_service_error() {
        let code = service.code().unwrap_or("no error code");
        return format!("{code}: {}", service.message().unwrap_or("no message"));
    }
    chain(error)
}

#[cfg(test)]
mod tests {
    use hunter_core::ports::ManualClock;
    use jiff::Timestamp;

    use super::*;

    #[tokio::test]
    async fn attempts_end_and_say_why() {
        let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
        let mut attempts = Attempts::new(&clock, "T#a", "BAL");
        let mut waits = 0;
        let error = loop {
            match attempts.wait_for("throttled").await {
                Ok(()) => waits += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(waits, ATTEMPTS_MAX - 1);
        assert!(error.to_string().contains("throttled"), "{error}");
        assert!(clock.now() > Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn waits_are_bounded_and_spread() {
        let mut of_third: Vec<u64> = (0..200).map(|seed| wait_ms(seed, 3)).collect();
        of_third.sort_unstable();
        assert!(
            of_third.first().is_some_and(|&ms| (1..20).contains(&ms)),
            "{of_third:?}"
        );
        assert!(
            of_third.last().is_some_and(|&ms| (80..=100).contains(&ms)),
            "{of_third:?}"
        );
        assert!((0..200).all(|seed| wait_ms(seed, 40) <= WAIT_MAX_MS));
    }
}
