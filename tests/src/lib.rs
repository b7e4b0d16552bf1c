//! The harness of the end-to-end scenarios: a whole Hunter in one process (the embedded cloud, the
//! state machine, the provider sandbox), with a clock that stands still, a timer that never waits,
//! and a store that fails where a scenario wants it to.
//!
//! Everything that a scenario runs is what the product runs. Only time and the store's decorator
//! are the harness's own.

#![expect(clippy::unwrap_used, reason = "a harness of tests may panic")]

mod customer;
mod faulty_store;
mod page_text;
mod result;
mod time;
mod world;

pub use customer::{Customer, Terms};
pub use faulty_store::{Effect, Fault, FaultyStore, Script};
pub use page_text::PageText;
pub use result::{Books, DraftText, Essence, RunResult, StageCount};
pub use time::{InstantTimer, StandingClock};
pub use world::{World, WorldOptions, target};
