//! What the handlers work with.

use std::sync::Arc;

use hunter_core::{
    control_plane::ControlPlane,
    ports::{Clock, Executions, Schedules, SystemIds},
    store::{Accounts, Store},
};

use crate::TokenVerifier;

/// Everything that the API needs: ports only.
#[derive(Clone)]
pub struct ApiState {
    /// Store, engine, timekeeper, clock and ids.
    pub control: ControlPlane,
    /// Who tells the tenant from a token.
    pub verifier: Arc<dyn TokenVerifier>,
}

impl ApiState {
    /// From adapters, with fresh ids from the operating system's randomness.
    pub fn new(
        store: impl Store + Accounts + 'static,
        executions: impl Executions + 'static,
        schedules: impl Schedules + 'static,
        verifier: impl TokenVerifier + 'static,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let store = Arc::new(store);
        Self {
            control: ControlPlane {
                store: store.clone(),
                accounts: store,
                executions: Arc::new(executions),
                schedules: Arc::new(schedules),
                clock,
                ids: Arc::new(SystemIds),
            },
            verifier: Arc::new(verifier),
        }
    }
}
