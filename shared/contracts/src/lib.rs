//! Wire types of the Hunter: what travels between functions, is stored, and is shown to customers.
//!
//! The JSON field names and error codes are those of the agent design specification and are
//! contracts. Extensions of ours are optional fields, so every JSON example of the specification
//! deserialises and serialises back unchanged (`tests/golden.rs`). Inputs reject unknown fields.
//!
//! Nothing here does I/O, and nothing of ours is depended upon.

mod account;
mod agent;
mod alert;
mod contact;
mod control;
mod draft;
mod envelope;
mod error;
mod event;
mod ids;
mod lead;
mod ledger;
mod money;
mod outside;
mod recipes;
mod run;
mod score;

pub use account::*;
pub use agent::*;
pub use alert::*;
pub use contact::*;
pub use control::*;
pub use draft::*;
pub use envelope::*;
pub use error::*;
pub use event::*;
pub use ids::*;
pub use lead::*;
pub use ledger::*;
pub use money::*;
pub use outside::*;
pub use recipes::*;
pub use run::*;
pub use score::*;
