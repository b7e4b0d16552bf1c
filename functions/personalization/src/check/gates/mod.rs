//! What no message may break, whoever wrote it. A gate passes or fails; a message that fails one is
//! not made: its writer is told why, the next one is asked, and at last the record fails.
//!
//! | Gate | A message fails when |
//! |---|---|
//! | `gate_length` | it has more words than `max_length` |
//! | `gate_greeting` | its greeting is a template, as in "Sir/Madam" |
//! | `gate_placeholder` | it holds `[Name]`, `{{…}}`, `<company>`, "XYZ", "lorem ipsum", a gap of `___` |
//! | `gate_links` | it holds a link, an e-mail address or a telephone number that does not stand in the seller's texts |
//! | `gate_invented` | a number stands neither in the facts that it uses, nor in the seller's texts, nor in a name |
//! | `gate_evidence` | a claim's evidence is not its fact's, or no claim rests on a fact |
//! | `gate_language` | it reads as another language than it is said to be in |
//! | `gate_recipient` | it holds a header, as in `Bcc:`, that could name a recipient |
//! | `gate_subject` | the subject line is empty, longer than 60 characters, or breaks one of the above |
//!
//! The distance to other messages of the run is kept by the step (`DUPLICATE_MESSAGE`).

use std::{collections::HashSet, sync::LazyLock};

use hunter_contracts::{
    ClaimBasis, Fact, Lead, QualityCheck, Role, SUBJECT_CHARS_MAX, Score, Seller,
};
use jiff::civil::Date;
use regex::Regex;

use crate::{
    facts::usable::business_name,
    words::{
        grammar::english,
        language::{language, reads_as_another},
        text::{has_link, pattern, word_count},
        tokens::{mask_name, without_quotes},
    },
    write::message::{Composition, assemble},
};

/// What the gates look at.
pub(crate) struct Gates<'a> {
    pub(crate) lead: &'a Lead,
    pub(crate) seller: &'a Seller,
    pub(crate) composition: &'a Composition,
    pub(crate) words_max: usize,
}

/// Placeholders that a template left behind.
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\[[^\]]{0,40}\]|\{\{?[^}]{0,40}\}?\}|<[^>]{0,40}>|%[a-z_]{2,20}%|\$\{|_{3,}",
        r"|\b(xyz|xxx+|tbd|lorem ipsum|(first|last|your|company|business|recipient)_name)\b",
    ))
});

/// Lines that a mail program could take for headers.
static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?im)^\s*(b?cc|reply-to|to|from|subject|recipient|channel)\s*:",
        r"|\b(b?cc|reply-to)\s*:",
    ))
});

impl Gates<'_> {
    /// All gates, in the order of the table above, with why each failed.
    pub(crate) fn gates(&self) -> Vec<(&'static str, Result<String, String>)> {
        let text = assemble(&self.composition.sentences);
        vec![
            ("gate_length", self.length(&text)),
            ("gate_greeting", self.greeting()),
            ("gate_placeholder", self.placeholder(&text)),
            ("gate_links", self.links(&text)),
            ("gate_invented", self.invented(&text)),
            ("gate_evidence", self.evidence()),
            ("gate_language", self.language()),
            ("gate_recipient", recipient(&text)),
            ("gate_subject", self.subject()),
        ]
    }

    /// Why the message may not be made; empty where it may.
    pub(crate) fn failures(&self) -> Vec<String> {
        let gates = self.gates().into_iter();
        gates
            .filter_map(|(name, gate)| gate.err().map(|why| format!("{name}: {why}")))
            .collect()
    }

    /// The gates as checks of a message that was made: they have passed and carry no weight.
    pub(crate) fn checks(&self) -> Vec<QualityCheck> {
        let gates = self.gates().into_iter();
        gates
            .map(|(name, gate)| QualityCheck {
                name: name.to_owned(),
                score: if gate.is_ok() {
                    Score::ONE
                } else {
                    Score::ZERO
                },
                weight: Score::ZERO,
                note: gate.unwrap_or_else(|why| why),
            })
            .collect()
    }

    fn length(&self, text: &str) -> Result<String, String> {
        let (words, max) = (word_count(text), self.words_max);
        let told = format!("{words} of {max} words");
        if words <= max { Ok(told) } else { Err(told) }
    }

    fn greeting(&self) -> Result<String, String> {
        let greeting = self
            .composition
            .sentences
            .iter()
            .find(|s| s.role == Role::Greeting);
        let lower = greeting.map(|s| self.unnamed(&s.text).to_lowercase());
        let lower = lower.unwrap_or_default();
        let own = language(&self.composition.language).map(|l| &l.generic_greetings);
        let mut templates = own
            .into_iter()
            .flatten()
            .chain(&english().generic_greetings);
        templates
            .find(|template| lower.contains(*template))
            .map_or(Ok("it is no template".to_owned()), |template| {
                Err(format!("it greets as a template does: `{template}`"))
            })
    }

    fn placeholder(&self, text: &str) -> Result<String, String> {
        // A quotation is the page's, and a name the lead's: neither is a gap of ours.
        let (rest, _) = without_quotes(text).unwrap_or_else(|_| (text.to_owned(), Vec::new()));
        if PLACEHOLDER.is_match(&self.unnamed(&rest)) {
            return Err("it holds a placeholder that nobody filled".to_owned());
        }
        Ok("none".to_owned())
    }

    /// Links that the seller's own texts hold are the only ones allowed.
    fn links(&self, text: &str) -> Result<String, String> {
        let mut rest = self.unnamed(text);
        for own in self.seller_texts() {
            rest = rest.replace(own, " ");
        }
        if has_link(&rest) {
            return Err("it holds a link, an address or a number to call".to_owned());
        }
        Ok("none but the seller's".to_owned())
    }

    fn invented(&self, text: &str) -> Result<String, String> {
        let mut allowed: HashSet<String> = HashSet::new();
        for fact in self.used() {
            allowed.extend(digits(&fact.value));
            allowed.extend(digits(&fact.evidence.quote));
            allowed.extend(fact.date.iter().flat_map(|date| digits_of_day(*date)));
        }
        let names = [self.lead.name.as_deref(), self.lead.city.as_deref()];
        let seller = self.seller;
        let own = self
            .seller_texts()
            .into_iter()
            .chain(names.into_iter().flatten());
        let own = own.chain([seller.company.as_str(), seller.sender_name.as_str()]);
        allowed.extend(own.flat_map(digits));
        let said = digits(text)
            .into_iter()
            .chain(digits(&self.composition.subject));
        let mut invented = said.filter(|number| !allowed.contains(number));
        invented.next().map_or(
            Ok("every number stands in what it rests on".to_owned()),
            |n| {
                Err(format!(
                    "the number `{n}` stands in nothing that it rests on"
                ))
            },
        )
    }

    fn evidence(&self) -> Result<String, String> {
        let mut facts = 0;
        for sentence in &self.composition.sentences {
            let ClaimBasis::Fact { number, evidence } = &sentence.basis else {
                continue;
            };
            let fact = self.lead.facts.iter().find(|fact| fact.number == *number);
            if fact.is_none_or(|fact| fact.evidence != *evidence) {
                return Err(format!("a claim's evidence is not that of fact {number}"));
            }
            facts += u32::from(sentence.role != Role::Greeting);
        }
        if facts == 0 {
            return Err("nothing in it rests on a fact".to_owned());
        }
        Ok(format!("{facts} claims rest on facts"))
    }

    fn language(&self) -> Result<String, String> {
        let code = &self.composition.language;
        let text = assemble(&self.composition.sentences);
        let (rest, _) = without_quotes(&text).unwrap_or_else(|_| (text.clone(), Vec::new()));
        if reads_as_another(&self.unnamed(&rest), code) {
            return Err(format!("it does not read as `{code}`"));
        }
        Ok(format!("`{code}`"))
    }

    fn subject(&self) -> Result<String, String> {
        let subject = &self.composition.subject;
        let chars = subject.chars().count();
        if !(1..=SUBJECT_CHARS_MAX).contains(&chars) || subject.contains(['\n', '\r']) {
            return Err(format!(
                "it has {chars} characters; 1 to {SUBJECT_CHARS_MAX} on one line"
            ));
        }
        self.placeholder(subject)?;
        let (rest, _) = without_quotes(subject).unwrap_or_else(|_| (subject.clone(), Vec::new()));
        self.links(&rest)?;
        recipient(subject)?;
        Ok(format!("{chars} characters"))
    }

    /// The facts that the message rests on, and the town, which any sentence may name.
    fn used(&self) -> impl Iterator<Item = &Fact> {
        let claims = self.composition.sentences.iter().map(|s| &s.basis);
        let numbers: HashSet<u32> = claims
            .filter_map(|basis| match basis {
                ClaimBasis::Fact { number, .. } => Some(*number),
                _ => None,
            })
            .collect();
        let facts = self.lead.facts.iter();
        facts.filter(move |fact| numbers.contains(&fact.number))
    }

    fn seller_texts(&self) -> Vec<&str> {
        let seller = self.seller;
        let own = [&seller.offer, &seller.ask].into_iter();
        let own = own
            .chain(&seller.proof_points)
            .chain(seller.offers_by_industry.values());
        let translated = seller.translations.values().flat_map(|texts| {
            [&texts.offer, &texts.ask]
                .into_iter()
                .chain(&texts.proof_points)
        });
        let texts = own
            .chain(translated)
            .map(|text| text.trim().trim_end_matches('.'));
        texts.filter(|text| !text.is_empty()).collect()
    }

    /// The text without the names that may stand in it, whatever they look like.
    fn unnamed(&self, text: &str) -> String {
        let business = business_name(self.lead);
        let seller = self.seller;
        let names = [self.lead.name.clone(), business, self.lead.city.clone()];
        let mut names: Vec<String> = names.into_iter().flatten().collect();
        names.extend([seller.company.clone(), seller.sender_name.clone()]);
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names
            .iter()
            .fold(text.to_owned(), |text, name| mask_name(&text, name.trim()))
    }
}

fn recipient(text: &str) -> Result<String, String> {
    if HEADER.is_match(text) {
        return Err("it holds a header that could name a recipient".to_owned());
    }
    Ok("none".to_owned())
}

/// The runs of digits of a text.
fn digits(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .map(|run| run.trim_start_matches('0').to_owned())
        .collect()
}

fn digits_of_day(date: Date) -> [String; 3] {
    [
        date.day().to_string(),
        date.month().to_string(),
        date.year().to_string(),
    ]
}

#[cfg(test)]
mod tests;
