//! The components of specification §4. They are pluggable: a recipe holds them as trait objects.

use async_trait::async_trait;
use hunter_contracts::{Channel, Message, RecipeFailure, TenantId};
use jiff::Timestamp;

/// What an [`AiComponent`] decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision<P> {
    /// Its name, as in `search_by_tags` or `premium`.
    pub strategy: String,
    /// What the action needs.
    pub parameters: P,
    /// Why, for a person.
    pub reasons: Vec<String>,
    /// What decided, as in `rules-1`; kept as `model_used`.
    pub model: String,
}

/// Analyses context and decides: a model, a rules engine or heuristics (specification §4).
#[async_trait]
pub trait AiComponent<C: Sync, P>: Send + Sync {
    /// Decides.
    ///
    /// # Errors
    /// When a model cannot be asked; the rules engine never fails.
    async fn decide(&self, context: &C) -> Result<Decision<P>, RecipeFailure>;
}

/// A message as it fits a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    /// A subject line, for channels that have one.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
    /// What to heed, as in `2 SMS segments (UCS-2)`.
    pub notes: Vec<String>,
}

/// Formats messages per channel (specification §4).
pub trait CorrespondenceComponent: Send + Sync {
    /// Fits a message to a channel's limits.
    ///
    /// # Errors
    /// When the message cannot be made to fit without losing its meaning.
    fn format(
        &self,
        message: &Message,
        channel: Channel,
        seller: &hunter_contracts::Seller,
    ) -> Result<Formatted, RecipeFailure>;
}

/// Retrieves a customer's secrets (specification §4).
#[async_trait]
pub trait SecretsManager: Send + Sync {
    /// A secret by its key, as in `google_maps_api_key`. `rocketchat_key` is accepted for
    /// RocketReach's.
    ///
    /// # Errors
    /// `SECRET_MISSING` when there is none.
    async fn get_secret(&self, tenant: &TenantId, key: &str) -> Result<String, RecipeFailure>;
}

/// The answer of a [`RateLimiter`] (specification §4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// Whether the call may be made.
    pub allowed: bool,
    /// How many are left in the window.
    pub remaining: u64,
    /// When the window ends.
    pub resets_at: Timestamp,
}

/// Enforces a customer's API limits (specification §4).
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Whether `calls` more calls to `api` fit.
    ///
    /// # Errors
    /// When the store fails.
    async fn check_quota(
        &self,
        tenant: &TenantId,
        api: &str,
        calls: u64,
    ) -> Result<Quota, RecipeFailure>;
}
