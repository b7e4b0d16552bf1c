//! What outside services were used for, what that cost, and where one stood in for another.

use std::fmt::Write;

use hunter_contracts::{Dollars, Fallback, OutsideUse, RunRecord};

use super::text::wrapped;

/// Coverage gaps that a report names one by one.
const GAPS_SHOWN: usize = 5;

/// What a run used, all recipes together, by service, operation and model.
fn outside_use(run: &RunRecord) -> Vec<OutsideUse> {
    let mut sums = Vec::new();
    for used in run.stages.values().flat_map(|stage| &stage.outside_use) {
        used.add_to(&mut sums);
    }
    sums.sort_by(|a, b| {
        (&a.service, &a.operation, &a.model).cmp(&(&b.service, &b.operation, &b.model))
    });
    sums
}

/// Dollars per lead, each use where all is to be told, and where one model stood in for another;
/// empty where nobody was asked.
pub(super) fn outside_text(run: &RunRecord, qualified: u64, drafts: u64, verbose: bool) -> String {
    let uses = outside_use(run);
    let mut out = String::new();
    if uses.is_empty() {
        return out;
    }
    out.push_str("\nOutside services\n\n");
    if verbose {
        for used in &uses {
            let failed = match used.failed {
                0 => String::new(),
                failed => format!("{failed} failed"),
            };
            let tokens = tokens_text(used.input_tokens, used.cached_tokens, used.output_tokens);
            let calls = used.calls.to_string();
            let notes = [used.model.as_deref().unwrap_or_default(), &tokens, &failed];
            let what = (used.service.as_str(), used.operation.as_str());
            out.push_str(&use_line("  ", what, &calls, used.cost, &notes));
        }
    }
    let cost: Dollars = uses.iter().map(|used| used.cost).sum();
    let per = |count: u64| match count {
        0 => "—".to_owned(),
        count => short_dollars(cost.to_decimal() / count as f64),
    };
    let all = format!(
        "in all {} at list prices: {} per qualified lead, {} per draft",
        short_dollars(cost.to_decimal()),
        per(qualified),
        per(drafts),
    );
    out.push_str(&wrapped("  ", "    ", &all));
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

/// One use of a service: what for, calls, dollars, and what else is known.
pub(super) fn use_line(
    indent: &str,
    (service, operation): (&str, &str),
    calls: &str,
    cost: Dollars,
    notes: &[&str],
) -> String {
    let what = format!("{service} {}", operation.replace('_', " "));
    let dollars = short_dollars(cost.to_decimal());
    let head = format!("{indent}{what:<25} {calls:>6} × {dollars:>10}  ");
    let notes: Vec<&str> = notes.iter().copied().filter(|n| !n.is_empty()).collect();
    wrapped(&head, &" ".repeat(head.chars().count()), &notes.join(", "))
}

/// Tokens that were read, of which from the cache, and written; empty where there were none.
pub(super) fn tokens_text(input: u64, cached: u64, output: u64) -> String {
    let kept = match cached {
        0 => String::new(),
        cached => format!(" ({cached} cached)"),
    };
    match input {
        0 => String::new(),
        input => format!("{input} tokens in{kept}, {output} out"),
    }
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

/// That the source held results back; where, and what it would take to see them, where all is to be
/// told.
pub(super) fn coverage_text(run: &RunRecord, verbose: bool) -> String {
    let gaps = run.summary.iter().flat_map(|summary| &summary.coverage);
    let gaps: Vec<_> = gaps.collect();
    let mut out = String::new();
    if gaps.is_empty() {
        return out;
    }
    let calls: u64 = gaps.iter().map(|gap| gap.calls_needed).sum();
    let cost: Dollars = gaps.iter().map(|gap| gap.cost_needed).sum();
    let head = format!(
        "Not seen: {} searches were cut off; seeing the rest takes at most {calls} calls, {}",
        gaps.len(),
        short_dollars(cost.to_decimal())
    );
    out.push('\n');
    out.push_str(&wrapped("", "  ", &head));
    if !verbose {
        return out;
    }
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
