//! An embedded DynamoDB behind a real socket; a mail service and a queue that remember.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use hunter_aws::test_support::Embedded;
use hunter_contracts::{CustomerProfile, ErrorCode, RecipeFailure, RunRecord};
use hunter_core::{
    ports::{DeadLetter, Email, Mailer, ManualClock, Queue, Received},
    store::{AccountStore, AuditEvent, TenantStore},
};
use notify::Notify;
use serde_json::{Value, json};

/// When tests begin; the sample alert was raised five minutes before.
pub(crate) const NOW: &str = "2025-12-14T10:40:00Z";
pub(crate) const CUSTOMER: &str = "ana@customer.example";
pub(crate) const ADMIN: &str = "admin@hunter.example";

/// Everything around the function.
pub(crate) struct Bench {
    pub(crate) notify: Notify,
    pub(crate) mail: Arc<Outbox>,
    pub(crate) queue: Arc<Letters>,
    pub(crate) clock: ManualClock,
    embedded: Embedded,
}

impl Bench {
    /// Customer `cust_1` with a profile, and run `exec_1` of an agent without rules.
    pub(crate) async fn start() -> Self {
        let clock = ManualClock::new(NOW.parse().unwrap());
        let embedded = Embedded::start(Arc::new(clock.clone())).await;
        let mail = Arc::new(Outbox::default());
        let queue = Arc::new(Letters::default());
        let notify = Notify::by_email(
            embedded.store.clone(),
            queue.clone(),
            mail.clone(),
            Arc::new(clock.clone()),
            ADMIN.parse().unwrap(),
        );
        let bench = Self {
            notify,
            mail,
            queue,
            clock,
            embedded,
        };
        bench
            .account()
            .put_profile(&CustomerProfile {
                name: "Bright Smile Ltd".into(),
                email: CUSTOMER.parse().unwrap(),
            })
            .await
            .unwrap();
        bench.tenant().create_run(&run(json!([]))).await.unwrap();
        bench
    }

    /// With rules of the run's agent.
    pub(crate) async fn with_rules(rules: Value) -> Self {
        let bench = Self::start().await;
        bench.set_rules(rules).await;
        bench
    }

    /// Gives the agent these rules now.
    pub(crate) async fn set_rules(&self, rules: Value) {
        self.tenant().put_agent(&run(rules).agent).await.unwrap();
    }

    pub(crate) fn tenant(&self) -> Arc<dyn TenantStore> {
        self.embedded.tenant("cust_1")
    }

    pub(crate) fn account(&self) -> Arc<dyn AccountStore> {
        self.embedded.account("cust_1")
    }

    /// Hands messages over; answers the ids of those that are to come again.
    pub(crate) async fn handle<S: Into<String>>(
        &self,
        bodies: impl IntoIterator<Item = S>,
    ) -> Vec<String> {
        let answer = notify::handle(&self.notify, messages(bodies))
            .await
            .unwrap();
        let failures = answer["batchItemFailures"].as_array().unwrap();
        let id = |failure: &Value| failure["itemIdentifier"].as_str().unwrap().to_owned();
        failures.iter().map(id).collect()
    }

    /// Hands one alert over that must end for good.
    pub(crate) async fn done(&self, alert: &Value) {
        let again = self.handle([alert.to_string()]).await;
        assert_eq!(again, Vec::<String>::new());
    }

    /// The recipients of all e-mails, in order of the alphabet.
    pub(crate) fn reached(&self) -> Vec<String> {
        let sent = self.mail.sent.lock().unwrap();
        let mut to: Vec<String> = sent
            .iter()
            .flat_map(|email| &email.to)
            .map(ToString::to_string)
            .collect();
        to.sort_unstable();
        to
    }

    /// Channels and reasons of what the customer is told was not delivered, in order.
    pub(crate) async fn not_delivered(&self) -> Vec<String> {
        let day = jiff::civil::date(2025, 12, 14);
        let log = self.tenant().audit_log(day).await.unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut found: Vec<String> = log
            .iter()
            .filter(|entry| entry.action.event == AuditEvent::AlertNotDelivered)
            .map(|e| {
                format!(
                    "{}: {}",
                    text(&e.result.details["channel"]),
                    text(&e.result.details["reason"])
                )
            })
            .collect();
        found.sort_unstable();
        found
    }

    pub(crate) fn buried(&self) -> Vec<(String, RecipeFailure)> {
        self.queue.buried.lock().unwrap().clone()
    }
}

fn run(rules: Value) -> RunRecord {
    serde_json::from_value(json!({
        "execution_id": "exec_1", "customer_id": "cust_1",
        "agent": {
            "agent_id": "agent_1", "name": "one", "alerts": rules,
            "seller": {"company": "Acme", "offer": "help", "ask": "Ok?", "sender_name": "Ada"}
        },
        "target": {"keywords": ["dentist"]}, "status": "running",
        "started_at": NOW, "reserved": 16, "charged": 0
    }))
    .unwrap()
}

/// A failed run's alert, good for a day.
pub(crate) fn alert(id: &str) -> Value {
    json!({
        "id": id, "customer_id": "cust_1", "trigger_type": "recipe_failed", "severity": "error",
        "title": "Your run did not complete", "message": "The source refused.",
        "context": {"execution_id": "exec_1"}, "action_required": true,
        "created_at": "2025-12-14T10:35:00Z", "expires_at": "2025-12-15T10:35:00Z", "read": false
    })
}

/// A rule for failed runs: e-mail to the customer.
pub(crate) fn rule(change: Value) -> Value {
    let mut rule = json!({
        "id": "alert_recipe_failed", "trigger": "recipe_failed", "severity": "error",
        "channels": ["email"], "recipients": ["customer"], "enabled": true
    });
    for (field, value) in change.as_object().unwrap() {
        rule[field] = value.clone();
    }
    rule
}

/// An event of the queue as Lambda sends it; message ids are `m0`, `m1`, …
pub(crate) fn messages<S: Into<String>>(bodies: impl IntoIterator<Item = S>) -> Value {
    let record = |(n, body): (usize, S)| {
        json!({
            "messageId": format!("m{n}"), "receiptHandle": "r", "body": body.into(),
            "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {},
            "md5OfBody": "", "eventSource": "aws:sqs", "awsRegion": "eu-west-1",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:hunter-alerts"
        })
    };
    let records: Vec<Value> = bodies.into_iter().enumerate().map(record).collect();
    json!({ "Records": records })
}

/// What SNS makes of a message where raw delivery is off.
pub(crate) fn envelope(message: &str) -> String {
    json!({
        "Type": "Notification", "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": "arn:aws:sns:eu-west-1:000000000000:hunter-alerts", "Message": message,
        "Timestamp": NOW, "SignatureVersion": "1", "Signature": "x",
        "UnsubscribeURL": "https://sns.example/"
    })
    .to_string()
}

/// The mail service.
#[derive(Default)]
pub(crate) struct Outbox {
    pub(crate) sent: Mutex<Vec<Email>>,
    /// Addresses whose mails fail, and how.
    failures: Mutex<Vec<(String, ErrorCode)>>,
}

impl Outbox {
    pub(crate) fn fail(&self, address: &str, code: ErrorCode) {
        self.failures
            .lock()
            .unwrap()
            .push((address.to_owned(), code));
    }

    pub(crate) fn mend(&self) {
        self.failures.lock().unwrap().clear();
    }
}

#[async_trait]
impl Mailer for Outbox {
    async fn send(&self, email: &Email) -> Result<String, RecipeFailure> {
        // Others get a chance to send the same.
        tokio::task::yield_now().await;
        let failures = self.failures.lock().unwrap();
        if let Some((_, code)) = failures
            .iter()
            .find(|(address, _)| email.to.iter().any(|to| to.as_str() == address))
        {
            return Err(RecipeFailure::new(*code, "told to fail"));
        }
        let mut sent = self.sent.lock().unwrap();
        sent.push(email.clone());
        Ok(format!("message-{}", sent.len()))
    }
}

/// The queue's dead letters.
#[derive(Default)]
pub(crate) struct Letters {
    buried: Mutex<Vec<(String, RecipeFailure)>>,
}

fn unused<T>() -> Result<T, RecipeFailure> {
    Err(RecipeFailure::internal("notify only buries"))
}

#[async_trait]
impl Queue for Letters {
    async fn send(&self, _: &str, _: Duration) -> Result<(), RecipeFailure> {
        unused()
    }
    async fn receive(&self, _: usize, _: Duration) -> Result<Vec<Received>, RecipeFailure> {
        unused()
    }
    async fn delete(&self, _: &str) -> Result<(), RecipeFailure> {
        unused()
    }
    async fn bury(&self, body: &str, reason: &RecipeFailure) -> Result<(), RecipeFailure> {
        self.buried
            .lock()
            .unwrap()
            .push((body.to_owned(), reason.clone()));
        Ok(())
    }
    async fn dead_letters(&self, _: usize) -> Result<Vec<DeadLetter>, RecipeFailure> {
        unused()
    }
    async fn redrive(&self, _: usize) -> Result<usize, RecipeFailure> {
        unused()
    }
}
