//! Checks every sentence of a proposed message against what it claims to rest on. It knows nothing
//! of how the message was written and trusts no writer, be it rules or a model.

use std::collections::HashSet;

use hunter_contracts::{Claim, ClaimBasis, Evidence, Fact, FactKind, Lead, Seller};
use jiff::civil::Date;

use crate::{
    facts::{has_number, is_recent},
    grammar::{Grammar, category},
    message::{Role, Sentence},
    text::{has_link, plain, word_count},
    writer::offer_clause,
};

/// What a message is checked against.
pub(crate) struct Checker<'a> {
    pub(crate) lead: &'a Lead,
    pub(crate) seller: &'a Seller,
    pub(crate) grammar: &'a Grammar,
    pub(crate) today: Date,
}

/// A sentence that was cut, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) role: Role,
    pub(crate) reason: String,
}

/// Words that say that something happened lately.
const RECENCY: [&str; 7] = [
    "recent", "recently", "new", "newest", "latest", "just", "lately",
];

impl Checker<'_> {
    /// Splits sentences into those that hold and those that are cut.
    pub(crate) fn split(&self, sentences: Vec<Sentence>) -> (Vec<Sentence>, Vec<Cut>) {
        let mut kept = Vec::new();
        let mut cut = Vec::new();
        for sentence in sentences {
            match self.check(&sentence) {
                Ok(()) => kept.push(sentence),
                Err(reason) => cut.push(Cut {
                    role: sentence.role,
                    reason,
                }),
            }
        }
        (kept, cut)
    }

    /// Whether a sentence holds.
    ///
    /// # Errors
    /// The reason for which it does not.
    pub(crate) fn check(&self, sentence: &Sentence) -> Result<(), String> {
        match (&sentence.claim.basis, sentence.role) {
            (ClaimBasis::Fact { number, evidence }, role) => {
                let fact = self.lead.facts.iter().find(|f| f.number == *number);
                let fact = fact.ok_or_else(|| format!("there is no fact {number}"))?;
                self.check_fact(&sentence.claim, role, fact, evidence)
            }
            (ClaimBasis::Seller { field }, role) => self.check_seller(&sentence.claim, role, field),
            (ClaimBasis::NoAssertion, role) => self.check_courtesy(&sentence.claim.text, role),
        }
    }

    /// Whether a subject line holds: quotes from a fact that the message uses, names of the lead.
    pub(crate) fn subject_holds(&self, subject: &str, sentences: &[Sentence]) -> bool {
        let used: Vec<&Fact> = sentences
            .iter()
            .filter_map(|s| match &s.claim.basis {
                ClaimBasis::Fact { number, .. } => {
                    self.lead.facts.iter().find(|f| f.number == *number)
                }
                _ => None,
            })
            .collect();
        let Ok((rest, quotes)) = without_quotes(subject) else {
            return false;
        };
        let quoted = quotes
            .iter()
            .all(|quote| used.iter().any(|fact| holds(fact, quote)));
        let mut known = self.names();
        known.extend(used.iter().flat_map(|fact| tokens(&fact.value)));
        let own = rest.replace(self.lead.name.as_deref().unwrap_or("\0"), "");
        quoted
            && subject.chars().count() <= 60
            && !subject.chars().any(char::is_control)
            && !has_link(&own)
            && self.words_are_known(&rest, &known).is_ok()
    }

    fn check_fact(
        &self,
        claim: &Claim,
        role: Role,
        fact: &Fact,
        evidence: &Evidence,
    ) -> Result<(), String> {
        if *evidence != fact.evidence {
            return Err(format!("its evidence is not that of fact {}", fact.number));
        }
        let (rest, quotes) = without_quotes(&claim.text)?;
        if let Some(foreign) = quotes.iter().find(|quote| !holds(fact, quote)) {
            return Err(format!(
                "`{foreign}` does not stand in fact {}",
                fact.number
            ));
        }
        if has_link(&claim.text) {
            return Err("it holds a link or a number to call".to_owned());
        }
        let recent = fact.date.is_some_and(|date| is_recent(date, self.today));
        let lower: HashSet<String> = tokens(&rest).into_iter().collect();
        if let Some(word) = RECENCY
            .iter()
            .find(|word| lower.contains(**word) && !recent)
        {
            return Err(format!("it says `{word}` of a fact that is not recent"));
        }
        if role == Role::Greeting && fact.kind != FactKind::Person {
            return Err("it greets somebody whom no fact names".to_owned());
        }
        let mut known = self.names();
        known.extend(tokens(&fact.value));
        known.extend(tokens(&fact.evidence.quote));
        let date = fact.date.and_then(|date| self.grammar.date(date));
        known.extend(date.iter().flat_map(|date| tokens(date)));
        let days = self
            .grammar
            .weekend(fact)
            .filter(|_| fact.kind == FactKind::OpeningHours);
        known.extend(days.iter().flat_map(|days| tokens(days)));
        self.words_are_known(&rest, &known)?;
        if self.refers(&lower, &quotes, fact, date.as_deref(), days.as_deref()) {
            return Ok(());
        }
        Err(format!(
            "it says nothing that stands in fact {}",
            fact.number
        ))
    }

    /// Whether the sentence carries something of the fact at all.
    fn refers(
        &self,
        words: &HashSet<String>,
        quotes: &[String],
        fact: &Fact,
        date: Option<&str>,
        days: Option<&str>,
    ) -> bool {
        let all = |text: &str| {
            let needed = tokens(text);
            !needed.is_empty() && needed.iter().all(|t| words.contains(t))
        };
        match fact.kind {
            FactKind::Category => {
                category(&fact.value).is_some_and(|c| all(&c.singular) || all(&c.plural))
            }
            FactKind::OpeningHours => days.is_some_and(all),
            FactKind::LastUpdated => date.is_some_and(all),
            FactKind::Person => tokens(&fact.value).iter().any(|t| words.contains(t)),
            FactKind::Rating => fact
                .value
                .split_once(" from ")
                .is_some_and(|(stars, reviews)| {
                    all(stars) && all(reviews.trim_end_matches(" reviews"))
                }),
            _ => !quotes.is_empty() || all(&fact.value),
        }
    }

    fn check_seller(&self, claim: &Claim, role: Role, field: &str) -> Result<(), String> {
        let seller = self.seller;
        let missing = || format!("it does not repeat `seller.{field}` word for word");
        let rest = match (role, field) {
            (Role::Offer, _) => {
                let offer = match field.strip_prefix("offers_by_industry.") {
                    Some(industry) => seller.offers_by_industry.get(industry),
                    None if field == "offer" => Some(&seller.offer),
                    None => None,
                };
                without(&claim.text, &offer_clause(offer.ok_or_else(missing)?))
            }
            (Role::Ask, "ask") => without(&claim.text, seller.ask.trim()),
            (Role::Proof, "proof_points") => {
                let points = seller.proof_points.iter().map(|p| p.trim());
                points
                    .filter(|p| !p.is_empty())
                    .find_map(|point| without(&claim.text, point))
            }
            (Role::SignOff, "sender_name") => without(&claim.text, seller.sender_name.trim())
                .and_then(|rest| without(&rest, seller.company.trim())),
            _ => {
                return Err(format!(
                    "`seller.{field}` is not what such a sentence rests on"
                ));
            }
        };
        let rest = rest.ok_or_else(missing)?;
        if rest.contains(['“', '”']) || has_link(&rest) {
            return Err("it adds a quotation or a link to the seller's words".to_owned());
        }
        self.words_are_known(&rest, &self.names())
    }

    fn check_courtesy(&self, text: &str, role: Role) -> Result<(), String> {
        if role != Role::Greeting {
            return Err("it rests on nothing".to_owned());
        }
        if word_count(text) > 12 || !text.ends_with(',') || text.contains(['“', '”', '?']) {
            return Err("it is more than a greeting".to_owned());
        }
        let own = text.replace(self.lead.name.as_deref().unwrap_or("\0"), "");
        if has_link(&own) {
            return Err("it holds a link or a number to call".to_owned());
        }
        self.words_are_known(text, &self.names())
    }

    /// Names that any sentence may hold: the lead's, its town's, the seller's.
    fn names(&self) -> HashSet<String> {
        let places = self
            .lead
            .facts
            .iter()
            .filter(|f| f.kind == FactKind::Locality);
        places
            .map(|fact| fact.value.as_str())
            .chain(self.lead.city.as_deref())
            .filter(|place| !has_number(place))
            .chain(self.lead.name.as_deref())
            .chain([
                self.seller.company.as_str(),
                self.seller.sender_name.as_str(),
            ])
            .flat_map(tokens)
            .collect()
    }

    /// Every number and every capitalised word must be known; a sentence's first word may also be
    /// one that begins sentences of ours.
    fn words_are_known(&self, text: &str, known: &HashSet<String>) -> Result<(), String> {
        let mut first = true;
        for word in text.split_whitespace() {
            for (index, part) in pieces(word).enumerate() {
                let lower = part.to_lowercase();
                let begins = first && index == 0;
                let numeric = part.chars().any(char::is_numeric);
                let capital = part.chars().next().is_some_and(char::is_uppercase);
                let ours = begins && self.grammar.sentence_starts.contains(&lower);
                if numeric && !known.contains(&lower) {
                    return Err(format!("the number `{part}` stands in nothing it rests on"));
                }
                if capital && lower != "i" && !ours && !known.contains(&lower) {
                    return Err(format!("the name `{part}` stands in nothing it rests on"));
                }
            }
            first = word.ends_with(['.', '?', '!']) || (first && pieces(word).next().is_none());
        }
        Ok(())
    }
}

/// The parts of a word between signs; a number keeps its decimal point.
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    let number = word.chars().any(char::is_numeric);
    let inner = move |c: char| c.is_alphanumeric() || (number && matches!(c, '.' | ','));
    word.split(move |c: char| !inner(c))
        .map(|part| part.trim_matches(['.', ',']))
        .filter(|part| !part.is_empty())
}

fn tokens(text: &str) -> HashSet<String> {
    text.split_whitespace()
        .flat_map(pieces)
        .map(str::to_lowercase)
        .collect()
}

/// The text without its quotations, and those.
fn without_quotes(text: &str) -> Result<(String, Vec<String>), String> {
    let mut rest = String::new();
    let mut quotes = Vec::new();
    let mut tail = text;
    while let Some((before, after)) = tail.split_once('“') {
        let closed = after.split_once('”');
        let (quote, end) = closed.ok_or_else(|| "a quotation is not closed".to_owned())?;
        rest.push_str(before);
        rest.push('\u{2026}');
        quotes.push(quote.to_owned());
        tail = end;
    }
    rest.push_str(tail);
    if rest.contains('”') {
        return Err("a quotation is closed but not opened".to_owned());
    }
    Ok((rest, quotes))
}

/// Whether a quotation stands in the fact's value or evidence; `…` at its end marks a cut.
fn holds(fact: &Fact, quote: &str) -> bool {
    let quote = quote.trim_end_matches('…').trim();
    let quote = plain(quote);
    !quote.is_empty()
        && (plain(&fact.value).contains(&quote) || plain(&fact.evidence.quote).contains(&quote))
}

/// The text without one occurrence of `part`; `None` where it does not hold it.
fn without(text: &str, part: &str) -> Option<String> {
    let (before, after) = text.split_once(part).filter(|_| !part.is_empty())?;
    Some(format!("{before} {after}"))
}

#[cfg(test)]
mod tests;
