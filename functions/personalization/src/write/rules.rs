//! The rules engine `rules-1`: writes from the facts and the seller's configuration, in English.
//!
//! It answers as a model does, and `check` decides what stays. The same request always gives the same
//! message, and neighbouring leads get other wordings.

use hunter_contracts::{ErrorCode, RecipeFailure, Role, SUBJECT_CHARS_MAX};
use hunter_core::recipe::short_key;

use super::answer::{Answer, AnswerSentence};
use crate::{
    facts::{
        material::{GivenFact, Material},
        people::Addressee,
    },
    words::{
        grammar::{Template, angles, english, lead_category, render, tone_name},
        text::word_count,
    },
};

/// Writes one message; another `variant` words it anew.
///
/// # Errors
/// `INVALID_CONFIGURATION` when the seller's own texts leave no room in `max_length`.
pub(crate) fn write(material: &Material<'_>, variant: u32) -> Result<Answer, RecipeFailure> {
    Draft { material, variant }.answer()
}

struct Draft<'m, 'a> {
    material: &'m Material<'a>,
    variant: u32,
}

/// How much of a message there is room for.
#[derive(Clone, Copy)]
struct Plan {
    second: bool,
    proof: bool,
    sign_off: bool,
    quote_words: usize,
    plain_offer: bool,
    short_greeting: bool,
}

/// Tried in order until one fits: extras go first, then quotes get shorter, last the closing goes
/// (outreach adds the sender to every channel's text).
const PLANS: [Plan; 8] = [
    plan(true, true, true, 14),
    plan(false, true, true, 14),
    plan(true, false, true, 14),
    plan(false, false, true, 14),
    plan(false, false, true, 8),
    Plan {
        plain_offer: true,
        ..plan(false, false, true, 6)
    },
    Plan {
        plain_offer: true,
        ..plan(false, false, false, 6)
    },
    Plan {
        plain_offer: true,
        short_greeting: true,
        ..plan(false, false, false, 4)
    },
];

const fn plan(second: bool, proof: bool, sign_off: bool, quote_words: usize) -> Plan {
    Plan {
        second,
        proof,
        sign_off,
        quote_words,
        plain_offer: false,
        short_greeting: false,
    }
}

impl<'a> Draft<'_, 'a> {
    fn answer(&self) -> Result<Answer, RecipeFailure> {
        let max = self.material.request.words_max;
        let fits = |(_, sentences): &(&GivenFact<'a>, Vec<AnswerSentence>)| {
            sentences.iter().map(|s| word_count(&s.text)).sum::<usize>() <= max
        };
        let mut plans = PLANS.iter();
        let planned = plans.find_map(|plan| self.sentences(*plan, None).filter(fits));
        // The shortest opening of any fact.
        let shortest = || {
            let last = PLANS.last().copied()?;
            let mut facts = self.material.facts.iter();
            facts.find_map(|fact| self.sentences(last, Some(fact)).filter(fits))
        };
        if let Some((fact, sentences)) = planned.or_else(shortest) {
            return Ok(Answer {
                subject: self.subject(fact),
                sentences,
            });
        }
        let texts = &self.material.texts;
        let own = word_count(&texts.offer.text) + word_count(&texts.ask.text) + 1;
        Err(RecipeFailure::new(
            ErrorCode::InvalidConfiguration,
            format!(
                "`seller.{}` and `seller.{}` take {own} of the {max} words that \
                 `writing.max_length` allows, which leaves no room for a fact: shorten them or \
                 raise `writing.max_length`",
                texts.offer.field, texts.ask.field
            ),
        ))
    }

    /// A number that is the same for the same lead, slot and variant.
    fn pick(&self, slot: &str, count: usize) -> usize {
        let key = short_key(&[self.material.lead.id.as_str(), slot]);
        let hash = key
            .get(..12)
            .and_then(|hex| u64::from_str_radix(hex, 16).ok());
        let shifted = hash.unwrap_or_default() + u64::from(self.variant);
        usize::try_from(shifted % (count.max(1) as u64)).unwrap_or_default()
    }

    fn choose<'t, T>(&self, slot: &str, options: &'t [T]) -> Option<&'t T> {
        options.get(self.pick(slot, options.len()))
    }

    /// The message of a plan, with the fact that it opens with; `shortest` asks for the shortest
    /// opening from that fact.
    fn sentences<'s>(
        &'s self,
        plan: Plan,
        shortest: Option<&'s GivenFact<'a>>,
    ) -> Option<(&'s GivenFact<'a>, Vec<AnswerSentence>)> {
        let opening = |fact| {
            (
                fact,
                self.rendered(&english().opening, fact, plan.quote_words),
            )
        };
        let speaks = |(_, texts): &(_, Vec<String>)| !texts.is_empty();
        let (fact, mut openings) = match shortest {
            Some(fact) => opening(fact),
            None => self.material.facts.iter().map(opening).find(speaks)?,
        };
        if shortest.is_some() || plan.short_greeting {
            openings.sort_by_key(|text| word_count(text));
            openings.truncate(1);
        }
        let opening = self.choose("opening", &openings)?.clone();
        let of_seller = |role, text| AnswerSentence::new(role, text, None);
        let mut sentences = vec![of_seller(
            Role::Greeting,
            self.greeting(plan.short_greeting)?,
        )];
        sentences.push(from_fact(Role::Opening, opening, fact));
        if plan.second {
            sentences.push(self.second(fact, plan.quote_words)?);
        }
        sentences.push(of_seller(Role::Offer, self.offer(plan.plain_offer)?));
        let texts = &self.material.texts;
        if plan.proof {
            let proof = self.choose("proof", &texts.proof_points)?;
            sentences.push(of_seller(Role::Proof, proof.text.clone()));
        }
        sentences.push(of_seller(Role::Ask, texts.ask.text.clone()));
        if plan.sign_off {
            sentences.push(of_seller(Role::SignOff, self.sign_off()?));
        }
        Some((fact, sentences))
    }

    fn rendered(&self, all: &[Template], given: &GivenFact<'_>, quote_words: usize) -> Vec<String> {
        let (request, fact) = (self.material.request, &given.usable);
        let (dated, recent) = (fact.date.is_some(), fact.is_recent(request.today));
        let texts: Vec<(bool, String)> = all
            .iter()
            .filter(|t| t.fits(fact.fact.kind, request.tone, dated, recent))
            .filter_map(|t| {
                let value = |key: &str| fact.placeholder(key, request.lead, quote_words);
                Some((t.text.contains("{locality}"), render(&t.text, value)?))
            })
            .collect();
        // Where the town is known, sentences that name it say more.
        let with_place = texts.iter().any(|(place, _)| *place);
        texts
            .into_iter()
            .filter(|(place, _)| *place == with_place)
            .map(|(_, text)| text)
            .collect()
    }

    fn greeting(&self, short: bool) -> Option<String> {
        let grammar = english();
        let name = match &self.material.addressee {
            Addressee::Person { name, .. } => name.clone(),
            Addressee::Business(name) => {
                let team = self.pick("team", 2) == 0 && !short && !name.ends_with("eam");
                let form = grammar.greetings("team").first().filter(|_| team);
                let text = form.and_then(|f| render(f, |_| Some(name.clone())));
                text.unwrap_or_else(|| name.clone())
            }
            Addressee::Nobody => return grammar.greetings("nobody").first().cloned(),
        };
        let forms = grammar.greetings(tone_name(self.material.request.tone));
        render(self.choose("greeting", forms)?, |_| Some(name.clone()))
    }

    /// Another fact of another kind; the listing's plain data does not follow upon itself.
    fn second(&self, first: &GivenFact<'_>, quote_words: usize) -> Option<AnswerSentence> {
        let kind = first.fact().kind;
        let fits = |f: &&GivenFact<'_>| f.fact().kind != kind && f.usable.rank >= 0.3;
        self.material.facts.iter().filter(fits).find_map(|fact| {
            let texts = self.rendered(&english().second, fact, quote_words.min(10));
            let text = self.choose("second", &texts)?.clone();
            Some(from_fact(Role::Second, text, fact))
        })
    }

    fn offer(&self, plain: bool) -> Option<String> {
        let offer = &self.material.texts.offer.text;
        let category = lead_category(self.material.lead);
        let offers = &english().offers;
        let mut forms: Vec<String> = offers.plain.clone();
        if let Some(category) = category.filter(|_| !plain) {
            let named = category.plural.split(' ').any(|word| {
                let stem: String = word.chars().take(5).collect();
                word.len() > 3 && offer.to_lowercase().contains(&stem)
            });
            if !named {
                forms.extend(offers.audience.iter().cloned());
            }
            let angle = self.choose("angle", angles(category));
            let fill = |form: &String| {
                render(form, |key| match key {
                    "angle" => angle.cloned(),
                    other => Some(format!("{{{other}}}")),
                })
            };
            forms.extend(offers.angle.iter().filter_map(fill));
        }
        render(self.choose("offer", &forms)?, |key| match key {
            "offer" => Some(offer.clone()),
            "plural" => category.map(|c| c.plural.clone()),
            _ => None,
        })
    }

    fn sign_off(&self) -> Option<String> {
        let request = self.material.request;
        let line = self.choose("sign_off", english().sign_offs(request.tone))?;
        let (sender, company) = (&request.seller.sender_name, &request.seller.company);
        Some(format!("{line}\n{}\n{}", sender.trim(), company.trim()))
    }

    /// From the fact where it has words of its own, else of the business by its name.
    fn subject(&self, given: &GivenFact<'_>) -> String {
        let name = self.material.short_name();
        let fill = |form: &String| {
            let own = form.chars().count().saturating_sub("{value}".len());
            let named = name.as_ref().map_or(0, |n| n.chars().count());
            let room = SUBJECT_CHARS_MAX.saturating_sub(own + named).min(46);
            let text = render(form, |placeholder| match placeholder {
                "value" => given.usable.quotation(9, room),
                "business" => name.clone(),
                _ => None,
            });
            text.filter(|text| text.chars().count() <= SUBJECT_CHARS_MAX)
        };
        let kinds = english().subjects(given.fact().kind).into_iter();
        let mut subjects = kinds.filter_map(|forms| fill(self.choose("subject", forms)?));
        subjects
            .next()
            .unwrap_or_else(|| english().subject_nobody.clone())
    }
}

fn from_fact(role: Role, text: String, given: &GivenFact<'_>) -> AnswerSentence {
    AnswerSentence::new(role, text, Some(given.fact().number))
}
