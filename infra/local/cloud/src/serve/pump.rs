//! From a local queue to its function, as Lambda polls an SQS queue.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use hunter_contracts::{
    BatchResponse, QueueEvent, QueueRecord, QueueSource, RecipeFailure, chain, to_json,
};
use hunter_core::{
    ports::{Queue, Received},
    recipe::short_key,
};
use serde_json::Value;

/// Messages per event.
const BATCH_MAX: usize = 10;
/// How often an empty queue is asked.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// How long a queue that cannot be reached is left alone.
const AWAY_INTERVAL: Duration = Duration::from_secs(5);

/// Feeds a queue's messages to a function, for as long as it is polled. Messages that the function
/// names as failed come again after `visibility`, and so does a whole batch that it has no answer
/// for.
pub(super) async fn pump<F, Fut>(
    name: &str,
    queue: Arc<dyn Queue>,
    visibility: Duration,
    function: F,
) where
    F: Fn(Value) -> Fut,
    Fut: Future<Output = Result<Value, RecipeFailure>>,
{
    loop {
        let pause = match turn(queue.as_ref(), visibility, &function).await {
            Ok(0) => POLL_INTERVAL,
            Ok(_) => continue,
            Err(failure) => {
                tracing::error!(
                    queue = name,
                    failure = chain(&failure),
                    "messages come again"
                );
                AWAY_INTERVAL
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// One batch; answers how many messages there were.
async fn turn<F, Fut>(
    queue: &dyn Queue,
    visibility: Duration,
    function: &F,
) -> Result<usize, RecipeFailure>
where
    F: Fn(Value) -> Fut,
    Fut: Future<Output = Result<Value, RecipeFailure>>,
{
    let messages = queue.receive(BATCH_MAX, visibility).await?;
    if messages.is_empty() {
        return Ok(0);
    }
    let event = QueueEvent {
        records: messages.iter().map(record).collect(),
    };
    let answer = function(to_json(&event)).await?;
    let answer: BatchResponse = serde_json::from_value(answer).map_err(RecipeFailure::defect)?;
    let failed: BTreeSet<String> = answer
        .batch_item_failures
        .into_iter()
        .map(|failure| failure.item_identifier)
        .collect();
    for message in &messages {
        if !failed.contains(&message_id(message)) {
            queue.delete(&message.receipt).await?;
        }
    }
    Ok(messages.len())
}

fn message_id(message: &Received) -> String {
    short_key(&[&message.receipt])
}

fn record(message: &Received) -> QueueRecord {
    QueueRecord {
        message_id: message_id(message),
        body: message.body.clone(),
        event_source: QueueSource::Sqs,
    }
}

#[cfg(test)]
mod tests {
    use hunter_contracts::BatchItemFailure;
    use hunter_core::ports::ManualClock;

    use super::*;
    use crate::{adapters::TableQueue, cloud::LocalCloud, dynamo::EmbeddedDynamo};

    const VISIBILITY: Duration = Duration::from_secs(30);

    /// Takes messages whose body is not `poison`.
    async fn picky(event: Value) -> Result<Value, RecipeFailure> {
        let event: QueueEvent = serde_json::from_value(event).unwrap();
        let batch_item_failures = event
            .records
            .into_iter()
            .filter(|record| record.body == "poison")
            .map(|record| BatchItemFailure {
                item_identifier: record.message_id,
            })
            .collect();
        Ok(serde_json::to_value(BatchResponse {
            batch_item_failures,
        })
        .unwrap())
    }

    #[tokio::test]
    async fn failed_messages_come_again_until_they_are_dead_and_the_others_are_gone() {
        let dynamo = EmbeddedDynamo::in_memory().await.unwrap();
        let clock = ManualClock::new("2026-03-01T10:00:00Z".parse().unwrap());
        let client = LocalCloud::client(&dynamo.endpoint()).unwrap();
        let queue = TableQueue::open(client, Arc::new(clock.clone()), "runs", 2);
        let queue = queue.await.unwrap();
        for body in ["a", "poison", "b"] {
            queue.send(body, Duration::ZERO).await.unwrap();
        }
        let away = |_: Value| async { Err(RecipeFailure::internal("no answer")) };
        assert!(turn(&queue, VISIBILITY, &away).await.is_err());
        assert_eq!(
            turn(&queue, VISIBILITY, &picky).await.unwrap(),
            0,
            "out of sight"
        );
        clock.advance(VISIBILITY + Duration::from_secs(1));
        assert_eq!(
            turn(&queue, VISIBILITY, &picky).await.unwrap(),
            3,
            "none was lost"
        );
        clock.advance(VISIBILITY + Duration::from_secs(1));
        assert_eq!(turn(&queue, VISIBILITY, &picky).await.unwrap(), 0);
        let dead = queue.dead_letters(10).await.unwrap();
        let bodies: Vec<&str> = dead.iter().map(|letter| letter.body.as_str()).collect();
        assert_eq!(bodies, ["poison"]);
    }
}
