//! The port of runs' records.

use async_trait::async_trait;
use hunter_contracts::{ExecutionId, RunRecord};

use crate::store::{OfTenant, Page, Put, StoreResult};

/// Runs. A record stands only where the run's hold stands: opening reserves first, so that a run
/// without credits leaves nothing behind.
#[async_trait]
pub trait Runs: OfTenant {
    /// Creates a run, or answers the one that stands: of two that open it, one wins.
    async fn create_run(&self, run: &RunRecord) -> StoreResult<Put<RunRecord>>;
    /// Replaces a run's record.
    ///
    /// # Errors
    /// [`NotFound`](crate::store::StoreError::NotFound) for a run that was never created.
    async fn update_run(&self, run: &RunRecord) -> StoreResult<()>;
    /// A run.
    async fn run(&self, id: &ExecutionId) -> StoreResult<Option<RunRecord>>;
    /// Runs, newest first.
    async fn runs(&self, limit: usize, cursor: Option<String>) -> StoreResult<Page<RunRecord>>;
}
