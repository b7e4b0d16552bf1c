//! One case on one engine, with the assertions that the embedded interpreter is held to.

use std::path::PathBuf;
use std::time::Duration;

use hunter_core::ports::{Clock as _, SystemClock};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::aws::{Aws, Ended};
use crate::case::{Case, Script};
use crate::pattern::{Pattern, Seen};
use crate::real_time::{RealTime, full_name, plain, plain_cause};
use crate::router::{Cases, Running};

/// A machine is slower than virtual time by less than this, if nothing else runs.
const LATE_S: f64 = 1.8;
/// An execution that is so much later than its case says has not ended.
const GIVE_UP_S: f64 = 20.0;

/// An engine that runs cases.
pub(crate) struct Engine {
    /// As in the cases' `deviations`.
    pub(crate) name: &'static str,
    /// Its API.
    pub(crate) aws: Aws,
    /// The functions of the cases.
    pub(crate) cases: Cases,
    /// The deployment package and the address of its script, if the engine runs functions itself.
    pub(crate) functions: Option<(Vec<u8>, String)>,
    /// Whether its history tells what happens inside a Map or Parallel.
    pub(crate) tells_iterations: bool,
}

/// Where the cases are.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../statemachine/cases")
}

/// What an execution did otherwise than its case says.
#[derive(Debug, Default)]
pub(crate) struct Problems(pub(crate) Vec<(&'static str, String)>);

impl Problems {
    fn check(&mut self, what: &'static str, fits: bool, observed: impl FnOnce() -> String) {
        if !fits {
            self.0.push((what, observed()));
        }
    }

    /// Whether it was late or early and nothing else: another try may tell whether the engine or
    /// the machine was slow.
    pub(crate) fn is_time_alone(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|(what, _)| *what == "elapsed_s")
    }
}

impl Engine {
    /// Runs a case. `attempt` makes the names unique.
    pub(crate) async fn run(&self, case: &Case, attempt: u32) -> Problems {
        let definition = case.definition_text(&folder());
        let real = RealTime::new(case, &definition, SystemClock.now());
        let case = &real.case;
        let running = Running::new(&case.name, Script::new(case.script.clone()));
        self.cases.put(running.clone());
        if let Some((package, script_url)) = &self.functions
            && attempt == 0
        {
            for (function, full) in case.script.keys().zip(&real.functions) {
                let url = format!("{script_url}{}", full_name(&case.name, function));
                let variables = json!({"HUNTER_SCRIPT_URL": url});
                self.aws.create_function(full, package, variables).await;
            }
        }
        let mut problems = Problems::default();
        let machine = format!("{}-{attempt}", case.name);
        let machine = match self.aws.create_machine(&machine, &real.definition).await {
            Ok(machine) => machine,
            Err(refused) => {
                problems.check("definition", false, || refused);
                return problems;
            }
        };
        let started = Instant::now();
        let execution = self.aws.start(&machine, &case.name, &case.input).await;
        if let Some(cancel_ms) = case.cancel_after_ms {
            tokio::time::sleep_until(started + Duration::from_millis(cancel_ms)).await;
            self.aws.stop(&execution).await;
            // Time for the call that is under way to end, and for another to be made wrongly.
            tokio::time::sleep(Duration::from_secs(6)).await;
        }
        let limit_s = case.expect.elapsed_s.or(case.expect.elapsed_s_max);
        let limit = Duration::from_secs_f64(limit_s.unwrap_or_default() + GIVE_UP_S);
        let ended = loop {
            if let Some(ended) = self.aws.ended(&execution).await {
                break ended;
            }
            if started.elapsed() > limit {
                self.aws.stop(&execution).await;
                let message = format!("has not ended after {limit:?}");
                problems.check("status", false, || message);
                return problems;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        };
        check_end(&mut problems, &real, ended, started.elapsed());
        let calls = running.calls();
        let expected = Pattern::read(&case.expect.task_calls, true);
        problems.check("task_calls", expected.matches(&calls), || {
            format!("{calls:?}")
        });
        let unused = running.unused();
        problems.check("unused answers", unused.is_empty(), || {
            format!("{unused:?}")
        });
        self.check_history(&mut problems, case, &self.aws.history(&execution).await);
        problems
    }

    fn check_history(&self, problems: &mut Problems, case: &Case, events: &[Value]) {
        let kinds = || events.iter().filter_map(|event| event["type"].as_str());
        let entered: Vec<Seen> = events
            .iter()
            .filter_map(|event| event["stateEnteredEventDetails"]["name"].as_str())
            .map(|name| Seen {
                name: name.to_owned(),
                payload: Value::Null,
            })
            .collect();
        let expected = Pattern::read(&case.expect.states, self.tells_iterations);
        let names = || {
            entered
                .iter()
                .map(|seen| seen.name.as_str())
                .collect::<Vec<_>>()
        };
        problems.check("states", expected.matches(&entered), || {
            format!("{:?}", names())
        });

        let has_iterations = case.expect.states.iter().any(Value::is_object);
        if has_iterations && !self.tells_iterations {
            return;
        }
        // Each try of a task is scheduled, each try of a Map or Parallel started.
        let count = |kind: &str| kinds().filter(|&other| other == kind).count();
        let tries = [
            ("TaskScheduled", "TaskStateEntered"),
            ("MapStateStarted", "MapStateEntered"),
            ("ParallelStateStarted", "ParallelStateEntered"),
        ];
        let retries: usize = tries
            .iter()
            .map(|(tried, entered)| count(tried).saturating_sub(count(entered)))
            .sum();
        let transitions = u64::try_from(entered.len() + retries).unwrap();
        let fits = transitions == case.expect.transitions;
        problems.check("transitions", fits, || transitions.to_string());
    }
}

/// `observed` is the time until the end was seen, for an engine that does not tell it.
fn check_end(problems: &mut Problems, real: &RealTime, ended: Ended, observed: Duration) {
    let (case, expect) = (&real.case, &real.case.expect);
    let fits = ended.status == expect.status;
    problems.check("status", fits, || format!("{ended:?}"));
    let output = ended.output.map(|output| plain(output, &case.name));
    let expected = expect
        .output
        .clone()
        .map(|output| plain(output, &case.name));
    problems.check("output", output == expected, || format!("{output:?}"));
    // How a stopped or timed out execution names its error is not part of the case.
    let is_failure = expect.status == "FAILED";
    let fits = !is_failure || ended.error == expect.error;
    problems.check("error", fits, || format!("{:?}", ended.error));
    let cause = ended.cause.as_deref().map(plain_cause);
    let expected = expect.cause.as_deref().map(plain_cause);
    let fits = expected.is_none() || cause == expected;
    problems.check("cause", fits, || format!("{cause:?}"));

    let early_s = if real.has_moments { 1.2 } else { 0.3 };
    let elapsed_s = ended.elapsed_s.unwrap_or(observed.as_secs_f64());
    let exact = expect
        .elapsed_s
        .is_none_or(|seconds| (seconds - early_s..=seconds + LATE_S).contains(&elapsed_s));
    let below = expect
        .elapsed_s_max
        .is_none_or(|seconds| elapsed_s <= seconds + LATE_S);
    problems.check("elapsed_s", exact && below, || elapsed_s.to_string());
}
