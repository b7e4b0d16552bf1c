//! The personalization function: wiring only.

use std::sync::Arc;

use hunter_aws::{config::Settings, dynamodb::DynamoStore};
use hunter_core::{Platform, SystemClock};
use personalization::Personalization;

#[tokio::main]
async fn main() -> Result<(), hunter_lambda::Error> {
    let settings = Settings::from_env()?;
    let clock = Arc::new(SystemClock);
    let store = DynamoStore::open(&settings, clock.clone())?;
    let recipe = Personalization::rules();
    hunter_lambda::serve_recipe(recipe, Platform::new(Arc::new(store), clock)).await
}
