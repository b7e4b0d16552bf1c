//! Queues on SQS.

use std::{sync::Arc, time::Duration};

use aws_sdk_sqs::{Client, types::QueueAttributeName};
use hunter_aws::sqs::SqsQueue;
use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::{
    ports::Queue,
    test_support::suites::{self, RECEIVES_MAX},
};

use crate::emulator::Emulator;

/// A new queue, and the address of its dead letters.
async fn new_queue(emulator: &mut Emulator) -> (SqsQueue, String) {
    let client = Client::new(&emulator.sdk());
    let create = client.create_queue().queue_name(emulator.name("dead"));
    let dead = create.send().await.unwrap().queue_url.unwrap();
    let asked = client.get_queue_attributes().queue_url(&dead);
    let asked = asked.attribute_names(QueueAttributeName::QueueArn).send();
    let attributes = asked.await.unwrap().attributes.unwrap();
    let arn = &attributes[&QueueAttributeName::QueueArn];
    let policy = serde_json::json!({"deadLetterTargetArn": arn, "maxReceiveCount": RECEIVES_MAX});
    let create = client.create_queue().queue_name(emulator.name("runs"));
    let create = create.attributes(QueueAttributeName::RedrivePolicy, policy.to_string());
    let url = create.send().await.unwrap().queue_url.unwrap();
    emulator.set("HUNTER_RUN_QUEUE_URL", url);
    emulator.set("HUNTER_RUN_DEAD_LETTER_QUEUE_URL", &dead);
    (emulator.aws().run_queue().unwrap(), dead)
}

#[tokio::test]
async fn sqs_passes_the_queue_suite() {
    let (queue, _) = new_queue(&mut Emulator::get()).await;
    suites::queue(&queue, tokio::time::sleep).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_is_received_by_two_at_once() {
    let (queue, _) = new_queue(&mut Emulator::get()).await;
    suites::messages_are_received_once(Arc::new(queue)).await;
}

#[tokio::test]
async fn a_buried_message_says_why_to_others() {
    let mut emulator = Emulator::get();
    let (queue, dead) = new_queue(&mut emulator).await;
    let reason = RecipeFailure::invalid_input("`agent_id` is missing");
    queue.bury("{}", &reason).await.unwrap();
    // One that leaves no room for words beside it.
    let full = "x".repeat(1 << 20);
    queue.bury(&full, &reason).await.unwrap();
    let client = Client::new(&emulator.sdk());
    let mut seen = Vec::new();
    for _ in 0..2 {
        let receive = client.receive_message().queue_url(&dead);
        let receive = receive.message_attribute_names("All").send();
        let messages = receive.await.unwrap().messages.unwrap();
        let message = &messages[0];
        let value = |name: &str| {
            let all = message.message_attributes.as_ref()?;
            all.get(name)?.string_value.clone()
        };
        let length = message.body().unwrap().len();
        seen.push((length, value("error_code"), value("reason")));
    }
    seen.sort();
    let words = ["INVALID_INPUT", "`agent_id` is missing"].map(|s| Some(s.to_owned()));
    let [code, why] = words;
    assert_eq!(seen, [(2, code, why), (1 << 20, None, None)]);
}

#[tokio::test]
async fn a_queue_that_is_not_there_is_a_matter_of_configuration() {
    let mut emulator = Emulator::get();
    let url = format!("{}/000000000000/nowhere", emulator.url);
    emulator.set("HUNTER_ALERT_QUEUE_URL", &url);
    emulator.set("HUNTER_ALERT_DEAD_LETTER_QUEUE_URL", &url);
    let queue = emulator.aws().alert_queue().unwrap();
    let failure = queue.send("x", Duration::ZERO).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidConfiguration, "{failure}");

    emulator.set("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1");
    let queue = emulator.aws().alert_queue().unwrap();
    let failure = queue.send("x", Duration::ZERO).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::ConnectionError, "{failure}");
}
