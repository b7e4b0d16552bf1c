//! How good a message is.

pub(crate) mod judge;
pub(crate) mod quality;
