//! Which executions are under way and how those before them ended, one file each. A run that this
//! process did not live to end leaves its entry behind, and the next command says so.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use hunter_asl::Status;
use hunter_contracts::{ExecutionId, RecipeFailure, RunRequest, TenantId, to_json};
use hunter_core::ports::{BadEnd, ExecutionState, execution_name};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    files::{read_json, write_json},
    spec::OutsideSpec,
};

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

fn file(directory: &Path, name: &str) -> PathBuf {
    directory.join(format!("{name}.json"))
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
    pub async fn begin(&self, entry: &Entry) -> Result<(), RecipeFailure> {
        write_json(&file(&self.begun, &entry.name()), entry).await
    }

    /// Notes how it ended.
    ///
    /// # Errors
    /// When the file cannot be written; the execution then counts as unfinished.
    pub async fn end(
        &self,
        entry: &Entry,
        ending: Ending,
        at: Timestamp,
    ) -> Result<(), RecipeFailure> {
        let name = entry.name();
        let ended = Ended {
            request: entry.request.clone(),
            ended_at: at,
            ending,
        };
        write_json(&file(&self.ended, &name), &ended).await?;
        // One that stays behind is known to have ended by the other file.
        let _ = fs::remove_file(file(&self.begun, &name));
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
        if let Some(ended) = read_json::<Ended>(&file(&self.ended, &name))? {
            return Ok(Some(Found {
                request: ended.request,
                ending: Some(ended.ending),
            }));
        }
        let begun: Option<Entry> = read_json(&file(&self.begun, &name))?;
        Ok(begun.map(|entry| Found {
            request: entry.request,
            ending: None,
        }))
    }

    /// The executions that were begun and not ended, oldest first.
    ///
    /// # Errors
    /// When one cannot be read, naming its file and the field; it is not passed over, for its run
    /// holds credits.
    pub fn unfinished(&self) -> Result<Vec<Entry>, RecipeFailure> {
        let mut found: Vec<Entry> = Vec::new();
        for entry in fs::read_dir(&self.begun).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|ext| ext == "json") {
                found.extend(read_json(&path)?);
            }
        }
        found.retain(|entry| !file(&self.ended, &entry.name()).exists());
        // A run before the execution that closes it.
        let order = |entry: &Entry| {
            let request = &entry.request;
            (request.execution_id.clone(), request.close_only.is_some())
        };
        found.sort_by_key(order);
        Ok(found)
    }

    /// The executions that did not end well since a time.
    ///
    /// # Errors
    /// As [`Self::unfinished`].
    pub fn bad_ends(&self, since: Timestamp) -> Result<Vec<BadEnd>, RecipeFailure> {
        let mut ends = Vec::new();
        for entry in fs::read_dir(&self.ended).into_iter().flatten().flatten() {
            let path = entry.path();
            let ended: Option<Ended> = read_json(&path)?;
            let ended = ended.filter(|ended| {
                ended.ended_at >= since && !matches!(ended.ending, Ending::Succeeded)
            });
            let Some(ended) = ended else { continue };
            let stem = path.file_stem().unwrap_or_default();
            ends.extend(
                ExecutionState::from(ended.ending)
                    .close_cause()
                    .map(|cause| BadEnd {
                        name: stem.to_string_lossy().into_owned(),
                        cause,
                        input: to_json(&ended.request).to_string(),
                    }),
            );
        }
        Ok(ends)
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// An entry as commands before this one have left it.
    const STORED: &str = include_str!("../tests/stored/execution.json");

    fn journal(entry: &Value) -> (tempfile::TempDir, Journal) {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::new(directory.path());
        fs::create_dir_all(&journal.begun).unwrap();
        let path = journal.begun.join("exec.json");
        fs::write(path, entry.to_string()).unwrap();
        (directory, journal)
    }

    #[test]
    fn a_stored_entry_is_read_and_written_alike() {
        let stored: Value = serde_json::from_str(STORED).unwrap();
        let (_directory, journal) = journal(&stored);
        let found = journal.unfinished().unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].outside.sandbox.seed, 9);
        assert_eq!(found[0].outside.sandbox.crawl_latency_ms, 50);
        assert_eq!(serde_json::to_value(&found[0]).unwrap(), stored);
    }

    #[test]
    fn an_entry_that_cannot_be_read_is_told_by_file_and_field() {
        let mut stored: Value = serde_json::from_str(STORED).unwrap();
        stored["outside"]["sandbox"]["seed"] = json!("nine");
        let (_directory, read) = journal(&stored);
        let failure = read.unfinished().unwrap_err();
        assert!(failure.told().contains("exec.json"), "{failure}");
        let told = failure.told();
        assert!(told.contains("outside.sandbox.seed"), "{told}");
        stored["outside"]["sandbox"] = json!({ "town": 80 });
        let (_directory, read) = journal(&stored);
        let failure = read.unfinished().unwrap_err();
        assert!(failure.told().contains("`seed`"), "{failure:?}");
    }
}
