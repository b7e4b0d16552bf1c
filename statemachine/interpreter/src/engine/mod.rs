//! Runs a machine: one state after another, each within its input and output processing.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html>

mod map;
mod work;

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::context::{Context, Execution, Scope};
use crate::error::{TaskError, check_size};
use crate::event::{Event, EventKind, Iteration};
use crate::model::{Machine, State, States, Text};
use crate::path::Path;
use crate::ports::{Observer, TaskHandler, Timer};

/// The most events of one execution:
/// [the quota of Step Functions](https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
/// An execution that reaches it fails, so a loop without an end does end.
pub const EVENTS_MAX: u64 = 25_000;

/// The most iterations of an inline Map that run at once:
/// [the limit of Step Functions](https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html).
pub const INLINE_CONCURRENCY_MAX: usize = 40;

/// How an execution ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The end.
    pub status: Status,
    /// Billed state transitions. Standard workflows
    /// [pay](https://aws.amazon.com/step-functions/pricing/) for each step that is executed and
    /// for each retry: here, one for each state entered (also inside a Map) and one for each retry
    /// of a retrier.
    pub transitions: u64,
    /// The events that the observer got.
    pub events: u64,
}

/// The end of an execution.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the fields carry the names of the States Language"
)]
pub enum Status {
    /// It reached a Succeed state or an `End`.
    Succeeded { output: Value },
    /// It reached a Fail state, or an error was not caught.
    Failed { error: String, cause: String },
    /// The machine's `TimeoutSeconds` passed.
    TimedOut,
    /// It was cancelled.
    Aborted,
}

impl Machine {
    /// Runs one execution to its end. It stops at the next await point once `cancel` is ready;
    /// pass [`std::future::pending`] for an execution that nobody cancels.
    ///
    /// Map iterations are polled together on the caller's task: a handler that computes for long
    /// should spawn.
    pub async fn run(
        &self,
        execution: Execution,
        handler: &dyn TaskHandler,
        timer: &dyn Timer,
        observer: &dyn Observer,
        cancel: impl Future<Output = ()> + Send,
    ) -> Outcome {
        let engine = Engine {
            execution: &execution,
            started_at: timer.now(),
            handler,
            timer,
            observer,
            transitions: AtomicU64::new(0),
            events: AtomicU64::new(0),
        };
        engine.emit(
            &[],
            EventKind::ExecutionStarted {
                input: &execution.input,
            },
        );
        let work = async {
            check_size("the execution's input", &execution.input)?;
            engine
                .run_states(&self.states, execution.input.clone(), Place::default())
                .await
        };
        let timeout = async {
            match self.timeout {
                Some(timeout) => timer.sleep_until(after(engine.started_at, timeout)).await,
                None => std::future::pending().await,
            }
        };
        let status = tokio::select! {
            biased;
            () = cancel => Status::Aborted,
            () = timeout => Status::TimedOut,
            ended = work => match ended {
                Ok(output) => Status::Succeeded { output },
                Err(TaskError { error, cause }) => Status::Failed { error, cause },
            },
        };
        engine.emit(
            &[],
            match &status {
                Status::Succeeded { output } => EventKind::ExecutionSucceeded { output },
                Status::Failed { error, cause } => EventKind::ExecutionFailed { error, cause },
                Status::TimedOut => EventKind::ExecutionTimedOut,
                Status::Aborted => EventKind::ExecutionAborted,
            },
        );
        Outcome {
            status,
            transitions: engine.transitions.load(Ordering::Relaxed),
            events: engine.events.load(Ordering::Relaxed),
        }
    }
}

/// `duration` after `time`, or the end of time.
fn after(time: Timestamp, duration: Duration) -> Timestamp {
    SignedDuration::try_from(duration)
        .ok()
        .and_then(|duration| time.checked_add(duration).ok())
        .unwrap_or(Timestamp::MAX)
}

/// Where in nested Maps a state runs.
#[derive(Debug, Clone, Copy, Default)]
struct Place<'a> {
    within: &'a [Iteration],
    /// The innermost Map item.
    item: Option<(usize, &'a Value)>,
}

/// A state as it is being run.
#[derive(Clone, Copy)]
struct Entered<'a> {
    name: &'a str,
    state: &'a State,
    place: Place<'a>,
    at: Timestamp,
}

struct Engine<'a> {
    execution: &'a Execution,
    started_at: Timestamp,
    handler: &'a dyn TaskHandler,
    timer: &'a dyn Timer,
    observer: &'a dyn Observer,
    transitions: AtomicU64,
    events: AtomicU64,
}

impl Engine<'_> {
    fn emit(&self, within: &[Iteration], kind: EventKind<'_>) {
        let id = self.events.fetch_add(1, Ordering::Relaxed) + 1;
        self.observer.event(&Event {
            id,
            at: self.timer.now(),
            within,
            kind,
        });
    }

    /// Counts a billed transition, and fails when the history is full.
    fn count_transition(&self) -> Result<(), TaskError> {
        self.transitions.fetch_add(1, Ordering::Relaxed);
        if self.events.load(Ordering::Relaxed) < EVENTS_MAX {
            return Ok(());
        }
        let problem = format!("the execution reached {EVENTS_MAX} events");
        Err(TaskError::runtime("the history is full", &problem))
    }

    fn run_states<'f>(
        &'f self,
        states: &'f States,
        input: Value,
        place: Place<'f>,
    ) -> BoxFuture<'f, Result<Value, TaskError>> {
        async move {
            let mut name = states.start_at.as_str();
            let mut input = input;
            loop {
                // A loop of states that never wait must not keep others from running.
                tokio::task::yield_now().await;
                let state = states.states.get(name).ok_or_else(|| {
                    TaskError::runtime("the definition is broken", &format!("no state `{name}`"))
                })?;
                self.count_transition()?;
                let state_type = state.type_name();
                let kind = EventKind::StateEntered {
                    state: name,
                    state_type,
                    input: &input,
                };
                self.emit(place.within, kind);
                let entered = Entered {
                    name,
                    state,
                    place,
                    at: self.timer.now(),
                };
                let (output, next) = self.run_state(entered, input).await?;
                check_size(&format!("the output of the state `{name}`"), &output)?;
                self.emit(
                    place.within,
                    EventKind::StateExited {
                        state: name,
                        output: &output,
                    },
                );
                input = output;
                match next {
                    Some(next) => name = next,
                    None => return Ok(input),
                }
            }
        }
        .boxed()
    }

    /// Runs one state on its raw input. Returns its output and the next state, if any.
    async fn run_state<'s>(
        &self,
        entered: Entered<'s>,
        raw: Value,
    ) -> Result<(Value, Option<&'s str>), TaskError> {
        let context = self.context(entered, 0);
        let scope = Scope {
            input: &raw,
            context,
        };
        match entered.state {
            State::Work(work) => self.run_work(entered, work, raw).await,
            State::Fail { error, cause } => Err(fail(error, cause, scope)?),
            State::Succeed => Ok((raw, None)),
            State::Pass {
                parameters,
                result_path,
                next,
            } => {
                let result = match parameters {
                    Some(template) => template.evaluate(scope)?,
                    None => raw.clone(),
                };
                Ok((result_path.apply(raw, result)?, next.target()))
            }
            State::Choice { rules, default } => {
                let mut chosen = default.as_deref();
                for (rule, next) in rules {
                    if rule.matches(scope)? {
                        chosen = Some(next);
                        break;
                    }
                }
                let next = chosen.ok_or_else(|| {
                    let problem = format!("no rule of `{}` matches", entered.name);
                    TaskError::runtime("States.NoChoiceMatched", &problem)
                })?;
                Ok((raw, Some(next)))
            }
            State::Wait { until, next } => {
                let until = wait_end(until, scope)?;
                let kind = EventKind::WaitStarted {
                    state: entered.name,
                    until,
                };
                self.emit(entered.place.within, kind);
                self.timer.sleep_until(until).await;
                Ok((raw, next.target()))
            }
        }
    }

    fn context<'s>(&'s self, entered: Entered<'s>, retry_count: u32) -> Context<'s> {
        Context {
            execution: self.execution,
            started_at: self.started_at,
            state_name: entered.name,
            entered_at: entered.at,
            retry_count,
            item: entered.place.item,
        }
    }
}

/// The failure that a Fail state reports; an `Err` is a path that gives no text.
fn fail(error: &Text, cause: &Text, scope: Scope<'_>) -> Result<TaskError, TaskError> {
    let text = |field: &str, text: &Text| match text {
        Text::Literal(text) => Ok(text.clone().unwrap_or_default()),
        Text::Path(path) => match scope.select(field, path)? {
            Value::String(text) => Ok(text),
            other => Err(TaskError::runtime(
                "the value must be a string",
                &format!("`{field}` selects {other}"),
            )),
        },
    };
    Ok(TaskError::new(
        text("ErrorPath", error)?,
        text("CausePath", cause)?,
    ))
}

/// When a Wait state ends: a moment in the past is none. Step Functions
/// [drops the fraction](https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html) of a
/// second.
fn wait_end(until: &Path, scope: Scope<'_>) -> Result<Timestamp, TaskError> {
    let value = scope.select("TimestampPath", until)?;
    let timestamp = value.as_str().and_then(parse_timestamp);
    let timestamp = timestamp.ok_or_else(|| {
        let problem = format!("{value} is not an RFC 3339 timestamp");
        TaskError::runtime("the wait is unusable", &problem)
    })?;
    Ok(Timestamp::from_second(timestamp.as_second()).unwrap_or(timestamp))
}

/// An RFC 3339 timestamp as the States Language wants it: upper-case `T`, and `Z` unless there is
/// a numeric offset.
fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let strict = text.contains('T') && !text.contains(['z', '[']);
    strict.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_follow_the_strict_profile() {
        assert!(parse_timestamp("2026-08-18T17:33:00Z").is_some());
        assert_eq!(
            parse_timestamp("2026-08-18T17:33:00.5+02:00"),
            parse_timestamp("2026-08-18T15:33:00.500Z")
        );
        for text in [
            "2026-08-18 17:33:00Z",
            "2026-08-18T17:33:00z",
            "2026-08-18",
            "soon",
        ] {
            assert!(parse_timestamp(text).is_none(), "`{text}` was accepted");
        }
    }
}
