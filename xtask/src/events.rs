//! `cargo xtask events`: every sample under `events/` fits its schema, and the type that a function
//! reads it with (which also knows the alphabet of ids and the range of scores).

use std::{collections::BTreeMap, fs};

use hunter_contracts::{
    DiscoveryPayload, IntelligencePayload, OutreachPayload, PersonalizationPayload, RecipeInput,
    RunCommand, RunRequest, SubscriptionPayload,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    report::{Error, Report, workspace},
    schemas,
};

const FOLDER: &str = "events";

type Read = fn(Value) -> Result<(), serde_json::Error>;

/// What an event has to be.
struct Sample {
    /// File name without `.json`.
    name: &'static str,
    /// The schema of the same kind of name.
    schema: &'static str,
    read: Read,
}

const SAMPLES: [Sample; 8] = [
    sample(
        "discovery",
        "discovery.input",
        read::<RecipeInput<DiscoveryPayload>>,
    ),
    sample(
        "intelligence",
        "intelligence.input",
        read::<RecipeInput<IntelligencePayload>>,
    ),
    sample(
        "personalization",
        "personalization.input",
        read::<RecipeInput<PersonalizationPayload>>,
    ),
    sample(
        "outreach",
        "outreach.input",
        read::<RecipeInput<OutreachPayload>>,
    ),
    sample(
        "subscription",
        "subscription.input",
        read::<RecipeInput<SubscriptionPayload>>,
    ),
    sample("run", "run-command", read::<RunCommand>),
    sample("run-close", "run-command", read::<RunCommand>),
    sample("execution", "run-request", read::<RunRequest>),
];

const fn sample(name: &'static str, schema: &'static str, read: Read) -> Sample {
    Sample { name, schema, read }
}

fn read<T: DeserializeOwned>(value: Value) -> Result<(), serde_json::Error> {
    serde_json::from_value::<T>(value).map(drop)
}

/// Checks every file of `events/`.
pub(crate) fn run() -> Result<Report, Error> {
    let mut report = Report::default();
    let schemas = schemas::all();
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for entry in fs::read_dir(workspace().join(FOLDER))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(stem) = name.strip_suffix(".json") {
            files.insert(stem.to_owned(), fs::read_to_string(entry.path())?);
        }
    }
    for sample in &SAMPLES {
        let at = format!("{FOLDER}/{}.json", sample.name);
        let Some(text) = files.remove(sample.name) else {
            report.add(at, "is missing", "write a sample of the function's input");
            continue;
        };
        let schema = schemas
            .get(sample.schema)
            .ok_or_else(|| format!("no schema `{}`", sample.schema))?;
        check(&mut report, &at, &text, schema, sample.read)?;
    }
    for stray in files.keys() {
        report.add(
            format!("{FOLDER}/{stray}.json"),
            "nothing says what it has to be",
            "name its schema and type in `xtask/src/events.rs`, or delete it",
        );
    }
    report.summary = format!("{} sample events fit their schemas", SAMPLES.len());
    Ok(report)
}

fn check(
    report: &mut Report,
    at: &str,
    text: &str,
    schema: &Value,
    read: Read,
) -> Result<(), Error> {
    let event: Value = match serde_json::from_str(text) {
        Ok(event) => event,
        Err(error) => {
            report.add(at, format!("is not JSON: {error}"), "mend it");
            return Ok(());
        }
    };
    let validator = jsonschema::validator_for(schema)?;
    let mut fits = true;
    for error in validator.iter_errors(&event) {
        fits = false;
        let path = error.instance_path().to_string();
        let place = if path.is_empty() { "/" } else { &path };
        report.add(
            at,
            format!("`{place}` {error}"),
            "write what the schema asks for",
        );
    }
    if fits && let Err(error) = read(event) {
        report.add(at, error.to_string(), "write what the type asks for");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let schemas = schemas::all();
        let mut report = Report::default();
        let sample = &SAMPLES[0];
        check(&mut report, "e", text, &schemas[sample.schema], sample.read).unwrap();
        report
            .violations()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    fn event(change: impl FnOnce(&mut Value)) -> String {
        let mut event = serde_json::json!({
            "recipe_id": "discovery", "execution_id": "exec_1", "customer_id": "cust_1",
            "payload": { "keywords": ["dentists"] }
        });
        change(&mut event);
        event.to_string()
    }

    #[test]
    fn a_good_event_passes() {
        assert_eq!(problems(&event(|_| ())), Vec::<String>::new());
    }

    #[test]
    fn every_kind_of_misfit_is_named() {
        for (text, expected) in [
            (
                event(|e| e["payload"]["depth"] = "3".into()),
                "`/payload/depth`",
            ),
            (event(|e| e["payload"]["colour"] = 1.into()), "colour"),
            (event(|e| e["payload"] = serde_json::json!({})), "keywords"),
            (event(|e| e["customer_id"] = "cust#1".into()), "cust#1"),
            ("{".into(), "is not JSON"),
        ] {
            let found = problems(&text);
            assert!(
                found.iter().any(|problem| problem.contains(expected)),
                "{expected}: {found:?}"
            );
        }
    }
}
