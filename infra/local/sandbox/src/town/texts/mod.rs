//! What sites say: word lists and sentence templates per language.
//!
//! A template has slots in braces; [`fill`] puts the words in. All sentences are written for the
//! sandbox; they name nobody that exists.

mod de;
mod el;
mod en;
mod es;
mod fr;
mod ja;
mod sr;

use super::business::Topic;
use super::category::Category;
use super::cities::Bilingual;

/// Words of one trade in one language.
pub(crate) struct Trade {
    /// What the business is, in the middle of a sentence.
    pub(crate) label: &'static str,
    /// Last part of a business name.
    pub(crate) nouns: &'static [Bilingual],
    pub(crate) services: &'static [&'static str],
    pub(crate) equipment: &'static [&'static str],
    /// Open positions.
    pub(crate) roles: &'static [&'static str],
    /// Titles of advice posts; the language's general ones serve where there are none.
    pub(crate) advice: &'static [&'static str],
}

/// One trade per group of categories.
pub(crate) struct Trades {
    pub(crate) dental: Trade,
    pub(crate) orthodontist_nouns: &'static [Bilingual],
    pub(crate) clinic_nouns: &'static [Bilingual],
    pub(crate) food: Trade,
    pub(crate) law: Trade,
    pub(crate) hotel: Trade,
    pub(crate) shop: Trade,
    pub(crate) physio: Trade,
    pub(crate) salon: Trade,
    pub(crate) accounts: Trade,
}

/// Paths of pages, without slashes.
pub(crate) struct Slugs {
    pub(crate) about: &'static str,
    pub(crate) contact: &'static str,
    pub(crate) services: &'static str,
    pub(crate) news: &'static str,
    pub(crate) careers: &'static str,
    pub(crate) imprint: Option<&'static str>,
}

/// Words of menus and captions.
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
pub(crate) struct TopicTexts {
    pub(crate) titles: &'static [&'static str],
    pub(crate) sentences: &'static [&'static str],
}

/// Everything a site in one language needs.
pub(crate) struct Lexicon {
    pub(crate) slugs: Slugs,
    pub(crate) labels: Labels,
    pub(crate) months: [&'static str; 12],
    /// A day in words: slots `{day}`, `{month}`, `{year}`.
    pub(crate) day: &'static str,
    /// Patterns of business names: slots `{last}`, `{district}`, `{word}`, `{noun}`.
    pub(crate) names: &'static [&'static str],
    pub(crate) words: &'static [Bilingual],
    pub(crate) intro: &'static [&'static str],
    pub(crate) about: &'static [&'static str],
    pub(crate) advice: TopicTexts,
    pub(crate) new_location: TopicTexts,
    pub(crate) equipment: TopicTexts,
    pub(crate) hiring: TopicTexts,
    pub(crate) award: TopicTexts,
    pub(crate) event: TopicTexts,
    pub(crate) trades: Trades,
}

impl Lexicon {
    pub(crate) fn trade(&self, category: Category) -> &Trade {
        match category {
            Category::Dentist | Category::Orthodontist | Category::DentalClinic => {
                &self.trades.dental
            }
            Category::Restaurant => &self.trades.food,
            Category::LawFirm => &self.trades.law,
            Category::Hotel => &self.trades.hotel,
            Category::Shop => &self.trades.shop,
            Category::Physiotherapist => &self.trades.physio,
            Category::Salon => &self.trades.salon,
            Category::Accountant => &self.trades.accounts,
        }
    }

    pub(crate) fn nouns(&self, category: Category) -> &'static [Bilingual] {
        match category {
            Category::Orthodontist => self.trades.orthodontist_nouns,
            Category::DentalClinic => self.trades.clinic_nouns,
            _ => self.trade(category).nouns,
        }
    }

    pub(crate) fn topic(&self, topic: Topic) -> &TopicTexts {
        match topic {
            Topic::Advice => &self.advice,
            Topic::NewLocation => &self.new_location,
            Topic::Equipment => &self.equipment,
            Topic::Hiring => &self.hiring,
            Topic::Award => &self.award,
            Topic::Event => &self.event,
        }
    }

    /// A day in words, for example `14. März 2024`.
    pub(crate) fn day(&self, date: jiff::civil::Date) -> String {
        let month = usize::try_from(date.month()).unwrap_or(1).saturating_sub(1);
        let month = self.months.get(month).copied().unwrap_or_default();
        fill(
            self.day,
            &[
                ("day", &date.day().to_string()),
                ("month", month),
                ("year", &date.year().to_string()),
            ],
        )
    }
}

/// The lexicon of a language; English for languages without one.
pub(crate) fn lexicon(language: &str) -> &'static Lexicon {
    match language {
        "de" => &de::LEXICON,
        "fr" => &fr::LEXICON,
        "es" => &es::LEXICON,
        "ja" => &ja::LEXICON,
        "el" => &el::LEXICON,
        "sr" => &sr::LEXICON,
        _ => &en::LEXICON,
    }
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
        for language in ["en", "de", "fr", "es", "ja", "el", "sr"] {
            let lexicon = lexicon(language);
            for category in Category::ALL {
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
