//! The discovery function: wiring only. Keys of outside services come from Secrets Manager alone.

use std::{process::ExitCode, sync::Arc};

use discovery::Discovery;
use hunter_aws::Aws;
use hunter_core::SystemClock;
use hunter_providers::{
    ConfiguredSources, HttpSitesConfig, Route, SitesConfig, SourcesConfig, site_fetcher,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    hunter_lambda::start(async {
        let (aws, clock) = (Aws::from_env()?, Arc::new(SystemClock));
        let (secrets, others) = (aws.secrets(clock.clone())?, aws.providers()?);
        let mut config = SourcesConfig::public();
        config.google_places = others.google_places_url.or(config.google_places);
        if let (Some(overpass), Some(url)) = (&mut config.overpass, others.overpass_url) {
            overpass.base_url = url;
        }
        let sources = ConfiguredSources::new(config, Arc::new(secrets), clock.clone())?;
        let route = others.sites_gateway.map_or(Route::Live, Route::Gateway);
        let web = SitesConfig::Http(HttpSitesConfig::new(route));
        let recipe = Discovery::new(Arc::new(sources), site_fetcher(web, clock.clone())?);
        hunter_lambda::serve_recipe(recipe, aws.platform(clock)?).await
    })
    .await
}
