//! What the interpreter needs from outside.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;

use crate::error::TaskError;
use crate::event::{Event, Iteration};

/// Where a task is called from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskContext {
    /// `$$.Execution.Id`
    pub execution_id: String,
    /// The name of the Task state.
    pub state: String,
    /// The Map iterations around it, the outermost first.
    pub within: Vec<Iteration>,
    /// How often the state has been retried before this call: `$$.State.RetryCount`.
    pub retry_count: u32,
}

/// Calls what a Task's `Resource` names. [`crate::LambdaInvoke`] is the handler for functions.
#[async_trait]
pub trait TaskHandler: Send + Sync {
    /// Calls `resource` with the state's effective input and returns the task's result.
    ///
    /// The future is dropped when the task times out, a sibling iteration fails or the execution
    /// is cancelled.
    async fn invoke(
        &self,
        resource: &str,
        parameters: Value,
        context: TaskContext,
    ) -> Result<Value, TaskError>;
}

/// Time, and the randomness of retries. [`crate::ClockTimer`] serves real and paused time.
#[async_trait]
pub trait Timer: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;
    /// Returns once `now()` has reached `time`.
    async fn sleep_until(&self, time: Timestamp);
    /// A random duration from zero to `max`, for `JitterStrategy: FULL`.
    fn jitter(&self, max: Duration) -> Duration;
}

/// Receives the history of an execution, in order.
pub trait Observer: Send + Sync {
    /// Called for each event, before the execution goes on. It must not block.
    fn event(&self, event: &Event<'_>);
}

/// An observer that keeps nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn event(&self, _event: &Event<'_>) {}
}
