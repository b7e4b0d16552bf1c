//! placeholder
#![allow(dead_code)]
mod dice;
mod town;
pub use town::*;
