//! `cargo xtask bench`: benchmarks that print ratios against references of the same run.

pub(crate) mod bootstraps;
pub(crate) mod cold;
mod crawl;
mod extract;
mod runtime_api;

use std::process::Command;

use crate::report::{Error, Report, workspace};

/// Which benchmarks.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Which {
    /// Starts of the deployed programs, and their sizes, against a function that does nothing.
    Cold(cold::Options),
    /// The crawler beside a loop of bare GET requests, over loopback.
    Crawl(crawl::Options),
    /// What the extractors find on real pages, beside what is known of them and what htmldate finds.
    Extract(extract::Options),
    /// 200 leads whose models take 8 s each (median) and fail once in fifty times.
    Models,
}

/// Runs the benchmarks of whole runs, or those that are named.
///
/// # Errors
/// When something cannot be built or a scenario fails.
pub(crate) fn run(which: Option<&Which>) -> Result<Report, Error> {
    match which {
        Some(Which::Cold(options)) => cold::run(options),
        Some(Which::Crawl(options)) => crawl::run(options),
        Some(Which::Extract(options)) => extract::run(options),
        Some(Which::Models) => whole_runs(&["models"]),
        None => whole_runs(&[]),
    }
}

/// Runs `infra/local/cloud/benches/runs`, built as people build the command.
fn whole_runs(arguments: &[&str]) -> Result<Report, Error> {
    let status = example(arguments).status()?;
    if !status.success() {
        return Err(format!("the benchmarks failed: {status}").into());
    }
    Ok(Report::of("benchmarks done"))
}

/// The benchmark program with arguments.
pub(crate) fn example(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command
        .args(["run", "--release", "--package", "hunter-cloud", "--example"])
        .args(["bench", "--"])
        .args(arguments)
        .current_dir(workspace());
    command
}
