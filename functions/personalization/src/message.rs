//! A message in parts, and how the parts become a text.

use hunter_contracts::{Claim, Lead, Seller, Tone};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::text::word_count;

/// What a writer is asked for.
#[derive(Debug, Clone)]
pub struct WriteRequest {
    /// The lead with its facts.
    pub lead: Lead,
    /// Who sells what: the only source of statements about the seller.
    pub seller: Seller,
    /// How to sound.
    pub tone: Tone,
    /// Most words, with greeting and closing.
    pub words_max: usize,
    /// What the message is for, as in `lead_generation`. The rules engine knows one purpose.
    pub template_context: String,
    /// The address that the message will go to; only used to tell whom to greet.
    pub recipient: String,
    /// The day, for what counts as recent.
    pub today: Date,
    /// 0 for the first try; another number asks for another wording.
    pub variant: u32,
}

/// What a sentence is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Names the reader.
    Greeting,
    /// The fact that the message is written for.
    Opening,
    /// Another fact.
    Second,
    /// What the seller offers.
    Offer,
    /// What the seller can prove.
    Proof,
    /// What the seller asks for.
    Ask,
    /// Closing line, name and company.
    SignOff,
}

/// A sentence with what it is there for and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// What it is there for.
    pub role: Role,
    /// Its text and basis.
    pub claim: Claim,
}

/// A message as a writer proposes it; nothing of it is believed before it is checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Composition {
    /// The subject line.
    pub subject: String,
    /// The sentences in order.
    pub sentences: Vec<Sentence>,
    /// ISO 639-1.
    pub language: String,
    /// How much the best fact used says about this business alone, 0–1.
    pub fact_rank: f64,
}

/// The text: greeting, facts, offer with ask, and closing as paragraphs.
#[must_use]
pub fn assemble(sentences: &[Sentence]) -> String {
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
        text.push_str(&sentence.claim.text);
        last = Some(this);
    }
    text
}

/// Words of all sentences together.
pub(crate) fn words(sentences: &[Sentence]) -> usize {
    sentences.iter().map(|s| word_count(&s.claim.text)).sum()
}
