//! What `hunter doctor` found.

use std::fmt::Write;

use comfy_table::{Cell, Table};

use super::{
    outside::short_dollars,
    tables::{right, table},
    text::{cut, wrapped},
};
use crate::doctor::{Diagnosis, Probe, RecipeCost, RecipeUse};

/// The whole finding as text.
#[must_use]
pub fn doctor_text(found: &Diagnosis) -> String {
    let mut out = String::from("Keys (never shown)\n\n");
    let _ = writeln!(out, "{}", keys_table(found));
    if !found.addresses.is_empty() {
        out.push_str("\nOther addresses than the services' own\n\n");
        for address in &found.addresses {
            let _ = writeln!(out, "  {:<14} {}", address.service, address.url);
        }
    }
    let list = match &found.models.file {
        Some(file) => file.as_str(),
        None => "models.toml as it is compiled in",
    };
    let _ = write!(
        out,
        "\nWhat a run will use, best first (models: {list}, of {})\n\n",
        found.models.as_of
    );
    for line in &found.recipes {
        out.push_str(&use_text(line));
    }
    out.push_str(
        "\nWhat a lead costs: credits that are charged, and list prices of the services\n\n",
    );
    let _ = writeln!(out, "{}", costs_table(&found.costs));
    out.push_str(&sum_text(&found.costs));
    if !found.probes.is_empty() {
        let _ = write!(out, "\nAsked just now\n\n{}\n", probes_table(&found.probes));
    }
    out
}

fn keys_table(found: &Diagnosis) -> Table {
    let mut table = table(&["service", "key", "set in", "gives"]);
    for key in &found.keys {
        let set_in = key.set_in.clone();
        table.add_row(vec![
            Cell::new(key.name),
            Cell::new(key.key),
            Cell::new(set_in.unwrap_or_else(|| format!("— ({})", key.variable))),
            Cell::new(key.gives),
        ]);
    }
    table
}

fn use_text(line: &RecipeUse) -> String {
    let head = format!("  {:<16} {:<11} ", line.recipe.as_str(), line.what);
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

fn costs_table(costs: &[RecipeCost]) -> Table {
    let mut table = table(&[
        "recipe",
        "credits",
        "service",
        "for",
        "model",
        "calls",
        "tokens in",
        "cached",
        "out",
        "dollars",
    ]);
    let some = |count: u64| match count {
        0 => String::new(),
        count => count.to_string(),
    };
    for cost in costs {
        let recipe = || Cell::new(cost.recipe.as_str());
        if cost.uses.is_empty() {
            table.add_row(vec![recipe(), right(cost.credits), Cell::new("rules only")]);
        }
        for (position, used) in cost.uses.iter().enumerate() {
            let first = position == 0;
            table.add_row(vec![
                if first { recipe() } else { Cell::new("") },
                right(match first {
                    true => cost.credits.to_string(),
                    false => String::new(),
                }),
                Cell::new(&used.service),
                Cell::new(used.operation.replace('_', " ")),
                Cell::new(used.model.as_deref().unwrap_or_default()),
                right(format!("{:.2}", used.calls)),
                right(some(used.input_tokens)),
                right(some(used.cached_tokens)),
                right(some(used.output_tokens)),
                right(short_dollars(used.dollars.to_decimal())),
            ]);
        }
    }
    table
}

fn sum_text(costs: &[RecipeCost]) -> String {
    let credits: hunter_contracts::Credits = costs.iter().map(|cost| cost.credits).sum();
    let dollars: hunter_contracts::Dollars = costs.iter().map(|cost| cost.dollars).sum();
    format!(
        "  a lead that becomes a draft: {credits} credits charged, about {} asked by services\n",
        short_dollars(dollars.to_decimal())
    )
}

fn probes_table(probes: &[Probe]) -> Table {
    let mut table = table(&["service", "answer", "ms", "cost", "said"]);
    for probe in probes {
        let latency = probe.latency_ms.map(|ms| ms.to_string());
        table.add_row(vec![
            Cell::new(probe.name),
            Cell::new(probe.answer.as_str()),
            right(latency.unwrap_or_default()),
            right(short_dollars(probe.cost.to_decimal())),
            Cell::new(cut(&probe.said, 80)),
        ]);
    }
    table
}
