//! The subscription recipe
