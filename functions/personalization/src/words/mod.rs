//! Texts as such: their words, their languages, and the sentences that are data.

pub(crate) mod grammar;
pub(crate) mod language;
pub(crate) mod text;
pub(crate) mod tokens;
