//! What calls cost: a dated table, data and no code.

use std::collections::BTreeMap;

use hunter_contracts::Dollars;
use jiff::civil::Date;
use serde::Deserialize;

/// The list prices that are compiled in.
const LIST: &str = include_str!("prices.toml");

/// The price of one unit of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Price {
    /// In dollars.
    pub dollars: Dollars,
}

/// A price table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Prices {
    /// The day on which the prices were read.
    pub as_of: Date,
    /// Service → operation → price.
    #[serde(default)]
    pub services: BTreeMap<String, BTreeMap<String, Price>>,
}

impl Prices {
    /// The list prices.
    #[must_use]
    pub fn list() -> Self {
        // A test reads the same text.
        toml::from_str(LIST).unwrap_or_default()
    }

    /// What a unit of an operation costs; nothing where the table has no entry.
    #[must_use]
    pub fn of(&self, service: &str, operation: &str) -> Dollars {
        let service = self.services.get(service);
        service
            .and_then(|operations| operations.get(operation))
            .map_or(Dollars::ZERO, |price| price.dollars)
    }
}
