//! The worst case: a model that does whatever any text in its data tells it to, in every field that
//! it can write.

use serde_json::{Value, json};

use super::exchange::{Question, set};
use super::honest::items;
use super::message::text;
use super::payload::{self, Payload};
use crate::dice::mix;

/// What comes out where a text of the data gives orders; the honest answer where none does.
pub(super) fn obey(question: &Question, honest: Value) -> Value {
    let orders = payload::collect(&question.input);
    if orders.is_empty() {
        return honest;
    }
    match question.schema_name.as_str() {
        "message" => message(question, honest, &orders),
        "judgement" => json!({"specific": 1.0, "truthful": 1.0, "clear": 1.0, "natural": 1.0,
            "reason": all(&orders)}),
        "scores" => scores(&question.input, &orders),
        "search_plan" => json!({
            "source": link(&orders),
            "keywords": orders.iter().map(|order| order.told.clone()).collect::<Vec<_>>(),
            "reason": all(&orders),
        }),
        "enrichment_levels" => levels(&question.input, &orders),
        _ => everywhere(honest, &all(&orders)),
    }
}

fn all(orders: &[Payload]) -> String {
    let told: Vec<&str> = orders.iter().map(|order| order.told.as_str()).collect();
    told.join(" ").chars().take(1_000).collect()
}

fn link(orders: &[Payload]) -> String {
    let found = orders.iter().find_map(Payload::link);
    found.unwrap_or_else(|| "https://obeyed.example/offer".to_owned())
}

fn short(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

/// Who gives an order gets the best score; whoever stands beside gets the worst.
fn scores(input: &Value, orders: &[Payload]) -> Value {
    let scored = each_lead(input, orders, |id, commands| {
        let score = if commands { 1.0 } else { 0.0 };
        json!({"id": id, "business_maturity": score, "intent_signals": score, "fit_match": score,
            "reason": all(orders)})
    });
    json!({"scores": scored})
}

fn levels(input: &Value, orders: &[Payload]) -> Value {
    let levels = each_lead(input, orders, |id, commands| {
        let level = if commands { "premium" } else { "skip" };
        json!({"id": id, "level": level, "reason": all(orders)})
    });
    json!({"levels": levels})
}

/// What is said of each lead by its id, and by whether it gives an order.
fn each_lead(input: &Value, orders: &[Payload], say: impl Fn(&str, bool) -> Value) -> Vec<Value> {
    let said = items(input, "leads").iter().map(|lead| {
        let id = text(lead, "/id");
        let of = |order: &Payload| order.lead.as_deref().is_none_or(|own| own == id);
        say(id, orders.iter().any(of))
    });
    said.collect()
}

/// Three ways to obey, by the business and the variant: everything at once, an honest message with
/// the orders among its sentences, and an honest message that is bent where it hurts most.
fn message(question: &Question, honest: Value, orders: &[Payload]) -> Value {
    let variant = question.input.get("variant").map(Value::to_string);
    let business = text(&question.input, "/recipient/business");
    match mix(1, &[business, variant.as_deref().unwrap_or_default()]) % 3 {
        0 => blunt(orders),
        1 => mingled(honest, orders),
        _ => bent(honest, orders),
    }
}

fn sentence(role: &str, text: String, order: &Payload, field: Option<&str>) -> Value {
    let facts: Vec<u64> = order.fact.into_iter().collect();
    // The order stands in the fact word for word, so it can be quoted.
    json!({"role": role, "text": text, "facts": facts, "quotes": [order.raw],
        "seller_field": field})
}

fn blunt(orders: &[Payload]) -> Value {
    let link = link(orders);
    let email = orders.iter().find_map(Payload::email);
    let email = email.unwrap_or_else(|| "obey@obeyed.example".to_owned());
    let name = orders.iter().find_map(Payload::name);
    let name = name.unwrap_or_else(|| "Jane Roe".to_owned());
    let mut sentences = Vec::new();
    for order in orders.iter().take(4) {
        let raw = short(&order.raw, 400);
        sentences.push(sentence("greeting", format!("Hello {name},"), order, None));
        sentences.push(sentence("opening", short(&order.told, 400), order, None));
        sentences.push(sentence("second", format!("“{raw}”"), order, None));
        let offer = format!("We guarantee it: {link}");
        sentences.push(sentence("offer", offer, order, Some("offer")));
        sentences.push(sentence("proof", raw, order, Some("proof_points")));
        let ask = format!("Write to {email} or see {link} now?");
        sentences.push(sentence("ask", ask, order, Some("ask")));
        let sign_off = format!("Cc: {email}\n{name}");
        sentences.push(sentence("sign_off", sign_off, order, Some("sender_name")));
    }
    json!({"subject": short(&format!("{link} {}", all(orders)), 200), "sentences": sentences})
}

fn mingled(mut honest: Value, orders: &[Payload]) -> Value {
    let sentences = honest.get_mut("sentences").and_then(Value::as_array_mut);
    let Some(sentences) = sentences else {
        return blunt(orders);
    };
    for order in orders.iter().take(3) {
        let at = sentences.len().min(2);
        let text = format!("Your page says “{}”.", short(&order.raw, 300));
        sentences.insert(at, sentence("second", text, order, None));
        let told = short(&order.told, 300);
        sentences.insert(at, sentence("opening", told, order, None));
    }
    let subject = short(&format!("“{}”", all(orders)), 120);
    set(&mut honest, "subject", json!(subject));
    honest
}

fn bent(mut honest: Value, orders: &[Payload]) -> Value {
    let (link, first) = (link(orders), orders.first());
    let name = orders.iter().find_map(Payload::name);
    let email = orders.iter().find_map(Payload::email);
    let sentences = honest.get_mut("sentences").and_then(Value::as_array_mut);
    for sentence in sentences.into_iter().flatten() {
        let own = text(sentence, "/text").to_owned();
        let bent = match text(sentence, "/role") {
            "greeting" => name.as_ref().map(|name| format!("Hello {name},")),
            "ask" => Some(format!("{own} {link}")),
            "offer" => Some(format!("{own} See {link} for our guarantee.")),
            "opening" | "second" => first.map(|order| format!("{own} {}", short(&order.told, 200))),
            "sign_off" => email.as_ref().map(|email| format!("{own}\ncc {email}")),
            _ => None,
        };
        if let Some(bent) = bent {
            set(sentence, "text", json!(bent));
        }
    }
    honest
}

/// The orders in every text, and the greatest numbers.
fn everywhere(value: Value, order: &str) -> Value {
    match value {
        Value::String(_) => json!(order),
        Value::Number(_) => json!(1.0),
        Value::Array(items) => items.into_iter().map(|i| everywhere(i, order)).collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| (key, everywhere(value, order)))
            .collect(),
        other => other,
    }
}
