//! Every client against servers that misbehave: it returns in time, with a typed failure or with
//! what is right about the answer, without a panic, without a charge, and without showing a key.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod client;
mod contacts;
mod harness;
mod models;
mod places;
mod recorder;
mod sandbox;
mod server;
