//! The outreach function: wiring only.

use std::{process::ExitCode, sync::Arc};

use hunter_aws::Aws;
use hunter_core::ports::SystemClock;
use outreach::Outreach;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    hunter_lambda::start(async {
        let (aws, clock) = (Aws::from_env()?, Arc::new(SystemClock));
        hunter_lambda::serve_recipe(Outreach::default(), aws.platform(clock)?).await
    })
    .await
}
