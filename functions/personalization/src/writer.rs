//! The rules engine `rules-1`: writes from extracted facts and the seller's configuration.
//!
//! It proposes; [`crate::verify`] decides what stays. The same request always gives the same
//! message, and neighbouring leads get other wordings.

use async_trait::async_trait;
use hunter_contracts::{
    Claim, ClaimBasis, ErrorCode, FactKind, Lead, RecipeFailure, Score, Seller,
};
use hunter_core::recipe::{AiComponent, Decision, short_key};

use crate::{
    facts::{UsableFact, business_name, usable_facts},
    grammar::{Grammar, Template, angles, english, lead_category, render, tone_name},
    message::{Composition, Role, Sentence, WriteRequest, words},
    people::{Addressee, addressee},
    text::{shortened, word_count},
};

/// The name that messages of the rules engine carry as `model_used`.
pub const RULES_MODEL: &str = hunter_core::ports::RULES;

/// The rules engine.
#[derive(Debug, Clone, Copy, Default)]
pub struct RulesWriter;

#[async_trait]
impl AiComponent<WriteRequest, Composition> for RulesWriter {
    /// Writes one message.
    ///
    /// # Errors
    /// `NO_USABLE_FACTS` when no fact of the lead may be written from; `INVALID_CONFIGURATION` when
    /// the seller's own texts are not in English or leave no room in `max_length`.
    async fn decide(&self, request: &WriteRequest) -> Result<Decision<Composition>, RecipeFailure> {
        let grammar = english()?;
        let (field, offer) = offer_for(&request.lead, &request.seller);
        if grammar.is_foreign(&format!("{offer} {}", request.seller.ask)) {
            return Err(RecipeFailure::new(
                ErrorCode::InvalidConfiguration,
                format!(
                    "`seller.{field}` and `seller.ask` are not in English, the only language that \
                     `{RULES_MODEL}` writes: translate them"
                ),
            ));
        }
        let facts = usable_facts(&request.lead, grammar, request.today);
        let Some(best) = facts.first() else {
            return Err(RecipeFailure::new(
                ErrorCode::NoUsableFacts,
                no_facts(&request.lead),
            ));
        };
        let draft = Draft {
            request,
            grammar,
            facts: &facts,
        };
        let sentences = draft.compose()?;
        let used = sentences.iter().find_map(|s| match &s.claim.basis {
            ClaimBasis::Fact { number, .. } if s.role == Role::Opening => {
                facts.iter().find(|f| f.fact.number == *number)
            }
            _ => None,
        });
        let used = used.unwrap_or(best);
        Ok(Decision {
            strategy: kind_name(used.fact.kind).to_owned(),
            confidence: Score::clamped(used.rank),
            reasons: vec![format!(
                "fact {} says most about this business",
                used.fact.number
            )],
            model: RULES_MODEL.to_owned(),
            parameters: Composition {
                subject: draft.subject(used),
                sentences,
                language: grammar.language.clone(),
                fact_rank: used.rank,
            },
        })
    }
}

fn no_facts(lead: &Lead) -> String {
    match lead.facts.len() {
        0 => "nothing was found out about the lead that a message could refer to: enrich it first"
            .to_owned(),
        n => {
            format!("none of the lead's {n} facts may be quoted: they are empty, generic or unsafe")
        }
    }
}

struct Draft<'a> {
    request: &'a WriteRequest,
    grammar: &'static Grammar,
    facts: &'a [UsableFact<'a>],
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

impl Draft<'_> {
    fn compose(&self) -> Result<Vec<Sentence>, RecipeFailure> {
        let max = self.request.words_max;
        for plan in PLANS {
            if let Some(sentences) = self.sentences(plan, None).filter(|s| words(s) <= max) {
                return Ok(sentences);
            }
        }
        // The shortest opening of any fact.
        let last = PLANS
            .last()
            .copied()
            .unwrap_or(plan(false, false, false, 4));
        for fact in self.facts {
            if let Some(sentences) = self.sentences(last, Some(fact)).filter(|s| words(s) <= max) {
                return Ok(sentences);
            }
        }
        let seller = &self.request.seller;
        let own = word_count(&seller.offer) + word_count(&seller.ask) + 1;
        Err(RecipeFailure::new(
            ErrorCode::InvalidConfiguration,
            format!(
                "`seller.offer` and `seller.ask` take {own} of the {max} words that \
                 `writing.max_length` allows, which leaves no room for a fact: shorten them or \
                 raise `writing.max_length`"
            ),
        ))
    }

    /// A number that is the same for the same lead, slot and variant.
    fn pick(&self, slot: &str, count: usize) -> usize {
        let key = short_key(&[self.request.lead.id.as_str(), slot]);
        let hash = key
            .get(..12)
            .and_then(|hex| u64::from_str_radix(hex, 16).ok());
        let shifted = hash.unwrap_or_default() + u64::from(self.request.variant);
        usize::try_from(shifted % (count.max(1) as u64)).unwrap_or_default()
    }

    fn choose<'t, T>(&self, slot: &str, options: &'t [T]) -> Option<&'t T> {
        options.get(self.pick(slot, options.len()))
    }

    /// The message of a plan; `shortest` asks for the shortest opening from that fact.
    fn sentences(&self, plan: Plan, shortest: Option<&UsableFact<'_>>) -> Option<Vec<Sentence>> {
        let opening_fact = shortest.or(self.facts.first())?;
        let mut openings = self.rendered(&self.grammar.opening, opening_fact, plan.quote_words);
        if shortest.is_some() || plan.short_greeting {
            openings.sort_by_key(|text| word_count(text));
            openings.truncate(1);
        }
        let opening = self.choose("opening", &openings)?.clone();
        let mut sentences = vec![self.greeting(plan.short_greeting)?];
        sentences.push(from_fact(Role::Opening, opening, opening_fact));
        if plan.second {
            let second = self.second(opening_fact, plan.quote_words)?;
            sentences.push(second);
        }
        sentences.push(self.offer(plan.plain_offer)?);
        if plan.proof {
            sentences.push(self.proof()?);
        }
        let ask = self.request.seller.ask.trim().to_owned();
        sentences.push(from_seller(Role::Ask, ask, "ask"));
        if plan.sign_off {
            sentences.push(self.sign_off()?);
        }
        Some(sentences)
    }

    fn rendered(&self, all: &[Template], fact: &UsableFact<'_>, quote_words: usize) -> Vec<String> {
        let request = self.request;
        let (dated, recent) = (fact.date.is_some(), fact.is_recent(request.today));
        let texts: Vec<(bool, String)> = all
            .iter()
            .filter(|t| t.fits(fact.fact.kind, &request.tone, dated, recent))
            .filter_map(|t| {
                let value =
                    |key: &str| fact.placeholder(key, &request.lead, self.grammar, quote_words);
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

    fn greeting(&self, short: bool) -> Option<Sentence> {
        let request = self.request;
        let (name, basis) = match addressee(&request.lead, &request.recipient, &request.tone) {
            Addressee::Person { fact, name } => (name, fact_basis(fact)),
            Addressee::Business(name) => {
                let team = self.pick("team", 2) == 0 && !short && !name.ends_with("eam");
                let form = self.grammar.greetings("team").first().filter(|_| team);
                let text = form.and_then(|f| render(f, |_| Some(name.clone())));
                (text.unwrap_or(name), ClaimBasis::NoAssertion)
            }
            Addressee::Nobody => {
                let text = self.grammar.greetings("nobody").first()?.clone();
                return Some(sentence(Role::Greeting, text, ClaimBasis::NoAssertion));
            }
        };
        let forms = self.grammar.greetings(tone_name(&request.tone));
        let text = render(self.choose("greeting", forms)?, |_| Some(name.clone()))?;
        Some(sentence(Role::Greeting, text, basis))
    }

    /// Another fact of another kind; the listing's plain data does not follow upon itself.
    fn second(&self, first: &UsableFact<'_>, quote_words: usize) -> Option<Sentence> {
        let fits = |f: &&UsableFact<'_>| f.fact.kind != first.fact.kind && f.rank >= 0.3;
        self.facts.iter().filter(fits).find_map(|fact| {
            let texts = self.rendered(&self.grammar.second, fact, quote_words.min(10));
            let text = self.choose("second", &texts)?.clone();
            Some(from_fact(Role::Second, text, fact))
        })
    }

    fn offer(&self, plain: bool) -> Option<Sentence> {
        let request = self.request;
        let (field, offer) = offer_for(&request.lead, &request.seller);
        let offer = offer_clause(offer);
        let category = lead_category(&request.lead);
        let mut forms: Vec<String> = self.grammar.offers.plain.clone();
        if let Some(category) = category.filter(|_| !plain) {
            let named = category.plural.split(' ').any(|word| {
                let stem: String = word.chars().take(5).collect();
                word.len() > 3 && offer.to_lowercase().contains(&stem)
            });
            if !named {
                forms.extend(self.grammar.offers.audience.iter().cloned());
            }
            let angle = self.choose("angle", angles(category));
            let fill = |form: &String| {
                render(form, |key| match key {
                    "angle" => angle.cloned(),
                    other => Some(format!("{{{other}}}")),
                })
            };
            forms.extend(self.grammar.offers.angle.iter().filter_map(fill));
        }
        let text = render(self.choose("offer", &forms)?, |key| match key {
            "offer" => Some(offer.clone()),
            "plural" => category.map(|c| c.plural.clone()),
            _ => None,
        })?;
        Some(from_seller(Role::Offer, text, &field))
    }

    fn proof(&self) -> Option<Sentence> {
        let text = self
            .choose("proof", &self.request.seller.proof_points)?
            .trim()
            .to_owned();
        (!text.is_empty()).then(|| from_seller(Role::Proof, text, "proof_points"))
    }

    fn sign_off(&self) -> Option<Sentence> {
        let seller = &self.request.seller;
        let line = self.choose("sign_off", self.grammar.sign_offs(&self.request.tone))?;
        let text = format!(
            "{line}\n{}\n{}",
            seller.sender_name.trim(),
            seller.company.trim()
        );
        Some(from_seller(Role::SignOff, text, "sender_name"))
    }

    /// At most 60 characters, from the fact where it has words of its own.
    fn subject(&self, fact: &UsableFact<'_>) -> String {
        let name = business_name(&self.request.lead).map(|n| shortened_chars(&n, 32));
        let fill = |key: &str, form: &str| {
            let own = form.chars().count().saturating_sub(key.len());
            let room =
                60_usize.saturating_sub(own + name.as_ref().map_or(0, |n| n.chars().count()));
            render(form, |placeholder| match placeholder {
                "value" => Some(shortened_chars(&shortened(&fact.value, 9), room.min(46))),
                "business" => name.clone(),
                _ => None,
            })
        };
        let forms = self.grammar.subjects(kind_name(fact.fact.kind));
        let text = self
            .choose("subject", forms)
            .and_then(|form| fill("{value}", form));
        let nobody = self
            .grammar
            .subjects("nobody")
            .first()
            .cloned()
            .unwrap_or_default();
        text.filter(|t| t.chars().count() <= 60).unwrap_or(nobody)
    }
}

/// At most so many characters, cut at a word where there is one.
fn shortened_chars(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let head: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    let cut = head
        .rsplit_once(' ')
        .map_or(head.as_str(), |(before, _)| before);
    format!("{}…", cut.trim_end_matches(['…', ',', ':', ';', '-', ' ']))
}

/// The offer for the lead's industry: an entry whose key is one of its categories, or the general
/// one; with the name of the configuration's field.
pub(crate) fn offer_for<'s>(lead: &Lead, seller: &'s Seller) -> (String, &'s str) {
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
            return (format!("offers_by_industry.{key}"), offer);
        }
    }
    ("offer".to_owned(), &seller.offer)
}

/// The clause after "We": without a leading "We", a full stop, or a capital that a sentence gave it.
pub(crate) fn offer_clause(offer: &str) -> String {
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

fn kind_name(kind: FactKind) -> &'static str {
    match kind {
        FactKind::BlogPost => "blog_post",
        FactKind::Announcement => "announcement",
        FactKind::AboutSentence => "about_sentence",
        FactKind::Service => "service",
        FactKind::Technology => "technology",
        FactKind::Hiring => "hiring",
        FactKind::LastUpdated => "last_updated",
        FactKind::Rating => "rating",
        FactKind::OpeningHours => "opening_hours",
        FactKind::Category => "category",
        FactKind::Speciality => "speciality",
        FactKind::Locality => "locality",
        FactKind::Founded => "founded",
        FactKind::Person => "person",
    }
}

fn sentence(role: Role, text: String, basis: ClaimBasis) -> Sentence {
    Sentence {
        role,
        claim: Claim { text, basis },
    }
}

fn fact_basis(fact: &hunter_contracts::Fact) -> ClaimBasis {
    ClaimBasis::Fact {
        number: fact.number,
        evidence: fact.evidence.clone(),
    }
}

fn from_fact(role: Role, text: String, fact: &UsableFact<'_>) -> Sentence {
    sentence(role, text, fact_basis(fact.fact))
}

fn from_seller(role: Role, text: String, field: &str) -> Sentence {
    sentence(
        role,
        text,
        ClaimBasis::Seller {
            field: field.to_owned(),
        },
    )
}
