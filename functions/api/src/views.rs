//! The bodies that the API takes and gives, besides the types of the contracts.

use std::collections::BTreeMap;

use hunter_contracts::{
    AgentId, Balance, Credits, DiscoveryPayload, DiscoverySummary, ErrorCode, ExecutionId, Plan,
    RecipeId, RecordError, RunOverrides, RunRecord, RunStatus, StageTotals,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ListOf{T}")]
pub struct List<T> {
    /// The entries. A page may hold fewer than `limit`, even none, and not be the last.
    pub items: Vec<T>,
    /// Give it back as `cursor` to get the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// What starts a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartRunBody {
    /// The agent, whose stored configuration applies.
    pub agent_id: AgentId,
    /// What differs from the agent's configuration.
    #[serde(default)]
    pub request: RunOverrides,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Asked for; not opened yet.
    Starting,
    /// Waits for credits.
    Queued,
    /// Under way.
    Running,
    /// Ended; every required recipe succeeded.
    Succeeded,
    /// Ended with failures that are named.
    Partial,
    /// Refused, or a required recipe failed.
    Failed,
    /// Ended by the customer.
    Stopped,
}

impl From<RunStatus> for RunState {
    fn from(status: RunStatus) -> Self {
        match status {
            RunStatus::Queued => Self::Queued,
            RunStatus::Running => Self::Running,
            RunStatus::Succeeded => Self::Succeeded,
            RunStatus::Partial => Self::Partial,
            RunStatus::Failed => Self::Failed,
            RunStatus::Stopped => Self::Stopped,
        }
    }
}

/// A run that was started or stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunAccepted {
    /// The run.
    pub execution_id: ExecutionId,
    /// The agent.
    pub agent_id: AgentId,
    /// How far it is.
    pub status: RunState,
}

/// A run in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunSummary {
    /// The run.
    pub execution_id: ExecutionId,
    /// The agent.
    pub agent_id: AgentId,
    /// How far it is.
    pub status: RunState,
    /// Whom it looks for.
    pub target: DiscoveryPayload,
    /// When it was opened.
    pub started_at: Timestamp,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// What was reserved.
    pub reserved: Credits,
    /// What was charged; complete once the run has ended.
    pub charged: Credits,
    /// Why it failed or waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The code of `reason`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<ErrorCode>,
}

impl From<RunRecord> for RunSummary {
    fn from(run: RunRecord) -> Self {
        Self {
            execution_id: run.execution_id,
            agent_id: run.agent.agent_id,
            status: run.status.into(),
            target: run.target,
            started_at: run.started_at,
            completed_at: run.completed_at,
            reserved: run.reserved,
            charged: run.charged,
            reason: run.reason,
            error_code: run.error_code,
        }
    }
}

/// A run and how far it is. What is not known yet is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunDetail {
    /// The run.
    pub execution_id: ExecutionId,
    /// The agent.
    pub agent_id: AgentId,
    /// How far it is.
    pub status: RunState,
    /// Why it failed, was refused or waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The code of `reason`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<ErrorCode>,
    /// Whom it looks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<DiscoveryPayload>,
    /// When it was asked for, where that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_at: Option<Timestamp>,
    /// When it was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// What was reserved.
    pub reserved: Credits,
    /// What was charged; complete once the run has ended.
    pub charged: Credits,
    /// The recipes of the run, in order.
    pub progress: Vec<StageProgress>,
    /// Discovery's account of every record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<DiscoverySummary>,
    /// Totals by recipe, once the run has ended.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stages: BTreeMap<RecipeId, StageTotals>,
    /// The first failures, at most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<RecordError>,
    /// How many failures there were in all.
    pub errors_total: u64,
}

/// How far a recipe of a run is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StageProgress {
    /// The recipe.
    pub recipe_id: RecipeId,
    /// Chunks of leads that it is done with; a recipe that runs once per run counts as one.
    pub chunks_done: u32,
    /// Chunks in all; absent before the leads are found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunks_total: Option<u32>,
    /// Leads that came out so far.
    pub leads: u64,
    /// Leads that failed so far.
    pub failed: u64,
    /// What its work so far costs.
    pub credits: Credits,
}

/// An agent's configuration was stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentStored {
    /// The agent.
    pub agent_id: AgentId,
    /// Counted up by every change. Runs that are under way keep the version that they began with.
    pub version: u32,
}

/// When an agent runs by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScheduleView {
    /// `rate(1 day)` or `cron(0 8 ? * MON-FRI *)`.
    pub expression: String,
    /// The IANA time zone that a cron expression is read in.
    pub timezone: String,
    /// Whether it is on.
    pub enabled: bool,
    /// When it is due next; absent while it is off, and for a rate, which counts from when it was
    /// set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
}

/// Where the customer stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubscriptionView {
    /// The plan; absent for a customer who has none and cannot run agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// Credits: free, reserved by open runs, and charged since the beginning.
    pub balance: Balance,
    /// The month, in UTC, that outside calls are counted in, as in `2026-11`.
    pub cycle: String,
    /// Outside calls counted in it.
    pub api_calls_used: u64,
    /// Outside calls left in it.
    pub api_calls_remaining: u64,
}

/// The API answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Healthy {
    /// Always `ok`.
    pub status: String,
}
