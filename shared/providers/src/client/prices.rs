//! What calls cost: a dated table, data and no code.

use std::collections::BTreeMap;

use hunter_contracts::{Dollars, ErrorCode, RecipeFailure};
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, de::Error};

/// The list prices that are compiled in.
const LIST: &str = include_str!("prices.toml");

/// The price of one unit of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Price {
    /// In dollars.
    pub dollars: Dollars,
    /// The day on which it was read, where it is not the table's.
    #[serde(default, deserialize_with = "some_date")]
    pub as_of: Option<Date>,
}

/// A price table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Prices {
    /// The day on which the prices were read.
    #[serde(deserialize_with = "date")]
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
        Self::parse(LIST).unwrap_or_default()
    }

    /// A table in TOML: `as_of`, and `[services.<id>]` with `<operation> = { dollars = … }`.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when it is no such table, or a price is not above 0.
    pub fn parse(text: &str) -> Result<Self, RecipeFailure> {
        let wrong = |problem: String| {
            RecipeFailure::new(
                ErrorCode::InvalidConfiguration,
                format!("price table: {problem}"),
            )
        };
        let table: Self = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        for (service, operations) in &table.services {
            for (operation, price) in operations {
                if price.dollars == Dollars::ZERO {
                    return Err(wrong(format!(
                        "`services.{service}.{operation}`: a price is above 0; leave out what is \
                         free"
                    )));
                }
            }
        }
        Ok(table)
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

/// A date as TOML writes it, or as text.
fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let value = toml::Value::deserialize(deserializer)?;
    let text = match &value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text.parse().map_err(D::Error::custom)
}

fn some_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    date(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_list_is_dated_and_positive() {
        let list = Prices::parse(LIST).unwrap();
        assert!(!list.services.is_empty());
        let (first, last) = (date(2026, 1, 1), date(2030, 1, 1));
        let dates = list.services.values().flat_map(BTreeMap::values);
        for day in dates.filter_map(|price| price.as_of).chain([list.as_of]) {
            assert!(first <= day && day < last, "{day}");
        }
        for (service, operations) in &list.services {
            for (operation, price) in operations {
                // A slip of the decimal point shows here.
                let dollars = price.dollars.to_decimal();
                assert!(
                    dollars > 0.0 && dollars <= 500.0,
                    "{service}.{operation}: {dollars}"
                );
            }
        }
        assert_eq!(list, Prices::list());
        assert_eq!(list.of("google_places", "search").to_string(), "$0.035");
        assert_eq!(list.of("google_places", "nothing"), Dollars::ZERO);
        assert_eq!(list.of("nobody", "search"), Dollars::ZERO);
    }

    #[test]
    fn tables_that_are_none_are_refused() {
        for bad in [
            "",
            "as_of = 2026-02-30",
            "as_of = \"soon\"",
            "as_of = 2026-01-01\n[services.a]\nb = { dollars = 0 }",
            "as_of = 2026-01-01\n[services.a]\nb = { dollars = -1 }",
            "as_of = 2026-01-01\n[services.a]\nb = { euros = 1 }",
            "as_of = 2026-01-01\n[services.a]\nb = { dollars = 1, as_of = 2026-13-01 }",
        ] {
            let failure = Prices::parse(bad).unwrap_err();
            assert_eq!(failure.code, ErrorCode::InvalidConfiguration, "{bad}");
        }
    }
}
