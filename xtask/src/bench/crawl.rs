//! `cargo xtask bench crawl`: pages per second of one core that the crawler reads, beside a loop of
//! bare GET requests in the same run.

use std::process::Command;

use crate::report::{Error, Report, workspace};

/// What is printed.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Prints the figures as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs `shared/providers/benches/crawl.rs`.
///
/// # Errors
/// When it cannot be built or a page is not read.
pub(crate) fn run(options: &Options) -> Result<Report, Error> {
    let mut command = Command::new("cargo");
    command
        .args([
            "run",
            "--release",
            "--quiet",
            "--package",
            "hunter-providers",
        ])
        .args(["--no-default-features", "--features", "sites"])
        .args(["--example", "bench_crawl", "--"])
        .args(options.json.then_some("--json"))
        .current_dir(workspace());
    let status = command.status()?;
    if !status.success() {
        return Err(format!("the benchmark failed: {status}").into());
    }
    Ok(Report::of(""))
}
