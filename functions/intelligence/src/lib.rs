//! The intelligence recipe: decides how much to spend on each lead, reads its web site, and keeps
//! where every found value stands and why every missing one is missing.

mod enrich;
mod route;
mod visit;

use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt, stream};
use hunter_contracts::{
    ChargeLine, Credits, EnrichmentLevel, IntelligencePayload, Lead, LeadsData, LeadsRef, RateCard,
    RecipeFailure, RecipeId, RecordError,
};
use hunter_core::{AiComponent, Context, Outcome, Recipe, SiteFetcher};

pub use route::{RouteContext, RulesRouter};

/// Leads that one direct call may carry.
const LEADS_MAX: usize = 1_000;

/// The recipe with its components.
pub struct Intelligence {
    sites: Arc<dyn SiteFetcher>,
    router: Arc<dyn AiComponent<RouteContext, EnrichmentLevel>>,
}

impl Intelligence {
    /// The recipe over a site fetcher, routed by rules.
    #[must_use]
    pub fn new(sites: Arc<dyn SiteFetcher>) -> Self {
        Self {
            sites,
            router: Arc::new(RulesRouter),
        }
    }

    /// Another router.
    #[must_use]
    pub fn with_router(self, router: Arc<dyn AiComponent<RouteContext, EnrichmentLevel>>) -> Self {
        Self { router, ..self }
    }
}

/// One lead's way through the recipe.
struct Enriched {
    lead: Lead,
    error: Option<RecordError>,
    charge: Option<ChargeLine>,
    /// A lead that its tier skips is passed on, but was not worked on.
    processed: bool,
}

#[async_trait]
impl Recipe for Intelligence {
    const ID: RecipeId = RecipeId::Intelligence;
    type Payload = IntelligencePayload;
    type Data = LeadsData;

    fn validate(&self, payload: &Self::Payload) -> Result<(), RecipeFailure> {
        let count = payload.leads.len();
        if payload.leads_ref.is_some() && count > 0 {
            return Err(RecipeFailure::invalid_input(
                "`payload` has both `leads` and `leads_ref`: send one of them",
            ));
        }
        if count > LEADS_MAX {
            return Err(RecipeFailure::invalid_input(format!(
                "`payload.leads` holds {count} leads: at most {LEADS_MAX} are allowed"
            )));
        }
        Ok(())
    }

    fn cost_max(&self, payload: &Self::Payload, rates: &RateCard) -> Credits {
        rates
            .intelligence
            .checked_mul(payload.leads.len() as u64)
            .unwrap_or_default()
    }

    fn leads_ref(payload: &Self::Payload) -> Option<LeadsRef> {
        payload.leads_ref.clone()
    }

    fn set_leads(payload: &mut Self::Payload, leads: Vec<Lead>) {
        payload.leads = leads;
    }

    async fn run(
        &self,
        context: &Context,
        payload: Self::Payload,
    ) -> Result<Outcome<Self::Data>, RecipeFailure> {
        let total = payload.leads.len() as u64;
        let asked = payload.enrichment_level;
        context.progress(0, total);
        let mut outcome = Outcome {
            data: LeadsData {
                leads: Vec::with_capacity(payload.leads.len()),
            },
            records_processed: 0,
            records_failed: 0,
            errors: Vec::new(),
            charges: Vec::new(),
        };
        let mut enriched = stream::iter(payload.leads)
            .map(|lead| self.enrich(context, lead, asked))
            .buffered(context.record_concurrency);
        let mut done = 0_u64;
        while let Some(result) = enriched.next().await {
            let Enriched {
                lead,
                error,
                charge,
                processed,
            } = result?;
            outcome.records_processed += u64::from(processed);
            outcome.records_failed += u64::from(error.is_some());
            outcome.errors.extend(error);
            outcome.charges.extend(charge);
            outcome.data.leads.push(lead);
            done += 1;
            context.progress(done, total);
        }
        Ok(outcome)
    }
}
