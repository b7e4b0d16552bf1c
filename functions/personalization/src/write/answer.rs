//! A message as its writer answers it, be that a model or the rules engine.

use hunter_contracts::{Claim, ClaimBasis, Role, SellerField};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::message::Composition;
use crate::words::tokens::without_quotes;

/// A message as it is answered; nothing of it is believed. What the schema does not name (a
/// recipient, a channel) is not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Answer {
    pub(crate) subject: String,
    pub(crate) sentences: Vec<AnswerSentence>,
}

/// A sentence as it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AnswerSentence {
    pub(crate) role: Role,
    pub(crate) text: String,
    pub(crate) facts: Vec<u32>,
    pub(crate) quotes: Vec<String>,
    pub(crate) seller_field: Option<String>,
}

impl AnswerSentence {
    /// A sentence that rests on the fact with this number, or on none.
    pub(crate) fn new(role: Role, text: String, fact: Option<u32>) -> Self {
        Self {
            role,
            text,
            facts: fact.into_iter().collect(),
            quotes: Vec::new(),
            seller_field: None,
        }
    }
}

impl Answer {
    /// Whether the texts are those of another answer.
    pub(crate) fn says_what(&self, other: &Self) -> bool {
        let texts = |answer: &Self| -> Vec<String> {
            let sentences = answer.sentences.iter();
            sentences.map(|s| s.text.trim().to_owned()).collect()
        };
        texts(self) == texts(other)
    }

    /// A message in the shape in which a model is given it to smooth.
    pub(crate) fn of(composition: &Composition) -> Self {
        let sentence = |claim: &Claim| {
            let (fact, seller_field) = match &claim.basis {
                ClaimBasis::Fact { number, .. } if claim.role != Role::Greeting => {
                    (Some(*number), None)
                }
                ClaimBasis::Seller { field } => (None, Some(name_of(field).to_owned())),
                _ => (None, None),
            };
            let quotes = without_quotes(&claim.text).map(|(_, quotes)| quotes);
            AnswerSentence {
                quotes: quotes.unwrap_or_default(),
                seller_field,
                ..AnswerSentence::new(claim.role, claim.text.clone(), fact)
            }
        };
        Self {
            subject: composition.subject.clone(),
            sentences: composition.sentences.iter().map(sentence).collect(),
        }
    }
}

/// The field as models know it: one offer, in one language.
fn name_of(field: &SellerField) -> &'static str {
    match field {
        SellerField::SenderName => "sender_name",
        SellerField::OfferByIndustry(_) => "offer",
        SellerField::Text { text, .. } => text.into(),
    }
}
