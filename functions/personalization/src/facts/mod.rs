//! What a message may be made from.

pub(crate) mod material;
pub(crate) mod people;
pub(crate) mod supplied;
pub(crate) mod usable;
