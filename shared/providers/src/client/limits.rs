//! Rate limits per customer and service.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hunter_contracts::{RecipeFailure, TenantId};
use hunter_core::Clock;
use jiff::Timestamp;

use super::Service;

/// So many calls in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Calls.
    pub calls: u32,
    /// The time in which they may be made, in milliseconds; 0: no limit.
    pub per_ms: u64,
}

impl Rate {
    /// No limit of the service's own.
    pub const UNLIMITED: Self = Self {
        calls: 1,
        per_ms: 0,
    };
}

/// The limits of all customers in a process: calls are spaced out evenly after a first burst.
pub struct RateLimits {
    next: Mutex<HashMap<(TenantId, &'static str), Timestamp>>,
    clock: Arc<dyn Clock>,
}

impl RateLimits {
    /// Nothing used yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            next: Mutex::default(),
            clock,
        }
    }

    /// Waits until the customer may make another call.
    ///
    /// # Errors
    /// `API_RATE_LIMIT` when its turn is too far away to wait for here.
    pub async fn turn(&self, tenant: &TenantId, service: &Service) -> Result<(), RecipeFailure> {
        let rate = service.rate;
        if rate.per_ms == 0 {
            return Ok(());
        }
        let wait = {
            let now = self.clock.now();
            let spacing = Duration::from_millis(rate.per_ms / u64::from(rate.calls.max(1)));
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let at = next.entry((tenant.clone(), service.id)).or_insert(now);
            let turn = (*at).max(now);
            *at = turn.checked_add(spacing).unwrap_or(turn);
            Duration::try_from(turn.duration_since(now)).unwrap_or_default()
        };
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
        Ok(())
    }
}
