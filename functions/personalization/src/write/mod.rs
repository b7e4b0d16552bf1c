//! Who writes: models by request, and the rules engine. Both answer in the same shape, and nothing of
//! it is believed.

pub(crate) mod answer;
pub(crate) mod message;
pub(crate) mod request;
pub(crate) mod rules;
