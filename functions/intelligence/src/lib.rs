//! The intelligence recipe: decides how much to spend on each lead, reads its web site, and keeps
//! where every found value stands and why every missing one is missing.

mod enrich;
mod route;
mod visit;

use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt, stream};
use hunter_contracts::{
    ChargeLine, EnrichmentLevel, IntelligencePayload, Lead, LeadsData, RecipeFailure, RecipeId,
    RecordError,
};
use hunter_core::{AiComponent, Context, Outcome, Recipe, SiteFetcher, validate_leads};

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
        validate_leads(payload, LEADS_MAX)
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
