//! The notify function: wiring only.

use std::{process::ExitCode, sync::Arc};

use hunter_aws::Aws;
use hunter_core::ports::SystemClock;
use notify::Notify;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    hunter_lambda::start(async {
        let aws = Aws::from_env()?;
        let clock = Arc::new(SystemClock);
        let store = Arc::new(aws.store(clock.clone())?);
        let admin = aws.notify()?.admin_email;
        let (queue, mailer) = (aws.alert_queue()?, aws.mailer()?);
        let notify = Notify::by_email(store, Arc::new(queue), Arc::new(mailer), clock, admin);
        hunter_lambda::serve_event(|event| notify::handle(&notify, event)).await
    })
    .await
}
