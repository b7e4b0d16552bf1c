//! A draft with the evidence for every sentence.

use std::fmt::Write;

use comfy_table::{Cell, Table};
use hunter_contracts::{
    Claim, ClaimBasis, Draft, DraftId, DraftStatus, Fallback, QualityCheck, Score,
};
use jiff::Timestamp;

use super::{
    tables::{keep_whole, right, table},
    text::{cut, one_line, wrapped},
};

/// Characters of an id that tell it from all others of one customer.
const SHORT_ID_CHARS: usize = 17;

/// The beginning of an id: long enough to name the draft, short enough to type.
#[must_use]
pub fn short_id(id: &DraftId) -> &str {
    let id = id.as_str();
    id.get(..SHORT_ID_CHARS).unwrap_or(id)
}

/// A status as `--status` takes it.
#[must_use]
pub const fn status_word(status: DraftStatus) -> &'static str {
    match status {
        DraftStatus::DraftPendingReview => "pending",
        DraftStatus::Approved => "approved",
        DraftStatus::Rejected => "rejected",
        DraftStatus::HeldBack => "held",
        DraftStatus::Expired => "expired",
    }
}

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
        status_word(draft.status_at(now)),
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
        if line.trim().is_empty() {
            out.push_str("   │\n");
        } else {
            out.push_str(&wrapped("   │ ", "   │ ", line));
        }
    }
    if !draft.claims.is_empty() {
        out.push_str("\n   What each sentence rests on\n");
    }
    for claim in &draft.claims {
        out.push_str(&claim_text(claim));
    }
    for note in &draft.notes {
        let _ = writeln!(out, "\n   note: {note}");
    }
    out
}

/// How a message was judged, by what counts or fails, and where one model stood in for another in
/// its run.
#[must_use]
pub fn how_text(checks: &[QualityCheck], fallbacks: &[Fallback]) -> String {
    let mut out = String::new();
    let counts = |check: &&QualityCheck| check.weight > Score::ZERO || check.score < Score::ONE;
    let told: Vec<_> = checks.iter().filter(counts).collect();
    if !told.is_empty() {
        out.push_str("\n   How good it is (score × weight)\n");
    }
    for check in told {
        let (score, weight) = (check.score.get(), check.weight.get());
        let head = format!(
            "   {score:.2} × {weight:.2}  {:<24} ",
            check.name.replace('_', " ")
        );
        let indent = " ".repeat(head.chars().count());
        out.push_str(&wrapped(&head, &indent, &one_line(&check.note)));
    }
    if !fallbacks.is_empty() {
        out.push_str("\n   In its run one stood in for another\n");
    }
    for fallback in fallbacks {
        let line = format!(
            "{}: {} for {}, {}× [{}]",
            fallback.purpose, fallback.to, fallback.from, fallback.count, fallback.error_code
        );
        out.push_str(&wrapped("   ! ", "     ", &line));
    }
    out
}

/// A sentence and what it rests on.
fn claim_text(claim: &Claim) -> String {
    let sentence = one_line(&claim.text);
    let basis = |text: &str| wrapped("       ", "       ", text);
    match &claim.basis {
        ClaimBasis::Fact { number, evidence } => {
            let quote = one_line(&evidence.quote);
            let fetched = evidence.fetched_at.strftime("%Y-%m-%d %H:%M");
            format!(
                "{}{}{}",
                wrapped("   ✓ ", "     ", &sentence),
                basis(&format!("fact {number}: “{quote}”")),
                basis(&format!("{} (fetched {fetched})", evidence.url)),
            )
        }
        ClaimBasis::Seller { field } => format!(
            "{}{}",
            wrapped("   ✓ ", "     ", &sentence),
            basis(&format!("you said so: seller.{field}")),
        ),
        ClaimBasis::NoAssertion => wrapped("   · ", "     ", &sentence),
    }
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
            Cell::new(short_id(&draft.job.id)),
            right(rank),
            Cell::new(status_word(draft.status_at(now))),
            Cell::new(&draft.job.recipient),
            Cell::new(cut(&draft.lead_name, 34)),
            Cell::new(cut(draft.job.subject.as_deref().unwrap_or_default(), 44)),
            right(draft.quality_score),
        ]);
    }
    keep_whole(&mut table, &[0], &[3]);
    table
}

#[cfg(test)]
mod tests {
    use hunter_contracts::{Role, SellerField};

    use super::*;

    fn claim(text: &str, basis: ClaimBasis) -> Claim {
        Claim {
            role: Role::SignOff,
            text: text.into(),
            basis,
        }
    }

    #[test]
    fn a_claim_never_breaks_out_of_its_place() {
        let text = claim_text(&claim(
            "Best regards,\nMira Anand",
            ClaimBasis::Seller {
                field: SellerField::SenderName,
            },
        ));
        assert_eq!(
            text,
            "   ✓ Best regards, / Mira Anand\n       you said so: seller.sender_name\n"
        );
        let long = claim_text(&claim(&"word ".repeat(60), ClaimBasis::NoAssertion));
        assert!(long.starts_with("   · word"), "{long}");
        assert!(
            long.lines()
                .skip(1)
                .all(|line| line.starts_with("     word")),
            "{long}"
        );
    }

    #[test]
    fn every_status_word_differs() {
        let words: std::collections::BTreeSet<_> = [
            DraftStatus::DraftPendingReview,
            DraftStatus::Approved,
            DraftStatus::Rejected,
            DraftStatus::HeldBack,
            DraftStatus::Expired,
        ]
        .map(status_word)
        .into();
        assert_eq!(words.len(), 5);
    }
}
