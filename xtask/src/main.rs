//! The workspace's own tools: `cargo xtask --help`.
//!
//! One module per subcommand. A subcommand prints what it found and fails with every violation at
//! once, each with the file and what to do.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks to its terminal"
)]

mod bench;
mod cost;
mod events;
mod report;
mod schemas;
mod tidy;
mod try_out;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::report::Report;

/// Checks and generated files of the workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Checks directions, circles, guides, error pages, decision records, sample events, commits and
    /// tracked files.
    Tidy,
    /// Writes the JSON Schemas of the wire types into `shared/contracts/schemas/`, and the API's
    /// OpenAPI document.
    Schemas {
        /// Writes nothing and fails where a file differs from what the types say.
        #[arg(long)]
        check: bool,
    },
    /// Runs the benchmarks and prints ratios against references of the same run.
    Bench {
        #[command(subcommand)]
        which: Option<bench::Which>,
    },
    /// Says what a run costs on AWS, service by service, from counts and dated prices.
    Cost(cost::Options),
    /// Starts a function under cargo-lambda beside an emulator with all it needs, sends it its sample
    /// event and shows the answer.
    Try {
        /// The folder below `functions/`.
        name: String,
    },
    /// Checks the sample events against the schemas and the types; writes nothing.
    Events {
        /// The same; accepted so that every check of the workspace is called alike.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Tidy => tidy::run(),
        Command::Schemas { check } => schemas::run(check),
        Command::Bench { which } => bench::run(which.as_ref()),
        Command::Cost(options) => cost::run(&options),
        Command::Try { name } => try_out::run(&name),
        Command::Events { check: _ } => events::run(),
    };
    match result {
        Ok(report) => conclude(&report),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn conclude(report: &Report) -> ExitCode {
    for violation in report.violations() {
        eprintln!("error: {violation}");
    }
    match report.violations().len() {
        0 => {
            // Output for other programs comes without a summary.
            if !report.summary.is_empty() {
                println!("{}", report.summary);
            }
            ExitCode::SUCCESS
        }
        count => {
            eprintln!("{count} violation{}", if count == 1 { "" } else { "s" });
            ExitCode::FAILURE
        }
    }
}
