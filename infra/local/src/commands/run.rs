//! `hunter run` and `hunter demo`.

use std::{io::IsTerminal, sync::Arc};

use hunter_asl::{Event, EventKind, Observer};
use hunter_cloud::{
    Ended, Engine, LocalCloud, agent_file, is_long,
    journal::{Ending, Entry},
    spec::{CONCURRENCY, OutsideSpec, ServiceMode, SiteMode},
    wiring::{Outside, engine},
};
use hunter_contracts::{
    AgentConfig, Credits, DiscoveryPayload, ErrorCode, MAX_RESULTS_LIMIT, RecipeFailure,
    RunOverrides, RunRecord, RunRequest, RunStatus, Score,
};
use hunter_core::{
    control_plane::run_leads,
    ports::{Clock, Ids, SystemIds},
    recipe::{Progress, Silent, validate_target},
    store::Store,
};
use serde::Serialize;

use super::{Output, lookup};
use crate::{
    args::{DemoArgs, OutsideArgs, RecordArgs, RunArgs, SANDBOX},
    called::command,
    doctor,
    exit::Exit,
    outside::outside_spec,
    progress::{Bars, LINE_INTERVAL, Lines},
    report::{RunReport, note, print, print_json},
    signals::asked_to_end,
};

/// Runs the whole job on a generated town.
///
/// # Errors
/// As [`run`].
pub(super) async fn demo(
    cloud: &LocalCloud,
    args: &DemoArgs,
    output: Output,
) -> Result<Exit, RecipeFailure> {
    let args = RunArgs {
        keywords: Vec::new(),
        location: None,
        business_type: None,
        source: Some(SANDBOX.into()),
        max_results: Some(i64::from(args.max_results)),
        threshold: None,
        depth: None,
        agent: None,
        live: false,
        recording: RecordArgs::default(),
        outside: OutsideArgs {
            sites: None,
            contacts: None,
            models: args.models.clone(),
            places_url: None,
            overpass_url: None,
            concurrency: CONCURRENCY,
            sandbox: args.sandbox.clone(),
        },
    };
    begin(cloud, &args, output, true).await
}

/// Finds leads and drafts messages.
///
/// # Errors
/// For input that is not valid; then nothing is stored and nothing is charged.
pub(super) async fn run(
    cloud: &LocalCloud,
    args: &RunArgs,
    output: Output,
) -> Result<Exit, RecipeFailure> {
    begin(cloud, args, output, false).await
}

/// Checks everything that can be checked before anything is stored, then executes.
async fn begin(
    cloud: &LocalCloud,
    args: &RunArgs,
    output: Output,
    is_demo: bool,
) -> Result<Exit, RecipeFailure> {
    let agent = match &args.agent {
        Some(path) => agent_file::read(path)?,
        None => agent_file::example()?,
    };
    let target = target(args, &agent)?;
    let request = RunRequest {
        customer_id: cloud.tenant().clone(),
        execution_id: SystemIds.execution_id(cloud.clock.now()),
        agent_id: agent.agent_id.clone(),
        request: RunOverrides {
            threshold: threshold(args)?,
            target: Some(target.clone()),
        },
        close_only: None,
    };
    let spec = outside_spec(
        args.source.as_deref(),
        args.live,
        &args.outside,
        &args.recording,
    )?;
    let outside = Outside::open(cloud, &spec).await?;
    if let Some(source) = &target.source {
        outside.check_source(cloud.tenant(), source).await?;
    }
    close_leftovers(cloud).await?;
    if is_demo {
        top_up(cloud, target.max_results.unwrap_or_default()).await?;
    }
    if !output.json {
        advise(cloud, args, &spec)?;
    }
    cloud.tenant_store().put_agent(&agent).await?;
    let entry = Entry::of_run(request, spec);
    let exit = execute(cloud, &outside, agent, &entry, output).await;
    outside.stop().await;
    exit
}

/// Says what a newcomer may not expect.
fn advise(cloud: &LocalCloud, args: &RunArgs, spec: &OutsideSpec) -> Result<(), RecipeFailure> {
    if args.agent.is_none() && !spec.with_sandbox {
        note(&format!(
            "writing for the example seller: `{} agent init my.toml`, change it, and give it with --agent",
            command()
        ));
    }
    if args.outside.sites.is_none() && spec.sites == SiteMode::Off {
        note(
            "web sites are not read, so fewer addresses and facts are found: `--sites live` reads them",
        );
    }
    let unused = (spec.contacts == ServiceMode::Off && args.outside.contacts.is_none())
        || (spec.models == ServiceMode::Off && args.outside.models.is_none());
    if unused && !spec.with_sandbox && doctor::has_keys(&cloud.directory, cloud.tenant())? {
        note(&format!(
            "keys of contact services or models are set and not used: `--live` uses them, `{} doctor` shows them",
            command()
        ));
    }
    Ok(())
}

/// The demo always works: where the month's credits do not cover it, it is given what is missing.
async fn top_up(cloud: &LocalCloud, max_results: u32) -> Result<(), RecipeFailure> {
    let store = cloud.tenant_store();
    let rates = cloud.rates.at(cloud.clock.now())?;
    let needed = rates
        .per_lead_max()
        .checked_mul(u64::from(max_results))
        .unwrap_or_default();
    let missing = needed
        .checked_sub(store.balance().await?.avail)
        .unwrap_or_default();
    if missing > Credits::ZERO {
        let now = cloud.clock.now();
        store
            .grant(&format!("demo-{}", now.as_nanosecond()), missing, now)
            .await?;
    }
    Ok(())
}

/// Goes on with an interrupted run: the same execution again, which finds what is finished.
///
/// # Errors
/// `NOT_FOUND` when no interrupted run has this id.
pub(super) async fn resume(
    cloud: &LocalCloud,
    id: &str,
    output: Output,
) -> Result<Exit, RecipeFailure> {
    let entry = lookup::unfinished(cloud, id)?;
    let store = cloud.store.tenant(&entry.request.customer_id);
    let agent = match store.agent(&entry.request.agent_id).await? {
        Some(agent) => agent,
        None => agent_file::example()?,
    };
    let outside = Outside::open(cloud, &entry.outside).await?;
    let exit = execute(cloud, &outside, agent, &entry, output).await;
    outside.stop().await;
    exit
}

async fn execute(
    cloud: &LocalCloud,
    outside: &Outside,
    agent: AgentConfig,
    entry: &Entry,
    output: Output,
) -> Result<Exit, RecipeFailure> {
    let progress: Arc<dyn Progress> = match (output.json, std::io::stderr().is_terminal()) {
        (true, _) => Arc::new(Silent),
        (false, true) => Arc::new(Bars::new()),
        (false, false) => Arc::new(Lines::new(LINE_INTERVAL, note)),
    };
    let request = &entry.request;
    let engine = engine(
        cloud,
        outside,
        progress,
        agent,
        usize::from(entry.outside.concurrency),
    )?;
    let before = cloud.store.units().write;
    cloud.journal.begin(entry).await?;
    let ended = engine
        .run_as(
            entry.name(),
            request,
            &TellWaits(&*cloud.clock),
            asked_to_end(),
        )
        .await;
    // The last to hold the bars: they are gone when the report begins.
    drop(engine);
    let closed = ended.failure.is_none() || !ended.stopped;
    if closed {
        let ending = Ending::of(&ended.outcome.status);
        let now = cloud.clock.now();
        cloud.journal.end(entry, ending, now).await?;
    }
    let write_units = cloud.store.units().write - before;
    report(cloud, request, ended, write_units, output).await
}

/// Tells about long waits.
struct TellWaits<'a>(&'a dyn Clock);

impl Observer for TellWaits<'_> {
    fn event(&self, event: &Event<'_>) {
        if let EventKind::WaitStarted { until, .. } = &event.kind
            && is_long(*until, self.0.now())
        {
            note(&format!("waiting until {until}; Ctrl-C stops the run"));
        }
    }
}

/// What `hunter run --json` prints.
#[derive(Serialize)]
struct RunJson<'a> {
    run: &'a RunRecord,
    elapsed_ms: u128,
    transitions: u64,
    write_units: f64,
    drafts: usize,
}

async fn report(
    cloud: &LocalCloud,
    request: &RunRequest,
    ended: Ended,
    write_units: f64,
    output: Output,
) -> Result<Exit, RecipeFailure> {
    let store = cloud.store.tenant(&request.customer_id);
    let Some(run) = store.run(&request.execution_id).await? else {
        let unknown = || match ended.stopped {
            true => RecipeFailure::new(ErrorCode::Stopped, "stopped before the run was opened"),
            false => RecipeFailure::internal("the run ended without a record"),
        };
        return Err(ended.failure.unwrap_or_else(unknown));
    };
    let leads = run_leads(store.as_ref(), &run.execution_id).await?;
    let drafts = lookup::drafts_of_run(store.as_ref(), &run.execution_id).await?;
    if output.json {
        print_json(&RunJson {
            run: &run,
            elapsed_ms: ended.elapsed.as_millis(),
            transitions: ended.outcome.transitions,
            write_units,
            drafts: drafts.len(),
        });
    } else {
        let report = RunReport {
            run: &run,
            verbose: output.verbose,
            leads: &leads,
            drafts: &drafts,
            elapsed: Some(ended.elapsed),
            transitions: Some(ended.outcome.transitions),
            write_units: Some(write_units),
            now: cloud.clock.now(),
        };
        print(&report.text());
    }
    Ok(match (run.status, run.error_code) {
        (RunStatus::Succeeded, _) => Exit::Success,
        (RunStatus::Partial, _) => Exit::Partial,
        (RunStatus::Stopped, _) => Exit::Interrupted,
        (_, Some(code)) => Exit::of(code),
        _ => Exit::Failed,
    })
}

fn number(name: &str, value: i64, from: i64, to: i64) -> Result<u32, RecipeFailure> {
    u32::try_from(value)
        .ok()
        .filter(|_| (from..=to).contains(&value))
        .ok_or_else(|| {
            RecipeFailure::invalid_input(format!("`{name}` is {value}: use {from} to {to}"))
        })
}

/// What the command line asks for differently from the agent.
fn target(args: &RunArgs, agent: &AgentConfig) -> Result<DiscoveryPayload, RecipeFailure> {
    let mut target = match (&agent.target, args.keywords.is_empty()) {
        (Some(target), true) => target.clone(),
        (None, true) => {
            return Err(RecipeFailure::invalid_input(
                "`keywords` is empty: say whom to look for, as in `--keywords dentists`",
            ));
        }
        (_, false) => DiscoveryPayload {
            keywords: args.keywords.iter().map(|k| k.trim().to_owned()).collect(),
            location: None,
            business_type: None,
            depth: None,
            max_results: None,
            source: None,
        },
    };
    target.location = args.location.clone().or(target.location);
    target.business_type = args.business_type.clone().or(target.business_type);
    target.source = args
        .source
        .clone()
        .or(target.source)
        .map(|source| match source.as_str() {
            // The sandbox speaks the protocol of Google Places; the recipe knows no sandbox.
            SANDBOX => "google_places".to_owned(),
            _ => source,
        });
    if let Some(value) = args.max_results {
        target.max_results = Some(number(
            "max_results",
            value,
            1,
            i64::from(MAX_RESULTS_LIMIT),
        )?);
    }
    if let Some(value) = args.depth {
        target.depth = u8::try_from(number("depth", value, 1, 5)?).ok();
    }
    validate_target(&target)?;
    Ok(target)
}

/// The score below which leads are dropped, where the command line says.
fn threshold(args: &RunArgs) -> Result<Option<Score>, RecipeFailure> {
    match args.threshold {
        Some(value) if (0.0..=1.0).contains(&value) => Ok(Some(Score::clamped(value))),
        Some(value) => Err(RecipeFailure::invalid_input(format!(
            "`threshold` is {value}: use 0 to 1"
        ))),
        None => Ok(None),
    }
}

/// Runs that a process did not live to end are closed before a new one begins: finished chunks stay
/// charged, the rest of their credits is free again.
async fn close_leftovers(cloud: &LocalCloud) -> Result<(), RecipeFailure> {
    let leftovers = cloud.journal.unfinished()?;
    if leftovers.is_empty() {
        return Ok(());
    }
    for run in close_unfinished(cloud, &leftovers).await? {
        note(&closed_text(&run));
    }
    Ok(())
}

/// What is left of an interrupted run.
pub(super) fn closed_text(run: &RunRecord) -> String {
    let drafts = run.drafts();
    format!(
        "run {} was interrupted: its {drafts} drafts are kept, {} credits were charged for finished work, the rest was released",
        run.execution_id, run.charged
    )
}

/// Closes interrupted runs; answers those that had been opened.
///
/// # Errors
/// When a run cannot be closed; its entry in the journal stays.
pub(super) async fn close_unfinished(
    cloud: &LocalCloud,
    entries: &[Entry],
) -> Result<Vec<RunRecord>, RecipeFailure> {
    let outside = Outside::nothing(cloud)?;
    let engine: Engine = engine(cloud, &outside, Arc::new(Silent), agent_file::example()?, 1)?;
    let mut closed = Vec::new();
    for entry in entries {
        let request = &entry.request;
        engine.close(request).await.map_err(|error| {
            RecipeFailure::new(
                ErrorCode::FunctionFailed,
                format!("closing {}: {}", request.execution_id, error.cause),
            )
        })?;
        let now = cloud.clock.now();
        cloud.journal.end(entry, Ending::Aborted, now).await?;
        if request.close_only.is_none() {
            let store = cloud.store.tenant(&request.customer_id);
            closed.extend(store.run(&request.execution_id).await?);
        }
    }
    Ok(closed)
}
