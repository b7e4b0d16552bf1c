//! All that a message to one lead may be made from: the facts that were let through, the seller's
//! texts in the message's language, and the names that may stand in it. A model sees nothing else.

use hunter_contracts::{
    ErrorCode, Fact, FactKind, Lead, RecipeFailure, Seller, SellerField, SellerText, Tone,
};
use jiff::civil::Date;

use super::{
    people::{Addressee, addressee},
    usable::{UsableFact, business_name, locality, usable_facts},
};
use crate::words::{
    grammar::{english, lead_category},
    language::{Language, own_language},
    text::{plain, quotable, shortened_chars, term},
    tokens::{mask_name, without_quotes},
};

/// Most facts that a model is given: the best ones.
pub(crate) const FACTS_MAX: usize = 16;
/// Most characters of the business's name in a subject line.
const SHORT_NAME_CHARS_MAX: usize = 32;

/// What a message is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WriteRequest<'a> {
    /// The lead with its facts.
    pub(crate) lead: &'a Lead,
    /// Who sells what: the only source of statements about the seller.
    pub(crate) seller: &'a Seller,
    /// How to sound.
    pub(crate) tone: &'a Tone,
    /// Most words, with greeting and closing.
    pub(crate) words_max: usize,
    /// What the message is for, as in `lead_generation`. The rules engine knows one purpose.
    pub(crate) template_context: &'a str,
    /// The address that the message will go to; only used to tell whom to greet.
    pub(crate) recipient: &'a str,
    /// The day, for what counts as recent.
    pub(crate) today: Date,
    /// 0 for the first try; another number asks for another wording.
    pub(crate) variant: u32,
}

/// A text of the seller with its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SellerStatement {
    pub(crate) field: SellerField,
    pub(crate) text: String,
}

/// What the seller says of itself, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Texts {
    /// In English the clause that follows "We".
    pub(crate) offer: SellerStatement,
    pub(crate) ask: SellerStatement,
    pub(crate) proof_points: Vec<SellerStatement>,
}

impl Texts {
    /// The texts for a lead in a language; `None` where the seller has none in it.
    fn of(lead: &Lead, seller: &Seller, language: &Language) -> Option<Self> {
        if own_language(seller).is_some_and(|own| own.code == language.code) {
            return Some(Self::own(lead, seller, language));
        }
        let texts = seller.translations.get(&language.code)?;
        let field = |text| SellerField::Text {
            language: Some(language.code.clone()),
            text,
        };
        let offer = (field(SellerText::Offer), texts.offer.as_str());
        Some(Self::new(
            offer,
            &texts.ask,
            &texts.proof_points,
            field,
            language,
        ))
    }

    /// The texts that the seller has in the language of its own.
    fn own(lead: &Lead, seller: &Seller, language: &Language) -> Self {
        let field = |text| SellerField::Text {
            language: None,
            text,
        };
        let offer = offer_for(lead, seller);
        Self::new(offer, &seller.ask, &seller.proof_points, field, language)
    }

    fn new(
        (offer_field, offer): (SellerField, &str),
        ask: &str,
        proof_points: &[String],
        field: impl Fn(SellerText) -> SellerField,
        language: &Language,
    ) -> Self {
        let stated = |field: SellerField, text: &str| SellerStatement {
            field,
            text: text.trim().to_owned(),
        };
        let clause = match language.code.as_str() {
            "en" => offer_clause(offer),
            _ => offer.trim().trim_end_matches(['.', ' ']).to_owned(),
        };
        let proofs = proof_points.iter().filter(|proof| !proof.trim().is_empty());
        Self {
            offer: stated(offer_field, &clause),
            ask: stated(field(SellerText::Ask), ask),
            proof_points: proofs
                .map(|proof| stated(field(SellerText::ProofPoints), proof))
                .collect(),
        }
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
        let quote = plain(quote.trim().trim_end_matches('…').trim_end_matches("..."));
        let within = |text: &str| plain(text).contains(quote.trim());
        // What we say in words of ours (`4.6 from 212 reviews`, a kind of business) is no quotation.
        let own = match self.fact().kind {
            FactKind::Rating | FactKind::LastUpdated => "",
            FactKind::Category | FactKind::OpeningHours => self.fact().value.as_str(),
            _ => self.usable.value.as_str(),
        };
        let paged = plain(&self.fact().evidence.quote).contains(self.quote.trim());
        !quote.trim().is_empty() && (within(own) || (paged && within(&self.quote)))
    }
}

/// All that a message to one lead may be made from.
#[derive(Debug, Clone)]
pub(crate) struct Material<'a> {
    pub(crate) lead: &'a Lead,
    pub(crate) request: &'a WriteRequest<'a>,
    pub(crate) language: &'static Language,
    pub(crate) texts: Texts,
    pub(crate) facts: Vec<GivenFact<'a>>,
    pub(crate) addressee: Addressee<'a>,
    pub(crate) business: Option<String>,
}

impl<'a> Material<'a> {
    /// What there is for the request's lead in a language, for a model; `None` where the seller has
    /// no texts in it, or no fact of the lead may be written from.
    pub(crate) fn of(request: &'a WriteRequest<'a>, language: &'static Language) -> Option<Self> {
        let texts = Texts::of(request.lead, request.seller, language)?;
        let mut material = Self::new(request, language, texts);
        material.facts.truncate(FACTS_MAX);
        (!material.facts.is_empty()).then_some(material)
    }

    /// What there is for the rules engine, which writes English: the seller's texts in English where
    /// there are some, else what does not read as another language.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when the seller's texts are not in English, `NO_USABLE_FACTS` when no
    /// fact of the lead may be written from.
    pub(crate) fn in_english(request: &'a WriteRequest<'a>) -> Result<Self, RecipeFailure> {
        let (language, lead) = (Language::english(), request.lead);
        let texts = Texts::of(lead, request.seller, language)
            .unwrap_or_else(|| Texts::own(lead, request.seller, language));
        let (offer, ask) = (&texts.offer, &texts.ask);
        if english().is_foreign(&format!("{} {}", offer.text, ask.text)) {
            return Err(RecipeFailure::new(
                ErrorCode::InvalidConfiguration,
                format!(
                    "`seller.{}` and `seller.{}` are not in English, the only language that \
                     `{}` writes: translate them",
                    offer.field,
                    ask.field,
                    hunter_core::ports::RULES
                ),
            ));
        }
        let material = Self::new(request, language, texts);
        if material.facts.is_empty() {
            let why = match lead.facts.len() {
                0 => "nothing was found out about the lead that a message could refer to: enrich \
                      it first"
                    .to_owned(),
                n => format!(
                    "none of the lead's {n} facts may be quoted: they are empty, generic or unsafe"
                ),
            };
            return Err(RecipeFailure::new(ErrorCode::NoUsableFacts, why));
        }
        Ok(material)
    }

    fn new(request: &'a WriteRequest<'a>, language: &'static Language, texts: Texts) -> Self {
        let lead = request.lead;
        // The kinds of businesses have English names only.
        let named =
            |fact: &UsableFact<'_>| fact.fact.kind != FactKind::Category || language.code == "en";
        let facts = usable_facts(lead, request.today).into_iter().filter(named);
        Self {
            addressee: addressee(lead, request.recipient, request.tone),
            business: business_name(lead),
            lead,
            request,
            language,
            texts,
            facts: facts.filter_map(given).collect(),
        }
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
        let seller = self.request.seller;
        let mut names: Vec<String> = [&seller.company, &seller.sender_name]
            .into_iter()
            .map(|name| name.trim().to_owned())
            .chain(self.business.clone())
            .chain(self.short_name())
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

    /// The text with a sign in place of every such name.
    pub(crate) fn unnamed(&self, text: &str) -> String {
        let names = self.names();
        names
            .iter()
            .fold(text.to_owned(), |text, name| mask_name(&text, name))
    }

    /// The text with a sign in place of its quotations, and those. Marks within a name belong to it.
    ///
    /// # Errors
    /// As [`without_quotes`].
    pub(crate) fn without_quotes(&self, text: &str) -> Result<(String, Vec<String>), String> {
        let names = self.names().into_iter();
        let marked = names.filter(|name| name.contains(['"', '«', '»']));
        without_quotes(&marked.fold(text.to_owned(), |text, name| mask_name(&text, &name)))
    }

    /// The business's name as a subject line has room for it.
    pub(crate) fn short_name(&self) -> Option<String> {
        let name = self.business.as_deref();
        name.map(|name| shortened_chars(name, SHORT_NAME_CHARS_MAX))
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

/// The offer for the lead's industry: an entry whose key is one of its categories, or the general
/// one; with the configuration's field.
fn offer_for<'s>(lead: &Lead, seller: &'s Seller) -> (SellerField, &'s str) {
    let facts = lead.facts.iter().filter(|f| f.kind == FactKind::Category);
    let own = facts.map(|f| &f.value).chain(&lead.categories);
    let industry = lead_category(lead);
    let known = industry
        .into_iter()
        .flat_map(|c| c.words.iter().chain([&c.industry]));
    for name in own.chain(known) {
        let entry = seller
            .offers_by_industry
            .iter()
            .find(|(key, offer)| key.eq_ignore_ascii_case(name) && !offer.trim().is_empty());
        if let Some((key, offer)) = entry {
            return (SellerField::OfferByIndustry(key.clone()), offer);
        }
    }
    let general = SellerField::Text {
        language: None,
        text: SellerText::Offer,
    };
    (general, &seller.offer)
}

/// The clause after "We": without a leading "We", a full stop, or a capital that a sentence gave it.
fn offer_clause(offer: &str) -> String {
    let offer = offer.trim().trim_end_matches(['.', '!', ' ']);
    let offer = offer.strip_prefix("We ").unwrap_or(offer);
    let mut chars = offer.chars();
    let (first, second) = (chars.next(), chars.next());
    match (first, second) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(offer.chars().skip(1)).collect()
        }
        _ => offer.to_owned(),
    }
}
