//! A timer over tokio's clock.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::ports::Timer;

/// The longest single sleep. A wait of days looks at the clock again after each, so it survives a
/// machine that was suspended and a clock that was set.
const SLEEP_MAX: Duration = Duration::from_secs(60);

/// A [`Timer`] that reads the time from a given clock and sleeps with tokio. Under
/// `tokio::time::pause` and a clock made of `tokio::time::Instant` it is virtual time.
pub struct ClockTimer {
    clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
    random: Mutex<ChaCha8Rng>,
}

impl ClockTimer {
    /// A timer that asks `clock` for the time and draws jitter from `seed`. The clock must go on
    /// while tokio sleeps: with one that stands still a wait never ends.
    pub fn new(clock: impl Fn() -> Timestamp + Send + Sync + 'static, seed: u64) -> Self {
        Self {
            clock: Box::new(clock),
            random: Mutex::new(ChaCha8Rng::seed_from_u64(seed)),
        }
    }
}

#[async_trait]
impl Timer for ClockTimer {
    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    async fn sleep_until(&self, time: Timestamp) {
        while let Ok(left) = Duration::try_from(time.duration_since(self.now())) {
            if left.is_zero() {
                return;
            }
            // tokio counts in whole milliseconds, rounding up.
            tokio::time::sleep(left.min(SLEEP_MAX)).await;
        }
    }

    fn jitter(&self, max: Duration) -> Duration {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let max_ms = u64::try_from(max.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(random.next_u64() % max_ms.saturating_add(1))
    }
}
