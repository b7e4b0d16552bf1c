//! An agent's configuration (specification §1, §5, §6) with the seller and the ideal customer.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::VariantArray;

use crate::{
    AgentId, AlertConfig, Channel, DiscoveryPayload, ErrorCode, RECIPES, RecipeId, Score, Tone,
    email::ADDRESS_BYTES_MAX,
    limits::{
        CONSENTS_MAX, DRAFT_DAYS_MAX, ENTRIES_MAX, LANGUAGE, LINE_CHARS_MAX, MESSAGE_WORDS_MAX,
        MESSAGE_WORDS_MIN, NAME_CHARS_MAX, NOTE, ONE_LINE, SELLER_CHARS_MAX, TEXT,
    },
    recipes::{CHANNELS_MAX, distinct},
};

/// One customer's instance of the Hunter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct AgentConfig {
    /// The agent.
    pub agent_id: AgentId,
    /// For people.
    #[garde(length(chars, min = 1, max = LINE_CHARS_MAX), pattern(ONE_LINE))]
    pub name: String,
    /// How recipes run. `parallel` is not available yet and is refused.
    #[serde(default)]
    pub execution_mode: ExecutionMode,
    /// The cookbook, in order; must hold `subscription`, last.
    #[serde(default = "default_recipes")]
    #[garde(length(min = 1, max = RECIPES.len()), dive)]
    pub recipes: Vec<RecipeConfig>,
    /// When to try again, unless a recipe has its own.
    #[serde(default)]
    #[garde(dive)]
    pub retry_policy: RetryPolicy,
    /// Alerts (specification §6).
    #[serde(default)]
    #[garde(length(max = 20), dive)]
    pub alerts: Vec<AlertConfig>,
    /// Who sells what. A message may state about the seller only what stands here.
    #[garde(dive)]
    pub seller: Seller,
    /// Whom a run looks for when it does not say otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<DiscoveryPayload>,
    /// Whom the seller serves best; raises `fit_match`.
    #[serde(default)]
    #[garde(dive)]
    pub ideal_customer: IdealCustomer,
    /// How leads are scored.
    #[serde(default)]
    pub scoring: Scoring,
    /// How messages are written.
    #[serde(default)]
    #[garde(dive)]
    pub writing: Writing,
    /// How drafts are made.
    #[serde(default)]
    #[garde(dive)]
    pub outreach: OutreachConfig,
    /// Leads per chunk; default 25.
    #[serde(default = "default_chunk_size")]
    #[garde(range(min = 1, max = 100))]
    pub chunk_size: u32,
    /// Chunks at once; default 5.
    #[serde(default = "default_max_concurrency")]
    #[garde(range(min = 1, max = 40))]
    pub max_concurrency: u32,
    /// What happens to a run that the balance does not cover.
    #[serde(default)]
    pub on_insufficient_credits: OnInsufficientCredits,
}

fn default_recipes() -> Vec<RecipeConfig> {
    RECIPES
        .iter()
        .map(|recipe| RecipeConfig {
            id: recipe.id,
            required: recipe.required,
            continue_on_failure: !recipe.required,
            retry_policy: None,
        })
        .collect()
}
const fn default_chunk_size() -> u32 {
    25
}
const fn default_max_concurrency() -> u32 {
    5
}

impl AgentConfig {
    /// The configuration of a customer who has none: all defaults and no seller, so that nothing
    /// can be written in anybody's name.
    #[must_use]
    pub fn unconfigured() -> Self {
        Self {
            agent_id: AgentId::derived("agent", "unconfigured"),
            name: "no agent".into(),
            execution_mode: ExecutionMode::Sequential,
            recipes: default_recipes(),
            retry_policy: RetryPolicy::default(),
            alerts: Vec::new(),
            seller: Seller {
                company: String::new(),
                offer: String::new(),
                proof_points: Vec::new(),
                ask: String::new(),
                sender_name: String::new(),
                sender_email: None,
                postal_address: None,
                offers_by_industry: BTreeMap::new(),
                translations: BTreeMap::new(),
            },
            target: None,
            ideal_customer: IdealCustomer::default(),
            scoring: Scoring::default(),
            writing: Writing::default(),
            outreach: OutreachConfig::default(),
            chunk_size: default_chunk_size(),
            max_concurrency: default_max_concurrency(),
            on_insufficient_credits: OnInsufficientCredits::Fail,
        }
    }
}

/// How recipes run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionMode {
    /// One after the other, the output of one feeding the next.
    #[default]
    Sequential,
    /// Independent recipes at once.
    Parallel,
}

/// A recipe of the cookbook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct RecipeConfig {
    /// The recipe.
    pub id: RecipeId,
    /// Whether the run counts as failed when the recipe fails.
    pub required: bool,
    /// Whether the next recipe runs after a failure.
    pub continue_on_failure: bool,
    /// The recipe's own policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(dive)]
    pub retry_policy: Option<RetryPolicy>,
}

/// How waits grow between attempts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BackoffStrategy {
    /// base, 2 × base, 4 × base, …
    #[default]
    Exponential,
    /// base, 2 × base, 3 × base, …
    Linear,
    /// base every time.
    Fixed,
}

/// When to try again (specification §5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct RetryPolicy {
    /// Attempts in all.
    #[garde(range(min = 1, max = 10))]
    pub max_attempts: u32,
    /// How waits grow.
    #[serde(default)]
    pub backoff_strategy: BackoffStrategy,
    /// The first wait in milliseconds.
    #[garde(range(max = 3_600_000))]
    pub backoff_base_ms: u64,
    /// The longest wait in milliseconds, at least the first one.
    #[garde(range(max = 86_400_000), custom(not_before(self.backoff_base_ms)))]
    pub backoff_max_ms: u64,
    /// Codes that are tried again whatever their own nature.
    #[serde(default)]
    #[garde(length(max = ErrorCode::VARIANTS.len()))]
    pub retryable_errors: Vec<ErrorCode>,
    /// Codes that are never tried again; wins over `retryable_errors`.
    #[serde(default)]
    #[garde(length(max = ErrorCode::VARIANTS.len()))]
    pub non_retryable_errors: Vec<ErrorCode>,
}

fn not_before(first: u64) -> impl FnOnce(&u64, &()) -> garde::Result {
    move |longest, ()| {
        if *longest >= first {
            return Ok(());
        }
        let problem = format!("is {longest}: use at least `backoff_base_ms`, which is {first}");
        Err(garde::Error::new(problem))
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            backoff_strategy: BackoffStrategy::Exponential,
            backoff_base_ms: 1_000,
            backoff_max_ms: 30_000,
            retryable_errors: vec![
                ErrorCode::ApiRateLimit,
                ErrorCode::Timeout,
                ErrorCode::ConnectionError,
            ],
            non_retryable_errors: vec![
                ErrorCode::EmailNotFound,
                ErrorCode::InvalidInput,
                ErrorCode::AuthenticationFailed,
            ],
        }
    }
}

/// Who sells what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct Seller {
    /// The company's name.
    #[garde(length(chars, min = 1, max = SELLER_CHARS_MAX), pattern(ONE_LINE))]
    pub company: String,
    /// What it does, as a clause that follows "We": `help dental clinics win back lost patients`.
    #[garde(length(chars, min = 1, max = SELLER_CHARS_MAX), pattern(TEXT))]
    pub offer: String,
    /// What it can prove, each a full sentence.
    #[serde(default)]
    #[garde(
        length(max = ENTRIES_MAX),
        inner(length(chars, min = 1, max = SELLER_CHARS_MAX), pattern(TEXT))
    )]
    pub proof_points: Vec<String>,
    /// What it asks for, as a question: `Worth a short call next week?`
    #[garde(length(chars, min = 1, max = SELLER_CHARS_MAX), pattern(TEXT))]
    pub ask: String,
    /// Who signs.
    #[garde(length(chars, min = 1, max = SELLER_CHARS_MAX), pattern(ONE_LINE))]
    pub sender_name: String,
    /// The sender's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "email"))]
    #[garde(length(chars, max = ADDRESS_BYTES_MAX), pattern(ONE_LINE))]
    pub sender_email: Option<String>,
    /// The postal address that commercial e-mail must carry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = SELLER_CHARS_MAX), pattern(NOTE))]
    pub postal_address: Option<String>,
    /// Another offer per industry, by the lead's category, as in `restaurant`.
    #[serde(default)]
    #[schemars(extend(
        "propertyNames" = ONE_LINE.names(NAME_CHARS_MAX),
        "maxProperties" = ENTRIES_MAX,
        "additionalProperties" = {"type": "string", "pattern": TEXT.to_string(),
            "maxLength": SELLER_CHARS_MAX},
    ))]
    #[garde(length(max = ENTRIES_MAX), custom(by_industry))]
    pub offers_by_industry: BTreeMap<String, String>,
    /// The same in other languages, by ISO 639-1 code: a lead whose site is in one of them gets its
    /// message in it, where a model writes. Nothing is translated that does not stand here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = LANGUAGE.names(2), "maxProperties" = ENTRIES_MAX))]
    #[garde(length(max = ENTRIES_MAX), custom(by_language), dive)]
    pub translations: BTreeMap<String, SellerTexts>,
}

fn by_industry(offers: &BTreeMap<String, String>, (): &()) -> garde::Result {
    ONE_LINE.check(offers.keys(), NAME_CHARS_MAX)?;
    TEXT.check(offers.values(), SELLER_CHARS_MAX)
}

fn by_language(translations: &BTreeMap<String, SellerTexts>, (): &()) -> garde::Result {
    LANGUAGE.check(translations.keys(), NAME_CHARS_MAX)
}

/// What the seller says of itself, in another language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct SellerTexts {
    /// What it does: in English a clause that follows "We", in other languages a full sentence.
    #[garde(length(chars, min = 1, max = SELLER_CHARS_MAX), pattern(TEXT))]
    pub offer: String,
    /// What it asks for, as a question.
    #[garde(length(chars, min = 1, max = SELLER_CHARS_MAX), pattern(TEXT))]
    pub ask: String,
    /// What it can prove, each a full sentence.
    #[serde(default)]
    #[garde(
        length(max = ENTRIES_MAX),
        inner(length(chars, min = 1, max = SELLER_CHARS_MAX), pattern(TEXT))
    )]
    pub proof_points: Vec<String>,
}

/// Whom the seller serves best.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, garde::Validate,
)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct IdealCustomer {
    /// Categories or industries, as in `dentist`.
    #[serde(default)]
    #[garde(
        length(max = ENTRIES_MAX),
        inner(length(chars, min = 1, max = NAME_CHARS_MAX), pattern(ONE_LINE))
    )]
    pub industries: Vec<String>,
    /// Towns or countries.
    #[serde(default)]
    #[garde(
        length(max = ENTRIES_MAX),
        inner(length(chars, min = 1, max = LINE_CHARS_MAX), pattern(ONE_LINE))
    )]
    pub locations: Vec<String>,
    /// Fewest reviews that speak for a business of the right size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviews_min: Option<u64>,
    /// Most reviews before it is too large.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviews_max: Option<u64>,
    /// Words that speak against a business, in its name or category.
    #[serde(default)]
    #[garde(
        length(max = ENTRIES_MAX),
        inner(length(chars, min = 1, max = NAME_CHARS_MAX), pattern(ONE_LINE))
    )]
    pub excluded_words: Vec<String>,
}

/// How leads are scored. The weights are relative; at least one is above zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scoring {
    /// Leads below it are filtered.
    pub threshold: Score,
    /// Weight of `business_maturity`, 0–1.
    pub weight_business_maturity: Score,
    /// Weight of `intent_signals`, 0–1.
    pub weight_intent_signals: Score,
    /// Weight of `fit_match`, 0–1.
    pub weight_fit_match: Score,
    /// Whether discovery looks at the home page.
    pub look_at_home_page: bool,
}

impl Default for Scoring {
    fn default() -> Self {
        Self {
            threshold: Score::clamped(0.60),
            weight_business_maturity: Score::clamped(0.35),
            weight_intent_signals: Score::clamped(0.25),
            weight_fit_match: Score::clamped(0.40),
            look_at_home_page: true,
        }
    }
}

/// How messages are written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
pub struct Writing {
    /// How to sound.
    pub tone: Tone,
    /// Most words.
    #[garde(range(min = MESSAGE_WORDS_MIN, max = MESSAGE_WORDS_MAX))]
    pub max_length: u32,
    /// What the message is for.
    #[garde(length(chars, min = 1, max = LINE_CHARS_MAX), pattern(ONE_LINE))]
    pub template_context: String,
}

impl Default for Writing {
    fn default() -> Self {
        Self {
            tone: Tone::Professional,
            max_length: 75,
            template_context: "lead_generation".into(),
        }
    }
}

/// How drafts are made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
pub struct OutreachConfig {
    /// Channels that may be used, best first.
    #[schemars(extend("uniqueItems" = true))]
    #[garde(
        length(min = 1, max = CHANNELS_MAX),
        custom(|list: &Vec<Channel>, (): &()| distinct([list]))
    )]
    pub channels: Vec<Channel>,
    /// Days until a draft expires.
    #[garde(range(min = 1, max = DRAFT_DAYS_MAX))]
    pub draft_expiry_days: u32,
    /// Leads that consented to a channel: lead's e-mail or phone → channels. Text messages,
    /// WhatsApp and Messenger are drafted for these only.
    #[schemars(
        with = "BTreeMap<String, BTreeSet<Channel>>",
        extend(
            "propertyNames" = ONE_LINE.names(ADDRESS_BYTES_MAX),
            "maxProperties" = CONSENTS_MAX,
        )
    )]
    #[garde(length(max = CONSENTS_MAX), custom(by_contact))]
    pub consents: BTreeMap<String, Vec<Channel>>,
}

fn by_contact(consents: &BTreeMap<String, Vec<Channel>>, (): &()) -> garde::Result {
    ONE_LINE.check(consents.keys(), ADDRESS_BYTES_MAX)?;
    distinct(consents.values())
}

impl Default for OutreachConfig {
    fn default() -> Self {
        Self {
            channels: vec![Channel::Email],
            draft_expiry_days: 7,
            consents: BTreeMap::new(),
        }
    }
}

/// What happens to a run that the balance does not cover.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnInsufficientCredits {
    /// Refused with a clear error.
    #[default]
    Fail,
    /// Queued until the billing cycle renews.
    Queue,
}
