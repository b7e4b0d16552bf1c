//! An honest message: composed strictly from the numbered facts and the seller's own texts, every
//! sentence with the numbers of its facts and what it quotes of them.

use serde_json::{Value, json};

use super::exchange::{Question, set};
use super::payload;
use super::phrases::Phrases;
use super::words::WORDS;
use crate::dice::{Dice, mix};

/// A fact of the input.
pub(super) struct Fact<'a> {
    pub(super) number: u64,
    pub(super) kind: &'a str,
    pub(super) value: &'a str,
    date: Option<&'a str>,
}

pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The facts of an input.
pub(super) fn facts(input: &Value) -> Vec<Fact<'_>> {
    let all = input.get("facts").and_then(Value::as_array);
    all.into_iter()
        .flatten()
        .filter_map(|fact| {
            Some(Fact {
                number: fact.get("number")?.as_u64()?,
                kind: fact.get("kind")?.as_str()?,
                value: fact.get("value")?.as_str()?.trim(),
                date: fact.get("date").and_then(Value::as_str),
            })
        })
        .collect()
}

/// Words in front of a text, as they stand there: no sign that would end a quotation.
fn excerpt(value: &str, words_max: usize, chars_max: usize) -> Option<String> {
    let plain = value
        .split(['“', '”', '"', '„', '\n'])
        .next()
        .unwrap_or_default();
    let mut end = 0;
    for (words, word) in plain.split_inclusive(char::is_whitespace).enumerate() {
        let next = end + word.len();
        let long = plain.get(..next).map_or(0, |head| head.chars().count()) > chars_max;
        if words >= words_max || (long && end > 0) {
            break;
        }
        end = next;
    }
    let head: String = plain.get(..end)?.chars().take(chars_max).collect();
    let head = head
        .trim()
        .trim_end_matches([',', ';', ':', '.', '-', '–', '(', ' ']);
    (head.chars().filter(|c| c.is_alphanumeric()).count() >= 2).then(|| head.to_owned())
}

/// How much of a message there is room for.
#[derive(Clone, Copy)]
struct Plan {
    second: bool,
    proof: bool,
    sign_off: bool,
    quote_words: usize,
}

/// Tried in order until one fits the limit on words.
const PLANS: [Plan; 6] = [
    plan(true, true, true, 12),
    plan(false, true, true, 12),
    plan(true, false, true, 10),
    plan(false, false, true, 10),
    plan(false, false, true, 6),
    plan(false, false, false, 4),
];

const fn plan(second: bool, proof: bool, sign_off: bool, quote_words: usize) -> Plan {
    Plan {
        second,
        proof,
        sign_off,
        quote_words,
    }
}

struct Writer<'a> {
    input: &'a Value,
    phrases: &'static Phrases,
    facts: Vec<Fact<'a>>,
    seed: u64,
}

/// A message for a recipient.
pub(super) fn compose(question: &Question) -> Value {
    let input = &question.input;
    let problems = input.get("problems").and_then(Value::as_array);
    let objections = problems.map_or(0, Vec::len);
    if let (Some(draft), 0) = (input.get("draft").filter(|d| d.is_object()), objections) {
        return smoothed(draft);
    }
    let mut known = facts(input);
    // A careful model quotes no text that speaks to it.
    known.retain(|fact| !payload::is_suspicious(fact.value) && fact.kind != "person");
    let ranks = &WORDS.fact_ranks;
    let rank = |fact: &Fact<'_>| ranks.iter().position(|kind| *kind == fact.kind);
    known.sort_by_key(|fact| (rank(fact).unwrap_or(ranks.len()), fact.date.is_none()));
    let variant = input.get("variant").and_then(Value::as_u64).unwrap_or(0);
    let key = [
        text(input, "/recipient/business"),
        &variant.to_string(),
        &objections.to_string(),
    ];
    let writer = Writer {
        input,
        phrases: Phrases::of(text(input, "/language")),
        facts: known,
        seed: mix(variant, &key),
    };
    writer.message(variant as usize + objections)
}

/// The draft as it is, without the double spaces: an honest model changes no claim.
fn smoothed(draft: &Value) -> Value {
    let mut draft = draft.clone();
    let sentences = draft.get_mut("sentences").and_then(Value::as_array_mut);
    for sentence in sentences.into_iter().flatten() {
        let own = text(sentence, "/text").replace("  ", " ");
        if !own.is_empty() {
            set(sentence, "text", json!(own));
        }
    }
    draft
}

fn sentence(role: &str, text: &str, facts: &[u64], quotes: &[&str], field: Option<&str>) -> Value {
    json!({"role": role, "text": text, "facts": facts, "quotes": quotes, "seller_field": field})
}

impl Writer<'_> {
    fn message(&self, shift: usize) -> Value {
        let limit = self.input.get("words_max").and_then(Value::as_u64);
        let limit = limit.unwrap_or(75) as usize;
        let all: Vec<Vec<Value>> = PLANS
            .iter()
            .map(|plan| self.sentences(*plan, shift))
            .collect();
        let words = |sentences: &Vec<Value>| -> usize {
            let texts = sentences.iter().map(|s| text(s, "/text"));
            texts.map(|t| t.split_whitespace().count()).sum()
        };
        let sentences = all
            .iter()
            .find(|sentences| words(sentences) <= limit)
            .or(all.last())
            .cloned()
            .unwrap_or_default();
        json!({"subject": self.subject(shift), "sentences": sentences})
    }

    fn pick<'t>(&self, slot: &str, options: &[&'t str]) -> &'t str {
        let mut dice = Dice::keyed(self.seed, &[slot]);
        dice.pick(options).copied().unwrap_or_default()
    }

    /// The fact that the message is written for: the best, or with another variant another good one.
    fn main_fact(&self, shift: usize) -> Option<&Fact<'_>> {
        let good = self.facts.len().clamp(1, 3);
        self.facts.get(shift % good).or(self.facts.first())
    }

    fn sentences(&self, plan: Plan, shift: usize) -> Vec<Value> {
        let mut out = vec![self.greeting()];
        let main = self.main_fact(shift);
        if let Some(opening) = main.and_then(|fact| self.telling("opening", fact, plan)) {
            out.push(opening);
        }
        if plan.second {
            let other = |fact: &&Fact<'_>| main.is_none_or(|main| main.kind != fact.kind);
            let mut others = self.facts.iter().filter(other);
            out.extend(others.find_map(|fact| self.telling("second", fact, plan)));
        }
        let seller = |field: &str| text(self.input, &format!("/seller/{field}")).trim();
        if !seller("offer").is_empty() {
            let offer = self.offer(seller("offer"));
            out.push(sentence("offer", &offer, &[], &[], Some("offer")));
        }
        let proofs = self.input.pointer("/seller/proof_points");
        let proofs: Vec<&str> = proofs
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let proof = self.pick("proof", &proofs).trim();
        if plan.proof && !proof.is_empty() {
            out.push(sentence("proof", proof, &[], &[], Some("proof_points")));
        }
        if !seller("ask").is_empty() {
            out.push(sentence("ask", seller("ask"), &[], &[], Some("ask")));
        }
        if plan.sign_off && !seller("sender_name").is_empty() {
            let line = self.pick("sign_off", &self.phrases.sign_offs);
            let text = format!("{line}\n{}\n{}", seller("sender_name"), seller("company"));
            out.push(sentence(
                "sign_off",
                text.trim(),
                &[],
                &[],
                Some("sender_name"),
            ));
        }
        out
    }

    fn greeting(&self) -> Value {
        let person = text(self.input, "/recipient/name").trim();
        if person.is_empty() {
            let business = text(self.input, "/recipient/business").trim();
            let form = self.pick("greeting", &self.phrases.to_business);
            let text = form.replace("{name}", business);
            return sentence("greeting", &text, &[], &[], None);
        }
        let form = self.pick("greeting", &self.phrases.to_person);
        let all = facts(self.input);
        let own = all
            .iter()
            .find(|f| f.kind == "person" && f.value.contains(person));
        let numbers: Vec<u64> = own.map(|fact| fact.number).into_iter().collect();
        let text = form.replace("{name}", person);
        sentence("greeting", &text, &numbers, &[], None)
    }

    fn telling(&self, role: &str, fact: &Fact<'_>, plan: Plan) -> Option<Value> {
        let day = fact.date.and_then(|date| self.phrases.day(date));
        let quote = excerpt(fact.value, plan.quote_words, 80);
        let rating = fact.value.split_once(" from ").and_then(|(stars, rest)| {
            let reviews = rest.split_whitespace().next()?;
            Some((stars, reviews))
        });
        let forms: Vec<&str> = self
            .phrases
            .sentences(fact.kind, day.is_some())
            .into_iter()
            .filter(|form| !form.contains("{q}") || quote.is_some())
            .filter(|form| !form.contains("{stars}") || rating.is_some())
            .collect();
        let form = self.pick(role, &forms);
        if form.is_empty() {
            return None;
        }
        let (stars, reviews) = rating.unwrap_or_default();
        let used = quote.as_deref().unwrap_or_default();
        let text = form
            .replace("{date}", day.as_deref().unwrap_or_default())
            .replace("{stars}", stars)
            .replace("{reviews}", reviews)
            .replace("{v}", fact.value)
            .replace("{q}", used);
        let quotes: &[&str] = if form.contains("{q}") { &[used] } else { &[] };
        Some(sentence(role, &text, &[fact.number], quotes, None))
    }

    /// In English the offer is a clause that follows "We"; elsewhere a sentence.
    fn offer(&self, offer: &str) -> String {
        let clause = offer.trim_end_matches(['.', '!', ' ']);
        if self.phrases.is_english() {
            let clause = clause.strip_prefix("We ").unwrap_or(clause);
            let forms = ["We {o}.", "At {c}, we {o}."];
            let form = self.pick("offer", &forms);
            let company = text(self.input, "/seller/company");
            return form.replace("{c}", company).replace("{o}", clause);
        }
        let end = if offer.ends_with(['.', '!', '。']) {
            ""
        } else {
            "."
        };
        format!("{offer}{end}")
    }

    fn subject(&self, shift: usize) -> String {
        let business = text(self.input, "/recipient/business");
        let quoted = self
            .main_fact(shift)
            .filter(|fact| !matches!(fact.kind, "rating" | "last_updated" | "founded"))
            .and_then(|fact| excerpt(fact.value, 7, 38));
        match quoted {
            Some(quote) => self
                .pick("subject", &self.phrases.subjects)
                .replace("{q}", &quote),
            None => business.chars().take(60).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_stand_in_the_value_word_for_word() {
        let value = "Five tips, for a healthy smile: “brush” often";
        for words in 1..9 {
            let quote = excerpt(value, words, 80).unwrap();
            assert!(value.contains(&quote), "{quote}");
            assert!(quote.split_whitespace().count() <= words);
        }
        assert_eq!(
            excerpt("歯の健康を守る。春の検診", 5, 4).as_deref(),
            Some("歯の健康")
        );
        assert_eq!(excerpt("“", 5, 80), None);
    }
}
