//! The month that a run counts towards.

use std::fmt;

use jiff::{Timestamp, civil::Date, tz::Offset};

use crate::ExecutionId;

/// The date of an instant, in UTC.
#[must_use]
pub fn utc_date(at: Timestamp) -> Date {
    Offset::UTC.to_datetime(at).date()
}

/// A calendar month in UTC, shown as in `2026-01`. A run belongs to the month in which it was asked
/// for, however late it is opened, tried again or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BillingMonth(Date);

impl BillingMonth {
    /// The month of a run that is known at `at`: that of the time within its id (`exec_` and a
    /// ULID), or of `at` where the id holds no time between 2020 and a day after `at`.
    #[must_use]
    pub fn of(run: &ExecutionId, at: Timestamp) -> Self {
        // A name of 26 letters can look like a ULID; its time is then out of the question.
        const FROM: i64 = 1_577_836_800_000;
        let until = at.as_millisecond().saturating_add(86_400_000);
        let text = run.as_str().rsplit('_').next();
        let ulid = text.and_then(|text| ulid::Ulid::from_string(text).ok());
        let asked = ulid
            .and_then(|ulid| i64::try_from(ulid.timestamp_ms()).ok())
            .filter(|millis| (FROM..=until).contains(millis))
            .and_then(|millis| Timestamp::from_millisecond(millis).ok());
        Self::at(asked.unwrap_or(at))
    }

    /// The month of a time: that of a run which is asked for then.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self(utc_date(time).first_of_month())
    }

    /// Its last day.
    #[must_use]
    pub fn last_day(self) -> Date {
        self.0.last_of_month()
    }
}

impl fmt::Display for BillingMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.strftime("%Y-%m").to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(at: &str) -> ExecutionId {
        let at: Timestamp = at.parse().unwrap();
        let millis = u64::try_from(at.as_millisecond()).unwrap();
        ExecutionId::derived("exec", &ulid::Ulid::from_parts(millis, 7).to_string())
    }

    #[test]
    fn a_run_counts_where_it_was_asked_for() {
        let at: Timestamp = "2026-01-01T00:10:00Z".parse().unwrap();
        for (id, expected) in [
            (id("2025-12-31T23:59:59Z"), "2025-12"),
            (id("2026-01-01T00:00:00Z"), "2026-01"),
            // No plausible time.
            (id("2027-01-01T00:00:00Z"), "2026-01"),
            (id("1999-01-01T00:00:00Z"), "2026-01"),
            (ExecutionId::derived("exec", "abc123"), "2026-01"),
            (ExecutionId::derived("exec", &"z".repeat(26)), "2026-01"),
        ] {
            assert_eq!(BillingMonth::of(&id, at).to_string(), expected, "{id}");
        }
        let leap = BillingMonth::at("2024-02-10T00:00:00Z".parse().unwrap());
        assert_eq!(leap.last_day().to_string(), "2024-02-29");
    }
}
