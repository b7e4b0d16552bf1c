//! What outside services were used for, what that cost, and where one stood in for another.

use std::{collections::BTreeMap, fmt::Write};

use comfy_table::{Cell, Table};
use hunter_contracts::{Dollars, ErrorCode, Fallback, OutsideUse, Purpose, RunRecord};

use super::{
    tables::{right, table},
    text::wrapped,
};

/// Coverage gaps that a report names one by one.
const GAPS_SHOWN: usize = 5;

/// What a run used, all recipes together.
#[must_use]
pub fn outside_use(run: &RunRecord) -> Vec<OutsideUse> {
    let mut sums: BTreeMap<(&str, &str, Option<&str>), OutsideUse> = BTreeMap::new();
    for used in run.stages.values().flat_map(|stage| &stage.outside_use) {
        let key = (
            used.service.as_str(),
            used.operation.as_str(),
            used.model.as_deref(),
        );
        let sum = sums.entry(key).or_insert_with(|| OutsideUse {
            service: used.service.clone(),
            operation: used.operation.clone(),
            model: used.model.clone(),
            ..OutsideUse::default()
        });
        sum.calls = sum.calls.saturating_add(used.calls);
        sum.failed = sum.failed.saturating_add(used.failed);
        sum.input_tokens = sum.input_tokens.saturating_add(used.input_tokens);
        sum.cached_tokens = sum.cached_tokens.saturating_add(used.cached_tokens);
        sum.output_tokens = sum.output_tokens.saturating_add(used.output_tokens);
        sum.cost = sum.cost.plus(used.cost);
    }
    by_model(sums.into_values().collect())
}

/// Requests are counted before it is known which model answers: they belong to the model that
/// answered, where there was one.
fn by_model(uses: Vec<OutsideUse>) -> Vec<OutsideUse> {
    let (mut told, untold): (Vec<_>, Vec<_>) =
        uses.into_iter().partition(|used| used.model.is_some());
    let mut others = Vec::new();
    for used in untold {
        let same = told
            .iter_mut()
            .filter(|t| (&t.service, &t.operation) == (&used.service, &used.operation));
        match same.max_by_key(|told| told.input_tokens) {
            Some(model) => {
                model.calls = model.calls.saturating_add(used.calls);
                model.failed = model.failed.saturating_add(used.failed);
                model.cost = model.cost.plus(used.cost);
            }
            None => others.push(used),
        }
    }
    others.extend(told);
    others
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
    let fallbacks: Vec<&Fallback> = run.stages.values().flat_map(|s| &s.fallbacks).collect();
    for (fallback, count) in summed(&fallbacks) {
        let (purpose, from, to) = (fallback.purpose, &fallback.from, &fallback.to);
        let line = format!(
            "{purpose}: {to} stood in for {from} {count}× [{}]: {}",
            fallback.error_code, fallback.reason
        );
        out.push_str(&wrapped("  ! ", "    ", &line));
    }
    out
}

/// Recipes may fall back alike.
fn summed<'a>(fallbacks: &[&'a Fallback]) -> Vec<(&'a Fallback, u64)> {
    type Key<'a> = (Purpose, &'a str, &'a str, ErrorCode);
    let mut sums: Vec<(Key<'_>, &Fallback, u64)> = Vec::new();
    for &fallback in fallbacks {
        let key = (
            fallback.purpose,
            fallback.from.as_str(),
            fallback.to.as_str(),
            fallback.error_code,
        );
        match sums.iter_mut().find(|(known, ..)| *known == key) {
            Some((.., count)) => *count = count.saturating_add(fallback.count),
            None => sums.push((key, fallback, fallback.count)),
        }
    }
    let each = sums
        .into_iter()
        .map(|(_, fallback, count)| (fallback, count));
    each.collect()
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

    #[test]
    fn requests_belong_to_the_model_that_answered() {
        let used = |model: Option<&str>, calls, input_tokens| OutsideUse {
            service: "anthropic".into(),
            operation: "writing".into(),
            model: model.map(str::to_owned),
            calls,
            input_tokens,
            ..OutsideUse::default()
        };
        let sums = by_model(vec![used(None, 3, 0), used(Some("a"), 0, 50)]);
        assert_eq!(sums, [used(Some("a"), 3, 50)]);
        let alone = vec![used(None, 3, 0)];
        assert_eq!(by_model(alone.clone()), alone);
    }

    #[test]
    fn the_same_fallback_of_two_recipes_is_one_line() {
        let fallback = |count| Fallback {
            purpose: Purpose::Routing,
            from: "a".into(),
            to: "rules-1".into(),
            error_code: ErrorCode::Timeout,
            reason: "slow".into(),
            count,
        };
        let (one, other) = (fallback(2), fallback(3));
        let sums = summed(&[&one, &other]);
        assert_eq!(sums.len(), 1);
        assert_eq!(sums[0].1, 5);
    }
}
