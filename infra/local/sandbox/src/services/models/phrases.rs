//! Words of the look-alike models: sentences by language and kind of fact. `{q}` is quoted from the
//! fact word for word, `{v}` is its value, `{date}` its day, `{stars}` and `{reviews}` a rating's.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::data::by_language;
use crate::town::{day, lexicon};

/// The words of one language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Phrases {
    language: &'static str,
    pub(super) to_person: Vec<&'static str>,
    pub(super) to_business: Vec<&'static str>,
    /// Sentences by kind of fact that tell its day.
    dated: BTreeMap<&'static str, Vec<&'static str>>,
    /// Sentences by kind of fact that do not.
    undated: BTreeMap<&'static str, Vec<&'static str>>,
    pub(super) subjects: Vec<&'static str>,
    pub(super) sign_offs: Vec<&'static str>,
    /// Months as they stand within a day, where sites call them otherwise.
    months: Option<[&'static str; 12]>,
    /// How a day is written: `{day}`, `{month}`, `{year}`.
    day: &'static str,
}

static ALL: LazyLock<BTreeMap<&str, Phrases>> = LazyLock::new(|| by_language!("messages"));

impl Phrases {
    /// Of a language, or English.
    #[expect(clippy::unwrap_used, reason = "English is there")]
    pub(super) fn of(language: &str) -> &'static Self {
        let short = language.get(..2).unwrap_or(language).to_lowercase();
        ALL.get(short.as_str()).or(ALL.get("en")).unwrap()
    }

    pub(super) fn is_english(&self) -> bool {
        self.language == "en"
    }

    /// Sentences for a kind of fact; those that tell the day only where there is one.
    pub(super) fn sentences(&self, kind: &str, dated: bool) -> Vec<&'static str> {
        let dated = self.dated.get(kind).filter(|_| dated);
        let undated = self.undated.get(kind);
        let both = dated.into_iter().chain(undated);
        both.flatten().copied().collect()
    }

    /// A day such as `2026-03-01` in words.
    pub(super) fn day(&self, date: &str) -> Option<String> {
        let date = date.get(..10)?.parse().ok()?;
        let months = self.months.as_ref();
        let months = months.unwrap_or(&lexicon(self.language).months);
        Some(day(self.day, months, date))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_the_language_does() {
        for (language, date, text) in [
            ("en", "2026-03-01", Some("1 March 2026")),
            ("de", "2026-03-01", Some("1. März 2026")),
            ("es", "2026-12-24", Some("24 de diciembre de 2026")),
            ("ja", "2026-12-24", Some("2026年12月24日")),
            ("sr", "2026-12-24", Some("24. децембра 2026")),
            ("en", "2026-13-01", None),
            ("en", "soon", None),
        ] {
            let told = Phrases::of(language).day(date);
            assert_eq!(told.as_deref(), text, "{language} {date}");
        }
    }

    #[test]
    fn every_language_speaks_of_posts_ratings_and_places() {
        for (language, phrases) in &*ALL {
            assert_eq!(*language, phrases.language);
            for kind in [
                "blog_post",
                "about_sentence",
                "service",
                "rating",
                "locality",
            ] {
                assert!(
                    !phrases.sentences(kind, true).is_empty(),
                    "{language} {kind}"
                );
            }
        }
        assert!(Phrases::of("en-GB").is_english() && Phrases::of("fi").is_english());
    }
}
