//! Prices: dated data (`data/rates.json`), one card for every time.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};

use crate::{Credits, ErrorCode, RECIPES, RateCard, RecipeFailure, utc_date};

/// The cards that were ever published.
const PUBLISHED: &str = include_str!("../data/rates.json");

impl RateCard {
    /// The card of what was stored before cards were kept with runs: there was one.
    #[must_use]
    #[expect(
        clippy::unwrap_used,
        reason = "the published cards are read when a function starts, and by a test"
    )]
    pub fn first() -> Self {
        Rates::published().unwrap().0.first().unwrap().clone()
    }
}

/// The rate cards by date: at least one, ids and days of their own, no price below 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates(Arc<[RateCard]>);

/// Why rate cards cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RatesError {
    /// They cannot be read: a field is missing, unknown, given twice or no price.
    #[error("rate cards cannot be read: {0}")]
    Unreadable(String),
    /// There is none.
    #[error("there is no rate card: give at least one")]
    Empty,
    /// A price is below 0.
    #[error("rate card `{card}`: `{field}` is {price}: a price is 0 or more")]
    Negative {
        /// The card's id.
        card: String,
        /// The recipe.
        field: &'static str,
        /// The price.
        price: Credits,
    },
    /// An id is given twice.
    #[error("rate card `{0}` is given twice: charges name their card by its `id`")]
    SameId(String),
    /// Two cards begin on one day.
    #[error("rate cards `{0}` and `{1}` have the same `valid_from`, {2}: a day has one price")]
    SameDay(String, String, Date),
    /// No card holds on a day.
    #[error("no rate card holds on {day}: the first one, `{first}`, is valid from {valid_from}")]
    Gap {
        /// The day.
        day: Date,
        /// The first card's id.
        first: String,
        /// The first card's day.
        valid_from: Date,
    },
}

impl Rates {
    /// The published cards.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn published() -> Result<Self, RatesError> {
        Self::parse(PUBLISHED)
    }

    /// Reads and checks a JSON list of cards.
    ///
    /// # Errors
    /// When they cannot be read, or one day or charge could have two prices.
    pub fn parse(text: &str) -> Result<Self, RatesError> {
        let read = serde_json::from_str(text);
        let mut cards: Vec<RateCard> =
            read.map_err(|error| RatesError::Unreadable(error.to_string()))?;
        cards.sort_by_key(|card| card.valid_from);
        for (index, card) in cards.iter().enumerate() {
            let mut prices = RECIPES
                .iter()
                .map(|recipe| (recipe.id.into(), card.price(recipe.id)));
            if let Some((field, price)) = prices.find(|(_, price)| price.is_negative()) {
                let card = card.id.clone();
                return Err(RatesError::Negative { card, field, price });
            }
            let mut later = cards.iter().skip(index.saturating_add(1));
            if later.clone().any(|other| other.id == card.id) {
                return Err(RatesError::SameId(card.id.clone()));
            }
            if let Some(other) = later.find(|other| other.valid_from == card.valid_from) {
                let (one, other) = (card.id.clone(), other.id.clone());
                return Err(RatesError::SameDay(one, other, card.valid_from));
            }
        }
        if cards.is_empty() {
            return Err(RatesError::Empty);
        }
        Ok(Self(cards.into()))
    }

    /// The card of a time.
    ///
    /// # Errors
    /// [`RatesError::Gap`] before the first card.
    pub fn at(&self, time: Timestamp) -> Result<&RateCard, RatesError> {
        let day = utc_date(time);
        let mut newest_first = self.0.iter().rev();
        let card = newest_first.find(|card| card.valid_from <= day);
        card.ok_or_else(|| {
            let (first, valid_from) = match self.0.first() {
                Some(card) => (card.id.clone(), card.valid_from),
                None => (String::new(), day),
            };
            RatesError::Gap {
                day,
                first,
                valid_from,
            }
        })
    }
}

impl From<RatesError> for RecipeFailure {
    fn from(error: RatesError) -> Self {
        Self::new(ErrorCode::InvalidConfiguration, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn card(id: &str, valid_from: &str) -> Value {
        json!({
            "id": id, "valid_from": valid_from, "discovery": 0.02, "intelligence": 0.02,
            "personalization": 0.04, "outreach": 0, "subscription": 0,
        })
    }

    fn parse(cards: &[Value]) -> Result<Rates, RatesError> {
        Rates::parse(&json!(cards).to_string())
    }

    #[test]
    fn the_published_cards_can_be_used_and_the_first_one_never_changes() {
        let rates = Rates::published().unwrap();
        let first = RateCard::first();
        assert_eq!(
            first,
            serde_json::from_value(card("list-2025-12", "2025-12-14")).unwrap()
        );
        assert_eq!(first.per_lead_max(), Credits::from_micros(80_000));
        assert_eq!(
            rates.at("2025-12-14T00:00:00Z".parse().unwrap()),
            Ok(&first)
        );
    }

    #[test]
    fn a_day_has_one_card() {
        // In no order.
        let rates = parse(&[card("b", "2026-03-01"), card("a", "2026-01-01")]).unwrap();
        for (time, expected) in [
            ("2025-12-31T23:59:59Z", None),
            ("2026-01-01T00:00:00Z", Some("a")),
            ("2026-02-28T23:59:59Z", Some("a")),
            ("2026-03-01T00:00:00Z", Some("b")),
            ("2031-01-01T00:00:00Z", Some("b")),
        ] {
            let found = rates.at(time.parse().unwrap());
            assert_eq!(found.ok().map(|card| card.id.as_str()), expected, "{time}");
        }
    }

    #[test]
    fn cards_that_cannot_be_used_are_refused_by_field_and_card() {
        let with = |change: fn(&mut Value)| {
            let mut bad = card("b", "2026-03-01");
            change(&mut bad);
            parse(&[card("a", "2026-01-01"), bad])
                .unwrap_err()
                .to_string()
        };
        for (told, expected) in [
            (
                with(|c| c["outreach"] = json!(-0.01)),
                "`b`: `outreach` is -0.01",
            ),
            (with(|c| c["id"] = json!("a")), "`a` is given twice"),
            (
                with(|c| c["valid_from"] = json!("2026-01-01")),
                "`a` and `b` have the same `valid_from`, 2026-01-01",
            ),
            (
                with(|c| drop(c.as_object_mut().unwrap().remove("intelligence"))),
                "missing field `intelligence`",
            ),
            (with(|c| c["colour"] = json!(1)), "unknown field `colour`"),
            (with(|c| c["discovery"] = json!("0.02")), "expected f64"),
            (with(|c| c["valid_from"] = json!("March")), "as year"),
        ] {
            assert!(told.contains(expected), "{expected}: {told}");
        }
        let twice = card("a", "2026-01-01")
            .to_string()
            .replacen('{', r#"{"outreach": 1, "#, 1);
        let told = Rates::parse(&format!("[{twice}]")).unwrap_err().to_string();
        assert!(
            told.contains("duplicate field `outreach` at line 1"),
            "{told}"
        );
        assert_eq!(parse(&[]), Err(RatesError::Empty));
        let gap = parse(&[card("a", "2026-01-01")]).unwrap();
        let told = gap
            .at("2025-06-01T12:00:00Z".parse().unwrap())
            .unwrap_err()
            .to_string();
        assert!(
            told.contains("2025-06-01") && told.contains("`a`"),
            "{told}"
        );
    }
}
