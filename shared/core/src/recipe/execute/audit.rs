//! What the audit log keeps of a step: counts, codes and amounts.

use hunter_contracts::{Dollars, Metadata, RecipeFailure, RecipeOutput};
use serde_json::{Value, json};

use super::Step;
use crate::{
    recipe::{Recipe, short_key},
    store::AuditEntry,
};

impl<R: Recipe> Step<'_, R> {
    /// Appends what the step did to the audit log, once.
    pub(super) async fn audit(&self, output: &RecipeOutput<Value>) -> Result<(), RecipeFailure> {
        let chunk = self
            .chunk()
            .map_or_else(|| "run".to_owned(), |chunk| chunk.to_string());
        let id = &self.input.execution_id;
        let entry = AuditEntry {
            id: format!(
                "audit_{}",
                short_key(&[id.as_str(), R::ID.as_str(), &chunk])
            ),
            timestamp: output.metadata.completed_at,
            actor: ("system".into(), "hunter".into()),
            action: "recipe_executed".into(),
            resource_id: format!("recipe_{}", R::ID),
            execution_id: Some(id.clone()),
            details: [
                ("chunk".to_owned(), json!(self.chunk())),
                ("status".to_owned(), json!(output.status)),
                (
                    "records_processed".to_owned(),
                    json!(output.metadata.records_processed),
                ),
                (
                    "records_failed".to_owned(),
                    json!(output.metadata.records_failed),
                ),
                (
                    "credits_consumed".to_owned(),
                    json!(output.metadata.credits_consumed),
                ),
                ("api_calls".to_owned(), json!(output.metadata.api_calls)),
                (
                    "outside_cost".to_owned(),
                    json!(outside_cost(&output.metadata)),
                ),
                ("fallbacks".to_owned(), json!(output.metadata.fallbacks)),
            ]
            .into(),
        };
        Ok(self.store.audit(&entry).await?)
    }
}

/// What outside services cost in a step, in dollars.
fn outside_cost(metadata: &Metadata) -> Dollars {
    metadata.outside_use.iter().map(|used| used.cost).sum()
}
