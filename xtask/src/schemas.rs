//! `cargo xtask schemas`: the JSON Schemas (draft 2020-12) of what travels between functions, is
//! stored, and is shown to customers, and the API's OpenAPI document, which the API serves. They are
//! generated from the types and checked in, so that a change of the wire shows in review.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
};

use hunter_contracts::{
    AgentConfig, AgentSchedule, AlertRecord, BatchResponse, CustomerProfile, Draft,
    ExecutionStatusEvent, QueueEvent, RecipeId, RecipeInput, RecipeOutput, RunAnswer, RunCommand,
    RunRecord, RunRequest, ScheduleTick, StepResult, SweepTick,
};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

use crate::report::{Error, Report, workspace};

/// Where the schemas lie, relative to the workspace.
const FOLDER: &str = "shared/contracts/schemas";
/// The API's OpenAPI document.
const OPENAPI: &str = "docs/api/openapi.json";
const REMEDY: &str = "run `cargo xtask schemas` and commit the result";

/// Writes the schemas, or with `check` compares them with what stands.
pub(crate) fn run(check: bool) -> Result<Report, Error> {
    let mut report = Report::default();
    let schemas = all();
    let mut files: Vec<(String, &Value)> = Vec::new();
    for (name, schema) in &schemas {
        files.push((format!("{FOLDER}/{name}.json"), schema));
    }
    let openapi = api::openapi();
    files.push((OPENAPI.to_owned(), &openapi));
    let mut changed = 0_u32;
    for (file, schema) in &files {
        let path = workspace().join(file);
        let text = pretty(schema)?;
        let standing = read_if_there(&path)?;
        if standing.as_ref() == Some(&text) {
            continue;
        }
        changed += 1;
        if check {
            let problem = match standing {
                Some(_) => "differs from the types",
                None => "is missing",
            };
            report.add(file, problem, REMEDY);
        } else {
            fs::write(&path, text)?;
        }
    }
    for stale in stale_files(&schemas)? {
        if check {
            report.add(
                format!("{FOLDER}/{stale}"),
                "belongs to no type",
                "delete it",
            );
        } else {
            fs::remove_file(workspace().join(FOLDER).join(stale))?;
        }
    }
    report.summary = if check {
        format!("{} schemas agree with the types", files.len())
    } else {
        format!("{} schemas, {changed} written", files.len())
    };
    Ok(report)
}

/// Every schema by file name without `.json`.
pub(crate) fn all() -> BTreeMap<String, Value> {
    let mut schemas = BTreeMap::new();
    macro_rules! envelopes {
        ($($recipe:ident, $payload:ty, $data:ty;)*) => {
            $(
                let (input, output) = (
                    read::<RecipeInput<$payload>>(),
                    written::<RecipeOutput<$data>>(),
                );
                for (kind, schema) in [("input", input), ("output", output)] {
                    let recipe = RecipeId::$recipe;
                    schemas.insert(format!("{recipe}.{kind}"), of_recipe(recipe, schema));
                }
            )*
        };
    }
    hunter_contracts::each_recipe!(envelopes);
    schemas.extend(
        [
            ("step-result", written::<StepResult>()),
            ("run-request", read::<RunRequest>()),
            ("run-command", read::<RunCommand>()),
            ("run-answer", written::<RunAnswer>()),
            ("agent-config", read::<AgentConfig>()),
            ("agent-schedule", read::<AgentSchedule>()),
            ("customer-profile", read::<CustomerProfile>()),
            ("schedule-tick", read::<ScheduleTick>()),
            ("sweep-tick", read::<SweepTick>()),
            ("draft", written::<Draft>()),
            ("alert-record", written::<AlertRecord>()),
            ("run-record", written::<RunRecord>()),
            ("queue-event", read::<QueueEvent>()),
            ("batch-response", written::<BatchResponse>()),
            ("execution-status-event", read::<ExecutionStatusEvent>()),
        ]
        .map(|(name, schema)| (name.to_owned(), schema)),
    );
    schemas
}

/// What others may send us: fields with a default may be absent.
fn read<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12()
        .for_deserialize()
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// What we write: fields that are always written are required.
fn written<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// Narrows `recipe_id` to the one recipe that an envelope is of, which its Rust type cannot say.
fn of_recipe(recipe: RecipeId, mut schema: Value) -> Value {
    if let Some(field) = schema.pointer_mut("/properties/recipe_id") {
        *field = json!({ "description": "The recipe.", "const": recipe });
    }
    let in_use = schema.to_string().contains("\"#/$defs/RecipeId\"");
    if let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut)
        && !in_use
    {
        definitions.remove("RecipeId");
    }
    schema
}

/// Indented. `serde_json` keeps keys in alphabetical order (without its feature `preserve_order`).
fn pretty(schema: &Value) -> Result<String, Error> {
    Ok(serde_json::to_string_pretty(schema)? + "\n")
}

fn read_if_there(path: &std::path::Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("`{}` cannot be read: {error}", path.display()).into()),
    }
}

/// Files of the folder that no type stands behind.
fn stale_files(schemas: &BTreeMap<String, Value>) -> Result<Vec<String>, Error> {
    let wanted: BTreeSet<String> = schemas.keys().map(|name| format!("{name}.json")).collect();
    let folder = workspace().join(FOLDER);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut stale = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !wanted.contains(&name) {
            stale.push(name);
        }
    }
    stale.sort_unstable();
    Ok(stale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_a_valid_schema_of_the_draft() {
        for (name, schema) in all() {
            assert_eq!(
                schema["$schema"], "https://json-schema.org/draft/2020-12/schema",
                "{name}"
            );
            jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }

    /// The schemas that the specification's examples have to fit, by the examples' file names.
    #[test]
    fn the_specifications_examples_fit_the_schemas() {
        let folder = workspace().join("shared/contracts/tests/spec");
        let mut seen = 0;
        for (name, schema) in all() {
            let file = match name.as_str() {
                "alert-record" => "alert",
                name => name,
            };
            let path = folder.join(format!("{file}.json"));
            let Some(text) = read_if_there(&path).unwrap() else {
                continue;
            };
            let example: Value = serde_json::from_str(&text).unwrap();
            jsonschema::validate(&schema, &example)
                .unwrap_or_else(|error| panic!("{name}: {error} at {}", error.instance_path()));
            seen += 1;
        }
        assert_eq!(seen, 11, "five inputs, five outputs and an alert");
    }

    #[test]
    fn an_envelope_names_its_own_recipe() {
        let schema = &all()["discovery.input"];
        let mut input = json!({
            "recipe_id": "discovery", "execution_id": "e", "customer_id": "c",
            "payload": { "keywords": ["dentists"] }
        });
        assert!(jsonschema::is_valid(schema, &input));
        input["recipe_id"] = json!("outreach");
        assert!(!jsonschema::is_valid(schema, &input));
    }
}
