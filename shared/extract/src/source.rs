//! Where a page comes from: what is told of everything that is found on it.

use hunter_contracts::Evidence;
use jiff::{Timestamp, civil::Date, tz::Offset};

/// A page as it was fetched.
#[derive(Debug, Clone, Copy)]
pub struct PageInput<'a> {
    /// The address that answered, after redirects.
    pub url: &'a str,
    /// The `Content-Type` header.
    pub content_type: Option<&'a str>,
    /// The `Last-Modified` header.
    pub last_modified: Option<&'a str>,
    /// The body, decompressed; what lies beyond 5 MB is not read.
    pub body: &'a [u8],
    /// When.
    pub fetched_at: Timestamp,
}

/// Where and when something was read.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) url: String,
    pub(crate) fetched_at: Timestamp,
}

impl Source {
    pub(crate) fn of(input: &PageInput<'_>) -> Self {
        Self {
            url: input.url.to_owned(),
            fetched_at: input.fetched_at,
        }
    }

    pub(crate) fn evidence(&self, quote: String) -> Evidence {
        Evidence {
            url: self.url.clone(),
            quote,
            fetched_at: self.fetched_at,
        }
    }

    /// The day of the fetch, UTC.
    pub(crate) fn fetched_day(&self) -> Date {
        Offset::UTC.to_datetime(self.fetched_at).date()
    }

    /// The latest day that a date may name: a day after the fetch, for time zones ahead of UTC.
    pub(crate) fn latest_day(&self) -> Date {
        let day = self.fetched_day();
        day.tomorrow().unwrap_or(day)
    }
}
