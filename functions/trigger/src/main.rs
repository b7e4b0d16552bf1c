//! The trigger function: wiring only.

use std::{process::ExitCode, sync::Arc};

use hunter_aws::Aws;
use hunter_core::{
    control_plane::ControlPlane,
    ports::{NoSchedules, SystemClock, SystemIds},
};
use trigger::Trigger;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    hunter_lambda::start(async {
        let aws = Aws::from_env()?;
        let clock = Arc::new(SystemClock);
        let store = Arc::new(aws.store(clock.clone())?);
        let control = ControlPlane {
            store: store.clone(),
            accounts: store,
            executions: Arc::new(aws.executions()?),
            schedules: Arc::new(NoSchedules),
            clock,
            ids: Arc::new(SystemIds),
        };
        let trigger = Trigger::new(control, Arc::new(aws.run_queue()?));
        hunter_lambda::serve_event(|event| trigger::handle(&trigger, event)).await
    })
    .await
}
