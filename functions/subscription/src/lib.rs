//! The subscription recipe: where the customer stands in the billing cycle, and alerts before and
//! when something runs out. Mandatory, and always the last of a run.
//!
//! Credits are never changed here: they are reserved, settled and released by the run itself. This
//! recipe reads the ledger, counts the run's outside calls (once per run), and stores an alert once
//! per cycle and threshold, so it may run twice.

mod thresholds;
mod usage;

use async_trait::async_trait;
use hunter_contracts::{
    BillingMonth, Credits, ErrorCode, LeadId, RecipeFailure, RecipeId, SubscriptionData,
    SubscriptionPayload, SubscriptionStatus,
};
use hunter_core::recipe::{Context, Outcome, Recipe};
use jiff::tz::TimeZone;

pub use thresholds::{APPROACHING_PERCENT_DEFAULT, TRIAL_DAYS};

/// The recipe.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subscription;

#[async_trait]
impl Recipe for Subscription {
    const ID: RecipeId = RecipeId::Subscription;
    type Payload = SubscriptionPayload;
    type Data = SubscriptionData;

    fn validate(&self, payload: &Self::Payload) -> Result<(), RecipeFailure> {
        if payload.credits_used_this_run.is_negative() {
            return Err(RecipeFailure::invalid_input(format!(
                "`credits_used_this_run` is {}: use 0 or more",
                payload.credits_used_this_run
            )));
        }
        Ok(())
    }

    fn units_max(&self, _: &Self::Payload) -> u64 {
        1
    }

    async fn run(
        &self,
        context: &Context,
        payload: Self::Payload,
    ) -> Result<Outcome<Self::Data>, RecipeFailure> {
        let store = &context.store;
        let Some(plan) = store.plan().await? else {
            return Err(RecipeFailure::new(
                ErrorCode::InvalidConfiguration,
                format!(
                    "customer `{}` has no plan: an administrator must assign one before agents run",
                    context.tenant
                ),
            ));
        };
        let month = BillingMonth::of(&context.execution_id, context.opened_at);
        store
            .add_api_calls(month, &context.execution_id, payload.api_calls_this_run)
            .await?;
        let api_calls = store.api_calls(month).await?;
        let (used, remaining) = usage::credits(context, &plan, month).await?;
        let status = SubscriptionStatus {
            plan_id: plan.plan_id.clone(),
            monthly_credits_total: plan.monthly_credits,
            credits_used_this_month: used,
            credits_remaining: remaining,
            api_calls_limit: plan.api_calls_limit,
            api_calls_used_this_month: api_calls,
            api_calls_remaining: plan.api_calls_limit.saturating_sub(api_calls),
            billing_cycle_ends: plan.cycle_ends,
        };
        let today = context.clock.now().to_zoned(TimeZone::UTC).date();
        let watch = thresholds::Watch {
            context,
            plan: &plan,
            status: &status,
            month,
            today,
        };
        let alerts = watch.alerts();
        for record in watch.records(&alerts) {
            context.raise(&record).await?;
        }
        let charges = if context.rates.price(Self::ID) > Credits::ZERO {
            let run = LeadId::derived("run", context.execution_id.as_str());
            vec![context.charge(&run)]
        } else {
            Vec::new()
        };
        Ok(Outcome {
            data: SubscriptionData {
                subscription_status: status,
                alerts,
            },
            records_processed: 1,
            records_failed: 0,
            errors: Vec::new(),
            charges,
        })
    }
}
