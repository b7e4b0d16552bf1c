//! Which executions are under way and how those before them ended, one file each. A run that this
//! process did not live to end leaves its entry behind, and the next command says so.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::SystemTime,
};

use hunter_asl::Status;
use hunter_contracts::{ErrorCode, ExecutionId, RecipeFailure, RunRequest, TenantId};
use hunter_core::ports::{ExecutionState, execution_name};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::spec::OutsideSpec;

/// An execution, and what it talks to: enough to begin it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The execution's own id; another one than its run's where it only closes that run.
    pub id: ExecutionId,
    /// The execution's input.
    pub request: RunRequest,
    /// The outside that it works with.
    pub outside: OutsideSpec,
}

impl Entry {
    /// The entry of a run's own execution.
    #[must_use]
    pub fn of_run(request: RunRequest, outside: OutsideSpec) -> Self {
        Self {
            id: request.execution_id.clone(),
            request,
            outside,
        }
    }

    /// The execution's name: unique over all tenants.
    #[must_use]
    pub fn name(&self) -> String {
        execution_name(&self.request.customer_id, &self.id)
    }
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Ending {
    /// Well.
    Succeeded,
    /// In a Fail state or with an error.
    Failed {
        /// The error's name.
        error: String,
        /// For a person.
        cause: String,
    },
    /// At the machine's own time limit.
    TimedOut,
    /// It was stopped.
    Aborted,
}

impl Ending {
    /// The engine's word for it.
    #[must_use]
    pub fn of(status: &Status) -> Self {
        match status {
            Status::Succeeded { .. } => Self::Succeeded,
            Status::Failed { error, cause } => Self::Failed {
                error: error.clone(),
                cause: cause.clone(),
            },
            Status::TimedOut => Self::TimedOut,
            Status::Aborted => Self::Aborted,
        }
    }
}

impl From<Ending> for ExecutionState {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Succeeded => Self::Succeeded,
            Ending::Failed { error, cause } => Self::Failed { error, cause },
            Ending::TimedOut => Self::TimedOut,
            Ending::Aborted => Self::Aborted,
        }
    }
}

/// An execution that ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Ended {
    request: RunRequest,
    ended_at: Timestamp,
    ending: Ending,
}

/// What the journal holds of an execution.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its input.
    pub request: RunRequest,
    /// How it ended; absent while it is under way.
    pub ending: Option<Ending>,
}

/// The executions that were started and not ended in `executions/`, those that ended in
/// `executions-ended/`.
#[derive(Debug, Clone)]
pub struct Journal {
    begun: PathBuf,
    ended: PathBuf,
}

fn failed(path: &Path, error: &dyn std::fmt::Display) -> RecipeFailure {
    RecipeFailure::new(
        ErrorCode::StoreUnavailable,
        format!("`{}`: {error}", path.display()),
    )
}

/// Writes a file that is there whole or not at all.
fn write<T: Serialize>(directory: &Path, name: &str, value: &T) -> Result<(), RecipeFailure> {
    fs::create_dir_all(directory).map_err(|error| failed(directory, &error))?;
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| RecipeFailure::internal(error.to_string()))?;
    let (unfinished, path) = (
        directory.join(format!("{name}.new")),
        directory.join(format!("{name}.json")),
    );
    fs::write(&unfinished, text).map_err(|error| failed(&unfinished, &error))?;
    fs::rename(&unfinished, &path).map_err(|error| failed(&path, &error))
}

fn read<T: DeserializeOwned>(directory: &Path, name: &str) -> Result<Option<T>, RecipeFailure> {
    let path = directory.join(format!("{name}.json"));
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&path, &error)),
    };
    let value = serde_json::from_str(&text).map_err(|error| failed(&path, &error))?;
    Ok(Some(value))
}

impl Journal {
    /// The journal of a directory.
    #[must_use]
    pub fn new(directory: &Path) -> Self {
        Self {
            begun: directory.join("executions"),
            ended: directory.join("executions-ended"),
        }
    }

    /// Notes that an execution begins; before anything else happens.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn begin(&self, entry: &Entry) -> Result<(), RecipeFailure> {
        write(&self.begun, &entry.name(), entry)
    }

    /// Notes how it ended.
    ///
    /// # Errors
    /// When the file cannot be written; the execution then counts as unfinished.
    pub fn end(&self, entry: &Entry, ending: Ending, at: Timestamp) -> Result<(), RecipeFailure> {
        let name = entry.name();
        let ended = Ended {
            request: entry.request.clone(),
            ended_at: at,
            ending,
        };
        write(&self.ended, &name, &ended)?;
        // One that stays behind is known to have ended by the other file.
        let _ = fs::remove_file(self.begun.join(format!("{name}.json")));
        Ok(())
    }

    /// What is known of an execution.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn find(
        &self,
        tenant: &TenantId,
        id: &ExecutionId,
    ) -> Result<Option<Found>, RecipeFailure> {
        let name = execution_name(tenant, id);
        if let Some(ended) = read::<Ended>(&self.ended, &name)? {
            return Ok(Some(Found {
                request: ended.request,
                ending: Some(ended.ending),
            }));
        }
        let begun: Option<Entry> = read(&self.begun, &name)?;
        Ok(begun.map(|entry| Found {
            request: entry.request,
            ending: None,
        }))
    }

    /// The executions that were begun and not ended, oldest first.
    #[must_use]
    pub fn unfinished(&self) -> Vec<Entry> {
        let Ok(entries) = fs::read_dir(&self.begun) else {
            return Vec::new();
        };
        let is_json = |path: &PathBuf| path.extension().is_some_and(|ext| ext == "json");
        let mut found: Vec<Entry> = entries
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .filter(is_json)
            .filter_map(|path| fs::read_to_string(path).ok())
            .filter_map(|text| serde_json::from_str(&text).ok())
            .filter(|entry: &Entry| !self.ended.join(format!("{}.json", entry.name())).exists())
            .collect();
        // A run before the execution that closes it.
        let order = |entry: &Entry| {
            let request = &entry.request;
            (request.execution_id.clone(), request.close_only.is_some())
        };
        found.sort_by_key(order);
        found
    }

    /// Forgets executions that ended before a time: their names are free again.
    pub fn forget(&self, before: Timestamp) {
        let before = SystemTime::from(before);
        for entry in fs::read_dir(&self.ended).into_iter().flatten().flatten() {
            let modified = entry.metadata().and_then(|data| data.modified());
            if modified.is_ok_and(|modified| modified < before) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}
