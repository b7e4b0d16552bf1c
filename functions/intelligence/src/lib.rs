//! The intelligence recipe: decides how much to spend on each lead, reads its web site, checks what
//! it found, asks contact services where that is worth their price, and keeps where every found
//! value stands and why every missing one is missing.

mod candidates;
mod confidence;
mod disposable;
mod domain_hash;
mod enrich;
mod levels;
mod merge;
mod notes;
mod once;
mod people;
mod route;
mod services;
mod visit;
mod waterfall;

use std::sync::Arc;

use async_trait::async_trait;
use hunter_contracts::{
    ChargeLine, EnrichmentLevel, IntelligencePayload, Lead, LeadsData, RecipeFailure, RecipeId,
    RecordError,
};
use hunter_core::{
    ports::{ContactServices, Models, NoContactServices, NoModels, SiteFetcher},
    recipe::{Context, Outcome, Recipe, validate_leads},
};

pub use route::{RouteContext, RulesRouter};
use services::Services;

/// Leads that one direct call may carry.
const LEADS_MAX: usize = 1_000;

/// The recipe with its components.
pub struct Intelligence {
    sites: Arc<dyn SiteFetcher>,
    models: Arc<dyn Models>,
    contacts: Arc<dyn ContactServices>,
}

impl Intelligence {
    /// The recipe over a site fetcher, routed by rules, without contact services.
    #[must_use]
    pub fn new(sites: Arc<dyn SiteFetcher>) -> Self {
        Self {
            sites,
            models: Arc::new(NoModels),
            contacts: Arc::new(NoContactServices),
        }
    }

    /// With models that may move a lead's level by a step from where the router puts it.
    #[must_use]
    pub fn with_models(self, models: Arc<dyn Models>) -> Self {
        Self { models, ..self }
    }

    /// With contact services.
    #[must_use]
    pub fn with_contacts(self, contacts: Arc<dyn ContactServices>) -> Self {
        Self { contacts, ..self }
    }
}

/// One lead's way through the recipe.
struct EnrichedLead {
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
        let asked = payload.enrichment_level;
        let mut outcome = Outcome {
            data: LeadsData {
                leads: Vec::with_capacity(payload.leads.len()),
            },
            records_processed: 0,
            records_failed: 0,
            errors: Vec::new(),
            charges: Vec::new(),
        };
        let leads = payload.leads;
        let routed = levels::levels(self.models.as_ref(), context, &leads, asked).await?;
        let pays = |routed: &levels::LevelDecision| routed.level >= EnrichmentLevel::Standard;
        let services = match routed.iter().any(pays) {
            true => Services::open(self.contacts.as_ref(), context).await,
            false => Services::default(),
        };
        let work = leads.into_iter().zip(routed);
        let work = work.map(|(lead, routed)| self.enrich(context, &services, lead, routed));
        for enriched in context.in_order(work).await? {
            let EnrichedLead {
                lead,
                error,
                charge,
                processed,
            } = enriched;
            outcome.records_processed += u64::from(processed);
            outcome.records_failed += u64::from(error.is_some());
            outcome.errors.extend(error);
            outcome.charges.extend(charge);
            outcome.data.leads.push(lead);
        }
        Ok(outcome)
    }
}
