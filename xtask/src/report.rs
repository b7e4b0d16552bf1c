//! What a check found, and where the workspace lies.

use std::{fmt, path::PathBuf};

/// A failure of the tool itself, as opposed to a violation that it found.
pub(crate) type Error = Box<dyn std::error::Error>;

/// One thing that is wrong: where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    /// The file or folder, relative to the workspace, with `:line` where one is known.
    pub(crate) at: String,
    /// What is wrong.
    pub(crate) problem: String,
    /// What to do about it.
    pub(crate) remedy: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.at, self.problem, self.remedy)
    }
}

/// The violations that a check found, in the order of their files.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// What was looked at, shown when nothing is wrong.
    pub(crate) summary: String,
    violations: Vec<Violation>,
}

impl Report {
    /// A report without violations.
    pub(crate) fn of(summary: &str) -> Self {
        Self {
            summary: summary.to_owned(),
            violations: Vec::new(),
        }
    }

    /// Adds a violation.
    pub(crate) fn add(
        &mut self,
        at: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let violation = Violation {
            at: at.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        };
        let place = self.violations.partition_point(|known| *known <= violation);
        self.violations.insert(place, violation);
    }

    /// All of them.
    pub(crate) fn violations(&self) -> &[Violation] {
        &self.violations
    }
}

/// The workspace's folder.
pub(crate) fn workspace() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).unwrap_or(here)
}
