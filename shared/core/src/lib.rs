//! What all recipes share: the components of specification §4 as traits, the ports to the outside,
//! and [`execute`], the one way to run a step. No I/O happens here: everything goes through the
//! ports in [`Platform`] and [`Context`].

mod accounts;
mod batch;
mod clock;
mod components;
mod contacts;
mod context;
mod control_plane;
mod execute;
mod executions;
mod idempotency;
mod meter;
mod models;
mod objects;
mod places;
mod plan;
mod ports;
mod reach;
mod result;
mod retry;
mod review;
mod schedule_expression;
mod similarity;
mod sites;
mod store;
mod suppression;
#[cfg(feature = "test-support")]
pub mod test_support;
mod validate;

pub use accounts::*;
pub use batch::*;
pub use clock::*;
pub use components::*;
pub use contacts::*;
pub use context::*;
pub use control_plane::*;
pub use execute::*;
pub use executions::*;
pub use idempotency::*;
pub use meter::*;
pub use models::*;
pub use places::*;
pub use plan::*;
pub use ports::*;
pub use reach::*;
pub use result::*;
pub use retry::*;
pub use review::*;
pub use schedule_expression::*;
pub use similarity::*;
pub use sites::*;
pub use store::*;
pub use suppression::*;
pub use validate::*;
