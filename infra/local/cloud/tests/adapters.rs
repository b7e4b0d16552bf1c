//! This machine's adapters pass the suites that AWS's pass, and what is theirs alone holds too.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{path::Path, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hunter_aws::config::Environment;
use hunter_cloud::{
    EmbeddedDynamo, Engine, InProcessFunctions, LocalCloud, LocalExecutions,
    adapters::{LocalSecrets, Mailbox, OutboxAlerts, QueuedAlerts, TableQueue, Timekeeper},
    spec::OutsideSpec,
    wiring::Outside,
};
use hunter_contracts::{
    AgentConfig, AgentId, AgentSchedule, AlertId, AlertRecord, CloseCause, ErrorCode, RunRequest,
    TenantId,
};
use hunter_core::{
    ports::{ExecutionState, Executions, ManualClock, Queue, Started},
    recipe::{SecretsManager, Silent},
    test_support::suites,
};
use jiff::Timestamp;

fn start() -> Timestamp {
    "2026-03-01T10:00:00Z".parse().unwrap()
}

/// Lets time pass on a clock that stands.
fn passing(clock: &ManualClock) -> impl AsyncFn(Duration) {
    let clock = clock.clone();
    async move |duration| clock.advance(duration)
}

// ---- queues ----

async fn queue(dynamo: &EmbeddedDynamo, clock: &ManualClock) -> TableQueue {
    let client = LocalCloud::client(&dynamo.endpoint()).unwrap();
    let clock = Arc::new(clock.clone());
    TableQueue::open(client, clock, "runs", suites::RECEIVES_MAX)
        .await
        .unwrap()
}

#[tokio::test]
async fn local_queue_passes_the_queue_suite() {
    let dynamo = EmbeddedDynamo::in_memory().await.unwrap();
    let clock = ManualClock::new(start());
    suites::queue(&queue(&dynamo, &clock).await, passing(&clock)).await;
}

#[tokio::test]
async fn no_message_is_received_by_two_at_once() {
    let dynamo = EmbeddedDynamo::in_memory().await.unwrap();
    let clock = ManualClock::new(start());
    suites::messages_are_received_once(Arc::new(queue(&dynamo, &clock).await)).await;
}

// ---- e-mail ----

/// An `.eml` file with its encoded headers decoded.
fn eml(directory: &Path, id: &str) -> String {
    let path = directory.join("outbox/mail").join(format!("{id}.eml"));
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.replace("?=\r\n =?utf-8?B?", "?==?utf-8?B?");
    let mut decoded = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("=?utf-8?B?") {
        let (word, after) = after.split_once("?=").unwrap();
        decoded.push_str(before);
        decoded.push_str(&String::from_utf8(STANDARD.decode(word).unwrap()).unwrap());
        rest = after;
    }
    decoded + rest
}

#[tokio::test]
async fn mailbox_passes_the_mailer_suite_and_writes_readable_files() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(start()));
    let mailbox = Mailbox::new(
        directory.path(),
        "hunter@local.example".parse().unwrap(),
        clock,
    );
    suites::mailer(&mailbox, async |id: &str| eml(directory.path(), id)).await;
    let files = std::fs::read_dir(directory.path().join("outbox/mail")).unwrap();
    for file in files {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(
            text.starts_with("From: hunter@local.example\r\nTo: "),
            "{text}"
        );
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.lines().all(|line| line.len() <= 998), "{head}");
    }
}

// ---- alerts ----

fn in_outbox(directory: &Path, id: &AlertId) -> Vec<AlertRecord> {
    let path = directory.join("outbox/alerts").join(format!("{id}.json"));
    let text = std::fs::read_to_string(path).unwrap();
    vec![serde_json::from_str(&text).unwrap()]
}

#[tokio::test]
async fn outbox_passes_the_alerts_suite_with_one_file_per_alert() {
    let directory = tempfile::tempdir().unwrap();
    let outbox = OutboxAlerts::new(directory.path());
    suites::alerts(&outbox, async |id: &AlertId| {
        in_outbox(directory.path(), id)
    })
    .await;
    let files = std::fs::read_dir(directory.path().join("outbox/alerts")).unwrap();
    assert_eq!(files.count(), 2, "the same alert twice is one file");
}

#[tokio::test]
async fn queued_alerts_pass_the_alerts_suite_and_lie_in_the_outbox_too() {
    let directory = tempfile::tempdir().unwrap();
    let dynamo = EmbeddedDynamo::in_memory().await.unwrap();
    let clock = ManualClock::new(start());
    let queue = queue(&dynamo, &clock).await;
    let outbox = OutboxAlerts::new(directory.path());
    let alerts = QueuedAlerts::new(outbox, Arc::new(queue.clone()));
    let delivered = async |id: &AlertId| {
        let messages = queue.receive(10, Duration::ZERO).await.unwrap();
        let read = |body: &str| serde_json::from_str::<AlertRecord>(body).unwrap();
        let all = messages.iter().map(|message| read(&message.body));
        let copies: Vec<AlertRecord> = all.filter(|alert| alert.id == *id).collect();
        assert_eq!(copies.first(), in_outbox(directory.path(), id).first());
        copies
    };
    suites::alerts(&alerts, delivered).await;
}

// ---- secrets ----

/// Sets a tenant's secret in the file, as a person does.
fn write_secret(directory: &Path, tenant: &TenantId, key: &str, value: &str) {
    let path = directory.join("secrets.toml");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let mut table: toml::Table = text.parse().unwrap();
    let section = table
        .entry(tenant.as_str())
        .or_insert_with(|| toml::Table::new().into());
    let section = section.as_table_mut().unwrap();
    section.insert(key.to_owned(), value.into());
    std::fs::write(path, table.to_string()).unwrap();
}

#[tokio::test]
async fn local_secrets_pass_the_secrets_suite() {
    let directory = tempfile::tempdir().unwrap();
    let secrets = LocalSecrets::new(directory.path(), Environment::default());
    let put = async |tenant: &TenantId, key: &str, value: &str| {
        write_secret(directory.path(), tenant, key, value);
    };
    // The file is read each time.
    suites::secrets(&secrets, put, async |_| {}).await;
}

#[tokio::test]
async fn a_secret_may_be_everybodys_or_come_from_the_environment() {
    let directory = tempfile::tempdir().unwrap();
    let text = "hunter_io_key = \"everybody's\"\n[cust_001]\nhunter_io_key = \"own\"\n";
    std::fs::write(directory.path().join("secrets.toml"), text).unwrap();
    let environment: Environment = [("HUNTER_SECRET_ROCKETCHAT_KEY", "rr")]
        .into_iter()
        .collect();
    let secrets = LocalSecrets::new(directory.path(), environment);
    for (tenant, key, expected) in [
        (suites::tenant(), "hunter_io_key", "own"),
        (suites::other_tenant(), "hunter_io_key", "everybody's"),
        (suites::other_tenant(), "rocketreach_key", "rr"),
    ] {
        let found = secrets.get_secret(&tenant, key).await.unwrap();
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn a_broken_secrets_file_is_told_without_its_content() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("secrets.toml"),
        "key = \"hunter2\" oops",
    )
    .unwrap();
    let secrets = LocalSecrets::new(directory.path(), Environment::default());
    let failure = secrets
        .get_secret(&suites::tenant(), "key")
        .await
        .unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidConfiguration);
    assert!(!failure.message.contains("hunter2"), "{}", failure.message);
}

// ---- schedules ----

#[tokio::test]
async fn timekeeper_passes_the_schedules_suite() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(start()));
    let timekeeper = Timekeeper::open(directory.path(), clock).unwrap();
    // What stands in the file is what the next process finds.
    let kept = async |tenant: &TenantId, agent: &AgentId| {
        let text = std::fs::read_to_string(directory.path().join("schedules.json"));
        let all: serde_json::Value = serde_json::from_str(&text.unwrap_or("[]".into())).unwrap();
        let all = all.as_array().unwrap().clone();
        let found = all.into_iter().find(|kept| {
            kept["customer_id"] == tenant.as_str() && kept["agent_id"] == agent.as_str()
        });
        found.map(|kept| serde_json::from_value::<AgentSchedule>(kept["schedule"].clone()).unwrap())
    };
    suites::schedules(&timekeeper, kept).await;
}

// ---- executions ----

fn no_outside() -> OutsideSpec {
    OutsideSpec {
        concurrency: 1,
        ..OutsideSpec::default()
    }
}

/// Executions of the suite's machine on a cloud, as a process that just began has them.
fn executions(cloud: &LocalCloud, runs_max: usize) -> LocalExecutions {
    executions_of(suites::MACHINE, cloud, runs_max)
}

fn executions_of(machine: &str, cloud: &LocalCloud, runs_max: usize) -> LocalExecutions {
    let outside = Outside::nothing(cloud).unwrap();
    let platform = cloud.platform(Arc::new(Silent), AgentConfig::unconfigured(), 1);
    let functions = InProcessFunctions::new(outside.recipes(), platform);
    let engine = Engine::of(machine, functions, cloud.clock.clone()).unwrap();
    LocalExecutions::new(cloud, engine, no_outside(), runs_max)
}

async fn pass(duration: Duration) {
    tokio::time::sleep(duration / 10).await;
}

async fn state(executions: &LocalExecutions, request: &RunRequest) -> Option<ExecutionState> {
    let (tenant, id) = (&request.customer_id, &request.execution_id);
    executions.describe(tenant, id).await.unwrap()
}

/// Waits until an execution has ended.
async fn ended(executions: &LocalExecutions, request: &RunRequest) -> ExecutionState {
    loop {
        match state(executions, request).await {
            Some(ExecutionState::Running) => pass(Duration::from_millis(50)).await,
            found => return found.unwrap(),
        }
    }
}

#[tokio::test]
async fn local_executions_pass_the_executions_suite() {
    let directory = tempfile::tempdir().unwrap();
    let cloud = LocalCloud::in_memory(directory.path()).await.unwrap();
    suites::executions(&executions(&cloud, 4), pass).await;
    assert_eq!(cloud.journal.unfinished().unwrap(), []);
}

#[tokio::test]
async fn of_five_starts_at_once_one_begins() {
    let directory = tempfile::tempdir().unwrap();
    let cloud = LocalCloud::in_memory(directory.path()).await.unwrap();
    let executions = executions(&cloud, 4);
    assert_eq!(suites::starts_at_once(Arc::new(executions)).await, 1);
}

#[tokio::test]
async fn the_next_process_knows_what_ended_and_goes_on_with_the_rest() {
    let directory = tempfile::tempdir().unwrap();
    let cloud = LocalCloud::in_memory(directory.path()).await.unwrap();
    let tenant = suites::tenant();
    let refused = suites::run_request(&tenant, "fails", "1");
    let waiting = suites::run_request(&tenant, "waits", "2");
    let first = executions(&cloud, 4);
    for request in [&refused, &waiting] {
        assert_eq!(first.start(request).await.unwrap(), Started::New);
    }
    let ending = ended(&first, &refused).await;
    first.leave().await;

    let second = executions(&cloud, 4);
    assert_eq!(state(&second, &refused).await, Some(ending));
    assert_eq!(
        state(&second, &waiting).await,
        Some(ExecutionState::Running)
    );
    let recovered = second.recover().await.unwrap();
    let ids: Vec<_> = recovered.iter().map(|(entry, _)| &entry.id).collect();
    assert_eq!(ids, [&waiting.execution_id]);
    for request in [&refused, &waiting] {
        assert_eq!(second.start(request).await.unwrap(), Started::Existing);
    }
    let other = suites::run_request(&tenant, "succeeds", "1");
    let failure = second.start(&other).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::Conflict);
    second.stop(&tenant, &waiting.execution_id).await.unwrap();
    assert_eq!(
        state(&second, &waiting).await,
        Some(ExecutionState::Aborted)
    );
}

#[tokio::test]
async fn one_that_waits_for_long_gives_its_place_up() {
    let directory = tempfile::tempdir().unwrap();
    let cloud = LocalCloud::in_memory(directory.path()).await.unwrap();
    let executions = executions(&cloud, 1);
    let tenant = suites::tenant();
    let waiting = suites::run_request(&tenant, "waits", "1");
    let quick = suites::run_request(&tenant, "succeeds", "2");
    executions.start(&waiting).await.unwrap();
    executions.start(&quick).await.unwrap();
    assert_eq!(ended(&executions, &quick).await, ExecutionState::Succeeded);
    let running = Some(ExecutionState::Running);
    assert_eq!(state(&executions, &waiting).await, running);
    let id = &waiting.execution_id;
    executions.stop(&tenant, id).await.unwrap();
}

#[tokio::test]
async fn one_in_line_waits_for_a_place_and_can_be_stopped_and_closing_needs_none() {
    let directory = tempfile::tempdir().unwrap();
    let cloud = LocalCloud::in_memory(directory.path()).await.unwrap();
    // No long wait: it keeps its place.
    let soon = cloud.clock.now() + jiff::SignedDuration::from_secs(30);
    let machine = suites::MACHINE.replace("2100-01-01T00:00:00Z", &soon.to_string());
    let executions = executions_of(&machine, &cloud, 1);
    let tenant = suites::tenant();
    let busy = suites::run_request(&tenant, "waits", "1");
    let in_line = suites::run_request(&tenant, "succeeds", "2");
    let next = suites::run_request(&tenant, "succeeds", "3");
    let close = RunRequest {
        close_only: Some(CloseCause::Stopped),
        ..suites::run_request(&tenant, "succeeds", "4")
    };
    for request in [&busy, &in_line, &next, &close] {
        executions.start(request).await.unwrap();
    }
    assert_eq!(ended(&executions, &close).await, ExecutionState::Succeeded);
    let running = Some(ExecutionState::Running);
    assert_eq!(state(&executions, &in_line).await, running);
    executions
        .stop(&tenant, &in_line.execution_id)
        .await
        .unwrap();
    let aborted = Some(ExecutionState::Aborted);
    assert_eq!(state(&executions, &in_line).await, aborted);
    assert_eq!(state(&executions, &next).await, running);
    executions.stop(&tenant, &busy.execution_id).await.unwrap();
    assert_eq!(ended(&executions, &next).await, ExecutionState::Succeeded);
}
