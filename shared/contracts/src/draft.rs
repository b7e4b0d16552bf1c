//! A stored draft: the specification's outreach job with its evidence and history.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Claim, DraftStatus, ExecutionId, OutreachJob, Score};

/// A draft as it is stored and shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// What the specification shows.
    pub job: OutreachJob,
    /// The run that wrote it.
    pub execution_id: ExecutionId,
    /// The lead's name.
    pub lead_name: String,
    /// The lead's score.
    pub lead_score: Score,
    /// How good the message is.
    pub quality_score: Score,
    /// How relevant it is.
    pub relevance_score: Score,
    /// What wrote it.
    pub model_used: String,
    /// Sentence by sentence, what the message rests on.
    pub claims: Vec<Claim>,
    /// Counted up by every change; a change names the version it saw.
    pub version: u32,
    /// The text before the customer's first edit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_message: Option<String>,
    /// Why it was rejected or held back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When the customer last acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    /// What to heed about the channel, as in `2 SMS segments, UCS-2`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Draft {
    /// The status as of `now`: a pending draft past its time is expired.
    #[must_use]
    pub fn status_at(&self, now: Timestamp) -> DraftStatus {
        match self.job.status {
            DraftStatus::DraftPendingReview if now >= self.job.draft_expires_at => {
                DraftStatus::Expired
            }
            status => status,
        }
    }
}
