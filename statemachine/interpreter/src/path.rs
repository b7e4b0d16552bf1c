//! Reference paths: `$.a.b` into the input, `$$.…` into the context object.

use std::fmt;

use serde_json::{Map, Value};

/// What a path starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    /// `$`
    Input,
    /// `$$`
    Context,
}

/// A path that selects exactly one node, the form that every Step Functions engine evaluates
/// alike. Indices, quoted names, wildcards, filters, slices, unions and `..` are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    root: Root,
    /// Names of fields.
    steps: Vec<String>,
    text: String,
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Path {
    /// The path `$`.
    pub(crate) fn input() -> Self {
        Self {
            root: Root::Input,
            steps: Vec::new(),
            text: "$".to_owned(),
        }
    }

    pub(crate) fn root(&self) -> Root {
        self.root
    }

    /// Parses a reference path. The error says what is wrong.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (root, mut rest) = match (text.strip_prefix("$$"), text.strip_prefix('$')) {
            (Some(rest), _) => (Root::Context, rest),
            (None, Some(rest)) => (Root::Input, rest),
            (None, None) => return Err(format!("the path `{text}` must start with `$`")),
        };
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let step;
            (step, rest) = parse_step(rest).ok_or_else(|| {
                format!(
                    "the path `{text}` is not a reference path (`$.a.b`); indices, quoted names, \
                     wildcards, filters, slices and `..` are not supported"
                )
            })?;
            steps.push(step);
        }
        Ok(Self {
            root,
            steps,
            text: text.to_owned(),
        })
    }

    /// The node that the path selects.
    pub(crate) fn get<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        let mut steps = self.steps.iter();
        steps.try_fold(value, |node, name| node.as_object()?.get(name))
    }

    /// Puts `new` where the path points, creating the objects on the way. `None` if a node on the
    /// way is no object.
    #[must_use]
    pub(crate) fn put(&self, mut value: Value, new: Value) -> Option<Value> {
        let mut node = &mut value;
        for name in &self.steps {
            let fields = node.as_object_mut()?;
            let empty = || Value::Object(Map::new());
            node = fields.entry(name.as_str()).or_insert_with(empty);
        }
        *node = new;
        Some(value)
    }
}

/// Reads one step off the front of `rest`.
fn parse_step(rest: &str) -> Option<(String, &str)> {
    let rest = rest.strip_prefix('.')?;
    let end = rest.find('.').unwrap_or(rest.len());
    let (name, rest) = rest.split_at_checked(end)?;
    let plain = |symbol: char| symbol.is_alphanumeric() || matches!(symbol, '_' | '-');
    (!name.is_empty() && name.chars().all(plain)).then(|| (name.to_owned(), rest))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn get(path: &str, value: &Value) -> Option<Value> {
        Path::parse(path).unwrap().get(value).cloned()
    }

    #[test]
    fn selects_fields() {
        let value = json!({"a": {"b": [{"c d": 1}, 2]}, "héé": 3});
        assert_eq!(get("$", &value), Some(value.clone()));
        assert_eq!(get("$.a.b", &value), Some(json!([{"c d": 1}, 2])));
        assert_eq!(get("$.héé", &value), Some(json!(3)));
        assert_eq!(get("$.a.b.c", &value), None);
    }

    #[test]
    fn refuses_what_is_not_a_reference_path() {
        for path in [
            "",
            "a",
            "$.",
            "$..a",
            "$.a[*]",
            "$.a[0]",
            "$['a']",
            "$.*",
            "$[-1]",
            "$.a[0:2]",
            "$.a[?(@.b)]",
            "$.a,b",
            "$['a','b']",
            "$a",
            "$.a[]",
            "$.a.length()",
            "$[+1]",
        ] {
            assert!(Path::parse(path).is_err(), "`{path}` was accepted");
        }
    }

    #[test]
    fn puts_a_value_and_makes_the_way() {
        let put = |path: &str, value: Value| Path::parse(path).unwrap().put(value, json!(1));
        assert_eq!(
            put("$.a.b", json!({"c": 2})),
            Some(json!({"a": {"b": 1}, "c": 2}))
        );
        assert_eq!(put("$", json!({"c": 2})), Some(json!(1)));
        assert_eq!(put("$.a.b", json!({"a": 5})), None);
        assert_eq!(put("$.a.b", json!({"a": [0]})), None);
        assert_eq!(put("$.a", json!("text")), None);
    }
}
