//! The local plan: what every customer of this machine may use per month.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use hunter_contracts::{BillingMonth, Credits, Plan, RecipeFailure, TenantId};
use hunter_core::{ports::Clock, store::Store};

/// Credits that the local plan grants per month.
const MONTHLY_CREDITS: Credits = Credits::from_micros(99_990_000);
/// Calls to outside services that the local plan allows per month.
const MONTHLY_API_CALLS: u64 = 100_000;

/// Gives each customer the plan of the current month, once.
#[derive(Clone)]
pub struct LocalPlans {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// The month that a customer was last seen to have the plan of.
    renewed: Arc<Mutex<BTreeMap<TenantId, BillingMonth>>>,
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
        let month = BillingMonth::at(now);
        let cycle_ends = month.last_day();
        if self.has(tenant) {
            return Ok(());
        }
        let store = self.store.tenant(tenant);
        let current = store.plan().await?;
        if current.is_none_or(|plan| plan.cycle_ends != cycle_ends) {
            store
                .grant(&format!("plan-{month}"), MONTHLY_CREDITS, now)
                .await?;
            let plan = Plan {
                plan_id: "professional".into(),
                monthly_credits: MONTHLY_CREDITS,
                api_calls_limit: MONTHLY_API_CALLS,
                cycle_ends,
                trial_ends: None,
            };
            store.put_plan(&plan).await?;
        }
        self.seen().insert(tenant.clone(), month);
        Ok(())
    }

    /// Whether the customer is known to have the plan of the current month.
    #[must_use]
    pub fn has(&self, tenant: &TenantId) -> bool {
        self.seen().get(tenant) == Some(&BillingMonth::at(self.clock.now()))
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, BTreeMap<TenantId, BillingMonth>> {
        self.renewed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
