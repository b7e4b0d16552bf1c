//! The command line as its users see it: the real binary, its exit codes and what it prints.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test may panic"
)]

mod agents;
mod bad_input;
mod doctor;
mod exports;
mod harness;
mod interrupted;
mod outside;
mod place_files;
mod reports;
mod review;
mod server;
