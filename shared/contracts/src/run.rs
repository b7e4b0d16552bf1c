//! A run: what is asked for, what is planned, how it went.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    AgentConfig, AgentId, Control, Credits, DiscoveryPayload, DiscoverySummary, ErrorCode,
    ExecutionId, Fallback, OutsideUse, RateCard, RecipeId, RecordError, RunEnd, TenantId,
};

/// The input of an execution of the state machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// The tenant.
    pub customer_id: TenantId,
    /// The run.
    pub execution_id: ExecutionId,
    /// The agent, whose stored configuration applies.
    pub agent_id: AgentId,
    /// What differs from the agent's configuration.
    #[serde(default)]
    pub request: RunOverrides,
    /// Only settle and close this run, which another execution left open, and why. Nothing is
    /// started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_only: Option<CloseCause>,
}

/// How an execution ended that left its run open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CloseCause {
    /// It was stopped.
    Stopped,
    /// It reached its time limit.
    TimedOut,
    /// It broke.
    Failed,
}

/// What a run asks for differently from its agent's configuration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunOverrides {
    /// Whom to look for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<DiscoveryPayload>,
    /// Another threshold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<crate::Score>,
}

/// What the run function is called with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
#[schemars(rename = "RunCommand")]
pub enum RunCommand<I = RunRequest> {
    /// Validate, plan, reserve credits.
    Open {
        /// The execution's input.
        input: I,
    },
    /// Settle, release, roll up. Runs after success and failure alike.
    Close {
        /// The tenant.
        customer_id: TenantId,
        /// The run.
        execution_id: ExecutionId,
        /// The machine's state: `control` of the last step, `outcomes` of the chunks, `error` of a
        /// failed function. Any of them may be absent.
        #[serde(default)]
        state: Value,
    },
}

/// What the run function answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum RunAnswer {
    /// To `open`.
    Opened {
        /// What the state machine does next.
        control: Control,
    },
    /// To `close`.
    Closed {
        /// The last step, and how the run ended.
        control: RunEnd,
    },
}

impl RunAnswer {
    /// What was refused or failed, and why.
    #[must_use]
    pub fn failure(&self) -> Option<(ErrorCode, &str)> {
        match self {
            Self::Opened { control } => control.failure(),
            Self::Closed {
                control: RunEnd::Next {
                    error_code, reason, ..
                },
            } => error_code.map(|code| (code, reason.as_deref().unwrap_or_default())),
        }
    }
}

/// How far a run is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Waits for credits.
    Queued,
    /// Under way.
    Running,
    /// Ended; every required recipe succeeded.
    Succeeded,
    /// Ended with failures that are named.
    Partial,
    /// A required recipe failed.
    Failed,
    /// Ended by the customer.
    Stopped,
}

/// What a stage of a run amounted to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StageTotals {
    /// Records looked at.
    pub processed: u64,
    /// Records that came out.
    pub succeeded: u64,
    /// Records that failed.
    pub failed: u64,
    /// What was charged.
    pub credits: Credits,
    /// Calls to outside services.
    pub api_calls: u64,
    /// The longest chunk, in milliseconds.
    pub duration_ms_max: u64,
    /// What outside services were used for, and what that cost us.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outside_use: Vec<OutsideUse>,
    /// Where one model, or the rules engine, stood in for another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<Fallback>,
}

/// A run as it is stored and shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    /// The run.
    pub execution_id: ExecutionId,
    /// The tenant.
    pub customer_id: TenantId,
    /// The agent's configuration as of the run's start, overrides applied.
    pub agent: AgentConfig,
    /// Whom it looks for.
    pub target: DiscoveryPayload,
    /// How far it is.
    pub status: RunStatus,
    /// When it was opened.
    pub started_at: Timestamp,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// The prices that it is charged by from its first step to its last, whatever is published
    /// meanwhile.
    #[serde(default = "RateCard::first")]
    pub rates: RateCard,
    /// What was reserved.
    pub reserved: Credits,
    /// What was charged.
    pub charged: Credits,
    /// Discovery's account of every record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<DiscoverySummary>,
    /// Totals by recipe.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stages: BTreeMap<RecipeId, StageTotals>,
    /// The first failures, at most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<RecordError>,
    /// How many failures there were in all.
    #[serde(default)]
    pub errors_total: u64,
    /// Why it failed or waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The code of `reason`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<ErrorCode>,
}

impl RunRecord {
    /// Records that came out of a recipe.
    #[must_use]
    pub fn succeeded(&self, recipe: RecipeId) -> u64 {
        self.stages.get(&recipe).map_or(0, |stage| stage.succeeded)
    }

    /// Drafts that were made.
    #[must_use]
    pub fn drafts(&self) -> u64 {
        self.succeeded(RecipeId::Outreach)
    }
}
