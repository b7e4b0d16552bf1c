use hunter_contracts::ErrorCode;

use super::*;

/// The first times of an expression after `after`, as UTC.
fn times(expression: &str, timezone: &str, after: &str, count: usize) -> Vec<String> {
    let schedule = ScheduleExpression::parse(expression, timezone)
        .unwrap_or_else(|failure| panic!("{expression}: {failure}"));
    let first: Timestamp = after.parse().unwrap();
    let next = |time: &Timestamp| schedule.next_after(*time);
    let times = std::iter::successors(Some(first), next).skip(1);
    times.take(count).map(|time| time.to_string()).collect()
}

#[test]
fn due_times() {
    // Expression, time zone, after, the next times. Sunday is 2026-11-22.
    let table: &[(&str, &str, &str, &[&str])] = &[
        (
            "rate(5 minutes)",
            "UTC",
            "2026-11-22T10:00:30Z",
            &["2026-11-22T10:05:30Z", "2026-11-22T10:10:30Z"],
        ),
        (
            "rate(1 hour)",
            "Europe/Vienna",
            "2026-11-22T10:00:00Z",
            &["2026-11-22T11:00:00Z"],
        ),
        (
            "rate(1 days)",
            "UTC",
            "2026-11-22T10:00:00Z",
            &["2026-11-23T10:00:00Z"],
        ),
        (
            "cron(0 8 ? * MON-FRI *)",
            "UTC",
            "2026-11-20T08:00:00Z",
            &["2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z"],
        ),
        (
            "cron(0 8 ? * 2-6 *)",
            "Europe/Vienna",
            "2026-11-22T10:00:00Z",
            &["2026-11-23T07:00:00Z"],
        ),
        (
            "cron(0/15 9-10 22 NOV ? 2026)",
            "UTC",
            "2026-11-22T09:40:00Z",
            &[
                "2026-11-22T09:45:00Z",
                "2026-11-22T10:00:00Z",
                "2026-11-22T10:15:00Z",
            ],
        ),
        (
            "cron(*/20 * * * ? *)",
            "UTC",
            "2026-12-31T23:40:00Z",
            &["2027-01-01T00:00:00Z"],
        ),
        (
            "cron(10-30/10,55 7 * * ? *)",
            "UTC",
            "2026-11-22T07:00:01Z",
            &[
                "2026-11-22T07:10:00Z",
                "2026-11-22T07:20:00Z",
                "2026-11-22T07:30:00Z",
                "2026-11-22T07:55:00Z",
                "2026-11-23T07:10:00Z",
            ],
        ),
        (
            "cron(0 0 L * ? *)",
            "UTC",
            "2028-02-01T00:00:00Z",
            &["2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z"],
        ),
        (
            "cron(0 0 29 2 ? *)",
            "UTC",
            "2026-11-22T00:00:00Z",
            &["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"],
        ),
        // The weekday closest to a day, never in another month.
        (
            "cron(0 0 15W * ? *)",
            "UTC",
            "2026-08-01T00:00:00Z",
            &["2026-08-14T00:00:00Z", "2026-09-15T00:00:00Z"],
        ),
        (
            "cron(0 0 1W * ? *)",
            "UTC",
            "2026-07-31T00:00:00Z",
            &["2026-08-03T00:00:00Z"],
        ),
        (
            "cron(0 0 31W * ? *)",
            "UTC",
            "2026-05-01T00:00:00Z",
            &["2026-05-29T00:00:00Z", "2026-07-31T00:00:00Z"],
        ),
        (
            "cron(0 0 ? * FRIL *)",
            "UTC",
            "2026-11-22T00:00:00Z",
            &["2026-11-27T00:00:00Z", "2026-12-25T00:00:00Z"],
        ),
        (
            "cron(0 0 ? * 3#2 *)",
            "UTC",
            "2026-11-22T00:00:00Z",
            &["2026-12-08T00:00:00Z", "2027-01-12T00:00:00Z"],
        ),
        (
            "cron(0 0 ? * 6#5 *)",
            "UTC",
            "2026-11-22T00:00:00Z",
            &["2027-01-29T00:00:00Z"],
        ),
        (
            "cron(0 0 ? * L *)",
            "UTC",
            "2026-11-22T00:00:00Z",
            &["2026-11-28T00:00:00Z"],
        ),
        (
            "cron(0 0 1 1/6 ? 2027-2028)",
            "UTC",
            "2026-11-22T00:00:00Z",
            &[
                "2027-01-01T00:00:00Z",
                "2027-07-01T00:00:00Z",
                "2028-01-01T00:00:00Z",
                "2028-07-01T00:00:00Z",
            ],
        ),
        // Half past two is left out on the day that clocks go forward, and comes once on the day
        // that they go back.
        (
            "cron(30 2 * * ? *)",
            "Europe/Vienna",
            "2026-03-28T00:00:00Z",
            &["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"],
        ),
        (
            "cron(30 2 * * ? *)",
            "Europe/Vienna",
            "2026-10-24T00:00:00Z",
            &[
                "2026-10-24T00:30:00Z",
                "2026-10-25T00:30:00Z",
                "2026-10-26T01:30:00Z",
            ],
        ),
        // In the hour that clocks show for the second time, nothing is due.
        (
            "cron(0/20 * * * ? *)",
            "Europe/Vienna",
            "2026-10-25T01:10:00Z",
            &["2026-10-25T02:00:00Z"],
        ),
        // Clocks go forward at midnight: there is no such time on that day.
        (
            "cron(0 0 * * ? *)",
            "Africa/Cairo",
            "2026-04-22T22:00:00Z",
            &["2026-04-24T21:00:00Z"],
        ),
    ];
    for (expression, timezone, after, expected) in table {
        let found = times(expression, timezone, after, expected.len());
        assert_eq!(found, *expected, "{expression} {timezone} after {after}");
    }
}

#[test]
fn what_never_comes_ends() {
    for expression in [
        "cron(0 0 30 2 ? *)",
        "cron(0 0 1 1 ? 2020)",
        "cron(0 0 ? 2 2#5 2027)",
    ] {
        assert_eq!(
            times(expression, "UTC", "2026-11-22T00:00:00Z", 1),
            [""; 0],
            "{expression}"
        );
    }
    assert_eq!(
        times("rate(1 day)", "UTC", "9999-12-30T00:00:00Z", 1),
        [""; 0]
    );
}

#[test]
fn what_is_refused_says_why() {
    let table = [
        ("", "neither a rate nor"),
        ("rate(1 day", "neither a rate nor"),
        ("Rate(1 day)", "neither a rate nor"),
        ("at(2026-11-22T10:00:00)", "one time only"),
        ("rate()", "not a rate"),
        ("rate(1)", "not a rate"),
        ("rate(-1 days)", "not a rate"),
        ("rate(1.5 days)", "not a rate"),
        ("rate(1  day)", "not a rate"),
        ("rate(1 week)", "not a rate"),
        ("rate(0 days)", "a wait of 0"),
        ("rate(2 day)", "`rate(2 days)`"),
        ("rate(367 days)", "more than 366 days"),
        ("rate(99999999999999999999 days)", "more than 366 days"),
        ("rate(9223372036854775807 hours)", "more than 366 days"),
        ("cron()", "0 fields"),
        ("cron(0 8 * * *)", "5 fields"),
        ("cron(0 0 8 * * ? *)", "7 fields"),
        ("cron(0 8 * * * *)", "a day of month and a day of week"),
        ("cron(0 8 ? * ? *)", "give one of them"),
        ("cron(60 8 * * ? *)", "`60` in its minutes: use 0–59"),
        ("cron(0 24 * * ? *)", "in its hours: use 0–23"),
        ("cron(0 8 0 * ? *)", "in its day of month: use 1–31"),
        ("cron(0 8 * 13 ? *)", "in its month: use 1–12 or JAN–DEC"),
        (
            "cron(0 8 ? * 0 *)",
            "in its day of week: use 1–7 or SUN–SAT",
        ),
        ("cron(0 8 ? * MOON *)", "`MOON` in its day of week"),
        ("cron(0 8 * * ? 1969)", "in its year: use 1970–2199"),
        ("cron(0 8 * * ? 99999)", "in its year"),
        ("cron(+5 8 * * ? *)", "in its minutes"),
        ("cron(, 8 * * ? *)", "in its minutes"),
        ("cron(? 8 * * ? *)", "in its minutes"),
        ("cron(0/0 8 * * ? *)", "a step in its minutes"),
        ("cron(0/x 8 * * ? *)", "a step in its minutes"),
        ("cron(0 8 ? * FRI-MON *)", "ends before it begins"),
        ("cron(0 8 ? * MON/2 *)", "a step in its day of week"),
        ("cron(0 8 LW * ? *)", "use `L` alone"),
        ("cron(0 8 L-3 * ? *)", "use `L` alone"),
        ("cron(0 8 1W,15W * ? *)", "`1W,15` in its day of month"),
        ("cron(0 8 1W,15 * ? *)", "one day, as in `15W`"),
        ("cron(0 8 ? * 2#6 *)", "a `#`"),
        ("cron(0 8 ? * 3#1,6#3 *)", "a `#`"),
        ("cron(0 8 ? * 2,6L *)", "in its day of week"),
    ];
    for (expression, problem) in table {
        let failure = ScheduleExpression::parse(expression, "UTC").unwrap_err();
        assert_eq!(failure.code, ErrorCode::InvalidInput);
        let message = failure.message;
        assert!(
            message.starts_with("`expression`") && message.contains(problem),
            "{expression}: {message}"
        );
    }
    let long = format!("cron({} 8 * * ? *)", "0,".repeat(200));
    let message = ScheduleExpression::parse(&long, "UTC").unwrap_err().message;
    assert!(message.contains("longer than 256 bytes"), "{message}");
}

#[test]
fn time_zones_are_iana_names() {
    for good in ["UTC", "Europe/Vienna", "America/Argentina/Buenos_Aires"] {
        assert!(
            ScheduleExpression::parse("rate(1 day)", good).is_ok(),
            "{good}"
        );
    }
    for (bad, problem) in [
        ("", "is not known"),
        ("Mars/Olympus", "is not known"),
        ("+02:00", "is not known"),
        ("../../etc/passwd", "is not known"),
        ("europe/vienna", "is written `Europe/Vienna`"),
        (&"x/".repeat(60), "is not known"),
    ] {
        let message = ScheduleExpression::parse("rate(1 day)", bad)
            .unwrap_err()
            .message;
        assert!(
            message.starts_with("`timezone`") && message.contains(problem),
            "{bad}: {message}"
        );
    }
}

proptest::proptest! {
    #[test]
    fn nothing_panics(text in "(cron|rate)\\([0-9A-Z*?/,#LW -]{0,40}\\)", tz in "UTC|Asia/Kolkata|.{0,8}") {
        let _ = ScheduleExpression::parse(&text, &tz);
    }

    /// Every time that is answered is later, and none lies between that is due too.
    #[test]
    fn times_are_in_order(minute in 0..60, step in 1..24, at in 1_700_000_000_i64..4_000_000_000) {
        let expression = format!("cron({minute} 0/{step} ? * MON,WED *)");
        let schedule = ScheduleExpression::parse(&expression, "America/New_York").unwrap();
        let after = Timestamp::from_second(at).unwrap();
        let next = schedule.next_after(after).unwrap();
        proptest::prop_assert!(next > after);
        let middle = Timestamp::from_second((at + next.as_second()) / 2).unwrap();
        if middle < next {
            proptest::prop_assert_eq!(schedule.next_after(middle), Some(next));
        }
    }
}
