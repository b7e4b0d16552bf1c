//! The waterfall over doubles: who is asked, in which order, when it stops, and what becomes of what
//! the services say.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod doubles;
mod failures;
mod opt_outs;
mod order;
mod people;
mod routing;
