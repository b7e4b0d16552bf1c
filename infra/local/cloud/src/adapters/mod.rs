//! This machine's adapters: things that a person can look at. Each stands behind the port that its
//! AWS counterpart stands behind, and passes the same suite (`tests/adapters.rs`).

mod alerts;
mod mailbox;
mod queue;
mod read_ahead;
mod secrets;
mod timekeeper;

pub use alerts::{OutboxAlerts, QueuedAlerts};
pub use mailbox::Mailbox;
pub use queue::TableQueue;
pub use read_ahead::ReadAhead;
pub use secrets::LocalSecrets;
pub use timekeeper::Timekeeper;
