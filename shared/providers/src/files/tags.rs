//! Tags, as OpenStreetMap has them.

use std::collections::BTreeMap;

/// Tags, trimmed, without empty values.
pub(crate) type Tags = BTreeMap<String, String>;
