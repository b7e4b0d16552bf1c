//! The intelligence recipe
