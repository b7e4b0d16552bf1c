//! Payload and data of the recipe that a run begins with, and what others name of recipes: tones,
//! channels, drafts (specification §2).

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    DraftId, Lead, LeadId,
    limits::{ENTRIES_MAX, LINE_CHARS_MAX, NAME_CHARS_MAX, ONE_LINE, SOURCE},
};

/// Most results that one run may ask for.
pub const MAX_RESULTS_LIMIT: u32 = 10_000;
/// Leads that a run screens when nobody says how many.
pub const MAX_RESULTS_DEFAULT: u32 = 200;
/// Characters of a subject line at most: what a phone shows of it.
pub const SUBJECT_CHARS_MAX: usize = 60;

/// Whom to look for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct DiscoveryPayload {
    /// What the businesses are called or do; at least one.
    #[garde(
        length(min = 1, max = ENTRIES_MAX),
        inner(length(chars, min = 1, max = NAME_CHARS_MAX), pattern(ONE_LINE))
    )]
    pub keywords: Vec<String>,
    /// Town, region or country; absent means everything that the source holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = LINE_CHARS_MAX), pattern(ONE_LINE))]
    pub location: Option<String>,
    /// Industry, as in `Healthcare`; narrows the keywords.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = LINE_CHARS_MAX), pattern(ONE_LINE))]
    pub business_type: Option<String>,
    /// How far to look: 1 the keywords as given; from 2 their synonyms; from 3 every page of
    /// every query, and where a source cuts results off, its area in parts: quartered once at 3,
    /// twice at 4, three times at 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1, max = 5))]
    pub depth: Option<u8>,
    /// Most leads that are screened; default 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1, max = MAX_RESULTS_LIMIT))]
    pub max_results: Option<u32>,
    /// Where to look: `google_places`, `overpass`, `web_search`, `file:PATH` (on one's own machine
    /// only). Absent: the recipe chooses from what is configured. An extension of the
    /// specification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 1_000), pattern(SOURCE))]
    pub source: Option<String>,
}

/// What discovery found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiscoveryData {
    /// The qualified leads, best first; empty inside a run, where they are stored by chunk.
    pub leads: Vec<Lead>,
    /// Where every record went.
    pub summary: DiscoverySummary,
    /// The records that did not become leads, each with the reason; at most 10,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<RejectedRecord>,
    /// Leads per chunk, in order; set inside a run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chunks: Vec<u32>,
}

/// The account of every record:
/// `total_discovered = unusable + not_matching + duplicates + over_limit + filtered_out + qualified_leads`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiscoverySummary {
    /// Records that the source held.
    pub total_discovered: u64,
    /// Leads at or above the threshold.
    pub qualified_leads: u64,
    /// Screened leads below the threshold.
    pub filtered_out: u64,
    /// Records that are no business (untagged, without a name, permanently closed, malformed).
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub unusable: u64,
    /// Records outside the keywords, the location or the business type.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub not_matching: u64,
    /// Records that are the same business as another one.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub duplicates: u64,
    /// Matching records beyond `max_results`; neither screened nor charged.
    #[serde(default, skip_serializing_if = "crate::is_zero")]
    pub over_limit: u64,
    /// `unusable`, `not_matching` and `duplicates` by reason, as in `no name: 3`.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub reasons: std::collections::BTreeMap<String, u64>,
    /// How the search was done and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strategy: Vec<String>,
    /// Limits that were reached and what lies beyond them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits_reached: Vec<String>,
    /// Where the source held back results, and what it would take to see them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coverage: Vec<CoverageGap>,
}

/// A search whose results the source cut off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageGap {
    /// The source, as in `google_maps`.
    pub source: String,
    /// What was searched, as in `dentists in Leipzig`.
    pub query: String,
    /// The part of the area, south-west and north-east corner; absent: the whole location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<(crate::GeoPoint, crate::GeoPoint)>,
    /// What cut it off, as in `60 results per query`.
    pub cap: String,
    /// Results seen there.
    pub seen: u64,
    /// Calls that it would take at most to see the rest.
    pub calls_needed: u64,
    /// What these calls cost by the price table.
    pub cost_needed: crate::Dollars,
    /// What to change, as in `depth 5 splits the area further`.
    pub advice: String,
}

/// A record that did not become a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectedRecord {
    /// The source's id, or its position as in `#17`.
    pub source_id: String,
    /// The name, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The class of the reason.
    pub kind: RejectionKind,
    /// The reason, as in `same phone as node/123`.
    pub reason: String,
}

/// Why a record did not become a lead.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[derive(strum::Display, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum RejectionKind {
    /// Not a business.
    Unusable,
    /// Not what was asked for.
    NotMatching,
    /// The same business as another record.
    Duplicate,
    /// Beyond `max_results`.
    OverLimit,
    /// Screened and below the threshold.
    FilteredOut,
}

/// How a message sounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// About what the seller can do for them.
    SalesFocused,
    /// Warm and plain.
    Friendly,
    /// Sober.
    Professional,
    /// One colleague to another.
    Consultative,
}

/// A way to reach a lead.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[derive(strum::Display, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Channel {
    /// E-mail: the default.
    Email,
    /// Text message: never cold.
    Sms,
    /// WhatsApp: never cold.
    Whatsapp,
    /// Facebook Messenger: never cold.
    Facebook,
    /// LinkedIn: a draft to copy, with a link.
    Linkedin,
}

/// There are so many channels.
pub(crate) const CHANNELS_MAX: usize = <Channel as strum::VariantArray>::VARIANTS.len();

/// Each list names a channel once.
pub(crate) fn distinct<'a>(lists: impl IntoIterator<Item = &'a Vec<Channel>>) -> garde::Result {
    for list in lists {
        let mut seen = BTreeSet::new();
        if let Some(twice) = list.iter().find(|channel| !seen.insert(**channel)) {
            let problem = format!("names `{twice}` twice: name each channel once");
            return Err(garde::Error::new(problem));
        }
    }
    Ok(())
}

/// What outreach may do. There is one value: nothing is sent from a recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SendMode {
    /// Drafts for the customer to review.
    DraftOnly,
}

/// A draft as the specification shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutreachJob {
    /// The draft.
    pub id: DraftId,
    /// The lead.
    pub lead_id: LeadId,
    /// The way to reach it.
    pub channel: Channel,
    /// The text as formatted for the channel.
    pub draft_message: String,
    /// The address, number or profile.
    pub recipient: String,
    /// Where it stands in review.
    pub status: DraftStatus,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it stops being approvable.
    pub draft_expires_at: Timestamp,
    /// Whether the customer is to act.
    pub awaiting_customer_approval: bool,
    /// The subject line, for channels that have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Position among the run's drafts, 0–1: the mean of relevance and lead score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank_score: Option<crate::Score>,
}

/// Where a draft stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[derive(strum::Display, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum DraftStatus {
    /// Waits for the customer.
    DraftPendingReview,
    /// The customer said yes.
    Approved,
    /// The customer said no.
    Rejected,
    /// Kept back by the Hunter, with the reason (too close to another message).
    HeldBack,
    /// Not acted upon in time. Computed on reading, never stored.
    Expired,
}
