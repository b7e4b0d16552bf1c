//! The trigger on the real store, with doubles of the engine and of the queue.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod ended;
mod hostile;
mod runs;
mod support;
