//! Ids and cursors by the thousand: another customer's, what looks like them, and what cannot be one.

use axum::{Router, body::Body, http::Request};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use lambda_http::Service;
use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use serde_json::{Value, json};

use crate::{
    fixture::{ADA, BOB, Fixture},
    isolation,
    operations::{self, Operation},
};

const PROBES: usize = 10_000;
/// A well-formed id of nobody.
const NOBODY: &str = "zz_nobody";
/// Ada's; of every kind, because one kind may be tried for another.
const ADAS: [&str; 7] = [
    "exec_1",
    "agent_1",
    "outreach_1",
    "outreach_4",
    "lead_1",
    "alert_1",
    ADA,
];
/// What only Ada's things hold.
const TELLTALE: [&str; 9] = [
    "cust_ada",
    "Dentists",
    "Clinic",
    "clinic.example",
    "Acme",
    "outreach_",
    "lead_",
    "alert_",
    "exec_1",
];

/// A place of an operation that takes an id or a cursor.
struct Field {
    operation: Operation,
    place: &'static str,
    name: String,
}

fn is_id(schema: &Value) -> bool {
    let schema = schema.to_string();
    let mut names = schema.split("/schemas/").skip(1);
    names.any(|name| {
        name.split('"')
            .next()
            .is_some_and(|name| name.ends_with("Id"))
    })
}

/// Every such place, as the OpenAPI document lists them.
fn fields() -> Vec<Field> {
    let document = api::openapi();
    let mut fields = Vec::new();
    let mut without = Vec::new();
    for operation in operations::all() {
        if operation.is_public {
            continue;
        }
        let described = &document["paths"][&operation.path][operation.method.to_lowercase()];
        let mut places = Vec::new();
        for parameter in described["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            if name == "cursor" || is_id(&parameter["schema"]) {
                let place = ["path", "query"]
                    .into_iter()
                    .find(|p| parameter["in"] == *p);
                places.push((place.expect("an id in a header has no probes"), name));
            }
        }
        let body = &described["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        let schema = body
            .as_str()
            .and_then(|r| document.pointer(r.trim_start_matches('#')));
        let properties = schema.and_then(|schema| schema["properties"].as_object());
        for (name, property) in properties.into_iter().flatten() {
            if property.get("$ref").is_some() && is_id(property) {
                places.push(("body", name));
            }
        }
        if places.is_empty() {
            without.push(operation.id.clone());
        }
        for (place, name) in places {
            let name = name.to_owned();
            let operation = operation.clone();
            fields.push(Field {
                operation,
                place,
                name,
            });
        }
    }
    // Whoever adds an operation looks whether something of another customer's can be named there.
    assert_eq!(without, ["GetSubscription"]);
    fields
}

struct Dice(ChaCha8Rng);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.0.next_u32()).unwrap() % end
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn probe(&mut self, real: &[&str]) -> String {
        let id = self.one(real);
        let at = self.below(id.len());
        let letter = self.one(&[
            "0", "1", "9", "_", ".", "-", "a", "Z", "\0", "é", "%", "#", "/",
        ]);
        match self.below(9) {
            0 => id.to_owned(),
            1 => id[..at].to_owned(),
            2 => format!("{id}{letter}"),
            3 => format!("{letter}{id}"),
            4 => format!("{}{letter}{}", &id[..at], &id[at + 1..]),
            5 => id.to_uppercase(),
            6 => {
                let between = self.one(&[
                    "#", "/", "%23", "%2F", "/../", "\0", ":", " ", "\n", "..", "",
                ]);
                format!("{}{between}{id}", self.one(&[ADA, BOB, "..", "TENANT", ""]))
            }
            7 => letter.repeat(self.below(200)),
            _ => URL_SAFE_NO_PAD.encode(format!("{id}{letter}{at}")),
        }
    }
}

fn encoded(text: &str) -> String {
    let one = |b: u8| match b {
        b if b.is_ascii_alphanumeric() || b"_.-".contains(&b) => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    text.bytes().map(one).collect()
}

fn is_well_formed(id: &str) -> bool {
    (1..=96).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

/// Asks with a value in a field; the path and the body name nobody else's besides.
async fn ask(router: &Router, token: &str, field: &Field, value: &str) -> (u16, String) {
    let at = |place: &str| if field.place == place { value } else { NOBODY };
    let mut uri = field.operation.path.replace("{id}", &encoded(at("path")));
    if field.place == "query" {
        uri = format!("{uri}?{}={}", field.name, encoded(value));
    }
    let mut request = Request::builder()
        .method(field.operation.method.as_str())
        .uri(uri)
        .header("authorization", format!("Bearer {token}"));
    let body = isolation::body(&field.operation, NOBODY).map(|mut body| {
        if field.place == "body" {
            body[&field.name] = json!(value);
        } else if body.get("agent_id").is_some() {
            body["agent_id"] = json!(at("path"));
        }
        body
    });
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let answer = router
        .clone()
        .call(request.body(body).unwrap())
        .await
        .unwrap();
    let status = answer.status().as_u16();
    let bytes = axum::body::to_bytes(answer.into_body(), 1_000_000)
        .await
        .unwrap();
    let mut body: Value = serde_json::from_slice(&bytes).unwrap();
    body.as_object_mut().unwrap().remove("request_id");
    (status, body.to_string())
}

/// What Ada sees of her things.
async fn adas(fixture: &Fixture) -> Vec<String> {
    let mut seen = Vec::new();
    for path in [
        "agents/agent_1",
        "agents/agent_1/schedule",
        "runs",
        "runs/exec_1",
        "runs/exec_1/leads",
        "drafts",
        "drafts/outreach_1",
        "alerts",
        "subscription",
    ] {
        let answer = fixture.ask(ADA, &format!("GET /v1/{path}"), None).await;
        assert_eq!(answer.status, 200, "{path}");
        seen.push(answer.text);
    }
    seen
}

#[tokio::test]
async fn no_probe_tells_that_something_is_another_customers() {
    let fixture = Fixture::start().await;
    let before = adas(&fixture).await;
    let mut cursors = Vec::new();
    for list in ["alerts", "drafts", "runs/exec_1/leads"] {
        let call = format!("GET /v1/{list}?limit=1");
        let page = fixture.ask(ADA, &call, None).await.json();
        cursors.push(page["next_cursor"].as_str().unwrap().to_owned());
    }
    let cursors: Vec<&str> = cursors.iter().map(String::as_str).collect();
    let router = fixture.router();
    // Who puts agents has them: that is a third customer, so that Bob has nothing.
    let (bob, cyd) = (fixture.token(BOB), fixture.token("cust_cyd"));
    let fields = fields();
    let mut references = Vec::new();
    for field in &fields {
        let token = if field.operation.id == "PutAgent" {
            &cyd
        } else {
            &bob
        };
        let reference = ask(&router, token, field, NOBODY).await;
        let expected = match (field.place, field.operation.id.as_str()) {
            (_, "PutAgent") => matches!(reference.0, 200 | 201),
            ("query", _) if field.name != "cursor" => reference.1 == r#"{"items":[]}"#,
            ("query", _) => matches!(reference.0, 400 | 404),
            _ => reference.0 == 404,
        };
        assert!(expected, "{}: {reference:?}", field.operation.id);
        references.push(reference);
    }
    let mut dice = Dice(ChaCha8Rng::seed_from_u64(7));
    for number in 0..PROBES {
        let index = number % fields.len();
        let (field, reference) = (&fields[index], &references[index]);
        let makes = field.operation.id == "PutAgent";
        let is_cursor = field.name == "cursor";
        let value = dice.probe(if is_cursor { &cursors } else { &ADAS });
        let token = if makes { &cyd } else { &bob };
        let (status, text) = ask(&router, token, field, &value).await;
        let told = format!(
            "{number}: {} {}={value:?}: {status} {text}",
            field.operation.id, field.name
        );
        if makes {
            assert!([200, 201, 400, 404, 405, 422].contains(&status), "{told}");
            continue;
        }
        if is_cursor {
            let nothing = status == 200 && text == r#"{"items":[]}"#;
            assert!(nothing || [400, 404].contains(&status), "{told}");
        } else if is_well_formed(&value) {
            let expected = (reference.0, reference.1.replace(NOBODY, &value));
            assert_eq!((status, text.clone()), expected, "{told}");
        } else {
            assert!([400, 404, 405].contains(&status), "{told}");
        }
        let own = text.replace(&value, "");
        let leak = TELLTALE
            .iter()
            .find(|word| own.contains(*word) && !value.contains(*word));
        assert!(leak.is_none(), "{told}");
    }
    assert_eq!(adas(&fixture).await, before);
}
