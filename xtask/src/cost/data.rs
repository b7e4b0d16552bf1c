//! Counts, prices and assumptions, as they stand in files.

use std::{collections::BTreeMap, fs, path::Path};

use serde::{Deserialize, Serialize};

use crate::report::Error;

const PRICES: &str = include_str!("../../data/aws-prices.toml");
const ASSUMPTIONS: &str = include_str!("../../data/cost-assumptions.toml");

/// Calls of one function in a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Calls {
    /// How many.
    pub(super) calls: u64,
    /// How long they took together, in milliseconds.
    pub(super) ms: f64,
}

/// What was counted in one run. Other figures of the same program are left aside.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Counts {
    pub(super) screened: u64,
    pub(super) qualified: u64,
    pub(super) drafts: u64,
    /// Requests to sites and outside services.
    pub(super) requests: u64,
    pub(super) write_units: f64,
    pub(super) read_units: f64,
    pub(super) transitions: u64,
    pub(super) alerts: u64,
    pub(super) functions: BTreeMap<String, Calls>,
}

impl Counts {
    /// From a file of JSON.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path)
            .map_err(|error| format!("`{}` cannot be read: {error}", path.display()))?;
        Self::parse(&text)
    }

    /// From JSON.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let counts: Self = serde_json::from_str(text.trim())
            .map_err(|error| format!("the counts are not as expected: {error}"))?;
        if counts.qualified == 0 {
            return Err("the counted run has no qualified lead: nothing can be shared out".into());
        }
        Ok(counts)
    }
}

/// How a price was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum How {
    Page,
    Secondary,
    Memory,
}

/// One price.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Price {
    id: String,
    pub(super) service: String,
    usd: f64,
    per: f64,
    what: String,
    source: String,
    read: toml::value::Datetime,
    how: How,
}

impl Price {
    /// For a quantity.
    pub(super) fn of(&self, quantity: f64) -> f64 {
        quantity * self.usd / self.per
    }

    /// As in `$0.025 per 1000 state transitions of standard workflows`.
    pub(super) fn label(&self) -> String {
        format!("${} per {} {}", self.usd, self.per, self.what)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceFile {
    region: String,
    price: Vec<Price>,
}

/// All prices.
pub(crate) struct Prices {
    /// Where they hold.
    pub(super) region: String,
    by_id: BTreeMap<String, Price>,
}

impl Prices {
    /// From the file that is compiled in.
    pub(super) fn load() -> Result<Self, Error> {
        let file: PriceFile = toml::from_str(PRICES)?;
        let mut by_id = BTreeMap::new();
        for price in file.price {
            if !(price.usd > 0.0 && price.per > 0.0 && price.source.starts_with("https://")) {
                return Err(format!("price `{}` has no amount or no source", price.id).into());
            }
            if let Some(twice) = by_id.insert(price.id.clone(), price) {
                return Err(format!("price `{}` stands there twice", twice.id).into());
            }
        }
        Ok(Self {
            region: file.region,
            by_id,
        })
    }

    /// One price.
    pub(super) fn get(&self, id: &str) -> Result<&Price, Error> {
        let found = self.by_id.get(id);
        found.ok_or_else(|| format!("`xtask/data/aws-prices.toml` has no price `{id}`").into())
    }

    /// Where the prices are from, and which of them nobody has checked.
    pub(super) fn provenance(&self) -> String {
        let of = |how| self.by_id.values().filter(move |price| price.how == how);
        let oldest = self
            .by_id
            .values()
            .map(|price| price.read.to_string())
            .min();
        let unchecked: Vec<&str> = of(How::Memory).map(|price| price.id.as_str()).collect();
        format!(
            "prices: read from {} on, {} on AWS's own pages, {} in articles, from memory: {}",
            oldest.unwrap_or_default(),
            of(How::Page).count(),
            of(How::Secondary).count(),
            if unchecked.is_empty() {
                "none".to_owned()
            } else {
                unchecked.join(", ")
            }
        )
    }
}

/// What is taken for granted; the file says why.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assumptions {
    pub(super) architecture: String,
    pub(super) memory_mb: u32,
    pub(super) start_ms: f64,
    pub(super) log_bytes_per_call: u32,
    pub(super) log_bytes_per_transition: u32,
    pub(super) schedule_invocations: u32,
    pub(super) trigger_calls: u32,
    pub(super) trigger_ms: f64,
    pub(super) queue_requests: u32,
    pub(super) api_requests: u32,
    pub(super) api_requests_per_draft: u32,
    pub(super) api_ms: f64,
    pub(super) api_read_units_per_request: f64,
    pub(super) api_write_units_per_draft: f64,
    pub(super) alert_queue_requests: u32,
    pub(super) notify_ms: f64,
    pub(super) notify_read_units: f64,
    pub(super) notify_write_units: f64,
    pub(super) secret_requests: u32,
    pub(super) kms_requests: u32,
    pub(super) sent_bytes_per_request: u32,
    pub(super) queue_pollers: u32,
    pub(super) queue_poll_seconds: u32,
    pub(super) secrets: u32,
    pub(super) metrics: u32,
}

impl Assumptions {
    /// From the file that is compiled in.
    pub(super) fn load() -> Result<Self, Error> {
        Ok(toml::from_str(ASSUMPTIONS)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_price_has_an_amount_a_source_and_a_day() {
        let prices = Prices::load().unwrap();
        assert_eq!(prices.region, "us-east-1");
        let transition = prices.get("state_transition").unwrap();
        assert_eq!(transition.how, How::Page);
        assert!((transition.of(37.0) - 0.000_925).abs() < 1e-12);
        let error = prices.get("quantum_hour").err().unwrap().to_string();
        assert!(error.contains("quantum_hour"), "{error}");
    }

    #[test]
    fn counts_without_leads_or_without_a_figure_are_refused() {
        let text = r#"{"screened":2,"qualified":0,"drafts":0,"requests":0,"write_units":1.0,
            "read_units":1.0,"transitions":1,"alerts":0,"functions":{}}"#;
        assert!(Counts::parse(text).is_err());
        let text = text.replace("\"qualified\":0", "\"qualified\":1");
        assert!(Counts::parse(&text).is_ok());
        let error = Counts::parse("{\"screened\":2}").unwrap_err().to_string();
        assert!(error.contains("qualified"), "{error}");
    }
}
