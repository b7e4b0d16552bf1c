//! Runs executions of `statemachine/hunter.asl.json` in this process.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use hunter_asl::{
    ClockTimer, Event, EventKind, Execution, Functions, LambdaInvoke, Machine, NoObserver,
    Observer, Outcome, Status, TaskContext, TaskError, Timer,
};
use hunter_contracts::{
    ErrorCode, RecipeFailure, RecipeId, RunAnswer, RunEnd, RunRequest, to_json,
};
use hunter_core::ports::{Clock, execution_name};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::functions::{InProcessFunctions, RUN_FUNCTION};

/// The only copy of the state machine.
pub const DEFINITION: &str = include_str!("../../../../statemachine/hunter.asl.json");

/// How an execution ended.
#[derive(Debug)]
pub struct Ended {
    /// The engine's outcome.
    pub outcome: Outcome,
    /// How long it took.
    pub elapsed: Duration,
    /// Why the run was refused or failed, where it was.
    pub failure: Option<RecipeFailure>,
    /// Whether it was stopped from outside.
    pub stopped: bool,
}

/// An engine with its functions.
pub struct Engine {
    machine: Machine,
    functions: InProcessFunctions,
    clock: Arc<dyn Clock>,
    timer: Option<Arc<dyn Timer>>,
}

/// Waits longer than this are told to whoever looks on.
const LONG_WAIT_SECONDS: i64 = 60;

/// Whether a wait that begins now is long.
#[must_use]
pub fn is_long(until: Timestamp, now: Timestamp) -> bool {
    until.as_second() - now.as_second() > LONG_WAIT_SECONDS
}

/// Writes the history to the log, and hands it on.
struct LogHistory<'a> {
    watcher: &'a dyn Observer,
}

impl Observer for LogHistory<'_> {
    fn event(&self, event: &Event<'_>) {
        self.watcher.event(event);
        match &event.kind {
            EventKind::StateEntered { state, .. } => {
                tracing::debug!(id = event.id, state, "entered")
            }
            EventKind::TaskFailed {
                state,
                error,
                cause,
            } => {
                tracing::warn!(id = event.id, state, error, cause, "task failed");
            }
            EventKind::WaitStarted { state, until } => {
                tracing::info!(id = event.id, state, %until, "waiting");
            }
            _ => {}
        }
    }
}

impl Engine {
    /// An engine over functions.
    ///
    /// # Errors
    /// When the definition holds something that the interpreter does not run.
    pub fn new(
        functions: InProcessFunctions,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, RecipeFailure> {
        Self::of(DEFINITION, functions, clock)
    }

    /// An engine that runs another definition.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of(
        definition: &str,
        functions: InProcessFunctions,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, RecipeFailure> {
        let substitutions = [
            ("Partition".to_owned(), "aws".to_owned()),
            ("RunFunction".to_owned(), RUN_FUNCTION.to_owned()),
            (
                "SubscriptionFunction".to_owned(),
                RecipeId::LAST.to_string(),
            ),
        ];
        let machine = Machine::load_with(definition, &substitutions.into()).map_err(|error| {
            RecipeFailure::internal("the state machine's definition").caused_by(error)
        })?;
        Ok(Self {
            machine,
            functions,
            clock,
            timer: None,
        })
    }

    /// With another timer than the clock's: tests need not wait.
    #[must_use]
    pub fn with_timer(self, timer: Arc<dyn Timer>) -> Self {
        Self {
            timer: Some(timer),
            ..self
        }
    }

    fn clock_timer(&self) -> Arc<dyn Timer> {
        let clock = self.clock.clone();
        let seed = u64::try_from(clock.now().as_millisecond()).unwrap_or(0);
        Arc::new(ClockTimer::new(move || clock.now(), seed))
    }

    /// Runs an execution to its end, or until `stop` is ready: then the run is closed, what is
    /// finished stays charged, and the rest of the credits is released.
    pub async fn run(&self, request: &RunRequest, stop: impl Future<Output = ()> + Send) -> Ended {
        let name = execution_name(&request.customer_id, &request.execution_id);
        self.run_as(name, request, &NoObserver, stop).await
    }

    /// As [`Self::run`], for an execution of any name; `watcher` sees its history.
    pub async fn run_as(
        &self,
        name: String,
        request: &RunRequest,
        watcher: &dyn Observer,
        stop: impl Future<Output = ()> + Send,
    ) -> Ended {
        let begun = Instant::now();
        let execution = Execution {
            id: format!("local:hunter:{name}"),
            name,
            input: to_json(request),
            state_machine_id: "local:hunter".into(),
            state_machine_name: "hunter".into(),
        };
        let timer = self.timer.clone().unwrap_or_else(|| self.clock_timer());
        let history = LogHistory { watcher };
        let handler = LambdaInvoke(self.functions.clone());
        let outcome = self
            .machine
            .run(execution, &handler, timer.as_ref(), &history, stop)
            .await;
        let stopped = matches!(outcome.status, Status::Aborted | Status::TimedOut);
        let failure = match &outcome.status {
            Status::Succeeded { .. } => None,
            Status::Failed { error, cause } => Some(failure(error, cause)),
            Status::Aborted | Status::TimedOut => self
                .close(request)
                .await
                .err()
                .map(|error| failure(&error.error, &error.cause)),
        };
        Ended {
            outcome,
            elapsed: begun.elapsed(),
            failure,
            stopped,
        }
    }

    /// Closes a run that did not come to its own end: settles nothing new, releases the rest, rolls
    /// up and runs subscription.
    ///
    /// # Errors
    /// When the run function fails.
    pub async fn close(&self, request: &RunRequest) -> Result<(), TaskError> {
        let context = || TaskContext {
            execution_id: request.execution_id.to_string(),
            state: "CloseRun".into(),
            within: Vec::new(),
            retry_count: 0,
        };
        let payload = json!({
            "action": "close",
            "customer_id": request.customer_id,
            "execution_id": request.execution_id,
            "state": { "stopped": true },
        });
        let answer = self
            .functions
            .call(RUN_FUNCTION, payload, context())
            .await?;
        let answer = serde_json::from_value(answer);
        if let Ok(RunAnswer::Closed { control }) = answer {
            let RunEnd::Next { step, .. } = control;
            let input = to_json(&step.input);
            self.functions
                .call(&step.function, input, context())
                .await?;
        }
        Ok(())
    }
}

/// The engine's error as a failure: its name is a code of ours where a function reported it.
fn failure(error: &str, cause: &str) -> RecipeFailure {
    let code: ErrorCode = serde_json::from_value(Value::String(error.to_owned()))
        .unwrap_or(ErrorCode::FunctionFailed);
    let message = match code {
        ErrorCode::FunctionFailed => format!("{error}: {cause}"),
        _ => cause.to_owned(),
    };
    RecipeFailure::new(code, message)
}
