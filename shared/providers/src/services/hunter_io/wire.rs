//! The shapes of Hunter.io's answers. What decides is typed strictly; what merely adorns may be
//! absent or null.

use std::fmt;

use hunter_contracts::{Score, Verification};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;
use serde_json::Value;

/// `data` of `domain-search`, with `meta.results` moved in.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Domain {
    pub(super) emails: Vec<Entry>,
    #[serde(default)]
    pub(super) disposable: Option<bool>,
    #[serde(default)]
    pub(super) webmail: Option<bool>,
    #[serde(default)]
    pub(super) accept_all: Option<bool>,
    #[serde(default)]
    pub(super) pattern: Option<String>,
    #[serde(default)]
    pub(super) organization: Option<String>,
    #[serde(default)]
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) industry: Option<String>,
    #[serde(default)]
    pub(super) headcount: Option<Value>,
    #[serde(default)]
    pub(super) meta_results: Option<u64>,
}

impl Domain {
    /// A domain of which nothing is known.
    pub(super) fn empty() -> Self {
        Self::default()
    }

    pub(super) fn flags(&self) -> Flags {
        Flags {
            disposable: self.disposable == Some(true),
            webmail: self.webmail == Some(true),
            accept_all: self.accept_all == Some(true),
        }
    }
}

/// One address of a domain.
#[derive(Debug, Deserialize)]
pub(super) struct Entry {
    pub(super) value: String,
    #[serde(rename = "type", default)]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) confidence: Option<f64>,
    #[serde(default)]
    pub(super) sources: Option<Vec<Source>>,
    #[serde(default)]
    pub(super) first_name: Option<String>,
    #[serde(default)]
    pub(super) last_name: Option<String>,
    #[serde(default)]
    pub(super) position: Option<String>,
    #[serde(default)]
    pub(super) seniority: Option<String>,
    #[serde(default)]
    pub(super) department: Option<String>,
    #[serde(default)]
    pub(super) linkedin: Option<String>,
    #[serde(default)]
    pub(super) phone_number: Option<String>,
    #[serde(default)]
    pub(super) verification: Option<Verified>,
}

/// Where an address was found.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Source {
    pub(super) uri: String,
    #[serde(default)]
    pub(super) extracted_on: Option<String>,
    #[serde(default)]
    pub(super) last_seen_on: Option<String>,
    #[serde(default)]
    pub(super) still_on_page: Option<bool>,
}

impl Source {
    pub(super) fn words(&self) -> String {
        let day = |day: &Option<String>| day.clone().unwrap_or_else(|| "an unknown day".to_owned());
        format!(
            "found on {} on {}, last seen on {}, {}",
            self.uri,
            day(&self.extracted_on),
            day(&self.last_seen_on),
            match self.still_on_page {
                Some(true) => "still there",
                Some(false) => "no longer there",
                None => "not known whether still there",
            }
        )
    }

    /// When the service last saw it there.
    pub(super) fn seen_at(&self) -> Option<Timestamp> {
        let day = self.last_seen_on.as_ref().or(self.extracted_on.as_ref())?;
        let day: Date = day.parse().ok()?;
        Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
    }
}

/// A page that still has it before one that has not, the latest first.
pub(super) fn best_source(sources: &[Source]) -> Option<&Source> {
    sources
        .iter()
        .filter(|source| !source.uri.trim().is_empty())
        .max_by_key(|source| (source.still_on_page == Some(true), source.seen_at()))
}

/// `verification` of an address.
#[derive(Debug, Deserialize)]
pub(super) struct Verified {
    #[serde(default)]
    pub(super) status: Option<String>,
}

/// What a domain is, where nothing is known of the single address.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) disposable: bool,
    pub(super) webmail: bool,
    pub(super) accept_all: bool,
}

impl Flags {
    fn verification(self) -> Verification {
        if self.disposable {
            Verification::Disposable
        } else if self.webmail {
            Verification::Webmail
        } else if self.accept_all {
            Verification::AcceptAll
        } else {
            Verification::Unknown
        }
    }
}

/// A status in Hunter.io's words. A word that is not documented says nothing, and nothing but
/// `valid` is valid.
pub(super) fn verification(status: Option<&str>, flags: Flags) -> Verification {
    match status {
        Some("valid") => Verification::Valid,
        Some("invalid") => Verification::Invalid,
        Some("accept_all") => Verification::AcceptAll,
        Some("webmail") => Verification::Webmail,
        Some("disposable") => Verification::Disposable,
        Some(_) => Verification::Unknown,
        None => flags.verification(),
    }
}

/// 0 to 100 as a score.
pub(super) fn percent(value: Option<f64>) -> Score {
    Score::clamped(value.unwrap_or(0.0) / 100.0)
}

/// `data` of `email-finder`.
#[derive(Debug, Deserialize)]
pub(super) struct Finder {
    /// Null where none was found.
    pub(super) email: Option<String>,
    #[serde(default)]
    pub(super) score: Option<f64>,
    #[serde(default)]
    pub(super) accept_all: Option<bool>,
    #[serde(default)]
    pub(super) position: Option<String>,
    #[serde(default)]
    pub(super) linkedin_url: Option<String>,
    #[serde(default)]
    pub(super) phone_number: Option<String>,
    #[serde(default)]
    pub(super) sources: Option<Vec<Source>>,
    #[serde(default)]
    pub(super) verification: Option<Verified>,
}

/// `data` of `email-verifier`.
#[derive(Debug, Deserialize)]
pub(super) struct Verifier {
    #[serde(default)]
    pub(super) status: Option<String>,
    /// Deprecated, and all there is in older answers.
    #[serde(default)]
    pub(super) result: Option<String>,
    #[serde(default)]
    pub(super) score: Option<f64>,
    #[serde(default)]
    pub(super) disposable: Option<bool>,
    #[serde(default)]
    pub(super) webmail: Option<bool>,
    #[serde(default)]
    pub(super) accept_all: Option<bool>,
}

impl Verifier {
    /// `None` where the answer says neither status nor result.
    pub(super) fn verification(&self) -> Option<Verification> {
        let flags = Flags {
            disposable: self.disposable == Some(true),
            webmail: self.webmail == Some(true),
            accept_all: self.accept_all == Some(true),
        };
        if self.status.is_some() {
            return Some(verification(self.status.as_deref(), flags));
        }
        Some(match self.result.as_deref()? {
            "deliverable" => Verification::Valid,
            "undeliverable" => Verification::Invalid,
            _ => flags.verification(),
        })
    }
}

/// `data` of `companies/find`, and `company` of `combined/find`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Company {
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) founded_year: Option<Value>,
    #[serde(default)]
    pub(super) category: Option<Category>,
    #[serde(default)]
    pub(super) metrics: Option<Metrics>,
    #[serde(default)]
    pub(super) tech: Option<Vec<String>>,
    #[serde(default)]
    pub(super) phone: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Category {
    #[serde(default)]
    pub(super) industry: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metrics {
    #[serde(default)]
    pub(super) employees: Option<Value>,
    #[serde(default)]
    pub(super) employees_range: Option<Value>,
}

/// `data` of `combined/find`.
#[derive(Debug, Deserialize)]
pub(super) struct Combined {
    #[serde(default)]
    pub(super) person: Option<Person>,
    #[serde(default)]
    pub(super) company: Option<Company>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Person {
    #[serde(default)]
    pub(super) name: Option<PersonName>,
    #[serde(default)]
    pub(super) employment: Option<Employment>,
    #[serde(default)]
    pub(super) linkedin: Option<Handle>,
    #[serde(default)]
    pub(super) phone: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PersonName {
    #[serde(default)]
    pub(super) full_name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Employment {
    #[serde(default)]
    pub(super) title: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Handle {
    #[serde(default)]
    pub(super) handle: Option<String>,
}

/// `data` of `account`.
#[derive(Debug, Deserialize)]
pub(super) struct Account {
    plan_name: Option<String>,
    #[serde(default)]
    reset_date: Option<String>,
    /// Deprecated, and all there is in older answers.
    #[serde(default)]
    calls: Option<Allowance>,
    #[serde(default)]
    requests: Option<Requests>,
}

#[derive(Debug, Deserialize)]
struct Requests {
    #[serde(default)]
    credits: Option<Allowance>,
    #[serde(default)]
    searches: Option<Allowance>,
}

#[derive(Debug, Deserialize)]
struct Allowance {
    #[serde(default)]
    used: Option<f64>,
    #[serde(default)]
    available: Option<f64>,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = self.plan_name.as_deref().unwrap_or("without a name");
        write!(f, "plan {plan}")?;
        let requests = self.requests.as_ref();
        let counted = requests
            .and_then(|r| r.credits.as_ref().map(|credits| (credits, "credits")))
            .or_else(|| requests.and_then(|r| Some((r.searches.as_ref()?, "searches"))))
            .or_else(|| self.calls.as_ref().map(|calls| (calls, "calls")));
        if let Some((Allowance { used, available }, unit)) = counted
            && let (Some(used), Some(available)) = (used, available)
        {
            write!(f, ", {used} of {available} {unit} used")?;
        }
        match self.reset_date.as_deref() {
            Some(day) => write!(f, " until {day}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_valid_is_valid() {
        let all = Flags::default();
        for status in ["unknown", "risky", "Valid", "deliverable", ""] {
            let read = verification(Some(status), all);
            assert_eq!(read, Verification::Unknown, "{status}");
        }
        assert_eq!(verification(None, all), Verification::Unknown);
        let open = Flags {
            accept_all: true,
            ..all
        };
        assert_eq!(verification(None, open), Verification::AcceptAll);
        assert_eq!(verification(Some("valid"), open), Verification::Valid);
    }

    #[test]
    fn the_page_that_still_has_it_is_the_evidence() {
        let source = |uri: &str, seen: &str, still: bool| Source {
            uri: uri.to_owned(),
            extracted_on: Some("2020-01-01".to_owned()),
            last_seen_on: Some(seen.to_owned()),
            still_on_page: Some(still),
        };
        let sources = [
            source("http://a.example/", "2026-01-01", false),
            source("http://b.example/", "2025-01-01", true),
            source("http://c.example/", "2025-06-01", true),
        ];
        assert_eq!(best_source(&sources).unwrap().uri, "http://c.example/");
        assert!(best_source(&[]).is_none());
    }
}
