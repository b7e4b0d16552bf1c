//! The command line.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};
use hunter_cloud::spec::{CONCURRENCY, SandboxSpec};
use hunter_contracts::TenantId;
use jiff::{Span, SpanRelativeTo};

/// Finds businesses, scores them, reads their web sites and drafts one grounded message each.
/// Nothing is sent: you review drafts, and approving one only marks it.
#[derive(Debug, Parser)]
#[command(name = "hunter", version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// Where leads, drafts and credits are kept between commands.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        default_value = DIRECTORY,
        help_heading = "Everywhere"
    )]
    pub dir: PathBuf,
    /// Print JSON for programs instead of tables for people.
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub json: bool,
    /// Tell all: why and where was searched, what was not seen, each service, three drafts whole.
    #[arg(long, short, global = true, help_heading = "Everywhere")]
    pub verbose: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The source that is a generated town.
pub const SANDBOX: &str = "sandbox";

/// Where everything is kept when nobody says otherwise.
pub const DIRECTORY: &str = ".hunter";

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 invalid input, 3 refused for lack of credits or quota, \
4 not found, 5 conflict, 6 completed in part, 130 stopped by Ctrl-C, SIGTERM or SIGHUP.";

/// Most businesses of a generated town.
const TOWN_MAX: usize = 20_000;

fn town_size(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|size| (1..=TOWN_MAX).contains(size))
        .ok_or_else(|| format!("use 1 to {TOWN_MAX}"))
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as help")]
    InCloud(CloudCommand),
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as help")]
    Alone(LoneCommand),
}

/// What needs the embedded cloud.
#[derive(Debug, Subcommand)]
pub enum CloudCommand {
    /// The whole job on a generated town: no account, key or network needed.
    Demo(DemoArgs),
    /// Find leads and draft messages.
    #[command(after_help = EXIT_CODES)]
    Run(Box<RunArgs>),
    /// Review drafts.
    #[command(subcommand)]
    Drafts(DraftsCommand),
    /// Look at runs.
    #[command(subcommand)]
    Runs(RunsCommand),
    /// Take leads elsewhere.
    #[command(subcommand)]
    Leads(LeadsCommand),
    /// The balance and where credits went.
    Credits(CreditsArgs),
    /// Serve the HTTP API, and run what schedules and the run queue ask for.
    #[command(after_help = SERVE_HELP)]
    Serve(Box<ServeArgs>),
    /// Look after the run queue.
    #[command(subcommand)]
    Queue(QueueCommand),
}

/// What needs no cloud: another process may be at work in the directory, or it may not be there.
#[derive(Debug, Subcommand)]
pub enum LoneCommand {
    /// The agent: who sells what to whom.
    #[command(subcommand)]
    Agent(AgentCommand),
    /// Print a development token for `hunter serve`.
    Token(TokenArgs),
    /// Which keys are set, what each step will use, and what a lead costs.
    #[command(after_help = doctor_help())]
    Doctor(Box<DoctorArgs>),
}

/// The keys that are known, and how the process is told of them.
fn doctor_help() -> String {
    let keys = hunter_providers::SERVICES.iter().filter_map(|service| {
        let key = service.key?;
        Some(format!(
            "  {key:<21}{}, for {}\n",
            service.name, service.gives
        ))
    });
    let keys: String = keys.collect();
    format!(
        "Keys are read from HUNTER_SECRET_<KEY>, then from DIR/secrets.toml (`KEY = \"…\"` at the top for \
         everybody, or in a table per customer). Keys that are known, each optional:\n{keys}\
         rocketreach_key is read, too. HUNTER_<SERVICE>_URL is another address for a service, \
         HUNTER_MODELS_FILE another list of models.\n\n\
         Exit codes: 0 all is well, 1 with --live a service refuses its key or does not answer, \
         2 invalid input."
    )
}
const SERVE_HELP: &str = "\
The same handlers as behind API Gateway on AWS answer here; `hunter token` makes tokens for them. A \
customer that a token names gets the local plan. Alerts become e-mails in DIR/outbox/mail.

Ctrl-C, SIGTERM or SIGHUP leave runs under way as they are: the next `hunter serve` with the same sources goes on with \
them (with others it closes them); `hunter runs close` and the next `hunter run` close them, which \
gives their credits back.

Schedules are kept in DIR/schedules.json. Times that pass while nothing serves are not made up for.";

/// Options of the generated town and its faults.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "The generated town (`--source sandbox`)")]
pub struct SandboxArgs {
    /// Businesses in the generated town.
    #[arg(long, default_value_t = SandboxSpec::default().town, value_name = "N", value_parser = town_size)]
    pub town: usize,
    /// Seed of the generated town: the same seed, the same town.
    #[arg(long, default_value_t = SandboxSpec::default().seed, value_name = "N")]
    pub seed: u64,
    /// Median latency of the sandbox's APIs in milliseconds.
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub latency_ms: u64,
    /// Median latency of the sandbox's web sites in milliseconds.
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub crawl_latency_ms: u64,
    /// Median latency of the sandbox's models in milliseconds.
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub model_latency_ms: u64,
    /// Share of requests to the sandbox's models that fail at first, 0–1.
    #[arg(long, default_value_t = 0.0, value_name = "SHARE", value_parser = share)]
    pub model_error_rate: f64,
}

impl SandboxArgs {
    /// The sandbox that they describe.
    pub(crate) fn spec(&self) -> SandboxSpec {
        SandboxSpec {
            town: self.town,
            seed: self.seed,
            latency_ms: self.latency_ms,
            crawl_latency_ms: self.crawl_latency_ms,
            model_latency_ms: self.model_latency_ms,
            model_error_rate: self.model_error_rate,
        }
    }
}

fn share(text: &str) -> Result<f64, String> {
    let share: Option<f64> = text.parse().ok();
    share
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "use 0 to 1".into())
}

/// `hunter demo`.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Leads to screen.
    #[arg(long, default_value_t = 200, value_name = "N")]
    pub max_results: u32,
    /// Which models: the sandbox's (`sandbox`), none (`off`: the rules engine does everything), or
    /// the sandbox's as a `models.toml` lists them.
    #[arg(long, value_name = "MODE|FILE")]
    pub models: Option<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as help")]
    pub sandbox: SandboxArgs,
}

/// What runs talk to.
#[derive(Debug, Clone, Args)]
pub struct OutsideArgs {
    /// How web sites are read: `sandbox`, `archive:DIR` (one folder per host), `live`, `off`.
    /// Without it: `sandbox` for the sandbox, else `off`.
    #[arg(long, value_name = "MODE")]
    pub sites: Option<String>,
    /// Which contact services and mail hosts are asked: `sandbox`, `live` (those that a key is set
    /// for), `off`. Without it: `sandbox` for the sandbox, else `off`.
    #[arg(long, value_name = "MODE")]
    pub contacts: Option<String>,
    /// Which models are asked: `sandbox`, `live` (those that a key is set for), `off` (the rules
    /// engine does everything), or those that a `models.toml` lists. Without it: `sandbox` for the
    /// sandbox, else `off`.
    #[arg(long, value_name = "MODE|FILE")]
    pub models: Option<String>,
    /// Base URL of Google Places, for a look-alike.
    #[arg(long, value_name = "URL")]
    pub places_url: Option<url::Url>,
    /// Base URL of Overpass.
    #[arg(long, value_name = "URL")]
    pub overpass_url: Option<url::Url>,
    /// Records worked on at once within a chunk.
    #[arg(long, default_value_t = CONCURRENCY, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
    pub concurrency: u16,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as help")]
    pub sandbox: SandboxArgs,
}

/// Answers of outside services, kept or played back.
#[derive(Debug, Clone, Default, Args)]
pub struct RecordArgs {
    /// Keep every answer of an outside service in this folder, without keys. Web sites are not
    /// among them.
    #[arg(long, value_name = "DIR", conflicts_with = "replay")]
    pub record: Option<PathBuf>,
    /// Play answers back from this folder instead of asking: nothing is sent.
    #[arg(long, value_name = "DIR")]
    pub replay: Option<PathBuf>,
}

/// `hunter run`.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// What the businesses are called or do; several with commas or by repeating.
    #[arg(long, value_delimiter = ',', value_name = "WORDS")]
    pub keywords: Vec<String>,
    /// Town, region or country.
    #[arg(long, value_name = "PLACE")]
    pub location: Option<String>,
    /// Industry, as in Healthcare.
    #[arg(long, value_name = "TYPE")]
    pub business_type: Option<String>,
    /// Where to look: `sandbox`, `file:PATH` (Overpass JSON, GeoJSON or CSV), `overpass`,
    /// `google_places`.
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,
    /// Most leads to screen, 1–10000.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub max_results: Option<i64>,
    /// Leads below this score are dropped, 0–1.
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true)]
    pub threshold: Option<f64>,
    /// How far to look, 1–5.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub depth: Option<i64>,
    /// The agent, as TOML or JSON; see `hunter agent init`.
    #[arg(long, value_name = "FILE")]
    pub agent: Option<PathBuf>,
    /// Read web sites, ask contact services and models for real: short for `--sites live
    /// --contacts live --models live`.
    #[arg(long)]
    pub live: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as help")]
    pub recording: RecordArgs,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as help")]
    pub outside: OutsideArgs,
}

/// `hunter serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// Where to listen. Anything but this machine's own address lets others in.
    #[arg(long, value_name = "ADDRESS", default_value = LISTEN)]
    pub listen: SocketAddr,
    /// Runs under way at once; further ones wait in line.
    #[arg(long, default_value_t = 4, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub runs: u16,
    /// Where runs look: `sandbox` answers in place of Google Places and Overpass. Without it the
    /// real services do.
    #[arg(long, value_name = "SOURCE", value_parser = ["sandbox"])]
    pub source: Option<String>,
    /// Read web sites, ask contact services and models for real: short for `--sites live
    /// --contacts live --models live`.
    #[arg(long)]
    pub live: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as help")]
    pub outside: OutsideArgs,
}

/// `hunter doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// Ask every service that can be used for the least that it charges for, and tell what it
    /// answers.
    #[arg(long)]
    pub live: bool,
    /// Look at the sandbox's services in place of the real ones.
    #[arg(long, value_name = "SOURCE", value_parser = ["sandbox"])]
    pub source: Option<String>,
    /// Another list of models.
    #[arg(long, value_name = "FILE")]
    pub models: Option<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as help")]
    pub sandbox: SandboxArgs,
}

/// Where `hunter serve` listens when nobody says otherwise.
pub const LISTEN: &str = "127.0.0.1:8080";

/// `hunter token`.
#[derive(Debug, Clone, Args)]
pub struct TokenArgs {
    /// The customer that the token is for.
    #[arg(long, default_value = "local_customer", value_name = "ID")]
    pub tenant: TenantId,
    /// How long it is good: 30m, 1h, 7d; at most 30 days.
    #[arg(long, default_value = "1h", value_name = "TIME", value_parser = life)]
    pub expires: Duration,
    /// Wait up to a minute until the server answers: it may have been started just now.
    #[arg(long)]
    pub wait: bool,
}

/// The longest life of a token, in days.
const TOKEN_DAYS_MAX: u64 = 30;

fn life(text: &str) -> Result<Duration, String> {
    let span: Option<Span> = text.parse().ok();
    let days = SpanRelativeTo::days_are_24_hours();
    span.and_then(|span| Duration::try_from(span.to_duration(days).ok()?).ok())
        .filter(|life| !life.is_zero() && *life <= Duration::from_hours(24 * TOKEN_DAYS_MAX))
        .ok_or_else(|| format!("use 30m, 1h or 7d, at most {TOKEN_DAYS_MAX}d"))
}

/// `hunter queue …`: messages of the run queue that nobody could handle.
#[derive(Debug, Subcommand)]
pub enum QueueCommand {
    /// Put a run's request, as JSON, into the queue for `hunter serve`.
    Send {
        /// The file; `-` is standard input.
        file: PathBuf,
    },
    /// Messages that could not be handled, oldest first, with the reason.
    Dead,
    /// Put them back into the queue.
    Redrive,
}

/// `hunter drafts …`.
#[derive(Debug, Subcommand)]
pub enum DraftsCommand {
    /// Drafts, best first.
    List {
        /// Only with this status: pending, approved, rejected, held, expired, all.
        #[arg(long, default_value = "pending")]
        status: String,
        /// Only of this run.
        #[arg(long, value_name = "ID")]
        run: Option<String>,
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// One draft with the evidence for every sentence.
    Show {
        /// The draft; a unique beginning will do.
        id: String,
    },
    /// Say yes to a draft. This only marks it: nothing is sent.
    Approve {
        /// The draft.
        id: String,
    },
    /// Say no to a draft.
    Reject {
        /// The draft.
        id: String,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Change a draft's text.
    Edit {
        /// The draft.
        id: String,
        /// The new text; `-` reads it from standard input.
        #[arg(long)]
        text: Option<String>,
        /// The new subject.
        #[arg(long)]
        subject: Option<String>,
    },
}

/// `hunter runs …`.
#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    /// Runs, newest first.
    List {
        /// At most so many.
        #[arg(long, default_value_t = 20)]
        limit: usize,
    },
    /// One run.
    Show {
        /// The run; a unique beginning will do, `last` is the newest.
        id: String,
    },
    /// Go on with a run that was interrupted.
    Resume {
        /// The run.
        id: String,
    },
    /// Give back the credits of a run that was interrupted.
    Close {
        /// The run.
        id: String,
    },
}

/// `hunter leads …`.
#[derive(Debug, Subcommand)]
pub enum LeadsCommand {
    /// Write a run's leads as CSV (or JSON with --json).
    Export {
        /// CSV, which is the only table format there is.
        #[arg(long)]
        csv: bool,
        /// The run; `last` is the newest.
        #[arg(long, default_value = "last", value_name = "ID")]
        run: String,
        /// Where to; `-` is standard output.
        #[arg(long, default_value = "-", value_name = "FILE")]
        output: PathBuf,
        /// Also the records that did not become leads, with the reason.
        #[arg(long)]
        rejected: bool,
    },
}

/// `hunter credits`.
#[derive(Debug, Args)]
pub struct CreditsArgs {
    /// Add credits to the local customer (there is nobody to pay on one machine).
    #[arg(long, value_name = "CREDITS")]
    pub add: Option<f64>,
    /// Recompute the balance from the ledger and compare.
    #[arg(long)]
    pub check: bool,
    /// Ledger entries to show.
    #[arg(long, default_value_t = 15)]
    pub limit: usize,
}

/// `hunter agent …`.
#[derive(Debug, Subcommand)]
pub enum AgentCommand {
    /// Write an example to change.
    Init {
        /// Where to.
        file: PathBuf,
    },
    /// Check a file and say what is wrong with it.
    Check {
        /// The file.
        file: PathBuf,
    },
}
