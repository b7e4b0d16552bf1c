//! A draft with the evidence for every sentence.

use std::fmt::Write;

use comfy_table::{Cell, CellAlignment, Table};
use hunter_contracts::{ClaimBasis, Draft};
use jiff::Timestamp;

use super::tables::{cut, table};

/// One draft, whole.
#[must_use]
pub fn draft_text(draft: &Draft, now: Timestamp) -> String {
    let job = &draft.job;
    let mut out = String::new();
    let _ = writeln!(
        out,
        "── {} → {} ({}) ── {} ── lead {} · message {} · relevance {}",
        draft.lead_name,
        job.recipient,
        job.channel.as_str(),
        draft.status_at(now).as_str(),
        draft.lead_score,
        draft.quality_score,
        draft.relevance_score,
    );
    let _ = writeln!(
        out,
        "   {}  run {}  written by {}  expires {}",
        job.id,
        draft.execution_id,
        draft.model_used,
        job.draft_expires_at.strftime("%Y-%m-%d")
    );
    if let Some(reason) = &draft.reason {
        let _ = writeln!(out, "   reason: {reason}");
    }
    if let Some(subject) = &job.subject {
        let _ = writeln!(out, "\n   Subject: {subject}");
    }
    let _ = writeln!(out);
    for line in job.draft_message.lines() {
        let _ = writeln!(out, "   │ {line}");
    }
    let _ = writeln!(out, "\n   What each sentence rests on");
    for claim in &draft.claims {
        match &claim.basis {
            ClaimBasis::Fact { number, evidence } => {
                let _ = writeln!(out, "   ✓ {}", cut(&claim.text, 110));
                let _ = writeln!(out, "       fact {number}: “{}”", cut(&evidence.quote, 110));
                let _ = writeln!(
                    out,
                    "       {} (fetched {})",
                    evidence.url,
                    evidence.fetched_at.strftime("%Y-%m-%d %H:%M")
                );
            }
            ClaimBasis::Seller { field } => {
                let _ = writeln!(
                    out,
                    "   ✓ {}\n       you said so: seller.{field}",
                    cut(&claim.text, 110)
                );
            }
            ClaimBasis::NoAssertion => {
                let _ = writeln!(out, "   · {}", cut(&claim.text, 110));
            }
        }
    }
    for note in &draft.notes {
        let _ = writeln!(out, "   note: {note}");
    }
    out
}

/// Drafts in a table.
#[must_use]
pub fn drafts_table(drafts: &[Draft], now: Timestamp) -> Table {
    let mut table = table(&[
        "draft", "rank", "status", "to", "lead", "subject", "quality",
    ]);
    for draft in drafts {
        let rank = draft
            .job
            .rank_score
            .map(|s| s.to_string())
            .unwrap_or_default();
        table.add_row(vec![
            Cell::new(draft.job.id.as_str()),
            Cell::new(rank).set_alignment(CellAlignment::Right),
            Cell::new(draft.status_at(now).as_str()),
            Cell::new(cut(&draft.job.recipient, 34)),
            Cell::new(cut(&draft.lead_name, 28)),
            Cell::new(cut(draft.job.subject.as_deref().unwrap_or_default(), 44)),
            Cell::new(draft.quality_score.to_string()).set_alignment(CellAlignment::Right),
        ]);
    }
    table
}
