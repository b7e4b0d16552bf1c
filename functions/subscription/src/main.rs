//! The subscription function: wiring only.

use std::{process::ExitCode, sync::Arc};

use hunter_aws::Aws;
use hunter_core::ports::SystemClock;
use subscription::Subscription;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    hunter_lambda::start(async {
        let (aws, clock) = (Aws::from_env()?, Arc::new(SystemClock));
        let mut platform = aws.platform(clock)?;
        platform.alerts = Arc::new(aws.alerts()?);
        hunter_lambda::serve_recipe(Subscription, platform).await
    })
    .await
}
