//! Which executions are under way. A run that this process did not live to end leaves its entry
//! behind, and the next command says so.

use std::{fs, path::PathBuf};

use hunter_contracts::{ErrorCode, ExecutionId, RecipeFailure, RunRequest};
use serde::{Deserialize, Serialize};

use crate::wiring::OutsideSpec;

/// An execution, and what it talks to: enough to begin it again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// The execution's input.
    pub request: RunRequest,
    /// The outside that it works with.
    pub outside: OutsideSpec,
}

/// The executions that were started and not ended, one file each.
#[derive(Debug, Clone)]
pub struct Journal {
    directory: PathBuf,
}

fn failed(path: &std::path::Path, error: &std::io::Error) -> RecipeFailure {
    RecipeFailure::new(
        ErrorCode::StoreUnavailable,
        format!("`{}`: {error}", path.display()),
    )
}

impl Journal {
    /// The journal of a directory.
    #[must_use]
    pub fn new(directory: &std::path::Path) -> Self {
        Self {
            directory: directory.join("executions"),
        }
    }

    fn path(&self, id: &ExecutionId) -> PathBuf {
        self.directory.join(format!("{id}.json"))
    }

    /// Notes that an execution begins; before anything else happens.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn begin(&self, entry: &Entry) -> Result<(), RecipeFailure> {
        fs::create_dir_all(&self.directory).map_err(|error| failed(&self.directory, &error))?;
        let path = self.path(&entry.request.execution_id);
        let text = serde_json::to_string_pretty(entry)
            .map_err(|error| RecipeFailure::internal(error.to_string()))?;
        fs::write(&path, text).map_err(|error| failed(&path, &error))
    }

    /// Notes that it ended.
    pub fn end(&self, id: &ExecutionId) {
        // A file that stays behind is found again, and closing a closed run changes nothing.
        let _ = fs::remove_file(self.path(id));
    }

    /// The executions that were begun and not ended, oldest first.
    #[must_use]
    pub fn unfinished(&self) -> Vec<Entry> {
        let Ok(entries) = fs::read_dir(&self.directory) else {
            return Vec::new();
        };
        let mut found: Vec<Entry> = entries
            .filter_map(Result::ok)
            .filter_map(|entry| fs::read_to_string(entry.path()).ok())
            .filter_map(|text| serde_json::from_str(&text).ok())
            .collect();
        found.sort_by(|a, b| a.request.execution_id.cmp(&b.request.execution_id));
        found
    }
}
