//! All that a message to one lead may be made from: the facts that were let through, the seller's
//! texts in the message's language, and the names that may stand in it. A model sees nothing else.

use hunter_contracts::{Fact, FactKind, Lead, Seller};
use jiff::civil::Date;

use crate::{
    facts::{UsableFact, business_name, locality, usable_facts},
    grammar::Grammar,
    language::{Language, own_language},
    message::WriteRequest,
    people::{Addressee, addressee},
    text::{quotable, term},
    writer::{offer_clause, offer_for},
};

/// Most facts that a model is given: the best ones.
pub(crate) const FACTS_MAX: usize = 16;

/// A text of the seller with the name of its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SellerText {
    /// As in `offer`, `translations.de.ask`.
    pub(crate) field: String,
    pub(crate) text: String,
}

/// What the seller says of itself, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Texts {
    /// In English the clause that follows "We".
    pub(crate) offer: SellerText,
    pub(crate) ask: SellerText,
    pub(crate) proof_points: Vec<SellerText>,
}

impl Texts {
    /// The texts for a lead in a language; `None` where the seller has none in it.
    pub(crate) fn of(lead: &Lead, seller: &Seller, language: &Language) -> Option<Self> {
        let text = |field: String, text: &str| SellerText {
            field,
            text: text.trim().to_owned(),
        };
        let clause = |offer: &str| match language.code.as_str() {
            "en" => offer_clause(offer),
            _ => offer.trim().trim_end_matches(['.', ' ']).to_owned(),
        };
        if own_language(seller).is_some_and(|own| own.code == language.code) {
            let (field, offer) = offer_for(lead, seller);
            let proofs = seller.proof_points.iter();
            return Some(Self {
                offer: text(field, &clause(offer)),
                ask: text("ask".to_owned(), &seller.ask),
                proof_points: proofs.map(|p| text("proof_points".to_owned(), p)).collect(),
            });
        }
        let texts = seller.translations.get(&language.code)?;
        let field = |name: &str| format!("translations.{}.{name}", language.code);
        let proofs = texts.proof_points.iter();
        Some(Self {
            offer: text(field("offer"), &clause(&texts.offer)),
            ask: text(field("ask"), &texts.ask),
            proof_points: proofs.map(|p| text(field("proof_points"), p)).collect(),
        })
    }

    /// The offer as a sentence.
    pub(crate) fn offer_sentence(&self, language: &Language) -> String {
        language.offer.replace("{offer}", &self.offer.text)
    }
}

/// A fact as a model may see it.
#[derive(Debug, Clone)]
pub(crate) struct GivenFact<'a> {
    pub(crate) usable: UsableFact<'a>,
    /// What the page says, where that may be shown; else the value.
    pub(crate) quote: String,
}

impl GivenFact<'_> {
    pub(crate) fn fact(&self) -> &Fact {
        self.usable.fact
    }

    /// Whether a quotation stands in it word for word; `…` at its end marks a cut.
    pub(crate) fn holds(&self, quote: &str) -> bool {
        let quote = crate::text::plain(quote.trim().trim_end_matches('…').trim_end_matches("..."));
        let within = |text: &str| crate::text::plain(text).contains(quote.trim());
        // What we say in words of ours (`4.6 from 212 reviews`, a kind of business) is no quotation.
        let own = match self.fact().kind {
            FactKind::Rating | FactKind::LastUpdated => "",
            FactKind::Category | FactKind::OpeningHours => self.fact().value.as_str(),
            _ => self.usable.value.as_str(),
        };
        let paged = crate::text::plain(&self.fact().evidence.quote).contains(self.quote.trim());
        !quote.trim().is_empty() && (within(own) || (paged && within(&self.quote)))
    }
}

/// All that a message to one lead may be made from.
#[derive(Debug, Clone)]
pub(crate) struct Material<'a> {
    pub(crate) lead: &'a Lead,
    pub(crate) request: &'a WriteRequest,
    pub(crate) language: &'static Language,
    pub(crate) texts: Texts,
    pub(crate) facts: Vec<GivenFact<'a>>,
    pub(crate) addressee: Addressee<'a>,
    pub(crate) business: Option<String>,
}

impl<'a> Material<'a> {
    /// What there is for the request's lead in a language; `None` where the seller has no texts in
    /// it, or no fact of the lead may be written from.
    pub(crate) fn of(
        request: &'a WriteRequest,
        grammar: &Grammar,
        language: &'static Language,
    ) -> Option<Self> {
        let lead = &request.lead;
        let texts = Texts::of(lead, &request.seller, language)?;
        // The kinds of businesses have English names only.
        let named =
            |fact: &UsableFact<'_>| fact.fact.kind != FactKind::Category || language.code == "en";
        let facts: Vec<GivenFact<'a>> = usable_facts(lead, grammar, request.today)
            .into_iter()
            .filter(named)
            .filter_map(given)
            .take(FACTS_MAX)
            .collect();
        (!facts.is_empty()).then(|| Self {
            addressee: addressee(lead, &request.recipient, &request.tone),
            business: business_name(lead),
            lead,
            request,
            language,
            texts,
            facts,
        })
    }

    /// The fact with this number, of those that are given.
    pub(crate) fn fact(&self, number: u32) -> Option<&GivenFact<'a>> {
        self.facts
            .iter()
            .find(|given| given.fact().number == number)
    }

    /// The day.
    pub(crate) const fn today(&self) -> Date {
        self.request.today
    }

    /// Names that may stand in any sentence, whole and as they are written.
    pub(crate) fn names(&self) -> Vec<String> {
        let seller = &self.request.seller;
        let mut names: Vec<String> = [&seller.company, &seller.sender_name]
            .into_iter()
            .map(|name| name.trim().to_owned())
            .chain(self.business.clone())
            .chain(self.lead.city.as_deref().and_then(term))
            .chain(locality(self.lead))
            .filter(|name| name.chars().count() >= 2)
            .collect();
        if let Addressee::Person { name, .. } = &self.addressee {
            names.push(name.clone());
        }
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names
    }
}

/// A fact as it is shown to a model: opening hours and kinds of businesses in the source's words,
/// where those are words, and a bare day as the day.
fn given(mut usable: UsableFact<'_>) -> Option<GivenFact<'_>> {
    let own = usable.fact.value.trim();
    match usable.fact.kind {
        FactKind::OpeningHours => usable.value = quotable(own)?,
        FactKind::Category => {
            let word = own.rsplit('=').next().unwrap_or_default();
            let word = Some(word)
                .filter(|word| !word.contains('_'))
                .and_then(quotable);
            usable.value = word.unwrap_or(usable.value);
        }
        FactKind::LastUpdated => usable.value = usable.date?.to_string(),
        _ => {}
    }
    let quote = quotable(&usable.fact.evidence.quote);
    Some(GivenFact {
        quote: quote.unwrap_or_else(|| usable.value.clone()),
        usable,
    })
}
