//! The discovery function: wiring only. Keys of outside services come from Secrets Manager alone.

use std::{process::ExitCode, sync::Arc};

use discovery::Discovery;
use hunter_aws::Aws;
use hunter_core::ports::SystemClock;
use hunter_providers::{Providers, address_variables, client::Shared};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    hunter_lambda::start(async {
        let (aws, clock) = (Aws::from_env()?, Arc::new(SystemClock));
        let set = aws.providers(address_variables())?;
        let secrets = Arc::new(aws.secrets(clock.clone())?);
        let outside = Providers::new(set.addresses, secrets, Shared::for_runs(clock.clone()));
        let recipe = Discovery::new(outside.sources(None)?, outside.sites(set.sites_gateway)?)
            .with_models(outside.models(set.models_file.as_deref())?);
        hunter_lambda::serve_recipe(recipe, aws.platform(clock)?).await
    })
    .await
}
