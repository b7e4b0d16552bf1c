//! The port of drafts.

use async_trait::async_trait;
use hunter_contracts::{Draft, DraftId, DraftStatus, ExecutionId};

use crate::store::{OfTenant, Page, Put, StoreResult};

/// Which drafts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftFilter {
    /// Only with this stored status; absent: all.
    pub status: Option<DraftStatus>,
    /// Only of this run.
    pub execution_id: Option<ExecutionId>,
}

/// Drafts. A step that runs again finds what the customer did to its drafts meanwhile.
#[async_trait]
pub trait Drafts: OfTenant {
    /// Creates a draft, or answers the one that stands (with whatever the customer did to it).
    async fn create_draft(&self, draft: &Draft) -> StoreResult<Put<Draft>>;
    /// A draft.
    async fn draft(&self, id: &DraftId) -> StoreResult<Option<Draft>>;
    /// Drafts, newest run first, best ranked first within a run.
    async fn drafts(
        &self,
        filter: &DraftFilter,
        limit: usize,
        cursor: Option<String>,
    ) -> StoreResult<Page<Draft>>;
    /// Replaces a draft whose stored version is `draft.version - 1`.
    ///
    /// # Errors
    /// [`Stale`](crate::store::StoreError::Stale) when another writer was first,
    /// [`NotFound`](crate::store::StoreError::NotFound) for a draft that was never created.
    async fn update_draft(&self, draft: &Draft) -> StoreResult<()>;
}
