//! Alerts through SNS into queues that subscribe.

use std::sync::Mutex;

use aws_sdk_sns::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use hunter_contracts::{AlertRecord, AlertTrigger, ErrorCode, Severity};
use hunter_core::{
    ports::AlertPublisher,
    test_support::suites::{self, alert},
};

use crate::emulator::Emulator;

/// A queue that gets what is published to a topic and passes the filter.
async fn subscribe(emulator: &Emulator, topic: &str, name: &str, filter: &str) -> String {
    let sqs = aws_sdk_sqs::Client::new(&emulator.sdk());
    let create = sqs.create_queue().queue_name(emulator.name(name));
    let url = create.send().await.unwrap().queue_url.unwrap();
    let asked = sqs.get_queue_attributes().queue_url(&url);
    let asked = asked.attribute_names(QueueAttributeName::QueueArn).send();
    let attributes = asked.await.unwrap().attributes.unwrap();
    let mut subscribe = Client::new(&emulator.sdk())
        .subscribe()
        .topic_arn(topic)
        .protocol("sqs")
        .endpoint(&attributes[&QueueAttributeName::QueueArn])
        .attributes("RawMessageDelivery", "true");
    if !filter.is_empty() {
        subscribe = subscribe.attributes("FilterPolicy", filter);
    }
    subscribe.send().await.unwrap();
    url
}

/// Everything that is in a queue.
async fn received(emulator: &Emulator, url: &str) -> Vec<AlertRecord> {
    let sqs = aws_sdk_sqs::Client::new(&emulator.sdk());
    let mut all = Vec::new();
    loop {
        let receive = sqs.receive_message().queue_url(url).wait_time_seconds(1);
        let messages = receive.max_number_of_messages(10).send().await.unwrap();
        let Some(messages) = messages.messages else {
            return all;
        };
        let read = |body: String| serde_json::from_str(&body).unwrap();
        all.extend(messages.into_iter().filter_map(|m| m.body).map(read));
    }
}

#[tokio::test]
async fn sns_passes_the_alerts_suite() {
    let mut emulator = Emulator::get();
    let create = Client::new(&emulator.sdk()).create_topic();
    let create = create.name(emulator.name("alerts")).send().await;
    let topic = create.unwrap().topic_arn.unwrap();
    let all = subscribe(&emulator, &topic, "all", "").await;
    let filters = [
        ("errors", r#"{"severity": ["error"]}"#),
        (
            "waiting",
            r#"{"trigger_type": ["outreach_pending_review"]}"#,
        ),
        ("nobodys", r#"{"customer_id": ["cust_002"]}"#),
    ];
    let mut filtered = Vec::new();
    for (name, filter) in filters {
        filtered.push(subscribe(&emulator, &topic, name, filter).await);
    }
    emulator.set("HUNTER_ALERT_TOPIC_ARN", &topic);
    let publisher = emulator.aws().alerts().unwrap();
    let seen = Mutex::new(Vec::new());
    suites::alerts(&publisher, async |id| {
        let new = received(&emulator, &all).await;
        let mut seen = seen.lock().unwrap();
        seen.extend(new);
        let of_id = seen.iter().filter(|alert: &&AlertRecord| alert.id == *id);
        of_id.cloned().collect()
    })
    .await;
    let mut counts = Vec::new();
    for url in &filtered {
        counts.push(received(&emulator, url).await.len());
    }
    assert_eq!(counts, [2, 1, 0], "by severity, trigger and customer");
}

#[tokio::test]
async fn a_topic_that_is_not_there_is_a_matter_of_configuration() {
    let mut emulator = Emulator::get();
    let topic = "arn:aws:sns:us-east-1:000000000000:nowhere";
    emulator.set("HUNTER_ALERT_TOPIC_ARN", topic);
    let publisher = emulator.aws().alerts().unwrap();
    let record = alert("1", AlertTrigger::RecipeFailed, Severity::Error);
    let failure = publisher.publish(&record).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidConfiguration, "{failure}");
}
