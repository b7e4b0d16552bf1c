//! The store's adapter over the real protocol, on an embedded DynamoDB.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test may panic"
)]

mod accounts;
mod concurrency;
mod damage;
mod faults;
mod isolation;
mod model;
mod suites;
#[path = "../support/mod.rs"]
mod support;
mod units;
