//! `cargo xtask tidy`: the rules of the house that no compiler checks.

mod circles;
mod commits;
mod directions;
mod files;
mod functions;
mod links;
mod pages;

use std::{fs, path::Path, process::Command};

use crate::report::{Error, Report, workspace};

/// A file of the workspace that is tracked, or new and not ignored.
#[derive(Debug, Clone)]
struct File {
    /// Relative to the workspace, with `/`.
    path: String,
    size_bytes: u64,
    /// Absent for files that are not text.
    text: Option<String>,
}

impl File {
    /// The text, empty for files that are not text.
    fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}

/// Runs every check.
pub(crate) fn run() -> Result<Report, Error> {
    let root = workspace();
    let files = tracked_files(&root)?;
    let packages = directions::packages(&root)?;
    let mut report = Report::default();
    directions::check(&packages, &mut report);
    functions::check(&files, &mut report)?;
    links::check(&links::functions(&root)?, &mut report);
    pages::check_errors(&files, &mut report)?;
    pages::check_decisions(&files, &mut report)?;
    pages::check_paths(&files, &mut report)?;
    files::check(&files, &mut report)?;
    circles::check(&files, &mut report)?;
    commits::check(&commits::subjects(&root)?, &mut report)?;
    report.summary = format!(
        "tidy: {} packages and {} files keep the rules",
        packages.len(),
        files.len()
    );
    Ok(report)
}

/// What `git` tracks or would track; files deleted from the folder are left out.
fn tracked_files(root: &Path) -> Result<Vec<File>, Error> {
    let output = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root)
        .output()
        .map_err(|error| format!("`git` cannot be run: {error}"))?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`git ls-files` failed: {}", reason.trim()).into());
    }
    let mut files = Vec::new();
    for path in String::from_utf8_lossy(&output.stdout).split('\0') {
        let full = root.join(path);
        if path.is_empty() || !full.is_file() {
            continue;
        }
        let bytes = fs::read(&full)?;
        files.push(File {
            path: path.to_owned(),
            size_bytes: u64::try_from(bytes.len())?,
            text: String::from_utf8(bytes)
                .ok()
                .filter(|text| !text.contains('\0')),
        });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

#[cfg(test)]
fn file(path: &str, text: &str) -> File {
    File {
        path: path.into(),
        size_bytes: u64::try_from(text.len()).unwrap(),
        text: Some(text.into()),
    }
}

#[cfg(test)]
fn problems(report: &Report) -> Vec<String> {
    let shown = |v: &crate::report::Violation| format!("{}: {}", v.at, v.problem);
    report.violations().iter().map(shown).collect()
}
