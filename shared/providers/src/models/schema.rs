//! The part of JSON Schema that requests to models use: a check of answers, and the form of a
//! schema that every provider takes.
//!
//! A general validator would outweigh the rest of a function's bootstrap.

use serde_json::{Map, Value, json};

/// Levels of `$ref` and nesting that are followed.
const DEPTH_MAX: usize = 64;

/// Keywords that limit values. Providers that hold a model to a schema refuse some or all of them,
/// so they are sent as words instead and checked here.
const LIMITS: [&str; 11] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
];

/// The schema without keywords that some provider refuses; limits are told in `description`.
pub(crate) fn portable(schema: &Value) -> Value {
    let Value::Object(map) = schema else {
        return match schema {
            Value::Array(all) => all.iter().map(portable).collect(),
            other => other.clone(),
        };
    };
    let mut out = Map::new();
    let mut told: Vec<String> = Vec::new();
    for (key, value) in map {
        match key.as_str() {
            "properties" | "$defs" | "definitions" => {
                let named = value.as_object().into_iter().flatten();
                let named = named.map(|(name, schema)| (name.clone(), portable(schema)));
                out.insert(key.clone(), Value::Object(named.collect()));
            }
            "enum" | "const" | "required" => {
                out.insert(key.clone(), value.clone());
            }
            "$schema" | "format" | "default" | "examples" => {}
            limit if LIMITS.contains(&limit) => told.push(format!("{limit} {value}")),
            _ => {
                out.insert(key.clone(), portable(value));
            }
        }
    }
    told.sort();
    if !told.is_empty() {
        let own = out.get("description").and_then(Value::as_str);
        let own = own.map(|text| format!("{text} ")).unwrap_or_default();
        let text = format!("{own}({})", told.join(", "));
        out.insert("description".to_owned(), json!(text));
    }
    Value::Object(out)
}

/// Whether a value fits a schema.
///
/// # Errors
/// Where it does not and why, as in `sentences[2].role: not one of …`.
pub(crate) fn check(schema: &Value, value: &Value) -> Result<(), String> {
    Checker { root: schema }.check(schema, value, "", 0)
}

struct Checker<'a> {
    root: &'a Value,
}

/// A place within the answer, for a person.
fn place(path: &str) -> &str {
    if path.is_empty() { "the answer" } else { path }
}

impl Checker<'_> {
    fn check(&self, schema: &Value, value: &Value, path: &str, depth: usize) -> Result<(), String> {
        let wrong = |problem: String| Err(format!("{}: {problem}", place(path)));
        if depth > DEPTH_MAX {
            return wrong(format!("nested deeper than {DEPTH_MAX} levels"));
        }
        let map = match schema {
            Value::Bool(true) => return Ok(()),
            Value::Object(map) => map,
            _ => return wrong("nothing may stand here".to_owned()),
        };
        if let Some(name) = map.get("$ref").and_then(Value::as_str) {
            let target = name.strip_prefix('#').and_then(|at| self.root.pointer(at));
            let Some(target) = target else {
                return wrong(format!(
                    "the schema refers to `{name}`, which it does not hold"
                ));
            };
            self.check(target, value, path, depth + 1)?;
        }
        for key in ["anyOf", "oneOf"] {
            let Some(options) = map.get(key).and_then(Value::as_array) else {
                continue;
            };
            let fits = |option: &&Value| self.check(option, value, path, depth + 1).is_ok();
            if !options.iter().any(|option| fits(&option)) {
                return wrong("fits none of the allowed forms".to_owned());
            }
        }
        kind(map, value).or_else(wrong)?;
        limits(map, value).or_else(wrong)?;
        match value {
            Value::Object(fields) => self.object(map, fields, path, depth),
            Value::Array(items) => {
                let Some(schema) = map.get("items") else {
                    return Ok(());
                };
                for (at, item) in items.iter().enumerate() {
                    self.check(schema, item, &format!("{path}[{at}]"), depth + 1)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn object(
        &self,
        schema: &Map<String, Value>,
        fields: &Map<String, Value>,
        path: &str,
        depth: usize,
    ) -> Result<(), String> {
        let required = schema.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                return Err(format!("{}: `{name}` is missing", place(path)));
            }
        }
        let known = schema.get("properties").and_then(Value::as_object);
        for (name, value) in fields {
            let inner = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            let own = known.and_then(|known| known.get(name));
            match (own, schema.get("additionalProperties")) {
                (Some(schema), _) => self.check(schema, value, &inner, depth + 1)?,
                (None, Some(Value::Bool(false))) => {
                    let shown: String = name.chars().take(60).collect();
                    return Err(format!("{}: `{shown}` was not asked for", place(path)));
                }
                (None, Some(schema)) => self.check(schema, value, &inner, depth + 1)?,
                (None, None) => {}
            }
        }
        Ok(())
    }
}

/// `type`, `enum` and `const`.
fn kind(schema: &Map<String, Value>, value: &Value) -> Result<(), String> {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => {
            value.is_i64()
                || value.is_u64()
                || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        _ => false,
    };
    let fits = match schema.get("type") {
        Some(Value::String(name)) => is(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    };
    if !fits {
        let wanted = schema.get("type").map(Value::to_string).unwrap_or_default();
        return Err(format!("not of type {wanted}"));
    }
    let allowed = schema.get("enum").and_then(Value::as_array);
    if allowed.is_some_and(|allowed| !allowed.contains(value)) {
        let allowed = schema.get("enum").map(Value::to_string).unwrap_or_default();
        return Err(format!("not one of {allowed}"));
    }
    match schema.get("const") {
        Some(only) if only != value => Err(format!("not {only}")),
        _ => Ok(()),
    }
}

fn limits(schema: &Map<String, Value>, value: &Value) -> Result<(), String> {
    let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
    let mut checks: Vec<(&str, f64, bool)> = Vec::new();
    if let Some(number) = value.as_f64() {
        for (name, fits) in [
            ("minimum", (|n, l| n >= l) as fn(f64, f64) -> bool),
            ("maximum", |n, l| n <= l),
            ("exclusiveMinimum", |n, l| n > l),
            ("exclusiveMaximum", |n, l| n < l),
        ] {
            checks.extend(limit(name).map(|l| (name, l, fits(number, l))));
        }
    }
    let size = match value {
        Value::String(text) => Some(("minLength", "maxLength", text.chars().count())),
        Value::Array(items) => Some(("minItems", "maxItems", items.len())),
        _ => None,
    };
    if let Some((least, most, size)) = size {
        let size = size as f64;
        checks.extend(limit(least).map(|l| (least, l, size >= l)));
        checks.extend(limit(most).map(|l| (most, l, size <= l)));
    }
    match checks.into_iter().find(|(_, _, fits)| !fits) {
        Some((name, limit, _)) => Err(format!("against `{name}` {limit}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Value {
        json!({
            "type": "object",
            "properties": {
                "id": {"type": "string", "minLength": 1, "maxLength": 5},
                "score": {"type": "number", "minimum": 0, "maximum": 1, "description": "How well."},
                "level": {"enum": ["a", "b"]},
                "facts": {"type": "array", "items": {"type": "integer"}, "maxItems": 2},
                "seller": {"type": ["string", "null"]},
                "more": {"$ref": "#/$defs/more"},
                "either": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
            },
            "required": ["id", "score", "level", "facts", "seller", "more", "either"],
            "additionalProperties": false,
            "$defs": {"more": {"type": "object", "additionalProperties": {"type": "boolean"}}},
        })
    }

    fn good() -> Value {
        json!({"id": "a", "score": 0.5, "level": "b", "facts": [1, 2.0], "seller": null,
               "more": {"x": true}, "either": null})
    }

    #[test]
    fn what_fits_is_taken_and_what_does_not_is_named() {
        check(&schema(), &good()).unwrap();
        let cases = [
            ("id", json!(""), "id: against `minLength` 1"),
            ("id", json!("abcdef"), "id: against `maxLength` 5"),
            ("id", json!(7), "id: not of type \"string\""),
            ("score", json!(1.01), "score: against `maximum` 1"),
            ("score", json!(-0.1), "score: against `minimum` 0"),
            ("score", json!("0.5"), "score: not of type \"number\""),
            ("level", json!("c"), "level: not one of [\"a\",\"b\"]"),
            ("facts", json!([1, 2, 3]), "facts: against `maxItems` 2"),
            ("facts", json!([1.5]), "facts[0]: not of type \"integer\""),
            (
                "seller",
                json!(false),
                "seller: not of type [\"string\",\"null\"]",
            ),
            ("more", json!({"x": 1}), "more.x: not of type \"boolean\""),
            ("either", json!(1), "either: fits none of the allowed forms"),
            ("link", json!("x"), "the answer: `link` was not asked for"),
        ];
        for (field, value, expected) in cases {
            let mut answer = good();
            answer[field] = value;
            assert_eq!(check(&schema(), &answer).unwrap_err(), expected);
        }
        let mut answer = good();
        answer.as_object_mut().unwrap().remove("level");
        assert_eq!(
            check(&schema(), &answer).unwrap_err(),
            "the answer: `level` is missing"
        );
        assert!(check(&schema(), &json!([])).is_err());
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let endless = json!({"$ref": "#"});
        assert!(check(&endless, &json!(1)).unwrap_err().contains("deeper"));
    }

    #[test]
    fn limits_are_told_in_words() {
        let portable = portable(&schema());
        assert_eq!(
            portable["properties"]["score"],
            json!({"type": "number", "description": "How well. (maximum 1, minimum 0)"})
        );
        assert_eq!(portable["properties"]["level"], json!({"enum": ["a", "b"]}));
        assert_eq!(portable["additionalProperties"], json!(false));
        for limit in LIMITS {
            assert!(!portable.to_string().contains(&format!("\"{limit}\"")));
        }
        // A property may be called like a keyword.
        let named = json!({"properties": {"pattern": {"type": "string"}}});
        assert_eq!(super::portable(&named), named);
    }
}
