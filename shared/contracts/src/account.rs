//! A customer's account around its runs: whom alerts reach, when agents run by themselves, and the
//! events that start runs.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AgentId, EmailAddress, TenantId};

/// The longest expression of a schedule, in bytes.
pub const EXPRESSION_BYTES_MAX: usize = 256;
/// The longest time zone's name, in bytes.
pub const TIMEZONE_BYTES_MAX: usize = 50;

/// Whom the Hunter writes to about the account itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerProfile {
    /// The customer's name, as in `Bright Smile Ltd`.
    pub name: String,
    /// Where alerts for the recipient `customer` go.
    pub email: EmailAddress,
}

/// When an agent runs by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentSchedule {
    /// `rate(1 day)` or `cron(0 8 ? * MON-FRI *)`, as EventBridge Scheduler writes them.
    #[schemars(length(min = 1, max = EXPRESSION_BYTES_MAX), regex(pattern = r"^(rate|cron)\([ -~]*\)$"))]
    pub expression: String,
    /// An IANA time zone, as in `Europe/Vienna`, that a cron expression is read in; default `UTC`.
    #[serde(default = "utc")]
    #[schemars(length(min = 1, max = TIMEZONE_BYTES_MAX), regex(pattern = r"^[A-Za-z0-9_+/-]+$"))]
    pub timezone: String,
    /// Whether it is on; default true.
    #[serde(default = "on")]
    pub enabled: bool,
}

fn utc() -> String {
    "UTC".into()
}

const fn on() -> bool {
    true
}

/// What a schedule sends at each of its times. The same tick starts the same run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleTick {
    /// The tenant.
    pub customer_id: TenantId,
    /// The agent, whose own target applies.
    pub agent_id: AgentId,
    /// For when the schedule meant it: late and repeated deliveries have the same time.
    pub scheduled_time: Timestamp,
}
