//! The harness of the end-to-end scenarios: a whole Hunter in one process (the embedded cloud, the
//! state machine, the provider sandbox), with a clock that stands still, a timer that never waits,
//! and a store that fails where a scenario wants it to.
//!
//! What must hold on any engine stands in [`scenarios`]; [`EngineUnderTest`] is what they need of
//! one, and [`Embedded`] the engine of this process.
//!
//! Everything that a scenario runs is what the product runs. Only time and the store's decorator
//! are the harness's own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a harness of tests may panic, and says what it saw"
)]

mod customer;
mod embedded;
mod faulty_store;
mod page_text;
mod result;
pub mod scenarios;
mod time;
mod under_test;
mod world;

pub use customer::{Account, Customer, Terms};
pub use embedded::Embedded;
pub use faulty_store::{Effect, Fault, FaultyStore, Script};
pub use page_text::PageText;
pub use result::{Books, DraftText, Essence, RunResult, StageCount};
pub use time::{InstantTimer, StandingClock};
pub use under_test::{Disturbance, EngineUnderTest, RunEnd, Setup, Step};
pub use world::{World, WorldOptions, target};
