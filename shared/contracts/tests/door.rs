//! What people send has no text without an end and none that hides something: every string of what
//! they may send says in its schema how long it may be and what it may hold.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeSet, fs, path::Path};

use regex::Regex;
use serde_json::{Map, Value};

/// A text that no field takes: what a reader sees of it is not what it holds.
const HIDING: [&str; 5] = ["a\0b", "a\u{202e}b", "a\u{7f}b", "a\u{61c}b", "a\u{2028}b"];

fn read(path: &str) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    serde_json::from_str(&fs::read_to_string(root.join(path)).unwrap()).unwrap()
}

struct Walk<'a> {
    document: &'a Value,
    seen: BTreeSet<String>,
    open: Vec<String>,
    strings: usize,
}

impl<'a> Walk<'a> {
    fn new(document: &'a Value) -> Self {
        Self {
            document,
            seen: BTreeSet::new(),
            open: Vec::new(),
            strings: 0,
        }
    }

    fn schema(&mut self, at: &str, schema: &Value) {
        let Some(fields) = schema.as_object() else {
            return;
        };
        if let Some(pointer) = fields.get("$ref").and_then(Value::as_str) {
            if self.seen.insert(pointer.to_owned()) {
                let document = self.document;
                let found = document.pointer(pointer.trim_start_matches('#'));
                self.schema(pointer, found.unwrap());
            }
            return;
        }
        self.check(at, fields);
        for (name, property) in fields
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            self.schema(&format!("{at}/{name}"), property);
        }
        for part in ["anyOf", "oneOf", "allOf"] {
            for (index, part) in fields
                .get(part)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .enumerate()
            {
                self.schema(&format!("{at}/{index}"), part);
            }
        }
        for part in ["items", "additionalProperties"] {
            if let Some(part) = fields.get(part) {
                self.schema(&format!("{at}/*"), part);
            }
        }
    }

    fn check(&mut self, at: &str, schema: &Map<String, Value>) {
        let is = |kind: &str| match schema.get("type") {
            Some(Value::String(own)) => own == kind,
            Some(Value::Array(kinds)) => kinds.iter().any(|own| own == kind),
            _ => false,
        };
        let has = |keyword: &str| schema.contains_key(keyword);
        let unbounded = match () {
            () if has("enum") || has("const") => None,
            () if is("string") => {
                self.strings += 1;
                text(schema)
            }
            () if is("array") => (!has("maxItems") && !has("uniqueItems")).then_some("maxItems"),
            () if is("object")
                && schema
                    .get("additionalProperties")
                    .is_some_and(Value::is_object) =>
            {
                let names = schema.get("propertyNames").and_then(Value::as_object);
                let names = names.map_or(Some("propertyNames"), text);
                (!has("maxProperties")).then_some("maxProperties").or(names)
            }
            () => None,
        };
        self.open
            .extend(unbounded.map(|keyword| format!("{at}: {keyword}")));
    }
}

/// What a string's schema lacks.
fn text(schema: &Map<String, Value>) -> Option<&'static str> {
    let pattern = schema.get("pattern").and_then(Value::as_str);
    // An id's pattern says how long it is.
    let is_short =
        schema.contains_key("maxLength") || pattern.is_some_and(|p| p.ends_with("{1,96}$"));
    match (pattern, schema.get("format").and_then(Value::as_str)) {
        (None, Some("date-time" | "date")) => None,
        _ if !is_short => Some("maxLength"),
        (None, Some("email")) => None,
        (None, _) => Some("pattern"),
        (Some(pattern), _) => {
            let pattern = Regex::new(pattern).unwrap();
            let hides = HIDING.iter().any(|text| {
                let around = [
                    (*text).to_owned(),
                    format!("file:{text}"),
                    format!("cron({text})"),
                ];
                around.iter().any(|text| pattern.is_match(text))
            });
            hides.then_some("a pattern without hidden characters")
        }
    }
}

#[test]
fn every_text_that_is_sent_has_an_end_and_hides_nothing() {
    for name in ["agent-config", "run-request", "agent-schedule"] {
        let schema = read(&format!("shared/contracts/schemas/{name}.json"));
        let mut walk = Walk::new(&schema);
        walk.schema(name, &schema);
        assert!(walk.strings > 1, "{name}");
        assert_eq!(walk.open, [""; 0], "{name}");
    }
}

#[test]
fn every_body_of_the_api_has_an_end_and_hides_nothing() {
    let document = read("docs/api/openapi.json");
    let mut walk = Walk::new(&document);
    let operations = document["paths"].as_object().unwrap().values();
    let mut bodies = 0;
    for operation in operations.flat_map(|path| path.as_object().unwrap().values()) {
        if let Some(body) = operation.pointer("/requestBody/content/application~1json/schema") {
            walk.schema("body", body);
            bodies += 1;
        }
    }
    assert!(
        bodies >= 7 && walk.strings > 20,
        "{bodies} bodies, {} strings",
        walk.strings
    );
    assert_eq!(walk.open, [""; 0]);
}

#[test]
fn a_text_without_an_end_is_found() {
    let schema = serde_json::json!({"type": "object", "properties": {
        "name": {"type": ["string", "null"], "maxLength": 9},
        "list": {"type": "array", "items": {"type": "string", "pattern": "^a$"}},
        "shown": {"type": "string", "maxLength": 9, "pattern": "b"},
        "map": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Day"}, "maxProperties": 2},
        "when": {"type": "string", "format": "date-time"},
    }, "$defs": {"Day": {"enum": ["monday"], "type": "string"}}});
    let mut walk = Walk::new(&schema);
    walk.schema("x", &schema);
    walk.open.sort();
    let found = [
        "x/list/*: maxLength",
        "x/list: maxItems",
        "x/map: propertyNames",
        "x/name: pattern",
        "x/shown: a pattern without hidden characters",
    ];
    assert_eq!(walk.open, found);
}
