//! Billing cycles and how much of a quota is used. A cycle is a calendar month in UTC.

use hunter_contracts::Credits;
use jiff::{
    Timestamp,
    civil::Date,
    tz::{Offset, TimeZone},
};

/// An amount of credits or calls against its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    used: u64,
    limit: u64,
}

impl Usage {
    /// Calls made of calls allowed.
    #[must_use]
    pub const fn of_calls(used: u64, limit: u64) -> Self {
        Self { used, limit }
    }

    /// Credits used of credits granted; amounts below 0 count as 0.
    #[must_use]
    pub fn of_credits(used: Credits, limit: Credits) -> Self {
        let micros = |credits: Credits| u64::try_from(credits.micros()).unwrap_or(0);
        Self::of_calls(micros(used), micros(limit))
    }

    /// Whole percents used, rounded down; 100 where the limit is 0, for nothing is left of it.
    #[must_use]
    pub fn percent_used(self) -> u32 {
        if self.limit == 0 {
            return 100;
        }
        let percent = u128::from(self.used) * 100 / u128::from(self.limit);
        u32::try_from(percent).unwrap_or(u32::MAX)
    }

    /// Whether at least `percent` of the limit is used, exactly.
    #[must_use]
    pub fn reached(self, percent: u32) -> bool {
        u128::from(self.used) * 100 >= u128::from(self.limit) * u128::from(percent)
    }

    /// What is left, at least 0: calls, or millionths of credits.
    #[must_use]
    pub const fn remaining(self) -> u64 {
        self.limit.saturating_sub(self.used)
    }

    /// What is left, at least 0, of an amount of credits.
    #[must_use]
    pub fn remaining_credits(self) -> Credits {
        Credits::from_micros(i64::try_from(self.remaining()).unwrap_or(i64::MAX))
    }
}

/// The cycle of a date, as in `2026-01`.
#[must_use]
pub fn cycle_of(date: Date) -> String {
    format!("{:04}-{:02}", date.year(), date.month())
}

/// The last day of a date's cycle.
#[must_use]
pub fn cycle_end(date: Date) -> Date {
    date.last_of_month()
}

/// The date of an instant, in UTC.
#[must_use]
pub fn utc_date(at: Timestamp) -> Date {
    Offset::UTC.to_datetime(at).date()
}

/// When the quota of a date's cycle is renewed: midnight UTC after the cycle's last day. The end
/// of time where there is no later day.
#[must_use]
pub fn resets_at(date: Date) -> Timestamp {
    cycle_end(date)
        .tomorrow()
        .and_then(|day| day.to_zoned(TimeZone::UTC))
        .map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

/// Days from one date to another; negative when it has passed.
#[must_use]
pub fn days_until(from: Date, to: Date) -> i32 {
    from.duration_until(to)
        .as_hours()
        .checked_div(24)
        .and_then(|days| i32::try_from(days).ok())
        .unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn usage_row_by_row() {
        // used, limit, percent, 80 reached, 100 reached, remaining
        let table = [
            (0, 100, 0, false, false, 100),
            (79, 100, 79, false, false, 21),
            (80, 100, 80, true, false, 20),
            (799_999, 1_000_000, 79, false, false, 200_001),
            (100, 100, 100, true, true, 0),
            (250, 100, 250, true, true, 0),
            (0, 0, 100, true, true, 0),
            (7, 0, 100, true, true, 0),
            (u64::MAX, 1, u32::MAX, true, true, 0),
        ];
        for (used, limit, percent, at_80, at_100, remaining) in table {
            let usage = Usage::of_calls(used, limit);
            assert_eq!(usage.percent_used(), percent, "{used}/{limit}");
            assert_eq!(usage.reached(80), at_80, "{used}/{limit}");
            assert_eq!(usage.reached(100), at_100, "{used}/{limit}");
            assert_eq!(usage.remaining(), remaining, "{used}/{limit}");
        }
    }

    #[test]
    fn credits_count_in_millionths() {
        let usage = Usage::of_credits(Credits::from_micros(80_000), Credits::from_micros(100_000));
        assert!(usage.reached(80) && !usage.reached(81));
        assert_eq!(usage.remaining_credits(), Credits::from_micros(20_000));
        let negative = Usage::of_credits(Credits::from_micros(-1), Credits::from_micros(1));
        assert_eq!(negative.percent_used(), 0);
    }

    #[test]
    fn cycles_are_calendar_months() {
        // date, cycle, last day, renewed at, days to the end
        let table = [
            (
                date(2025, 12, 14),
                "2025-12",
                date(2025, 12, 31),
                "2026-01-01T00:00:00Z",
                17,
            ),
            (
                date(2024, 2, 29),
                "2024-02",
                date(2024, 2, 29),
                "2024-03-01T00:00:00Z",
                0,
            ),
            (
                date(2026, 2, 1),
                "2026-02",
                date(2026, 2, 28),
                "2026-03-01T00:00:00Z",
                27,
            ),
        ];
        for (day, cycle, end, renewed, days) in table {
            assert_eq!(cycle_of(day), cycle);
            assert_eq!(cycle_end(day), end);
            assert_eq!(resets_at(day).to_string(), renewed);
            assert_eq!(days_until(day, end), days);
        }
        assert_eq!(days_until(date(2026, 1, 8), date(2026, 1, 1)), -7);
        assert_eq!(
            utc_date("2025-12-31T23:59:59Z".parse().unwrap()),
            date(2025, 12, 31)
        );
    }
}
