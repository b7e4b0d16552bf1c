//! A service as its clients see it.

use hunter_contracts::Dollars;
use jiff::civil::Date;

use super::{Meaning, Rate, Refusal};

/// A service as its documentation describes it.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// As in `hunter_io`; the name on meters and in recordings.
    pub id: &'static str,
    /// For people, as in `Hunter.io`.
    pub name: &'static str,
    /// What a refusal means, by the service's documented errors.
    pub refusal: fn(&Refusal<'_>) -> Meaning,
    /// The most calls that the service allows a customer.
    pub rate: Rate,
    /// What it asks for.
    pub prices: Pricing,
}

/// What a service asks for, at list prices without volume discounts.
#[derive(Debug, Clone, Copy)]
pub enum Pricing {
    /// Nothing.
    Free,
    /// By the model: see `models.toml`.
    ByModel,
    /// By the operation.
    List {
        /// The day on which the prices were read.
        as_of: Date,
        /// What a unit of each operation costs; what is free is left out.
        units: &'static [(&'static str, Dollars)],
    },
}

impl Service {
    /// What a unit of an operation costs; nothing where the list has no entry.
    #[must_use]
    pub fn price(&self, operation: &str) -> Dollars {
        let Pricing::List { units, .. } = self.prices else {
            return Dollars::ZERO;
        };
        let unit = units.iter().find(|(name, _)| *name == operation);
        unit.map_or(Dollars::ZERO, |(_, price)| *price)
    }
}
