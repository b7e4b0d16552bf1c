//! What is left of an answer after the checker, made whole: greeting, offer, ask and closing are
//! the seller's own words and can always be put in; a sentence from a fact cannot.

use hunter_contracts::{Claim, ClaimBasis, Role, SellerField};

use super::{gates::Gates, review::Review};
use crate::{
    facts::{material::Material, people::Addressee},
    write::message::{Composition, words},
};

/// A whole message.
#[derive(Debug, Clone)]
pub(crate) struct Whole {
    pub(crate) composition: Composition,
    /// Said where sentences that hold had to go for length.
    pub(crate) too_long: Option<String>,
}

/// Makes a message of the sentences that hold.
///
/// # Errors
/// Why there is none: nothing rests on a fact, or a gate fails.
pub(crate) fn whole(material: &Material<'_>, review: &Review) -> Result<Whole, Vec<String>> {
    let mut sentences = review.kept.clone();
    let missing = |role: Role, sentences: &[Claim]| !sentences.iter().any(|s| s.role == role);
    let opening = sentences.iter().find_map(|s| match &s.basis {
        ClaimBasis::Fact { number, .. } if s.role == Role::Opening => material.fact(*number),
        _ => None,
    });
    let Some(opening) = opening else {
        return Err(vec!["no `opening` that rests on a fact is left".to_owned()]);
    };
    for role in [Role::Greeting, Role::Offer, Role::Ask, Role::SignOff] {
        if missing(role, &sentences) {
            sentences.push(ours(material, role));
        }
    }
    sentences.sort_by_key(|sentence| sentence.role);
    let (count, max) = (words(&sentences), material.request.words_max);
    let too_long = (count > max).then(|| format!("it has {count} words: at most {max}"));
    // What can be spared goes first; outreach adds the sender to every channel's text.
    for role in [Role::Second, Role::Proof, Role::SignOff] {
        if words(&sentences) > max {
            sentences.retain(|sentence| sentence.role != role);
        }
    }
    let fallback = || material.language.subject.clone();
    let composition = Composition {
        subject: review.subject.clone().unwrap_or_else(fallback),
        sentences,
        language: material.language.code.clone(),
        fact_rank: opening.usable.rank,
    };
    let gated = Gates {
        lead: material.lead,
        seller: material.request.seller,
        composition: &composition,
        words_max: max,
    };
    let failures = gated.failures();
    if failures.is_empty() {
        return Ok(Whole {
            composition,
            too_long,
        });
    }
    Err(failures)
}

/// The sentence as we would say it, from names and the seller's own texts.
fn ours(material: &Material<'_>, role: Role) -> Claim {
    let seller = material.request.seller;
    let (texts, language) = (&material.texts, material.language);
    let stated = |field: &SellerField| ClaimBasis::Seller {
        field: field.clone(),
    };
    let (text, basis) = match role {
        Role::Ask => (texts.ask.text.clone(), stated(&texts.ask.field)),
        Role::SignOff => {
            let (sender, company) = (seller.sender_name.trim(), seller.company.trim());
            let text = format!("{}\n{sender}\n{company}", language.sign_off);
            (text, stated(&SellerField::SenderName))
        }
        Role::Greeting => {
            let named = |name: &str| language.greeting.replace("{name}", name);
            match (&material.addressee, &material.business) {
                (Addressee::Person { fact, name }, _) => (named(name), (*fact).into()),
                (_, Some(name)) => (named(name), ClaimBasis::NoAssertion),
                (_, None) => (language.greeting_nobody.clone(), ClaimBasis::NoAssertion),
            }
        }
        _ => (texts.offer_sentence(language), stated(&texts.offer.field)),
    };
    Claim { role, text, basis }
}
