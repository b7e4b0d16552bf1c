//! The real store, with faults at chosen effects.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use hunter_contracts::{
    AgentConfig, AgentId, AlertRecord, Balance, BillingMonth, Credits, Draft, DraftId, ExecutionId,
    Hold, LedgerEntry, Plan, RecipeId, RunRecord, TenantId,
};
use hunter_core::store::{
    AuditEntry, Debit, DraftFilter, Pack, PackKey, Page, Put, Store, StoreError, StoreResult,
    Suppression, TenantStore,
};
use jiff::{Timestamp, civil::Date};
use tokio::sync::Notify;

/// A call that writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Counted from 1 over the whole store.
    pub number: u64,
    /// The store's method, as in `put_pack`.
    pub operation: &'static str,
    /// What it is about, as in `intelligence/c0001`; may be empty.
    pub about: String,
}

/// What goes wrong at an effect.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The function crashes before it is written.
    CrashBefore,
    /// The function crashes after it was written.
    CrashAfter,
    /// The store refuses; nothing is written.
    Refuse(StoreError),
    /// It is written, but the answer is lost.
    LoseAnswer(StoreError),
    /// It is written by two callers at once.
    Twice,
    /// It is written, whoever waits for it is told, and the step hangs until it is ended from
    /// outside.
    Tell(Arc<Notify>),
}

type Decide = Box<dyn Fn(&Effect) -> Option<Fault> + Send + Sync>;

/// Decides about every effect, and remembers them.
pub struct Script {
    seen: AtomicU64,
    effects: Mutex<Vec<Effect>>,
    decide: Decide,
}

impl Script {
    /// Decides by a rule.
    pub fn new(decide: impl Fn(&Effect) -> Option<Fault> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            seen: AtomicU64::new(0),
            effects: Mutex::default(),
            decide: Box::new(decide),
        })
    }

    /// Nothing goes wrong: counts only.
    #[must_use]
    pub fn none() -> Arc<Self> {
        Self::new(|_| None)
    }

    /// One fault, at one effect.
    #[must_use]
    pub fn once(number: u64, fault: Fault) -> Arc<Self> {
        Self::new(move |effect| (effect.number == number).then(|| fault.clone()))
    }

    /// The effects so far.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        self.effects.lock().unwrap().clone()
    }

    fn next(&self, operation: &'static str, about: String) -> Option<Fault> {
        let number = self.seen.fetch_add(1, Ordering::SeqCst) + 1;
        let effect = Effect {
            number,
            operation,
            about,
        };
        let fault = (self.decide)(&effect);
        self.effects.lock().unwrap().push(effect);
        fault
    }
}

/// A crash: ends the function's task, without the noise of a panic that nobody expected.
fn crash() -> ! {
    std::panic::resume_unwind(Box::new("simulated crash"))
}

/// A store that does what its script says.
pub struct FaultyStore {
    inner: Arc<dyn Store>,
    script: Arc<Script>,
}

impl FaultyStore {
    /// Over a real store.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>, script: Arc<Script>) -> Arc<Self> {
        Arc::new(Self { inner, script })
    }
}

impl Store for FaultyStore {
    fn tenant(&self, tenant: &TenantId) -> Arc<dyn TenantStore> {
        Arc::new(FaultyTenant {
            inner: self.inner.tenant(tenant),
            script: self.script.clone(),
        })
    }
}

struct FaultyTenant {
    inner: Arc<dyn TenantStore>,
    script: Arc<Script>,
}

impl FaultyTenant {
    async fn effect<T, W>(
        &self,
        operation: &'static str,
        about: impl ToString,
        work: impl Fn() -> W,
    ) -> StoreResult<T>
    where
        W: Future<Output = StoreResult<T>>,
    {
        match self.script.next(operation, about.to_string()) {
            None => work().await,
            Some(Fault::CrashBefore) => crash(),
            Some(Fault::CrashAfter) => {
                let _ = work().await;
                crash()
            }
            Some(Fault::Refuse(error)) => Err(error),
            Some(Fault::LoseAnswer(error)) => {
                work().await?;
                Err(error)
            }
            Some(Fault::Twice) => {
                let (first, second) = tokio::join!(work(), work());
                second?;
                first
            }
            Some(Fault::Tell(waiting)) => {
                let _ = work().await;
                waiting.notify_one();
                // The step is held here until whoever was told has ended it.
                std::future::pending().await
            }
        }
    }
}

fn pack_name(key: &PackKey) -> String {
    format!("{}/{}", key.recipe, key.name)
}

#[async_trait]
impl TenantStore for FaultyTenant {
    fn tenant(&self) -> &TenantId {
        self.inner.tenant()
    }
    async fn plan(&self) -> StoreResult<Option<Plan>> {
        self.inner.plan().await
    }
    async fn put_plan(&self, plan: &Plan) -> StoreResult<()> {
        self.effect("put_plan", "", || self.inner.put_plan(plan))
            .await
    }
    async fn balance(&self) -> StoreResult<Balance> {
        self.inner.balance().await
    }
    async fn grant(&self, key: &str, amount: Credits, at: Timestamp) -> StoreResult<()> {
        self.effect("grant", key, || self.inner.grant(key, amount, at))
            .await
    }
    async fn put_agent(&self, agent: &AgentConfig) -> StoreResult<u32> {
        self.effect("put_agent", "", || self.inner.put_agent(agent))
            .await
    }
    async fn agent(&self, id: &AgentId) -> StoreResult<Option<AgentConfig>> {
        self.inner.agent(id).await
    }
    async fn create_run(&self, run: &RunRecord) -> StoreResult<Put<RunRecord>> {
        self.effect("create_run", "", || self.inner.create_run(run))
            .await
    }
    async fn update_run(&self, run: &RunRecord) -> StoreResult<()> {
        self.effect("update_run", "", || self.inner.update_run(run))
            .await
    }
    async fn run(&self, id: &ExecutionId) -> StoreResult<Option<RunRecord>> {
        self.inner.run(id).await
    }
    async fn runs(&self, limit: usize, cursor: Option<String>) -> StoreResult<Page<RunRecord>> {
        self.inner.runs(limit, cursor).await
    }
    async fn reserve(
        &self,
        id: &ExecutionId,
        amount: Credits,
        at: Timestamp,
    ) -> StoreResult<Put<Hold>> {
        self.effect("reserve", "", || self.inner.reserve(id, amount, at))
            .await
    }
    async fn settle(&self, debit: &Debit) -> StoreResult<Put<()>> {
        self.effect("settle", debit.recipe, || self.inner.settle(debit))
            .await
    }
    async fn close(&self, id: &ExecutionId, at: Timestamp) -> StoreResult<Option<Hold>> {
        self.effect("close", "", || self.inner.close(id, at)).await
    }
    async fn hold(&self, id: &ExecutionId) -> StoreResult<Option<Hold>> {
        self.inner.hold(id).await
    }
    async fn ledger(&self, limit: usize, cursor: Option<String>) -> StoreResult<Page<LedgerEntry>> {
        self.inner.ledger(limit, cursor).await
    }
    async fn add_api_calls(
        &self,
        month: BillingMonth,
        id: &ExecutionId,
        calls: u64,
    ) -> StoreResult<()> {
        self.effect("add_api_calls", &month.to_string(), || {
            self.inner.add_api_calls(month, id, calls)
        })
        .await
    }
    async fn api_calls(&self, month: BillingMonth) -> StoreResult<u64> {
        self.inner.api_calls(month).await
    }
    async fn put_pack(&self, key: &PackKey, pack: &Pack) -> StoreResult<Put<Pack>> {
        self.effect("put_pack", pack_name(key), || {
            self.inner.put_pack(key, pack)
        })
        .await
    }
    async fn pack(&self, key: &PackKey) -> StoreResult<Option<Pack>> {
        self.inner.pack(key).await
    }
    async fn packs(&self, id: &ExecutionId, recipe: RecipeId) -> StoreResult<Vec<(String, Pack)>> {
        self.inner.packs(id, recipe).await
    }
    async fn create_draft(&self, draft: &Draft) -> StoreResult<Put<Draft>> {
        self.effect("create_draft", &draft.job.id, || {
            self.inner.create_draft(draft)
        })
        .await
    }
    async fn draft(&self, id: &DraftId) -> StoreResult<Option<Draft>> {
        self.inner.draft(id).await
    }
    async fn drafts(
        &self,
        filter: &DraftFilter,
        limit: usize,
        cursor: Option<String>,
    ) -> StoreResult<Page<Draft>> {
        self.inner.drafts(filter, limit, cursor).await
    }
    async fn update_draft(&self, draft: &Draft) -> StoreResult<()> {
        self.effect("update_draft", &draft.job.id, || {
            self.inner.update_draft(draft)
        })
        .await
    }
    async fn put_alert(&self, alert: &AlertRecord) -> StoreResult<bool> {
        let about = format!("{:?}", alert.trigger_type);
        self.effect("put_alert", about, || self.inner.put_alert(alert))
            .await
    }
    async fn alerts(&self, limit: usize, cursor: Option<String>) -> StoreResult<Page<AlertRecord>> {
        self.inner.alerts(limit, cursor).await
    }
    async fn suppress(&self, suppression: &Suppression) -> StoreResult<Put<Suppression>> {
        self.effect("suppress", &suppression.address_hash, || {
            self.inner.suppress(suppression)
        })
        .await
    }
    async fn suppressed(&self, addresses: &[String]) -> StoreResult<BTreeMap<String, Suppression>> {
        self.inner.suppressed(addresses).await
    }
    async fn audit(&self, entry: &AuditEntry) -> StoreResult<()> {
        self.effect("audit", &entry.resource_id, || self.inner.audit(entry))
            .await
    }
    async fn audit_log(&self, day: Date) -> StoreResult<Vec<AuditEntry>> {
        self.inner.audit_log(day).await
    }
}
