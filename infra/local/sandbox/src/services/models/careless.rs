//! A careless model: now and then it invents a number, a name, a day, a link, or gives the wrong
//! evidence. What it does depends on the request alone, so that a failing run can be repeated.

use serde_json::{Value, json};

use super::exchange::{Question, set};
use super::honest::numbers;
use super::message::text;
use crate::dice::{Dice, mix};

/// Share of messages that are spoilt.
const SPOILT: f64 = 0.6;

/// The honest answer, spoilt in some requests.
pub(super) fn spoil(question: &Question, mut honest: Value) -> Value {
    let mut dice = Dice::new(mix(2, &[&question.input.to_string()]));
    match question.schema_name.as_str() {
        "message" if dice.chance(SPOILT) => {
            for _ in 0..dice.between(1, 2) {
                worse(&mut honest, &mut dice);
            }
        }
        // It likes whatever it sees.
        "judgement" => {
            for key in ["specific", "truthful", "clear", "natural"] {
                set(&mut honest, key, json!(0.97));
            }
        }
        "scores" => scores(&mut honest, &mut dice),
        "search_plan" if dice.chance(0.5) => set(&mut honest, "source", json!("yellow_pages")),
        "enrichment_levels" => {
            let levels = honest.get_mut("levels").and_then(Value::as_array_mut);
            for level in levels.into_iter().flatten() {
                if dice.chance(0.3) {
                    set(level, "level", json!("premium"));
                }
            }
        }
        _ => {}
    }
    honest
}

fn scores(honest: &mut Value, dice: &mut Dice) {
    let Some(scores) = honest.get_mut("scores").and_then(Value::as_array_mut) else {
        return;
    };
    for score in scores.iter_mut() {
        if dice.chance(0.3) {
            let key = dice.word(&["business_maturity", "intent_signals", "fit_match"]);
            let own = score.get(key).and_then(Value::as_f64).unwrap_or(0.5);
            set(
                score,
                key,
                json!(if own > 0.5 { own - 0.4 } else { own + 0.4 }),
            );
        }
    }
    // One is forgotten, another one told twice.
    if scores.len() > 3 && dice.chance(0.3) {
        scores.pop();
        scores.extend(scores.first().cloned());
    }
}

/// One invention, or one wrong piece of evidence.
fn worse(message: &mut Value, dice: &mut Dice) {
    let Some(sentences) = message.get_mut("sentences").and_then(Value::as_array_mut) else {
        return;
    };
    let opening = sentences
        .iter_mut()
        .find(|sentence| text(sentence, "/role") == "opening");
    let Some(opening) = opening else { return };
    let own = text(opening, "/text").to_owned();
    let without_stop = own.trim_end_matches('.').to_owned();
    match dice.between(0, 7) {
        0 => set(
            opening,
            "text",
            json!(format!("{without_stop}, and 1,250 people saw it.")),
        ),
        1 => set(
            opening,
            "text",
            json!(format!("{without_stop} by Maria Keller.")),
        ),
        2 => set(
            opening,
            "text",
            json!(format!("{without_stop} just last week.")),
        ),
        3 => set(
            opening,
            "text",
            json!(format!("{own} More at https://example.com/offer.")),
        ),
        4 => set(opening, "facts", json!([99])),
        5 => set(
            opening,
            "quotes",
            json!(["we are the best in the whole country"]),
        ),
        6 => match numbers(&own).first() {
            // A digit slips.
            Some(number) => {
                let slipped = own.replacen(number.as_str(), &format!("{number}1"), 1);
                set(opening, "text", json!(slipped));
            }
            None => set(
                opening,
                "text",
                json!(format!("{without_stop}, with 4.9 stars.")),
            ),
        },
        _ => {
            let praise = "You won the Golden Apple Award in 2019.";
            let invented = json!({"role": "second", "text": praise, "facts": [1], "quotes": [],
                "seller_field": null});
            sentences.insert(sentences.len().min(2), invented);
        }
    }
}
