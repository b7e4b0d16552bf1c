//! Where what is said of a lead stands.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a value was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The page, feed or record that held it.
    pub url: String,
    /// The text as it stood there, at most 300 characters.
    pub quote: String,
    /// When it was fetched, or when the source file says its data is from.
    pub fetched_at: Timestamp,
}
