//! Days in text, in the forms and languages that web sites use.

use jiff::civil::Date;

use crate::{list::List, pattern::pattern};

/// Which way round `03/04/2024` is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum SlashOrder {
    #[default]
    DayFirst,
    MonthFirst,
}

/// A day in a text, with the bytes that it takes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) date: Date,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

pattern!(
    ISO,
    r"(?:^|[^0-9])((?:19|20)\d{2})[-/.](\d{1,2})[-/.](\d{1,2})(?:$|[^0-9])"
);
pattern!(
    EASTERN,
    r"((?:19|20)\d{2})\s?[年년.]\s?(\d{1,2})\s?[月월.]\s?(\d{1,2})\s?[日일]?"
);
pattern!(
    NUMERIC,
    r"(?:^|[^0-9.,/])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?[./-]\s?((?:19|20)\d{2}|\d{2})(?:$|[^0-9.]|\.(?:$|[^0-9]))"
);
pattern!(
    DAY_MONTH,
    r"(?i)(?:^|[^0-9.,])(\d{1,2})(?:\.|st|nd|rd|th|er|º|ª|°|-a|:e)?[\s\u{a0}-]{0,3}(?:de\s|d’|d')?(\p{L}{3,12})\.?,?[\s\u{a0}-]{1,3}(?:de\s|del\s)?((?:19|20)\d{2})(?:$|[^0-9])"
);
pattern!(
    MONTH_DAY,
    r"(?i)(?:^|[^\p{L}])(\p{L}{3,12})\.?[\s\u{a0}]{1,3}(\d{1,2})(?:st|nd|rd|th|\.)?,?[\s\u{a0}]{1,3}((?:19|20)\d{2})(?:$|[^0-9])"
);
pattern!(
    COMPACT,
    r"^((?:19|20)\d{2})(\d{2})(\d{2})(?:$|[T ]?\d{4,6})"
);

/// Months by their first letters, lower case; the longest entry that fits decides.
static MONTHS: List = List(include_str!("../../data/months.txt"));

fn month(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    let fit = |names: &str| {
        let names = names.split_whitespace();
        let fitting = names.filter(|name| word.starts_with(name));
        fitting.map(|name| name.chars().count()).max()
    };
    MONTHS
        .entries()
        .zip(1_i8..)
        .filter_map(|(names, number)| fit(names).map(|length| (length, number)))
        // Of equal lengths the earlier month: the Latin stems are listed before the rarer ones.
        .max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)))
        .map(|(_, number)| number)
}

fn day(year: &str, month: i8, day: &str) -> Option<Date> {
    let year: i16 = year.parse().ok()?;
    let year = if year < 100 { year + 2000 } else { year };
    Date::new(year, month, day.parse().ok()?)
        .ok()
        .filter(|d| d.year() >= 1995)
}

/// All days in a text, in their order.
pub(crate) fn all(text: &str, order: SlashOrder) -> Vec<Written> {
    let mut found: Vec<Written> = Vec::new();
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        return found;
    }
    let mut push = |date: Option<Date>, whole: Option<regex::Match<'_>>| {
        if let (Some(date), Some(m)) = (date, whole) {
            let (start, end) = (m.start(), m.end());
            if found.iter().all(|w| end <= w.start || start >= w.end) {
                found.push(Written { date, start, end });
            }
        }
    };
    for c in ISO.captures_iter(text) {
        let (y, m, d) = (get(&c, 1), get(&c, 2), get(&c, 3));
        push(m.parse().ok().and_then(|m| day(y, m, d)), c.get(0));
    }
    for c in EASTERN.captures_iter(text) {
        let (y, m, d) = (get(&c, 1), get(&c, 2), get(&c, 3));
        push(m.parse().ok().and_then(|m| day(y, m, d)), c.get(0));
    }
    for c in DAY_MONTH.captures_iter(text) {
        let (d, m, y) = (get(&c, 1), get(&c, 2), get(&c, 3));
        push(month(m).and_then(|m| day(y, m, d)), c.get(0));
    }
    for c in MONTH_DAY.captures_iter(text) {
        let (m, d, y) = (get(&c, 1), get(&c, 2), get(&c, 3));
        push(month(m).and_then(|m| day(y, m, d)), c.get(0));
    }
    for c in NUMERIC.captures_iter(text) {
        push(numeric(&c, order), c.get(0));
    }
    found.sort_by_key(|w| w.start);
    found
}

fn get<'t>(captures: &regex::Captures<'t>, group: usize) -> &'t str {
    captures.get(group).map_or("", |m| m.as_str())
}

fn numeric(c: &regex::Captures<'_>, order: SlashOrder) -> Option<Date> {
    let (a, mark, b, y) = (get(c, 1), get(c, 2), get(c, 3), get(c, 4));
    let (first, second): (i8, i8) = (a.parse().ok()?, b.parse().ok()?);
    // A dot is never month first; two-digit years occur with dots and slashes only.
    if y.len() == 2 && mark == "-" {
        return None;
    }
    let month_first =
        (order == SlashOrder::MonthFirst && mark != "." && first <= 12) || second > 12;
    if month_first {
        day(y, first, b)
    } else {
        day(y, second, a)
    }
}

/// The first day in a text.
pub(crate) fn first(text: &str, order: SlashOrder) -> Option<Date> {
    let mut end = text.len().min(400);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = text.get(..end)?;
    if let Some(c) = COMPACT.captures(text.trim()) {
        let date = get(&c, 2)
            .parse()
            .ok()
            .and_then(|m| day(get(&c, 1), m, get(&c, 3)));
        if date.is_some() {
            return date;
        }
    }
    all(text, order).first().map(|w| w.date)
}

/// The day of a machine-readable date: ISO 8601 in its own offset, RFC 2822, or any written form.
pub(crate) fn machine(value: &str, order: SlashOrder) -> Option<Date> {
    let value = value.trim();
    let iso = value.get(..10).and_then(|head| head.parse::<Date>().ok());
    if let Some(date) = iso {
        return Some(date).filter(|d| d.year() >= 1995);
    }
    if value.len() >= 10 && value.bytes().all(|b| b.is_ascii_digit()) && !value.starts_with("20") {
        let seconds: i64 = value.get(..10)?.parse().ok()?;
        let stamp = jiff::Timestamp::from_second(seconds).ok()?;
        return Some(jiff::tz::Offset::UTC.to_datetime(stamp).date());
    }
    jiff::fmt::rfc2822::parse(value)
        .map(|z| z.date())
        .ok()
        .or_else(|| first(value, order))
}

pattern!(
    PATH_DAY,
    r"(?:^|/)((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?:/|-|_|\.|$)"
);
pattern!(
    PATH_TAIL,
    r"(?:^|[/-])(\d{1,2})-(\d{1,2})-((?:19|20)\d{2})(?:/|\.|$)"
);

/// The day in the path of an address: `/2024/08/16/title`, `/2024-08-16-title`, `/29-10-2021`.
pub(crate) fn in_path(url: &str) -> Option<Date> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let by_year = PATH_DAY.captures(path).and_then(|c| {
        get(&c, 2)
            .parse()
            .ok()
            .and_then(|m| day(get(&c, 1), m, get(&c, 3)))
    });
    by_year.or_else(|| {
        let c = PATH_TAIL.captures(path)?;
        get(&c, 2)
            .parse()
            .ok()
            .and_then(|m| day(get(&c, 3), m, get(&c, 1)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> String {
        first(text, SlashOrder::DayFirst)
            .map(|d| d.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn patterns_are_valid() {
        crate::pattern::build(&[
            &ISO, &EASTERN, &NUMERIC, &DAY_MONTH, &MONTH_DAY, &COMPACT, &PATH_DAY, &PATH_TAIL,
        ]);
    }

    #[test]
    fn written_forms_of_many_languages() {
        for text in [
            "16. August 2024",
            "am 16.08.2024 um 9",
            "16/08/2024",
            "2024-08-16",
            "2024/08/16",
            "August 16th, 2024",
            "Aug. 16, 2024",
            "16 août 2024",
            "16 de agosto de 2024",
            "16 agosto 2024",
            "16 sierpnia 2024",
            "16 августа 2024",
            "2024年8月16日",
            "2024. 8. 16.",
            "2024년 8월 16일",
            "16 Ağustos 2024",
            "16. elokuuta 2024",
            "16.8.24",
            "20240816",
            "16 augustus 2024",
            "16-Aug-2024",
        ] {
            assert_eq!(at(text), "2024-08-16", "{text}");
        }
    }

    #[test]
    fn months_that_begin_alike() {
        assert_eq!(at("3 juin 2020"), "2020-06-03");
        assert_eq!(at("3 juillet 2020"), "2020-07-03");
        assert_eq!(at("3 mai 2020"), "2020-05-03");
        assert_eq!(at("3 marzo 2020"), "2020-03-03");
        assert_eq!(at("3 lipca 2020"), "2020-07-03");
        assert_eq!(at("3 listopada 2020"), "2020-10-03");
    }

    #[test]
    fn what_is_not_a_day() {
        for text in [
            "Tel. 0211 16.08",
            "31.02.2024",
            "12 Personen 2024",
            "v2.3.2024.1",
            "1.200,50",
            "©2024",
        ] {
            assert_eq!(at(text), "", "{text}");
        }
    }

    #[test]
    fn slashes_follow_the_page() {
        let us = |t: &str| first(t, SlashOrder::MonthFirst).map(|d| d.to_string());
        assert_eq!(us("03/04/2024").as_deref(), Some("2024-03-04"));
        assert_eq!(at("03/04/2024"), "2024-04-03");
        assert_eq!(us("25/04/2024").as_deref(), Some("2024-04-25"));
        assert_eq!(us("03.04.2024").as_deref(), Some("2024-04-03"));
    }

    #[test]
    fn machine_dates_and_paths() {
        let m = |t: &str| machine(t, SlashOrder::DayFirst).map(|d| d.to_string());
        assert_eq!(
            m("2024-08-23T23:26:23-05:00").as_deref(),
            Some("2024-08-23")
        );
        assert_eq!(
            m("Fri, 16 Aug 2024 10:00:00 +0000").as_deref(),
            Some("2024-08-16")
        );
        assert_eq!(m("Sep 22, 2024").as_deref(), Some("2024-09-22"));
        assert_eq!(m("soon"), None);
        let p = |t: &str| in_path(t).map(|d| d.to_string());
        assert_eq!(
            p("https://a.de/2024/08/16/x/").as_deref(),
            Some("2024-08-16")
        );
        assert_eq!(
            p("https://a.de/home/2017/7/12/x").as_deref(),
            Some("2017-07-12")
        );
        assert_eq!(
            p("https://a.de/news/29-10-2021").as_deref(),
            Some("2021-10-29")
        );
        assert_eq!(p("https://a.de/2024/08/x"), None);
    }
}
