//! What a recipe works with: the tenant's store, time, the agent's configuration, and a meter.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use hunter_contracts::{
    AgentConfig, AlertRecord, ChargeLine, ExecutionId, LeadId, LeadsPayload, NextStep, RateCard,
    Rates, RecipeData, RecipeFailure, RecipeId, RecipeInput, RecordError, StepContext, TenantId,
};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    ports::{AlertPublisher, Clock, StoredOnly, raise_alert},
    recipe::{Caller, Meter},
    store::{
        Actor, AuditEntry, AuditEvent, Put, Store, Suppression, SuppressionReason, TenantStore,
        audit_details,
    },
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

    /// The step that runs an input.
    #[must_use]
    pub fn step(&self, input: RecipeInput<Value>) -> NextStep {
        NextStep {
            function: self.of(input.recipe_id),
            input,
        }
    }
}

/// Everything outside that steps need, wired once at start.
#[derive(Clone)]
pub struct Platform {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Prices by date: a run takes those of the day on which it is opened, a direct call today's.
    pub rates: Rates,
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
    /// A platform over a store: alerts stored only, nobody watching, ten records at once. Change
    /// the fields that differ.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, rates: Rates) -> Self {
        Self {
            store,
            clock,
            rates,
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
    /// The run's prices.
    pub rates: RateCard,
    /// When the run was opened; of a direct call, when it began.
    pub opened_at: Timestamp,
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

    /// Puts an address on the tenant's suppression list, and the fact that it is there into the
    /// audit log. An address that is listed already stays as it stands; answers the entry.
    ///
    /// # Errors
    /// When the store fails. May be called again: both are written once.
    pub async fn suppress(
        &self,
        address: &str,
        reason: SuppressionReason,
        source: &str,
    ) -> Result<Suppression, RecipeFailure> {
        let entry = Suppression::new(&self.tenant, address, reason, source, self.clock.now());
        // What stands keeps its time, so that a repeat finds the same audit entry.
        let standing = match self.store.suppress(&entry).await? {
            Put::New => entry,
            Put::Existing(standing) => standing,
        };
        let (hash, at) = (&standing.address_hash, standing.at);
        let id = format!("address_suppressed:{hash}");
        let (actor, event) = (Actor::system(self.recipe), AuditEvent::AddressSuppressed);
        let mut audit = AuditEntry::new(id, at, actor, event, hash, &self.tenant);
        audit.context.execution_id = Some(self.execution_id.clone());
        audit.context.recipe_id = Some(self.recipe);
        audit.result.details = audit_details([
            ("address", json!(standing.masked)),
            ("reason", json!(standing.reason)),
            ("source", json!(standing.source)),
        ]);
        self.store.audit(&audit).await?;
        Ok(standing)
    }

    /// Tells how far the step is.
    pub fn progress(&self, done: u64, total: u64) {
        let chunk = self.step.as_ref().and_then(|step| step.chunk);
        self.progress.records(self.recipe, chunk, done, total);
    }

    /// Does the work on all records, as many at once as may be, and tells how many are done. The
    /// results come in the order of the records; the first failure among them ends the step.
    ///
    /// # Errors
    /// As the work.
    pub async fn in_order<T: Send>(
        &self,
        work: impl IntoIterator<Item = impl Future<Output = Result<T, RecipeFailure>> + Send>,
    ) -> Result<Vec<T>, RecipeFailure> {
        let work: Vec<_> = work.into_iter().collect();
        let (done, total) = (&AtomicU64::new(0), work.len() as u64);
        self.progress(0, total);
        let counted = work.into_iter().map(|record| async move {
            let result = record.await;
            let before = done.fetch_add(1, Ordering::Relaxed);
            self.progress(before.saturating_add(1), total);
            result
        });
        let pending: Vec<_> = counted.collect();
        stream::iter(pending)
            .buffered(self.record_concurrency.max(1))
            .try_collect()
            .await
    }

    /// What a unit of this recipe's work on a lead costs, as a line of the debit.
    #[must_use]
    pub fn charge(&self, lead_id: &LeadId) -> ChargeLine {
        ChargeLine {
            lead_id: lead_id.clone(),
            action: self.recipe.spec().unit.to_owned(),
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

    /// The most units that a direct call with this payload can be charged: one for every inline
    /// lead. A recipe that is charged for something else says how many.
    fn units_max(&self, payload: &Self::Payload) -> u64 {
        payload.leads().len() as u64
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
