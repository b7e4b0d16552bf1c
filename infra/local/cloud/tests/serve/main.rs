//! `hunter serve` over real HTTP, with real tokens, on the generated town.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod harness;
mod isolation;
mod jobs;
mod starts;
