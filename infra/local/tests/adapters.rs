//! One suite per port. Every adapter of a port runs the same suite: the local ones here, the AWS
//! ones against an emulator when they come.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::{sync::Arc, time::Duration};

use hunter::{
    adapters::{LocalSecrets, Mailbox, OutboxAlerts, TableQueue},
    cloud::EmbeddedDynamo,
};
use hunter_aws::config::{Environment, Settings};
use hunter_contracts::{
    AlertContext, AlertId, AlertRecord, AlertTrigger, ErrorCode, Severity, TenantId,
};
use hunter_core::{AlertPublisher, Email, Mailer, ManualClock, Queue, SecretsManager};
use jiff::Timestamp;

fn start() -> Timestamp {
    "2026-03-01T10:00:00Z".parse().unwrap()
}

// ---- queues ----

async fn queue_suite(queue: &dyn Queue, clock: &ManualClock) {
    let visibility = Duration::from_secs(30);
    // What was sent is received once while it is out of sight.
    queue.send("first", Duration::ZERO).await.unwrap();
    clock.advance(Duration::from_millis(5));
    queue.send("later", Duration::from_secs(60)).await.unwrap();
    let got = queue.receive(10, visibility).await.unwrap();
    assert_eq!(
        got.iter().map(|m| m.body.as_str()).collect::<Vec<_>>(),
        ["first"]
    );
    assert_eq!(got[0].receive_count, 1);
    assert!(
        queue.receive(10, visibility).await.unwrap().is_empty(),
        "received while out of sight"
    );

    // Not deleted in time, it comes again, and the old receipt is worthless.
    clock.advance(Duration::from_secs(31));
    let again = queue.receive(10, visibility).await.unwrap();
    assert_eq!(again[0].receive_count, 2);
    queue.delete(&got[0].receipt).await.unwrap();
    clock.advance(Duration::from_secs(31));
    let third = queue.receive(10, visibility).await.unwrap();
    let bodies: Vec<_> = third.iter().map(|m| m.body.as_str()).collect();
    assert_eq!(
        bodies,
        ["first", "later"],
        "the delayed one is due, the first was not deleted"
    );

    // Deleted, it stays away; received too often, it goes to the dead letters.
    let later = third.iter().find(|m| m.body == "later").unwrap();
    queue.delete(&later.receipt).await.unwrap();
    clock.advance(Duration::from_secs(31));
    assert!(queue.receive(10, visibility).await.unwrap().is_empty());
    let dead = queue.dead_letters(10).await.unwrap();
    assert_eq!(
        dead.iter().map(|d| d.body.as_str()).collect::<Vec<_>>(),
        ["first"]
    );
    assert_eq!(
        queue.send("", Duration::ZERO).await.unwrap_err().code,
        ErrorCode::InvalidInput
    );
}

async fn queue(dynamo: &EmbeddedDynamo, clock: &ManualClock, name: &str) -> TableQueue {
    let client = Settings::local(dynamo.endpoint())
        .dynamodb_client()
        .unwrap();
    TableQueue::open(client, Arc::new(clock.clone()), name, 3)
        .await
        .unwrap()
}

#[tokio::test]
async fn local_queue_passes_the_queue_suite() {
    let dynamo = EmbeddedDynamo::in_memory().await.unwrap();
    let clock = ManualClock::new(start());
    queue_suite(&queue(&dynamo, &clock, "runs").await, &clock).await;
}

#[tokio::test]
async fn no_message_is_received_by_two_at_once() {
    let dynamo = EmbeddedDynamo::in_memory().await.unwrap();
    let clock = ManualClock::new(start());
    let shared = queue(&dynamo, &clock, "runs").await;
    for n in 0..40 {
        shared
            .send(&format!("message {n}"), Duration::ZERO)
            .await
            .unwrap();
    }
    let receivers = (0..8).map(|_| {
        let queue = shared.clone();
        tokio::spawn(async move {
            let mut bodies = Vec::new();
            for _ in 0..40 {
                let got = queue.receive(3, Duration::from_secs(60)).await.unwrap();
                bodies.extend(got.into_iter().map(|m| m.body));
            }
            bodies
        })
    });
    let mut all = Vec::new();
    for receiver in receivers.collect::<Vec<_>>() {
        all.extend(receiver.await.unwrap());
    }
    all.sort();
    let mut expected: Vec<_> = (0..40).map(|n| format!("message {n}")).collect();
    expected.sort();
    assert_eq!(all, expected);
}

// ---- e-mail ----

fn email(to: &str, subject: &str) -> Email {
    Email {
        to: vec![to.into()],
        subject: subject.into(),
        text: "Zwölf Entwürfe warten.".into(),
        html: Some("<p>Zwölf Entwürfe warten.</p>".into()),
    }
}

async fn mailer_suite(mailer: &dyn Mailer) {
    assert!(
        !mailer
            .send(&email("a@b.example", "Drafts wait"))
            .await
            .unwrap()
            .is_empty()
    );
    for (to, subject) in [
        ("a@b.example", "x\r\nBcc: all@b.example"),
        ("a@b.example\r\nBcc: c@d.example", "x"),
        ("nobody", "x"),
    ] {
        let failure = mailer.send(&email(to, subject)).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::InvalidInput, "{to:?} {subject:?}");
    }
}

#[tokio::test]
async fn mailbox_passes_the_mailer_suite_and_writes_readable_files() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(start()));
    let mailbox = Mailbox::new(directory.path(), "hunter@local.example", clock);
    mailer_suite(&mailbox).await;
    let id = mailbox
        .send(&email("a@b.example", "Entwürfe — 12 warten auf Sie"))
        .await
        .unwrap();
    let path = directory
        .path()
        .join("outbox/mail")
        .join(format!("{id}.eml"));
    let text = std::fs::read_to_string(path).unwrap();
    assert!(
        text.starts_with("From: hunter@local.example\r\nTo: a@b.example\r\nSubject: =?utf-8?B?"),
        "{text}"
    );
    assert!(
        text.contains("multipart/alternative") && text.contains("Zwölf Entwürfe"),
        "{text}"
    );
}

// ---- alerts ----

fn alert() -> AlertRecord {
    AlertRecord {
        id: AlertId::new("alert_1").unwrap(),
        customer_id: TenantId::new("cust_001").unwrap(),
        trigger_type: AlertTrigger::RecipeFailed,
        severity: Severity::Error,
        title: "t".into(),
        message: "m".into(),
        context: AlertContext::default(),
        action_required: true,
        suggested_action: None,
        created_at: start(),
        expires_at: start(),
        read: false,
    }
}

#[tokio::test]
async fn alerts_can_be_read_back_from_the_outbox() {
    let directory = tempfile::tempdir().unwrap();
    let outbox = OutboxAlerts::new(directory.path());
    outbox.publish(&alert()).await.unwrap();
    outbox.publish(&alert()).await.unwrap();
    let folder = directory.path().join("outbox/alerts");
    assert_eq!(
        std::fs::read_dir(&folder).unwrap().count(),
        1,
        "the same alert twice is one file"
    );
    let text = std::fs::read_to_string(folder.join("alert_1.json")).unwrap();
    assert_eq!(serde_json::from_str::<AlertRecord>(&text).unwrap(), alert());
}

// ---- secrets ----

async fn secrets_suite(secrets: &dyn SecretsManager, tenant: &TenantId, other: &TenantId) {
    assert_eq!(
        secrets.get_secret(tenant, "hunter_io_key").await.unwrap(),
        "own"
    );
    assert_eq!(
        secrets.get_secret(other, "hunter_io_key").await.unwrap(),
        "everybody's"
    );
    let failure = secrets
        .get_secret(tenant, "claude_api_key")
        .await
        .unwrap_err();
    assert_eq!(failure.code, ErrorCode::SecretMissing);
    assert!(
        failure.message.contains("claude_api_key"),
        "{}",
        failure.message
    );
    // The specification's name for RocketReach's key is an alias.
    for name in ["rocketreach_key", "rocketchat_key"] {
        assert_eq!(secrets.get_secret(tenant, name).await.unwrap(), "rr");
    }
}

#[tokio::test]
async fn local_secrets_pass_the_secrets_suite() {
    let directory = tempfile::tempdir().unwrap();
    let text = "hunter_io_key = \"everybody's\"\n[cust_001]\nhunter_io_key = \"own\"\n";
    std::fs::write(directory.path().join("secrets.toml"), text).unwrap();
    let environment: Environment = [("HUNTER_SECRET_ROCKETCHAT_KEY", "rr")]
        .into_iter()
        .collect();
    let secrets = LocalSecrets::new(directory.path(), environment);
    let (tenant, other) = (
        TenantId::new("cust_001").unwrap(),
        TenantId::new("cust_002").unwrap(),
    );
    secrets_suite(&secrets, &tenant, &other).await;
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
    let tenant = TenantId::new("cust_001").unwrap();
    let failure = secrets.get_secret(&tenant, "key").await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidConfiguration);
    assert!(!failure.message.contains("hunter2"), "{}", failure.message);
}
