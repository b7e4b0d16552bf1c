//! `cargo xtask bench cold`: how long each function takes from its start to its first answer,
//! against a function that does nothing.
//!
//! Each program is started against a small Lambda Runtime API server and given an event that it
//! refuses without any request to the outside, so that what is measured is the program's own: loading,
//! configuration, clients, the runtime's loop. Rounds are interleaved (hello, the first function, the
//! second, …, hello, …), so that a machine that slows down slows all of them.

use std::{
    collections::BTreeMap,
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde::Serialize;

use super::{
    bootstraps::{self, Bootstrap, HELLO},
    runtime_api::RuntimeApi,
};
use crate::report::{Error, Report};

/// The goal: a start takes at most so many times what hello takes.
const RATIO_MAX: f64 = 1.7;
/// The goal for what is uploaded.
const ZIPPED_BYTES_MAX: usize = 2_500_000;
/// A start that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);
/// Rounds before the first that counts: they bring the programs into the page cache.
const WARM_UP_ROUNDS: usize = 2;

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Takes `DIR/NAME/bootstrap` as `cargo lambda build` lays them out, `hello` among them, instead
    /// of building.
    #[arg(long, value_name = "DIR")]
    bootstraps: Option<PathBuf>,
    /// Starts of each program.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Prints the figures as JSON.
    #[arg(long)]
    json: bool,
    /// Fails where an archive is larger than the goal. Times are never a reason to fail.
    #[arg(long)]
    check_size: bool,
}

/// Where a program finds AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Endpoint {
    /// AWS itself: the clients are built with TLS and its certificates, as deployed.
    Aws,
    /// An emulator at a plain address.
    Plain,
}

/// What a program took.
#[derive(Debug, Serialize)]
struct Figure {
    function: String,
    /// As deployed: median milliseconds from spawn to the first answer.
    aws_ms: f64,
    /// Times the median of hello.
    aws_ratio: f64,
    /// With an emulator at a plain address.
    plain_ms: f64,
    plain_ratio: f64,
    /// What the measured event was answered with.
    answer: String,
    size_bytes: usize,
    zipped_bytes: usize,
}

/// Measures and prints.
///
/// # Errors
/// When a program cannot be built or does not answer.
pub(crate) fn run(options: &Options) -> Result<Report, Error> {
    let mut names = vec![HELLO.to_owned()];
    names.extend(bootstraps::functions()?);
    let programs = match &options.bootstraps {
        Some(folder) => bootstraps::take(folder, &names)?,
        None => bootstraps::build(&names)?,
    };
    let figures = measure(&programs, options.rounds.into())?;
    let mut report = Report::default();
    if options.json {
        println!("{}", serde_json::to_string_pretty(&figures)?);
    } else {
        print(&figures, options.rounds);
        report.summary = summary(&figures);
    }
    if options.check_size {
        for figure in figures.iter().filter(|f| f.zipped_bytes > ZIPPED_BYTES_MAX) {
            report.add(
                format!("functions/{}", figure.function),
                format!(
                    "its archive has {} bytes, {ZIPPED_BYTES_MAX} are allowed",
                    figure.zipped_bytes
                ),
                "see with `cargo tree` and `cargo bloat` what it links, and leave out what it does not call",
            );
        }
    }
    Ok(report)
}

fn measure(programs: &[Bootstrap], rounds: usize) -> Result<Vec<Figure>, Error> {
    let mut taken: BTreeMap<(usize, Endpoint), Vec<f64>> = BTreeMap::new();
    let mut answers: BTreeMap<usize, String> = BTreeMap::new();
    for round in 0..rounds + WARM_UP_ROUNDS {
        for (index, program) in programs.iter().enumerate() {
            for endpoint in [Endpoint::Aws, Endpoint::Plain] {
                let (ms, answer) = start(program, endpoint)?;
                let first = answers.entry(index).or_insert_with(|| answer.clone());
                if *first != answer {
                    let name = &program.name;
                    return Err(format!("`{name}` answers `{first}` and `{answer}`").into());
                }
                if round >= WARM_UP_ROUNDS {
                    taken.entry((index, endpoint)).or_default().push(ms);
                }
            }
        }
    }
    let mut medians: BTreeMap<(usize, Endpoint), f64> = BTreeMap::new();
    for (key, mut times) in taken {
        medians.insert(key, median(&mut times));
    }
    let of = |index, endpoint| medians.get(&(index, endpoint)).copied().unwrap_or(f64::NAN);
    let figure = |(index, program): (usize, &Bootstrap)| Figure {
        function: program.name.clone(),
        aws_ms: of(index, Endpoint::Aws),
        aws_ratio: of(index, Endpoint::Aws) / of(0, Endpoint::Aws),
        plain_ms: of(index, Endpoint::Plain),
        plain_ratio: of(index, Endpoint::Plain) / of(0, Endpoint::Plain),
        answer: answers.get(&index).cloned().unwrap_or_default(),
        size_bytes: program.size_bytes,
        zipped_bytes: program.zipped_bytes,
    };
    Ok(programs.iter().enumerate().map(figure).collect())
}

/// Starts a program, waits for its first answer, and stops it. Milliseconds, and what it answered.
fn start(program: &Bootstrap, endpoint: Endpoint) -> Result<(f64, String), Error> {
    let api = RuntimeApi::start(&event(&program.name))?;
    let mut command = command(&program.path, &program.name, &api.address(), endpoint);
    let begun = Instant::now();
    let mut child = command
        .spawn()
        .map_err(|error| format!("`{}` cannot be started: {error}", program.path.display()))?;
    let answer = api.answer(PATIENCE);
    child.kill()?;
    child.wait()?;
    match answer {
        Some(answer) if !answer.failed_to_start => {
            let took = answer.at.saturating_duration_since(begun);
            Ok((took.as_secs_f64() * 1e3, answer.what))
        }
        _ => Err(format!(
            "`{}` gave no answer: {}",
            program.name,
            last_words(&mut child)
        )
        .into()),
    }
}

/// What it wrote to standard error, or why nothing is known.
fn last_words(child: &mut Child) -> String {
    let mut text = String::new();
    let read = child
        .stderr
        .take()
        .map(|mut stderr| stderr.read_to_string(&mut text));
    match read {
        Some(Ok(_)) if !text.trim().is_empty() => text.trim().to_owned(),
        _ => "it wrote nothing to standard error".to_owned(),
    }
}

/// The environment as on Lambda; no key opens anything.
fn command(path: &Path, name: &str, api: &str, endpoint: Endpoint) -> Command {
    let arn =
        |service: &str, rest: &str| format!("arn:aws:{service}:us-east-1:123456789012:{rest}");
    let queue = |queue: &str| format!("https://sqs.us-east-1.amazonaws.com/123456789012/{queue}");
    let mut command = Command::new(path);
    command
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", api)
        .env("AWS_LAMBDA_FUNCTION_NAME", name)
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
        .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
        .env("_HANDLER", "bootstrap")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "made-up")
        .env("AWS_SESSION_TOKEN", "made-up")
        .env("HUNTER_TABLE", "hunter")
        .env("HUNTER_AUDIT_TABLE", "hunter-audit")
        .env("HUNTER_FUNCTION_PREFIX", "hunter-bench-")
        .env(
            "HUNTER_STATE_MACHINE_ARN",
            arn("states", "stateMachine:hunter"),
        )
        .env("HUNTER_RUN_QUEUE_URL", queue("runs"))
        .env("HUNTER_RUN_DEAD_LETTER_QUEUE_URL", queue("runs-dead"))
        .env("HUNTER_ALERT_TOPIC_ARN", arn("sns", "alerts"))
        .env("HUNTER_ALERT_QUEUE_URL", queue("alerts"))
        .env("HUNTER_ALERT_DEAD_LETTER_QUEUE_URL", queue("alerts-dead"))
        .env("HUNTER_SCHEDULE_GROUP", "hunter")
        .env(
            "HUNTER_SCHEDULE_TARGET_ARN",
            arn("lambda", "function:trigger"),
        )
        .env(
            "HUNTER_SCHEDULE_ROLE_ARN",
            "arn:aws:iam::123456789012:role/scheduler",
        )
        .env(
            "HUNTER_SCHEDULE_DEAD_LETTER_ARN",
            arn("sqs", "schedules-dead"),
        )
        .env("HUNTER_MAIL_FROM", "hunter@example.com")
        .env("HUNTER_ADMIN_EMAIL", "admin@example.com")
        .env("HUNTER_JWT_ISSUER", "https://issuer.example.com")
        .env("HUNTER_JWT_AUDIENCE", "hunter")
        .env("HUNTER_JWKS_URL", "https://issuer.example.com/jwks.json")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    if endpoint == Endpoint::Plain {
        // Nothing listens there.
        command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    }
    command
}

/// An event that is refused before anything is asked of the outside: an empty one, and for the API
/// a request without a token.
fn event(name: &str) -> String {
    if name != "api" {
        return "{}".to_owned();
    }
    serde_json::json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/v1/runs",
        "rawQueryString": "",
        "headers": { "host": "api.example.com", "accept": "application/json" },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "http": {
                "method": "GET", "path": "/v1/runs", "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1", "userAgent": "bench"
            },
            "requestId": "bench",
            "routeKey": "$default",
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1_767_225_600_000_u64
        },
        "isBase64Encoded": false
    })
    .to_string()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    if values.len() % 2 == 1 {
        at(middle)
    } else {
        f64::midpoint(at(middle.wrapping_sub(1)), at(middle))
    }
}

fn print(figures: &[Figure], rounds: u16) {
    println!("median of {rounds} starts, from spawn to the first answer, programs in turn");
    println!(
        "{:<16} {:>9} {:>6} {:>11} {:>6} {:>9} {:>9}  {:<16} goals",
        "", "as on AWS", "ratio", "plain HTTP", "ratio", "size", "zipped", "answered"
    );
    for figure in figures {
        let mb = |bytes: usize| format!("{:.2} MB", bytes as f64 / 1e6);
        println!(
            "{:<16} {:>6.1} ms {:>6.2} {:>8.1} ms {:>6.2} {:>9} {:>9}  {:<16} {}",
            figure.function,
            figure.aws_ms,
            figure.aws_ratio,
            figure.plain_ms,
            figure.plain_ratio,
            mb(figure.size_bytes),
            mb(figure.zipped_bytes),
            figure.answer,
            goals(figure)
        );
    }
}

fn goals(figure: &Figure) -> String {
    let mut missed = Vec::new();
    if figure.aws_ratio > RATIO_MAX {
        missed.push(format!("start > {RATIO_MAX:.1} × hello"));
    }
    if figure.zipped_bytes > ZIPPED_BYTES_MAX {
        missed.push(format!("archive > {:.1} MB", ZIPPED_BYTES_MAX as f64 / 1e6));
    }
    match missed.as_slice() {
        [] => "met".to_owned(),
        missed => format!("missed: {}", missed.join(", ")),
    }
}

fn summary(figures: &[Figure]) -> String {
    let met = figures.iter().filter(|f| goals(f) == "met").count();
    format!(
        "{met} of {} meet both goals: at most {RATIO_MAX:.1} × hello as on AWS, at most {:.1} MB zipped",
        figures.len(),
        ZIPPED_BYTES_MAX as f64 / 1e6
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&mut []).is_nan());
    }

    #[test]
    fn a_missed_goal_is_named() {
        let mut figure = Figure {
            function: "run".into(),
            aws_ms: 20.0,
            aws_ratio: RATIO_MAX,
            plain_ms: 10.0,
            plain_ratio: 9.0,
            answer: "ok".into(),
            size_bytes: 9_000_000,
            zipped_bytes: ZIPPED_BYTES_MAX,
        };
        assert_eq!(goals(&figure), "met");
        figure.aws_ratio += 0.01;
        figure.zipped_bytes += 1;
        assert_eq!(
            goals(&figure),
            "missed: start > 1.7 × hello, archive > 2.5 MB"
        );
    }

    #[test]
    fn a_program_that_ends_without_an_answer_is_named_with_its_last_words() {
        let program = Bootstrap {
            name: "broken".into(),
            path: "/bin/ls".into(),
            size_bytes: 0,
            zipped_bytes: 0,
        };
        let api = RuntimeApi::start("{}").unwrap();
        let mut command = command(&program.path, "broken", &api.address(), Endpoint::Aws);
        command.arg("--no-such-option");
        let mut child = command.spawn().unwrap();
        child.wait().unwrap();
        assert!(last_words(&mut child).contains("no-such-option"));
    }
}
