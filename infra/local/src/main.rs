//! The command `hunter`.

use std::{io::IsTerminal, process::ExitCode};

use clap::Parser;
use hunter::{
    args::{Cli, CloudCommand, Command},
    commands,
};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::try_parse();
    // A server says what it does.
    let default = match &cli {
        Ok(cli) if matches!(cli.command, Command::InCloud(CloudCommand::Serve(_))) => {
            "error,hunter=info,hunter_cloud=info,trigger=info,notify=info,api=info"
        }
        _ => "error",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match cli {
        Ok(cli) => commands::dispatch(cli).await.into(),
        Err(error) => commands::refuse(&error).into(),
    }
}
