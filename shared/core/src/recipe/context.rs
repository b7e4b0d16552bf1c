//! What a recipe works with: the tenant's store, time, the agent's configuration, and a meter.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use hunter_contracts::{
    AgentConfig, AlertRecord, ChargeLine, Credits, ExecutionId, Lead, LeadId, LeadsPayload,
    LeadsRef, RateCard, RecipeFailure, RecipeId, RecordError, RejectedRecord, StepContext,
    TenantId,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    ports::{AlertPublisher, Clock, StoredOnly, raise_alert},
    recipe::{Caller, Meter},
    store::{Store, TenantStore},
};

/// Hears how far a step is; drives progress bars.
pub trait Progress: Send + Sync {
    /// `done` of `total` records of a step are done.
    fn records(&self, recipe: RecipeId, chunk: Option<u32>, done: u64, total: u64);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn records(&self, _: RecipeId, _: Option<u32>, _: u64, _: u64) {}
}

/// The names of the functions that the plan calls: the package names on one machine, names or ARNs
/// on AWS.
#[derive(Debug, Clone, Default)]
pub struct FunctionNames {
    /// Put before each recipe's name, as in `hunter-prod-`; may be empty.
    pub prefix: String,
}

impl FunctionNames {
    /// The function of a recipe.
    #[must_use]
    pub fn of(&self, recipe: RecipeId) -> String {
        format!("{}{recipe}", self.prefix)
    }
}

/// Everything outside that steps need, wired once at start.
#[derive(Clone)]
pub struct Platform {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Prices.
    pub rates: RateCard,
    /// Who hands alerts on.
    pub alerts: Arc<dyn AlertPublisher>,
    /// Who hears progress.
    pub progress: Arc<dyn Progress>,
    /// Where steps are sent.
    pub functions: FunctionNames,
    /// The configuration that direct calls run under: they have no run and so no agent.
    pub direct_agent: AgentConfig,
    /// Records at once within a step, at least 1.
    pub record_concurrency: usize,
}

impl Platform {
    /// A platform over a store: list prices, alerts stored only, nobody watching, ten records at
    /// once. Change the fields that differ.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            clock,
            rates: RateCard::list_2025_12(),
            alerts: Arc::new(StoredOnly),
            progress: Arc::new(Silent),
            functions: FunctionNames::default(),
            direct_agent: AgentConfig::unconfigured(),
            record_concurrency: 10,
        }
    }
}

/// What a recipe works with during one step.
#[derive(Clone)]
pub struct Context {
    /// The tenant.
    pub tenant: TenantId,
    /// The run.
    pub execution_id: ExecutionId,
    /// The recipe.
    pub recipe: RecipeId,
    /// Where in the run; absent on a direct call.
    pub step: Option<StepContext>,
    /// The tenant's store.
    pub store: Arc<dyn TenantStore>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The agent's configuration as of the run's start.
    pub agent: Arc<AgentConfig>,
    /// Prices.
    pub rates: RateCard,
    /// Records at once, at least 1.
    pub record_concurrency: usize,
    /// Who hands alerts on; see [`Context::raise`].
    pub(crate) alerts: Arc<dyn AlertPublisher>,
    pub(crate) progress: Arc<dyn Progress>,
    pub(crate) api_calls: Arc<AtomicU64>,
    /// What outside services were used for; see [`Context::caller`].
    pub(crate) meter: Arc<Meter>,
}

impl Context {
    /// Counts requests that run on no meter (pages of web sites); they count against the plan's
    /// limit.
    pub fn count_api_calls(&self, calls: u64) {
        self.api_calls.fetch_add(calls, Ordering::Relaxed);
    }

    /// Who calls outside services in this step, and where that is counted. Clients count their own
    /// calls there: they are not counted again by [`Context::count_api_calls`].
    #[must_use]
    pub fn caller(&self) -> Caller {
        Caller {
            tenant: self.tenant.clone(),
            meter: self.meter.clone(),
        }
    }

    /// Stores an alert and, where it is new, hands it on.
    ///
    /// # Errors
    /// When the store or the publisher fails.
    pub async fn raise(&self, alert: &AlertRecord) -> Result<(), RecipeFailure> {
        raise_alert(&self.store, &self.alerts, alert).await
    }

    /// Tells how far the step is.
    pub fn progress(&self, done: u64, total: u64) {
        let chunk = self.step.as_ref().and_then(|step| step.chunk);
        self.progress.records(self.recipe, chunk, done, total);
    }

    /// What a unit of this recipe's work on a lead costs, as a line of the debit.
    #[must_use]
    pub fn charge(&self, lead_id: &LeadId, action: &str) -> ChargeLine {
        ChargeLine {
            lead_id: lead_id.clone(),
            action: action.to_owned(),
            amount: self.rates.price(self.recipe),
        }
    }
}

/// What a recipe made of its input.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome<D> {
    /// The result, with its leads inline.
    pub data: D,
    /// Records looked at.
    pub records_processed: u64,
    /// Records that failed, each named in `errors` (one record may have several errors).
    pub records_failed: u64,
    /// Failures by record.
    pub errors: Vec<RecordError>,
    /// What is charged.
    pub charges: Vec<ChargeLine>,
}

/// How leads (and rejected records) are taken out of a recipe's data for storing, and put back.
pub trait RecipeData: Serialize + DeserializeOwned + Send + Sync {
    /// Takes the leads out.
    fn take_leads(&mut self) -> Vec<Lead> {
        Vec::new()
    }
    /// Takes the rejected records out.
    fn take_rejected(&mut self) -> Vec<RejectedRecord> {
        Vec::new()
    }
    /// Takes out what is stored item by item elsewhere (drafts).
    fn clear_stored_elsewhere(&mut self) {}
    /// Notes the sizes of the chunks that the leads were stored in.
    fn set_chunks(&mut self, _sizes: Vec<u32>) {}
}

impl RecipeData for hunter_contracts::DiscoveryData {
    fn take_leads(&mut self) -> Vec<Lead> {
        std::mem::take(&mut self.leads)
    }
    fn take_rejected(&mut self) -> Vec<RejectedRecord> {
        std::mem::take(&mut self.rejected)
    }
    fn set_chunks(&mut self, sizes: Vec<u32>) {
        self.chunks = sizes;
    }
}

impl RecipeData for hunter_contracts::LeadsData {
    fn take_leads(&mut self) -> Vec<Lead> {
        std::mem::take(&mut self.leads)
    }
}

impl RecipeData for hunter_contracts::OutreachData {
    fn clear_stored_elsewhere(&mut self) {
        self.outreach_jobs.clear();
    }
}

impl RecipeData for hunter_contracts::SubscriptionData {}

/// A recipe: one step of the cookbook. [`crate::recipe::execute`] does everything that recipes share.
#[async_trait]
pub trait Recipe: Send + Sync {
    /// Which one.
    const ID: RecipeId;
    /// What it needs.
    type Payload: LeadsPayload + Serialize + DeserializeOwned + Clone + Send + Sync;
    /// What it makes.
    type Data: RecipeData;

    /// Checks the payload beyond its schema: limits, empty lists, contradictions.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming the field, the problem and what to do.
    fn validate(&self, payload: &Self::Payload) -> Result<(), RecipeFailure>;

    /// The most that a direct call with this payload can cost: the recipe's price for every inline
    /// lead. A recipe that is charged for something else says for what.
    fn cost_max(&self, payload: &Self::Payload, rates: &RateCard) -> Credits {
        let leads = u64::try_from(payload.leads().len()).unwrap_or(u64::MAX);
        let cost = rates.price(Self::ID).checked_mul(leads);
        cost.unwrap_or(Credits::from_micros(i64::MAX))
    }

    /// The leads that the payload names by reference.
    fn leads_ref(payload: &Self::Payload) -> Option<LeadsRef> {
        payload.leads_ref().cloned()
    }

    /// Puts the leads that the reference names into the payload.
    fn set_leads(payload: &mut Self::Payload, leads: Vec<Lead>) {
        payload.set_leads(leads);
    }

    /// Does the work. Records fail one by one in `errors`; only a failure of the whole step is an
    /// `Err`, and then nothing of it is kept or charged.
    ///
    /// # Errors
    /// With the code that the retry policy looks at.
    async fn run(
        &self,
        context: &Context,
        payload: Self::Payload,
    ) -> Result<Outcome<Self::Data>, RecipeFailure>;
}
