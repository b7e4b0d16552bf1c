//! What no case file can say: limits, cancellation, jitter, the history and its numbering.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use hunter_asl::{
    ClockTimer, EVENTS_MAX, Event, Execution, INLINE_CONCURRENCY_MAX, Machine, NoObserver,
    Observer, Outcome, PAYLOAD_BYTES_MAX, Status, TaskContext, TaskError, TaskHandler, Timer,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Answers after a second with its parameters; counts the calls that run at once.
#[derive(Default)]
struct Echo {
    running: AtomicU32,
    running_max: AtomicU32,
}

#[async_trait]
impl TaskHandler for Echo {
    async fn invoke(
        &self,
        resource: &str,
        parameters: Value,
        _context: TaskContext,
    ) -> Result<Value, TaskError> {
        let running = self.running.fetch_add(1, Ordering::Relaxed) + 1;
        self.running_max.fetch_max(running, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.running.fetch_sub(1, Ordering::Relaxed);
        match resource.rsplit(':').next() {
            Some("huge") => Ok(Value::String("x".repeat(PAYLOAD_BYTES_MAX))),
            Some("busy") => Err(TaskError::new("Busy", "try later")),
            _ => Ok(parameters),
        }
    }
}

#[derive(Default)]
struct Lines(Mutex<Vec<Value>>);

impl Observer for Lines {
    fn event(&self, event: &Event<'_>) {
        self.0
            .lock()
            .unwrap()
            .push(serde_json::to_value(event).unwrap());
    }
}

fn timer(seed: u64) -> ClockTimer {
    let zero = tokio::time::Instant::now();
    let clock = move || Timestamp::UNIX_EPOCH + SignedDuration::try_from(zero.elapsed()).unwrap();
    ClockTimer::new(clock, seed)
}

fn execution(input: Value) -> Execution {
    Execution {
        id: "id".to_owned(),
        name: "name".to_owned(),
        input,
        state_machine_id: "machine".to_owned(),
        state_machine_name: "machine".to_owned(),
    }
}

async fn run(definition: Value, input: Value, handler: &Echo, observer: &dyn Observer) -> Outcome {
    let machine = Machine::load(&definition.to_string()).unwrap();
    let (timer, never) = (timer(1), std::future::pending());
    spawnable(machine.run(execution(input), handler, &timer, observer, never)).await
}

/// Fails to compile if an execution cannot run on another thread.
fn spawnable<F: Future + Send>(future: F) -> F {
    future
}

fn error(outcome: &Outcome) -> &str {
    match &outcome.status {
        Status::Failed { error, .. } => error,
        _ => "none",
    }
}

fn task(resource: &str, more: Value) -> Value {
    let resource = format!("arn:aws:states:::test:{resource}");
    let mut task = json!({"Type": "Task", "Resource": resource, "End": true});
    task.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    task
}

#[tokio::test(start_paused = true)]
async fn a_payload_over_the_limit_ends_the_execution() {
    let states = json!({
        "A": task("huge", json!({"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}]})),
        "B": {"Type": "Succeed"},
    });
    let definition = json!({"StartAt": "A", "States": states});
    let outcome = run(definition, json!({}), &Echo::default(), &NoObserver).await;
    assert_eq!(error(&outcome), "States.DataLimitExceeded");

    // Two parts that fit alone do not fit together.
    let half = json!("x".repeat(PAYLOAD_BYTES_MAX / 2));
    let double = json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true,
        "Parameters": {"one.$": "$", "two.$": "$"}}}});
    let outcome = run(double, half, &Echo::default(), &NoObserver).await;
    assert_eq!(error(&outcome), "States.DataLimitExceeded");
}

#[tokio::test(start_paused = true)]
async fn a_loop_without_an_end_does_end() {
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Choice", "Default": "A",
            "Choices": [{"Variable": "$.stop", "StringEquals": "yes", "Next": "C"}]},
        "C": {"Type": "Succeed"}}});
    let input = json!({"stop": "no"});
    let outcome = run(definition, input, &Echo::default(), &NoObserver).await;
    assert_eq!(error(&outcome), "States.Runtime");
    assert!(outcome.events <= EVENTS_MAX + 2, "{}", outcome.events);
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_never_waits_can_be_cancelled() {
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Choice", "Default": "A",
            "Choices": [{"Variable": "$.stop", "StringEquals": "yes", "Next": "B"}]},
        "B": {"Type": "Succeed"}}});
    let machine = Machine::load(&definition.to_string()).unwrap();
    let (echo, timer) = (Echo::default(), timer(1));
    let cancel = async {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    };
    let outcome = machine
        .run(
            execution(json!({"stop": "no"})),
            &echo,
            &timer,
            &NoObserver,
            cancel,
        )
        .await;
    assert_eq!(outcome.status, Status::Aborted);
    assert!(outcome.transitions < 20, "{}", outcome.transitions);
}

#[tokio::test(start_paused = true)]
async fn an_inline_map_runs_forty_iterations_at_once_and_no_more() {
    let definition = json!({"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
        "ItemProcessor": {"StartAt": "A", "States": {"A": task("echo", json!({}))}}}}});
    let echo = Echo::default();
    let items: Vec<_> = (0..100).collect();
    let outcome = run(definition, json!(items), &echo, &NoObserver).await;
    assert_eq!(
        outcome.status,
        Status::Succeeded {
            output: json!(items)
        }
    );
    assert_eq!(
        echo.running_max.into_inner() as usize,
        INLINE_CONCURRENCY_MAX
    );
    assert_eq!(outcome.transitions, 101);
}

#[tokio::test(start_paused = true)]
async fn full_jitter_stays_between_zero_and_the_delay_and_varies() {
    let timer = timer(3);
    let max = Duration::from_secs(10);
    let drawn: Vec<_> = (0..200).map(|_| timer.jitter(max)).collect();
    assert!(drawn.iter().all(|delay| *delay <= max));
    assert!(drawn.iter().any(|delay| *delay < max / 4));
    assert!(drawn.iter().any(|delay| *delay > max * 3 / 4));
    assert_eq!(timer.jitter(Duration::ZERO), Duration::ZERO);

    let retry = json!({"Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 1,
        "IntervalSeconds": 100, "JitterStrategy": "FULL"}]});
    let definition = json!({"StartAt": "A", "States": {"A": task("busy", retry)}});
    let started = tokio::time::Instant::now();
    let outcome = run(definition, json!({}), &Echo::default(), &NoObserver).await;
    assert_eq!(error(&outcome), "Busy");
    assert!(started.elapsed() < Duration::from_secs(102));
    assert_ne!(started.elapsed(), Duration::from_secs(102));
}

#[tokio::test(start_paused = true)]
async fn the_history_tells_what_happened_in_order() {
    let definition = json!({"StartAt": "M", "States": {
        "M": {"Type": "Map", "ItemsPath": "$.items", "ResultPath": null, "Next": "W",
            "ItemProcessor": {"StartAt": "A", "States": {"A": task("echo", json!({}))}}},
        "W": {"Type": "Wait", "TimestampPath": "$.at", "End": true}}});
    let lines = Lines::default();
    let input = json!({"items": [7], "at": "1970-01-01T00:00:06Z"});
    let outcome = run(definition, input.clone(), &Echo::default(), &lines).await;
    let lines = lines.0.into_inner().unwrap();
    let types: Vec<_> = lines
        .iter()
        .map(|line| line["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        types,
        [
            "ExecutionStarted",
            "StateEntered",
            "MapStarted",
            "IterationStarted",
            "StateEntered",
            "TaskScheduled",
            "TaskSucceeded",
            "StateExited",
            "IterationSucceeded",
            "StateExited",
            "StateEntered",
            "WaitStarted",
            "StateExited",
            "ExecutionSucceeded",
        ]
    );
    assert_eq!(outcome.events, 14);
    assert_eq!(lines[4]["within"], json!([{"state": "M", "index": 0}]));
    assert_eq!(lines[6]["at"], "1970-01-01T00:00:01Z");
    assert_eq!(lines[11]["until"], "1970-01-01T00:00:06Z");
    assert_eq!(
        lines[13],
        json!({"id": 14, "at": "1970-01-01T00:00:06Z", "within": [],
        "type": "ExecutionSucceeded", "output": input})
    );
}
