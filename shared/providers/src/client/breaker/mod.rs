//! Circuit breakers and retry budgets, per customer and service.
//!
//! A circuit stops calls that are known to be useless. It opens for a short time after several
//! failures of the service's own in a row, and for a longer one when the service has refused the
//! key or the plan for good; then exactly one call at a time finds out whether that has passed. It
//! is the customer's own: what one customer's key meets with says nothing about another's.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hunter_contracts::{ErrorCode, RecipeFailure, TenantId};
use hunter_core::ports::Clock;
use jiff::Timestamp;

use super::{
    Service,
    tenants::{ENTRIES_MAX, PerTenant},
};

/// Failures in a row that open a circuit.
const FAILURES_MAX: u32 = 5;
/// Waits asked for in a row that open a circuit: who keeps sending us away is of no use now. Many
/// calls at once may be sent away together, so these are more.
const WAITS_MAX: u32 = 20;
/// How long an open circuit lets nothing through; then one call may try. It doubles each time that
/// the try fails, at most this often: to 16 minutes.
const OPEN_FOR: Duration = Duration::from_secs(30);
const DOUBLINGS_MAX: u32 = 5;
/// Refusals of the key or the plan in a row that stop calls: one may be about one request only.
const REFUSALS_MAX: u32 = 2;
/// How long a refused key or a used-up plan is not asked with again; another key may at once.
const REFUSED_FOR: Duration = Duration::from_mins(5);

/// The retry budget, in hundredths of a repeat: what a fresh one holds, what it can hold, and what
/// each success adds. So `n` calls are sent at most `n + 2 + 0.09 n` times, whatever happens to
/// them: from 200 calls on no more than 1.1 times.
const REPEATS_START: u32 = 200;
const REPEATS_MAX: u32 = 1_000;
const REPEATS_EARNED: u32 = 9;
const REPEAT: u32 = 100;

/// Why nothing is sent, and until when.
#[derive(Debug, Clone)]
struct Stop {
    until: Timestamp,
    code: ErrorCode,
    why: String,
    /// The key that was refused; another one is not stopped.
    refused: Option<Option<u64>>,
}

#[derive(Debug)]
struct Circuit {
    /// Counts changes of state: what calls sent in an earlier state meet with changes nothing.
    generation: u64,
    failures: u32,
    waits: u32,
    refusals: u32,
    /// Tries that failed since it opened.
    tries: u32,
    stop: Option<Stop>,
    trying: bool,
    repeats: u32,
}

impl Circuit {
    const fn new() -> Self {
        Self {
            generation: 0,
            failures: 0,
            waits: 0,
            refusals: 0,
            tries: 0,
            stop: None,
            trying: false,
            repeats: REPEATS_START,
        }
    }

    fn close(&mut self) {
        if self.stop.take().is_some() {
            self.generation += 1;
        }
        self.trying = false;
        self.failures = 0;
        self.waits = 0;
        self.refusals = 0;
        self.tries = 0;
    }

    fn open(&mut self, stop: Stop) {
        self.generation += 1;
        self.trying = false;
        self.stop = Some(stop);
    }

    /// The failure for a call with this key, where it may not be sent.
    fn refused(
        &mut self,
        service: &Service,
        key: Option<u64>,
        now: Timestamp,
    ) -> Option<RecipeFailure> {
        let stop = self.stop.as_ref()?;
        if stop.refused.is_some_and(|refused| refused != key) {
            self.close();
            return None;
        }
        if now >= stop.until && !self.trying {
            return None;
        }
        let wait = stop.until.as_millisecond() - now.as_millisecond();
        let wait = u64::try_from(wait).unwrap_or(0).max(1_000);
        let until = stop.until.strftime("%H:%M:%S UTC");
        let message = format!("{}: not asked until {until}: {}", service.name, stop.why);
        let wait = stop.code.retryable().then_some(wait);
        Some(RecipeFailure::new(stop.code, message).after(wait))
    }
}

/// All circuits of a process.
pub struct Breakers {
    circuits: Mutex<PerTenant<Circuit>>,
    clock: Arc<dyn Clock>,
}

/// Leave to send one call. Dropped without a word, as when the caller goes away, it says nothing of
/// the service.
#[must_use]
pub(super) struct Permit<'a> {
    breakers: &'a Breakers,
    service: &'static Service,
    tenant: &'a TenantId,
    key: Option<u64>,
    generation: u64,
    trial: bool,
}

impl Breakers {
    /// All closed.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            circuits: Mutex::new(PerTenant::new(ENTRIES_MAX)),
            clock,
        }
    }

    fn with<T>(
        &self,
        service: &Service,
        tenant: &TenantId,
        change: impl FnOnce(&mut Circuit, Timestamp) -> T,
    ) -> T {
        let now = self.clock.now();
        let mut circuits = self.circuits.lock().unwrap_or_else(PoisonError::into_inner);
        change(circuits.entry(tenant, service.id, Circuit::new), now)
    }

    /// Whether a call with this key would be let through now.
    ///
    /// # Errors
    /// As [`Self::admit`].
    pub(super) fn check(
        &self,
        service: &Service,
        tenant: &TenantId,
        key: Option<u64>,
    ) -> Result<(), RecipeFailure> {
        self.with(service, tenant, |circuit, now| {
            circuit.refused(service, key, now).map_or(Ok(()), Err)
        })
    }

    /// Lets a call through; `key` tells the customer's keys apart.
    ///
    /// # Errors
    /// `API_UNAVAILABLE` with `retry_after_ms` while the circuit is open; the service's own refusal
    /// again (`AUTHENTICATION_FAILED`, `API_QUOTA_EXCEEDED`) while the key or plan is refused.
    pub(super) fn admit<'a>(
        &'a self,
        service: &'static Service,
        tenant: &'a TenantId,
        key: Option<u64>,
    ) -> Result<Permit<'a>, RecipeFailure> {
        self.with(service, tenant, |circuit, now| {
            if let Some(failure) = circuit.refused(service, key, now) {
                return Err(failure);
            }
            let trial = circuit.stop.is_some();
            if trial {
                circuit.trying = true;
                circuit.generation += 1;
            }
            Ok(Permit {
                breakers: self,
                service,
                tenant,
                key,
                generation: circuit.generation,
                trial,
            })
        })
    }

    /// Takes one repeat from the budget, where one is left.
    pub(super) fn may_repeat(&self, service: &Service, tenant: &TenantId) -> bool {
        self.with(service, tenant, |circuit, _| {
            let left = circuit.repeats.checked_sub(REPEAT);
            circuit.repeats = left.unwrap_or(circuit.repeats);
            left.is_some()
        })
    }
}

impl Permit<'_> {
    /// Notes a success.
    pub(super) fn succeeded(mut self) {
        self.report(|circuit, _, current| {
            circuit.repeats = (circuit.repeats + REPEATS_EARNED).min(REPEATS_MAX);
            if current {
                circuit.close();
            }
        });
    }

    /// Notes a failure. One that the service blames on the request shows that it is well.
    pub(super) fn failed(mut self, failure: &RecipeFailure) {
        let code = failure.code;
        let refused = matches!(
            code,
            ErrorCode::AuthenticationFailed | ErrorCode::ApiQuotaExceeded
        );
        // Who says how long to wait may be well; the wait is kept by the rate limits.
        let waits = code == ErrorCode::ApiRateLimit && failure.retry_after_ms.is_some();
        let ill = code.retryable() || code == ErrorCode::ApiBadResponse;
        let (trial, key) = (self.trial, self.key);
        let why: String = failure.told().chars().take(300).collect();
        self.report(|circuit, now, current| {
            if !current {
                return;
            }
            if refused {
                circuit.failures = 0;
                circuit.refusals += 1;
                if trial || circuit.refusals >= REFUSALS_MAX {
                    circuit.open(Stop {
                        until: now.checked_add(REFUSED_FOR).unwrap_or(now),
                        code,
                        why,
                        refused: Some(key),
                    });
                }
            } else if ill {
                circuit.failures += u32::from(!waits);
                circuit.waits += u32::from(waits);
                let out = circuit.failures >= FAILURES_MAX || circuit.waits >= WAITS_MAX;
                if trial || out {
                    let doublings = circuit.tries.min(DOUBLINGS_MAX);
                    circuit.tries += 1;
                    let open_for = OPEN_FOR.saturating_mul(1 << doublings);
                    circuit.open(Stop {
                        until: now.checked_add(open_for).unwrap_or(now),
                        code: ErrorCode::ApiUnavailable,
                        why: format!("its last answers were failures, the last one `{why}`"),
                        refused: None,
                    });
                }
            } else {
                circuit.close();
            }
        });
    }

    fn report(&mut self, change: impl FnOnce(&mut Circuit, Timestamp, bool)) {
        let generation = self.generation;
        self.breakers
            .with(self.service, self.tenant, |circuit, now| {
                change(circuit, now, circuit.generation == generation);
            });
        self.trial = false;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.trial {
            // The next call tries instead.
            self.report(|circuit, _, current| circuit.trying &= !current);
        }
    }
}

#[cfg(test)]
mod tests;
