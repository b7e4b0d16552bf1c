//! The local plan: what every customer of this machine may use per month.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use hunter_contracts::{Credits, Plan, RecipeFailure, TenantId};
use hunter_core::{ports::Clock, store::Store};
use jiff::{ToSpan, civil::Date, tz::TimeZone};

/// Credits that the local plan grants per month.
const MONTHLY_CREDITS: Credits = Credits::from_micros(99_990_000);
/// Calls to outside services that the local plan allows per month.
const MONTHLY_API_CALLS: u64 = 100_000;

/// Gives each customer the plan of the current month, once.
#[derive(Clone)]
pub struct LocalPlans {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// The cycle that a customer was last seen to have.
    renewed: Arc<Mutex<BTreeMap<TenantId, Date>>>,
}

impl LocalPlans {
    /// Plans in a store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            renewed: Arc::default(),
        }
    }

    /// The customer's plan of the current month, granted where it is not there.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn renew(&self, tenant: &TenantId) -> Result<(), RecipeFailure> {
        let now = self.clock.now();
        let today = now.to_zoned(TimeZone::UTC).date();
        let cycle_ends = last_of_month(today);
        if self.has(tenant) {
            return Ok(());
        }
        let store = self.store.tenant(tenant);
        let current = store.plan().await?;
        if current.is_none_or(|plan| plan.cycle_ends != cycle_ends) {
            let key = format!("plan-{}", today.strftime("%Y-%m"));
            store.grant(&key, MONTHLY_CREDITS, now).await?;
            let plan = Plan {
                plan_id: "professional".into(),
                monthly_credits: MONTHLY_CREDITS,
                api_calls_limit: MONTHLY_API_CALLS,
                cycle_ends,
                trial_ends: None,
            };
            store.put_plan(&plan).await?;
        }
        self.seen().insert(tenant.clone(), cycle_ends);
        Ok(())
    }

    /// Whether the customer is known to have the plan of the current month.
    #[must_use]
    pub fn has(&self, tenant: &TenantId) -> bool {
        let today = self.clock.now().to_zoned(TimeZone::UTC).date();
        self.seen().get(tenant) == Some(&last_of_month(today))
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, BTreeMap<TenantId, Date>> {
        self.renewed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn last_of_month(day: Date) -> Date {
    let first = day.first_of_month();
    first
        .checked_add(1.month())
        .and_then(|next| next.yesterday())
        .unwrap_or(day)
}
