//! What the audit log keeps of a step: counts, codes and amounts.

use hunter_contracts::{Credits, Dollars, RecipeFailure, RecipeOutput, Status};
use serde_json::{Value, json};

use super::Step;
use crate::{
    recipe::{Recipe, short_key},
    store::{Actor, AuditEntry, AuditEvent, AuditStatus, audit_details},
};

impl<R: Recipe> Step<'_, R> {
    /// Appends what the step did to the audit log, once.
    pub(super) async fn audit(&self, output: &RecipeOutput<Value>) -> Result<(), RecipeFailure> {
        let chunk = self
            .chunk()
            .map_or_else(|| "run".to_owned(), |chunk| chunk.to_string());
        let (execution_id, tenant) = (&self.input.execution_id, &self.input.customer_id);
        let key = short_key(&[execution_id.as_str(), R::ID.into(), &chunk]);
        let (id, resource) = (format!("audit_{key}"), format!("recipe_{}", R::ID));
        let (actor, event) = (Actor::system("hunter"), AuditEvent::RecipeExecuted);
        let at = output.metadata.completed_at;
        let mut entry = AuditEntry::new(id, at, actor, event, resource, tenant);
        entry.context.agent_id = self.run.as_ref().map(|run| run.agent.agent_id.clone());
        entry.context.execution_id = Some(execution_id.clone());
        entry.context.recipe_id = Some(R::ID);
        entry.result.status = match output.status {
            Status::Success => AuditStatus::Success,
            Status::Partial => AuditStatus::Warning,
            Status::Failed => AuditStatus::Failed,
        };
        let metadata = &output.metadata;
        let outside_cost: Dollars = metadata.outside_use.iter().map(|used| used.cost).sum();
        entry.changes.delta = Credits::ZERO.checked_sub(metadata.credits_consumed);
        entry.result.details = audit_details([
            ("chunk", json!(self.chunk())),
            ("records_processed", json!(metadata.records_processed)),
            ("records_failed", json!(metadata.records_failed)),
            ("credits_consumed", json!(metadata.credits_consumed)),
            ("api_calls", json!(metadata.api_calls)),
            ("outside_cost", json!(outside_cost)),
            ("fallbacks", json!(metadata.fallbacks)),
        ]);
        Ok(self.store.audit(&entry).await?)
    }
}
