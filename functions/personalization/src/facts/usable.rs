//! Which facts are fit to write from, best first.

use hunter_contracts::{Fact, FactKind, Lead};
use jiff::civil::Date;

use crate::words::{
    grammar::{category, english},
    language::negations,
    text::{nameable, quotable, shortened, shortened_chars, term},
};

/// A day within so many days before today is recent.
pub(crate) const RECENT_DAYS: i32 = 90;

/// A fact that a sentence may be written from.
#[derive(Debug, Clone)]
pub(crate) struct UsableFact<'a> {
    pub(crate) fact: &'a Fact,
    /// The value as it may be shown.
    pub(crate) value: String,
    /// Its day, where that is plausible.
    pub(crate) date: Option<Date>,
    /// How much it says about this business alone, 0–1.
    pub(crate) rank: f64,
}

impl UsableFact<'_> {
    /// Whether its day is recent.
    pub(crate) fn is_recent(&self, today: Date) -> bool {
        self.date.is_some_and(|date| is_recent(date, today))
    }

    /// The value, cut to so many words and characters; `None` where that would leave out what it
    /// denies.
    pub(crate) fn quotation(&self, words_max: usize, chars_max: usize) -> Option<String> {
        let quotation = shortened_chars(&shortened(&self.value, words_max), chars_max);
        (negations(&quotation) == negations(&self.value)).then_some(quotation)
    }

    /// What a placeholder of a template stands for; quotes are cut to `words_max` words.
    pub(crate) fn placeholder(&self, key: &str, lead: &Lead, words_max: usize) -> Option<String> {
        match key {
            "value" => self.quotation(words_max, usize::MAX),
            "date" => english().date(self.date?),
            "business" => business_name(lead),
            "noun" => category(&self.fact.value).map(|c| with_article(&c.singular)),
            "plural" => category(&self.fact.value).map(|c| c.plural.clone()),
            "locality" => locality(lead),
            "rating" => rating(&self.fact.value).map(|(stars, _)| stars),
            "reviews" => rating(&self.fact.value).map(|(_, reviews)| reviews),
            "days" => english().weekend(self.fact),
            _ => None,
        }
    }
}

fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {noun}")
}

/// Whether the day is today or at most [`RECENT_DAYS`] before.
pub(crate) fn is_recent(date: Date, today: Date) -> bool {
    days_before(date, today).is_some_and(|days| (0..=RECENT_DAYS).contains(&days))
}

fn days_before(date: Date, today: Date) -> Option<i32> {
    date.until(today).ok().map(|span| span.get_days())
}

/// The town or quarter that a fact names, where it can be shown. One with a number in it is left
/// out: it is said in sentences about other facts, and a number must stand in the sentence's own.
pub(crate) fn locality(lead: &Lead) -> Option<String> {
    let facts = lead.facts.iter().filter(|f| f.kind == FactKind::Locality);
    facts
        .map(|f| f.value.as_str())
        .filter(|place| !has_number(place))
        .find_map(term)
}

/// Whether a text holds a digit of any script.
pub(crate) fn has_number(text: &str) -> bool {
    text.chars().any(char::is_numeric)
}

/// The business's name as it is spoken to: without a slogan or a legal addition after a bar, a dash
/// or a bracket. `None` where it cannot be shown.
pub(crate) fn business_name(lead: &Lead) -> Option<String> {
    // Quotation marks in a name are left out: ours mark what is quoted from a fact.
    let name = lead.name.as_deref()?.replace(['„', '“', '”'], "");
    let name = name.as_str();
    let cut = [" | ", "|", " – ", " — ", " - ", " (", "（", " · "]
        .iter()
        .filter_map(|separator| name.split_once(separator))
        .map(|(before, _)| before)
        .min_by_key(|before| before.len())
        .filter(|before| !before.trim().is_empty())
        .unwrap_or(name);
    nameable(name.trim())
        .filter(|whole| whole.chars().count() <= 24 && !name.contains('|'))
        .or_else(|| nameable(cut.trim()))
}

/// Stars and reviews of `4.6 from 212 reviews`, where they speak for the business: at least 4 stars
/// and 5 reviews.
pub(crate) fn rating(value: &str) -> Option<(String, String)> {
    let (stars, rest) = value.trim().split_once(" from ")?;
    let reviews = rest.strip_suffix(" reviews")?;
    let number: f64 = stars.parse().ok()?;
    let count: u64 = reviews.replace(',', "").parse().ok()?;
    ((4.0..=5.0).contains(&number) && count >= 5).then(|| (stars.to_owned(), reviews.to_owned()))
}

/// The facts that may be written from, best first: a recent dated post, then announcements and
/// hiring, what the business says of itself and its services, technology and rating, and last what
/// the listing says. A person is for the greeting and never here.
pub(crate) fn usable_facts(lead: &Lead, today: Date) -> Vec<UsableFact<'_>> {
    let facts = lead.facts.iter();
    let mut facts: Vec<_> = facts.filter_map(|fact| usable(fact, today)).collect();
    facts.sort_by(|a, b| {
        b.rank
            .total_cmp(&a.rank)
            .then(b.date.cmp(&a.date))
            .then(a.fact.number.cmp(&b.fact.number))
    });
    facts
}

fn usable(fact: &Fact, today: Date) -> Option<UsableFact<'_>> {
    let value = match fact.kind {
        FactKind::BlogPost
        | FactKind::Announcement
        | FactKind::AboutSentence
        | FactKind::Hiring
        | FactKind::Service
        | FactKind::Speciality => quotable(&fact.value).map(without_full_stop),
        FactKind::Technology | FactKind::Locality => term(&fact.value),
        FactKind::Category => category(&fact.value).map(|c| c.singular.clone()),
        FactKind::Rating => rating(&fact.value).map(|_| fact.value.clone()),
        FactKind::OpeningHours => english().weekend(fact),
        FactKind::Founded => Some(fact.value.trim().to_owned()).filter(|year| {
            let number: Option<i16> = year.parse().ok();
            number.is_some_and(|y| (1500..=today.year()).contains(&y))
        }),
        FactKind::LastUpdated => Some(String::new()),
        FactKind::Person => None,
    }?;
    // A day in the future or before the web is a misreading.
    let date = fact.date.filter(|d| *d <= today && d.year() >= 1995);
    if fact.kind == FactKind::LastUpdated && age(date, today).is_none_or(|days| days > 365) {
        return None;
    }
    let rank = rank(fact.kind, age(date, today));
    Some(UsableFact {
        fact,
        value,
        date,
        rank,
    })
}

fn without_full_stop(text: String) -> String {
    let one = text.ends_with(['.', '。']) && !text.ends_with("..");
    if one {
        text.trim_end_matches(['.', '。']).to_owned()
    } else {
        text
    }
}

fn age(date: Option<Date>, today: Date) -> Option<i32> {
    date.and_then(|d| days_before(d, today))
}

fn rank(kind: FactKind, age_days: Option<i32>) -> f64 {
    let old = age_days.is_some_and(|days| days > 365);
    match kind {
        FactKind::BlogPost => match age_days {
            Some(days) if days <= RECENT_DAYS => 1.0,
            Some(_) if !old => 0.86,
            Some(_) => 0.65,
            None => 0.78,
        },
        FactKind::Announcement if old => 0.62,
        FactKind::Announcement => 0.92,
        FactKind::Hiring if old => 0.61,
        FactKind::Hiring => 0.90,
        FactKind::AboutSentence => 0.75,
        FactKind::Service => 0.72,
        FactKind::Technology => 0.60,
        FactKind::Rating => 0.58,
        FactKind::Founded => 0.50,
        FactKind::LastUpdated => 0.48,
        FactKind::Speciality => 0.45,
        FactKind::OpeningHours => 0.40,
        FactKind::Category => 0.30,
        FactKind::Locality => 0.25,
        FactKind::Person => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratings_that_do_not_flatter_are_left_out() {
        assert_eq!(
            rating("4.6 from 212 reviews"),
            Some(("4.6".into(), "212".into()))
        );
        assert_eq!(
            rating("4.6 from 1,212 reviews"),
            Some(("4.6".into(), "1,212".into()))
        );
        for bad in [
            "2.1 from 80 reviews",
            "5 from 2 reviews",
            "4.9",
            "9 from 100 reviews",
        ] {
            assert_eq!(rating(bad), None, "{bad}");
        }
    }

    #[test]
    fn recent_ends_after_ninety_days_and_excludes_the_future() {
        let today = jiff::civil::date(2025, 12, 14);
        assert!(is_recent(jiff::civil::date(2025, 9, 15), today));
        assert!(!is_recent(jiff::civil::date(2025, 9, 14), today));
        assert!(!is_recent(jiff::civil::date(2025, 12, 15), today));
        assert!(!is_recent(jiff::civil::date(2024, 12, 14), today));
    }
}
