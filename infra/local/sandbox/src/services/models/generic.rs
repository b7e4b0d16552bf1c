//! The plainest value that fits a schema, for what nobody told the look-alikes about.

use serde_json::{Map, Value, json};

/// A value of a schema within `root`.
pub(super) fn instance(schema: &Value, root: &Value) -> Value {
    at(schema, root, 0)
}

fn at(schema: &Value, root: &Value, depth: usize) -> Value {
    if depth > 16 {
        return Value::Null;
    }
    let next = |schema: &Value| at(schema, root, depth + 1);
    if let Some(first) = schema.pointer("/enum/0") {
        return first.clone();
    }
    if let Some(only) = schema.get("const") {
        return only.clone();
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let target = target.strip_prefix('#').and_then(|path| root.pointer(path));
        return target.map(next).unwrap_or_default();
    }
    if let Some(option) = schema.pointer("/anyOf/0") {
        return next(option);
    }
    let kind = match schema.get("type") {
        Some(Value::String(kind)) => kind.as_str(),
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str).unwrap_or_default(),
        _ => "",
    };
    match kind {
        "object" => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let fields: Map<String, Value> = properties
                .into_iter()
                .flatten()
                .map(|(name, schema)| (name.clone(), next(schema)))
                .collect();
            Value::Object(fields)
        }
        "array" => schema
            .get("items")
            .map_or(json!([]), |items| json!([next(items)])),
        "string" => json!("sample"),
        "number" => json!(0.5),
        "integer" => json!(1),
        "boolean" => json!(true),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_an_instance() {
        let schema = json!({"type": "object", "properties": {
            "n": {"type": "number"}, "list": {"type": "array", "items": {"$ref": "#/$defs/s"}},
            "e": {"enum": ["x"]}, "o": {"type": ["null", "string"]}},
            "$defs": {"s": {"type": "string"}}});
        assert_eq!(
            instance(&schema, &schema),
            json!({"n": 0.5, "list": ["sample"], "e": "x", "o": null})
        );
    }
}
