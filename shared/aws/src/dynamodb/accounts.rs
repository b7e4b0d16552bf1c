//! What was asked for, schedules, and which alerts reached whom.

use async_trait::async_trait;
use hunter_contracts::{AgentId, AgentSchedule, AlertId, CustomerProfile, ExecutionId};
use hunter_core::store::{AccountStore, DeliveryClaim, Put, RunClaim, StoreResult};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    DynamoTenantStore,
    alerts::ALERT_DAYS,
    connection::{Table, Written},
    gone,
    item::{Item, number, text},
};

/// The alert that took a window.
const ALERT: &str = "alert";
/// Until when a window is taken or a lease holds, in milliseconds since 1970.
const UNTIL_MS: &str = "until_ms";

/// An agent with its schedule.
#[derive(Serialize, Deserialize)]
struct Scheduled {
    agent_id: AgentId,
    schedule: AgentSchedule,
}

/// How far a delivery is.
#[derive(Serialize, Deserialize)]
struct Delivery {
    to: String,
    /// The provider's id of the message, once it is delivered.
    message_id: Option<String>,
}

fn milliseconds(at: Timestamp) -> aws_sdk_dynamodb::types::AttributeValue {
    number(at.as_millisecond())
}

impl DynamoTenantStore {
    /// Writes what is not there, or whose time is over.
    async fn take(
        &self,
        operation: &'static str,
        item: &Item,
        now: Timestamp,
    ) -> StoreResult<Written> {
        let over = Some("attribute_not_exists(#PK) OR #until_ms <= :now");
        let values = vec![(":now", milliseconds(now))];
        let written = self
            .connection
            .put(operation, Table::Main, item, over, values);
        written.await
    }
}

#[async_trait]
impl AccountStore for DynamoTenantStore {
    async fn profile(&self) -> StoreResult<Option<CustomerProfile>> {
        self.read("profile", &self.keys.profile()).await
    }

    async fn put_profile(&self, profile: &CustomerProfile) -> StoreResult<()> {
        let item = Item::at(&self.keys.profile()).with_body(profile, "profile")?;
        self.replace("put_profile", &item).await
    }

    async fn claim_run(&self, claim: &RunClaim) -> StoreResult<Put<RunClaim>> {
        let id = &claim.request.execution_id;
        let item =
            Item::at(&self.keys.run_claim(id)).with_body(claim, &format!("request `{id}`"))?;
        self.put_new("claim_run", &item).await
    }

    async fn run_claim(&self, id: &ExecutionId) -> StoreResult<Option<RunClaim>> {
        self.read("run_claim", &self.keys.run_claim(id)).await
    }

    async fn put_schedule(&self, agent: &AgentId, schedule: &AgentSchedule) -> StoreResult<()> {
        let body = Scheduled {
            agent_id: agent.clone(),
            schedule: schedule.clone(),
        };
        let what = format!("schedule of `{agent}`");
        let item = Item::at(&self.keys.schedule(agent)).with_body(&body, &what)?;
        self.replace("put_schedule", &item).await
    }

    async fn schedule(&self, agent: &AgentId) -> StoreResult<Option<AgentSchedule>> {
        let found: Option<Scheduled> = self.read("schedule", &self.keys.schedule(agent)).await?;
        Ok(found.map(|found| found.schedule))
    }

    async fn claim_alert_window(
        &self,
        rule: &str,
        alert: &AlertId,
        now: Timestamp,
        until: Timestamp,
    ) -> StoreResult<bool> {
        let item = Item::at(&self.keys.alert_window(rule))
            .with(ALERT, text(alert.as_str()))
            .with(UNTIL_MS, milliseconds(until))
            .expiring(until, ALERT_DAYS);
        match self.take("claim_alert_window", &item, now).await? {
            Written::Done => Ok(true),
            // A repeat by the alert that has it changes nothing: its window does not move.
            Written::Refused(Some(standing)) => Ok(standing.text(ALERT)? == alert.as_str()),
            Written::Refused(None) => Ok(false),
        }
    }

    async fn begin_delivery(
        &self,
        alert: &AlertId,
        to: &str,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> StoreResult<DeliveryClaim> {
        let body = Delivery {
            to: to.to_owned(),
            message_id: None,
        };
        let key = self.keys.delivery(alert, to);
        let item = Item::at(&key)
            .with(UNTIL_MS, milliseconds(lease_until))
            .expiring(lease_until, ALERT_DAYS)
            .with_body(&body, "delivery")?;
        // A delivered one has no lease any more.
        let standing = match self.take("begin_delivery", &item, now).await? {
            Written::Done => return Ok(DeliveryClaim::Mine),
            Written::Refused(Some(standing)) => Some(standing),
            Written::Refused(None) => self.connection.get("begin_delivery", &key).await?,
        };
        let standing = standing.ok_or_else(gone)?;
        let delivery: Delivery = standing.body()?;
        if delivery.message_id.is_some() {
            return Ok(DeliveryClaim::Delivered);
        }
        let until = Timestamp::from_millisecond(standing.number(UNTIL_MS)?)
            .map_err(|_| standing.damaged("`until_ms` is out of range"))?;
        Ok(DeliveryClaim::Busy { until })
    }

    async fn end_delivery(
        &self,
        alert: &AlertId,
        to: &str,
        message_id: &str,
        at: Timestamp,
    ) -> StoreResult<()> {
        let body = Delivery {
            to: to.to_owned(),
            message_id: Some(message_id.to_owned()),
        };
        let item = Item::at(&self.keys.delivery(alert, to))
            .expiring(at, ALERT_DAYS)
            .with_body(&body, "delivery")?;
        self.replace("end_delivery", &item).await
    }
}
