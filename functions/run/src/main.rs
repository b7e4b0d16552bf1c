//! The run function: wiring only.

use std::sync::Arc;

use hunter_aws::{config::Settings, dynamodb::DynamoStore};
use hunter_core::{Platform, SystemClock};

#[tokio::main]
async fn main() -> Result<(), hunter_lambda::Error> {
    let settings = Settings::from_env()?;
    let clock = Arc::new(SystemClock);
    let store = DynamoStore::open(&settings, clock.clone())?;
    let platform = Platform::new(Arc::new(store), clock);
    hunter_lambda::serve_run(|event| run::handle(&platform, event)).await
}
