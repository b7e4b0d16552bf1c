//! What an honest model answers.

use serde_json::{Value, json};

use super::exchange::Question;
use super::message::text;
use super::words::WORDS;
use super::{generic, message};
use crate::dice::{Dice, mix};

/// The answer by the name of its schema.
pub(super) fn answer(question: &Question) -> Value {
    match question.schema_name.as_str() {
        "message" => message::compose(question),
        "judgement" => judgement(&question.input),
        "scores" => scores(&question.input),
        "search_plan" => search_plan(&question.input),
        "enrichment_levels" => levels(&question.input),
        _ => generic::instance(&question.schema, &question.schema),
    }
}

pub(super) fn items<'a>(input: &'a Value, key: &str) -> &'a [Value] {
    let all = input.get(key).and_then(Value::as_array);
    all.map(Vec::as_slice).unwrap_or_default()
}

fn rounded(score: f64) -> f64 {
    (score.clamp(0.0, 1.0) * 100.0).round() / 100.0
}

/// Numbers of a text, without the signs around them.
pub(super) fn numbers(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
        .map(|part| part.trim_matches(['.', ',']).to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

/// Looks whether the message speaks of a fact, and whether its numbers stand in one.
fn judgement(input: &Value) -> Value {
    let body = text(input, "/message/text");
    let facts = message::facts(input);
    let known = format!(
        "{} {}",
        input.get("facts").map(Value::to_string).unwrap_or_default(),
        input
            .get("seller")
            .map(Value::to_string)
            .unwrap_or_default()
    );
    let lower = body.to_lowercase();
    let named = facts.iter().any(|fact| {
        let words = fact.value.split_whitespace().take(3);
        let start: Vec<String> = words.map(str::to_lowercase).collect();
        !start.is_empty() && lower.contains(&start.join(" "))
    });
    let told = numbers(body);
    let true_ones = told.iter().filter(|number| known.contains(*number)).count();
    let truthful = if told.is_empty() {
        0.95
    } else {
        0.95 * true_ones as f64 / told.len() as f64
    };
    let linked = ["http", "www.", "@"]
        .iter()
        .any(|sign| lower.contains(sign));
    let questions = body.matches(['?', '？', ';']).count();
    let words = body.split_whitespace().count();
    json!({
        "specific": if named { 0.9 } else { 0.35 },
        "truthful": rounded(if linked { truthful / 2.0 } else { truthful }),
        "clear": if (1..=2).contains(&questions) { 0.9 } else { 0.6 },
        "natural": if words > 12 { 0.85 } else { 0.5 },
        "reason": if named { "it speaks of something that only this business has" }
            else { "it could have been written to anybody" },
    })
}

/// Close to the rules' scores.
fn scores(input: &Value) -> Value {
    let scored: Vec<Value> = items(input, "leads")
        .iter()
        .map(|lead| {
            let id = text(lead, "/id");
            let mut dice = Dice::new(mix(0, &["scores", id]));
            let mut near = |name: &str| {
                let rules = lead.pointer(&format!("/rules/{name}"));
                let rules = rules.and_then(Value::as_f64).unwrap_or(0.5);
                rounded(rules + (dice.unit() - 0.5) * 0.04)
            };
            let (maturity, intent, fit) = (
                near("business_maturity"),
                near("intent_signals"),
                near("fit_match"),
            );
            let reviews = lead.get("review_count").and_then(Value::as_u64);
            let site = lead.get("has_website").and_then(Value::as_bool) == Some(true);
            let reason = format!(
                "{} reviews, {}",
                reviews.map_or("no".to_owned(), |count| count.to_string()),
                if site {
                    "with a web site"
                } else {
                    "no web site"
                }
            );
            json!({"id": id, "business_maturity": maturity, "intent_signals": intent,
                "fit_match": fit, "reason": reason})
        })
        .collect();
    json!({"scores": scored})
}

fn search_plan(input: &Value) -> Value {
    let sources: Vec<&str> = items(input, "sources")
        .iter()
        .map(|source| text(source, "/name"))
        .collect();
    let best = ["google_places", "brave_search", "overpass"];
    let source = best
        .into_iter()
        .find(|name| sources.contains(name))
        .or(sources.first().copied())
        .unwrap_or_default();
    let given: Vec<String> = items(input, "keywords")
        .iter()
        .filter_map(Value::as_str)
        .chain([text(input, "/business_type")])
        .map(str::to_lowercase)
        .collect();
    let further: Vec<&str> = WORDS
        .kindred
        .iter()
        .filter(|(stem, _)| given.iter().any(|word| word.contains(stem)))
        .flat_map(|(_, words)| words.iter().copied())
        .filter(|word| !given.contains(&word.to_lowercase()))
        .take(4)
        .collect();
    let reason = format!("{source} covers such businesses best of what there is a key for");
    json!({"source": source, "keywords": further, "reason": reason})
}

fn levels(input: &Value) -> Value {
    let levels: Vec<Value> = items(input, "leads")
        .iter()
        .map(|lead| {
            let tier = text(lead, "/quality_tier");
            json!({"id": text(lead, "/id"), "level": text(lead, "/rules"),
                "reason": format!("its tier is {tier}")})
        })
        .collect();
    json!({"levels": levels})
}
