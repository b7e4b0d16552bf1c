//! `hunter queue`.

use std::{io::Read, path::Path, time::Duration};

use hunter_cloud::LocalCloud;
use hunter_contracts::{RecipeFailure, RunRequest};
use hunter_core::ports::Queue;
use serde_json::json;

use crate::{
    args::QueueCommand,
    called::command,
    exit::Exit,
    report::{print, print_json},
};

/// Dead letters that one command moves.
const REDRIVE_MAX: usize = 1_000;
/// Dead letters that one look shows; also what a queue hands out at once.
const SHOWN_MAX: usize = 10;
/// A request is far smaller.
const REQUEST_BYTES_MAX: u64 = 64 * 1024;

/// Runs the command.
///
/// # Errors
/// `INVALID_INPUT` for a request that is none; when the queue cannot be reached.
pub(super) async fn run(
    cloud: &LocalCloud,
    chosen: &QueueCommand,
    json: bool,
) -> Result<Exit, RecipeFailure> {
    let queue = cloud.run_queue().await?;
    match chosen {
        QueueCommand::Send { file } => {
            let body = read(file)?;
            let request: RunRequest = hunter_core::recipe::parse_text(&body, "")?;
            queue.send(&body, Duration::ZERO).await?;
            let id = &request.execution_id;
            if json {
                print_json(&json!({ "execution_id": id }));
            } else {
                print(&format!(
                    "run {id} waits in the queue for `{} serve`\n",
                    command()
                ));
            }
        }
        QueueCommand::Dead => dead(&queue, json).await?,
        QueueCommand::Redrive => {
            let mut moved = 0;
            while moved < REDRIVE_MAX {
                match queue.redrive(SHOWN_MAX).await? {
                    0 => break,
                    count => moved += count,
                }
            }
            if json {
                print_json(&json!({ "redriven": moved }));
            } else {
                print(&format!("{moved} messages are back in the queue\n"));
            }
        }
    }
    Ok(Exit::Success)
}

async fn dead(queue: &dyn Queue, json: bool) -> Result<(), RecipeFailure> {
    let letters = queue.dead_letters(SHOWN_MAX).await?;
    if json {
        let letters: Vec<_> = letters
            .iter()
            .map(|letter| json!({ "body": letter.body, "reason": letter.reason }))
            .collect();
        print_json(&letters);
        return Ok(());
    }
    if letters.is_empty() {
        print("No dead letters.\n");
    }
    for letter in letters {
        let reason = letter.reason.map_or_else(
            || "it was received too often".to_owned(),
            |reason| reason.to_string(),
        );
        print(&format!("{}\n    {reason}\n", letter.body));
    }
    Ok(())
}

fn read(file: &Path) -> Result<String, RecipeFailure> {
    let failed = |error: std::io::Error| {
        let message = format!("`{}` cannot be read", file.display());
        RecipeFailure::invalid_input(message).caused_by(error)
    };
    let mut text = String::new();
    let reader: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).map_err(failed)?)
    };
    let mut limited = reader.take(REQUEST_BYTES_MAX);
    limited.read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}
