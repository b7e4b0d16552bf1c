//! The benchmarks behind `cargo xtask bench`: ratios against references of the same run.
//!
//! Each scenario runs in a process of its own, so that its peak memory is its own.

#![expect(clippy::print_stdout, reason = "it prints its figures")]

mod ideal;
mod process;

use std::{
    collections::BTreeMap,
    path::Path,
    process::Command,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use hunter_cloud::{
    LocalCloud, agent_file,
    spec::{OutsideSpec, SandboxSpec, ServiceMode, SiteMode},
    wiring::{Outside, engine},
};
use hunter_contracts::{DiscoveryPayload, Dollars, RunOverrides, RunRecord, RunRequest, Score};
use hunter_core::{
    ports::{Ids, SystemIds},
    recipe::Silent,
};
use serde::{Deserialize, Serialize};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    layer::{Context, SubscriberExt},
};

use ideal::{ideal_ms, models_ms};
use process::{cpu_ms, peak_mb};

type Failure = Box<dyn std::error::Error>;

/// What a scenario measured.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Measured {
    screened: u64,
    qualified: u64,
    drafts: u64,
    requests: usize,
    wall_ms: f64,
    cpu_ms: f64,
    peak_mb: f64,
    write_units: f64,
    read_units: f64,
    transitions: u64,
    alerts: u64,
    functions: BTreeMap<String, Calls>,
    ideal_ms: f64,
    #[serde(default)]
    outside: Used,
    #[serde(default)]
    models_ms: BTreeMap<String, f64>,
}

/// What models were used for.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Used {
    calls: u64,
    failed: u64,
    input_tokens: u64,
    cached_tokens: u64,
    output_tokens: u64,
    dollars: f64,
    fallbacks: u64,
}

/// Which run.
#[derive(Debug, Clone, Copy)]
struct Scenario {
    leads: u32,
    api_ms: u64,
    crawl_ms: u64,
    /// Median latency of models and the share of their requests that fail at first; none: the
    /// rules engine decides everything.
    models: Option<(u64, f64)>,
}

/// Calls of one function.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Calls {
    calls: u64,
    ms: f64,
}

/// Adds up what the engine logs of each call of a function.
#[derive(Clone, Default)]
struct FunctionLog(Arc<Mutex<BTreeMap<String, Calls>>>);

impl FunctionLog {
    fn calls(&self) -> BTreeMap<String, Calls> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// The fields of one such entry.
#[derive(Default)]
struct Returned {
    function: Option<String>,
    elapsed_ms: Option<f64>,
}

impl Visit for Returned {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "function" {
            self.function = Some(value.to_owned());
        }
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        if field.name() == "elapsed_ms" {
            self.elapsed_ms = Some(value as f64);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

impl<S: Subscriber> Layer<S> for FunctionLog {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut returned = Returned::default();
        event.record(&mut returned);
        let (Some(function), Some(ms)) = (returned.function, returned.elapsed_ms) else {
            return;
        };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = known.entry(function).or_default();
        calls.calls += 1;
        calls.ms += ms;
    }
}

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Runtime::new()?;
    match args
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["run", leads, api_ms, crawl_ms, models @ ..] => {
            let log = FunctionLog::default();
            let engine_only = Targets::new().with_target("hunter_cloud", Level::DEBUG);
            let logs = tracing_subscriber::registry().with(log.clone().with_filter(engine_only));
            tracing::subscriber::set_global_default(logs)?;
            let scenario = Scenario {
                leads: leads.parse()?,
                api_ms: api_ms.parse()?,
                crawl_ms: crawl_ms.parse()?,
                models: match models {
                    [latency_ms, error_rate] => Some((latency_ms.parse()?, error_rate.parse()?)),
                    _ => None,
                },
            };
            let mut measured = runtime.block_on(run(scenario))?;
            measured.functions = log.calls();
            if measured.functions.is_empty() {
                return Err("the engine logged no call of a function".into());
            }
            println!("{}", serde_json::to_string(&measured)?);
            Ok(())
        }
        ["crawl", leads] => {
            let cpu_ms = runtime.block_on(bare_crawl(leads.parse()?))?;
            println!("{cpu_ms}");
            Ok(())
        }
        ["models"] => models_report(),
        _ => report(),
    }
}

/// Runs a scenario in a process of its own.
fn child(args: &[&str]) -> Result<String, Failure> {
    let output = Command::new(std::env::current_exe()?).args(args).output()?;
    if !output.status.success() {
        return Err(format!("{args:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn measured(leads: u32, api_ms: u64, crawl_ms: u64) -> Result<Measured, Failure> {
    let args = [leads.to_string(), api_ms.to_string(), crawl_ms.to_string()];
    let text = child(&["run", &args[0], &args[1], &args[2]])?;
    Ok(serde_json::from_str(text.trim())?)
}

fn heading() {
    println!(
        "{:<46} {:>10} {:>10} {:>7}  goal",
        "", "measured", "reference", "ratio"
    );
}

fn line(name: &str, value: f64, reference: f64, unit: &str, goal: &str) {
    let ratio = value / reference;
    println!("{name:<46} {value:>8.1}{unit:<2} {reference:>8.1}{unit:<2} {ratio:>7.2}  {goal}");
}

/// 200 leads whose models take 8 s each (median, not scaled) and fail once in fifty times.
fn models_report() -> Result<(), Failure> {
    heading();
    let text = child(&["run", "200", "0", "0", "8000", "0.02"])?;
    let slow: Measured = serde_json::from_str(text.trim())?;
    line(
        "wall time, 200 leads, models at 8 s : ideal",
        slow.wall_ms / 1e3,
        slow.ideal_ms / 1e3,
        "s",
        "≤ 1.15",
    );
    let parts: Vec<String> = slow
        .models_ms
        .iter()
        .map(|(stage, ms)| format!("{stage} {:.1} s", ms / 1e3))
        .collect();
    println!(
        "    ideal, by what models are asked for: {}",
        parts.join(", ")
    );
    let used = slow.outside;
    let per_lead = |count: u64| count as f64 / slow.qualified.max(1) as f64;
    println!(
        "    {} screened, {} qualified, {} drafts; {} requests to models, {} of them failed, {} fallbacks",
        slow.screened, slow.qualified, slow.drafts, used.calls, used.failed, used.fallbacks
    );
    println!(
        "    per qualified lead: {:.0} tokens in ({:.0} of them cached), {:.0} out, {:.5} dollars at list prices",
        per_lead(used.input_tokens),
        per_lead(used.cached_tokens),
        per_lead(used.output_tokens),
        used.dollars / slow.qualified.max(1) as f64
    );
    Ok(())
}

fn report() -> Result<(), Failure> {
    heading();
    let slow = measured(200, 200, 300)?;
    line(
        "wall time, 200 leads, 200/300 ms : ideal",
        slow.wall_ms / 1e3,
        slow.ideal_ms / 1e3,
        "s",
        "≤ 1.15",
    );
    let fast = measured(200, 0, 0)?;
    let crawl: f64 = child(&["crawl", "200"])?.trim().parse()?;
    let per = |total: f64, count: u64| total / count.max(1) as f64;
    line(
        "CPU per lead, no latency : bare crawl",
        per(fast.cpu_ms, fast.qualified),
        per(crawl, fast.qualified),
        "ms",
        "",
    );
    let per_lead = |m: &Measured| per(m.wall_ms, m.screened);
    for leads in [1_000, 5_000] {
        let large = measured(leads, 0, 0)?;
        line(
            &format!("wall per lead, {leads} : 200 leads"),
            per_lead(&large),
            per_lead(&fast),
            "ms",
            "flat",
        );
        line(
            &format!("peak memory, {leads} : 200 leads"),
            large.peak_mb,
            fast.peak_mb,
            "MB",
            "",
        );
        println!(
            "    {} screened, {} qualified, {} drafts, {} transitions, {:.2} write units per lead",
            large.screened,
            large.qualified,
            large.drafts,
            large.transitions,
            per(large.write_units, large.qualified)
        );
    }
    line(
        "DynamoDB write units per qualified lead : goal",
        per(fast.write_units, fast.qualified),
        8.0,
        "",
        "≤ 8 per lead",
    );
    line(
        "state transitions per run : goal",
        fast.transitions as f64,
        40.0,
        "",
        "≤ 40 per run",
    );
    println!(
        "    {} screened, {} qualified, {} drafts, {} requests to sites and APIs",
        fast.screened, fast.qualified, fast.drafts, fast.requests
    );
    models_report()
}

fn spec(scenario: Scenario) -> OutsideSpec {
    let Scenario { leads, models, .. } = scenario;
    let (model_latency_ms, model_error_rate) = models.unwrap_or_default();
    OutsideSpec {
        with_sandbox: true,
        sites: SiteMode::Sandbox,
        models: match models {
            Some(_) => ServiceMode::Sandbox,
            None => ServiceMode::Off,
        },
        sandbox: SandboxSpec {
            // A town large enough to hold so many dentists.
            town: usize::try_from(leads)
                .unwrap_or(usize::MAX)
                .saturating_mul(5)
                / 4
                + 1_001,
            latency_ms: scenario.api_ms,
            crawl_latency_ms: scenario.crawl_ms,
            model_latency_ms,
            model_error_rate,
            ..SandboxSpec::default()
        },
        ..OutsideSpec::default()
    }
}

async fn run(scenario: Scenario) -> Result<Measured, Failure> {
    let directory = temporary("run")?;
    let cloud = LocalCloud::open(&directory).await?;
    let store = cloud.tenant_store();
    let credits = hunter_contracts::Credits::from_micros(10_000_000_000);
    store.grant("bench", credits, cloud.clock.now()).await?;
    let agent = agent_file::example()?;
    store.put_agent(&agent).await?;
    let spec = spec(scenario);
    let outside = Outside::open(&cloud, &spec).await?;
    let engine = engine(&cloud, &outside, Arc::new(Silent), agent.clone(), 50)?;
    let request = RunRequest {
        customer_id: cloud.tenant().clone(),
        execution_id: SystemIds.execution_id(cloud.clock.now()),
        agent_id: agent.agent_id,
        request: RunOverrides {
            target: Some(target(scenario.leads)),
            threshold: Some(Score::clamped(0.3)),
        },
        close_only: None,
    };
    let (units, cpu, begun) = (cloud.store.units(), cpu_ms(), Instant::now());
    let ended = engine.run(&request, std::future::pending()).await;
    let (wall_ms, cpu_ms) = (begun.elapsed().as_secs_f64() * 1e3, cpu_ms() - cpu);
    let units = cloud.store.units().since(&units);
    if let Some(failure) = ended.failure {
        return Err(failure.into());
    }
    let run = store
        .run(&request.execution_id)
        .await?
        .ok_or("the run has no record")?;
    let summary = run.summary.clone().unwrap_or_default();
    let served = outside
        .sandbox()
        .map(hunter_sandbox::Sandbox::served)
        .unwrap_or_default();
    let measured = Measured {
        screened: summary.qualified_leads + summary.filtered_out,
        qualified: summary.qualified_leads,
        drafts: run.drafts(),
        requests: served.len(),
        wall_ms,
        cpu_ms,
        peak_mb: peak_mb(),
        write_units: units.write,
        read_units: units.read,
        transitions: ended.outcome.transitions,
        alerts: units.of("put_alert").requests,
        functions: BTreeMap::new(),
        ideal_ms: ideal_ms(&served),
        outside: used(&run),
        models_ms: models_ms(&served),
    };
    outside.stop().await;
    cloud.stop().await;
    std::fs::remove_dir_all(&directory)?;
    Ok(measured)
}

fn used(run: &RunRecord) -> Used {
    let uses = || run.stages.values().flat_map(|stage| &stage.outside_use);
    let cost: Dollars = uses().map(|used| used.cost).sum();
    let mut sum = Used {
        dollars: cost.to_decimal(),
        fallbacks: run
            .stages
            .values()
            .flat_map(|s| &s.fallbacks)
            .map(|f| f.count)
            .sum(),
        ..Used::default()
    };
    for used in uses().filter(|used| used.model.is_some()) {
        sum.calls += used.calls;
        sum.failed += used.failed;
        sum.input_tokens += used.input_tokens;
        sum.cached_tokens += used.cached_tokens;
        sum.output_tokens += used.output_tokens;
    }
    sum
}

fn target(leads: u32) -> DiscoveryPayload {
    DiscoveryPayload {
        keywords: vec![
            "dentists".into(),
            "orthodontists".into(),
            "dental clinics".into(),
        ],
        location: Some("Mumbai, India".into()),
        business_type: None,
        depth: Some(3),
        max_results: Some(leads),
        // Google Places gives 60 places per search; only Overpass knows thousands.
        source: Some(
            if leads > 200 {
                "overpass"
            } else {
                "google_places"
            }
            .into(),
        ),
    }
}

/// The CPU time of fetching the same pages with nothing done to them.
async fn bare_crawl(leads: u32) -> Result<f64, Failure> {
    let directory = temporary("crawl")?;
    let cloud = LocalCloud::open(&directory).await?;
    let scenario = Scenario {
        leads,
        api_ms: 0,
        crawl_ms: 0,
        models: None,
    };
    let outside = Outside::open(&cloud, &spec(scenario)).await?;
    let sandbox = outside.sandbox().ok_or("no sandbox")?;
    let hosts: Vec<String> = sandbox
        .town()
        .businesses()
        .iter()
        .filter_map(|business| business.website.clone())
        .take(usize::try_from(leads)?)
        .collect();
    let sites = outside.sites();
    let cpu = cpu_ms();
    let paths = ["/", "/contact/", "/about/", "/feed/", "/sitemap.xml"];
    let fetches = hosts
        .iter()
        .flat_map(|host| paths.iter().map(move |path| format!("http://{host}{path}")));
    let fetched = futures::stream::iter(fetches.map(|url| {
        let sites = sites.clone();
        async move { sites.fetch(&url).await.is_ok() }
    }));
    let _: Vec<bool> =
        futures::StreamExt::collect(futures::StreamExt::buffer_unordered(fetched, 24)).await;
    let used = cpu_ms() - cpu;
    outside.stop().await;
    cloud.stop().await;
    std::fs::remove_dir_all(&directory)?;
    Ok(used)
}

fn temporary(name: &str) -> Result<std::path::PathBuf, Failure> {
    let path = std::env::temp_dir().join(format!("hunter-bench-{name}-{}", std::process::id()));
    std::fs::create_dir_all(Path::new(&path))?;
    Ok(path)
}
