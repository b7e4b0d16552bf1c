//! What `hunter doctor` found.

use super::{
    outside::{short_dollars, tokens_text, use_line},
    text::{one_line, wrapped},
};
use crate::doctor::{Diagnosis, Key, Probe, RecipeCost, RecipeUse};

/// The whole finding as text.
#[must_use]
pub fn doctor_text(found: &Diagnosis) -> String {
    let mut out = String::from("Keys (never shown)\n\n");
    for key in &found.keys {
        out.push_str(&key_text(key));
    }
    if !found.addresses.is_empty() {
        out.push_str("\nOther addresses than the services' own\n\n");
        for address in &found.addresses {
            let head = format!("  {:<16} ", address.service);
            out.push_str(&wrapped(&head, INDENT, &address.url));
        }
    }
    let list = match &found.models.file {
        Some(file) => file.as_str(),
        None => "models.toml as it is compiled in",
    };
    out.push_str("\nWhat a run will use, best first\n\n");
    let list = format!("models of {list}, as of {}", found.models.as_of);
    out.push_str(&wrapped("  ", "  ", &list));
    for line in &found.recipes {
        out.push_str(&use_text(line));
    }
    out.push_str("\nWhat a lead costs: credits charged, and list prices of the services\n\n");
    for cost in &found.costs {
        out.push_str(&cost_text(cost));
    }
    out.push_str(&sum_text(&found.costs));
    if !found.probes.is_empty() {
        out.push_str("\nAsked just now\n\n");
    }
    for probe in &found.probes {
        out.push_str(&probe_text(probe));
    }
    out
}

/// Below the name of a service.
const INDENT: &str = "                   ";

fn key_text(key: &Key) -> String {
    let set_in = match &key.set_in {
        Some(place) => format!("set in {place}"),
        None => format!("not set: {}", key.variable),
    };
    let head = format!("  {:<16} ", key.name);
    wrapped(&head, INDENT, &format!("{set_in} ({})", key.gives))
}

fn use_text(line: &RecipeUse) -> String {
    let head = format!("  {:<16} {:<11} ", line.recipe, line.what);
    let indent = " ".repeat(head.chars().count());
    let mut out = wrapped(&head, &indent, &line.uses.join(" → "));
    for note in &line.notes {
        out.push_str(&wrapped(
            &format!("{indent}· "),
            &format!("{indent}  "),
            note,
        ));
    }
    out
}

fn cost_text(cost: &RecipeCost) -> String {
    let rules = if cost.uses.is_empty() {
        ", rules only"
    } else {
        ""
    };
    let mut out = format!("  {}: {} credits{rules}\n", cost.recipe, cost.credits);
    for used in &cost.uses {
        let calls = format!("{:.2}", used.calls);
        let tokens = tokens_text(used.input_tokens, used.cached_tokens, used.output_tokens);
        let notes = [used.model.as_deref().unwrap_or_default(), &tokens];
        let what = (used.service.as_str(), used.operation.as_str());
        out.push_str(&use_line("    ", what, &calls, used.dollars, &notes));
    }
    out
}

fn sum_text(costs: &[RecipeCost]) -> String {
    let credits: hunter_contracts::Credits = costs.iter().map(|cost| cost.credits).sum();
    let dollars: hunter_contracts::Dollars = costs.iter().map(|cost| cost.dollars).sum();
    let sum = format!(
        "a lead that becomes a draft: {credits} credits charged, about {} asked by services",
        short_dollars(dollars.to_decimal())
    );
    wrapped("  ", "    ", &sum)
}

fn probe_text(probe: &Probe) -> String {
    let head = format!("  {:<16} ", probe.name);
    let latency = probe.latency_ms.map(|ms| format!(" in {ms} ms"));
    let cost = short_dollars(probe.cost.to_decimal());
    let said = format!(
        "{}{}, {cost}: {}",
        probe.answer,
        latency.unwrap_or_default(),
        one_line(&probe.said)
    );
    wrapped(&head, INDENT, &said)
}
