//! Notify on the real store, with doubles of the mail service and of the queue.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod deliveries;
mod hostile;
mod rules;
mod support;
