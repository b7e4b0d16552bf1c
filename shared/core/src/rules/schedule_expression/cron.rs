//! The six fields of a cron expression: minutes, hours, day of month, month, day of week, year.

use std::collections::BTreeSet;

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Weekday},
    tz::{AmbiguousOffset, TimeZone},
};

type Set = BTreeSet<i16>;

/// The last year that a cron expression may name.
const YEAR_MAX: i16 = 2199;

const MONTHS: [&str; 12] = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cron {
    minutes: Set,
    hours: Set,
    months: Set,
    years: Set,
    day: Day,
}

/// Which days of a month. One of the two fields is always `?`.
#[derive(Debug, Clone, PartialEq)]
enum Day {
    /// Numbers of days.
    OfMonth(Set),
    /// `L`: the last one.
    LastOfMonth,
    /// `15W`: the weekday closest to it within the month.
    NearestWeekday(i16),
    /// Numbers of weekdays; 1 is Sunday.
    OfWeek(Set),
    /// `6L`: the last such weekday of the month.
    LastOfWeekday(i16),
    /// `6#2`: the second such weekday of the month.
    NthWeekday(i16, i16),
}

/// What a field may hold.
struct Field {
    name: &'static str,
    low: i16,
    high: i16,
    names: &'static [&'static str],
    steps: bool,
}

const MINUTES: Field = field("minutes", 0, 59);
const HOURS: Field = field("hours", 0, 23);
const DAY_OF_MONTH: Field = field("day of month", 1, 31);
const MONTH: Field = Field {
    names: &MONTHS,
    ..field("month", 1, 12)
};
const DAY_OF_WEEK: Field = Field {
    names: &WEEKDAYS,
    steps: false,
    ..field("day of week", 1, 7)
};
const YEAR: Field = field("year", 1970, YEAR_MAX);

const fn field(name: &'static str, low: i16, high: i16) -> Field {
    Field {
        name,
        low,
        high,
        names: &[],
        steps: true,
    }
}

impl Field {
    /// Values, ranges and steps, separated by commas.
    fn set(&self, text: &str) -> Result<Set, String> {
        let mut set = Set::new();
        for part in text.split(',') {
            set.extend(self.part(part)?);
        }
        Ok(set)
    }

    fn part(&self, part: &str) -> Result<impl Iterator<Item = i16> + use<>, String> {
        let (range, step) = match part.split_once('/') {
            Some(_) if !self.steps => {
                return Err(format!("has a step in its {}: name the days", self.name));
            }
            Some((range, step)) => (range, Some(self.step(step)?)),
            None => (part, None),
        };
        let (low, high) = match range.split_once('-') {
            _ if range == "*" => (self.low, self.high),
            Some((low, high)) => (self.value(low)?, self.value(high)?),
            None => {
                let value = self.value(range)?;
                (value, if step.is_some() { self.high } else { value })
            }
        };
        if low > high {
            return Err(format!(
                "has a range in its {} that ends before it begins: write two, as in `1-2,6-7`",
                self.name
            ));
        }
        Ok((low..=high).step_by(step.unwrap_or(1)))
    }

    fn step(&self, text: &str) -> Result<usize, String> {
        let step = digits(text).filter(|step| (1..=self.high).contains(step));
        step.and_then(|step| usize::try_from(step).ok())
            .ok_or_else(|| {
                let (name, high) = (self.name, self.high);
                format!("has a step in its {name} that is not a number from 1 to {high}")
            })
    }

    fn value(&self, text: &str) -> Result<i16, String> {
        let named = self.names.iter().zip(self.low..);
        let named = named.filter(|(name, _)| text.eq_ignore_ascii_case(name));
        named
            .map(|(_, value)| value)
            .next()
            .or_else(|| digits(text))
            .filter(|value| (self.low..=self.high).contains(value))
            .ok_or_else(|| {
                let Self {
                    name, low, high, ..
                } = self;
                let names = match self.names.first().zip(self.names.last()) {
                    Some((first, last)) => format!(" or {first}–{last}"),
                    None => String::new(),
                };
                let text: String = text.chars().take(20).collect();
                format!("has `{text}` in its {name}: use {low}–{high}{names}")
            })
    }
}

fn digits(text: &str) -> Option<i16> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

impl Cron {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split(' ').filter(|field| !field.is_empty()).collect();
        let &[minutes, hours, day_of_month, month, day_of_week, year] = fields.as_slice() else {
            return Err(format!(
                "has {} fields: write minutes, hours, day of month, month, day of week and year, as in `cron(0 8 ? * MON-FRI *)`",
                fields.len()
            ));
        };
        Ok(Self {
            minutes: MINUTES.set(minutes)?,
            hours: HOURS.set(hours)?,
            months: MONTH.set(month)?,
            years: YEAR.set(year)?,
            day: Day::parse(day_of_month, day_of_week)?,
        })
    }

    /// The first time after `after` as clocks in `timezone` show it.
    pub(super) fn next_after(&self, after: Timestamp, timezone: &TimeZone) -> Option<Timestamp> {
        let start = timezone.to_datetime(after);
        let mut date = start.date();
        loop {
            if let Some(found) = self.on_day(date, start, after, timezone) {
                return Some(found);
            }
            date = self.next_date(date)?;
        }
    }

    /// The next date that can be due; `None` past the last year.
    fn next_date(&self, date: Date) -> Option<Date> {
        let mut date = date.tomorrow().ok()?;
        loop {
            if date.year() > YEAR_MAX {
                return None;
            }
            if !self.years.contains(&date.year()) {
                date = Date::new(date.year().checked_add(1)?, 1, 1).ok()?;
            } else if !self.months.contains(&i16::from(date.month())) {
                date = date.first_of_month().checked_add(1.month()).ok()?;
            } else if !self.day.is(date) {
                date = date.tomorrow().ok()?;
            } else {
                return Some(date);
            }
        }
    }

    fn on_day(
        &self,
        date: Date,
        start: DateTime,
        after: Timestamp,
        timezone: &TimeZone,
    ) -> Option<Timestamp> {
        let due = self.years.contains(&date.year())
            && self.months.contains(&i16::from(date.month()))
            && self.day.is(date);
        if !due {
            return None;
        }
        let times = self.hours.iter().flat_map(|hour| {
            let at = move |minute: &i16| {
                let (hour, minute) = (i8::try_from(*hour).ok()?, i8::try_from(*minute).ok()?);
                jiff::civil::Time::new(hour, minute, 0, 0).ok()
            };
            self.minutes.iter().filter_map(at)
        });
        times
            .map(|time| date.to_datetime(time))
            .filter(|time| *time > start)
            .filter_map(|time| instant(timezone, time))
            .find(|time| *time > after)
    }
}

/// When clocks show `time`: never in a gap, the first time in a fold.
fn instant(timezone: &TimeZone, time: DateTime) -> Option<Timestamp> {
    let ambiguous = timezone.to_ambiguous_timestamp(time);
    match ambiguous.offset() {
        AmbiguousOffset::Gap { .. } => None,
        _ => ambiguous.compatible().ok(),
    }
}

impl Day {
    fn parse(day_of_month: &str, day_of_week: &str) -> Result<Self, String> {
        match (day_of_month, day_of_week) {
            ("?", "?") => Err(
                "has `?` for the day of month and the day of week: give one of them".into(),
            ),
            (day_of_month, "?") => Self::parse_of_month(day_of_month),
            ("?", day_of_week) => Self::parse_of_week(day_of_week),
            _ => Err(
                "has a day of month and a day of week: write `?` for one of them, as in `cron(0 8 ? * MON-FRI *)`"
                    .into(),
            ),
        }
    }

    fn parse_of_month(text: &str) -> Result<Self, String> {
        if text == "L" {
            return Ok(Self::LastOfMonth);
        }
        if text.contains('L') {
            return Err("has `L` beside something else in its day of month: use `L` alone".into());
        }
        match text.strip_suffix('W') {
            Some(day) => Ok(Self::NearestWeekday(DAY_OF_MONTH.value(day)?)),
            None if text.contains('W') => {
                Err("has `W` in a list of its day of month: use one day, as in `15W`".into())
            }
            None => DAY_OF_MONTH.set(text).map(Self::OfMonth),
        }
    }

    fn parse_of_week(text: &str) -> Result<Self, String> {
        if let Some((weekday, nth)) = text.split_once('#') {
            let nth = digits(nth).filter(|nth| (1..=5).contains(nth));
            let nth = nth.ok_or(
                "has a `#` that one number from 1 to 5 does not follow: write one, as in `6#2`",
            )?;
            return Ok(Self::NthWeekday(DAY_OF_WEEK.value(weekday)?, nth));
        }
        if text == "L" {
            return Ok(Self::OfWeek([7].into()));
        }
        match text.strip_suffix('L') {
            Some(weekday) => Ok(Self::LastOfWeekday(DAY_OF_WEEK.value(weekday)?)),
            None => DAY_OF_WEEK.set(text).map(Self::OfWeek),
        }
    }

    fn is(&self, date: Date) -> bool {
        let day = i16::from(date.day());
        let last = i16::from(date.days_in_month());
        let weekday = i16::from(date.weekday().to_sunday_one_offset());
        match self {
            Self::OfMonth(days) => days.contains(&day),
            Self::LastOfMonth => day == last,
            Self::NearestWeekday(wanted) => nearest_weekday(date, *wanted) == Some(day),
            Self::OfWeek(weekdays) => weekdays.contains(&weekday),
            Self::LastOfWeekday(wanted) => weekday == *wanted && day + 7 > last,
            Self::NthWeekday(wanted, nth) => weekday == *wanted && (day - 1) / 7 + 1 == *nth,
        }
    }
}

/// The day of `date`'s month that is closest to `wanted` and neither a Saturday nor a Sunday.
fn nearest_weekday(date: Date, wanted: i16) -> Option<i16> {
    let last = i16::from(date.days_in_month());
    let wanted_date = Date::new(date.year(), date.month(), i8::try_from(wanted).ok()?).ok()?;
    Some(match wanted_date.weekday() {
        Weekday::Saturday if wanted == 1 => 3,
        Weekday::Saturday => wanted - 1,
        Weekday::Sunday if wanted == last => wanted - 2,
        Weekday::Sunday => wanted + 1,
        _ => wanted,
    })
}
