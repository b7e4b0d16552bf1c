//! Tables of leads, runs and ledger entries.

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};
use hunter_contracts::{ChargeLine, EntryKind, Lead, LedgerEntry, RunRecord};

use super::text::cut;

/// A table in the house's look.
pub(super) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if !table.is_tty() {
        table.set_width(140);
    }
    table.set_header(header.to_vec());
    table
}

/// Columns of a terminal from which on addresses are not broken over lines.
const WIDE_COLUMNS: u16 = 120;

/// Keeps columns, counted from 0, on one line each, so that what they hold can be copied: `ids`
/// always, `others` where the terminal is wide enough.
pub(super) fn keep_whole(table: &mut Table, ids: &[usize], others: &[usize]) {
    let is_wide = table.width().is_none_or(|width| width >= WIDE_COLUMNS);
    let others = others.iter().filter(|_| is_wide);
    for &column in ids.iter().chain(others) {
        if let Some(column) = table.column_mut(column) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
}

pub(super) fn right(text: impl ToString) -> Cell {
    Cell::new(text.to_string()).set_alignment(CellAlignment::Right)
}

/// Leads with score, contact and the first thing that was found out.
#[must_use]
pub fn leads_table(leads: &[Lead]) -> Table {
    let mut table = table(&["#", "score", "tier", "name", "where", "contact", "why"]);
    for (position, lead) in (1..).zip(leads) {
        let email = lead.emails.iter().flatten().next().map(|e| e.email.clone());
        let contact = email
            .or_else(|| lead.phone.clone())
            .unwrap_or_else(|| "—".into());
        let place = lead
            .city
            .clone()
            .or_else(|| lead.address.clone())
            .unwrap_or_default();
        let position = lead.rank.map_or(position, |rank| rank.position);
        table.add_row(vec![
            right(position),
            right(lead.lead_score.map(|s| s.to_string()).unwrap_or_default()),
            Cell::new(lead.quality_tier.map_or("", |tier| tier.as_str())),
            Cell::new(cut(lead.name.as_deref().unwrap_or_default(), 34)),
            Cell::new(cut(&place, 24)),
            Cell::new(contact),
            Cell::new(cut(telling_reason(&lead.score_reasons), 60)),
        ]);
    }
    keep_whole(&mut table, &[], &[5]);
    table
}

/// The reason that tells a person most, without the part of the score that it belongs to: a sign
/// of intent, else the first one. Reasons read `intent signals 0.74: it looks for staff`.
fn telling_reason(reasons: &[String]) -> &str {
    let reason = reasons
        .iter()
        .find(|reason| reason.starts_with("intent signals") && !reason.contains(": no information"))
        .or(reasons.first())
        .map_or("", String::as_str);
    reason.split_once(": ").map_or(reason, |(_, text)| text)
}

/// Runs, newest first.
#[must_use]
pub fn runs_table(runs: &[RunRecord]) -> Table {
    let mut table = table(&[
        "run",
        "started",
        "status",
        "looking for",
        "qualified",
        "drafts",
        "credits",
    ]);
    for run in runs {
        let place = run
            .target
            .location
            .as_ref()
            .map(|l| format!(" in {l}"))
            .unwrap_or_default();
        let qualified = run.summary.as_ref().map_or(0, |s| s.qualified_leads);
        table.add_row(vec![
            Cell::new(run.execution_id.as_str()),
            Cell::new(run.started_at.strftime("%Y-%m-%d %H:%M").to_string()),
            Cell::new(format!("{:?}", run.status).to_lowercase()),
            Cell::new(cut(
                &format!("{}{place}", run.target.keywords.join(", ")),
                40,
            )),
            right(qualified),
            right(run.drafts()),
            right(run.charged),
        ]);
    }
    keep_whole(&mut table, &[], &[0, 1]);
    table
}

/// Ledger entries, oldest first.
#[must_use]
pub fn ledger_table(entries: &[LedgerEntry]) -> Table {
    let mut table = table(&["when", "what", "amount", "run", "recipe", "chunk", "for"]);
    for entry in entries {
        table.add_row(vec![
            Cell::new(entry.at.strftime("%Y-%m-%d %H:%M:%S").to_string()),
            Cell::new(entry_word(entry.kind)),
            right(entry.amount),
            Cell::new(
                entry
                    .execution_id
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            ),
            Cell::new(entry.recipe_id.map_or("", |r| r.as_str())),
            right(entry.chunk.map(|c| c.to_string()).unwrap_or_default()),
            Cell::new(lines(&entry.lines)),
        ]);
    }
    table
}

const fn entry_word(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Grant => "granted",
        EntryKind::Reserve => "reserved",
        EntryKind::Debit => "charged",
        EntryKind::Close => "released",
    }
}

fn lines(lines: &[ChargeLine]) -> String {
    match lines.first() {
        Some(first) => format!(
            "{} × {}",
            lines.len(),
            first.action.to_string().replace('_', " ")
        ),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_shown_is_a_sign_of_intent_where_there_is_one() {
        let reasons = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        for (given, expected) in [
            (
                vec![
                    "business maturity 0.86: 4.7 stars",
                    "intent signals 0.7: it announces: `x`",
                ],
                "it announces: `x`",
            ),
            (
                vec![
                    "business maturity 0.86: 4.7 stars",
                    "intent signals 0.5: no information",
                ],
                "4.7 stars",
            ),
            (vec!["anything"], "anything"),
            (vec![], ""),
        ] {
            assert_eq!(telling_reason(&reasons(&given)), expected);
        }
    }
}
