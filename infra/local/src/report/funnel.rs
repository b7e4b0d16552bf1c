//! The funnel, drawn: how many records came out of each step, and where the others went.

use hunter_contracts::{RECIPES, RunRecord, Turn};

use super::text::wrapped;

/// The longest bar.
const BAR_COLUMNS: usize = 24;

/// One line per step, from discovered to drafted.
#[must_use]
pub(super) fn funnel(run: &RunRecord) -> String {
    let summary = run.summary.clone().unwrap_or_default();
    let screened = summary.qualified_leads.saturating_add(summary.filtered_out);
    let losses = |parts: &[(u64, &str)]| {
        let named: Vec<String> = parts
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{n} {what}"))
            .collect();
        if named.is_empty() {
            String::new()
        } else {
            format!("− {}", named.join(", "))
        }
    };
    let mut steps = vec![
        ("discovered", summary.total_discovered, String::new()),
        (
            "screened",
            screened,
            losses(&[
                (summary.unusable, "unusable"),
                (summary.not_matching, "not matching"),
                (summary.duplicates, "duplicates"),
                (summary.over_limit, "beyond max_results"),
            ]),
        ),
    ];
    for recipe in RECIPES.iter().filter(|recipe| recipe.turn != Turn::Last) {
        let (came_out, lost) = recipe.funnel;
        let (succeeded, failed) = match recipe.turn {
            // Its failures are records that cannot be read.
            Turn::First => (summary.qualified_leads, summary.filtered_out),
            _ => run
                .stages
                .get(&recipe.id)
                .map_or((0, 0), |s| (s.succeeded, s.failed)),
        };
        steps.push((came_out, succeeded, losses(&[(failed, lost)])));
    }
    let most = steps
        .iter()
        .map(|(_, count, _)| *count)
        .max()
        .unwrap_or(0)
        .max(1);
    let mut out = String::new();
    for (name, count, loss) in steps {
        let head = format!(
            "  {name:<11} {count:>6} {:<BAR_COLUMNS$}  ",
            bar(count, most)
        );
        let indent = " ".repeat(head.chars().count());
        out.push_str(&wrapped(&head, &indent, &loss));
    }
    out
}

/// A bar in eighths of a character; anything above nothing shows.
fn bar(count: u64, most: u64) -> String {
    let eighths = count.saturating_mul(BAR_COLUMNS as u64 * 8) / most;
    let eighths = if count > 0 { eighths.max(1) } else { 0 };
    let full = usize::try_from(eighths / 8).unwrap_or(0);
    let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let rest = usize::try_from(eighths % 8).unwrap_or(0);
    format!("{}{}", "█".repeat(full), part.get(rest).unwrap_or(&""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_proportional_and_never_hide_a_record() {
        assert_eq!(bar(10, 10).chars().count(), BAR_COLUMNS);
        assert_eq!(bar(5, 10).chars().count(), BAR_COLUMNS / 2);
        assert_eq!(bar(1, 1_000_000), "▏");
        assert_eq!(bar(0, 10), "");
    }
}
