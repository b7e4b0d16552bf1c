//! Which month a run counts towards. It follows from the run's id, never from the time of a retry,
//! so that a repeat on the first of the next month counts nothing twice.

use hunter_contracts::{ExecutionId, RecipeFailure};
use hunter_core::recipe::Context;
use jiff::{Timestamp, tz::TimeZone};

/// The month (`yyyy-mm`, UTC) of the time within a run's id (`exec_` and a ULID); `None` where the
/// id holds no time between 2020 and a day from `now`.
#[must_use]
pub fn cycle_of(id: &ExecutionId, now: Timestamp) -> Option<String> {
    let text = id.as_str().rsplit('_').next()?;
    let ulid = ulid::Ulid::from_string(text).ok()?;
    let millis = i64::try_from(ulid.timestamp_ms()).ok()?;
    let at = Timestamp::from_millisecond(millis).ok()?;
    // A name of 26 letters can look like a ULID; its time is then out of the question.
    const FROM: i64 = 1_577_836_800_000;
    let until = now.as_millisecond().saturating_add(86_400_000);
    (FROM..=until).contains(&millis).then(|| month(at))
}

/// The month of a time, UTC.
pub(crate) fn month(at: Timestamp) -> String {
    let date = at.to_zoned(TimeZone::UTC).date();
    format!("{:04}-{:02}", date.year(), date.month())
}

/// The month that the current run counts towards: from its id, else from when it was opened, else
/// from the clock.
///
/// # Errors
/// When the store fails.
pub(crate) async fn of_run(context: &Context) -> Result<String, RecipeFailure> {
    let now = context.clock.now();
    if let Some(cycle) = cycle_of(&context.execution_id, now) {
        return Ok(cycle);
    }
    let run = context.store.run(&context.execution_id).await?;
    Ok(month(run.map_or(now, |run| run.started_at)))
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
    fn the_month_is_that_of_the_ulid() {
        let now: Timestamp = "2026-01-01T00:10:00Z".parse().unwrap();
        assert_eq!(
            cycle_of(&id("2025-12-31T23:59:59Z"), now).as_deref(),
            Some("2025-12")
        );
        assert_eq!(
            cycle_of(&id("2026-01-01T00:00:00Z"), now).as_deref(),
            Some("2026-01")
        );
    }

    #[test]
    fn what_holds_no_plausible_time_is_none() {
        let now: Timestamp = "2026-01-01T00:10:00Z".parse().unwrap();
        for other in ["exec_abc123", "nightly", "exec_zzzzzzzzzzzzzzzzzzzzzzzzzz"] {
            assert_eq!(
                cycle_of(&ExecutionId::new(other).unwrap(), now),
                None,
                "{other}"
            );
        }
        assert_eq!(cycle_of(&id("2027-01-01T00:00:00Z"), now), None);
        assert_eq!(cycle_of(&id("1999-01-01T00:00:00Z"), now), None);
    }
}
