//! The API over real sockets, on the store's adapter and an embedded DynamoDB.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::string_slice,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test may panic"
)]

mod bodies;
mod door;
mod drafts;
mod fixture;
mod isolation;
mod issuer;
mod operations;
mod probes;
mod runs;
#[path = "../support/mod.rs"]
mod support;
mod surface;
mod tokens;
