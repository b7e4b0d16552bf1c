//! The rules of the embedded metric format, as its specification gives them.

use hunter_contracts::{Credits, ErrorCode, RunAnswer};
use serde_json::{Value, json};

use crate::{
    InvocationStatus, Measures, Records,
    metrics::{Line, NAMESPACE},
};

const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

fn ensure(holds: bool, rule: &str, at: &Value) -> Result<(), String> {
    holds.then_some(()).ok_or_else(|| format!("{rule}: {at}"))
}

fn text_of(value: &Value, length_max: usize) -> Result<&str, String> {
    let text = value.as_str().ok_or_else(|| format!("no text: {value}"))?;
    let length = text.chars().count();
    ensure((1..=length_max).contains(&length), "length", value)?;
    Ok(text)
}

/// Checks a line.
pub(super) fn check(line: &Value) -> Result<(), String> {
    ensure(line.to_string().len() <= 256_000, "at most 256 KB", line)?;
    let metadata = &line["_aws"];
    let milliseconds = metadata["Timestamp"].as_i64().unwrap_or_default();
    ensure(
        milliseconds > 1_500_000_000_000,
        "milliseconds since 1970",
        metadata,
    )?;
    let directives = metadata["CloudWatchMetrics"].as_array();
    let directives = directives.ok_or("`CloudWatchMetrics` is an array")?;
    ensure(!directives.is_empty(), "there is a directive", metadata)?;
    directives
        .iter()
        .try_for_each(|directive| check_directive(line, directive))
}

fn check_directive(line: &Value, directive: &Value) -> Result<(), String> {
    let keys: Vec<_> = directive.as_object().ok_or("an object")?.keys().collect();
    ensure(
        keys == ["Dimensions", "Metrics", "Namespace"],
        "members",
        directive,
    )?;
    text_of(&directive["Namespace"], 1024)?;
    let sets = directive["Dimensions"]
        .as_array()
        .ok_or("`Dimensions` is an array")?;
    ensure(!sets.is_empty(), "there is a set of dimensions", directive)?;
    for set in sets {
        let names = set.as_array().ok_or("a set is an array")?;
        ensure(names.len() <= 30, "at most 30 dimensions", set)?;
        for name in names {
            // The target member is a text of 1 to 1,024 characters.
            text_of(&line[text_of(name, 250)?], 1024)?;
        }
    }
    let metrics = directive["Metrics"]
        .as_array()
        .ok_or("`Metrics` is an array")?;
    ensure(
        (1..=100).contains(&metrics.len()),
        "1 to 100 metrics",
        directive,
    )?;
    for metric in metrics {
        let value = &line[text_of(&metric["Name"], 1024)?];
        ensure(
            value.as_f64().is_some_and(f64::is_finite),
            "a number",
            value,
        )?;
        ensure(
            UNITS.contains(&text_of(&metric["Unit"], 30)?),
            "a unit",
            metric,
        )?;
    }
    Ok(())
}

fn line(records: Option<Records>) -> Value {
    let line = Line {
        timestamp_ms: 1_765_000_000_000,
        function: "hunter-dev-discovery",
        status: "partial",
        duration_ms: 12.345,
        is_cold: true,
        error_code: Some(ErrorCode::Timeout),
        records,
        properties: [
            ("request_id", Some("r")),
            ("trace_id", None),
            ("tenant", Some("cust_1")),
            ("execution_id", Some("exec_1")),
            ("recipe", Some("discovery")),
        ],
    };
    line.to_json()
}

#[test]
fn a_line_keeps_the_rules_and_bills_no_tenant() {
    let records = Records {
        processed: 3,
        succeeded: 2,
        failed: 1,
        credits_consumed: Credits::from_micros(40_000),
        api_calls: 7,
    };
    let full = line(Some(records));
    check(&full).unwrap();
    check(&line(None)).unwrap();
    let expected = json!({
        "function": "hunter-dev-discovery", "status": "partial", "error_code": "TIMEOUT",
        "request_id": "r", "tenant": "cust_1", "execution_id": "exec_1", "recipe": "discovery",
        "invocations": 1, "duration_ms": 12.345, "cold_start": 1, "failures": 0,
        "records_processed": 3, "records_succeeded": 2, "records_failed": 1,
        "credits_consumed": 0.04, "api_calls": 7,
    });
    let mut rest = full.clone();
    let metadata = rest.as_object_mut().unwrap().remove("_aws").unwrap();
    assert_eq!(rest, expected);
    let directives = metadata["CloudWatchMetrics"].as_array().unwrap();
    let dimensions: Vec<_> = directives.iter().map(|d| &d["Dimensions"]).collect();
    assert_eq!(
        dimensions,
        [&json!([["function"]]), &json!([["function", "status"]])]
    );
    assert!(directives.iter().all(|d| d["Namespace"] == NAMESPACE));
}

#[test]
fn the_rules_find_what_is_wrong() {
    let at = "/_aws/CloudWatchMetrics/0";
    for (pointer, value) in [
        ("/_aws/Timestamp".to_owned(), json!("2025-12-12T00:00:00Z")),
        ("/_aws/CloudWatchMetrics".to_owned(), json!([])),
        (format!("{at}/Namespace"), json!("")),
        (format!("{at}/Dimensions"), json!(["function"])),
        (format!("{at}/Dimensions/0/0"), json!("customer")),
        (format!("{at}/Metrics/0/Name"), json!("missing")),
        (format!("{at}/Metrics/0/Unit"), json!("Milli")),
        ("/duration_ms".to_owned(), json!("12")),
        ("/status".to_owned(), json!(null)),
    ] {
        let mut broken = line(None);
        *broken.pointer_mut(&pointer).unwrap() = value;
        assert!(check(&broken).is_err(), "{pointer} is not checked");
    }
}

#[test]
fn a_run_that_is_refused_counts_as_such_and_a_closed_one_as_it_ended() {
    let measures = |answer: Value| {
        let answer: RunAnswer = serde_json::from_value(answer).unwrap();
        Measures::from(&answer)
    };
    let refused = measures(json!({
        "control": {"action": "abort", "reason": "no such agent", "error_code": "NOT_FOUND"},
    }));
    assert_eq!(refused.status, InvocationStatus::Refused);
    assert_eq!(refused.error_code, Some(ErrorCode::NotFound));
    let step = json!({"function": "f", "input": {
        "recipe_id": "subscription", "execution_id": "e", "customer_id": "c", "payload": {},
    }});
    let closed = measures(json!({
        "control": {"action": "next", "status": "partial", "step": step},
    }));
    assert_eq!(closed.status, InvocationStatus::Partial);
    let opened = measures(json!({"control": {"action": "next", "step": step}}));
    assert_eq!(opened, Measures::default());
}
