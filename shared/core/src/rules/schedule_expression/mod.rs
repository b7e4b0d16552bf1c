//! When a schedule is due: `rate(…)` and `cron(…)` as EventBridge Scheduler documents them
//! (<https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>).
//!
//! Everything that is accepted here is accepted there. What the documentation leaves open (`LW`,
//! `L-3`, several `#` or `W` in one list) is refused with a reason.

mod cron;

use hunter_contracts::{EXPRESSION_BYTES_MAX, RecipeFailure, TIMEZONE_BYTES_MAX};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use cron::Cron;

/// The longest wait between two times of a rate.
const RATE_DAYS_MAX: i64 = 366;

/// A checked schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleExpression {
    timezone: TimeZone,
    when: When,
}

#[derive(Debug, Clone, PartialEq)]
enum When {
    Every(SignedDuration),
    At(Box<Cron>),
}

impl ScheduleExpression {
    /// Reads `rate(15 minutes)`, `rate(1 day)` or `cron(0 8 ? * MON-FRI *)`; `timezone` is an IANA
    /// name, as in `Europe/Vienna`, that a cron expression is read in.
    ///
    /// # Errors
    /// `INVALID_INPUT` naming `expression` or `timezone`, the problem and what to do.
    pub fn parse(expression: &str, timezone: &str) -> Result<Self, RecipeFailure> {
        let timezone = parse_timezone(timezone).map_err(RecipeFailure::invalid_input)?;
        let fail = |problem: String| {
            RecipeFailure::invalid_input(format!("`expression` `{}` {problem}", shown(expression)))
        };
        if expression.len() > EXPRESSION_BYTES_MAX {
            return Err(fail(format!(
                "is longer than {EXPRESSION_BYTES_MAX} bytes: shorten it"
            )));
        }
        let inner = |name: &str| {
            let rest = expression.strip_prefix(name)?;
            rest.strip_prefix('(')?.strip_suffix(')')
        };
        let when = if let Some(rate) = inner("rate") {
            When::Every(parse_rate(rate).map_err(fail)?)
        } else if let Some(fields) = inner("cron") {
            When::At(Box::new(Cron::parse(fields).map_err(fail)?))
        } else if inner("at").is_some() {
            return Err(fail(
                "is for one time only: use `rate(…)` or `cron(…)`, or start the run itself".into(),
            ));
        } else {
            return Err(fail(
                "is neither a rate nor a cron expression: write `rate(1 day)` or `cron(0 8 ? * MON-FRI *)`"
                    .into(),
            ));
        };
        Ok(Self { timezone, when })
    }

    /// The first time after `after`; `None` when there is none (before the year 2200).
    ///
    /// A rate counts from `after`: give the time it was due last. A cron time that the change to
    /// summer time leaves out is left out; one that the change back repeats comes once, the first
    /// time.
    #[must_use]
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        match &self.when {
            When::Every(period) => after.checked_add(*period).ok(),
            When::At(cron) => cron.next_after(after, &self.timezone),
        }
    }
}

/// The beginning of a text that is quoted in an error, with what cannot be seen spelled out.
fn shown(text: &str) -> String {
    text.chars()
        .take(100)
        .flat_map(char::escape_debug)
        .collect()
}

fn parse_timezone(name: &str) -> Result<TimeZone, String> {
    let unknown = || {
        let name = shown(name);
        format!(
            "`timezone` `{name}` is not known: use an IANA name, as in `Europe/Vienna` or `UTC`"
        )
    };
    if name.len() > TIMEZONE_BYTES_MAX {
        return Err(unknown());
    }
    if name == "UTC" {
        return Ok(TimeZone::UTC);
    }
    let zone = TimeZone::get(name).map_err(|_| unknown())?;
    match zone.iana_name() {
        Some(right) if right == name => Ok(zone),
        Some(right) => Err(format!("`timezone` `{name}` is written `{right}`")),
        None => Err(unknown()),
    }
}

fn parse_rate(text: &str) -> Result<SignedDuration, String> {
    let problem = || {
        "is not a rate: write a whole number and `minutes`, `hours` or `days`, as in `rate(12 hours)`".to_owned()
    };
    let (value, unit) = text.split_once(' ').ok_or_else(problem)?;
    if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
        return Err(problem());
    }
    let value: i64 = value.parse().map_err(|_| too_long())?;
    let minutes = match unit {
        "minute" | "minutes" => 1,
        "hour" | "hours" => 60,
        "day" | "days" => 24 * 60,
        _ => return Err(problem()),
    };
    if value == 0 {
        return Err("has a wait of 0: use 1 or more".into());
    }
    if value != 1 && !unit.ends_with('s') {
        return Err(format!(
            "has a singular unit: write `rate({value} {unit}s)`"
        ));
    }
    let total = value.checked_mul(minutes).ok_or_else(too_long)?;
    if total > RATE_DAYS_MAX * 24 * 60 {
        return Err(too_long());
    }
    Ok(SignedDuration::from_mins(total))
}

fn too_long() -> String {
    format!("has a wait of more than {RATE_DAYS_MAX} days: use a shorter one")
}

#[cfg(test)]
mod tests;
