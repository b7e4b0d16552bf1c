//! The discovery recipe: finds businesses, scores them, keeps the good ones (specification §2,
//! recipe 1).
//!
//! [`Discovery::run`] is the pipeline, one module per step: `keywords` (what is meant), `strategy`
//! and `planner` (where and for what, by rules and by a model within them), `search` (the source),
//! `filter` with `matching` and `locations` (what was asked for), `candidate` (normalised),
//! `dedupe`, `select`, `leads` (facts of the record), `home_look`, `score`, `model_scores` (a
//! model's judgement within the rules' score), and `account`, which knows where every record went. Nothing here parses a source's format, talks to
//! the network or touches the store.

mod account;
mod candidate;
mod catalog;
mod dedupe;
mod filter;
mod gazetteer;
mod geo;
mod home_look;
mod keywords;
mod leads;
mod locations;
mod matching;
mod model_scores;
mod planner;
mod score;
mod select;
mod strategy;
#[cfg(test)]
mod testing;
mod text;
mod web_results;
mod websites;

use std::{cmp::Reverse, sync::Arc};

use async_trait::async_trait;
use hunter_contracts::{
    ChargeLine, DiscoveryData, DiscoveryPayload, Lead, MAX_RESULTS_DEFAULT, Purpose, QualityTier,
    RecipeFailure, RecipeId, RejectionKind, ScoreBreakdown, chain,
};
use hunter_core::{
    ports::{ModelChain, Models, NoModels, PlaceBatch, PlaceSources, RULES, SiteFetcher},
    recipe::{AiComponent, Context, Decision, Outcome, Recipe, validate_target},
};

use jiff::Timestamp;

use account::Account;
use candidate::{Candidate, default_country};
pub use keywords::KeywordPlan;
pub use locations::LocationFit;
pub use matching::{Directness, IndustryFit, KeywordFit, Match};
pub use score::{RulesScorer, Screening};
pub use strategy::{DEPTH_DEFAULT, RulesStrategist, SearchContext, SearchPlan};

/// The recipe with its components.
#[derive(Clone)]
pub struct Discovery {
    sources: Arc<dyn PlaceSources>,
    sites: Arc<dyn SiteFetcher>,
    strategist: Arc<dyn AiComponent<SearchContext, SearchPlan>>,
    scorer: Arc<dyn AiComponent<Screening, ScoreBreakdown>>,
    models: Arc<dyn Models>,
}

impl Discovery {
    /// With the rules engine for both decisions.
    #[must_use]
    pub fn new(sources: Arc<dyn PlaceSources>, sites: Arc<dyn SiteFetcher>) -> Self {
        Self {
            sources,
            sites,
            strategist: Arc::new(RulesStrategist),
            scorer: Arc::new(RulesScorer),
            models: Arc::new(NoModels),
        }
    }

    /// With models that take part in both decisions, each within what the rules allow: see
    /// `planner` and `model_scores`. Without a usable answer the rules decide alone.
    #[must_use]
    pub fn with_models(mut self, models: Arc<dyn Models>) -> Self {
        self.models = models;
        self
    }

    /// With another component that decides where and for what to search.
    #[must_use]
    pub fn with_strategist(
        mut self,
        strategist: Arc<dyn AiComponent<SearchContext, SearchPlan>>,
    ) -> Self {
        self.strategist = strategist;
        self
    }

    /// With another component that scores. A lead that it cannot score is scored by the rules.
    #[must_use]
    pub fn with_scorer(mut self, scorer: Arc<dyn AiComponent<Screening, ScoreBreakdown>>) -> Self {
        self.scorer = scorer;
        self
    }

    async fn plan(
        &self,
        context: &Context,
        payload: &DiscoveryPayload,
    ) -> Result<Decision<SearchPlan>, RecipeFailure> {
        let asked = SearchContext {
            payload: payload.clone(),
            available: match payload.source {
                Some(_) => Vec::new(),
                None => self.sources.available(&context.tenant).await,
            },
        };
        match self.models_for(context, Purpose::Routing).await {
            Some(chain) => {
                let strategist = planner::ModelStrategist::new(&*self.strategist, chain);
                strategist.decide(&asked).await
            }
            None => self.strategist.decide(&asked).await,
        }
    }

    /// The customer's models for a purpose, where there are any.
    async fn models_for(&self, context: &Context, purpose: Purpose) -> Option<ModelChain> {
        let chain = ModelChain::open_or_rules(&*self.models, &context.caller(), purpose).await;
        Some(chain).filter(|chain| !chain.is_empty())
    }

    /// Scores the leads; answers them with why each matched taken into account, in the same order.
    async fn screen(
        &self,
        context: &Context,
        payload: &DiscoveryPayload,
        leads: Vec<(Lead, Match)>,
    ) -> Screened {
        let total = u64::try_from(leads.len()).unwrap_or(u64::MAX);
        let mut screened = Screened::default();
        for (done, (lead, matched)) in (1_u64..).zip(leads) {
            let screening = Screening {
                lead,
                matched,
                agent: Arc::clone(&context.agent),
                now: context.clock.now(),
            };
            let decision = match self.scorer.decide(&screening).await {
                Ok(decision) => decision,
                Err(failure) => {
                    screened.by_rules = screened.by_rules.saturating_add(1);
                    screened.failure.get_or_insert(failure);
                    score::assess(&screening)
                }
            };
            let mut lead = screening.lead;
            let value = score::weighted(&decision.parameters, &context.agent.scoring);
            lead.lead_score = Some(value);
            lead.score_breakdown = Some(decision.parameters);
            lead.quality_tier = Some(QualityTier::of(value));
            lead.score_reasons = decision.reasons;
            // Whatever its score.
            screened.charges.push(context.charge(&lead.id));
            screened.leads.push(lead);
            context.progress(done, total);
        }
        if let Some(chain) = self.models_for(context, Purpose::Scoring).await {
            let agent = &context.agent;
            let leads = &mut screened.leads;
            screened.by_model = model_scores::adjust(&chain, payload, agent, leads).await;
        }
        screened
    }
}

/// Leads with their scores.
#[derive(Default)]
struct Screened {
    leads: Vec<Lead>,
    charges: Vec<ChargeLine>,
    /// How many the rules scored in place of the configured component, and why.
    by_rules: u64,
    failure: Option<RecipeFailure>,
    /// How far a model took part.
    by_model: Option<String>,
}

/// The records that match, normalised, without duplicates, at most as many as were asked for.
fn candidates(
    source: (&str, bool),
    batch: PlaceBatch,
    plan: &SearchPlan,
    payload: &DiscoveryPayload,
    context: &Context,
    account: &mut Account,
) -> Vec<Candidate> {
    let (name, filters) = source;
    account.unusable(batch.unusable);
    let agent = &context.agent;
    let places = match name {
        web_results::SOURCE => web_results::one_per_domain(batch.places, account),
        _ => batch.places,
    };
    let matching = filter::matching(places, filters, &plan.keywords, payload, agent, account);
    let places = matching.iter().map(|(place, _)| place);
    let country = default_country(payload.location.as_deref(), places);
    let normalised = matching
        .into_iter()
        .map(|(place, matched)| Candidate::new(name, place, matched, country.as_deref()));
    let united = dedupe::merge(normalised.collect(), account);
    let limit = usize::try_from(plan.query.max_results).unwrap_or(usize::MAX);
    select::select(united, limit, account)
}

/// Keeps what reaches the threshold, best first; the rest goes into the account.
fn qualify(context: &Context, leads: Vec<Lead>, account: &mut Account) -> Vec<Lead> {
    let threshold = context.agent.scoring.threshold;
    let mut kept = Vec::with_capacity(leads.len());
    for lead in leads {
        let score = lead.lead_score.unwrap_or_default();
        if score >= threshold {
            kept.push(lead);
            continue;
        }
        let parts = lead.score_breakdown.map(|parts| {
            format!(
                " (business maturity {}, intent signals {}, fit match {})",
                parts.business_maturity, parts.intent_signals, parts.fit_match
            )
        });
        let reason = format!(
            "score {:.4} is below {threshold}{}",
            score.get(),
            parts.unwrap_or_default()
        );
        account.reject_lead(&lead, RejectionKind::FilteredOut, reason);
    }
    kept.sort_by(|a, b| {
        let key = |lead: &Lead| Reverse(lead.lead_score.unwrap_or_default().get().to_bits());
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    kept
}

/// Until when more than the ids of a source's records may be kept.
fn expiry(context: &Context, ttl_s: Option<u64>) -> Option<Timestamp> {
    let ttl = std::time::Duration::from_secs(ttl_s?);
    context.clock.now().checked_add(ttl).ok()
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// What the customer reads about the search: sentences on the decision, what came of it, and the
/// attribution that the source's terms want.
fn strategy_text(
    decision: &Decision<SearchPlan>,
    payload: &DiscoveryPayload,
    filters: bool,
    attribution: Option<String>,
) -> Vec<String> {
    let mut text = decision.reasons.clone();
    if let (Some(location), false) = (&payload.location, filters) {
        text.push(format!(
            "the source holds whatever it holds: records that name another place than {location} were left out; those that name none were judged by their position among the others, else kept with a lower fit"
        ));
    }
    if let Some(kind) = &payload.business_type
        && catalog::CATALOG.industries_of(kind).is_empty()
    {
        text.push(format!(
            "the business type `{kind}` is not a known industry: it narrowed nothing"
        ));
    }
    text.extend(attribution.map(|owner| format!("data: {owner}")));
    text
}

#[async_trait]
impl Recipe for Discovery {
    const ID: RecipeId = RecipeId::Discovery;
    type Payload = DiscoveryPayload;
    type Data = DiscoveryData;

    fn validate(&self, payload: &DiscoveryPayload) -> Result<(), RecipeFailure> {
        validate_target(payload)
    }

    fn units_max(&self, payload: &DiscoveryPayload) -> u64 {
        payload.max_results.unwrap_or(MAX_RESULTS_DEFAULT).into()
    }

    async fn run(
        &self,
        context: &Context,
        payload: DiscoveryPayload,
    ) -> Result<Outcome<DiscoveryData>, RecipeFailure> {
        let decision = self.plan(context, &payload).await?;
        let plan = &decision.parameters;
        let source = self.sources.open(&context.caller(), &plan.source).await?;
        let (name, filters) = (source.name().to_owned(), source.filters());
        // Its client has counted the calls on the meter.
        let mut batch = source.search(&plan.query).await?;
        let total = count(batch.places.len()).saturating_add(count(batch.unusable.len()));
        let attribution = batch.attribution.take();
        let coverage = std::mem::take(&mut batch.coverage);
        let expires_at = expiry(context, batch.content_ttl_s);
        let mut limits = plan.limits_reached.clone();
        limits.append(&mut batch.limits_reached);

        let mut account = Account::default();
        let chosen = candidates(
            (&name, filters),
            batch,
            plan,
            &payload,
            context,
            &mut account,
        );
        let matches: Vec<Match> = chosen.iter().map(|c| c.matched.clone()).collect();
        let mut leads: Vec<Lead> = chosen.iter().map(|c| leads::lead(&name, c)).collect();
        for lead in &mut leads {
            lead.content_expires_at = expires_at;
        }
        if context.agent.scoring.look_at_home_page {
            home_look::look(context, &self.sites, &mut leads).await;
        }
        let screened = self
            .screen(context, &payload, leads.into_iter().zip(matches).collect())
            .await;
        let records_processed = count(screened.leads.len());
        let leads = qualify(context, screened.leads, &mut account);

        let mut strategy = strategy_text(&decision, &payload, filters, attribution);
        if total == 0 {
            account.note("the source answered with no records");
        }
        if let Some(failure) = screened.failure {
            strategy.push(format!(
                "{} of {records_processed} leads were scored by {RULES}, since the model could not: {}",
                screened.by_rules,
                chain(&failure)
            ));
        }
        strategy.extend(screened.by_model);
        let (mut summary, rejected) = account.close(count(leads.len()), strategy, limits);
        summary.coverage = coverage;
        debug_assert_eq!(
            summary.total_discovered, total,
            "every record is accounted for"
        );
        Ok(Outcome {
            data: DiscoveryData {
                leads,
                summary,
                rejected,
                chunks: Vec::new(),
            },
            records_processed,
            records_failed: 0,
            errors: Vec::new(),
            charges: screened.charges,
        })
    }
}
