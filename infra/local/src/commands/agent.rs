//! `hunter agent`.

use hunter_cloud::agent_file;
use hunter_contracts::{ErrorCode, RecipeFailure};

use crate::{
    args::AgentCommand,
    called,
    exit::Exit,
    report::{print, print_json},
};

/// Runs the command.
///
/// # Errors
/// `CONFLICT` when the file is there already, `INVALID_CONFIGURATION` for an agent that is not
/// valid.
pub(super) fn run(command: &AgentCommand, json: bool) -> Result<Exit, RecipeFailure> {
    match command {
        AgentCommand::Init { file } => {
            if file.exists() {
                return Err(RecipeFailure::new(
                    ErrorCode::Conflict,
                    format!("`{}` is there already: name another file", file.display()),
                ));
            }
            std::fs::write(file, agent_file::EXAMPLE).map_err(|error| {
                let message = format!("cannot write `{}`", file.display());
                RecipeFailure::invalid_input(message).caused_by(error)
            })?;
            if json {
                print_json(&serde_json::json!({ "file": file }));
            } else {
                let (shown, hunter) = (file.display(), called::command());
                print(&format!(
                    "written to {shown}: change it, then `{hunter} run --agent {shown}`\n"
                ));
            }
        }
        AgentCommand::Check { file } => {
            let agent = agent_file::read(file)?;
            if json {
                print_json(&agent);
            } else {
                print(&format!(
                    "{} is valid: {} sells for {}\n",
                    file.display(),
                    agent.name,
                    agent.seller.company
                ));
            }
        }
    }
    Ok(Exit::Success)
}
