//! The history of an execution.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// One Map iteration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Iteration {
    /// The name of the Map state.
    pub state: String,
    /// The index of the item, from 0.
    pub index: usize,
}

/// One entry of the history.
#[derive(Debug, Serialize)]
pub struct Event<'a> {
    /// Its place in the history, from 1.
    pub id: u64,
    /// When it happened.
    pub at: Timestamp,
    /// The Map iterations that it happened in, the outermost first.
    pub within: &'a [Iteration],
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind<'a>,
}

/// What happened. The names follow the history events of Step Functions.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all_fields = "snake_case")]
#[expect(
    missing_docs,
    reason = "the fields carry the names of the States Language"
)]
pub enum EventKind<'a> {
    /// The execution began.
    ExecutionStarted { input: &'a Value },
    /// A state was entered: one billed transition.
    StateEntered {
        state: &'a str,
        state_type: &'static str,
        input: &'a Value,
    },
    /// A task was handed to the handler.
    TaskScheduled {
        state: &'a str,
        resource: &'a str,
        parameters: &'a Value,
        retry_count: u32,
    },
    /// A task returned.
    TaskSucceeded { state: &'a str, output: &'a Value },
    /// A task failed or timed out.
    TaskFailed {
        state: &'a str,
        error: &'a str,
        cause: &'a str,
    },
    /// A retrier matched; the state runs again at `until`: one billed transition.
    RetryScheduled {
        state: &'a str,
        retry_count: u32,
        error: &'a str,
        until: Timestamp,
    },
    /// A catcher matched.
    ErrorCaught {
        state: &'a str,
        error: &'a str,
        next: &'a str,
    },
    /// A Wait state waits.
    WaitStarted { state: &'a str, until: Timestamp },
    /// A state was left.
    StateExited { state: &'a str, output: &'a Value },
    /// A Map began.
    MapStarted {
        state: &'a str,
        items: usize,
        concurrency_max: usize,
    },
    /// An iteration began.
    IterationStarted { iteration: &'a Iteration },
    /// An iteration ended well.
    IterationSucceeded { iteration: &'a Iteration },
    /// An iteration failed, and with it the state.
    IterationFailed {
        iteration: &'a Iteration,
        error: &'a str,
        cause: &'a str,
    },
    /// An iteration was stopped because another failed.
    IterationAborted { iteration: &'a Iteration },
    /// The execution ended well.
    ExecutionSucceeded { output: &'a Value },
    /// The execution failed.
    ExecutionFailed { error: &'a str, cause: &'a str },
    /// The machine's `TimeoutSeconds` passed.
    ExecutionTimedOut,
    /// The execution was cancelled.
    ExecutionAborted,
}
