//! The discovery function: wiring only.

use std::sync::Arc;

use discovery::Discovery;
use hunter_aws::{
    config::{Environment, Settings},
    dynamodb::DynamoStore,
    secrets::EnvironmentSecrets,
};
use hunter_core::{Platform, SystemClock};
use hunter_providers::{
    ConfiguredSources, HttpSitesConfig, Route, SitesConfig, SourcesConfig, site_fetcher,
};

#[tokio::main]
async fn main() -> Result<(), hunter_lambda::Error> {
    let settings = Settings::from_env()?;
    let clock = Arc::new(SystemClock);
    let store = DynamoStore::open(&settings, clock.clone())?;
    let secrets = Arc::new(EnvironmentSecrets::new(Environment::of_process()));
    let sources = ConfiguredSources::new(SourcesConfig::public(), secrets, clock.clone())?;
    let live = SitesConfig::Http(HttpSitesConfig::new(Route::Live));
    let recipe = Discovery::new(Arc::new(sources), site_fetcher(live, clock.clone())?);
    hunter_lambda::serve_recipe(recipe, Platform::new(Arc::new(store), clock)).await
}
