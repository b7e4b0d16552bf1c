//! `cargo xtask events`: every sample under `events/` fits its schema, and the type that a function
//! reads it with (which also knows the alphabet of ids and the range of scores).

use std::{collections::BTreeMap, fs};

use hunter_contracts::{
    AlertRecord, ExecutionStatusEvent, QueueEvent, RECIPES, RecipeId, RecipeInput, RunCommand,
    RunRequest, ScheduleTick, SweepTick,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    report::{Error, Report, workspace},
    schemas,
};

const FOLDER: &str = "events";

type Read = fn(Value) -> Result<(), serde_json::Error>;
type Schemas = BTreeMap<String, Value>;

/// What a value has to be.
#[derive(Clone)]
struct Wanted {
    /// The schema, where the shape is ours.
    schema: Option<String>,
    read: Read,
}

/// What an event has to be.
enum Kind {
    /// One value.
    Plain(Wanted),
    /// Messages of an SQS queue whose bodies are such values, as they were sent or in the envelope
    /// that SNS puts them into where raw delivery is off.
    Queue(Wanted),
    /// The end of an execution, whose input is such a value.
    Ended(Wanted),
}

/// Files that have to be there besides one for every recipe.
const REQUIRED: [&str; 3] = ["run", "run-close", "execution"];

fn ours<T: DeserializeOwned>(schema: &str) -> Wanted {
    Wanted {
        schema: Some(schema.to_owned()),
        read: read::<T>,
    }
}

/// A shape of AWS's, as far as our types know it.
const fn aws<T: DeserializeOwned>() -> Wanted {
    Wanted {
        schema: None,
        read: read::<T>,
    }
}

fn read<T: DeserializeOwned>(value: Value) -> Result<(), serde_json::Error> {
    serde_json::from_value::<T>(value).map(drop)
}

/// What an event has to be, by the name of its file; `trigger` takes three kinds, told apart as the
/// function does.
fn kind(name: &str, event: &Value) -> Option<Kind> {
    macro_rules! inputs {
        ($($recipe:ident, $payload:ty, $data:ty;)*) => {
            $(
                if name == <&str>::from(RecipeId::$recipe) {
                    let schema = format!("{name}.input");
                    return Some(Kind::Plain(ours::<RecipeInput<$payload>>(&schema)));
                }
            )*
        };
    }
    hunter_contracts::each_recipe!(inputs);
    let plain = match name {
        "run" | "run-close" => ours::<RunCommand>("run-command"),
        "execution" => ours::<RunRequest>("run-request"),
        _ => return kind_by_function(name, event),
    };
    Some(Kind::Plain(plain))
}

fn kind_by_function(name: &str, event: &Value) -> Option<Kind> {
    let function = name.split('-').next().unwrap_or(name);
    match function {
        "api" => Some(Kind::Plain(aws::<HttpRequest>())),
        "notify" => Some(Kind::Queue(ours::<AlertRecord>("alert-record"))),
        "trigger" if event.get("Records").is_some() => {
            Some(Kind::Queue(ours::<RunRequest>("run-request")))
        }
        "trigger" if event.get("detail-type").is_some() => {
            Some(Kind::Ended(ours::<RunRequest>("run-request")))
        }
        "trigger" if event.get("sweep_last_s").is_some() => {
            Some(Kind::Plain(ours::<SweepTick>("sweep-tick")))
        }
        "trigger" => Some(Kind::Plain(ours::<ScheduleTick>("schedule-tick"))),
        _ => None,
    }
}

/// A request as an HTTP API hands it to a function, as far as a sample needs it: payload format 2.0,
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "fields are there to be asked for")]
struct HttpRequest {
    version: HttpVersion,
    raw_path: String,
    raw_query_string: String,
    headers: BTreeMap<String, String>,
    request_context: HttpContext,
    is_base64_encoded: bool,
}

#[derive(Deserialize)]
enum HttpVersion {
    #[serde(rename = "2.0")]
    Two,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "fields are there to be asked for")]
struct HttpContext {
    http: HttpLine,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "fields are there to be asked for")]
struct HttpLine {
    method: String,
    path: String,
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
    let recipes = RECIPES.iter().map(|recipe| recipe.id.into());
    let required = recipes.chain(REQUIRED);
    for required in required.filter(|name| !files.contains_key(*name)) {
        report.add(
            format!("{FOLDER}/{required}.json"),
            "is missing",
            "write a sample of the function's input",
        );
    }
    for (name, text) in &files {
        check_file(&mut report, name, text, &schemas)?;
    }
    report.summary = format!("{} sample events fit their schemas and types", files.len());
    Ok(report)
}

fn check_file(report: &mut Report, name: &str, text: &str, schemas: &Schemas) -> Result<(), Error> {
    let at = format!("{FOLDER}/{name}.json");
    let event: Value = match serde_json::from_str(text) {
        Ok(event) => event,
        Err(error) => {
            report.add(at, format!("is not JSON: {error}"), "mend it");
            return Ok(());
        }
    };
    match kind(name, &event) {
        None => report.add(
            at,
            "nothing says what it has to be",
            "name its schema and type in `xtask/src/events.rs`, or delete it",
        ),
        Some(Kind::Plain(wanted)) => check_value(report, &at, "", event, &wanted, schemas)?,
        Some(Kind::Queue(wanted)) => check_messages(report, &at, &event, &wanted, schemas)?,
        Some(Kind::Ended(wanted)) => {
            let input = event.pointer("/detail/input").cloned();
            let ended = ours::<ExecutionStatusEvent>("execution-status-event");
            check_value(report, &at, "", event, &ended, schemas)?;
            check_text(report, &at, "/detail/input", input, &wanted, schemas)?;
        }
    }
    Ok(())
}

/// The envelope, and every message in it.
fn check_messages(
    report: &mut Report,
    at: &str,
    event: &Value,
    wanted: &Wanted,
    schemas: &Schemas,
) -> Result<(), Error> {
    check_value(
        report,
        at,
        "",
        event.clone(),
        &ours::<QueueEvent>("queue-event"),
        schemas,
    )?;
    let Ok(messages) = serde_json::from_value::<QueueEvent>(event.clone()) else {
        return Ok(());
    };
    for (index, record) in messages.records.into_iter().enumerate() {
        let place = format!("/Records/{index}/body");
        let envelope: Value = serde_json::from_str(&record.body).unwrap_or_default();
        let notification = envelope.get("Type").and_then(Value::as_str) == Some("Notification");
        if notification {
            let place = format!("{place}/Message");
            let message = envelope.get("Message").cloned();
            check_text(report, at, &place, message, wanted, schemas)?;
        } else {
            check_text(
                report,
                at,
                &place,
                Some(record.body.into()),
                wanted,
                schemas,
            )?;
        }
    }
    Ok(())
}

/// JSON in a text at a place of the event.
fn check_text(
    report: &mut Report,
    at: &str,
    place: &str,
    text: Option<Value>,
    wanted: &Wanted,
    schemas: &Schemas,
) -> Result<(), Error> {
    match serde_json::from_str(text.as_ref().and_then(Value::as_str).unwrap_or_default()) {
        Ok(value) => check_value(report, at, place, value, wanted, schemas)?,
        Err(error) => report.add(at, format!("`{place}` is not JSON: {error}"), "mend it"),
    }
    Ok(())
}

/// A value at a place of the event.
fn check_value(
    report: &mut Report,
    at: &str,
    place: &str,
    value: Value,
    wanted: &Wanted,
    schemas: &Schemas,
) -> Result<(), Error> {
    let mut fits = true;
    if let Some(name) = &wanted.schema {
        let schema = schemas
            .get(name)
            .ok_or_else(|| format!("no schema `{name}`"))?;
        for error in jsonschema::validator_for(schema)?.iter_errors(&value) {
            fits = false;
            let path = format!("{place}{}", error.instance_path());
            let path = if path.is_empty() { "/" } else { &path };
            report.add(
                at,
                format!("`{path}` {error}"),
                "write what the schema asks for",
            );
        }
    }
    if fits && let Err(error) = (wanted.read)(value) {
        report.add(at, error.to_string(), "write what the type asks for");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(name: &str, text: &str) -> Vec<String> {
        let mut report = Report::default();
        check_file(&mut report, name, text, &schemas::all()).unwrap();
        report
            .violations()
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    fn event(change: impl FnOnce(&mut Value)) -> String {
        let mut event = json!({
            "recipe_id": "discovery", "execution_id": "exec_1", "customer_id": "cust_1",
            "payload": { "keywords": ["dentists"] }
        });
        change(&mut event);
        event.to_string()
    }

    fn queue(body: &Value) -> String {
        json!({ "Records": [
            { "messageId": "m", "eventSource": "aws:sqs", "body": body.to_string() }
        ] })
        .to_string()
    }

    fn notification(message: &Value) -> String {
        queue(&json!({ "Type": "Notification", "Message": message.to_string() }))
    }

    fn ended(input: &Value) -> String {
        json!({
            "detail-type": "Step Functions Execution Status Change", "source": "aws.states",
            "detail": { "name": "exec_1", "status": "FAILED", "input": input.to_string() }
        })
        .to_string()
    }

    fn tick() -> Value {
        json!({
            "customer_id": "cust_1", "agent_id": "agent_1",
            "scheduled_time": "2026-03-01T08:00:00Z"
        })
    }

    fn request() -> Value {
        json!({ "customer_id": "cust_1", "agent_id": "agent_1", "execution_id": "exec_1" })
    }

    fn http() -> Value {
        json!({
            "version": "2.0", "rawPath": "/v1/runs", "rawQueryString": "", "headers": {},
            "requestContext": { "http": { "method": "GET", "path": "/v1/runs" } },
            "isBase64Encoded": false
        })
    }

    #[test]
    fn good_events_pass() {
        let ended = ended(&request());
        for (name, text) in [
            ("discovery", event(|_| ())),
            ("trigger", tick().to_string()),
            ("trigger-queue", queue(&request())),
            ("trigger-ended", ended),
            ("trigger-queue", notification(&request())),
            ("api", http().to_string()),
        ] {
            assert_eq!(problems(name, &text), Vec::<String>::new(), "{name}");
        }
    }

    #[test]
    fn every_kind_of_misfit_is_named() {
        for (text, expected) in [
            (
                event(|e| e["payload"]["depth"] = "3".into()),
                "`/payload/depth`",
            ),
            (event(|e| e["payload"]["colour"] = 1.into()), "colour"),
            (event(|e| e["payload"] = json!({})), "keywords"),
            (event(|e| e["customer_id"] = "cust#1".into()), "cust#1"),
            ("{".into(), "is not JSON"),
        ] {
            found(&problems("discovery", &text), expected);
        }
    }

    #[test]
    fn an_envelope_is_checked_with_what_is_in_it() {
        let mut unknown = request();
        unknown["colour"] = 1.into();
        let mut late = tick();
        late["scheduled_time"] = "tomorrow".into();
        let mut old = http();
        old["version"] = "1.0".into();
        for (name, text, expected) in [
            ("trigger-queue", queue(&unknown), "`/Records/0/body` "),
            (
                "notify-sns",
                notification(&unknown),
                "`/Records/0/body/Message` ",
            ),
            ("trigger-ended", ended(&unknown), "`/detail/input` "),
            ("trigger", late.to_string(), "digit integer as year"),
            ("notify", queue(&request()), "`/Records/0/body` "),
            ("notify", tick().to_string(), "Records"),
            ("api-list", old.to_string(), "1.0"),
            ("scout", "{}".into(), "nothing says"),
        ] {
            found(&problems(name, &text), expected);
        }
    }

    fn found(problems: &[String], expected: &str) {
        assert!(
            problems.iter().any(|problem| problem.contains(expected)),
            "{expected}: {problems:?}"
        );
    }
}
