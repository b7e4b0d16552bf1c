//! The outreach recipe
