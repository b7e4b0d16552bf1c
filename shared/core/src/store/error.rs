//! Why the store could not do it: one variant per meaning, so that a caller who goes on after one of
//! them goes on after that one alone.

use std::{error::Error, mem::discriminant, sync::Arc};

use hunter_contracts::{Credits, ErrorCode, RecipeFailure};

/// Why the store could not do it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached or is overloaded: the reason, and what is behind it.
    #[error("the store is not available: {0}")]
    Unavailable(String, #[source] Option<Arc<dyn Error + Send + Sync>>),
    /// Another writer was first: read again.
    #[error("another one was first: {0}")]
    Stale(String),
    /// The same grant, reservation or debit stands with another amount or other lines.
    #[error("the same key stands for something else: {stored} is stored, {given} was given")]
    Different {
        /// The amount that stands.
        stored: Credits,
        /// The amount that was given.
        given: Credits,
    },
    /// Nothing can be charged against the run any more.
    #[error("the run's hold is closed: nothing can be charged against it any more")]
    HoldClosed,
    /// An amount that no command takes.
    #[error("amount `{0}` is out of range: use 0 to 1000000000 credits")]
    OutOfRange(Credits),
    /// What is asked for is not there.
    #[error("not found: {0}")]
    NotFound(String),
    /// More than the balance or the hold covers.
    #[error("insufficient credits: {needed} needed, {available} available")]
    Insufficient {
        /// What was asked for.
        needed: Credits,
        /// What there is.
        available: Credits,
    },
    /// A stored item cannot be read: the reason, and what is behind it.
    #[error("stored item is damaged: {0}")]
    Damaged(String, #[source] Option<Arc<dyn Error + Send + Sync>>),
    /// Larger than the store takes.
    #[error("too large for the store: {0}")]
    TooLarge(String),
}

impl StoreError {
    /// The store cannot be reached or is overloaded.
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable(reason.into(), None)
    }

    /// A stored item cannot be read.
    pub fn damaged(reason: impl Into<String>) -> Self {
        Self::Damaged(reason.into(), None)
    }

    /// With what is behind it; the other errors have nothing behind them.
    #[must_use]
    pub fn caused_by(mut self, error: impl Error + Send + Sync + 'static) -> Self {
        if let Self::Unavailable(_, cause) | Self::Damaged(_, cause) = &mut self {
            *cause = Some(Arc::new(error));
        }
        self
    }
}

/// What is behind an error does not tell it from another one.
impl PartialEq for StoreError {
    fn eq(&self, other: &Self) -> bool {
        discriminant(self) == discriminant(other) && self.to_string() == other.to_string()
    }
}

impl Eq for StoreError {}

/// Short for what every method answers.
pub type StoreResult<T> = Result<T, StoreError>;

impl From<StoreError> for RecipeFailure {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Unavailable(..) => ErrorCode::StoreUnavailable,
            StoreError::Stale(_)
            | StoreError::Different { .. }
            | StoreError::HoldClosed
            | StoreError::OutOfRange(_) => ErrorCode::Conflict,
            StoreError::NotFound(_) => ErrorCode::NotFound,
            StoreError::Insufficient { .. } => ErrorCode::InsufficientCredits,
            StoreError::TooLarge(_) => ErrorCode::LimitExceeded,
            StoreError::Damaged(..) => ErrorCode::Internal,
        };
        let failure = Self::new(code, error.to_string());
        match error {
            StoreError::Unavailable(_, Some(cause)) | StoreError::Damaged(_, Some(cause)) => {
                failure.caused_by(cause)
            }
            _ => failure,
        }
    }
}
