//! Alerts as JSON files in `outbox/alerts/` and messages of the alert queue, in place of an SNS
//! topic.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use hunter_contracts::{AlertRecord, RecipeFailure};
use hunter_core::ports::{AlertPublisher, Queue};

use crate::files::write;

/// Writes each alert into a file named by its id.
#[derive(Debug, Clone)]
pub struct OutboxAlerts {
    directory: PathBuf,
}

impl OutboxAlerts {
    /// The outbox below a directory.
    #[must_use]
    pub fn new(directory: &Path) -> Self {
        Self {
            directory: directory.join("outbox").join("alerts"),
        }
    }
}

#[async_trait]
impl AlertPublisher for OutboxAlerts {
    async fn publish(&self, alert: &AlertRecord) -> Result<(), RecipeFailure> {
        let text = serde_json::to_vec_pretty(alert).map_err(RecipeFailure::defect)?;
        let path = self.directory.join(format!("{}.json", alert.id));
        write(&path, &text).await
    }
}

/// Puts each alert also on the alert queue, as the topic's subscription does with raw messages.
#[derive(Clone)]
pub struct QueuedAlerts {
    outbox: OutboxAlerts,
    queue: Arc<dyn Queue>,
}

impl QueuedAlerts {
    /// An outbox and a queue.
    #[must_use]
    pub fn new(outbox: OutboxAlerts, queue: Arc<dyn Queue>) -> Self {
        Self { outbox, queue }
    }
}

#[async_trait]
impl AlertPublisher for QueuedAlerts {
    async fn publish(&self, alert: &AlertRecord) -> Result<(), RecipeFailure> {
        let text = serde_json::to_string(alert).map_err(RecipeFailure::defect)?;
        self.outbox.publish(alert).await?;
        self.queue.send(&text, Duration::ZERO).await
    }
}
