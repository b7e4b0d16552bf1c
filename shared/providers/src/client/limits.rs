//! Rate limits per customer and service.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hunter_contracts::{ErrorCode, RecipeFailure, TenantId};
use hunter_core::{ports::Clock, recipe::RETRY_AFTER_MAX};
use jiff::Timestamp;

use super::{
    Rate, Service,
    tenants::{ENTRIES_MAX, PerTenant},
};

/// The longest that a call waits here for its turn; one that would have to wait longer fails with
/// `API_RATE_LIMIT` instead, so that its caller can do something else or come back.
pub const TURN_WAIT_MAX: Duration = Duration::from_secs(10);

/// The limits of all customers in a process: a token bucket for each customer and service, kept as
/// the time at which the next call would be due if calls were evenly spaced (the "theoretical
/// arrival time" of the generic cell rate algorithm, ITU-T I.371).
pub struct RateLimits {
    due: Mutex<PerTenant<Timestamp>>,
    wait_max: Duration,
    heeds_rates: bool,
    clock: Arc<dyn Clock>,
}

impl RateLimits {
    /// Nothing used yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            due: Mutex::new(PerTenant::new(ENTRIES_MAX)),
            wait_max: TURN_WAIT_MAX,
            heeds_rates: true,
            clock,
        }
    }

    /// With another longest wait for a turn than [`TURN_WAIT_MAX`]: where nobody looks on and every
    /// record matters, a queue is better than a failure.
    #[must_use]
    pub const fn with_wait_max(mut self, wait_max: Duration) -> Self {
        self.wait_max = wait_max;
        self
    }

    /// Without the services' rates, for stand-ins of one's own. A stand-in that asks for a wait
    /// gets it.
    #[must_use]
    pub const fn without_rates(mut self) -> Self {
        self.heeds_rates = false;
        self
    }

    const fn rate(&self, service: &Service) -> Rate {
        if self.heeds_rates {
            service.rate
        } else {
            Rate::UNLIMITED
        }
    }

    /// Waits until the customer may make another call, at most [`TURN_WAIT_MAX`] where nothing
    /// else is set.
    ///
    /// # Errors
    /// `API_RATE_LIMIT` with `retry_after_ms` when its turn is further away; no turn is used up.
    pub async fn turn(&self, tenant: &TenantId, service: &Service) -> Result<(), RecipeFailure> {
        let wait = self.reserve(tenant, service)?;
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
        Ok(())
    }

    fn reserve(&self, tenant: &TenantId, service: &Service) -> Result<Duration, RecipeFailure> {
        let (rate, now) = (self.rate(service), self.clock.now());
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if rate.per_ms == 0 && due.get_mut(tenant, service.id).is_none() {
            return Ok(Duration::ZERO);
        }
        let due = due.entry(tenant, service.id, || now);
        let at = (*due).max(now);
        let wait = ahead_of(at, now).saturating_sub(rate.ahead());
        if wait > self.wait_max {
            let message = format!(
                "{}: not asked, since the next call is allowed in {} s only; try again then, or \
                 use less of the service at once",
                service.name,
                wait.as_secs().saturating_add(1)
            );
            let wait_ms = millis_up(wait.min(RETRY_AFTER_MAX));
            return Err(RecipeFailure::new(ErrorCode::ApiRateLimit, message).after(Some(wait_ms)));
        }
        *due = at.checked_add(rate.spacing()).unwrap_or(at);
        Ok(wait)
    }

    /// Lets nobody call for `wait_ms`, as the service has asked; at most
    /// [`hunter_core::recipe::RETRY_AFTER_MAX`]. Afterwards calls come evenly spaced, without a burst.
    pub fn pause(&self, tenant: &TenantId, service: &Service, wait_ms: u64) {
        let now = self.clock.now();
        let wait = Duration::from_millis(wait_ms).min(RETRY_AFTER_MAX);
        let Ok(until) = now.checked_add(wait + self.rate(service).ahead()) else {
            return;
        };
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let due = due.entry(tenant, service.id, || now);
        *due = (*due).max(until);
    }
}

/// How much later `at` is.
fn ahead_of(at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or_default()
}

/// Whole milliseconds, rounded up, so that who waits them is not too early.
fn millis_up(wait: Duration) -> u64 {
    u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use hunter_core::ports::ManualClock;

    use super::*;
    use crate::client::{Meaning, Pricing, by_status};

    fn meaning(refusal: &super::super::Refusal<'_>) -> Meaning {
        by_status(refusal)
    }

    const fn service(calls: u32, per_ms: u64) -> Service {
        Service {
            id: "some",
            name: "Some",
            refusal: meaning,
            rate: Rate { calls, per_ms },
            prices: Pricing::Free,
        }
    }

    fn limits() -> (RateLimits, ManualClock) {
        let clock = ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap());
        (RateLimits::new(Arc::new(clock.clone())), clock)
    }

    fn tenant(id: &str) -> TenantId {
        TenantId::new(id).unwrap()
    }

    #[tokio::test]
    async fn a_patient_queue_is_as_long_as_it_may_be_and_stand_ins_have_none() {
        let service = service(1, 1_000);
        let (limits, clock) = limits();
        let limits = limits.with_wait_max(Duration::from_secs(3));
        let reserved = (0..6).filter(|_| limits.reserve(&tenant("a"), &service).is_ok());
        assert_eq!(reserved.count(), 4, "now, and in 1, 2 and 3 s");
        let limits = RateLimits::new(Arc::new(clock)).without_rates();
        for _ in 0..100 {
            let wait = limits.reserve(&tenant("a"), &service).unwrap();
            assert_eq!(wait, Duration::ZERO);
        }
    }

    #[tokio::test]
    async fn calls_come_in_a_burst_and_then_spaced_and_never_above_the_rate() {
        for (calls, per_ms) in [(1, 1_000), (2, 500), (10, 1_000), (15, 1_000), (50, 60_000)] {
            let service = service(calls, per_ms);
            let (limits, clock) = limits();
            let mut times = Vec::new();
            for _ in 0..200 {
                limits.turn(&tenant("a"), &service).await.unwrap();
                times.push(clock.now().as_microsecond());
            }
            let burst = times.iter().take_while(|at| **at == times[0]).count();
            assert_eq!(burst, service.rate.burst() as usize, "{calls}");
            let window = i64::try_from(per_ms).unwrap() * 1_000;
            for (n, start) in times.iter().enumerate() {
                // Times are rounded down to microseconds, which may cost a call its last one.
                let within = times[n..]
                    .iter()
                    .filter(|at| **at < start + window - 1)
                    .count();
                assert!(
                    within <= calls as usize,
                    "{within} calls of {calls} in {per_ms} ms"
                );
            }
            let took = times[199] - times[0];
            let ideal = window / i64::from(calls) * 200;
            assert!(
                took <= ideal * 5 / 4 + window,
                "{took} µs instead of {ideal} µs"
            );
        }
    }

    #[tokio::test]
    async fn a_turn_far_away_is_refused_and_costs_nothing() {
        let service = service(1, 8_000);
        let (limits, clock) = limits();
        // Nobody sleeps: three ask at the same time.
        assert_eq!(
            limits.reserve(&tenant("a"), &service).unwrap(),
            Duration::ZERO
        );
        assert_eq!(limits.reserve(&tenant("a"), &service).unwrap().as_secs(), 8);
        for _ in 0..3 {
            let failure = limits.reserve(&tenant("a"), &service).unwrap_err();
            assert_eq!(failure.code, ErrorCode::ApiRateLimit);
            assert_eq!(failure.retry_after_ms, Some(16_000));
        }
        // Another customer is not held up.
        assert!(limits.reserve(&tenant("b"), &service).unwrap().is_zero());
        clock.advance(Duration::from_secs(16));
        assert!(limits.reserve(&tenant("a"), &service).unwrap().is_zero());
    }

    #[tokio::test]
    async fn a_pause_is_waited_for_or_handed_on_and_has_an_end() {
        for service in [service(1, 0), service(10, 1_000)] {
            let (limits, clock) = limits();
            limits.pause(&tenant("a"), &service, 4_000);
            assert_eq!(limits.reserve(&tenant("a"), &service).unwrap().as_secs(), 4);
            assert!(limits.reserve(&tenant("b"), &service).unwrap().is_zero());
            limits.pause(&tenant("a"), &service, u64::MAX);
            let failure = limits.reserve(&tenant("a"), &service).unwrap_err();
            assert_eq!(failure.retry_after_ms, Some(3_600_000));
            clock.advance(RETRY_AFTER_MAX + service.rate.ahead());
            assert!(limits.reserve(&tenant("a"), &service).unwrap().is_zero());
        }
    }

    #[tokio::test]
    async fn many_customers_take_bounded_memory() {
        let service = service(10, 1_000);
        let (limits, _) = limits();
        for n in 0..ENTRIES_MAX + 100 {
            limits
                .turn(&tenant(&format!("t{n}")), &service)
                .await
                .unwrap();
        }
        assert!(limits.due.lock().unwrap().len() <= ENTRIES_MAX);
    }
}
