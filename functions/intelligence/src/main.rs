//! The intelligence function: wiring only.

use std::{process::ExitCode, sync::Arc};

use hunter_aws::Aws;
use hunter_core::SystemClock;
use hunter_providers::{HttpSitesConfig, Route, SitesConfig, site_fetcher};
use intelligence::Intelligence;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    hunter_lambda::start(async {
        let (aws, clock) = (Aws::from_env()?, Arc::new(SystemClock));
        let gateway = aws.providers()?.sites_gateway;
        let route = gateway.map_or(Route::Live, Route::Gateway);
        let web = SitesConfig::Http(HttpSitesConfig::new(route));
        let recipe = Intelligence::new(site_fetcher(web, clock.clone())?);
        hunter_lambda::serve_recipe(recipe, aws.platform(clock)?).await
    })
    .await
}
