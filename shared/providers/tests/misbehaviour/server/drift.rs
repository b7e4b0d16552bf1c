//! Answers whose schema has drifted: a right answer with one kind of change, everywhere.

use serde_json::{Map, Value};

/// Applies a change to every value, innermost first.
fn change(value: &Value, to: &impl Fn(Value) -> Value) -> Value {
    let inner = match value {
        Value::Object(fields) => {
            let fields = fields.iter();
            Value::Object(fields.map(|(k, v)| (k.clone(), change(v, to))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|v| change(v, to)).collect()),
        other => other.clone(),
    };
    to(inner)
}

fn rename(value: &Value, name: &impl Fn(&str) -> String) -> Value {
    change(value, &|value| match value {
        Value::Object(fields) => fields.into_iter().map(|(k, v)| (name(&k), v)).collect(),
        other => other,
    })
}

/// Every field has another name.
pub(super) fn renamed(value: &Value) -> Value {
    rename(value, &|name| format!("{name}_v2"))
}

/// Every field is in capitals.
pub(super) fn capitals(value: &Value) -> Value {
    rename(value, &str::to_uppercase)
}

/// Every leaf has another type.
pub(super) fn retyped(value: &Value) -> Value {
    change(value, &|value| match value {
        Value::String(text) => Value::from(text.len()),
        Value::Number(number) => Value::String(number.to_string()),
        Value::Bool(_) => Value::String("yes".to_owned()),
        Value::Null => Value::Bool(false),
        nested => nested,
    })
}

/// Every leaf is null.
pub(super) fn nulled(value: &Value) -> Value {
    change(value, &|value| match value {
        nested @ (Value::Object(_) | Value::Array(_)) => nested,
        _ => Value::Null,
    })
}

/// Every field below the first level is null.
pub(super) fn hollow(value: &Value) -> Value {
    let Value::Object(fields) = value else {
        return Value::Null;
    };
    let nulls: Map<String, Value> = fields.keys().map(|k| (k.clone(), Value::Null)).collect();
    Value::Object(nulls)
}

/// Every list is empty.
pub(super) fn emptied(value: &Value) -> Value {
    change(value, &|value| match value {
        Value::Array(_) => Value::Array(Vec::new()),
        other => other,
    })
}

/// Every list holds a null, a number and a text instead of what it should.
pub(super) fn mixed(value: &Value) -> Value {
    change(value, &|value| match value {
        Value::Array(_) => serde_json::json!([null, 7, "seven", []]),
        other => other,
    })
}

/// Every object is a list of its fields.
pub(super) fn listed(value: &Value) -> Value {
    change(value, &|value| match value {
        Value::Object(fields) => fields.into_iter().map(|(_, v)| v).collect(),
        other => other,
    })
}

/// Every object has more fields than are known.
pub(super) fn extended(value: &Value) -> Value {
    change(value, &|value| match value {
        Value::Object(mut fields) => {
            fields.insert("zz_added".into(), serde_json::json!({"in": [2027]}));
            Value::Object(fields)
        }
        other => other,
    })
}

/// Every number is as large as a 64-bit number can be.
pub(super) fn largest(value: &Value) -> Value {
    change(value, &|value| match value {
        Value::Number(_) => Value::from(u64::MAX),
        other => other,
    })
}

/// Every number is below zero.
pub(super) fn negative(value: &Value) -> Value {
    change(value, &|value| match value {
        Value::Number(_) => Value::from(i64::MIN),
        other => other,
    })
}

/// Every text is long, and full of what ends strings, lines and markup elsewhere.
pub(super) fn long_texts(value: &Value) -> Value {
    change(value, &|value| match value {
        Value::String(text) => {
            Value::String(format!("{text}\u{0}\"'\r\n</script>\u{202e}").repeat(2_000))
        }
        other => other,
    })
}

/// Every number has more digits than any type holds.
pub(super) fn many_digits(value: &Value) -> String {
    number_text(value, &"9".repeat(400))
}

/// Every number is beyond the largest float.
pub(super) fn overflow(value: &Value) -> String {
    number_text(value, "1e999")
}

fn number_text(value: &Value, number: &str) -> String {
    // A mark that no answer holds, replaced in the text: such numbers are no `Value`s.
    const MARK: &str = "\u{e000}number";
    let marked = change(value, &|value| match value {
        Value::Number(_) => Value::String(MARK.to_owned()),
        other => other,
    });
    let marked = match marked {
        Value::Object(mut fields) => {
            fields.insert("zz_number".into(), Value::String(MARK.to_owned()));
            Value::Object(fields)
        }
        other => other,
    };
    marked.to_string().replace(&format!("\"{MARK}\""), number)
}

/// Every text is bytes that are no UTF-8.
pub(super) fn no_text(value: &Value) -> Vec<u8> {
    // A letter that no answer holds stands for the bytes.
    let marked = change(value, &|value| match value {
        Value::String(_) => Value::String("\u{e000}".to_owned()),
        other => other,
    });
    let pieces: Vec<String> = marked
        .to_string()
        .split('\u{e000}')
        .map(str::to_owned)
        .collect();
    let pieces: Vec<&[u8]> = pieces.iter().map(String::as_bytes).collect();
    pieces.join(&b"\xff\xfe\xc0\x80"[..])
}

/// Every field comes twice.
pub(super) fn doubled(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let pairs = fields.iter().map(|(name, value)| {
                let pair = format!("{}:{}", Value::from(name.as_str()), doubled(value));
                format!("{pair},{pair}")
            });
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => {
            format!(
                "[{}]",
                items.iter().map(doubled).collect::<Vec<_>>().join(",")
            )
        }
        leaf => leaf.to_string(),
    }
}
