//! Time that stands still until the state machine waits.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::BoxFuture;
use hunter_asl::Timer;
use hunter_core::ports::{Clock, SystemClock};
use jiff::{Timestamp, tz::TimeZone};

/// Waits from here to [`TASK_TIMEOUT_MAX`] are the time limits of tasks, which must not pass by
/// themselves.
const TASK_TIMEOUT_MIN: Duration = Duration::from_secs(600);
const TASK_TIMEOUT_MAX: Duration = Duration::from_secs(1_000);
/// Longer waits are the time limit of the execution: no billing cycle is as long.
const EXECUTION_TIMEOUT_MIN: Duration = Duration::from_hours(33 * 24);

/// A clock that stands still: a sleep returns at once and moves nothing, so that a crawler's
/// politeness takes no time and every run of a scenario happens at the same moment.
#[derive(Debug, Clone)]
pub struct StandingClock(Arc<Mutex<Timestamp>>);

impl StandingClock {
    /// Stands at noon (UTC) of today: stored items expire by the real clock.
    #[must_use]
    pub fn at_noon() -> Self {
        let today = SystemClock.now().to_zoned(TimeZone::UTC).date();
        let noon = today.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap();
        Self(Arc::new(Mutex::new(noon.timestamp())))
    }

    /// Moves it to `time` if that is later.
    pub fn advance_to(&self, time: Timestamp) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = time.max(*now);
    }
}

#[async_trait]
impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sleep(&self, _: Duration) {
        tokio::task::yield_now().await;
    }
}

/// A timer whose waits are over at once, the clock having moved. Time limits never pass.
pub struct InstantTimer {
    clock: StandingClock,
    waits: Mutex<Vec<Duration>>,
    during_wait: Mutex<Option<BoxFuture<'static, ()>>>,
}

impl InstantTimer {
    /// Over a clock that it moves.
    #[must_use]
    pub fn new(clock: StandingClock) -> Self {
        Self {
            clock,
            waits: Mutex::default(),
            during_wait: Mutex::default(),
        }
    }

    /// What happens in the world during the next wait.
    pub fn during_next_wait(&self, happening: BoxFuture<'static, ()>) {
        *self.during_wait.lock().unwrap() = Some(happening);
    }

    /// The waits asked for so far, in order.
    #[must_use]
    pub fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }
}

#[async_trait]
impl Timer for InstantTimer {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn sleep_until(&self, time: Timestamp) {
        let wait = Duration::try_from(time.duration_since(self.now())).unwrap_or_default();
        let is_limit =
            (TASK_TIMEOUT_MIN..=TASK_TIMEOUT_MAX).contains(&wait) || wait >= EXECUTION_TIMEOUT_MIN;
        if is_limit {
            return std::future::pending().await;
        }
        self.waits.lock().unwrap().push(wait);
        let happening = self.during_wait.lock().unwrap().take();
        if let Some(happening) = happening {
            happening.await;
        }
        self.clock.advance_to(time);
        tokio::task::yield_now().await;
    }

    fn jitter(&self, max: Duration) -> Duration {
        max
    }
}
