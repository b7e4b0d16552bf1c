//! Payload templates: `Parameters` and `ResultSelector`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::context::Scope;
use crate::error::{LoadError, TaskError, child};
use crate::path::Path;

/// A compiled payload template: every field whose name ends in `.$` is a path.
#[derive(Debug, Clone)]
pub(crate) enum Template {
    Literal(Value),
    /// The field's name (for error messages) and the path.
    Path(String, Path),
    Array(Vec<Template>),
    Object(Vec<(String, Template)>),
}

impl Template {
    pub(crate) fn compile(value: &Value, pointer: &str) -> Result<Self, LoadError> {
        match value {
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| Self::compile(item, &child(pointer, index)))
                .collect::<Result<_, _>>()
                .map(Self::Array),
            Value::Object(fields) => {
                let mut names = BTreeSet::new();
                let mut compiled = Vec::with_capacity(fields.len());
                for (name, field) in fields {
                    let pointer = child(pointer, name);
                    let (key, template) = match name.strip_suffix(".$") {
                        Some(key) => (key, Self::compile_dynamic(name, field, &pointer)?),
                        None => (name.as_str(), Self::compile(field, &pointer)?),
                    };
                    if !names.insert(key) {
                        let problem = format!("`{key}` and `{key}.$` stand together; remove one");
                        return Err(LoadError::new(&pointer, problem));
                    }
                    compiled.push((key.to_owned(), template));
                }
                Ok(Self::Object(compiled))
            }
            scalar => Ok(Self::Literal(scalar.clone())),
        }
    }

    fn compile_dynamic(name: &str, value: &Value, pointer: &str) -> Result<Self, LoadError> {
        let text = value.as_str().unwrap_or_default();
        let path = Path::parse(text)
            .map_err(|problem| LoadError::new(pointer, format!("`{name}`: {problem}")))?;
        Ok(Self::Path(name.to_owned(), path))
    }

    pub(crate) fn evaluate(&self, scope: Scope<'_>) -> Result<Value, TaskError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Path(field, path) => scope.select(field, path),
            Self::Array(items) => items
                .iter()
                .map(|item| item.evaluate(scope))
                .collect::<Result<_, _>>()
                .map(Value::Array),
            Self::Object(fields) => {
                let mut object = Map::new();
                for (name, field) in fields {
                    object.insert(name.clone(), field.evaluate(scope)?);
                }
                Ok(Value::Object(object))
            }
        }
    }
}
