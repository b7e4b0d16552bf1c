//! The commands.

mod agent;
mod credits;
mod drafts;
mod leads;
mod run;
mod runs;

use hunter_contracts::{RecipeFailure, RecordError};

use crate::{
    args::{Cli, Command},
    cloud::LocalCloud,
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

/// Tells a failure.
fn tell(failure: &RecipeFailure, json: bool) {
    if json {
        let error = RecordError::new("run", failure.code, failure.message.clone());
        print_json(&serde_json::json!({ "status": "failed", "errors": [error] }));
    }
    note(&format!("error [{}]: {}", failure.code, failure.message));
}

async fn command(cli: Cli) -> Result<Exit, RecipeFailure> {
    if let Command::Agent(command) = &cli.command {
        return agent::run(command, cli.json);
    }
    let cloud = LocalCloud::open(&cli.dir).await?;
    let result = with_cloud(&cloud, &cli).await;
    cloud.stop().await;
    result
}

async fn with_cloud(cloud: &LocalCloud, cli: &Cli) -> Result<Exit, RecipeFailure> {
    let json = cli.json;
    match &cli.command {
        Command::Demo(args) => run::demo(cloud, args, json).await,
        Command::Run(args) => run::run(cloud, args, json).await,
        Command::Drafts(command) => drafts::run(cloud, command, json).await,
        Command::Runs(command) => runs::run(cloud, command, json).await,
        Command::Leads(command) => leads::run(cloud, command, json).await,
        Command::Credits(args) => credits::run(cloud, args, json).await,
        Command::Agent(command) => agent::run(command, json),
    }
}
