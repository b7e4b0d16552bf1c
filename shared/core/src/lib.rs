//! What all recipes share: the components of specification §4 as traits, the ports to the outside,
//! and [`execute()`](recipe::execute()), the one way to run a step. No I/O happens here: everything goes through the
//! ports in [`Platform`](recipe::Platform) and [`Context`](recipe::Context).

pub mod control_plane;
pub mod ports;
pub mod recipe;
pub mod rules;
pub mod store;
#[cfg(feature = "test-support")]
pub mod test_support;
