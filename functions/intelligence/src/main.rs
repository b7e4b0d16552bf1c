//! The intelligence function: wiring only.

use std::sync::Arc;

use hunter_aws::{config::Settings, dynamodb::DynamoStore};
use hunter_core::{Platform, SystemClock};
use hunter_providers::{HttpSitesConfig, Route, SitesConfig, site_fetcher};
use intelligence::Intelligence;

#[tokio::main]
async fn main() -> Result<(), hunter_lambda::Error> {
    let settings = Settings::from_env()?;
    let clock = Arc::new(SystemClock);
    let store = DynamoStore::open(&settings, clock.clone())?;
    let sites = site_fetcher(
        SitesConfig::Http(HttpSitesConfig::new(Route::Live)),
        clock.clone(),
    )?;
    let recipe = Intelligence::new(sites);
    hunter_lambda::serve_recipe(recipe, Platform::new(Arc::new(store), clock)).await
}
