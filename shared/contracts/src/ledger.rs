//! The ledger's records: append-only, summing to the balance.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Credits, ExecutionId, LeadId, RecipeId};

/// A customer's plan and where the cycle stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The plan's name, as in `professional`.
    pub plan_id: String,
    /// Credits granted per cycle.
    pub monthly_credits: Credits,
    /// Outside calls per cycle.
    pub api_calls_limit: u64,
    /// The cycle's last day.
    pub cycle_ends: jiff::civil::Date,
    /// The trial's last day, for a trial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_ends: Option<jiff::civil::Date>,
}

/// A customer's credits: `avail + held + spent` is the sum of all grants, each at least 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Balance {
    /// Free to reserve.
    pub avail: Credits,
    /// Reserved by open runs.
    pub held: Credits,
    /// Charged.
    pub spent: Credits,
}

/// A run's reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// What was reserved.
    pub amount: Credits,
    /// What of it is left.
    pub left: Credits,
    /// What of it was charged.
    pub settled: Credits,
    /// Whether it can still be charged against.
    pub open: bool,
}

/// A line of a debit: one action on one lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChargeLine {
    /// The lead.
    pub lead_id: LeadId,
    /// What was done, as in `lead_screened`.
    pub action: String,
    /// What it cost.
    pub amount: Credits,
}

/// What an entry of the ledger does.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Credits come in: `avail + amount`.
    Grant,
    /// A run begins: `avail − amount`, `held + amount`.
    Reserve,
    /// A chunk's work is charged against its hold.
    Debit,
    /// A run ends: `held − hold`, `spent + settled`, `avail + left`.
    Close,
}

/// An entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LedgerEntry {
    /// Derived from what it is for: writing it twice changes nothing.
    pub id: String,
    /// What it does.
    pub kind: EntryKind,
    /// How much; for `close` what was released.
    pub amount: Credits,
    /// When.
    pub at: Timestamp,
    /// The run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_id: Option<ExecutionId>,
    /// The recipe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe_id: Option<RecipeId>,
    /// The chunk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chunk: Option<u32>,
    /// The rate card that was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_card: Option<String>,
    /// Per lead and action.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<ChargeLine>,
}
