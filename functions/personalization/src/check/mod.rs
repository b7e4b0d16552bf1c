//! What holds of an answer, whoever wrote it.

pub(crate) mod gates;
pub(crate) mod review;
pub(crate) mod whole;
