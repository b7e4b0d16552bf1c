//! The checker of an answer. It is no model, and it believes no writer, be it a model or the rules
//! engine.
//!
//! A sentence is masked step by step: quotations (each must stand in the sentence's fact word for
//! word), names (whole, and as we gave them), days (those of the fact). Every word that is left
//! must be neutral (`data/prose`), say no more than what kind of fact it is, or belong to the one
//! unbroken run of words that the sentence takes from its fact. So a word that asserts something
//! which stands nowhere has no place, in whatever sentence it is hidden. `docs/messages.md` says
//! what can still slip.

mod fact_words;

use hunter_contracts::{Claim, ClaimBasis, FactKind, Role, SUBJECT_CHARS_MAX, SellerField};

use crate::{
    facts::{
        material::{GivenFact, Material, SellerStatement},
        people::Addressee,
    },
    words::{
        grammar::{angles, lead_category},
        language::negations,
        text::{deceives, has_link, plain, word_count},
        tokens::{DATE, NAME, QUOTE, Token, mask_name, position_of, tokens},
    },
    write::answer::{Answer, AnswerSentence},
};
use fact_words::FactWords;

/// Most sentences of an answer that are looked at.
const SENTENCES_MAX: usize = 12;
/// Longest sentence, characters.
const SENTENCE_CHARS_MAX: usize = 400;

/// What the checker made of an answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Review {
    /// Sentences that hold, with their evidence.
    pub(crate) kept: Vec<Claim>,
    /// What does not hold, and why; for the writer and for people.
    pub(crate) objections: Vec<String>,
    /// How many of them are not about the greeting or the closing, which we can say ourselves.
    pub(crate) serious: usize,
    /// The subject line, where it holds.
    pub(crate) subject: Option<String>,
}

/// Checks an answer sentence by sentence.
pub(crate) fn review(material: &Material<'_>, answer: &Answer) -> Review {
    let mut review = Review::default();
    let mut opened = false;
    for (sentence, number) in answer.sentences.iter().zip(1_usize..) {
        let checked = if number > SENTENCES_MAX {
            Err(format!("a message has at most {SENTENCES_MAX} sentences"))
        } else if taken(&review.kept, sentence.role) {
            Err("there is one of its kind already".to_owned())
        } else {
            check(material, sentence)
        };
        match checked {
            Ok(mut claim) => {
                // The first that rests on a fact opens the message, whatever it was called.
                if matches!(claim.role, Role::Opening | Role::Second) {
                    claim.role = if opened { Role::Second } else { Role::Opening };
                    opened = true;
                }
                review.kept.push(claim);
            }
            Err(reason) => {
                let polite = matches!(sentence.role, Role::Greeting | Role::SignOff);
                review.serious += usize::from(!polite);
                let shown: String = sentence.text.chars().take(80).collect();
                let objection = format!("sentence {number} ({shown}): {reason}");
                review.objections.push(objection);
            }
        }
    }
    review.kept.sort_by_key(|sentence| sentence.role);
    let subject = answer.subject.trim();
    review.subject = subject_holds(material, subject, &review.kept).then(|| subject.to_owned());
    review
}

fn taken(kept: &[Claim], role: Role) -> bool {
    let count = |wanted: Role| kept.iter().filter(|s| s.role == wanted).count();
    match role {
        Role::Opening | Role::Second => count(Role::Opening) + count(Role::Second) >= 2,
        other => count(other) > 0,
    }
}

/// Checks one sentence and gives it its basis; the evidence is always ours.
///
/// # Errors
/// Why it does not hold.
pub(crate) fn check(material: &Material<'_>, sentence: &AnswerSentence) -> Result<Claim, String> {
    let text = sentence.text.trim();
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    if let Some(sign) = text.chars().find(|c| deceives(*c)) {
        return Err(odd(sign));
    }
    let basis = match sentence.role {
        Role::Greeting => greeting(material, text)?,
        Role::SignOff => sign_off(material, text)?,
        Role::Opening | Role::Second => fact_sentence(material, sentence, text)?,
        Role::Offer => seller_sentence(material, text, &material.texts.offer)?,
        Role::Ask => seller_sentence(material, text, &material.texts.ask)?,
        Role::Proof => {
            let points = &material.texts.proof_points;
            let mut refused = "the seller states no `proof_points`".to_owned();
            let found = points.iter().find_map(|point| {
                seller_sentence(material, text, point)
                    .map_err(|reason| refused = reason)
                    .ok()
            });
            found.ok_or(refused)?
        }
    };
    Ok(Claim {
        role: sentence.role,
        text: text.to_owned(),
        basis,
    })
}

/// What a writer adds to quotations, names and the seller's own text keeps to one line and to signs
/// that a sentence needs: no markup, no brackets, no emojis. What is masked there stands as its
/// source has it.
fn plainly_added(added: &str) -> Result<(), String> {
    if added.chars().count() > SENTENCE_CHARS_MAX || added.contains('\n') {
        return Err("it is too long, or goes over several lines".to_owned());
    }
    let fine = |c: char| {
        c.is_alphanumeric()
            || unicode_normalization::char::is_combining_mark(c)
            || " \n.,;:!?¿¡'’‘`-–—()/&+%\"“”„«»…·#™®".contains(c)
            || matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ff0f}' | '\u{a0}' | '\u{202f}')
            || matches!(c, QUOTE | NAME | DATE)
    };
    added
        .chars()
        .find(|c| !fine(*c))
        .map_or(Ok(()), |sign| Err(odd(sign)))
}

fn odd(sign: char) -> String {
    format!(
        "the sign `{}` may not stand in a message",
        sign.escape_default()
    )
}

fn greeting(material: &Material<'_>, text: &str) -> Result<ClaimBasis, String> {
    let person = match &material.addressee {
        Addressee::Person { fact, name } => Some((*fact, name.as_str())),
        Addressee::Business(_) | Addressee::Nobody => None,
    };
    let named = person.filter(|(_, name)| text.contains(*name));
    let known = person.map(|(_, name)| name).into_iter();
    let known: Vec<&str> = known.chain(material.business.as_deref()).collect();
    let masked = known
        .iter()
        .fold(text.to_owned(), |text, name| mask_name(&text, name));
    plainly_added(&masked)?;
    if word_count(text) > 12 || !text.ends_with([',', ':']) || masked.contains('?') {
        return Err("a greeting is at most 12 words and ends with a comma".to_owned());
    }
    let language = material.language;
    if let Some(word) = tokens(&masked)
        .iter()
        .find(|token| !token.is_mask() && !language.greets(&token.lower))
    {
        return Err(format!(
            "`{}` is no name of the recipient and no greeting",
            word.text
        ));
    }
    if !known.is_empty() && !masked.contains(NAME) {
        return Err("it does not name the recipient".to_owned());
    }
    Ok(named.map_or(ClaimBasis::NoAssertion, |(fact, _)| fact.into()))
}

fn sign_off(material: &Material<'_>, text: &str) -> Result<ClaimBasis, String> {
    let seller = material.request.seller;
    // The longer name first: it may hold the other.
    let mut names = [seller.company.trim(), seller.sender_name.trim()];
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let mut masked = text.to_owned();
    for name in names {
        let next = mask_name(&masked, name);
        if next == masked && names != [name, name] {
            return Err(format!("the closing does not hold `{name}`"));
        }
        masked = next;
    }
    if !masked.contains(NAME) {
        return Err(format!("the closing does not hold `{}`", seller.company));
    }
    plainly_added(&masked.replace('\n', " "))?;
    let language = material.language;
    let foreign = tokens(&masked)
        .into_iter()
        .find(|token| !token.is_mask() && !language.closes(&token.lower));
    foreign.map_or(
        Ok(ClaimBasis::Seller {
            field: SellerField::SenderName,
        }),
        |word| Err(format!("`{}` belongs into no closing", word.text)),
    )
}

/// A statement of the seller: its own words as they stand (but for endings), and nothing with them
/// that asserts anything.
fn seller_sentence(
    material: &Material<'_>,
    text: &str,
    own: &SellerStatement,
) -> Result<ClaimBasis, String> {
    let [words, wanted] = [text, &own.text].map(|text| tokens(&material.unnamed(text)));
    let at = position_of(&wanted, &words)
        .ok_or_else(|| format!("it does not repeat `seller.{}` word for word", own.field))?;
    let added = text.replacen(&own.text, " ", 1);
    plainly_added(&material.unnamed(&added))?;
    let marks = |text: &str| text.matches(['“', '”', '„', '«', '»', '"', '?']).count();
    let link = has_link(text) && !text.contains(&own.text);
    if marks(text) > marks(&own.text) || link || has_link(&text.replace(&own.text, " ")) {
        return Err("it adds a quotation, a question or a link to the seller's words".to_owned());
    }
    let end = at.saturating_add(wanted.len());
    let audience = audience(material);
    let foreign = words.iter().enumerate().find(|(index, token)| {
        !(at..end).contains(index)
            && !token.is_mask()
            && !material.language.is_neutral(&token.lower)
            && !material.language.first_possessive.contains(&token.lower)
            && !audience.contains(&token.lower)
    });
    foreign.map_or(
        Ok(ClaimBasis::Seller {
            field: own.field.clone(),
        }),
        |(_, word)| Err(format!("it adds `{}` to the seller's words", word.text)),
    )
}

/// Words for whom the offer is: the lead's kind of business and what such a business cares for.
fn audience(material: &Material<'_>) -> Vec<String> {
    let category = lead_category(material.lead);
    let Some(category) = category.filter(|_| material.language.code == "en") else {
        return Vec::new();
    };
    let angles = angles(category).iter();
    angles
        .chain([&category.plural, &category.singular])
        .flat_map(|text| tokens(text))
        .filter(|token| !token.is_number())
        .map(|token| token.lower)
        .collect()
}

fn fact_sentence(
    material: &Material<'_>,
    sentence: &AnswerSentence,
    text: &str,
) -> Result<ClaimBasis, String> {
    if sentence.seller_field.is_some() {
        return Err("it rests on a fact and on the seller at once: split it".to_owned());
    }
    let given = the_fact(material, &sentence.facts)?;
    let number = given.fact().number;
    for quote in &sentence.quotes {
        if !given.holds(quote) {
            return Err(format!(
                "`{quote}` does not stand word for word in fact {number}"
            ));
        }
    }
    if has_link(text) {
        return Err("it holds a link or a number to call".to_owned());
    }
    let (rest, quotes) = material.without_quotes(text)?;
    if let Some(quote) = quotes.iter().find(|quote| !given.holds(quote)) {
        return Err(format!(
            "`{quote}` does not stand word for word in fact {number}"
        ));
    }
    if let Some(quote) = quotes.iter().find(|quote| drops_a_negation(given, quote)) {
        return Err(format!(
            "`{quote}` leaves out what fact {number} denies: quote it whole"
        ));
    }
    let rest = material.unnamed(&rest);
    plainly_added(&rest)?;
    if rest.contains('?') || text.ends_with([',', ':', ';']) {
        return Err("it is no statement: the only question is the ask".to_owned());
    }
    FactWords::of(material, given, &rest).hold(!quotes.is_empty())?;
    Ok(given.fact().into())
}

/// Whether a quotation leaves out a word that turns its fact around: `treat children` of "We do not
/// treat children".
fn drops_a_negation(given: &GivenFact<'_>, quote: &str) -> bool {
    let part = plain(quote.trim_end_matches('…'));
    let value = &given.usable.value;
    let from = if value.contains(part.trim()) {
        value
    } else {
        &given.quote
    };
    negations(quote) < negations(from)
}

/// The one fact that a sentence rests on; the town may be named beside it.
fn the_fact<'m, 'a>(
    material: &'m Material<'a>,
    numbers: &[u32],
) -> Result<&'m GivenFact<'a>, String> {
    let mut found: Vec<&GivenFact<'a>> = Vec::new();
    for &number in numbers {
        let given = material.fact(number);
        let given = given.ok_or_else(|| format!("there is no fact {number}"))?;
        if !found.iter().any(|f| f.fact().number == number) {
            found.push(given);
        }
    }
    if found.len() > 1 {
        found.retain(|given| given.fact().kind != FactKind::Locality);
    }
    match found.as_slice() {
        [] => Err("it names no fact that it rests on".to_owned()),
        [one] => Ok(one),
        _ => Err("it rests on several facts: write a sentence for each".to_owned()),
    }
}

/// Whether a subject line holds: its quotations, names, days and words are those of the facts that
/// the message uses.
pub(crate) fn subject_holds(material: &Material<'_>, subject: &str, kept: &[Claim]) -> bool {
    let fits = (1..=SUBJECT_CHARS_MAX).contains(&subject.chars().count());
    if !fits || subject.chars().any(deceives) {
        return false;
    }
    let Ok((rest, quotes)) = material.without_quotes(subject) else {
        return false;
    };
    let rest = material.unnamed(&rest);
    if has_link(&material.unnamed(subject)) || plainly_added(&rest).is_err() {
        return false;
    }
    let neutral = |word: &Token| {
        word.is_mask()
            || material.language.is_neutral(&word.lower)
            || material.language.first_possessive.contains(&word.lower)
    };
    if quotes.is_empty() && tokens(&rest).iter().all(neutral) {
        return true;
    }
    let mut used = kept.iter().filter_map(|claim| match &claim.basis {
        ClaimBasis::Fact { number, .. } => material.fact(*number),
        _ => None,
    });
    used.any(|given| {
        let mut words = FactWords::of(material, given, &rest);
        let sound = |quote: &String| given.holds(quote) && !drops_a_negation(given, quote);
        let quoted = quotes.iter().all(sound);
        if words.words.iter().all(neutral) {
            return quoted;
        }
        // A subject line need not address anybody.
        words.words.push(Token {
            text: NAME.to_string(),
            lower: NAME.to_string(),
        });
        quoted && words.hold(!quotes.is_empty()).is_ok()
    })
}

#[cfg(test)]
mod tests;
