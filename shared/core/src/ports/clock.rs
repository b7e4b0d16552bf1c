//! Time and ids come from the context, so that tests and replays decide them.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use hunter_contracts::ExecutionId;
use jiff::Timestamp;

/// Where time comes from.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Returns after `duration`.
    async fn sleep(&self, duration: Duration);
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the context's time comes from"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// A clock that stands still until it is moved; a sleep moves it.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Timestamp>>);

impl ManualClock {
    /// Stands at `start`.
    #[must_use]
    pub fn new(start: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(start)))
    }

    /// Moves it forward; a sum beyond the end of time leaves it where it is.
    pub fn advance(&self, duration: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(later) = now.checked_add(duration) {
            *now = later;
        }
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
        tokio::task::yield_now().await;
    }
}

/// Where fresh ids come from. Ids of results are derived (see [`crate::recipe::derived_key`]), never fresh.
pub trait Ids: Send + Sync {
    /// A new run's id: `exec_` and a ULID, sortable by time.
    fn execution_id(&self, now: Timestamp) -> ExecutionId;
}

/// Ids from the operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    fn execution_id(&self, now: Timestamp) -> ExecutionId {
        let mut random = [0_u8; 16];
        // Without randomness the time alone names the run; creating it is conditional anyway.
        let _ = getrandom::fill(&mut random);
        let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
        execution_id(millis, u128::from_le_bytes(random))
    }
}

/// Ids that count up: the same in every run of a test.
#[derive(Debug, Default)]
pub struct SequentialIds(std::sync::atomic::AtomicU64);

impl Ids for SequentialIds {
    fn execution_id(&self, now: Timestamp) -> ExecutionId {
        let n = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
        execution_id(millis, u128::from(n))
    }
}

fn execution_id(millis: u64, random: u128) -> ExecutionId {
    ExecutionId::derived("exec", &ulid::Ulid::from_parts(millis, random).to_string())
}
