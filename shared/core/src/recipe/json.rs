//! JSON that is read once and means one thing: no key twice, no depth without end, no list where an
//! object belongs.
//!
//! `serde_json` takes the last of two equal keys silently, and another reader of the same text the
//! first one (RFC 8259 §4 leaves it open).

use std::fmt;

use hunter_contracts::RecipeFailure;
use serde::{
    de::{
        DeserializeOwned, DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess,
        SeqAccess, Unexpected, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Map, Number, Value};

/// The largest whole number that every reader of JSON takes exactly: 2⁵³ − 1 (RFC 8259 §6).
const WHOLE_MAX: u64 = 9_007_199_254_740_991;
/// Objects and arrays within each other that `serde_json` reads at most.
const DEPTH_MAX: usize = 128;

/// Reads JSON into a type; the error names the field. An object is read from an object only: serde
/// would take a list of its fields' values, too.
///
/// # Errors
/// `INVALID_INPUT`, as in "`payload.depth`: invalid type: string \"x\", expected u8".
pub fn parse<T: DeserializeOwned>(value: Value, at: &str) -> Result<T, RecipeFailure> {
    serde_path_to_error::deserialize(Objects(value))
        .map_err(|error| misfit(at, &error.path().to_string(), error.inner()))
}

/// Reads JSON text into a type, as [`parse`] does; a key that is given twice is refused.
///
/// # Errors
/// As [`parse`]; also for text that is not JSON, or goes on after it.
pub fn parse_text<T: DeserializeOwned>(text: &str, at: &str) -> Result<T, RecipeFailure> {
    let strict = Strict {
        depth_left: DEPTH_MAX,
        whole_max: u64::MAX,
    };
    let value = strict.read(text.as_bytes());
    parse(value.map_err(|error| misfit(at, ".", &error))?, at)
}

/// Reads a JSON text that nests at most `depth_max` objects and arrays and whose whole numbers are
/// the same to every reader.
///
/// # Errors
/// What is wrong with it, with line and column.
pub fn read(text: &[u8], depth_max: usize) -> serde_json::Result<Value> {
    let strict = Strict {
        depth_left: depth_max,
        whole_max: WHOLE_MAX,
    };
    strict.read(text)
}

fn misfit(at: &str, path: &str, problem: &serde_json::Error) -> RecipeFailure {
    let field = match (at, path) {
        ("", ".") => "the input".to_owned(),
        ("", path) => format!("`{path}`"),
        (at, ".") => format!("`{at}`"),
        (at, path) => format!("`{at}.{path}`"),
    };
    RecipeFailure::invalid_input(format!("{field}: {problem}"))
}

#[derive(Clone, Copy)]
struct Strict {
    depth_left: usize,
    whole_max: u64,
}

impl Strict {
    fn read(self, text: &[u8]) -> serde_json::Result<Value> {
        let mut json = serde_json::Deserializer::from_slice(text);
        let value = self.deserialize(&mut json)?;
        json.end().map(|()| value)
    }

    fn whole<E: Error>(self, value: impl Into<Value>, size: u64) -> Result<Value, E> {
        if size > self.whole_max {
            return Err(E::custom(format!(
                "a whole number is outside of ±{WHOLE_MAX}: not every reader takes it exactly"
            )));
        }
        Ok(value.into())
    }

    fn deeper<E: Error>(self) -> Result<Self, E> {
        let depth_left = self.depth_left.checked_sub(1);
        depth_left
            .map(|depth_left| Self { depth_left, ..self })
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
        self.whole(value, value.unsigned_abs())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        self.whole(value, value)
    }

    /// `2.0` is the number 2 (JSON Schema calls it an integer, too).
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        if value.fract() == 0.0 && value.abs() <= WHOLE_MAX as f64 {
            return Ok((value as i64).into());
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

/// Serde reads a struct from a list of its fields' values, too: `["x", 3]` for `{"a": "x", "b": 3}`.
/// What people and other systems send means one thing.
struct Objects(Value);

impl<'de> IntoDeserializer<'de, serde_json::Error> for Objects {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Objects {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Value::Array(entries) => {
                let mut entries = SeqDeserializer::new(entries.into_iter().map(Objects));
                let value = visitor.visit_seq(&mut entries)?;
                entries.end().map(|()| value)
            }
            Value::Object(entries) => {
                let entries = entries
                    .into_iter()
                    .map(|(key, value)| (key, Objects(value)));
                visitor.visit_map(MapDeserializer::new(entries))
            }
            plain => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        if self.0.is_array() {
            return Err(Error::invalid_type(Unexpected::Seq, &"an object"));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        if self.0.is_null() {
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use hunter_contracts::{ErrorCode, IntelligencePayload, LeadsRef, RecipeId};
    use serde_json::json;

    use super::*;

    fn read(text: &[u8], depth_max: usize) -> Result<Value, String> {
        super::read(text, depth_max).map_err(|error| error.to_string())
    }

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
        let told =
            |value| parse::<IntelligencePayload>(value, "").map_err(|failure| failure.message);
        let stored = json!({"stage": "discovery", "chunk": 0});
        assert!(told(json!({"leads_ref": stored})).is_ok());
        for (value, at) in [
            (json!([]), "the input"),
            (json!({"leads_ref": ["discovery", 0, null]}), "`leads_ref`"),
            (json!({"leads": [["lead_1"]]}), "`leads[0]`"),
        ] {
            let problem = told(value).unwrap_err();
            let expected = format!("{at}: invalid type: sequence");
            assert!(problem.starts_with(&expected), "{problem}");
        }
    }

    #[test]
    fn text_is_read_to_its_end_and_every_field_once() {
        let stored = LeadsRef {
            stage: RecipeId::Discovery,
            chunk: 0,
            generation: None,
        };
        let good = r#"{"stage": "discovery", "chunk": 0}"#;
        assert_eq!(parse_text::<LeadsRef>(good, "body").unwrap(), stored);
        for (text, told) in [
            (
                r#"{"stage": "discovery", "chunk": 0, "chunk": 1}"#,
                "`body`: `chunk` stands there twice at line 1",
            ),
            (
                r#"{"stage": "discovery", "chunk": "x"}"#,
                "`body.chunk`: invalid type",
            ),
            (
                r#"{"stage": "discovery", "chunk": 0} 1"#,
                "`body`: trailing characters",
            ),
            (r#"["discovery", 0]"#, "`body`: invalid type: sequence"),
            ("", "`body`: EOF"),
        ] {
            let failure = parse_text::<LeadsRef>(text, "body").unwrap_err();
            assert_eq!(failure.code, ErrorCode::InvalidInput);
            assert!(failure.message.contains(told), "{failure}");
        }
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        assert_eq!(
            read(b"[2.0, 2e3, -1.0, 2.5]", 4),
            Ok(json!([2, 2000, -1, 2.5]))
        );
        assert_eq!(read(b"1e300", 4), Ok(json!(1e300)));
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
