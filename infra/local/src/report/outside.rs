//! What outside services were used for, what that cost, and where one stood in for another.

use std::fmt::Write;

use comfy_table::{Cell, Table};
use hunter_contracts::{Dollars, Fallback, OutsideUse, RunRecord};

use super::{
    tables::{right, table},
    text::wrapped,
};

/// Coverage gaps that a report names one by one.
const GAPS_SHOWN: usize = 5;

/// What a run used, all recipes together, by service, operation and model.
#[must_use]
pub fn outside_use(run: &RunRecord) -> Vec<OutsideUse> {
    let mut sums = Vec::new();
    for used in run.stages.values().flat_map(|stage| &stage.outside_use) {
        used.add_to(&mut sums);
    }
    sums.sort_by(|a, b| {
        (&a.service, &a.operation, &a.model).cmp(&(&b.service, &b.operation, &b.model))
    });
    sums
}

/// What all of it cost.
#[must_use]
pub fn outside_cost(run: &RunRecord) -> Dollars {
    let uses = run.stages.values().flat_map(|stage| &stage.outside_use);
    uses.map(|used| used.cost).sum()
}

/// Which model did what, the table of uses, dollars per lead, and fallbacks; empty where nobody was
/// asked.
pub(super) fn outside_text(run: &RunRecord, qualified: u64, drafts: u64) -> String {
    let uses = outside_use(run);
    let mut out = String::new();
    if uses.is_empty() {
        return out;
    }
    let _ = writeln!(out, "\nOutside services\n");
    let _ = writeln!(out, "{}", uses_table(&uses));
    let cost = outside_cost(run);
    let per = |count: u64| match count {
        0 => "—".to_owned(),
        count => short_dollars(cost.to_decimal() / count as f64),
    };
    let _ = writeln!(
        out,
        "  in all {} at list prices: {} per qualified lead, {} per draft",
        short_dollars(cost.to_decimal()),
        per(qualified),
        per(drafts),
    );
    // Recipes may fall back alike.
    let mut fallbacks: Vec<Fallback> = Vec::new();
    for fallback in run.stages.values().flat_map(|stage| &stage.fallbacks) {
        fallback.add_to(&mut fallbacks);
    }
    for fallback in &fallbacks {
        let line = format!(
            "{}: {} stood in for {} {}× [{}]: {}",
            fallback.purpose,
            fallback.to,
            fallback.from,
            fallback.count,
            fallback.error_code,
            fallback.reason
        );
        out.push_str(&wrapped("  ! ", "    ", &line));
    }
    out
}

fn uses_table(uses: &[OutsideUse]) -> Table {
    let mut table = table(&[
        "service",
        "for",
        "model",
        "calls",
        "failed",
        "tokens in",
        "cached",
        "out",
        "dollars",
    ]);
    let some = |count: u64| match count {
        0 => String::new(),
        count => count.to_string(),
    };
    for used in uses {
        table.add_row(vec![
            Cell::new(&used.service),
            Cell::new(used.operation.replace('_', " ")),
            Cell::new(used.model.as_deref().unwrap_or_default()),
            right(used.calls),
            right(some(used.failed)),
            right(some(used.input_tokens)),
            right(some(used.cached_tokens)),
            right(some(used.output_tokens)),
            right(short_dollars(used.cost.to_decimal())),
        ]);
    }
    table
}

/// Dollars with as many decimals as say something.
pub(super) fn short_dollars(dollars: f64) -> String {
    match dollars {
        0.0 => "$0".to_owned(),
        small if small < 0.000_01 => format!("${small:.7}"),
        small if small < 0.01 => format!("${small:.5}"),
        other => format!("${other:.3}"),
    }
}

/// Where the source held results back, and what it would take to see them.
pub(super) fn coverage_text(run: &RunRecord) -> String {
    let gaps = run.summary.iter().flat_map(|summary| &summary.coverage);
    let gaps: Vec<_> = gaps.collect();
    let mut out = String::new();
    if gaps.is_empty() {
        return out;
    }
    let calls: u64 = gaps.iter().map(|gap| gap.calls_needed).sum();
    let cost: Dollars = gaps.iter().map(|gap| gap.cost_needed).sum();
    let _ = writeln!(
        out,
        "\nNot seen: {} searches were cut off; seeing the rest takes at most {calls} calls, {}",
        gaps.len(),
        short_dollars(cost.to_decimal())
    );
    for gap in gaps.iter().take(GAPS_SHOWN) {
        let area = gap.area.as_ref().map_or(String::new(), |(from, to)| {
            format!(
                " ({:.3}, {:.3} to {:.3}, {:.3})",
                from.lat, from.lon, to.lat, to.lon
            )
        });
        let line = format!(
            "{}{area}: {}, {} seen; {}",
            gap.query, gap.cap, gap.seen, gap.advice
        );
        out.push_str(&wrapped("  ! ", "    ", &line));
    }
    if gaps.len() > GAPS_SHOWN {
        let _ = writeln!(
            out,
            "    and {} more: --json shows all",
            gaps.len() - GAPS_SHOWN
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_show_what_they_are() {
        for (dollars, expected) in [
            (0.0, "$0"),
            (0.000_001_2, "$0.0000012"),
            (0.001_5, "$0.00150"),
            (0.035, "$0.035"),
            (12.5, "$12.500"),
        ] {
            assert_eq!(short_dollars(dollars), expected);
        }
    }
}
