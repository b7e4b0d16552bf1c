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
mod claim;
mod contact;
mod control;
mod draft;
mod envelope;
mod error;
mod event;
mod evidence;
mod ids;
mod lead;
mod ledger;
mod money;
mod outside;
mod recipes;
mod run;
mod score;

pub use account::{AgentSchedule, CustomerProfile, ScheduleTick};
pub use agent::{
    AgentConfig, BackoffStrategy, ExecutionMode, IdealCustomer, OnInsufficientCredits,
    OutreachConfig, RateCard, RecipeConfig, RetryPolicy, Scoring, Seller, SellerTexts, Writing,
};
pub use alert::{AlertChannel, AlertConfig, AlertContext, AlertRecord, AlertTrigger, Severity};
pub use claim::{Claim, ClaimBasis, Role, SellerField, SellerText};
pub use contact::{EmailClass, EmailContact, PhoneContact, Verification};
pub use control::{Action, ChunkEntry, Control, NextStep, StepResult};
pub use draft::Draft;
pub use envelope::{LeadsRef, Metadata, RecipeInput, RecipeOutput, Status, StepContext};
pub use error::{ErrorCode, RecipeFailure, RecordError};
pub use event::{
    BatchItemFailure, BatchResponse, ExecutionStatusDetail, ExecutionStatusEvent, QueueEvent,
    QueueRecord, QueueSource,
};
pub use evidence::Evidence;
pub use ids::{AgentId, AlertId, DraftId, ExecutionId, IdError, LeadId, RecipeId, TenantId};
pub use lead::{
    Cause, ContentFreshness, EnrichmentLevel, Fact, FactKind, GeoPoint, HomeLook, Lead, LeadRank,
    Message, Post, QualityCheck, ScoreBreakdown, WebsiteMetadata,
};
pub use ledger::{Balance, ChargeLine, EntryKind, Hold, LedgerEntry, Plan};
pub use money::{Credits, CreditsError};
pub use outside::{Dollars, DollarsError, Fallback, OutsideUse, Purpose};
pub use recipes::{
    Channel, CoverageGap, DiscoveryData, DiscoveryPayload, DiscoverySummary, DraftStatus,
    IntelligencePayload, KEYWORDS_LIMIT, LeadsData, LeadsPayload, MAX_RESULTS_LIMIT, OutreachData,
    OutreachJob, OutreachPayload, PersonalizationPayload, RejectedRecord, RejectionKind, SendMode,
    SubscriptionData, SubscriptionPayload, SubscriptionStatus, ThresholdAlert, ThresholdKind, Tone,
};
pub use run::{
    CloseCause, RunAnswer, RunCommand, RunOverrides, RunRecord, RunRequest, RunStatus, StageTotals,
};
pub use score::{QualityTier, Score};
