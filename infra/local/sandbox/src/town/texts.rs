//! What sites say: word lists and sentence templates per language.
//!
//! A template has slots in braces; [`fill`] puts the words in. All sentences are written for the
//! sandbox; they name nobody that exists.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::business::Topic;
use super::category::Category;
use super::cities::Bilingual;
use crate::data::by_language;

/// Words of one trade in one language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trade {
    /// What the business is, in the middle of a sentence.
    pub(crate) label: &'static str,
    pub(crate) services: Vec<&'static str>,
    pub(crate) equipment: Vec<&'static str>,
    /// Open positions.
    pub(crate) roles: Vec<&'static str>,
    /// Titles of advice posts; the language's general ones serve where there are none.
    pub(crate) advice: Vec<&'static str>,
}

/// Paths of pages, without slashes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Slugs {
    pub(crate) about: &'static str,
    pub(crate) contact: &'static str,
    pub(crate) services: &'static str,
    pub(crate) news: &'static str,
    pub(crate) careers: &'static str,
    pub(crate) imprint: Option<&'static str>,
}

/// Words of menus and captions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Labels {
    pub(crate) home: &'static str,
    pub(crate) about: &'static str,
    pub(crate) contact: &'static str,
    pub(crate) services: &'static str,
    pub(crate) news: &'static str,
    pub(crate) careers: &'static str,
    pub(crate) imprint: &'static str,
    pub(crate) phone: &'static str,
    pub(crate) email: &'static str,
    pub(crate) owner: &'static str,
    pub(crate) hours: &'static str,
    pub(crate) since: &'static str,
}

/// Templates for the posts of one topic.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TopicTexts {
    #[serde(borrow)]
    pub(crate) titles: Vec<&'static str>,
    pub(crate) sentences: Vec<&'static str>,
}

/// Everything a site in one language needs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lexicon {
    pub(crate) slugs: Slugs,
    pub(crate) labels: Labels,
    pub(crate) months: [&'static str; 12],
    /// A day in words: slots `{day}`, `{month}`, `{year}`.
    day: &'static str,
    /// Patterns of business names: slots `{last}`, `{district}`, `{word}`, `{noun}`.
    pub(crate) names: Vec<&'static str>,
    pub(crate) words: Vec<Bilingual>,
    /// First parts of addresses that belong to nobody.
    pub(crate) desks: Vec<&'static str>,
    pub(crate) intro: Vec<&'static str>,
    pub(crate) about: Vec<&'static str>,
    topics: BTreeMap<Topic, TopicTexts>,
    /// Last parts of business names.
    nouns: BTreeMap<Category, Vec<Bilingual>>,
    /// By the `trade` of a category.
    trades: BTreeMap<&'static str, Trade>,
}

#[expect(clippy::unwrap_used, reason = "a test looks up all that there is")]
impl Lexicon {
    pub(crate) fn trade(&self, category: Category) -> &Trade {
        self.trades.get(category.terms().trade).unwrap()
    }

    pub(crate) fn nouns(&self, category: Category) -> &[Bilingual] {
        self.nouns.get(&category).unwrap()
    }

    pub(crate) fn topic(&self, topic: Topic) -> &TopicTexts {
        self.topics.get(&topic).unwrap()
    }

    /// A day in words, for example `14. März 2024`.
    pub(crate) fn day(&self, date: jiff::civil::Date) -> String {
        day(self.day, &self.months, date)
    }
}

static LEXICONS: LazyLock<BTreeMap<&str, Lexicon>> = LazyLock::new(|| by_language!("sites"));

/// The lexicon of a language; English for languages without one.
#[expect(clippy::unwrap_used, reason = "English is there")]
pub(crate) fn lexicon(language: &str) -> &'static Lexicon {
    LEXICONS.get(language).or(LEXICONS.get("en")).unwrap()
}

/// A day in the words of a template with the slots `{day}`, `{month}`, `{year}`.
pub(crate) fn day(template: &str, months: &[&str; 12], date: jiff::civil::Date) -> String {
    let month = usize::try_from(date.month()).unwrap_or(1).saturating_sub(1);
    let slots = [
        ("day", &*date.day().to_string()),
        ("month", months.get(month).copied().unwrap_or_default()),
        ("year", &*date.year().to_string()),
    ];
    fill(template, &slots)
}

/// Puts words into the `{slots}` of a template; an unknown slot stays as it is.
pub(crate) fn fill(template: &str, slots: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            text.push('{');
            rest = after;
            continue;
        };
        match slots.iter().find(|(slot, _)| *slot == name) {
            Some((_, value)) => text.push_str(value),
            None => {
                text.push('{');
                text.push_str(name);
                text.push('}');
            }
        }
        rest = tail;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lexicon_has_words_for_every_category_and_topic() {
        for (language, lexicon) in &*LEXICONS {
            for &category in Category::ALL {
                let trade = lexicon.trade(category);
                assert!(trade.services.len() >= 4, "{language} {category:?}");
                assert!(!trade.roles.is_empty() && !trade.equipment.is_empty());
                assert!(!lexicon.nouns(category).is_empty());
            }
            for topic in [
                Topic::Advice,
                Topic::NewLocation,
                Topic::Equipment,
                Topic::Hiring,
                Topic::Award,
                Topic::Event,
            ] {
                assert!(
                    lexicon.topic(topic).titles.len() >= 2,
                    "{language} {topic:?}"
                );
                assert!(
                    lexicon.topic(topic).sentences.len() >= 3,
                    "{language} {topic:?}"
                );
            }
        }
    }
}
