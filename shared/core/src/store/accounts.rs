//! The part of the store that recipes never see: what was asked for, schedules, and which alerts
//! reached whom. Bound to one tenant like [`TenantStore`](crate::store::TenantStore), and as safe to
//! call twice.

use std::sync::Arc;

use async_trait::async_trait;
use hunter_contracts::{
    AgentId, AgentSchedule, AlertId, CustomerProfile, ExecutionId, RunRequest, TenantId,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::{OfTenant, Put, StoreResult};

/// A run as it was asked for. It stands before the run itself, and also where the run was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunClaim {
    /// What was asked for.
    pub request: RunRequest,
    /// When first.
    pub requested_at: Timestamp,
}

/// Who may deliver an alert to a recipient now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryClaim {
    /// The caller, until its lease ends.
    Mine,
    /// Nobody: it was delivered.
    Delivered,
    /// Another one, who has begun and whose lease holds until then.
    Busy {
        /// The end of the other one's lease.
        until: Timestamp,
    },
}

/// One tenant's account.
#[async_trait]
pub trait AccountStore: OfTenant {
    /// Whom the Hunter writes to about the account.
    async fn profile(&self) -> StoreResult<Option<CustomerProfile>>;
    /// Replaces it.
    async fn put_profile(&self, profile: &CustomerProfile) -> StoreResult<()>;

    /// Stores what was asked for under its execution id, or answers what stands there.
    async fn claim_run(&self, claim: &RunClaim) -> StoreResult<Put<RunClaim>>;
    /// What was asked for.
    async fn run_claim(&self, id: &ExecutionId) -> StoreResult<Option<RunClaim>>;

    /// Sets when an agent runs by itself.
    async fn put_schedule(&self, agent: &AgentId, schedule: &AgentSchedule) -> StoreResult<()>;
    /// When an agent runs by itself.
    async fn schedule(&self, agent: &AgentId) -> StoreResult<Option<AgentSchedule>>;

    /// Takes the window of an alert rule: true where no other alert has taken it, or its time is
    /// over. The alert that took it may take it again.
    async fn claim_alert_window(
        &self,
        rule: &str,
        alert: &AlertId,
        now: Timestamp,
        until: Timestamp,
    ) -> StoreResult<bool>;
    /// Begins to deliver an alert; `to` names channel and recipient.
    async fn begin_delivery(
        &self,
        alert: &AlertId,
        to: &str,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> StoreResult<DeliveryClaim>;
    /// Notes that it was delivered, and under which id of the provider.
    async fn end_delivery(
        &self,
        alert: &AlertId,
        to: &str,
        message_id: &str,
        at: Timestamp,
    ) -> StoreResult<()>;
}

/// Binds accounts to tenants.
pub trait Accounts: Send + Sync {
    /// The account of one tenant.
    fn account(&self, tenant: &TenantId) -> Arc<dyn AccountStore>;
}
