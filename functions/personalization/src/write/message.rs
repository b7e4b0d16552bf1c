//! A message in parts, and how the parts become a text.

use hunter_contracts::{Claim, Role};

use crate::words::text::word_count;

/// A message of sentences that hold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Composition {
    /// The subject line.
    pub(crate) subject: String,
    /// The sentences in order.
    pub(crate) sentences: Vec<Claim>,
    /// ISO 639-1.
    pub(crate) language: String,
    /// How much the best fact used says about this business alone, 0–1.
    pub(crate) fact_rank: f64,
}

/// The text: greeting, facts, offer with ask, and closing as paragraphs.
#[must_use]
pub(crate) fn assemble(sentences: &[Claim]) -> String {
    let paragraph = |role: Role| match role {
        Role::Greeting => 0,
        Role::Opening | Role::Second => 1,
        Role::Offer | Role::Proof | Role::Ask => 2,
        Role::SignOff => 3,
    };
    let mut text = String::new();
    let mut last = None;
    for sentence in sentences {
        let this = paragraph(sentence.role);
        match last {
            None => {}
            Some(previous) if previous == this => text.push(' '),
            Some(_) => text.push_str("\n\n"),
        }
        text.push_str(&sentence.text);
        last = Some(this);
    }
    text
}

/// Words of all sentences together.
pub(crate) fn words(sentences: &[Claim]) -> usize {
    sentences.iter().map(|s| word_count(&s.text)).sum()
}
