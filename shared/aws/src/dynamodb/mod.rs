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
mod alerts;
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
mod setup;
mod suppressions;
mod tables;
mod units;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use hunter_contracts::TenantId;
use hunter_core::{
    ports::Clock,
    store::{AccountStore, Accounts, OfTenant, Put, Store, StoreError, StoreResult, TenantStore},
};
use serde::de::DeserializeOwned;

pub use tables::{INDEX, Tables, create_tables};
pub use units::{OperationUnits, Units};

use connection::{Connection, NEW, Table, Written};
use item::Item;
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

impl OfTenant for DynamoTenantStore {
    fn tenant(&self) -> &TenantId {
        &self.tenant
    }
}

impl TenantStore for DynamoTenantStore {}

impl DynamoTenantStore {
    /// What the body of an item holds.
    async fn read<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        key: &Key,
    ) -> StoreResult<Option<T>> {
        let item = self.connection.get(operation, key).await?;
        item.map(|item| item.body()).transpose()
    }

    /// Replaces whatever stands.
    async fn replace(&self, operation: &'static str, item: &Item) -> StoreResult<()> {
        let written = self
            .connection
            .put(operation, Table::Main, item, None, Vec::new());
        written.await.map(|_| ())
    }

    /// Writes what is written once, or answers what stands.
    async fn put_new<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        item: &Item,
    ) -> StoreResult<Put<T>> {
        let written = self
            .connection
            .put(operation, Table::Main, item, Some(NEW), Vec::new());
        let standing = match written.await? {
            Written::Done => return Ok(Put::New),
            Written::Refused(Some(standing)) => Some(standing),
            // A server that does not say.
            Written::Refused(None) => self.connection.get(operation, &item.key()?).await?,
        };
        standing.ok_or_else(gone)?.body().map(Put::Existing)
    }
}

/// What refused a write is not there any more.
fn gone() -> StoreError {
    StoreError::Stale("what was there is deleted meanwhile: try again".into())
}
