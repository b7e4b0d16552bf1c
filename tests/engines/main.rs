//! The state machine and the whole Hunter on engines that others wrote: moto and ministack.
//!
//! `docs/engines.md` says how to install and run them, and which case differs where.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic, and says what it saw"
)]

mod aws;
#[path = "../../statemachine/interpreter/tests/cases/case.rs"]
mod case;
mod deployed;
mod pattern;
mod real_time;
mod router;
mod run_case;
mod server;
mod store_proxy;
mod switch;
mod watched;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use futures::StreamExt as _;
use hunter_e2e::scenarios;
use serde_json::json;

use aws::{Aws, package};
use case::Case;
use deployed::Deployed;
use router::Cases;
use run_case::{Engine, Problems, folder};
use server::{Port, Server, executable};

/// Cases at once: most of their time is waiting.
const AT_ONCE: usize = 16;
/// How often a case that is late and nothing else is tried again.
const TRIES: u32 = 5;

/// Starts moto, whose machines call Lambda at `router`.
async fn start_moto(router: SocketAddr) -> (Server, Aws) {
    let port = Port::hold();
    let mut command = Command::new(executable("moto_server"));
    command.args(["-H", "127.0.0.1", "-p", &port.address.port().to_string()]);
    let called = router.port().to_string();
    let mended = Path::new(env!("CARGO_MANIFEST_DIR")).join("engines/moto");
    let environment = [("MOTO_PORT", called.into()), ("PYTHONPATH", mended.into())];
    let server = Server::start(command, &environment, port).await;
    let aws = Aws::new(server.url());
    let execute = json!({"stepfunctions": {"execute_state_machine": true}});
    aws.post("/moto-api/config", &execute).await;
    (server, aws)
}

/// moto, whose machines call scripted functions.
async fn moto() -> (Server, Engine) {
    let cases = Cases::default();
    let router = cases.serve().await;
    let (server, aws) = start_moto(router).await;
    let engine = Engine {
        name: "moto",
        aws,
        cases,
        functions: None,
        tells_iterations: true,
    };
    (server, engine)
}

/// Starts ministack, which tells its functions that `aws` is where AWS is.
async fn start_ministack(port: Port, aws: SocketAddr) -> Server {
    let environment = [
        ("BIND_HOST", "127.0.0.1".into()),
        ("GATEWAY_PORT", port.address.port().to_string().into()),
        ("AWS_ENDPOINT_URL", format!("http://{aws}").into()),
        ("IOT_MTLS_ENABLED", "0".into()),
    ];
    Server::start(Command::new(executable("ministack")), &environment, port).await
}

/// ministack, which runs the functions itself.
async fn ministack() -> (Server, Engine) {
    let cases = Cases::default();
    let router = cases.serve().await;
    let port = Port::hold();
    let aws = port.address;
    let server = start_ministack(port, aws).await;
    let function = Path::new(env!("CARGO_BIN_EXE_scripted-function"));
    let engine = Engine {
        name: "ministack",
        aws: Aws::new(server.url()),
        cases,
        functions: Some((package(function), format!("http://{router}/scripted/"))),
        tells_iterations: false,
    };
    (server, engine)
}

/// Runs every case; fails where an engine differs and no case says so, and the other way round.
async fn every_case(server: &Server, engine: &Engine) {
    let cases = case::load(&folder());
    let run = |case: Case| async move { (engine.run(&case, 0).await, case) };
    let runs = futures::stream::iter(cases).map(run);
    let mut ran: Vec<(Problems, Case)> = runs.buffer_unordered(AT_ONCE).collect().await;
    ran.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
    let mut wrong = Vec::new();
    for (problems, case) in &mut ran {
        // Late in company, or while the machine is busy: again, alone. What an engine does
        // otherwise it does each time.
        for attempt in 1..=TRIES {
            if !problems.is_time_alone() || case.deviations.contains_key(engine.name) {
                break;
            }
            *problems = engine.run(case, attempt).await;
        }
        let known = case.deviations.get(engine.name);
        let differs = !problems.0.is_empty();
        println!(
            "{} {}: {}",
            engine.name,
            case.name,
            if differs { "differs" } else { "same" }
        );
        for (what, observed) in &problems.0 {
            println!("    {what}: {observed}");
        }
        match (known, differs) {
            (None, true) => wrong.push(format!("{} differs: {problems:?}", case.name)),
            (Some(known), false) => {
                wrong.push(format!("{} does not differ any more: {known}", case.name));
            }
            _ => {}
        }
    }
    if !wrong.is_empty() {
        println!("{}", server.log());
    }
    assert!(
        wrong.is_empty(),
        "{} on {}:\n{}",
        wrong.len(),
        engine.name,
        wrong.join("\n")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_holds_on_moto() {
    let (server, engine) = moto().await;
    every_case(&server, &engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_holds_on_ministack() {
    let (server, engine) = ministack().await;
    every_case(&server, &engine).await;
}

/// Runs scenarios on an engine, one after another, and says of each how it went; fails where one
/// differs.
macro_rules! run_scenarios {
    ($engine:expr, $($scenario:ident),+ $(,)?) => {{
        let engine = Arc::new($engine);
        let mut failed = Vec::new();
        $(
            let own = engine.clone();
            let ran = tokio::spawn(async move { scenarios::$scenario(own.as_ref()).await });
            match ran.await {
                Ok(()) => println!("{}: same", stringify!($scenario)),
                Err(error) => {
                    println!("{}: differs: {error}", stringify!($scenario));
                    failed.push(stringify!($scenario));
                }
            }
        )+
        if !failed.is_empty() {
            println!("{}", engine.log());
        }
        assert!(failed.is_empty(), "{failed:?}");
    }};
}

/// The scenarios on ministack, deployed from the template, with the real bootstraps.
#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_holds_on_ministack() {
    run_scenarios!(
        Deployed::on_ministack().await,
        success,
        partial,
        continue_on_failure,
        retry_by_policy,
        required_recipe_fails,
        crash,
        timeout,
        no_credits,
        five_chunks,
    );
}

/// The scenarios on moto, with the functions under `cargo lambda watch`. It kills no function and
/// cuts none off.
#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_holds_on_moto() {
    run_scenarios!(
        Deployed::on_moto().await,
        success,
        partial,
        continue_on_failure,
        retry_by_policy,
        required_recipe_fails,
        no_credits,
        five_chunks,
    );
}
