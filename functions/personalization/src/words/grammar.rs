//! The sentences and the industries, as data.

use std::{collections::BTreeMap, sync::LazyLock};

use hunter_contracts::{Fact, FactKind, Lead, Tone};
use jiff::civil::Date;
use serde::Deserialize;

/// Sentences of one language (`data/en.toml`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grammar {
    months: Vec<String>,
    saturdays: String,
    sundays: String,
    and: String,
    pub(crate) generic_greetings: Vec<String>,
    pub(crate) spam_words: Vec<String>,
    own_words: Vec<String>,
    foreign_words: Vec<String>,
    greetings: BTreeMap<String, OneOrMany>,
    sign_offs: BTreeMap<String, Vec<String>>,
    pub(crate) offers: Offers,
    subjects: BTreeMap<FactKind, Vec<String>>,
    subjects_other: Vec<String>,
    pub(crate) subject_nobody: String,
    pub(crate) opening: Vec<Template>,
    pub(crate) second: Vec<Template>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// Ways to state the offer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Offers {
    pub(crate) plain: Vec<String>,
    pub(crate) audience: Vec<String>,
    pub(crate) angle: Vec<String>,
}

/// A sentence with placeholders.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Template {
    pub(crate) kind: FactKind,
    #[serde(default)]
    tones: Vec<Tone>,
    date: Option<bool>,
    #[serde(default)]
    recent: bool,
    pub(crate) text: String,
}

impl Template {
    /// Whether it may be used for a fact: `dated` whether its day is known, `recent` whether the
    /// day lies within 90 days.
    pub(crate) fn fits(&self, kind: FactKind, tone: &Tone, dated: bool, recent: bool) -> bool {
        self.kind == kind
            && (self.tones.is_empty() || self.tones.contains(tone))
            && self.date.is_none_or(|wanted| wanted == dated)
            && (!self.recent || recent)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Industries {
    industry: Vec<Industry>,
    category: Vec<Category>,
}

/// A group of businesses that care for the same things.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Industry {
    pub(crate) id: String,
    pub(crate) angles: Vec<String>,
}

/// A kind of business.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Category {
    pub(crate) words: Vec<String>,
    pub(crate) singular: String,
    pub(crate) plural: String,
    pub(crate) industry: String,
}

static ENGLISH: LazyLock<Grammar> = LazyLock::new(|| embedded(include_str!("../../data/en.toml")));
static INDUSTRIES: LazyLock<Industries> =
    LazyLock::new(|| embedded(include_str!("../../data/industries.toml")));

/// What an embedded file says.
#[expect(
    clippy::unwrap_used,
    reason = "the files are part of the program; a test reads every one"
)]
pub(crate) fn embedded<T: serde::de::DeserializeOwned>(file: &str) -> T {
    toml::from_str(file).unwrap()
}

/// The English sentences.
pub(crate) fn english() -> &'static Grammar {
    &ENGLISH
}

/// What the source's category means, as in `dentist` or `craft=carpenter`.
pub(crate) fn category(value: &str) -> Option<&'static Category> {
    let value = value.trim().to_lowercase();
    let value = value.rsplit('=').next().unwrap_or_default().trim();
    let joined = value.replace([' ', '-'], "_");
    let parts: Vec<&str> = joined.split('_').collect();
    let categories = &INDUSTRIES.category;
    categories
        .iter()
        .find(|c| c.words.contains(&joined))
        .or_else(|| {
            let known = |word: &String| parts.contains(&word.as_str());
            categories.iter().find(|c| c.words.iter().any(known))
        })
}

/// The first category of the lead that is known, from its facts or else from its record.
pub(crate) fn lead_category(lead: &Lead) -> Option<&'static Category> {
    let facts = lead.facts.iter().filter(|f| f.kind == FactKind::Category);
    facts
        .map(|f| f.value.as_str())
        .chain(lead.categories.iter().map(String::as_str))
        .find_map(category)
}

/// What a kind of business cares for; asserts nothing.
pub(crate) fn angles(category: &Category) -> &'static [String] {
    let found = INDUSTRIES
        .industry
        .iter()
        .find(|i| i.id == category.industry);
    found.map_or(&[], |industry| industry.angles.as_slice())
}

/// The tone's name on the wire.
pub(crate) const fn tone_name(tone: &Tone) -> &'static str {
    match tone {
        Tone::SalesFocused => "sales-focused",
        Tone::Friendly => "friendly",
        Tone::Professional => "professional",
        Tone::Consultative => "consultative",
    }
}

impl Grammar {
    /// The day in words, as in `3 March 2025`.
    pub(crate) fn date(&self, date: Date) -> Option<String> {
        let month = usize::try_from(date.month()).ok()?.checked_sub(1)?;
        Some(format!(
            "{} {} {}",
            date.day(),
            self.months.get(month)?,
            date.year()
        ))
    }

    /// Whether a text is clearly in another language: mostly another script, or at least two common
    /// words of other languages and fewer of this one.
    pub(crate) fn is_foreign(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let letters = text.chars().filter(|c| c.is_alphabetic());
        let (latin, other): (Vec<char>, Vec<char>) = letters.partition(|c| *c < '\u{250}');
        let words: Vec<&str> = text.split(|c: char| !c.is_alphabetic()).collect();
        let count = |list: &[String]| {
            words
                .iter()
                .filter(|w| list.iter().any(|l| l == *w))
                .count()
        };
        let foreign = count(&self.foreign_words);
        other.len() > latin.len() || (foreign >= 2 && foreign > count(&self.own_words))
    }

    /// Greetings of a tone, with `{name}`.
    pub(crate) fn greetings(&self, key: &str) -> &[String] {
        self.greetings.get(key).map_or(&[], OneOrMany::all)
    }

    /// Closing lines of a tone.
    pub(crate) fn sign_offs(&self, tone: &Tone) -> &[String] {
        self.sign_offs
            .get(tone_name(tone))
            .map_or(&[], Vec::as_slice)
    }

    /// Subject lines for a kind of fact, and those for any.
    pub(crate) fn subjects(&self, kind: FactKind) -> [&[String]; 2] {
        let own = self.subjects.get(&kind).map_or(&[][..], Vec::as_slice);
        [own, &self.subjects_other]
    }

    /// The weekend days that opening hours in OpenStreetMap's notation name as open, in words.
    /// Anything but plain rules (`Mo-Fr 08:00-18:00; Sa 09:00-12:00`) is left alone.
    pub(crate) fn weekend(&self, fact: &Fact) -> Option<String> {
        let (saturday, sunday) = open_weekend(&fact.value);
        match (saturday, sunday) {
            (true, true) => Some(format!("{} {} {}", self.saturdays, self.and, self.sundays)),
            (true, false) => Some(self.saturdays.clone()),
            (false, true) => Some(self.sundays.clone()),
            (false, false) => None,
        }
    }
}

/// Whether opening hours say that Saturdays and Sundays are open.
pub(crate) fn open_weekend(value: &str) -> (bool, bool) {
    const DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
    let day = |text: &str| DAYS.iter().position(|d| *d == text);
    let mut open = [false; 7];
    for rule in value.split(';') {
        let mut words = rule.split_whitespace();
        let (Some(days), Some(hours), None) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        let timed = hours
            .chars()
            .all(|c| c.is_ascii_digit() || ":-,+".contains(c));
        let is_open = match hours {
            "off" | "closed" => false,
            _ if timed && hours.contains(':') => true,
            _ => continue,
        };
        for part in days.split(',') {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let (Some(from), Some(to)) = (day(from), day(to)) else {
                continue;
            };
            for (index, slot) in open.iter_mut().enumerate() {
                if (from..=to).contains(&index) {
                    *slot = is_open;
                }
            }
        }
    }
    let [.., saturday, sunday] = open;
    (saturday, sunday)
}

/// Fills placeholders in one pass, so that a value cannot bring a placeholder of its own; `None`
/// when one has no value.
pub(crate) fn render(template: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (key, tail) = after.split_once('}')?;
        text.push_str(before);
        text.push_str(&value(key)?);
        rest = tail;
    }
    text.push_str(rest);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_data_is_whole() {
        let grammar = english();
        assert_eq!(grammar.months.len(), 12);
        for tone in [
            Tone::SalesFocused,
            Tone::Friendly,
            Tone::Professional,
            Tone::Consultative,
        ] {
            assert!(!grammar.greetings(tone_name(&tone)).is_empty());
            assert!(!grammar.sign_offs(&tone).is_empty());
        }
        for category in &INDUSTRIES.category {
            assert!(
                !angles(category).is_empty(),
                "{} has no angle",
                category.industry
            );
        }
    }

    #[test]
    fn texts_in_another_language_are_told_apart() {
        let english = english();
        for own in [
            "help dental clinics win back lost patients Worth a short call next week?",
            "helfen", // too little to tell
            "run Los Angeles campaigns for the Las Vegas strip, shall we talk?",
        ] {
            assert!(!english.is_foreign(own), "{own}");
        }
        for foreign in [
            "helfen Zahnarztpraxen, mit weniger Aufwand mehr Patienten zu gewinnen. Haben Sie Zeit?",
            "aidons les cabinets dentaires avec des rappels. Un appel pour vous ?",
            "ayudamos a las clínicas con recordatorios para pacientes. ¿Hablamos?",
            "помогаем стоматологиям",
        ] {
            assert!(english.is_foreign(foreign), "{foreign}");
        }
    }

    #[test]
    fn categories_match_whole_and_in_parts() {
        assert_eq!(category("dentist").unwrap().singular, "dental practice");
        assert_eq!(
            category("Dental Clinic").unwrap().singular,
            "dental practice"
        );
        assert_eq!(category("craft=carpenter").unwrap().industry, "trades");
        assert_eq!(category("car_repair").unwrap().industry, "automotive");
        assert!(category("point_of_interest").is_none());
        assert!(category("barrister_x").is_none());
    }

    #[test]
    fn opening_hours_name_the_weekend_only_when_it_is_open() {
        assert_eq!(
            open_weekend("Mo-Fr 08:00-18:00; Sa 09:00-12:00"),
            (true, false)
        );
        assert_eq!(open_weekend("Mo-Su 11:00-23:00; Su off"), (true, false));
        assert_eq!(open_weekend("Mo-Fr 08:00-18:00"), (false, false));
        assert_eq!(open_weekend("Sa,Su 10:00-16:00"), (true, true));
        assert_eq!(open_weekend("by appointment"), (false, false));
        assert_eq!(open_weekend("Sa[1] 10:00-12:00"), (false, false));
    }

    #[test]
    fn a_value_cannot_bring_a_placeholder() {
        let value = |key: &str| (key == "a").then(|| "{b}".to_owned());
        assert_eq!(render("x {a} y", value).as_deref(), Some("x {b} y"));
        assert_eq!(render("x {c}", value), None);
    }
}
