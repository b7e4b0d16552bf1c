//! The personalization function: wiring only. Keys of models come from Secrets Manager alone.

use std::{process::ExitCode, sync::Arc};

use hunter_aws::Aws;
use hunter_core::ports::SystemClock;
use hunter_providers::{Providers, address_variables, client::Shared};
use personalization::Personalization;

/// Messages at once: their time is spent waiting for models.
const AT_ONCE: usize = 25;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    hunter_lambda::start(async {
        let (aws, clock) = (Aws::from_env()?, Arc::new(SystemClock));
        let set = aws.providers(address_variables())?;
        let secrets = Arc::new(aws.secrets(clock.clone())?);
        let outside = Providers::new(set.addresses, secrets, Shared::for_runs(clock.clone()));
        let recipe = Personalization::new(outside.models(set.models_file.as_deref())?);
        let mut platform = aws.platform(clock)?;
        platform.record_concurrency = AT_ONCE;
        hunter_lambda::serve_recipe(recipe, platform).await
    })
    .await
}
