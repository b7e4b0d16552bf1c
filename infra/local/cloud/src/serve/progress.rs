//! Progress in the log.

use hunter_contracts::RecipeId;
use hunter_core::recipe::Progress;

/// Logs each step of a run that is done.
pub(super) struct LogProgress;

impl Progress for LogProgress {
    fn records(&self, recipe: RecipeId, chunk: Option<u32>, done: u64, total: u64) {
        if done == total {
            tracing::info!(%recipe, chunk, records = total, "step done");
        } else {
            tracing::debug!(%recipe, chunk, done, total, "step");
        }
    }
}
