//! Strict reading of the definition's JSON: no duplicate keys, no unread fields, a JSON pointer in
//! every error.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::error::{LoadError, child};
use crate::path::Path;
use crate::template::Template;

/// Parses `text` and replaces every `${Name}` inside its strings from `substitutions`.
pub(crate) fn parse(
    text: &str,
    substitutions: &BTreeMap<String, String>,
) -> Result<Value, LoadError> {
    let Strict(mut value) = serde_json::from_str(text).map_err(|error| {
        LoadError::new("", format!("the definition is not usable JSON: {error}"))
    })?;
    substitute(&mut value, "", substitutions)?;
    Ok(value)
}

fn substitute(
    value: &mut Value,
    pointer: &str,
    substitutions: &BTreeMap<String, String>,
) -> Result<(), LoadError> {
    match value {
        Value::String(text) if text.contains("${") => {
            *text = substitute_text(text, substitutions)
                .map_err(|problem| LoadError::new(pointer, problem))?;
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                substitute(item, &child(pointer, index), substitutions)?;
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                substitute(field, &child(pointer, name), substitutions)?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn substitute_text(text: &str, substitutions: &BTreeMap<String, String>) -> Result<String, String> {
    let mut parts = text.split("${");
    let mut output = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part
            .split_once('}')
            .ok_or_else(|| "a `${` has no closing `}`".to_owned())?;
        let replacement = substitutions
            .get(name)
            .ok_or_else(|| format!("no substitution is given for `${{{name}}}`; pass one"))?;
        output.push_str(replacement);
        output.push_str(rest);
    }
    Ok(output)
}

/// A JSON value whose objects have no key twice: `serde_json` alone would keep the last one.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number is out of range"))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some((name, Strict(value))) = access.next_entry::<String, Strict>()? {
            if fields.contains_key(&name) {
                return Err(serde::de::Error::custom(format!(
                    "the key `{name}` stands twice in one object; remove one"
                )));
            }
            fields.insert(name, value);
        }
        Ok(Value::Object(fields))
    }
}

/// The fields of one JSON object, each of which must be taken before [`Fields::finish`].
pub(crate) struct Fields<'a> {
    what: String,
    pointer: String,
    map: &'a Map<String, Value>,
    taken: BTreeSet<&'a str>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(what: &str, value: &'a Value, pointer: &str) -> Result<Self, LoadError> {
        let map = value
            .as_object()
            .ok_or_else(|| LoadError::new(pointer, format!("{what} must be an object")))?;
        Ok(Self {
            what: what.to_owned(),
            pointer: pointer.to_owned(),
            map,
            taken: BTreeSet::new(),
        })
    }

    pub(crate) fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The pointer of the field `name`.
    pub(crate) fn at(&self, name: &str) -> String {
        child(&self.pointer, name)
    }

    pub(crate) fn error(&self, name: &str, problem: impl Into<String>) -> LoadError {
        LoadError::new(&self.at(name), problem)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    /// The names of the fields not taken yet.
    pub(crate) fn rest(&self) -> Vec<&'a str> {
        self.map
            .keys()
            .map(String::as_str)
            .filter(|name| !self.taken.contains(name))
            .collect()
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<&'a Value> {
        let (key, value) = self.map.get_key_value(name)?;
        self.taken.insert(key);
        Some(value)
    }

    pub(crate) fn require(&mut self, name: &str) -> Result<&'a Value, LoadError> {
        let missing = format!("{} needs the field `{name}`", self.what);
        self.take(name)
            .ok_or_else(|| LoadError::new(&self.pointer, missing))
    }

    pub(crate) fn string(&mut self, name: &str) -> Result<Option<&'a str>, LoadError> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        value
            .as_str()
            .map(Some)
            .ok_or_else(|| self.error(name, "must be a string"))
    }

    pub(crate) fn require_string(&mut self, name: &str) -> Result<&'a str, LoadError> {
        self.require(name)?
            .as_str()
            .ok_or_else(|| self.error(name, "must be a string"))
    }

    pub(crate) fn boolean(&mut self, name: &str) -> Result<Option<bool>, LoadError> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        value
            .as_bool()
            .map(Some)
            .ok_or_else(|| self.error(name, "must be `true` or `false`"))
    }

    pub(crate) fn integer(
        &mut self,
        name: &str,
        range: std::ops::RangeInclusive<u64>,
    ) -> Result<Option<u64>, LoadError> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        value
            .as_u64()
            .filter(|number| range.contains(number))
            .map(Some)
            .ok_or_else(|| {
                let (low, high) = (range.start(), range.end());
                self.error(name, format!("must be an integer from {low} to {high}"))
            })
    }

    pub(crate) fn path(&mut self, name: &str) -> Result<Option<Path>, LoadError> {
        let Some(text) = self.string(name)? else {
            return Ok(None);
        };
        Path::parse(text)
            .map(Some)
            .map_err(|problem| self.error(name, problem))
    }

    pub(crate) fn template(&mut self, name: &str) -> Result<Option<Template>, LoadError> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        if !value.is_object() {
            return Err(self.error(name, "must be an object"));
        }
        Template::compile(value, &self.at(name)).map(Some)
    }

    pub(crate) fn array(&mut self, name: &str) -> Result<Option<&'a Vec<Value>>, LoadError> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        value
            .as_array()
            .map(Some)
            .ok_or_else(|| self.error(name, "must be an array"))
    }

    /// Refuses two fields of which a state may have one.
    pub(crate) fn exclusive(&self, one: &str, other: &str) -> Result<(), LoadError> {
        if self.has(one) && self.has(other) {
            return Err(self.error(other, format!("cannot stand beside `{one}`; remove one")));
        }
        Ok(())
    }

    /// Refuses the fields that nobody took.
    pub(crate) fn finish(self) -> Result<(), LoadError> {
        match self.rest().first() {
            None => Ok(()),
            Some(name) => Err(self.error(
                name,
                format!(
                    "`{name}` is not a field that is supported in {}; check its spelling or \
                     remove it",
                    self.what
                ),
            )),
        }
    }
}
