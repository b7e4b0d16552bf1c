//! Every JSON example of the specification (§2, §5, §6) passes through our types unchanged, and
//! inputs that the specification does not allow are refused with the field's name.
//!
//! `spec/*.json` are the examples as they stand there, with `"success|partial|failed"` written as
//! `"success"`. §3 gives an interface instead of an example: `standard-output.json` is an output
//! with every field of it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::{collections::BTreeSet, fs, path::PathBuf};

use hunter_contracts::{
    AlertConfig, AlertRecord, DiscoveryData, DiscoveryPayload, ExecutionMode, IntelligencePayload,
    Lead, LeadsData, OutreachData, OutreachPayload, PersonalizationPayload, RecipeConfig,
    RecipeInput, RecipeOutput, RetryPolicy, SubscriptionData, SubscriptionPayload,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// §5: how recipes run.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExecutionConfiguration {
    execution_mode: ExecutionMode,
    recipes: Vec<RecipeConfig>,
}

/// §5: when to try again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RetryConfiguration {
    retry_policy: RetryPolicy,
}

/// §6: what is told to whom.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AlertConfiguration {
    alerts: Vec<AlertConfig>,
}

type Parse = fn(Value) -> Result<Value, serde_json::Error>;

fn through<T: DeserializeOwned + Serialize>(value: Value) -> Result<Value, serde_json::Error> {
    serde_json::to_value(serde_json::from_value::<T>(value)?)
}

const INPUTS: [(&str, Parse); 5] = [
    (
        "discovery.input",
        through::<RecipeInput<DiscoveryPayload>> as Parse,
    ),
    (
        "intelligence.input",
        through::<RecipeInput<IntelligencePayload>>,
    ),
    (
        "personalization.input",
        through::<RecipeInput<PersonalizationPayload>>,
    ),
    ("outreach.input", through::<RecipeInput<OutreachPayload>>),
    (
        "subscription.input",
        through::<RecipeInput<SubscriptionPayload>>,
    ),
];

const OTHERS: [(&str, Parse); 10] = [
    (
        "discovery.output",
        through::<RecipeOutput<DiscoveryData>> as Parse,
    ),
    ("intelligence.output", through::<RecipeOutput<LeadsData>>),
    ("personalization.output", through::<RecipeOutput<LeadsData>>),
    ("outreach.output", through::<RecipeOutput<OutreachData>>),
    (
        "subscription.output",
        through::<RecipeOutput<SubscriptionData>>,
    ),
    ("standard-output", through::<RecipeOutput<Value>>),
    ("execution-configuration", through::<ExecutionConfiguration>),
    ("retry-configuration", through::<RetryConfiguration>),
    ("alert-configuration", through::<AlertConfiguration>),
    ("alert", through::<AlertRecord>),
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/spec")
}

fn example(name: &str) -> Value {
    let path = folder().join(format!("{name}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// The places where two JSON values differ; `0` and `0.0` are the same number.
fn differences(expected: &Value, found: &Value, at: &str, into: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for key in keys {
                let at = format!("{at}.{key}");
                match (left.get(key), right.get(key)) {
                    (Some(left), Some(right)) => differences(left, right, &at, into),
                    (Some(_), None) => into.push(format!("{at} was lost")),
                    _ => into.push(format!("{at} was added")),
                }
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                differences(left, right, &format!("{at}[{index}]"), into);
            }
        }
        (Value::Number(left), Value::Number(right)) if left.as_f64() == right.as_f64() => {}
        _ if expected == found => {}
        _ => into.push(format!("{at}: {expected} became {found}")),
    }
}

#[test]
fn every_example_of_the_specification_passes_through_unchanged() {
    for (name, parse) in INPUTS.iter().chain(&OTHERS) {
        let expected = example(name);
        let found = parse(expected.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut changes = Vec::new();
        differences(&expected, &found, "$", &mut changes);
        assert!(changes.is_empty(), "{name}: {changes:#?}");
    }
}

#[test]
fn every_example_has_a_type() {
    let on_disk: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let named: BTreeSet<String> = INPUTS
        .iter()
        .chain(&OTHERS)
        .map(|(name, _)| format!("{name}.json"))
        .collect();
    assert_eq!(on_disk, named);
}

#[test]
fn the_comparison_sees_what_is_lost_added_and_changed() {
    let mut changes = Vec::new();
    differences(
        &json!({ "lost": 1, "same": 0, "changed": [1, 2] }),
        &json!({ "same": 0.0, "changed": [1, 3], "added": null }),
        "$",
        &mut changes,
    );
    assert_eq!(
        changes,
        [
            "$.added was added",
            "$.changed[1]: 2 became 3",
            "$.lost was lost"
        ]
    );
}

#[test]
fn an_unknown_field_is_refused_by_name_at_every_level() {
    for (name, parse) in INPUTS {
        for pointer in ["", "/payload"] {
            let mut input = example(name);
            input
                .pointer_mut(pointer)
                .unwrap()
                .as_object_mut()
                .unwrap()
                .insert("colour".into(), json!("blue"));
            let error = parse(input).unwrap_err().to_string();
            assert!(
                error.contains("unknown field `colour`"),
                "{name}{pointer}: {error}"
            );
        }
    }
}

#[test]
fn a_missing_field_of_the_envelope_is_named() {
    for (name, parse) in INPUTS {
        for field in ["recipe_id", "execution_id", "customer_id", "payload"] {
            let mut input = example(name);
            input.as_object_mut().unwrap().remove(field);
            let error = parse(input).unwrap_err().to_string();
            assert!(
                error.contains(&format!("missing field `{field}`")),
                "{name}: {error}"
            );
        }
    }
}

/// Puts `value` at `pointer` of an example and answers the error.
fn refusal(name: &str, pointer: &str, value: Value) -> String {
    let (_, parse) = INPUTS.iter().find(|(known, _)| *known == name).unwrap();
    let mut input = example(name);
    *input
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("{name} has no {pointer}")) = value;
    match parse(input) {
        Ok(_) => panic!("{name}: a wrong {pointer} was accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn wrong_types_and_values_are_refused_with_what_was_expected() {
    for (name, pointer, value, expected) in [
        (
            "discovery.input",
            "/payload/keywords",
            json!("dentists"),
            "expected a sequence",
        ),
        (
            "discovery.input",
            "/payload/depth",
            json!("3"),
            "expected u8",
        ),
        (
            "discovery.input",
            "/payload/depth",
            json!(-1),
            "expected u8",
        ),
        (
            "discovery.input",
            "/payload/max_results",
            json!(1.5),
            "expected u32",
        ),
        (
            "discovery.input",
            "/recipe_id",
            json!("scraper"),
            "unknown variant `scraper`",
        ),
        (
            "discovery.input",
            "/customer_id",
            json!("cust#1"),
            "customer_id",
        ),
        (
            "discovery.input",
            "/execution_id",
            json!(""),
            "execution_id",
        ),
        (
            "intelligence.input",
            "/payload/leads",
            json!({}),
            "expected a sequence",
        ),
        (
            "intelligence.input",
            "/payload/leads/0/id",
            json!(7),
            "expected a string",
        ),
        (
            "intelligence.input",
            "/payload/enrichment_level",
            json!("deluxe"),
            "unknown variant `deluxe`",
        ),
        (
            "personalization.input",
            "/payload/tone",
            json!("pushy"),
            "unknown variant `pushy`",
        ),
        (
            "personalization.input",
            "/payload/max_length",
            json!("75"),
            "expected u32",
        ),
        (
            "personalization.input",
            "/payload/leads/0/website_metadata/last_updated",
            json!("last week"),
            "as year",
        ),
        (
            "outreach.input",
            "/payload/send_mode",
            json!("auto_send"),
            "unknown variant `auto_send`, expected `draft_only`",
        ),
        (
            "outreach.input",
            "/payload/channels",
            json!(["fax"]),
            "unknown variant `fax`",
        ),
        (
            "subscription.input",
            "/payload/credits_used_this_run",
            json!("6.88"),
            "expected f64",
        ),
        (
            "subscription.input",
            "/payload/api_calls_this_run",
            json!(-1),
            "expected u64",
        ),
    ] {
        let error = refusal(name, pointer, value);
        assert!(error.contains(expected), "{name}{pointer}: {error}");
    }
}

#[test]
fn a_lead_of_any_stage_survives_the_next_stages_type() {
    // One type serves every stage: nothing that discovery found is lost on the way to outreach.
    for name in [
        "discovery.output",
        "intelligence.output",
        "personalization.output",
    ] {
        let output = example(name);
        let lead = output.pointer("/data/leads/0").unwrap();
        let mut changes = Vec::new();
        differences(
            lead,
            &through::<Lead>(lead.clone()).unwrap(),
            "$",
            &mut changes,
        );
        assert!(changes.is_empty(), "{name}: {changes:#?}");
    }
}
