//! Runs a machine: one state after another, each within its input and output processing.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html>

mod branches;
mod work;

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::choice::parse_timestamp;
use crate::context::{Context, Execution, Scope};
use crate::error::{TaskError, check_size};
use crate::event::{Event, EventKind, Iteration};
use crate::model::{Kind, Machine, Next, PassOutput, State, States, Text, Until};
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

/// Where in nested Maps and Parallels a state runs.
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
        let state = entered.state;
        if let Kind::Work(work) = &state.kind {
            return self.run_work(entered, work, raw).await;
        }
        let context = self.context(entered, 0);
        let scope = Scope {
            input: &raw,
            context,
        };
        if let Kind::Fail { error, cause } = &state.kind {
            return Err(fail(error, cause, scope)?);
        }
        let input = select(scope, "InputPath", state.input_path.as_ref())?;
        let scope = scope.with(&input);
        let (output, next) = match &state.kind {
            Kind::Pass {
                output,
                result_path,
                next,
            } => {
                let result = match output {
                    Some(PassOutput::Result(value)) => value.clone(),
                    Some(PassOutput::Parameters(template)) => template.evaluate(scope)?,
                    None => input.clone(),
                };
                (result_path.apply(raw.clone(), result)?, target(next))
            }
            Kind::Choice { rules, default } => {
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
                (input.clone(), Some(next))
            }
            Kind::Wait { until, next } => {
                let until = wait_end(until, scope, entered.at)?;
                let kind = EventKind::WaitStarted {
                    state: entered.name,
                    until,
                };
                self.emit(entered.place.within, kind);
                self.timer.sleep_until(until).await;
                (input.clone(), target(next))
            }
            Kind::Succeed | Kind::Fail { .. } | Kind::Work(_) => (input.clone(), None),
        };
        let output = select(
            scope.with(&output),
            "OutputPath",
            state.output_path.as_ref(),
        )?;
        Ok((output, next))
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

fn target(next: &Next) -> Option<&str> {
    match next {
        Next::State(name) => Some(name),
        Next::End => None,
    }
}

/// Applies an `InputPath` or `OutputPath`; `null` gives an empty object.
fn select(scope: Scope<'_>, field: &str, path: Option<&Path>) -> Result<Value, TaskError> {
    path.map_or_else(
        || Ok(Value::Object(Map::new())),
        |path| scope.select(field, path),
    )
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

/// When a Wait state that was entered at `now` ends.
fn wait_end(until: &Until, scope: Scope<'_>, now: Timestamp) -> Result<Timestamp, TaskError> {
    let wrong = |value: &Value, wanted: &str| {
        TaskError::runtime("the wait is unusable", &format!("{value} is not {wanted}"))
    };
    match until {
        Until::Seconds(seconds) => Ok(after(now, Duration::from_secs(*seconds))),
        Until::SecondsPath(path) => {
            let value = scope.select("SecondsPath", path)?;
            let seconds = value.as_u64().filter(|seconds| *seconds <= 99_999_999);
            let seconds = seconds.ok_or_else(|| wrong(&value, "an integer from 0 to 99999999"))?;
            Ok(after(now, Duration::from_secs(seconds)))
        }
        Until::Timestamp(timestamp) => Ok(whole_second(*timestamp)),
        Until::TimestampPath(path) => {
            let value = scope.select("TimestampPath", path)?;
            let timestamp = value.as_str().and_then(parse_timestamp);
            timestamp
                .map(whole_second)
                .ok_or_else(|| wrong(&value, "an RFC 3339 timestamp"))
        }
    }
}

/// Step Functions [drops the fraction](https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html)
/// of a Wait's timestamp.
fn whole_second(timestamp: Timestamp) -> Timestamp {
    Timestamp::from_second(timestamp.as_second()).unwrap_or(timestamp)
}
