//! The command `hunter`.

use std::{io::IsTerminal, process::ExitCode};

use clap::Parser;
use hunter::{args::Cli, commands};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match Cli::try_parse() {
        Ok(cli) => commands::dispatch(cli).await.into(),
        Err(error) => commands::refuse(&error).into(),
    }
}
