//! `hunter runs`.

use hunter_cloud::LocalCloud;
use hunter_contracts::{RecipeFailure, RunRecord};
use hunter_core::{control_plane::run_leads, store::TenantStore};

use super::{Output, lookup};
use crate::{
    args::RunsCommand,
    called::command,
    exit::Exit,
    report::{RunReport, print, print_json, runs_text},
};

/// Runs the command.
///
/// # Errors
/// `NOT_FOUND` for a run that does not exist.
pub(super) async fn run(
    cloud: &LocalCloud,
    chosen: &RunsCommand,
    output: Output,
) -> Result<Exit, RecipeFailure> {
    let store = cloud.tenant_store();
    match chosen {
        RunsCommand::List { limit } => {
            super::tell_interrupted(cloud);
            let runs = store
                .runs((*limit).min(lookup::RUNS_MAX), None)
                .await?
                .items;
            if output.json {
                print_json(&runs);
            } else if runs.is_empty() {
                print(&format!("No runs yet: `{} demo` makes one.\n", command()));
            } else {
                print(&runs_text(&runs));
            }
            Ok(Exit::Success)
        }
        RunsCommand::Show { id } => {
            let run = lookup::run(store.as_ref(), id).await?;
            show(cloud, store.as_ref(), &run, output).await
        }
        RunsCommand::Resume { id } => super::run::resume(cloud, id, output).await,
        RunsCommand::Close { id } => {
            let entry = lookup::unfinished(cloud, id)?;
            let ended = super::run::close_unfinished(cloud, &[entry]).await?;
            if output.json {
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
    output: Output,
) -> Result<Exit, RecipeFailure> {
    if output.json {
        print_json(run);
        return Ok(Exit::Success);
    }
    let leads = run_leads(store, &run.execution_id).await?;
    let drafts = lookup::drafts_of_run(store, &run.execution_id).await?;
    let report = RunReport {
        run,
        verbose: output.verbose,
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
