//! Who tells the tenant from a token, and why it cannot be told.

use async_trait::async_trait;
use hunter_contracts::TenantId;

/// Why a token does not name a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenError {
    /// It is not good, and will not be.
    Refused(&'static str),
    /// The keys of its issuer cannot be had now.
    Unavailable {
        /// For the operator.
        reason: String,
        /// When to come back.
        retry_after_ms: u64,
    },
}

/// Tells the tenant from a bearer token.
#[async_trait]
pub trait TokenVerifier: Send + Sync {
    /// The tenant that a token was issued to.
    ///
    /// # Errors
    /// [`TokenError::Refused`] for a token that is not good, [`TokenError::Unavailable`] where that
    /// cannot be told now.
    async fn verify(&self, token: &str) -> Result<TenantId, TokenError>;
}
