//! Circuit breakers and retry budgets, per customer and service.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hunter_contracts::{ErrorCode, RecipeFailure, TenantId};
use hunter_core::Clock;
use jiff::Timestamp;

use super::Service;

/// Failures in a row that open a circuit.
const FAILURES_MAX: u32 = 5;
/// How long an open circuit lets nothing through; then one call may try.
const OPEN_FOR: Duration = Duration::from_secs(30);
/// Repeats that a fresh circuit may make; each ten successes earn another one.
const REPEATS_START: f64 = 2.0;
const REPEATS_MAX: f64 = 10.0;
const REPEATS_EARNED: f64 = 0.1;

#[derive(Debug)]
struct Circuit {
    failures: u32,
    open_until: Option<Timestamp>,
    repeats: f64,
}

/// All circuits of a process.
pub struct Breakers {
    circuits: Mutex<HashMap<(TenantId, &'static str), Circuit>>,
    clock: Arc<dyn Clock>,
}

impl Breakers {
    /// All closed.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            circuits: Mutex::default(),
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
        let circuit = circuits
            .entry((tenant.clone(), service.id))
            .or_insert(Circuit {
                failures: 0,
                open_until: None,
                repeats: REPEATS_START,
            });
        change(circuit, now)
    }

    /// Whether a call may be sent.
    ///
    /// # Errors
    /// `API_UNAVAILABLE` while the circuit is open.
    pub fn admit(&self, service: &Service, tenant: &TenantId) -> Result<(), RecipeFailure> {
        self.with(service, tenant, |circuit, now| match circuit.open_until {
            Some(until) if now < until => {
                let wait = until.as_millisecond().saturating_sub(now.as_millisecond());
                Err(RecipeFailure {
                    retry_after_ms: u64::try_from(wait).ok(),
                    ..RecipeFailure::new(
                        ErrorCode::ApiUnavailable,
                        format!(
                            "{}: not asked, since its last {FAILURES_MAX} answers were failures; it is tried again at {until}",
                            service.name
                        ),
                    )
                })
            }
            Some(_) => {
                // One call tries; the others wait for what it finds.
                circuit.open_until = now.checked_add(OPEN_FOR).ok();
                Ok(())
            }
            None => Ok(()),
        })
    }

    /// Notes a success.
    pub fn succeeded(&self, service: &Service, tenant: &TenantId) {
        self.with(service, tenant, |circuit, _| {
            circuit.failures = 0;
            circuit.open_until = None;
            circuit.repeats = (circuit.repeats + REPEATS_EARNED).min(REPEATS_MAX);
        });
    }

    /// Notes a failure; one that the service blames on the request says nothing of its health.
    pub fn failed(&self, service: &Service, tenant: &TenantId, code: ErrorCode) {
        let ill = code.retryable() || code == ErrorCode::ApiBadResponse;
        if !ill {
            return;
        }
        self.with(service, tenant, |circuit, now| {
            circuit.failures = circuit.failures.saturating_add(1);
            if circuit.failures >= FAILURES_MAX {
                circuit.open_until = now.checked_add(OPEN_FOR).ok();
            }
        });
    }

    /// Takes one repeat from the budget, where one is left.
    pub fn may_repeat(&self, service: &Service, tenant: &TenantId) -> bool {
        self.with(service, tenant, |circuit, _| {
            let left = circuit.repeats >= 1.0;
            if left {
                circuit.repeats -= 1.0;
            }
            left
        })
    }
}
