//! The double of the tenant's store.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use hunter_contracts::{
    AgentConfig, AgentId, AlertId, AlertRecord, Balance, BillingMonth, Credits, Draft, DraftId,
    ExecutionId, Hold, LedgerEntry, Plan, RecipeId, RunRecord, TenantId,
};
use jiff::{Timestamp, civil::Date};

use crate::store::{
    AuditEntry, Debit, DraftFilter, Pack, PackKey, Page, Put, StoreError, StoreResult, Suppression,
    TenantStore, suppression_hash,
};

/// The suppression list by hash, and the audit log by id.
#[derive(Default)]
struct Suppressed {
    entries: BTreeMap<String, Suppression>,
    audit: BTreeMap<String, AuditEntry>,
}

/// What a [`StoreDouble`] knows of a customer's account. Nothing adds it up: the figures are what a
/// test says they are.
#[derive(Debug, Clone, Default)]
pub struct AccountDouble {
    /// The plan.
    pub plan: Option<Plan>,
    /// The balance.
    pub balance: Balance,
    /// The hold that every run is answered.
    pub hold: Option<Hold>,
    /// The ledger, oldest first.
    pub entries: Vec<LedgerEntry>,
    /// Outside calls by month and run.
    pub api_calls: BTreeMap<(BillingMonth, ExecutionId), u64>,
    /// Alerts that were stored.
    pub alerts: BTreeMap<AlertId, AlertRecord>,
}

/// Serves what it was given and answers everything else with [`StoreError::Unavailable`].
pub struct StoreDouble {
    tenant: TenantId,
    account: Option<Mutex<AccountDouble>>,
    drafts: Option<Mutex<BTreeMap<DraftId, Draft>>>,
    suppressed: Option<Mutex<Suppressed>>,
}

impl StoreDouble {
    /// Serves nothing: for a recipe that must not touch the store, or meets one that is down.
    #[must_use]
    pub fn unavailable() -> Self {
        Self {
            tenant: TenantId::derived("cust", "001"),
            account: None,
            drafts: None,
            suppressed: None,
        }
    }

    /// Serves a suppression list and takes audit entries; there are none yet.
    #[must_use]
    pub fn of_suppressions() -> Self {
        Self {
            suppressed: Some(Mutex::default()),
            ..Self::unavailable()
        }
    }

    /// Takes drafts, with a suppression list; there are none yet.
    #[must_use]
    pub fn of_drafts() -> Self {
        Self {
            drafts: Some(Mutex::default()),
            ..Self::of_suppressions()
        }
    }

    /// Serves an account without any run's record, counts calls and takes alerts.
    #[must_use]
    pub fn of_account(account: AccountDouble) -> Self {
        Self {
            account: Some(Mutex::new(account)),
            ..Self::unavailable()
        }
    }

    /// The drafts that are stored by now; none where it serves none.
    #[must_use]
    pub fn stored_drafts(&self) -> BTreeMap<DraftId, Draft> {
        self.drafts_served()
            .map(|drafts| drafts.clone())
            .unwrap_or_default()
    }

    /// The alerts that are stored by now; none where it serves no account.
    #[must_use]
    pub fn stored_alerts(&self) -> BTreeMap<AlertId, AlertRecord> {
        self.account_served()
            .map(|account| account.alerts.clone())
            .unwrap_or_default()
    }

    /// The suppression list by now; empty where it serves none.
    #[must_use]
    pub fn stored_suppressions(&self) -> Vec<Suppression> {
        self.suppressed_served()
            .map(|served| served.entries.values().cloned().collect())
            .unwrap_or_default()
    }

    /// The audit entries by now; none where it serves no suppression list.
    #[must_use]
    pub fn stored_audit(&self) -> Vec<AuditEntry> {
        self.suppressed_served()
            .map(|served| served.audit.values().cloned().collect())
            .unwrap_or_default()
    }

    fn suppressed_served(&self) -> StoreResult<MutexGuard<'_, Suppressed>> {
        self.suppressed
            .as_ref()
            .map_or_else(unserved, |suppressed| {
                Ok(suppressed.lock().unwrap_or_else(PoisonError::into_inner))
            })
    }

    fn account_served(&self) -> StoreResult<MutexGuard<'_, AccountDouble>> {
        self.account.as_ref().map_or_else(unserved, |account| {
            Ok(account.lock().unwrap_or_else(PoisonError::into_inner))
        })
    }

    fn drafts_served(&self) -> StoreResult<MutexGuard<'_, BTreeMap<DraftId, Draft>>> {
        self.drafts.as_ref().map_or_else(unserved, |drafts| {
            Ok(drafts.lock().unwrap_or_else(PoisonError::into_inner))
        })
    }
}

fn unserved<T>() -> StoreResult<T> {
    Err(StoreError::Unavailable("not served in this test".into()))
}

#[async_trait]
impl TenantStore for StoreDouble {
    fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    async fn plan(&self) -> StoreResult<Option<Plan>> {
        Ok(self.account_served()?.plan.clone())
    }
    async fn put_plan(&self, _: &Plan) -> StoreResult<()> {
        unserved()
    }
    async fn balance(&self) -> StoreResult<Balance> {
        Ok(self.account_served()?.balance)
    }
    async fn grant(&self, _: &str, _: Credits, _: Timestamp) -> StoreResult<()> {
        unserved()
    }

    async fn put_agent(&self, _: &AgentConfig) -> StoreResult<u32> {
        unserved()
    }
    async fn agent(&self, _: &AgentId) -> StoreResult<Option<AgentConfig>> {
        unserved()
    }

    async fn create_run(&self, _: &RunRecord) -> StoreResult<Put<RunRecord>> {
        unserved()
    }
    async fn update_run(&self, _: &RunRecord) -> StoreResult<()> {
        unserved()
    }
    async fn run(&self, _: &ExecutionId) -> StoreResult<Option<RunRecord>> {
        self.account_served().map(|_| None)
    }
    async fn runs(&self, _: usize, _: Option<String>) -> StoreResult<Page<RunRecord>> {
        unserved()
    }

    async fn reserve(&self, _: &ExecutionId, _: Credits, _: Timestamp) -> StoreResult<Put<Hold>> {
        unserved()
    }
    async fn settle(&self, _: &Debit) -> StoreResult<Put<()>> {
        unserved()
    }
    async fn close(&self, _: &ExecutionId, _: Timestamp) -> StoreResult<Option<Hold>> {
        unserved()
    }
    async fn hold(&self, _: &ExecutionId) -> StoreResult<Option<Hold>> {
        Ok(self.account_served()?.hold)
    }
    async fn ledger(&self, limit: usize, cursor: Option<String>) -> StoreResult<Page<LedgerEntry>> {
        let account = self.account_served()?;
        let from = match &cursor {
            None => 0,
            Some(cursor) => cursor
                .parse()
                .map_err(|_| StoreError::NotFound(format!("cursor `{cursor}`")))?,
        };
        let entries = account.entries.iter().skip(from).take(limit);
        let items: Vec<_> = entries.cloned().collect();
        let next = from + items.len();
        let cursor = (next < account.entries.len()).then(|| next.to_string());
        Ok(Page { items, cursor })
    }

    async fn add_api_calls(
        &self,
        month: BillingMonth,
        id: &ExecutionId,
        calls: u64,
    ) -> StoreResult<()> {
        let key = (month, id.clone());
        self.account_served()?.api_calls.entry(key).or_insert(calls);
        Ok(())
    }
    async fn api_calls(&self, month: BillingMonth) -> StoreResult<u64> {
        let account = self.account_served()?;
        let of_month = account.api_calls.iter().filter(|((m, _), _)| *m == month);
        Ok(of_month.map(|(_, calls)| calls).sum())
    }

    async fn put_pack(&self, _: &PackKey, _: &Pack) -> StoreResult<Put<Pack>> {
        unserved()
    }
    async fn pack(&self, _: &PackKey) -> StoreResult<Option<Pack>> {
        unserved()
    }
    async fn packs(&self, _: &ExecutionId, _: RecipeId) -> StoreResult<Vec<(String, Pack)>> {
        unserved()
    }

    async fn create_draft(&self, draft: &Draft) -> StoreResult<Put<Draft>> {
        Ok(match self.drafts_served()?.entry(draft.job.id.clone()) {
            Entry::Occupied(standing) => Put::Existing(standing.get().clone()),
            Entry::Vacant(free) => {
                free.insert(draft.clone());
                Put::New
            }
        })
    }
    async fn draft(&self, id: &DraftId) -> StoreResult<Option<Draft>> {
        Ok(self.drafts_served()?.get(id).cloned())
    }
    async fn drafts(
        &self,
        _: &DraftFilter,
        _: usize,
        _: Option<String>,
    ) -> StoreResult<Page<Draft>> {
        unserved()
    }
    async fn update_draft(&self, draft: &Draft) -> StoreResult<()> {
        match self.drafts_served()?.get_mut(&draft.job.id) {
            Some(standing) if standing.version + 1 == draft.version => {
                *standing = draft.clone();
                Ok(())
            }
            Some(standing) => Err(StoreError::Conflict(format!(
                "draft is at version {}",
                standing.version
            ))),
            None => Err(StoreError::NotFound(draft.job.id.to_string())),
        }
    }

    async fn put_alert(&self, alert: &AlertRecord) -> StoreResult<bool> {
        Ok(
            match self.account_served()?.alerts.entry(alert.id.clone()) {
                Entry::Occupied(_) => false,
                Entry::Vacant(free) => {
                    free.insert(alert.clone());
                    true
                }
            },
        )
    }
    async fn alerts(&self, _: usize, _: Option<String>) -> StoreResult<Page<AlertRecord>> {
        unserved()
    }

    async fn suppress(&self, entry: &Suppression) -> StoreResult<Put<Suppression>> {
        let key = entry.address_hash.clone();
        Ok(match self.suppressed_served()?.entries.entry(key) {
            Entry::Occupied(standing) => Put::Existing(standing.get().clone()),
            Entry::Vacant(free) => {
                free.insert(entry.clone());
                Put::New
            }
        })
    }
    async fn suppressed(&self, addresses: &[String]) -> StoreResult<BTreeMap<String, Suppression>> {
        if addresses.is_empty() {
            return Ok(BTreeMap::new());
        }
        let served = self.suppressed_served()?;
        let listed = addresses.iter().filter_map(|address| {
            let entry = served
                .entries
                .get(&suppression_hash(&self.tenant, address))?;
            Some((address.clone(), entry.clone()))
        });
        Ok(listed.collect())
    }

    async fn audit(&self, entry: &AuditEntry) -> StoreResult<()> {
        let mut served = self.suppressed_served()?;
        let audit = &mut served.audit;
        audit
            .entry(entry.id.clone())
            .or_insert_with(|| entry.clone());
        Ok(())
    }
    async fn audit_log(&self, _: Date) -> StoreResult<Vec<AuditEntry>> {
        unserved()
    }
}
