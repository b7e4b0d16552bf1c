//! `cargo xtask bench`: builds the benchmarks as people build the command, and runs them.

use std::process::Command;

use crate::report::{Error, Report, workspace};

/// Runs `infra/local/examples/bench.rs` in release mode.
///
/// # Errors
/// When it cannot be built or a scenario fails.
pub(crate) fn run() -> Result<Report, Error> {
    let status = Command::new("cargo")
        .args([
            "run",
            "--release",
            "--package",
            "hunter",
            "--example",
            "bench",
        ])
        .current_dir(workspace())
        .status()?;
    if !status.success() {
        return Err(format!("the benchmarks failed: {status}").into());
    }
    Ok(Report::of("benchmarks done"))
}
