//! One suite per port: every adapter of a port, the local one and AWS's, passes the same.
//!
//! A suite panics where an adapter does not do what its port promises. What differs from adapter to
//! adapter is handed in as closures: how time passes (a manual clock is moved, a real server is
//! waited for), how a secret is put, and how to look at what was delivered.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a suite may panic")]

mod alerts;
mod executions;
mod mailer;
mod queue;
mod schedules;
mod secrets;
mod store;

pub use alerts::{alert, alerts};
pub use executions::{MACHINE, executions, run_request, starts_at_once};
pub use mailer::{email, mailer};
pub use queue::{RECEIVES_MAX, messages_are_received_once, queue};
pub use schedules::{schedule, schedules};
pub use secrets::{SECRET_AGE_MAX, secrets};
pub use store::{account_store, tenant_store, unused_store};

use hunter_contracts::TenantId;

/// The tenant that suites work for.
#[must_use]
pub fn tenant() -> TenantId {
    TenantId::derived("cust", "001")
}

/// A tenant whose id begins like that of [`tenant`].
#[must_use]
pub fn other_tenant() -> TenantId {
    TenantId::derived("cust", "0011")
}
