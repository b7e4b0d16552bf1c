//! JSON that is read once and means one thing: no key twice, no depth without end.
//!
//! `serde_json` takes the last of two equal keys silently, and another reader of the same body the
//! first one (RFC 8259 §4 leaves it open).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The largest whole number that every reader of JSON takes exactly: 2⁵³ − 1 (RFC 8259 §6).
const WHOLE_MAX: i64 = 9_007_199_254_740_991;

fn whole<E: Error>(value: i64) -> Result<Value, E> {
    if value.unsigned_abs() > WHOLE_MAX.unsigned_abs() {
        return Err(E::custom(format!(
            "a whole number is outside of ±{WHOLE_MAX}: not every reader takes it exactly"
        )));
    }
    Ok(value.into())
}

/// Reads a JSON text that nests at most `depth_max` objects and arrays.
///
/// # Errors
/// What is wrong with it, with line and column.
pub(crate) fn read(text: &[u8], depth_max: usize) -> Result<Value, String> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let value = Strict {
        depth_left: depth_max,
    }
    .deserialize(&mut json);
    let value = value.map_err(|error| error.to_string())?;
    json.end().map_err(|error| error.to_string())?;
    Ok(value)
}

#[derive(Clone, Copy)]
struct Strict {
    depth_left: usize,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let depth_left = self.depth_left.checked_sub(1);
        depth_left
            .map(|depth_left| Self { depth_left })
            .ok_or_else(|| E::custom("the JSON nests too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        whole(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        whole(i64::try_from(value).unwrap_or(i64::MAX))
    }

    /// `2.0` is the number 2 (JSON Schema calls it an integer, too).
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        if value.fract() == 0.0 && value.abs() <= WHOLE_MAX as f64 {
            return whole(value as i64);
        }
        let number = Number::from_f64(value).map(Value::Number);
        number.ok_or_else(|| E::custom("a number is not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = entries.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                let key: String = key.chars().take(100).collect();
                return Err(A::Error::custom(format!("`{key}` stands there twice")));
            }
            let value = entries.next_value_seed(inner)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_json_is_what_serde_json_reads() {
        for text in [
            "null",
            "true",
            "-1",
            "9007199254740991",
            "0.1",
            "1e300",
            r#""\u00fc\n""#,
            r#" {"a":[1,{"b":[]}],"c":{}} "#,
        ] {
            let expected: Value = serde_json::from_str(text).unwrap();
            assert_eq!(read(text.as_bytes(), 4), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_whole_number_that_is_not_exact_everywhere_is_refused() {
        for text in [
            "9007199254740992",
            "-9007199254740992",
            "18446744073709551615",
        ] {
            let problem = read(text.as_bytes(), 4).unwrap_err();
            assert!(problem.contains("9007199254740991"), "{text}: {problem}");
        }
    }

    #[test]
    fn an_object_is_not_a_list_of_its_values() {
        use crate::{DeferDraftBody, StartRunBody};
        use hunter_core::recipe::parse;
        let defer = |value| parse::<DeferDraftBody>(value, "").map_err(|failure| failure.message);
        assert_eq!(
            defer(serde_json::json!({"days": 3})).map(|body| body.days),
            Ok(3)
        );
        let problem = defer(serde_json::json!([3, null])).unwrap_err();
        assert!(
            problem.starts_with("the input: invalid type: sequence"),
            "{problem}"
        );
        let start = |request| {
            let body = serde_json::json!({"agent_id": "agent_1", "request": request});
            parse::<StartRunBody>(body, "").map_err(|failure| failure.message)
        };
        for request in [serde_json::json!([]), serde_json::json!([null, 0.5])] {
            let problem = start(request).unwrap_err();
            assert!(
                problem.starts_with("`request`: invalid type: sequence"),
                "{problem}"
            );
        }
        assert!(start(serde_json::json!({"target": {"keywords": ["a"]}, "threshold": 1})).is_ok());
        let problem = start(serde_json::json!({"target": {"keywords": [1]}})).unwrap_err();
        assert!(
            problem.starts_with("`request.target.keywords[0]`: "),
            "{problem}"
        );
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        assert_eq!(
            read(b"[2.0, 2e3, -1.0, 2.5]", 4),
            Ok(serde_json::json!([2, 2000, -1, 2.5]))
        );
        assert_eq!(read(b"1e300", 4), Ok(serde_json::json!(1e300)));
    }

    #[test]
    fn what_is_refused_says_why() {
        for (text, problem) in [
            (r#"{"a":1,"a":1}"#, "`a` stands there twice"),
            (r#"{"x":[{"a":1,"\u0061":2}]}"#, "`a` stands there twice"),
            ("[[[[[]]]]]", "nests too deep"),
            (r#"{"a":{"a":{"a":{"a":{}}}}}"#, "nests too deep"),
            ("", "EOF"),
            ("{}{}", "trailing"),
            ("{,}", "key must be a string"),
            ("[1,]", "trailing comma"),
            ("NaN", "expected"),
            ("1e999", "out of range"),
            (r#""\ud800""#, "hex escape"),
        ] {
            let message = read(text.as_bytes(), 4).unwrap_err();
            assert!(message.contains(problem), "{text}: {message}");
        }
        assert!(read(b"\"\xff\"", 4).is_err());
        let deep = "[".repeat(100_000);
        assert!(read(deep.as_bytes(), 32).unwrap_err().contains("too deep"));
    }
}
