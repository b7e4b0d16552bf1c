//! The suite of [`Queue`].

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use hunter_contracts::{ErrorCode, RecipeFailure};

use crate::ports::{DeadLetter, Queue, Received};

/// How often a queue under test hands a message out before it goes to the dead letters.
pub const RECEIVES_MAX: u32 = 3;

/// How long messages are out of sight. SQS counts in whole seconds, and a real server is waited for.
const VISIBILITY: Duration = Duration::from_secs(4);
/// Longer than [`VISIBILITY`] and shorter than [`DELAY`].
const PAUSE: Duration = Duration::from_millis(5_500);
/// Longer than one [`PAUSE`] and shorter than two.
const DELAY: Duration = Duration::from_secs(9);

fn bodies(messages: &[Received]) -> Vec<&str> {
    let mut bodies: Vec<&str> = messages.iter().map(|m| m.body.as_str()).collect();
    bodies.sort_unstable();
    bodies
}

fn dead_bodies(letters: &[DeadLetter]) -> Vec<&str> {
    let mut bodies: Vec<&str> = letters.iter().map(|l| l.body.as_str()).collect();
    bodies.sort_unstable();
    bodies
}

/// Everything about an empty queue that hands a message out [`RECEIVES_MAX`] times. `pass` lets a
/// time pass. Leaves the queue and its dead letters empty. The order of messages is not looked at:
/// SQS promises none.
pub async fn queue(queue: &dyn Queue, pass: impl AsyncFn(Duration)) {
    refusals(queue).await;
    comes_again_until_deleted(queue, &pass).await;
    received_too_often(queue, &pass).await;
    buried(queue).await;
}

async fn refusals(queue: &dyn Queue) {
    let huge = "x".repeat((1 << 20) + 1);
    for body in ["", huge.as_str()] {
        let failure = queue.send(body, Duration::ZERO).await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::InvalidInput, "{failure}");
    }
    assert_eq!(queue.receive(10, VISIBILITY).await.unwrap(), []);
    assert_eq!(queue.dead_letters(10).await.unwrap(), []);
    assert_eq!(queue.redrive(10).await.unwrap(), 0);
}

async fn comes_again_until_deleted(queue: &dyn Queue, pass: &impl AsyncFn(Duration)) {
    let first = r#"{"name": "Zwölf & <Söhne>"}"#;
    queue.send(first, Duration::ZERO).await.unwrap();
    queue.send("later", DELAY).await.unwrap();
    let got = queue.receive(10, VISIBILITY).await.unwrap();
    assert_eq!(bodies(&got), [first], "the delayed one is not due");
    assert!(got.iter().all(|message| message.receive_count == 1));
    let hidden = queue.receive(10, VISIBILITY).await.unwrap();
    assert_eq!(bodies(&hidden), [""; 0], "received while out of sight");

    pass(PAUSE).await;
    let again = queue.receive(10, VISIBILITY).await.unwrap();
    assert_eq!(
        bodies(&again),
        [first],
        "not deleted in time, it comes again"
    );
    assert!(again.iter().all(|message| message.receive_count == 2));
    for message in &again {
        queue.delete(&message.receipt).await.unwrap();
        // Deleting twice changes nothing.
        queue.delete(&message.receipt).await.unwrap();
    }

    pass(PAUSE).await;
    let due = queue.receive(10, VISIBILITY).await.unwrap();
    assert_eq!(bodies(&due), ["later"], "due now; the first is deleted");
    for message in &due {
        queue.delete(&message.receipt).await.unwrap();
    }
    assert_eq!(queue.dead_letters(10).await.unwrap(), []);
}

async fn received_too_often(queue: &dyn Queue, pass: &impl AsyncFn(Duration)) {
    queue.send("poison", Duration::ZERO).await.unwrap();
    for count in 1..=RECEIVES_MAX {
        let got = queue.receive(10, VISIBILITY).await.unwrap();
        assert_eq!(bodies(&got), ["poison"], "time {count}");
        assert!(got.iter().all(|message| message.receive_count == count));
        pass(PAUSE).await;
    }
    let got = queue.receive(10, VISIBILITY).await.unwrap();
    assert_eq!(bodies(&got), [""; 0], "received too often");
    for _ in 0..2 {
        let dead = queue.dead_letters(10).await.unwrap();
        assert_eq!(dead_bodies(&dead), ["poison"], "looking moves nothing");
        assert!(dead.iter().all(|letter| letter.reason.is_none()));
    }
    assert_eq!(queue.redrive(10).await.unwrap(), 1);
    assert_eq!(queue.dead_letters(10).await.unwrap(), []);
    let got = queue.receive(10, VISIBILITY).await.unwrap();
    assert_eq!(bodies(&got), ["poison"], "put back, it is received again");
    for message in &got {
        assert_eq!(message.receive_count, 1, "counted from the start");
        queue.delete(&message.receipt).await.unwrap();
    }
}

async fn buried(queue: &dyn Queue) {
    let reason = RecipeFailure::invalid_input("`agent_id` is missing\u{7}: name the agent — now");
    let bodies_sent = ["not json {", "\"text\"", "x"];
    for body in bodies_sent {
        queue.bury(body, &reason).await.unwrap();
    }
    let dead = queue.dead_letters(10).await.unwrap();
    assert_eq!(dead_bodies(&dead), ["\"text\"", "not json {", "x"]);
    for letter in &dead {
        let kept = letter.reason.as_ref().unwrap();
        assert_eq!(kept.code, ErrorCode::InvalidInput);
        assert!(kept.message.starts_with("`agent_id` is missing"), "{kept}");
        assert!(kept.message.ends_with("— now"), "{kept}");
    }
    assert_eq!(
        bodies(&queue.receive(10, VISIBILITY).await.unwrap()),
        [""; 0]
    );
    assert_eq!(queue.redrive(2).await.unwrap(), 2, "no more than asked for");
    assert_eq!(queue.redrive(10).await.unwrap(), 1);
    let mut back = BTreeSet::new();
    while back.len() < bodies_sent.len() {
        let got = queue.receive(10, VISIBILITY).await.unwrap();
        assert!(!got.is_empty(), "only {back:?} came back");
        for message in got {
            queue.delete(&message.receipt).await.unwrap();
            back.insert(message.body);
        }
    }
    assert_eq!(back.iter().map(String::as_str).collect::<Vec<_>>(), {
        let mut sent = bodies_sent;
        sent.sort_unstable();
        sent
    });
    assert_eq!(queue.dead_letters(10).await.unwrap(), []);
}

/// Eight receivers share an empty queue: each message reaches one of them.
pub async fn messages_are_received_once(queue: Arc<dyn Queue>) {
    let sent: Vec<String> = (0..40).map(|n| format!("message {n:02}")).collect();
    for body in &sent {
        queue.send(body, Duration::ZERO).await.unwrap();
    }
    let receivers = (0..8).map(|_| {
        let queue = queue.clone();
        tokio::spawn(async move {
            let mut bodies = Vec::new();
            loop {
                let got = queue.receive(3, Duration::from_secs(120)).await.unwrap();
                if got.is_empty() {
                    return bodies;
                }
                for message in got {
                    queue.delete(&message.receipt).await.unwrap();
                    bodies.push(message.body);
                }
            }
        })
    });
    let mut all = Vec::new();
    for receiver in receivers.collect::<Vec<_>>() {
        all.extend(receiver.await.unwrap());
    }
    all.sort();
    assert_eq!(all, sent);
}
