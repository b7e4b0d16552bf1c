//! The words of a sentence about a fact: which of them have a right to stand there.

use hunter_contracts::FactKind;

use jiff::civil::Date;

use crate::{
    facts::{
        material::{GivenFact, Material},
        usable::{is_recent, rating},
    },
    words::{
        grammar::{category, open_weekend},
        language::{Language, is_negation},
        tokens::{DATE, NAME, Token, mask, mask_name, position_of, tokens},
    },
};

/// Most words that a sentence takes from its fact without quotation marks: a page's sentence must not
/// read as ours.
const RUN_WORDS_MAX: usize = 6;

/// The words of a fact's sentence outside of quotations, with names and days masked.
pub(super) struct FactWords<'m, 'a> {
    material: &'m Material<'a>,
    given: &'m GivenFact<'a>,
    pub(super) words: Vec<Token>,
}

impl<'m, 'a> FactWords<'m, 'a> {
    /// Of a text in which quotations and names are masked.
    pub(super) fn of(material: &'m Material<'a>, given: &'m GivenFact<'a>, rest: &str) -> Self {
        let mut text = rest.to_owned();
        if given.fact().kind == FactKind::Locality {
            text = mask_name(&text, &given.usable.value);
        }
        if let Some(date) = given.usable.date {
            text = mask_date(&text, material.language, date);
        }
        for phrase in &material.language.phrases {
            text = text.replace(phrase.as_str(), " ");
        }
        Self {
            material,
            given,
            words: tokens(&text),
        }
    }

    fn kind(&self) -> FactKind {
        self.given.fact().kind
    }

    fn has(&self, mask: char) -> bool {
        self.words.iter().any(|word| word.text.starts_with(mask))
    }

    /// Whether every word has a right to stand there, and the sentence says something of its fact.
    pub(super) fn hold(&self, quoted: bool) -> Result<(), String> {
        let language = self.material.language;
        self.speak_of_the_lead()?;
        let recent = self.given.usable.date;
        let recent = recent.is_some_and(|date| is_recent(date, self.material.today()));
        let mut foreign = Vec::new();
        for (index, word) in self.words.iter().enumerate() {
            let month = language.is_month(&word.text)
                && (index > 0 || self.words.get(1).is_some_and(Token::is_number));
            if language.recency.contains(&word.lower) && !recent && !self.stands_in_fact(word) {
                return Err(format!(
                    "it says `{}` of a fact that is not recent",
                    word.text
                ));
            }
            let neutral = language.is_neutral(&word.lower)
                || language.is_of_kind(self.kind(), &word.lower)
                || (language.recency.contains(&word.lower) && recent);
            if word.is_mask() || (neutral && !month) || self.is_figure(index, word)? {
                continue;
            }
            foreign.push(index);
        }
        let span = self.span(&foreign)?;
        if quoted || span || self.refers() {
            return Ok(());
        }
        let number = self.given.fact().number;
        Err(format!("it says nothing that stands in fact {number}"))
    }

    /// What a fact says is said of the recipient, not of the seller.
    fn speak_of_the_lead(&self) -> Result<(), String> {
        let language = self.material.language;
        let holds = |set: &std::collections::HashSet<String>| {
            self.words.iter().any(|word| set.contains(&word.lower))
        };
        if holds(&language.first_possessive) {
            return Err("it speaks of the seller".to_owned());
        }
        if !holds(&language.second_person) && !self.has(NAME) {
            return Err("it neither addresses the recipient nor names the business".to_owned());
        }
        Ok(())
    }

    fn stands_in_fact(&self, word: &Token) -> bool {
        let value = tokens(&self.given.usable.value);
        value.iter().any(|own| own.lower == word.lower)
    }

    /// Whether a word is a figure or a term that the fact's kind has in its own form.
    ///
    /// # Errors
    /// When it is a figure of another thing, as in `212 stars` of `4.6 from 212 reviews`.
    fn is_figure(&self, index: usize, word: &Token) -> Result<bool, String> {
        let fact = self.given.fact();
        match fact.kind {
            FactKind::Rating => self.is_rating(index, word),
            FactKind::OpeningHours => {
                let (saturday, sunday) = open_weekend(&fact.value);
                let mut days = self.material.language.weekend(saturday, sunday);
                Ok(days.any(|day| day == word.lower))
            }
            FactKind::Category => Ok(category(&fact.value).is_some_and(|category| {
                let value = &self.given.usable.value;
                let own = tokens(&format!(
                    "{} {} {value}",
                    category.singular, category.plural
                ));
                own.iter().any(|own| own.lower == word.lower)
            })),
            _ => Ok(false),
        }
    }

    fn is_rating(&self, index: usize, word: &Token) -> Result<bool, String> {
        let language = self.material.language;
        if language.stars.contains(&word.lower) || language.reviews.contains(&word.lower) {
            return Ok(true);
        }
        if !word.is_number() {
            return Ok(false);
        }
        let Some((stars, reviews)) = rating(&self.given.fact().value) else {
            return Ok(false);
        };
        let digits = |text: &str| text.replace(['.', ','], "");
        let is_stars = word.text == stars || word.text == stars.replace('.', ",");
        let is_reviews = digits(&word.text) == digits(&reviews) && !is_fraction(&word.text);
        let next = self.words.get(index.saturating_add(1));
        let next = next.map_or("", |next| next.lower.as_str());
        let right = if language.reviews.contains(next) {
            is_reviews
        } else {
            is_stars
        };
        if right {
            return Ok(true);
        }
        Err(format!("the number `{}` is not the fact's", word.text))
    }

    /// Whether the words that are neither neutral nor figures form one unbroken run of the fact.
    ///
    /// # Errors
    /// When they do not stand in the fact, or not like this.
    fn span(&self, foreign: &[usize]) -> Result<bool, String> {
        let (Some(&first), Some(&last)) = (foreign.first(), foreign.last()) else {
            return Ok(false);
        };
        let run = self.words.get(first..=last).unwrap_or_default();
        let shown = || -> Vec<&str> { run.iter().map(|word| word.text.as_str()).collect() };
        let of_words = !matches!(
            self.kind(),
            FactKind::Rating
                | FactKind::OpeningHours
                | FactKind::Category
                | FactKind::Locality
                | FactKind::LastUpdated
                | FactKind::Person
        );
        let value = tokens(&self.given.usable.value);
        let number = self.given.fact().number;
        if !of_words || position_of(run, &value).is_none() {
            return Err(format!(
                "`{}` does not stand in fact {number}: say it in the fact's own words, in their \
                 order, or leave it out",
                shown().join(" ")
            ));
        }
        if run.len() > RUN_WORDS_MAX {
            return Err(format!(
                "it takes more than {RUN_WORDS_MAX} words from fact {number} outside of quotation \
                 marks: quote them"
            ));
        }
        let quote = tokens(&self.given.quote);
        let mut own = value.iter().chain(&quote);
        if run.len() < value.len() && own.any(|word| is_negation(&word.lower)) {
            return Err(format!(
                "fact {number} denies something: quote it whole instead of a part of it"
            ));
        }
        Ok(true)
    }

    /// Whether the sentence carries the fact in its kind's own form.
    fn refers(&self) -> bool {
        let fact = self.given.fact();
        let has = |text: &str| {
            let wanted = tokens(text);
            position_of(&wanted, &self.words).is_some()
        };
        match fact.kind {
            FactKind::Rating => self.words.iter().any(Token::is_number),
            FactKind::OpeningHours => {
                let (saturday, sunday) = open_weekend(&fact.value);
                let mut days = self.material.language.weekend(saturday, sunday);
                days.any(|day| self.words.iter().any(|word| word.lower == day))
            }
            FactKind::Category => {
                let own = has(&self.given.usable.value);
                own || category(&fact.value).is_some_and(|c| has(&c.singular) || has(&c.plural))
            }
            FactKind::Locality => self.has(NAME),
            FactKind::BlogPost | FactKind::Announcement | FactKind::LastUpdated => self.has(DATE),
            _ => false,
        }
    }
}

fn is_fraction(number: &str) -> bool {
    number
        .rsplit_once(['.', ','])
        .is_some_and(|(_, end)| end.chars().count() != 3)
}

/// The text with a sign in place of every way to write the day. A part of a day that a number
/// stands beside is left: it may belong to another day.
fn mask_date(text: &str, language: &Language, date: Date) -> String {
    let apart = |before: &str, after: &str| {
        let number = |word: &str| word.chars().any(char::is_numeric);
        let mut near = before.split_whitespace().rev().take(2);
        !near.any(number) && !after.split_whitespace().next().is_some_and(number)
    };
    language
        .date_forms(date)
        .iter()
        .fold(text.to_owned(), |text, form| mask(&text, form, DATE, apart))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_part_of_another_day_is_not_masked() {
        let english = Language::english();
        let masked = |text: &str| mask_date(text, english, date(2025, 3, 3)).contains(DATE);
        for good in [
            "of 3 March 2025.",
            "of March 3, 2025",
            "in March 2025",
            "on 3 March",
        ] {
            assert!(masked(good), "{good}");
        }
        for bad in [
            "of 13 March 2025",
            "of 12 March 2025",
            "of 3 March 2024",
            "of 3 May 2025",
        ] {
            assert!(!masked(bad), "{bad}");
        }
    }
}
