//! A durable queue in the embedded DynamoDB, in place of SQS: at-least-once delivery, a visibility
//! timeout, and a dead-letter queue.

use std::{error::Error, sync::Arc, time::Duration};

use async_trait::async_trait;
use aws_sdk_dynamodb::{
    Client,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
        ScalarAttributeType,
    },
};
use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::ports::{Clock, DeadLetter, Ids, Queue, Received, SystemIds};

/// The table that all local queues share.
const TABLE: &str = "hunter-queues";
/// The largest body in bytes. SQS takes 1 MiB; an item of DynamoDB takes 400 KB.
const BODY_BYTES_MAX: usize = 390_000;

/// A queue.
#[derive(Clone)]
pub struct TableQueue {
    client: Client,
    clock: Arc<dyn Clock>,
    name: String,
    receives_max: u32,
}

fn failed(error: impl Error + Send + Sync + 'static) -> RecipeFailure {
    RecipeFailure::new(ErrorCode::StoreUnavailable, "the queue's table").caused_by(error)
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

impl TableQueue {
    /// Opens (or makes) a queue. A message that was received `receives_max` times without being
    /// deleted goes to the dead letters.
    ///
    /// # Errors
    /// When the table cannot be made.
    pub async fn open(
        client: Client,
        clock: Arc<dyn Clock>,
        name: &str,
        receives_max: u32,
    ) -> Result<Self, RecipeFailure> {
        let key = |name: &str, kind| {
            KeySchemaElement::builder()
                .attribute_name(name)
                .key_type(kind)
                .build()
        };
        let attribute = |name: &str| {
            AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S)
                .build()
        };
        let made = client
            .create_table()
            .table_name(TABLE)
            .billing_mode(BillingMode::PayPerRequest)
            .key_schema(key("PK", KeyType::Hash).map_err(RecipeFailure::defect)?)
            .key_schema(key("SK", KeyType::Range).map_err(RecipeFailure::defect)?)
            .attribute_definitions(attribute("PK").map_err(RecipeFailure::defect)?)
            .attribute_definitions(attribute("SK").map_err(RecipeFailure::defect)?)
            .send()
            .await;
        match made.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
            Ok(_) => {}
            Err(error) if error.is_resource_in_use_exception() => {}
            Err(error) => return Err(failed(error)),
        }
        Ok(Self {
            client,
            clock,
            name: name.to_owned(),
            receives_max: receives_max.max(1),
        })
    }

    fn dead(&self) -> String {
        format!("{}#dead", self.name)
    }

    fn now_ms(&self) -> i64 {
        self.clock.now().as_millisecond()
    }

    async fn query(
        &self,
        queue: &str,
        visible_until: i64,
        limit: i32,
    ) -> Result<Vec<Item>, RecipeFailure> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let page = self
                .client
                .query()
                .table_name(TABLE)
                .key_condition_expression("#PK = :queue")
                .filter_expression("#visible <= :now")
                .expression_attribute_names("#PK", "PK")
                .expression_attribute_names("#visible", "visible_at_ms")
                .expression_attribute_values(":queue", text(queue))
                .expression_attribute_values(":now", number(visible_until))
                .set_exclusive_start_key(start)
                .consistent_read(true)
                .send()
                .await
                .map_err(|error| failed(error.into_service_error()))?;
            items.extend(page.items.unwrap_or_default().iter().filter_map(Item::read));
            start = page.last_evaluated_key;
            if start.is_none() || items.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
                return Ok(items);
            }
        }
    }

    /// Takes a message out of sight; `None` when another receiver was first.
    async fn take(
        &self,
        item: &Item,
        visibility: Duration,
    ) -> Result<Option<Received>, RecipeFailure> {
        let until = self
            .now_ms()
            .saturating_add(i64::try_from(visibility.as_millis()).unwrap_or(i64::MAX));
        let receive_count = item.receive_count.saturating_add(1);
        let taken = self
            .client
            .update_item()
            .table_name(TABLE)
            .key("PK", text(&self.name))
            .key("SK", text(&item.id))
            .update_expression("SET #visible = :until, #count = :count")
            .condition_expression("#visible = :seen AND #count = :before")
            .expression_attribute_names("#visible", "visible_at_ms")
            .expression_attribute_names("#count", "receive_count")
            .expression_attribute_values(":until", number(until))
            .expression_attribute_values(":count", number(i64::from(receive_count)))
            .expression_attribute_values(":seen", number(item.visible_at_ms))
            .expression_attribute_values(":before", number(i64::from(item.receive_count)))
            .send()
            .await
            .map_err(aws_sdk_dynamodb::error::SdkError::into_service_error);
        match taken {
            Ok(_) => Ok(Some(Received {
                body: item.body.clone(),
                receipt: format!("{} {receive_count}", item.id),
                receive_count,
            })),
            Err(error) if error.is_conditional_check_failed_exception() => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Moves a message to the dead letters: there first, so that it can be twice but never lost.
    async fn bury(&self, item: &Item) -> Result<(), RecipeFailure> {
        self.put(&self.dead(), item).await?;
        self.remove(&self.name, &item.id, item.receive_count).await
    }

    /// The oldest dead letters: ids sort by time.
    async fn dead_items(&self, max: usize) -> Result<Vec<Item>, RecipeFailure> {
        let max = max.clamp(1, 10);
        let limit = i32::try_from(max).unwrap_or(i32::MAX);
        let mut items = self.query(&self.dead(), i64::MAX, limit).await?;
        items.truncate(max);
        Ok(items)
    }

    async fn put(&self, queue: &str, item: &Item) -> Result<(), RecipeFailure> {
        let reason = item
            .reason
            .as_ref()
            .and_then(|r| serde_json::to_string(r).ok());
        self.client
            .put_item()
            .table_name(TABLE)
            .item("PK", text(queue))
            .item("SK", text(&item.id))
            .item("body", text(&item.body))
            .item("visible_at_ms", number(item.visible_at_ms))
            .item("receive_count", number(i64::from(item.receive_count)))
            .item("reason", text(reason.unwrap_or_default()))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| failed(error.into_service_error()))
    }

    async fn remove(&self, queue: &str, id: &str, receive_count: u32) -> Result<(), RecipeFailure> {
        let removed = self
            .client
            .delete_item()
            .table_name(TABLE)
            .key("PK", text(queue))
            .key("SK", text(id))
            .condition_expression("#count = :count")
            .expression_attribute_names("#count", "receive_count")
            .expression_attribute_values(":count", number(i64::from(receive_count)))
            .send()
            .await
            .map_err(aws_sdk_dynamodb::error::SdkError::into_service_error);
        match removed {
            Ok(_) => Ok(()),
            // Gone already, or received again by somebody else: their receipt counts now.
            Err(error) if error.is_conditional_check_failed_exception() => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

/// A stored message.
struct Item {
    id: String,
    body: String,
    visible_at_ms: i64,
    receive_count: u32,
    /// Why it was buried.
    reason: Option<RecipeFailure>,
}

impl Item {
    fn read(item: &std::collections::HashMap<String, AttributeValue>) -> Option<Self> {
        Some(Self {
            id: item.get("SK")?.as_s().ok()?.clone(),
            body: item.get("body")?.as_s().ok()?.clone(),
            visible_at_ms: item.get("visible_at_ms")?.as_n().ok()?.parse().ok()?,
            receive_count: item.get("receive_count")?.as_n().ok()?.parse().ok()?,
            reason: item
                .get("reason")
                .and_then(|reason| serde_json::from_str(reason.as_s().ok()?).ok()),
        })
    }
}

#[async_trait]
impl Queue for TableQueue {
    async fn send(&self, body: &str, delay: Duration) -> Result<(), RecipeFailure> {
        if body.is_empty() || body.len() > BODY_BYTES_MAX {
            return Err(RecipeFailure::invalid_input(format!(
                "a message of {} bytes: use 1 to {BODY_BYTES_MAX}",
                body.len()
            )));
        }
        let delay_ms = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
        let item = Item {
            id: SystemIds.execution_id(self.clock.now()).to_string(),
            body: body.to_owned(),
            visible_at_ms: self.now_ms().saturating_add(delay_ms),
            receive_count: 0,
            reason: None,
        };
        self.put(&self.name, &item).await
    }

    async fn receive(
        &self,
        max: usize,
        visibility: Duration,
    ) -> Result<Vec<Received>, RecipeFailure> {
        let max = max.clamp(1, 10);
        let mut received = Vec::new();
        for item in self.query(&self.name, self.now_ms(), 100).await? {
            if item.receive_count >= self.receives_max {
                self.bury(&item).await?;
            } else if let Some(message) = self.take(&item, visibility).await? {
                received.push(message);
            }
            if received.len() >= max {
                break;
            }
        }
        Ok(received)
    }

    async fn delete(&self, receipt: &str) -> Result<(), RecipeFailure> {
        let parsed = receipt
            .split_once(' ')
            .and_then(|(id, count)| Some((id, count.parse().ok()?)));
        match parsed {
            Some((id, count)) => self.remove(&self.name, id, count).await,
            None => Err(RecipeFailure::invalid_input(
                "`receipt` is not one of this queue",
            )),
        }
    }

    async fn bury(&self, body: &str, reason: &RecipeFailure) -> Result<(), RecipeFailure> {
        let item = Item {
            id: SystemIds.execution_id(self.clock.now()).to_string(),
            body: body.to_owned(),
            visible_at_ms: self.now_ms(),
            receive_count: 0,
            reason: Some(reason.clone()),
        };
        self.put(&self.dead(), &item).await
    }

    async fn dead_letters(&self, max: usize) -> Result<Vec<DeadLetter>, RecipeFailure> {
        let letter = |item: Item| DeadLetter {
            body: item.body,
            reason: item.reason,
        };
        let items = self.dead_items(max).await?;
        Ok(items.into_iter().map(letter).collect())
    }

    async fn redrive(&self, max: usize) -> Result<usize, RecipeFailure> {
        let mut moved = 0;
        for item in self.dead_items(max).await? {
            // There first, so that it can be twice but never lost.
            self.send(&item.body, Duration::ZERO).await?;
            self.remove(&self.dead(), &item.id, item.receive_count)
                .await?;
            moved += 1;
        }
        Ok(moved)
    }
}
