//! The discovery recipe
