//! The store on DynamoDB: one table for everything, one for the audit log.
//!
//! # Items
//!
//! `t` is the tenant, `x` a run. Every key begins with `T#t`, also in the index, so a policy on
//! leading keys (`T#t` and `T#t#*`) holds a function to its tenant. There is no `Scan`. Except for
//! amounts, versions and states, which conditions need, an item is one compressed attribute `body`.
//!
//! | Item | PK | SK | Written |
//! |---|---|---|---|
//! | plan, balance | `T#t` | `PLAN`, `BAL` | replaced; by transactions |
//! | grant done | `T#t` | `GRANT#hash` | once |
//! | agent: newest, version | `T#t` | `AGENT#a`, `AGENT#a#v000001` | on its version; once |
//! | run | `T#t` | `EXEC#x` | replaced |
//! | calls of a cycle, run counted | `T#t`, `T#t#E#x` | `Q#calls#yyyy-mm`, `CALLS` | added to; once |
//! | alert | `T#t` | `AL#id`; index `T#t#AL` / time, id | once |
//! | hold | `T#t#E#x` | `HOLD` | by transactions |
//! | pack | `T#t#E#x` | `P#recipe#name` | once |
//! | draft | `T#t#D` | id; index `T#t#D#status` / run, rank, id | on its version |
//! | suppressed address | `T#t#S` | hash of the address | once, kept for good |
//! | ledger entry | `T#t#L` | time, then what it is for | once |
//! | profile | `T#t` | `PROFILE` | replaced |
//! | request for a run | `T#t` | `REQ#x` | once |
//! | schedule | `T#t` | `SCHED#a` | replaced |
//! | alert window, delivery | `T#t` | `ALF#hash`, `AD#alert#hash` | where its time is over |
//! | audit entry (own table) | `T#t#A#yyyymmdd` | hash of the id | once |
//!
//! The ledger is one partition per tenant that sorts by time, so a month is a range of it and a list
//! needs no knowledge of which months exist. The time in the keys of a run's entries is when the run
//! reserved, which its hold keeps: a retry in another month finds the same keys.
//!
//! # Requests
//!
//! Reserve, settle, close, grant and the count of calls are transactions guarded by conditions and by
//! keys that say what they are for; any of them may be sent twice. A refusal is explained from the
//! items that come back with it. Throttling, conflicts between transactions and lost answers are
//! tried again a bounded number of times, with jittered waits on the context's clock. Items read by
//! key are read consistently; lists by index may lag behind writes by moments.

mod accounts;
mod audit;
mod codec;
mod connection;
mod credits;
mod drafts;
mod item;
mod keys;
mod list;
mod packs;
mod retry;
mod runs;
mod suppressions;
mod tables;
mod units;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use hunter_contracts::{
    AgentConfig, AgentId, AlertRecord, Balance, BillingMonth, Credits, Draft, DraftId, ExecutionId,
    Hold, LedgerEntry, Plan, RecipeId, RunRecord, TenantId,
};
use hunter_core::{
    ports::Clock,
    store::{
        AccountStore, Accounts, AuditEntry, Debit, DraftFilter, Pack, PackKey, Page, Put, Store,
        StoreError, StoreResult, Suppression, TenantStore,
    },
};
use jiff::{Timestamp, civil::Date};

pub use list::PAGE_MAX;
pub use tables::{INDEX, Tables, create_tables};
pub use units::{OperationUnits, Units};

use crate::config::{ConfigError, Settings};
use connection::Connection;
use keys::{Key, Keys};
use units::Meter;

/// The store of all tenants. Cheap to clone; clones count units together.
#[derive(Clone)]
pub struct DynamoStore {
    connection: Arc<Connection>,
}

impl DynamoStore {
    /// A store on tables that stand already (see [`create_tables`]). `clock` gives the times of
    /// expiry and waits between attempts.
    #[must_use]
    pub fn new(client: Client, tables: Tables, clock: Arc<dyn Clock>) -> Self {
        let connection = Connection {
            client,
            tables,
            clock,
            meter: Meter::default(),
        };
        Self {
            connection: Arc::new(connection),
        }
    }

    /// A store where the settings say. Must be called within a Tokio runtime that outlives it.
    ///
    /// # Errors
    /// As [`Settings::dynamodb_client`].
    pub fn open(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, ConfigError> {
        let client = settings.dynamodb_client()?;
        Ok(Self::new(client, Tables::from(settings), clock))
    }

    /// What was consumed so far, over all tenants.
    #[must_use]
    pub fn units(&self) -> Units {
        self.connection.meter.units()
    }
}

impl DynamoStore {
    fn of(&self, tenant: &TenantId) -> DynamoTenantStore {
        DynamoTenantStore {
            tenant: tenant.clone(),
            keys: Keys::of(tenant),
            connection: self.connection.clone(),
        }
    }
}

impl Store for DynamoStore {
    fn tenant(&self, tenant: &TenantId) -> Arc<dyn TenantStore> {
        Arc::new(self.of(tenant))
    }
}

impl Accounts for DynamoStore {
    fn account(&self, tenant: &TenantId) -> Arc<dyn AccountStore> {
        Arc::new(self.of(tenant))
    }
}

/// The store of one tenant: all its keys come from the tenant that it was made for.
pub(crate) struct DynamoTenantStore {
    tenant: TenantId,
    keys: Keys,
    connection: Arc<Connection>,
}

impl DynamoTenantStore {
    /// What stands at a key that a write was refused at, for a server that does not say.
    async fn existing<T: serde::de::DeserializeOwned>(
        &self,
        operation: &'static str,
        key: &Key,
    ) -> StoreResult<Put<T>> {
        match self.connection.get(operation, key).await? {
            Some(item) => Ok(Put::Existing(item.body()?)),
            None => Err(StoreError::Conflict(
                "it was there and is deleted meanwhile: try again".into(),
            )),
        }
    }
}

#[async_trait]
impl TenantStore for DynamoTenantStore {
    fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    async fn plan(&self) -> StoreResult<Option<Plan>> {
        self.read_plan().await
    }
    async fn put_plan(&self, plan: &Plan) -> StoreResult<()> {
        self.write_plan(plan).await
    }
    async fn balance(&self) -> StoreResult<Balance> {
        self.read_balance().await
    }
    async fn grant(&self, key: &str, amount: Credits, at: Timestamp) -> StoreResult<()> {
        self.add_grant(key, amount, at).await
    }

    async fn put_agent(&self, agent: &AgentConfig) -> StoreResult<u32> {
        self.write_agent(agent).await
    }
    async fn agent(&self, id: &AgentId) -> StoreResult<Option<AgentConfig>> {
        self.read_agent(id).await
    }

    async fn create_run(&self, run: &RunRecord) -> StoreResult<Put<RunRecord>> {
        self.write_new_run(run).await
    }
    async fn update_run(&self, run: &RunRecord) -> StoreResult<()> {
        self.replace_run(run).await
    }
    async fn run(&self, id: &ExecutionId) -> StoreResult<Option<RunRecord>> {
        self.read_run(id).await
    }
    async fn runs(&self, limit: usize, cursor: Option<String>) -> StoreResult<Page<RunRecord>> {
        self.list_runs(limit, cursor).await
    }

    async fn reserve(
        &self,
        id: &ExecutionId,
        amount: Credits,
        at: Timestamp,
    ) -> StoreResult<Put<Hold>> {
        self.reserve_credits(id, amount, at).await
    }
    async fn settle(&self, debit: &Debit) -> StoreResult<Put<()>> {
        self.settle_debit(debit).await
    }
    async fn close(&self, id: &ExecutionId, at: Timestamp) -> StoreResult<Option<Hold>> {
        self.close_hold(id, at).await
    }
    async fn hold(&self, id: &ExecutionId) -> StoreResult<Option<Hold>> {
        let found = self.read_hold("hold", id).await?;
        Ok(found.map(|(hold, _)| hold))
    }
    async fn ledger(&self, limit: usize, cursor: Option<String>) -> StoreResult<Page<LedgerEntry>> {
        self.list_ledger(limit, cursor).await
    }

    async fn add_api_calls(
        &self,
        month: BillingMonth,
        id: &ExecutionId,
        calls: u64,
    ) -> StoreResult<()> {
        self.count_api_calls(month, id, calls).await
    }
    async fn api_calls(&self, month: BillingMonth) -> StoreResult<u64> {
        self.read_api_calls(month).await
    }

    async fn put_pack(&self, key: &PackKey, pack: &Pack) -> StoreResult<Put<Pack>> {
        self.write_pack(key, pack).await
    }
    async fn pack(&self, key: &PackKey) -> StoreResult<Option<Pack>> {
        self.read_pack(key).await
    }
    async fn packs(&self, id: &ExecutionId, recipe: RecipeId) -> StoreResult<Vec<(String, Pack)>> {
        self.list_packs(id, recipe).await
    }

    async fn create_draft(&self, draft: &Draft) -> StoreResult<Put<Draft>> {
        self.write_new_draft(draft).await
    }
    async fn draft(&self, id: &DraftId) -> StoreResult<Option<Draft>> {
        self.read_draft(id).await
    }
    async fn drafts(
        &self,
        filter: &DraftFilter,
        limit: usize,
        cursor: Option<String>,
    ) -> StoreResult<Page<Draft>> {
        self.list_drafts(filter, limit, cursor).await
    }
    async fn update_draft(&self, draft: &Draft) -> StoreResult<()> {
        self.replace_draft(draft).await
    }

    async fn put_alert(&self, alert: &AlertRecord) -> StoreResult<bool> {
        self.write_alert(alert).await
    }
    async fn alerts(&self, limit: usize, cursor: Option<String>) -> StoreResult<Page<AlertRecord>> {
        self.list_alerts(limit, cursor).await
    }

    async fn suppress(&self, suppression: &Suppression) -> StoreResult<Put<Suppression>> {
        self.write_suppression(suppression).await
    }
    async fn suppressed(&self, addresses: &[String]) -> StoreResult<BTreeMap<String, Suppression>> {
        self.read_suppressions(addresses).await
    }

    async fn audit(&self, entry: &AuditEntry) -> StoreResult<()> {
        self.write_audit(entry).await
    }
    async fn audit_log(&self, day: Date) -> StoreResult<Vec<AuditEntry>> {
        self.read_audit_log(day).await
    }
}
