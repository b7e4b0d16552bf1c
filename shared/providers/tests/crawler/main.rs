//! The crawler against hostile addresses, robots.txt files and servers, over real sockets.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic and says when it is skipped"
)]

mod addresses;
mod admission;
mod limits;
mod robots;
mod robots_vectors;
mod seam;
mod web;
