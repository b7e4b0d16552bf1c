//! The personalization recipe
