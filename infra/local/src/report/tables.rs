//! Tables of leads, runs and ledger entries.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use hunter_contracts::{ChargeLine, Lead, LedgerEntry, RunRecord};

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

/// Cuts a text to so many characters.
#[must_use]
pub(super) fn cut(text: &str, chars: usize) -> String {
    if text.chars().count() <= chars {
        return text.to_owned();
    }
    let kept: String = text.chars().take(chars.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn right(text: impl ToString) -> Cell {
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
            Cell::new(cut(&place, 18)),
            Cell::new(cut(&contact, 36)),
            Cell::new(cut(
                lead.score_reasons.first().map_or("", String::as_str),
                60,
            )),
        ]);
    }
    table
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
        let drafts = run
            .stages
            .get(&hunter_contracts::RecipeId::Outreach)
            .map_or(0, |s| s.succeeded);
        table.add_row(vec![
            Cell::new(run.execution_id.as_str()),
            Cell::new(run.started_at.strftime("%Y-%m-%d %H:%M").to_string()),
            Cell::new(format!("{:?}", run.status).to_lowercase()),
            Cell::new(cut(
                &format!("{}{place}", run.target.keywords.join(", ")),
                40,
            )),
            right(qualified),
            right(drafts),
            right(run.charged),
        ]);
    }
    table
}

/// Ledger entries, oldest first.
#[must_use]
pub fn ledger_table(entries: &[LedgerEntry]) -> Table {
    let mut table = table(&["when", "what", "amount", "run", "recipe", "chunk", "for"]);
    for entry in entries {
        table.add_row(vec![
            Cell::new(entry.at.strftime("%Y-%m-%d %H:%M:%S").to_string()),
            Cell::new(format!("{:?}", entry.kind).to_lowercase()),
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

fn lines(lines: &[ChargeLine]) -> String {
    match lines.first() {
        Some(first) => format!("{} × {}", lines.len(), first.action),
        None => String::new(),
    }
}
