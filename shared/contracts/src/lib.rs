//! Wire types of the Hunter: what travels between functions, is stored, and is shown to customers.
//!
//! The JSON field names and error codes are those of the agent design specification and are
//! contracts. Extensions of ours are optional fields, so every JSON example of the specification
//! deserialises and serialises back unchanged (`tests/golden.rs`). Inputs reject unknown fields.
//!
//! Nothing here does I/O, and nothing of ours is depended upon.

mod account;
mod agent;
mod alert;
mod billing;
mod claim;
mod contact;
mod control;
mod cookbook;
mod draft;
mod email;
mod envelope;
mod error;
mod event;
mod evidence;
mod ids;
mod lead;
mod ledger;
mod limits;
mod money;
mod outside;
mod rates;
mod recipes;
mod review;
mod run;
mod score;
mod steps;

pub use account::{
    AgentSchedule, CustomerProfile, EXPRESSION_BYTES_MAX, ScheduleTick, TIMEZONE_BYTES_MAX,
};
pub use agent::{
    AgentConfig, BackoffStrategy, ExecutionMode, IdealCustomer, OnInsufficientCredits,
    OutreachConfig, RecipeConfig, RetryPolicy, Scoring, Seller, SellerTexts, Writing,
};
pub use alert::{
    ALERT_RECIPIENTS_MAX, ALERT_TEMPLATE_CHARS_MAX, AlertChannel, AlertConfig, AlertContext,
    AlertRecord, AlertTrigger, Recipient, Severity,
};
pub use billing::{BillingMonth, utc_date};
pub use claim::{Claim, ClaimBasis, Role, SellerField, SellerText};
pub use contact::{EmailClass, EmailContact, PhoneContact, Verification};
pub use control::{ChunkEntry, Control, LaneStart, NextStep, RunEnd, StepResult};
pub use cookbook::{RECIPES, RateCard, RecipeId, RecipeSpec, Turn};
pub use draft::Draft;
pub use email::{EmailAddress, EmailAddressError};
pub use envelope::{LeadsRef, Metadata, RecipeInput, RecipeOutput, Status, StepContext};
pub use error::{ErrorCode, RecipeFailure, RecordError, causes, chain};
pub use event::{
    BatchItemFailure, BatchResponse, ExecutionStatusDetail, ExecutionStatusEvent, QueueEvent,
    QueueRecord, QueueSource, SweepTick,
};
pub use evidence::Evidence;
pub use ids::{AgentId, AlertId, DraftId, ExecutionId, IdError, LeadId, TenantId};
pub use lead::{
    Cause, ContentFreshness, EnrichmentLevel, Fact, FactKind, GeoPoint, HomeLook, Lead, LeadRank,
    Message, Post, QualityCheck, ScoreBreakdown, WebsiteMetadata,
};
pub use ledger::{Balance, ChargeLine, EntryKind, Hold, LedgerEntry, Plan};
pub use limits::check_limits;
pub use money::{Credits, CreditsError};
pub use outside::{Dollars, DollarsError, Fallback, OutsideUse, Purpose};
pub use rates::{Rates, RatesError};
pub use recipes::{
    Channel, CoverageGap, DiscoveryData, DiscoveryPayload, DiscoverySummary, DraftStatus,
    MAX_RESULTS_DEFAULT, MAX_RESULTS_LIMIT, OutreachJob, RejectedRecord, RejectionKind,
    SUBJECT_CHARS_MAX, SendMode, Tone,
};
pub use review::{ApproveDraftBody, DeferDraftBody, EditDraftBody, RejectDraftBody};
pub use run::{
    CloseCause, RunAnswer, RunCommand, RunOverrides, RunRecord, RunRequest, RunStatus, StageTotals,
};
pub use score::{QualityTier, Score};
// As a whole: who adds a recipe writes its names in one file.
pub use steps::*;

/// For fields that are left out where they are nothing.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes the field by reference"
)]
fn is_zero(value: &u64) -> bool {
    *value == 0
}
