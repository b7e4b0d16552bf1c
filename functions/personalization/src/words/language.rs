//! The languages that a model's messages can be checked in, as data (`data/prose/*.toml`), and in
//! which of them a message is written.

use std::{
    collections::{BTreeMap, HashSet},
    sync::LazyLock,
};

use hunter_contracts::{FactKind, Lead, Seller};
use jiff::civil::Date;
use serde::Deserialize;
use whatlang::Lang;

use super::{
    grammar::{embedded, english},
    tokens::tokens,
};

/// The file of a language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    language: String,
    months: Vec<String>,
    dates: Vec<String>,
    suffixes: Vec<String>,
    saturdays: Vec<String>,
    sundays: Vec<String>,
    stars: HashSet<String>,
    reviews: HashSet<String>,
    recency: HashSet<String>,
    second_person: HashSet<String>,
    first_possessive: HashSet<String>,
    negations: HashSet<String>,
    greetings: String,
    closings: String,
    generic_greetings: Vec<String>,
    greeting: String,
    greeting_nobody: String,
    sign_off: String,
    subject: String,
    offer: String,
    phrases: Vec<String>,
    words: String,
    kinds: BTreeMap<FactKind, String>,
}

/// Words that may stand in a sentence; some take the language's suffixes.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    exact: HashSet<String>,
    stems: HashSet<String>,
}

impl Vocabulary {
    fn of(words: &str) -> Self {
        let mut vocabulary = Self::default();
        for word in words.split_whitespace() {
            match word.strip_suffix('*') {
                Some(stem) => vocabulary.stems.insert(stem.to_owned()),
                None => vocabulary.exact.insert(word.to_owned()),
            };
        }
        vocabulary
    }

    /// Whether a word in lower case stands here, itself or as a stem with one of the suffixes.
    pub(crate) fn knows(&self, lower: &str, suffixes: &[String]) -> bool {
        self.exact.contains(lower)
            || self.stems.contains(lower)
            || suffixes
                .iter()
                .filter_map(|suffix| lower.strip_suffix(suffix.as_str()))
                .any(|stem| self.stems.contains(stem))
    }
}

/// A language with the words that assert nothing, and how it writes dates and greetings.
#[derive(Debug)]
pub(crate) struct Language {
    /// ISO 639-1.
    pub(crate) code: String,
    months: Vec<String>,
    dates: Vec<String>,
    suffixes: Vec<String>,
    saturdays: Vec<String>,
    sundays: Vec<String>,
    pub(crate) stars: HashSet<String>,
    pub(crate) reviews: HashSet<String>,
    pub(crate) recency: HashSet<String>,
    pub(crate) second_person: HashSet<String>,
    pub(crate) first_possessive: HashSet<String>,
    negations: HashSet<String>,
    pub(crate) generic_greetings: Vec<String>,
    /// With `{name}`.
    pub(crate) greeting: String,
    pub(crate) greeting_nobody: String,
    pub(crate) sign_off: String,
    /// A subject line that says nothing.
    pub(crate) subject: String,
    /// How an offer is made a sentence, with `{offer}`.
    pub(crate) offer: String,
    pub(crate) phrases: Vec<String>,
    words: Vocabulary,
    greetings: Vocabulary,
    closings: Vocabulary,
    kinds: BTreeMap<FactKind, Vocabulary>,
}

impl From<File> for Language {
    fn from(file: File) -> Self {
        let kinds = file.kinds.iter();
        Self {
            kinds: kinds.map(|(k, w)| (*k, Vocabulary::of(w))).collect(),
            words: Vocabulary::of(&file.words),
            greetings: Vocabulary::of(&file.greetings),
            closings: Vocabulary::of(&file.closings),
            code: file.language,
            months: file.months,
            dates: file.dates,
            suffixes: file.suffixes,
            saturdays: file.saturdays,
            sundays: file.sundays,
            stars: file.stars,
            reviews: file.reviews,
            recency: file.recency,
            second_person: file.second_person,
            first_possessive: file.first_possessive,
            negations: file.negations,
            generic_greetings: file.generic_greetings,
            greeting: file.greeting,
            greeting_nobody: file.greeting_nobody,
            sign_off: file.sign_off,
            subject: file.subject,
            offer: file.offer,
            phrases: file.phrases,
        }
    }
}

static LANGUAGES: LazyLock<[Language; 4]> = LazyLock::new(|| {
    [
        include_str!("../../data/prose/en.toml"),
        include_str!("../../data/prose/de.toml"),
        include_str!("../../data/prose/fr.toml"),
        include_str!("../../data/prose/es.toml"),
    ]
    .map(|file| Language::from(embedded::<File>(file)))
});

/// The language with this ISO 639-1 code, where messages in it can be checked.
pub(crate) fn language(code: &str) -> Option<&'static Language> {
    LANGUAGES.iter().find(|language| language.code == code)
}

impl Language {
    /// The language of the rules engine.
    pub(crate) fn english() -> &'static Self {
        let [english, ..] = &*LANGUAGES;
        english
    }

    /// Whether a word in lower case asserts nothing.
    pub(crate) fn is_neutral(&self, lower: &str) -> bool {
        self.words.knows(lower, &self.suffixes)
    }

    /// Whether a word in lower case says no more than that a fact is of this kind.
    pub(crate) fn is_of_kind(&self, kind: FactKind, lower: &str) -> bool {
        let words = self.kinds.get(&kind);
        words.is_some_and(|words| words.knows(lower, &self.suffixes))
    }

    /// Whether a word in lower case belongs into a greeting.
    pub(crate) fn greets(&self, lower: &str) -> bool {
        self.greetings.knows(lower, &self.suffixes)
    }

    /// Whether a word in lower case belongs into a closing line.
    pub(crate) fn closes(&self, lower: &str) -> bool {
        self.closings.knows(lower, &self.suffixes)
    }

    /// The words for the weekend days.
    pub(crate) fn weekend(&self, saturday: bool, sunday: bool) -> impl Iterator<Item = &str> {
        let saturdays = self.saturdays.iter().filter(move |_| saturday);
        let sundays = self.sundays.iter().filter(move |_| sunday);
        saturdays.chain(sundays).map(String::as_str)
    }

    /// Whether a word, as it is written, is a month's name.
    pub(crate) fn is_month(&self, word: &str) -> bool {
        self.months.iter().any(|month| month == word)
    }

    /// The ways to write a day, or a part of it, longest first.
    pub(crate) fn date_forms(&self, date: Date) -> Vec<String> {
        let month = usize::try_from(date.month())
            .ok()
            .and_then(|m| self.months.get(m.checked_sub(1)?));
        let Some(month) = month else {
            return Vec::new();
        };
        let ordinal = match (date.day() % 10, date.day()) {
            (1, d) if d != 11 => "st",
            (2, d) if d != 12 => "nd",
            (3, d) if d != 13 => "rd",
            _ => "th",
        };
        let mut forms: Vec<String> = self
            .dates
            .iter()
            .filter(|form| !form.starts_with("1er") || date.day() == 1)
            .map(|form| {
                form.replace("{day}", &date.day().to_string())
                    .replace("{dd}", &format!("{:02}", date.day()))
                    .replace("{month}", month)
                    .replace("{mm}", &format!("{:02}", date.month()))
                    .replace("{m}", &date.month().to_string())
                    .replace("{year}", &date.year().to_string())
                    .replace("{ord}", ordinal)
            })
            .chain([date.to_string()])
            .collect();
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms
    }

    /// The share of words that are this language's small words.
    fn share(&self, words: &[String]) -> f64 {
        let known = words.iter().filter(|word| self.words.exact.contains(*word));
        known.count() as f64 / words.len().max(1) as f64
    }
}

/// Whether a word in lower case denies something in any of the languages: a page may be in another
/// one than the message.
pub(crate) fn is_negation(lower: &str) -> bool {
    LANGUAGES
        .iter()
        .any(|language| language.negations.contains(lower))
}

/// How many words of a text deny something.
pub(crate) fn negations(text: &str) -> usize {
    let words = tokens(text);
    words.iter().filter(|word| is_negation(&word.lower)).count()
}

/// The language that a text is in, of those that can be checked: the one whose small words it
/// holds most of. `None` where that is none, or where the statistics of its letters reliably say
/// that it is another one.
pub(crate) fn detected(text: &str) -> Option<&'static Language> {
    let words: Vec<String> = tokens(text).into_iter().map(|token| token.lower).collect();
    let best = LANGUAGES
        .iter()
        .map(|language| (language.share(&words), language))
        .filter(|(share, _)| *share > 0.0)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, language)| language)?;
    let foreign = best.code == "en" && english().is_foreign(text);
    (!foreign && !letters_disagree(text, &best.code)).then_some(best)
}

/// Whether a text reads as another language than `code`: it holds clearly more small words of
/// another one, or it is long enough for the statistics of its letters, and they are sure.
pub(crate) fn reads_as_another(text: &str, code: &str) -> bool {
    let words: Vec<String> = tokens(text).into_iter().map(|token| token.lower).collect();
    let own = language(code).map_or(0.0, |language| language.share(&words));
    let others = LANGUAGES.iter().filter(|language| language.code != code);
    let other = others.map(|l| l.share(&words)).fold(0.0, f64::max);
    (words.len() >= 6 && other > own + 0.15) || letters_disagree(text, code)
}

/// Letters below which the statistics are not asked.
const LETTERS_MIN: usize = 120;

fn letters_disagree(text: &str, code: &str) -> bool {
    if text.chars().filter(|c| c.is_alphabetic()).count() < LETTERS_MIN {
        return false;
    }
    let expected = match code {
        "en" => Lang::Eng,
        "de" => Lang::Deu,
        "fr" => Lang::Fra,
        "es" => Lang::Spa,
        _ => return false,
    };
    let close = |lang: Lang| {
        matches!(
            (expected, lang),
            (Lang::Spa, Lang::Por | Lang::Cat) | (Lang::Eng | Lang::Deu, Lang::Nld | Lang::Afr)
        )
    };
    whatlang::detect(text).is_some_and(|found| {
        found.is_reliable()
            && found.confidence() > 0.95
            && found.lang() != expected
            && !close(found.lang())
    })
}

/// The language of the seller's own texts.
pub(crate) fn own_language(seller: &Seller) -> Option<&'static Language> {
    let proofs = seller.proof_points.join(" ");
    detected(&format!("{} {} {proofs}", seller.offer, seller.ask))
}

/// In which languages a message to a lead may be written, best first: the lead's, where the seller
/// has texts in it, the seller's own, then the others that it has texts in.
pub(crate) fn candidates(lead: &Lead, seller: &Seller) -> Vec<&'static Language> {
    let own = own_language(seller);
    let site = lead.website_metadata.as_ref();
    let leads = site.and_then(|s| language(s.language.as_deref()?));
    let has_texts = |l: &&'static Language| {
        own.is_some_and(|own| own.code == l.code) || seller.translations.contains_key(&l.code)
    };
    let mut found: Vec<&'static Language> = leads.filter(has_texts).into_iter().collect();
    found.extend(own);
    found.extend(seller.translations.keys().filter_map(|code| language(code)));
    let mut seen = HashSet::new();
    found.retain(|language| seen.insert(language.code.as_str()));
    found
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_language_is_whole() {
        assert_eq!(LANGUAGES.len(), 4);
        for language in LANGUAGES.iter() {
            assert_eq!(language.months.len(), 12, "{}", language.code);
            assert!(language.greeting.contains("{name}"));
            assert!(language.greeting_nobody.ends_with(','));
            assert!(language.offer.contains("{offer}"));
            // What flips or dates a statement is never neutral.
            for word in language.negations.iter().chain(&language.recency) {
                assert!(!language.is_neutral(word), "{}: {word}", language.code);
            }
            for word in language.stars.iter().chain(&language.reviews) {
                assert!(!language.is_neutral(word), "{}: {word}", language.code);
            }
        }
    }

    #[test]
    fn days_are_written_as_each_language_does() {
        let day = date(2025, 3, 3);
        for (code, form) in [
            ("en", "3 March 2025"),
            ("en", "March 3rd, 2025"),
            ("de", "3. März 2025"),
            ("de", "03.03.2025"),
            ("fr", "3 mars 2025"),
            ("es", "3 de marzo de 2025"),
            ("es", "2025-03-03"),
        ] {
            let forms = language(code).unwrap().date_forms(day);
            assert!(forms.iter().any(|f| f == form), "{code}: {forms:?}");
        }
        let french = language("fr").unwrap().date_forms(day);
        assert!(!french.iter().any(|f| f.contains("1er")));
    }

    #[test]
    fn texts_are_told_apart() {
        for (text, code) in [
            (
                "help dental clinics win back lost patients Worth a short call next week?",
                Some("en"),
            ),
            (
                "Wir helfen Praxen, mit weniger Aufwand mehr Patienten zu gewinnen. Haben Sie Zeit?",
                Some("de"),
            ),
            (
                "Nous aidons les cabinets dentaires avec des rappels. Un appel pour vous ?",
                Some("fr"),
            ),
            (
                "Ayudamos a las clínicas con recordatorios para los pacientes. ¿Hablamos?",
                Some("es"),
            ),
            ("помогаем стоматологиям вернуть пациентов", None),
        ] {
            let found = detected(text).map(|language| language.code.as_str());
            assert_eq!(found, code, "{text}");
        }
    }
}
