//! A lead, as it grows from recipe to recipe.
//!
//! One type serves every stage: each recipe fills its own section and passes the rest on. The
//! fields of the specification carry its names; everything else is an optional extension.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Claim, ClaimBasis, EmailContact, Evidence, LeadId, PhoneContact, QualityTier, Score};

/// Why a value is absent.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Looked for and not there.
    NotFound,
    /// The site's robots rules forbid looking.
    Robots,
    /// The site refuses automated visitors.
    Blocked,
    /// The site could not be reached.
    Unreachable,
    /// The lead's tier does not include looking.
    SkippedByTier,
    /// The lead has no web site.
    NoWebsite,
    /// Fetching from the live web is switched off.
    Offline,
    /// Whoever it belongs to asked not to be processed or written to.
    OptedOut,
    /// A service that was to be asked failed, and nobody else knew.
    ServiceFailed,
}

/// What a fact is about. The rules engine knows one or more sentences per kind.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// A dated or undated post; `value` is its title.
    BlogPost,
    /// An announcement on a page (new location, award, hiring); `value` is the sentence.
    Announcement,
    /// What the business says of itself; `value` is the sentence.
    AboutSentence,
    /// A service or product it names.
    Service,
    /// Software the site runs on.
    Technology,
    /// A page that looks for staff.
    Hiring,
    /// When the site last changed; `date` holds it.
    LastUpdated,
    /// Stars and number of reviews at the source; `value` as in `4.6 from 212 reviews`.
    Rating,
    /// Opening hours, as the source writes them.
    OpeningHours,
    /// What kind of business the source says it is, as in `dentist`.
    Category,
    /// A speciality the source names, as in `orthodontics` or a cuisine.
    Speciality,
    /// The town or quarter.
    Locality,
    /// The year it says it was founded in.
    Founded,
    /// A person with a role; `value` is the name.
    Person,
}

/// One thing that was found out about a lead, with where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Number within the lead, from 1; claims refer to it.
    pub number: u32,
    /// What it is about.
    pub kind: FactKind,
    /// The value, in the page's own words and language.
    pub value: String,
    /// The day it belongs to, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Where it stands.
    pub evidence: Evidence,
}

/// The parts of a lead score (specification §2), each 0–1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreBreakdown {
    /// Freshness of the site, reviews, completeness of the record.
    pub business_maturity: Score,
    /// Posts and content updates.
    pub intent_signals: Score,
    /// Industry, location, size.
    pub fit_match: Score,
}

/// How recently a site's content changed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ContentFreshness {
    /// More than a year ago.
    Low,
    /// Within a year.
    Medium,
    /// Within 90 days.
    High,
    /// No date was found.
    Unknown,
}

/// A post on a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// Its title.
    pub title: String,
    /// Its day, where one is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Its address.
    pub url: String,
}

/// What a site says about itself (specification §2, intelligence).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebsiteMetadata {
    /// The day of the last visible change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_updated: Option<Date>,
    /// Posts found; theme placeholders not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blog_posts_count: Option<u32>,
    /// How recent the content is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_freshness: Option<ContentFreshness>,
    /// Software the site runs on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tech_stack: Option<Vec<String>>,
    /// The newest posts first, at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recent_posts: Vec<Post>,
    /// The language of the pages, ISO 639-1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Profiles on social networks, as addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub social_links: Vec<String>,
    /// Pages fetched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<String>,
    /// Where `last_updated`, `blog_posts_count` and `tech_stack` were read, by field name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evidence: BTreeMap<String, Evidence>,
}

/// How much is spent on finding out about a lead.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EnrichmentLevel {
    /// Nothing.
    Skip,
    /// Home page only.
    Basic,
    /// Home, contact and feed.
    Standard,
    /// Everything that is configured.
    Premium,
}

impl From<&Fact> for ClaimBasis {
    fn from(fact: &Fact) -> Self {
        Self::Fact {
            number: fact.number,
            evidence: fact.evidence.clone(),
        }
    }
}

/// A named check of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QualityCheck {
    /// Its name, as in `refers_to_recent_fact`.
    pub name: String,
    /// How well the message does, 0–1.
    pub score: Score,
    /// The check's share of `message_quality_score`.
    pub weight: Score,
    /// What was seen.
    pub note: String,
}

/// A written message with everything that supports it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// A subject line, at most 60 characters.
    pub subject: String,
    /// The text, at most `max_length` words.
    pub text: String,
    /// ISO 639-1.
    pub language: String,
    /// Sentence by sentence.
    pub claims: Vec<Claim>,
    /// The checks that `message_quality_score` is made of.
    pub checks: Vec<QualityCheck>,
    /// Their weighted mean.
    pub quality_score: Score,
    /// How relevant it is to this lead; used to rank drafts.
    pub relevance_score: Score,
    /// What wrote it.
    pub model_used: String,
    /// Set where the message is kept back from drafting, with the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_back: Option<String>,
}

/// A position in degrees, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GeoPoint {
    /// −90 to 90.
    pub lat: f64,
    /// −180 to 180.
    pub lon: f64,
}

/// A lead's place in its run's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeadRank {
    /// 1 is best.
    pub position: u32,
    /// The length of the list.
    pub of: u32,
}

/// What discovery's light look at the home page left for intelligence, which does not fetch it
/// again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HomeLook {
    /// The address that answered, after redirects.
    pub url: String,
    /// When.
    pub fetched_at: Timestamp,
    /// Why there is nothing, where there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// Contact, about and imprint pages that it links to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contact_links: Vec<String>,
    /// Feeds that it declares.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feed_links: Vec<String>,
    /// Blog and news pages that it links to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blog_links: Vec<String>,
}

/// A business that may become a customer's customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lead {
    /// Stable for the same record of the same source.
    pub id: LeadId,
    /// The name, in its own script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The main phone number: E.164 where the country is known, else as found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The address on one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The web site, as given and normalised: a host with an optional path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// Stars, 0–5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<f64>,
    /// Where it was found: `google_maps`, `overpass`, `file`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The weighted score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_score: Option<Score>,
    /// Its parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_breakdown: Option<ScoreBreakdown>,
    /// The tier of the score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_tier: Option<QualityTier>,
    /// Addresses, best first.
    #[serde(
        default,
        deserialize_with = "crate::contact::contacts",
        skip_serializing_if = "Option::is_none"
    )]
    pub emails: Option<Vec<EmailContact>>,
    /// Phone numbers with people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_contacts: Option<Vec<PhoneContact>>,
    /// What the site says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website_metadata: Option<WebsiteMetadata>,

    /// Why the score is what it is, one sentence per reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub score_reasons: Vec<String>,
    /// The source's own id, as in `node/457567524` or a place id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// ISO 3166-1 alpha-2, upper case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The town.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<GeoPoint>,
    /// What it is, in the source's words: `dentist`, `lawyer`, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// How many reviews the rating rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_count: Option<u64>,
    /// What was found out, numbered from 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
    /// Why a value is absent, by field name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub absent: BTreeMap<String, Cause>,
    /// Its place in the run's list, 1 is best; set when discovery cuts chunks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<LeadRank>,
    /// How much is spent on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrichment_level: Option<EnrichmentLevel>,
    /// Why so much is spent on it, and what became of every service that was asked; at most 20
    /// sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enrichment_notes: Vec<String>,
    /// Discovery's look at the home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<HomeLook>,
    /// The message, with or without an address to send it to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
    /// Other records that were found to be the same business.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged_from: Vec<String>,
    /// The last moment at which the source's terms allow to keep more of it than its id; absent
    /// where they set none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_expires_at: Option<Timestamp>,
}

impl Lead {
    /// A lead of which nothing is known yet.
    #[must_use]
    pub fn new(id: LeadId) -> Self {
        Self {
            id,
            name: None,
            phone: None,
            address: None,
            website: None,
            rating: None,
            source: None,
            lead_score: None,
            score_breakdown: None,
            quality_tier: None,
            emails: None,
            phone_contacts: None,
            website_metadata: None,
            score_reasons: Vec::new(),
            source_id: None,
            country: None,
            city: None,
            position: None,
            categories: Vec::new(),
            review_count: None,
            facts: Vec::new(),
            absent: BTreeMap::new(),
            rank: None,
            enrichment_level: None,
            enrichment_notes: Vec::new(),
            home: None,
            message: None,
            merged_from: Vec::new(),
            content_expires_at: None,
        }
    }

    /// Adds a fact under the next free number.
    pub fn add_fact(
        &mut self,
        kind: FactKind,
        value: String,
        date: Option<Date>,
        evidence: Evidence,
    ) {
        let number = self
            .facts
            .iter()
            .map(|f| f.number)
            .max()
            .unwrap_or(0)
            .saturating_add(1);
        self.facts.push(Fact {
            number,
            kind,
            value,
            date,
            evidence,
        });
    }
}
