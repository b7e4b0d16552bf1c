//! Answers of models as types: the schema that a provider holds a model to and what is read of its
//! answer come from one.

use hunter_contracts::{ErrorCode, RecipeFailure};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// Characters of what serde says of an answer that are kept.
const PROBLEM_CHARS_MAX: usize = 300;

/// What is read of an answer; whatever else it holds is not looked at.
pub(super) fn read<A: DeserializeOwned>(answer: Value) -> Result<A, RecipeFailure> {
    serde_path_to_error::deserialize(answer).map_err(|error| {
        let text = format!("answered in another shape: {error}");
        let shown = text.chars().filter(|c| !c.is_control());
        let shown: String = shown.take(PROBLEM_CHARS_MAX).collect();
        RecipeFailure::new(ErrorCode::ApiBadResponse, shown)
    })
}

/// The JSON Schema of an answer as every provider takes it: no references, closed objects, every
/// property required. Limits are no part of it, since most providers refuse them; the types check
/// them when the answer is read.
pub(super) fn schema<A: JsonSchema>() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    let root = settings.into_generator().into_root_schema_for::<A>();
    strict(root.as_value())
}

fn strict(schema: &Value) -> Value {
    let mut out = Map::new();
    for (key, value) in schema.as_object().into_iter().flatten() {
        match key.as_str() {
            "type" | "enum" => drop(out.insert(key.clone(), value.clone())),
            "items" => drop(out.insert(key.clone(), strict(value))),
            "anyOf" => {
                let forms = value.as_array().into_iter().flatten().map(strict);
                out.insert(key.clone(), forms.collect());
            }
            // Words that have a description each.
            "oneOf" => {
                let words = value.as_array().into_iter().flatten();
                let words: Value = words
                    .filter_map(|word| word.get("const").cloned())
                    .collect();
                out.insert("type".to_owned(), json!("string"));
                out.insert("enum".to_owned(), words);
            }
            "properties" => {
                let named = value.as_object().into_iter().flatten();
                let named: Map<_, _> = named
                    .map(|(name, schema)| (name.clone(), strict(schema)))
                    .collect();
                out.insert("required".to_owned(), named.keys().cloned().collect());
                out.insert("additionalProperties".to_owned(), json!(false));
                out.insert(key.clone(), Value::Object(named));
            }
            _ => {}
        }
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use hunter_contracts::{EnrichmentLevel, Score};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    struct Part {
        level: EnrichmentLevel,
        /// How well.
        score: Score,
        note: Option<String>,
    }

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    struct Whole {
        parts: Vec<Part>,
        facts: Vec<u32>,
    }

    #[test]
    fn a_schema_holds_what_every_provider_takes() {
        let expected = json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["facts", "parts"],
            "properties": {
                "facts": {"type": "array", "items": {"type": "integer"}},
                "parts": {"type": "array", "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["level", "note", "score"],
                    "properties": {
                        "level": {
                            "type": "string",
                            "enum": ["skip", "basic", "standard", "premium"]
                        },
                        "note": {"type": ["string", "null"]},
                        "score": {"type": "number"}
                    }
                }}
            }
        });
        let mut schema = schema::<Whole>();
        for pointer in ["/required", "/properties/parts/items/required"] {
            let required = schema.pointer_mut(pointer).unwrap().as_array_mut().unwrap();
            required.sort_by_key(|name| name.as_str().map(str::to_owned));
        }
        assert_eq!(schema, expected);
    }

    #[test]
    fn what_does_not_fit_is_named_and_what_was_not_asked_for_is_not_read() {
        let part = |score: Value| json!({"level": "basic", "score": score, "note": null, "x": 1});
        let answer = |score: Value| json!({"parts": [part(score)], "facts": [3], "link": "x"});
        let whole: Whole = read(answer(json!(0.5))).unwrap();
        assert_eq!(whole.facts, [3]);
        for (bad, why) in [
            (answer(json!(1.01)), "parts[0].score: `1.01` is not a score"),
            (answer(json!("1")), "parts[0].score: invalid type"),
            (json!({"parts": []}), "missing field `facts`"),
            (json!([]), "another shape"),
        ] {
            let failure = read::<Whole>(bad).unwrap_err();
            assert_eq!(failure.code, ErrorCode::ApiBadResponse);
            assert!(failure.message.contains(why), "{}", failure.message);
        }
    }
}
