//! Runs every file of `statemachine/cases/` in virtual time.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod case;
mod happened;
mod table;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use case::{Case, Script};
use happened::{History, Node, ScriptedFunctions};
use hunter_asl::{ClockTimer, Execution, LambdaInvoke, Machine, Status};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// When every case begins.
const START: &str = "2026-01-01T00:00:00Z";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../cases")
}

fn cases() -> Vec<Case> {
    case::load(&folder())
}

/// Runs a case; the problems that it shows, and the transitions between states that it took.
async fn run(case: &Case) -> (Vec<String>, Vec<(String, String)>) {
    let machine = match Machine::load_with(&case.definition_text(&folder()), &case.substitutions) {
        Ok(machine) => machine,
        Err(error) => return (vec![format!("does not load: {error}")], Vec::new()),
    };
    let start: Timestamp = START.parse().unwrap();
    let zero = tokio::time::Instant::now();
    let clock = move || start + SignedDuration::try_from(zero.elapsed()).unwrap();
    let timer = ClockTimer::new(clock, 7);
    let functions = ScriptedFunctions {
        script: Script::new(case.script.clone()),
        calls: Mutex::default(),
    };
    let history = History::default();
    let execution = Execution {
        id: format!(
            "arn:aws:states:local:000000000000:execution:case:{}",
            case.name
        ),
        name: case.name.clone(),
        input: case.input.clone(),
        state_machine_id: "arn:aws:states:local:000000000000:stateMachine:case".to_owned(),
        state_machine_name: "case".to_owned(),
    };
    let cancel = async {
        match case.cancel_after_ms {
            Some(cancel_ms) => tokio::time::sleep(Duration::from_millis(cancel_ms)).await,
            None => std::future::pending().await,
        }
    };
    let handler = LambdaInvoke(&functions);
    let outcome = machine
        .run(execution, &handler, &timer, &history, cancel)
        .await;
    let elapsed_s = zero.elapsed().as_secs_f64();

    let (status, output, error, cause) = match outcome.status {
        Status::Succeeded { output } => ("SUCCEEDED", Some(output), None, None),
        Status::Failed { error, cause } => ("FAILED", None, Some(error), Some(cause)),
        Status::TimedOut => ("TIMED_OUT", None, None, None),
        Status::Aborted => ("ABORTED", None, None, None),
    };
    let expect = &case.expect;
    let mut problems = Vec::new();
    let mut check = |what: &str, fits: bool, observed: String| {
        if !fits {
            problems.push(format!("{what}: {observed}"));
        }
    };
    check(
        "status",
        expect.status == status,
        format!("{status} {error:?} {cause:?}"),
    );
    check("output", expect.output == output, format!("{output:?}"));
    check(
        "error",
        expect.error == error,
        format!("{error:?} {cause:?}"),
    );
    check(
        "cause",
        expect.cause.is_none() || expect.cause == cause,
        format!("{cause:?}"),
    );
    let transitions = outcome.transitions;
    check(
        "transitions",
        expect.transitions == transitions,
        transitions.to_string(),
    );
    let calls = Node::tree(&functions.calls.lock().unwrap());
    check(
        "task_calls",
        Node::match_all(&calls, &expect.task_calls),
        format!("{calls:?}"),
    );
    let states = Node::tree(&history.states.lock().unwrap());
    check(
        "states",
        Node::match_all(&states, &expect.states),
        format!("{states:?}"),
    );
    let exact = expect
        .elapsed_s
        .is_none_or(|seconds| (seconds - elapsed_s).abs() < 0.01);
    let below = expect
        .elapsed_s_max
        .is_none_or(|seconds| elapsed_s <= seconds + 0.01);
    check("elapsed_s", exact && below, elapsed_s.to_string());
    let unused = functions.script.unused();
    check("unused answers", unused.is_empty(), format!("{unused:?}"));
    (problems, history.edges.lock().unwrap().clone())
}

#[tokio::test(start_paused = true)]
async fn every_case_holds() {
    let cases = cases();
    assert!(cases.len() >= 46, "only {} cases were found", cases.len());
    let mut failures = Vec::new();
    for case in &cases {
        let (problems, _) = run(case).await;
        let name = &case.name;
        failures.extend(
            problems
                .into_iter()
                .map(|problem| format!("{name}: {problem}")),
        );
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Every `Next`, `Default` and `Catch` of the definition, as pairs of state names.
fn edges(states: &Value, into: &mut BTreeSet<(String, String)>) {
    fn targets(value: &Value, found: &mut Vec<String>) {
        for (name, value) in value.as_object().into_iter().flatten() {
            match value {
                Value::String(target) if name == "Next" || name == "Default" => {
                    found.push(target.clone());
                }
                Value::Array(list) if name == "Choices" || name == "Catch" => {
                    list.iter().for_each(|entry| targets(entry, found));
                }
                _ => {}
            }
        }
    }
    for (name, state) in states["States"].as_object().unwrap() {
        let mut found = Vec::new();
        targets(state, &mut found);
        into.extend(found.into_iter().map(|target| (name.clone(), target)));
        if let Some(processor) = state.get("ItemProcessor") {
            edges(processor, into);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_cases_take_every_way_through_the_hunter() {
    let text = fs::read_to_string(folder().join("../hunter.asl.json")).unwrap();
    let mut open = BTreeSet::new();
    edges(&serde_json::from_str(&text).unwrap(), &mut open);
    assert!(open.len() > 20);
    for case in cases() {
        if case.definition_file.is_some() {
            for edge in run(&case).await.1 {
                open.remove(&edge);
            }
        }
    }
    assert!(open.is_empty(), "no case takes {open:?}");
}

#[test]
fn four_chunks_of_three_recipes_stay_within_forty_transitions() {
    let case = cases()
        .into_iter()
        .find(|case| case.name == "hunter-success-four-chunks")
        .unwrap();
    let chunks = case.expect.task_calls[2]["iterations"].as_array().unwrap();
    assert_eq!(chunks.len(), 4);
    assert!(
        chunks
            .iter()
            .all(|recipes| recipes.as_array().unwrap().len() == 3)
    );
    // The formula of the README: 9 + chunks · (2 · recipes + 1).
    assert_eq!(case.expect.transitions, 9 + 4 * (2 * 3 + 1));
    assert!(case.expect.transitions <= 40);
}
