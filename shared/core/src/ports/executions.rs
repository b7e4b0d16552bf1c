//! The ports to whoever runs the state machine and to whoever keeps time.

use async_trait::async_trait;
use hunter_contracts::{
    AgentId, AgentSchedule, CloseCause, ExecutionId, RecipeFailure, RunRequest, TenantId,
};
use jiff::Timestamp;

use crate::recipe::derived_key;

/// Whether a start began something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// It began now.
    New,
    /// It was begun before, with the same input.
    Existing,
}

/// How an execution of the state machine stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecutionState {
    /// Under way.
    Running,
    /// Ended well.
    Succeeded,
    /// Ended in a Fail state or with an error.
    Failed {
        /// The error's name: an [`hunter_contracts::ErrorCode`] where the run was refused.
        error: String,
        /// For a person.
        cause: String,
    },
    /// The execution's own time limit was reached.
    TimedOut,
    /// Stopped.
    Aborted,
}

impl ExecutionState {
    /// What a run is closed for whose execution stands so; `None` while it is under way.
    #[must_use]
    pub const fn close_cause(&self) -> Option<CloseCause> {
        match self {
            Self::Running => None,
            Self::Succeeded | Self::Failed { .. } => Some(CloseCause::Failed),
            Self::TimedOut => Some(CloseCause::TimedOut),
            Self::Aborted => Some(CloseCause::Stopped),
        }
    }
}

/// An execution that did not end well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadEnd {
    /// The execution's name.
    pub name: String,
    /// What its run is closed for.
    pub cause: CloseCause,
    /// What it was started with, as it came.
    pub input: String,
}

/// The engine that runs the state machine: Step Functions, or the embedded one.
#[async_trait]
pub trait Executions: Send + Sync {
    /// Starts the execution of a request, once per [`execution_name`].
    ///
    /// # Errors
    /// `CONFLICT` when an execution of this name has another input; `API_UNAVAILABLE`,
    /// `API_RATE_LIMIT`, `CONNECTION_ERROR` when the engine cannot be asked.
    async fn start(&self, request: &RunRequest) -> Result<Started, RecipeFailure> {
        self.start_as(&request.execution_id, request).await
    }
    /// Starts an execution with another id than the run's own: to close what one left open.
    ///
    /// # Errors
    /// As [`Self::start`].
    async fn start_as(
        &self,
        id: &ExecutionId,
        request: &RunRequest,
    ) -> Result<Started, RecipeFailure>;
    /// Ends an execution; what it has stored stays. One that has ended stays as it is.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none; as [`Self::start`] when the engine cannot be asked.
    async fn stop(&self, tenant: &TenantId, id: &ExecutionId) -> Result<(), RecipeFailure>;
    /// How an execution stands; `None` when there is none (any more).
    ///
    /// # Errors
    /// When the engine cannot be asked.
    async fn describe(
        &self,
        tenant: &TenantId,
        id: &ExecutionId,
    ) -> Result<Option<ExecutionState>, RecipeFailure>;
    /// The executions that failed, timed out or were stopped since a time, in any order.
    ///
    /// # Errors
    /// When the engine cannot be asked.
    async fn bad_ends(&self, since: Timestamp) -> Result<Vec<BadEnd>, RecipeFailure>;
}

/// Who sends a [`hunter_contracts::ScheduleTick`] when it is time: EventBridge Scheduler, or the
/// embedded timekeeper.
#[async_trait]
pub trait Schedules: Send + Sync {
    /// Sets an agent's schedule, replacing the one before it.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the expression or the time zone is refused; as for
    /// [`Executions::start`] when nobody can be asked.
    async fn put(
        &self,
        tenant: &TenantId,
        agent: &AgentId,
        schedule: &AgentSchedule,
    ) -> Result<(), RecipeFailure>;
}

/// Keeps no time: for a way in that sets no schedule.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSchedules;

#[async_trait]
impl Schedules for NoSchedules {
    async fn put(&self, _: &TenantId, _: &AgentId, _: &AgentSchedule) -> Result<(), RecipeFailure> {
        Err(RecipeFailure::internal("schedules are not set from here"))
    }
}

/// The name of a run's execution: unique over all tenants, the same for the same run, and within
/// the 80 characters `A-Z a-z 0-9 - _` that Step Functions takes.
#[must_use]
pub fn execution_name(tenant: &TenantId, id: &ExecutionId) -> String {
    let key = derived_key(&[tenant.as_str(), id.as_str()]);
    let plain = id.as_str().chars().map(|c| if c == '.' { '-' } else { c });
    let readable: String = plain.take(48).collect();
    format!("{readable}-{}", key.get(..20).unwrap_or(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_executions_fit_and_differ() {
        let long = "x.".repeat(48);
        let names: Vec<String> = [("a", "exec_1"), ("b", "exec_1"), ("a", &long)]
            .iter()
            .map(|(tenant, id)| {
                let tenant = TenantId::new(*tenant).unwrap();
                execution_name(&tenant, &ExecutionId::new(*id).unwrap())
            })
            .collect();
        assert!(names[0].starts_with("exec_1-") && names[0] != names[1]);
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        assert!(names.iter().all(|n| n.len() <= 80 && n.chars().all(fits)));
    }
}
