//! A draft with the evidence for every sentence.

use std::fmt::Write;

use hunter_contracts::{
    Claim, ClaimBasis, Draft, DraftId, DraftStatus, Fallback, QualityCheck, Score,
};
use jiff::Timestamp;

use super::text::{one_line, wrapped};

/// Characters of an id that tell it from all others of one customer.
const SHORT_ID_CHARS: usize = 17;

/// The beginning of an id: long enough to name the draft, short enough to type.
#[must_use]
pub(super) fn short_id(id: &DraftId) -> &str {
    let id = id.as_str();
    id.get(..SHORT_ID_CHARS).unwrap_or(id)
}

/// A status as `--status` takes it.
#[must_use]
pub(super) const fn status_word(status: DraftStatus) -> &'static str {
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
    let head = format!("{} → {} ({})", draft.lead_name, job.recipient, job.channel);
    out.push_str(&wrapped("── ", "   ", &head));
    let about = format!(
        "{} · lead {} · message {} · relevance {} · expires {} · {} of run {} · written by {}",
        status_word(draft.status_at(now)),
        draft.lead_score,
        draft.quality_score,
        draft.relevance_score,
        job.draft_expires_at.strftime("%Y-%m-%d"),
        job.id,
        draft.execution_id,
        draft.model_used,
    );
    out.push_str(&wrapped("   ", "   ", &about));
    if let Some(reason) = &draft.reason {
        out.push_str(&wrapped(
            "   ",
            "   ",
            &format!("reason: {}", one_line(reason)),
        ));
    }
    if let Some(subject) = &job.subject {
        out.push('\n');
        out.push_str(&wrapped(
            "   ",
            "      ",
            &format!("Subject: {}", one_line(subject)),
        ));
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
        out.push('\n');
        out.push_str(&wrapped("   ", "   ", &format!("note: {}", one_line(note))));
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
