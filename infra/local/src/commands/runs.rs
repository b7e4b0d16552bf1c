//! `hunter runs`.

use hunter_contracts::{ErrorCode, ExecutionId, RecipeFailure, RunRecord};
use hunter_core::{control_plane::run_leads, store::TenantStore};

use crate::{
    args::RunsCommand,
    cloud::LocalCloud,
    exit::Exit,
    report::{RunReport, print, print_json, runs_table},
};

/// Runs that one command looks through.
const RUNS_MAX: usize = 1_000;

/// Runs the command.
///
/// # Errors
/// `NOT_FOUND` for a run that does not exist.
pub(super) async fn run(
    cloud: &LocalCloud,
    command: &RunsCommand,
    json: bool,
) -> Result<Exit, RecipeFailure> {
    let store = cloud.tenant_store();
    match command {
        RunsCommand::List { limit } => {
            super::tell_interrupted(cloud);
            let runs = store.runs((*limit).min(RUNS_MAX), None).await?.items;
            if json {
                print_json(&runs);
            } else if runs.is_empty() {
                print("No runs yet: `hunter demo` makes one.\n");
            } else {
                print(&format!("{}\n", runs_table(&runs)));
            }
            Ok(Exit::Success)
        }
        RunsCommand::Show { id } => {
            let run = find(store.as_ref(), id).await?;
            show(cloud, store.as_ref(), &run, json).await
        }
        RunsCommand::Resume { id } => super::run::resume(cloud, id, json).await,
        RunsCommand::Close { id } => {
            let entry = cloud.unfinished(id)?;
            let ended = super::run::close_unfinished(cloud, &[entry]).await?;
            if json {
                print_json(&ended);
            } else {
                for run in &ended {
                    print(&format!("{}\n", super::run::closed_text(run)));
                }
            }
            Ok(Exit::Success)
        }
    }
}

async fn show(
    cloud: &LocalCloud,
    store: &dyn TenantStore,
    run: &RunRecord,
    json: bool,
) -> Result<Exit, RecipeFailure> {
    if json {
        print_json(run);
        return Ok(Exit::Success);
    }
    let leads = run_leads(store, &run.execution_id).await?;
    let drafts = super::drafts::of_run(store, &run.execution_id).await?;
    let command = cloud.command();
    let report = RunReport {
        run,
        command: &command,
        leads: &leads,
        drafts: &drafts,
        elapsed: None,
        transitions: None,
        write_units: None,
        now: cloud.clock.now(),
    };
    print(&report.text());
    Ok(Exit::Success)
}

/// A run by its id, a unique beginning of it, or `last`.
///
/// # Errors
/// `NOT_FOUND`, or `CONFLICT` for a beginning of several.
pub(super) async fn find(store: &dyn TenantStore, id: &str) -> Result<RunRecord, RecipeFailure> {
    let missing = || {
        RecipeFailure::new(
            ErrorCode::NotFound,
            format!("`{id}` names no run: `hunter runs list` shows them"),
        )
    };
    if id == "last" {
        return store.runs(1, None).await?.items.pop().ok_or_else(missing);
    }
    if let Ok(exact) = ExecutionId::new(id)
        && let Some(run) = store.run(&exact).await?
    {
        return Ok(run);
    }
    let mut runs = store.runs(RUNS_MAX, None).await?.items;
    runs.retain(|run| !id.is_empty() && run.execution_id.as_str().starts_with(id));
    match (runs.len(), runs.pop()) {
        (1, Some(run)) => Ok(run),
        (0, _) | (_, None) => Err(missing()),
        (count, _) => Err(RecipeFailure::new(
            ErrorCode::Conflict,
            format!("`{id}` is the beginning of {count} runs: write more of it"),
        )),
    }
}
