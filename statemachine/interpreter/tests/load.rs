//! What a definition may not hold: each row is refused at the pointer that it names.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hunter_asl::{LoadError, Machine};
use serde_json::{Value, json};

fn refusal(definition: &Value) -> LoadError {
    match Machine::load(&definition.to_string()) {
        Err(error) => error,
        Ok(_) => LoadError {
            pointer: "none".to_owned(),
            problem: "it loads".to_owned(),
        },
    }
}

/// A machine of the state `A` and a Succeed state `B` behind it.
fn with(state: Value) -> Value {
    json!({"StartAt": "A", "States": {"A": state, "B": {"Type": "Succeed"}}})
}

fn task(fields: Value) -> Value {
    let mut task =
        json!({"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "B"});
    let task_fields = task.as_object_mut().unwrap();
    task_fields.extend(fields.as_object().unwrap().clone());
    with(task)
}

fn choice(rule: Value) -> Value {
    with(json!({"Type": "Choice", "Choices": [rule]}))
}

fn map(fields: Value) -> Value {
    let processor = json!({"StartAt": "C", "States": {"C": {"Type": "Succeed"}}});
    let mut map = json!({"Type": "Map", "ItemProcessor": processor, "Next": "B"});
    map.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    with(map)
}

fn assert_refused(rows: Vec<(Value, &str)>) {
    for (definition, pointer) in rows {
        let error = refusal(&definition);
        assert_eq!(error.pointer, pointer, "{error}\n{definition}");
    }
}

#[test]
fn what_the_rows_start_from_loads() {
    for definition in [
        with(json!({"Type": "Pass", "Next": "B"})),
        task(json!({})),
        map(json!({})),
        choice(json!({"Variable": "$.a", "StringEquals": "x", "Next": "B"})),
    ] {
        assert!(
            Machine::load(&definition.to_string()).is_ok(),
            "{definition}"
        );
    }
}

#[test]
fn machines_are_refused() {
    let end = json!({"Type": "Succeed"});
    assert_refused(vec![
        (json!([]), ""),
        (json!({"States": {"A": end}}), ""),
        (json!({"StartAt": "A"}), ""),
        (json!({"StartAt": "X", "States": {"A": end}}), "/StartAt"),
        (
            json!({"StartAt": "A", "States": {"A": end, "B": end}}),
            "/States/B",
        ),
        (
            json!({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}}),
            "/States",
        ),
        (
            json!({"StartAt": "A", "States": {"A": end}, "Extra": 1}),
            "/Extra",
        ),
        (
            json!({"StartAt": "A", "States": {"A": end}, "Version": "2.0"}),
            "/Version",
        ),
        (
            json!({"StartAt": "A", "States": {"A": end}, "TimeoutSeconds": 0}),
            "/TimeoutSeconds",
        ),
        (
            json!({"StartAt": "A", "States": {"A": end}, "QueryLanguage": "JSONata"}),
            "/QueryLanguage",
        ),
    ]);
}

#[test]
fn states_are_refused() {
    assert_refused(vec![
        (with(json!({"Type": "Psas", "Next": "B"})), "/States/A/Type"),
        (with(json!({"Next": "B"})), "/States/A"),
        (with(json!({"Type": "Pass"})), "/States/A"),
        (
            with(json!({"Type": "Pass", "Next": "B", "End": true})),
            "/States/A",
        ),
        (with(json!({"Type": "Pass", "Next": "X"})), "/States/A/Next"),
        (
            with(json!({"Type": "Pass", "Next": "B", "Asign": {}})),
            "/States/A/Asign",
        ),
        (
            with(json!({"Type": "Pass", "Next": "B", "Assign": {}})),
            "/States/A/Assign",
        ),
        (
            with(json!({"Type": "Pass", "Next": "B", "InputPath": "$..a"})),
            "/States/A/InputPath",
        ),
        (
            with(json!({"Type": "Pass", "Next": "B", "ResultPath": "$$.a"})),
            "/States/A/ResultPath",
        ),
        (
            with(json!({"Type": "Pass", "Next": "B", "QueryLanguage": "JSONata"})),
            "/States/A/QueryLanguage",
        ),
        (
            with(json!({"Type": "Pass", "Next": "B", "Parameters": {"a": {"b.$": "c"}}})),
            "/States/A/Parameters/a/b.$",
        ),
        (
            with(json!({"Type": "Pass", "Next": "B", "Parameters": {"a/b.$": "$[*]"}})),
            "/States/A/Parameters/a~1b.$",
        ),
        (
            with(json!({"Type": "Pass", "Next": "B", "Parameters": {"u.$": "States.UUID()"}})),
            "/States/A/Parameters/u.$",
        ),
        (with(json!({"Type": "Wait", "Next": "B"})), "/States/A"),
        (
            with(json!({"Type": "Wait", "Next": "B", "TimestampPath": "$.a", "Seconds": 1})),
            "/States/A/Seconds",
        ),
        (
            with(json!({"Type": "Parallel", "Branches": [], "Next": "B"})),
            "/States/A/Type",
        ),
        (
            with(json!({"Type": "Pass", "Next": "B", "Result": 1})),
            "/States/A/Result",
        ),
        (
            with(json!({"Type": "Pass", "Next": "B", "OutputPath": "$.a"})),
            "/States/A/OutputPath",
        ),
        (
            json!({"StartAt": "A", "States": {"A":
                {"Type": "Fail", "Error": "E", "ErrorPath": "$.e"}}}),
            "/States/A/ErrorPath",
        ),
    ]);
}

#[test]
fn tasks_are_refused() {
    let retry = |retrier: Value| task(json!({"Retry": [retrier]}));
    assert_refused(vec![
        (task(json!({"Resource": "lambda"})), "/States/A/Resource"),
        (
            task(json!({"Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken"})),
            "/States/A/Resource",
        ),
        (
            task(json!({"HeartbeatSeconds": 5})),
            "/States/A/HeartbeatSeconds",
        ),
        (
            task(json!({"TimeoutSecondsPath": "$.t"})),
            "/States/A/TimeoutSecondsPath",
        ),
        (
            retry(json!({"ErrorEquals": []})),
            "/States/A/Retry/0/ErrorEquals",
        ),
        (
            retry(json!({"ErrorEquals": ["E"], "IntervalSecond": 1})),
            "/States/A/Retry/0/IntervalSecond",
        ),
        (
            retry(json!({"ErrorEquals": ["E"], "BackoffRate": 0.5})),
            "/States/A/Retry/0/BackoffRate",
        ),
        (
            retry(json!({"ErrorEquals": ["E"], "MaxDelaySeconds": 1})),
            "/States/A/Retry/0/MaxDelaySeconds",
        ),
        (
            retry(json!({"ErrorEquals": ["E"], "JitterStrategy": "HALF"})),
            "/States/A/Retry/0/JitterStrategy",
        ),
        (
            retry(json!({"ErrorEquals": ["E", "States.ALL"]})),
            "/States/A/Retry/0/ErrorEquals/1",
        ),
        (
            retry(json!({"ErrorEquals": ["States.NoChoiceMatched"]})),
            "/States/A/Retry/0/ErrorEquals/0",
        ),
        (
            task(json!({"Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["E"]}]})),
            "/States/A/Retry/0/ErrorEquals/0",
        ),
        (
            task(json!({"Catch": [{"ErrorEquals": ["States.Runtime"], "Next": "B"}]})),
            "/States/A/Catch/0/ErrorEquals/0",
        ),
        (
            task(json!({"Catch": [{"ErrorEquals": ["E"], "Next": "X"}]})),
            "/States/A/Catch/0/Next",
        ),
        (
            task(json!({"Catch": [{"ErrorEquals": ["E"]}]})),
            "/States/A/Catch/0",
        ),
    ]);
}

#[test]
fn choices_are_refused() {
    let rule = "/States/A/Choices/0";
    assert_refused(vec![
        (
            with(json!({"Type": "Choice", "Choices": []})),
            "/States/A/Choices",
        ),
        (
            choice(json!({"Variable": "$.a", "StringEquals": "x"})),
            rule,
        ),
        (choice(json!({"Variable": "$.a", "Next": "B"})), rule),
        (choice(json!({"StringEquals": "x", "Next": "B"})), rule),
        (
            choice(json!({"Variable": "$.a", "StringEquals": "x", "IsNull": true, "Next": "B"})),
            rule,
        ),
        (
            choice(json!({"Variable": "$.a", "StringEquals": 1, "Next": "B"})),
            "/States/A/Choices/0/StringEquals",
        ),
        (
            choice(json!({"Variable": "$.a", "IsPresent": true, "Next": "B"})),
            "/States/A/Choices/0/IsPresent",
        ),
        (
            choice(json!({"Variable": "$.a[0]", "StringEquals": "x", "Next": "B"})),
            "/States/A/Choices/0/Variable",
        ),
        (
            choice(json!({"Or": [], "Next": "B"})),
            "/States/A/Choices/0/Or",
        ),
        (
            choice(json!({"Or": [{"Variable": "$.a", "IsNull": true}], "Next": "B"})),
            "/States/A/Choices/0/Or/0/IsNull",
        ),
        (
            choice(
                json!({"Or": [{"Variable": "$.a", "StringEquals": "x", "Next": "B"}],
                "Next": "B"}),
            ),
            "/States/A/Choices/0/Or/0",
        ),
        (
            choice(json!({"And": [{"Variable": "$.a", "StringEquals": "x"}], "Next": "B"})),
            rule,
        ),
        (
            json!({"StartAt": "A", "States": {"B": {"Type": "Succeed"}, "A": {"Type": "Choice",
                "Choices": [{"Variable": "$", "StringEquals": "x", "Next": "B"}], "Default": "X"}}}),
            "/States/A/Default",
        ),
    ]);
}

#[test]
fn maps_are_refused() {
    let processor = |fields: Value| map(json!({"ItemProcessor": fields}));
    let inner = json!({"C": {"Type": "Succeed"}});
    assert_refused(vec![
        (map(json!({"Iterator": {}})), "/States/A/Iterator"),
        (map(json!({"Parameters": {}})), "/States/A/Parameters"),
        (map(json!({"ItemSelector": {}})), "/States/A/ItemSelector"),
        (
            map(json!({"ToleratedFailureCount": 1})),
            "/States/A/ToleratedFailureCount",
        ),
        (
            map(json!({"MaxConcurrency": 1})),
            "/States/A/MaxConcurrency",
        ),
        (
            processor(json!({"StartAt": "C", "States": inner,
                "ProcessorConfig": {"Mode": "DISTRIBUTED"}})),
            "/States/A/ItemProcessor/ProcessorConfig/Mode",
        ),
        (
            processor(json!({"StartAt": "C", "States": {"C": {"Type": "Pass", "Next": "B"}}})),
            "/States/A/ItemProcessor/States/C/Next",
        ),
        (
            processor(json!({"StartAt": "B", "States": {"B": {"Type": "Succeed"}}})),
            "/States/B",
        ),
    ]);
}

#[test]
fn a_key_that_stands_twice_is_refused() {
    let text = r#"{"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "A": {"Type": "Fail"}}}"#;
    let error = Machine::load(text).unwrap_err();
    assert!(
        error.problem.contains("the key `A` stands twice"),
        "{error}"
    );
}

#[test]
fn substitutions_are_all_replaced() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hunter.asl.json");
    let text = fs::read_to_string(path).unwrap();
    let partition = ("Partition".to_owned(), "aws".to_owned());
    let run = ("RunFunction".to_owned(), "hunter-run".to_owned());
    let subscription = (
        "SubscriptionFunction".to_owned(),
        "hunter-subscription".to_owned(),
    );

    let error =
        Machine::load_with(&text, &BTreeMap::from([partition.clone(), run.clone()])).unwrap_err();
    assert_eq!(
        error.pointer,
        "/States/CloseFailed/Parameters/control/step/function"
    );
    assert!(
        error.problem.contains("`${SubscriptionFunction}`"),
        "{error}"
    );
    assert!(Machine::load_with(&text, &BTreeMap::from([partition, run, subscription])).is_ok());
}
