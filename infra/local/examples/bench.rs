//! The benchmarks behind `cargo xtask bench`: ratios against references of the same run.
//!
//! Each scenario runs in a process of its own, so that its peak memory is its own.

#![expect(clippy::print_stdout, reason = "it prints its figures")]

use std::{
    collections::BTreeMap,
    path::Path,
    process::Command,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use hunter::{
    agent_file,
    args::SandboxArgs,
    cloud::LocalCloud,
    wiring::{Outside, OutsideSpec, SiteMode, engine},
};
use hunter_contracts::{DiscoveryPayload, RunOverrides, RunRequest, Score};
use hunter_core::{Ids, Silent, SystemIds};
use hunter_sandbox::Served;
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

type Failure = Box<dyn std::error::Error>;

/// Requests that the crawler has under way at most (`HttpSitesConfig::concurrency_max`).
const CRAWL_CONCURRENCY: u64 = 32;
/// Requests to one host at once (`HttpSitesConfig::per_host_max`).
const PER_HOST: u64 = 2;
/// What a request may take (`HttpSitesConfig::total_timeout`).
const REQUEST_MS_MAX: u64 = 15_000;
/// What a site's pages after the home page may take.
const SITE_MS_MAX: f64 = 20_000.0;
/// Searches at once.
const SEARCH_CONCURRENCY: u64 = 4;

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
        ["run", leads, api_ms, crawl_ms] => {
            let log = FunctionLog::default();
            let engine_only = Targets::new().with_target("hunter::cloud", Level::DEBUG);
            let logs = tracing_subscriber::registry().with(log.clone().with_filter(engine_only));
            tracing::subscriber::set_global_default(logs)?;
            let (leads, api_ms, crawl_ms) = (leads.parse()?, api_ms.parse()?, crawl_ms.parse()?);
            let mut measured = runtime.block_on(run(leads, api_ms, crawl_ms))?;
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

fn report() -> Result<(), Failure> {
    println!(
        "{:<46} {:>10} {:>10} {:>7}  goal",
        "", "measured", "reference", "ratio"
    );
    let line = |name: &str, value: f64, reference: f64, unit: &str, goal: &str| {
        let ratio = value / reference;
        println!("{name:<46} {value:>8.1}{unit:<2} {reference:>8.1}{unit:<2} {ratio:>7.2}  {goal}");
    };
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
    Ok(())
}

fn spec(leads: u32, api_ms: u64, crawl_ms: u64) -> OutsideSpec {
    OutsideSpec {
        with_sandbox: true,
        sites: SiteMode::Sandbox,
        places_url: None,
        overpass_url: None,
        concurrency: 50,
        sandbox: SandboxArgs {
            // A town large enough to hold so many dentists.
            town: usize::try_from(leads)
                .unwrap_or(usize::MAX)
                .saturating_mul(5)
                / 4
                + 1_001,
            seed: 7,
            latency_ms: api_ms,
            crawl_latency_ms: crawl_ms,
        },
    }
}

async fn run(leads: u32, api_ms: u64, crawl_ms: u64) -> Result<Measured, Failure> {
    let directory = temporary("run")?;
    let cloud = LocalCloud::open(&directory).await?;
    let store = cloud.tenant_store();
    let credits = hunter_contracts::Credits::from_micros(10_000_000_000);
    store.grant("bench", credits, cloud.clock.now()).await?;
    let agent = agent_file::example()?;
    store.put_agent(&agent).await?;
    let spec = spec(leads, api_ms, crawl_ms);
    let outside = Outside::open(&cloud, &spec).await?;
    let engine = engine(&cloud, &outside, Arc::new(Silent), agent.clone(), 50)?;
    let request = RunRequest {
        customer_id: cloud.tenant().clone(),
        execution_id: SystemIds.execution_id(cloud.clock.now()),
        agent_id: agent.agent_id,
        request: RunOverrides {
            target: Some(target(leads)),
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
        drafts: run
            .stages
            .get(&hunter_contracts::RecipeId::Outreach)
            .map_or(0, |s| s.succeeded),
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
    };
    outside.stop().await;
    cloud.stop().await;
    std::fs::remove_dir_all(&directory)?;
    Ok(measured)
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

/// The least time that the injected latencies allow: searches, then home pages, then the other
/// pages, each bounded by its concurrency and by its longest chain (pages of one search follow one
/// another, a site's robots rules come before its home page, a site bears two requests at once).
/// Nothing waits for longer than the crawler does: 15 s for a request, 20 s for a site's pages.
fn ideal_ms(served: &[Served]) -> f64 {
    let searches = served.iter().filter(|s| s.server != "sites");
    let (homes, others): (Vec<_>, Vec<_>) = served
        .iter()
        .filter(|s| s.server == "sites")
        .partition(|s| s.target == format!("{}/", s.host) || s.target.ends_with("/robots.txt"));
    let queries = chains(searches, |s| {
        s.target
            .split("pageToken")
            .next()
            .unwrap_or_default()
            .to_owned()
    });
    bound(&queries, SEARCH_CONCURRENCY, 1)
        + bound(
            &chains(homes.into_iter(), |s| s.host.clone()),
            CRAWL_CONCURRENCY,
            1,
        )
        + bound(
            &chains(others.into_iter(), |s| s.host.clone()),
            CRAWL_CONCURRENCY,
            PER_HOST,
        )
}

fn chains<'a>(
    served: impl Iterator<Item = &'a Served>,
    key: impl Fn(&Served) -> String,
) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for one in served {
        *sums.entry(key(one)).or_default() += one.delay_ms.min(REQUEST_MS_MAX);
    }
    sums
}

fn bound(chains: &BTreeMap<String, u64>, concurrency: u64, within: u64) -> f64 {
    let total: u64 = chains.values().sum();
    let longest = chains.values().max().copied().unwrap_or(0) as f64 / within as f64;
    let longest = if within > 1 {
        longest.min(SITE_MS_MAX)
    } else {
        longest
    };
    (total as f64 / concurrency as f64).max(longest)
}

/// The CPU time of fetching the same pages with nothing done to them.
async fn bare_crawl(leads: u32) -> Result<f64, Failure> {
    let directory = temporary("crawl")?;
    let cloud = LocalCloud::open(&directory).await?;
    let outside = Outside::open(&cloud, &spec(leads, 0, 0)).await?;
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

/// User and system time of this process in milliseconds, in ticks of 10 ms (`proc_pid_stat(5)`).
fn cpu_ms() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = text
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = |index: usize| {
        fields
            .get(index)
            .and_then(|f| f.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    (ticks(11) + ticks(12)) * 10.0
}

/// The largest resident set so far (`proc_pid_status(5)`, `VmHWM`).
fn peak_mb() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|kb| kb.parse::<f64>().ok())
        .unwrap_or(0.0)
        / 1024.0
}
