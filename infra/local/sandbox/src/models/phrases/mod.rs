//! Words of the look-alike models: sentences by language and kind of fact. `{q}` is quoted from the
//! fact word for word, `{v}` is its value, `{date}` its day, `{stars}` and `{reviews}` a rating's.

mod english;
mod further;
mod western;

use english::ENGLISH;
use further::{GREEK, JAPANESE, SERBIAN};
use western::{FRENCH, GERMAN, SPANISH};

/// The words of one language.
pub(super) struct Phrases {
    language: &'static str,
    /// To a person, then to a business.
    pub(super) greetings: [&'static [&'static str]; 2],
    /// Kind, whether it tells the day, sentences.
    facts: &'static [(&'static str, bool, &'static [&'static str])],
    pub(super) subjects: &'static [&'static str],
    pub(super) sign_offs: &'static [&'static str],
    months: &'static [&'static str],
    /// How a day is written: `{d}`, `{m}`, `{y}`.
    date: &'static str,
}

impl Phrases {
    /// Of a language, or English.
    pub(super) fn of(language: &str) -> &'static Self {
        let short = language.get(..2).unwrap_or(language).to_lowercase();
        let found = ALL.into_iter().find(|phrases| phrases.language == short);
        found.unwrap_or(&ENGLISH)
    }

    pub(super) fn is_english(&self) -> bool {
        self.language == "en"
    }

    /// Sentences for a kind of fact; those that tell the day only where there is one.
    pub(super) fn sentences(&self, kind: &str, dated: bool) -> Vec<&'static str> {
        let of = |wanted: bool| {
            let fits =
                move |entry: &&(&str, bool, &[&'static str])| entry.0 == kind && entry.1 == wanted;
            self.facts
                .iter()
                .filter(fits)
                .flat_map(|(_, _, sentences)| sentences.iter().copied())
        };
        let mut found: Vec<&str> = if dated {
            of(true).collect()
        } else {
            Vec::new()
        };
        found.extend(of(false));
        found
    }

    /// A day such as `2026-03-01` in words.
    pub(super) fn day(&self, date: &str) -> Option<String> {
        let mut parts = date.get(..10)?.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let number: usize = month.parse().ok()?;
        let day: u8 = day.parse().ok()?;
        let month = self.months.get(number.checked_sub(1)?)?;
        let text = self.date.replace("{d}", &day.to_string());
        Some(text.replace("{m}", month).replace("{y}", year))
    }
}

static ALL: [&Phrases; 7] = [
    &ENGLISH, &GERMAN, &FRENCH, &SPANISH, &JAPANESE, &GREEK, &SERBIAN,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_the_language_does() {
        assert_eq!(ENGLISH.day("2026-03-01").as_deref(), Some("1 March 2026"));
        assert_eq!(GERMAN.day("2026-03-01").as_deref(), Some("1. März 2026"));
        assert_eq!(
            SPANISH.day("2026-12-24").as_deref(),
            Some("24 de diciembre de 2026")
        );
        assert_eq!(ENGLISH.day("2026-13-01"), None);
        assert_eq!(ENGLISH.day("soon"), None);
    }

    #[test]
    fn every_language_speaks_of_posts_ratings_and_places() {
        for phrases in ALL {
            for kind in [
                "blog_post",
                "about_sentence",
                "service",
                "rating",
                "locality",
            ] {
                assert!(
                    !phrases.sentences(kind, true).is_empty(),
                    "{} {kind}",
                    phrases.language
                );
            }
            assert_eq!(phrases.months.len(), 12);
        }
        assert!(Phrases::of("en-GB").is_english() && Phrases::of("fi").is_english());
    }
}
