//! Where a result goes.

use serde_json::Value;

use crate::document::Fields;
use crate::error::{LoadError, TaskError};
use crate::path::{Path, Root};

/// Where a result goes in the state's input; `None` is the JSON `null`: the result is dropped.
#[derive(Debug, Clone)]
pub(crate) struct ResultPath(Option<Path>);

impl ResultPath {
    pub(crate) fn load(fields: &mut Fields<'_>) -> Result<Self, LoadError> {
        if fields.take("ResultPath").is_some_and(Value::is_null) {
            return Ok(Self(None));
        }
        let path = fields.path("ResultPath")?.unwrap_or_else(Path::input);
        if path.root() == Root::Context {
            return Err(fields.error("ResultPath", "cannot write into the context object"));
        }
        Ok(Self(Some(path)))
    }

    pub(crate) fn apply(&self, input: Value, result: Value) -> Result<Value, TaskError> {
        match &self.0 {
            None => Ok(input),
            Some(path) => path
                .put(input, result)
                .ok_or_else(|| TaskError::result_path(&path.to_string())),
        }
    }
}
