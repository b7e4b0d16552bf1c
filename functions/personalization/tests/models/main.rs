//! Messages by models that are honest, lie in each way, babble, are slow, refuse, or obey what a
//! page says: whatever they answer, what comes out is true, and nothing is lost or charged twice.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test may panic, and its helpers are shared"
)]

mod doubles;
mod judging;
mod languages;
mod obedient;
#[path = "../support/mod.rs"]
mod support;
mod writing;
