//! The commands.

mod agent;
mod credits;
mod doctor;
mod drafts;
mod leads;
mod lookup;
mod queue;
mod run;
mod runs;
mod serve;

use hunter_cloud::LocalCloud;
use hunter_contracts::{RecipeFailure, chain};

use crate::{
    args::{Cli, CloudCommand, Command, LoneCommand},
    called,
    exit::Exit,
    report::{note, print_json},
};

/// Runs a command line to its exit code. Whatever goes wrong is told on standard error, or as the
/// specification's error on standard output with `--json`.
pub async fn dispatch(cli: Cli) -> Exit {
    let json = cli.json;
    match command(cli).await {
        Ok(exit) => exit,
        Err(failure) => {
            tell(&failure, json);
            Exit::of_failure(&failure)
        }
    }
}

/// Tells that a command line cannot be read, or shows the help that was asked for.
#[must_use]
pub fn refuse(error: &clap::Error) -> Exit {
    if !error.use_stderr() || !std::env::args().any(|arg| arg == "--json") {
        // Nobody is left to tell when the stream is closed.
        let _ = error.print();
        return if error.use_stderr() {
            Exit::InvalidInput
        } else {
            Exit::Success
        };
    }
    let text = error.to_string();
    let problem = text.split("\n\n").next().unwrap_or_default();
    let problem = problem.strip_prefix("error: ").unwrap_or(problem);
    tell(&RecipeFailure::invalid_input(problem.trim()), true);
    Exit::InvalidInput
}

/// Tells a failure.
fn tell(failure: &RecipeFailure, json: bool) {
    if json {
        let error = failure.of_record("run");
        print_json(&serde_json::json!({ "status": "failed", "errors": [error] }));
    }
    note(&format!("error [{}]: {}", failure.code, failure.told()));
}

async fn command(cli: Cli) -> Result<Exit, RecipeFailure> {
    called::remember(&cli.dir);
    let output = Output {
        json: cli.json,
        verbose: cli.verbose,
    };
    match &cli.command {
        Command::Alone(LoneCommand::Agent(command)) => agent::run(command, cli.json),
        Command::Alone(LoneCommand::Token(args)) => serve::token(&cli.dir, args, cli.json).await,
        Command::Alone(LoneCommand::Doctor(args)) => doctor::run(&cli.dir, args, cli.json).await,
        Command::InCloud(command) => {
            let cloud = LocalCloud::open(&cli.dir).await?;
            let result = with_cloud(&cloud, command, output).await;
            cloud.stop().await;
            result
        }
    }
}

/// How results are told.
#[derive(Debug, Clone, Copy)]
struct Output {
    /// As JSON.
    json: bool,
    /// Whole.
    verbose: bool,
}

/// Tells which runs were interrupted, and what can be done about it.
fn tell_interrupted(cloud: &LocalCloud) {
    let mut interrupted = match cloud.journal.unfinished() {
        Ok(entries) => entries,
        Err(failure) => return note(&format!("warning: {}", chain(&failure))),
    };
    interrupted.dedup_by(|a, b| a.request.execution_id == b.request.execution_id);
    for entry in interrupted {
        let (command, id) = (called::command(), entry.request.execution_id);
        note(&format!(
            "run {id} was interrupted: `{command} runs resume {id}` goes on, `{command} runs close {id}` gives its credits back"
        ));
    }
}

async fn with_cloud(
    cloud: &LocalCloud,
    command: &CloudCommand,
    output: Output,
) -> Result<Exit, RecipeFailure> {
    let json = output.json;
    match command {
        CloudCommand::Demo(args) => run::demo(cloud, args, output).await,
        CloudCommand::Run(args) => run::run(cloud, args, output).await,
        CloudCommand::Drafts(command) => drafts::run(cloud, command, json).await,
        CloudCommand::Runs(command) => runs::run(cloud, command, output).await,
        CloudCommand::Leads(command) => leads::run(cloud, command, json).await,
        CloudCommand::Credits(args) => credits::run(cloud, args, json).await,
        CloudCommand::Serve(args) => serve::run(cloud, args, json).await,
        CloudCommand::Queue(command) => queue::run(cloud, command, json).await,
    }
}
