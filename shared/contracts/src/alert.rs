//! Alerts: configuration and record (specification §6).

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    AlertId, EmailAddress, ErrorCode, ExecutionId, RecipeId, TenantId,
    email::ADDRESS_BYTES_MAX,
    limits::{NAME_CHARS_MAX, NOTE, ONE_LINE},
};

/// Most recipients of a rule.
pub const ALERT_RECIPIENTS_MAX: usize = 10;
/// The longest template of a rule, in characters.
pub const ALERT_TEMPLATE_CHARS_MAX: usize = 4_000;

/// What raises an alert.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AlertTrigger {
    /// A recipe failed for good.
    RecipeFailed,
    /// A source refused for too many calls.
    DiscoveryRateLimit,
    /// 80 % of the credits are used.
    SubscriptionApproachingLimit,
    /// All credits are used.
    SubscriptionExceeded,
    /// The trial ends within 7 days.
    SubscriptionTrialEnding,
    /// Drafts wait for the customer.
    OutreachPendingReview,
    /// No drafts could be made.
    OutreachFailed,
}

/// How much it matters.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Needs attention.
    Warning,
    /// Something failed.
    Error,
}

/// How an alert reaches people.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AlertChannel {
    /// E-mail.
    Email,
    /// Shown in the app.
    AppNotification,
    /// Text message.
    Sms,
    /// WhatsApp.
    Whatsapp,
}

/// Whom an alert goes to.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(from = "String", into = "String")]
#[schemars(
    with = "String",
    extend("maxLength" = ADDRESS_BYTES_MAX, "pattern" = ONE_LINE.to_string())
)]
pub enum Recipient {
    /// The customer, at the address of its profile.
    Customer,
    /// Who runs the Hunter.
    Admin,
    /// Somebody else.
    Address(EmailAddress),
    /// None of these. Nobody is told; a new configuration that says so is refused, one that is
    /// stored stays readable.
    Nobody(String),
}

impl From<String> for Recipient {
    fn from(text: String) -> Self {
        match text.as_str() {
            "customer" => Self::Customer,
            "admin" => Self::Admin,
            _ => text.parse().map_or(Self::Nobody(text), Self::Address),
        }
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        match recipient {
            Recipient::Customer => "customer".into(),
            Recipient::Admin => "admin".into(),
            Recipient::Address(address) => address.into(),
            Recipient::Nobody(text) => text,
        }
    }
}

/// When to raise what to whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct AlertConfig {
    /// The rule's own id.
    #[garde(length(chars, min = 1, max = NAME_CHARS_MAX), pattern(ONE_LINE))]
    pub id: String,
    /// What raises it.
    pub trigger: AlertTrigger,
    /// How much it matters.
    pub severity: Severity,
    /// How it reaches people.
    #[garde(length(max = 4))]
    pub channels: Vec<AlertChannel>,
    /// `customer`, `admin` or an address.
    #[garde(length(max = ALERT_RECIPIENTS_MAX))]
    pub recipients: Vec<Recipient>,
    /// The text's template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = ALERT_TEMPLATE_CHARS_MAX), pattern(NOTE))]
    pub template: Option<String>,
    /// Whether it is on.
    pub enabled: bool,
    /// At most one per so many hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_frequency_hours: Option<u32>,
    /// The percentage used, for subscription alerts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold_percentage: Option<u32>,
}

/// What an alert is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertContext {
    /// The recipe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe_id: Option<RecipeId>,
    /// The run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_id: Option<ExecutionId>,
    /// The code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<ErrorCode>,
}

/// An alert that was raised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertRecord {
    /// The alert.
    pub id: AlertId,
    /// The tenant.
    pub customer_id: TenantId,
    /// What raised it.
    pub trigger_type: AlertTrigger,
    /// How much it matters.
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// What happened.
    pub message: String,
    /// What it is about.
    pub context: AlertContext,
    /// Whether the customer is to act.
    pub action_required: bool,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggested_action: Option<String>,
    /// When it was raised.
    pub created_at: Timestamp,
    /// When it stops mattering.
    pub expires_at: Timestamp,
    /// Whether the customer saw it.
    pub read: bool,
}
