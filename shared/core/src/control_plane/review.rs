//! The customer's review of a draft: the same rules for the HTTP API and the command line.
//! Approving only marks a draft; nothing is sent.

use std::time::Duration;

use hunter_contracts::{Draft, DraftId, DraftStatus, ErrorCode, RecipeFailure, SUBJECT_CHARS_MAX};
use jiff::Timestamp;

use crate::{
    recipe::short_key,
    store::{Actor, AuditEntry, AuditEvent, TenantStore, audit_details},
};

/// The longest text that a person may put in, in characters.
pub const TEXT_CHARS_MAX: usize = 5_000;
/// The longest reason, in characters.
pub const REASON_CHARS_MAX: usize = 500;
/// The longest time that a draft may be put off, counted from now.
pub const DEFER_DAYS_MAX: u32 = 90;

/// What a customer decides about a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Review {
    /// Yes.
    Approve,
    /// No, and why.
    Reject {
        /// For the customer's own records.
        reason: Option<String>,
    },
    /// Not now: it waits for so many days from now, whenever it would have expired.
    Defer {
        /// 1–90.
        days: u32,
    },
    /// Yes, in other words.
    Edit {
        /// The whole message.
        text: Option<String>,
        /// The subject line.
        subject: Option<String>,
    },
}

/// Applies a decision to a draft. Deciding again what stands already changes nothing.
///
/// `seen` is the version that the customer looked at; absent: whatever stands.
///
/// # Errors
/// `NOT_FOUND`; `CONFLICT` for a draft that was decided, has expired or was changed since `seen`;
/// `INVALID_INPUT` for a text, subject, reason or number of days that is refused.
pub async fn review(
    store: &dyn TenantStore,
    id: &DraftId,
    decision: &Review,
    seen: Option<u32>,
    now: Timestamp,
) -> Result<Draft, RecipeFailure> {
    let missing = || {
        let message = format!("`{id}` names no draft of this customer");
        RecipeFailure::new(ErrorCode::NotFound, message)
    };
    let mut draft = store.draft(id).await?.ok_or_else(missing)?;
    if let Some(version) = seen.filter(|version| *version != draft.version) {
        return Err(RecipeFailure::new(
            ErrorCode::Conflict,
            format!(
                "draft `{id}` is at version {}, not {version}: look at it again",
                draft.version
            ),
        ));
    }
    let event = match decision {
        Review::Approve => decide(&mut draft, DraftStatus::Approved, None, now)?
            .then_some(AuditEvent::DraftApproved),
        Review::Reject { reason } => {
            check_reason(reason.as_deref())?;
            let reason = reason.clone();
            decide(&mut draft, DraftStatus::Rejected, reason, now)?
                .then_some(AuditEvent::DraftRejected)
        }
        Review::Defer { days } => Some(defer(&mut draft, *days, now)?),
        Review::Edit { text, subject } => {
            Some(edit(&mut draft, text.as_deref(), subject.as_deref(), now)?)
        }
    };
    if let Some(event) = event {
        save(store, &mut draft, event, now).await?;
    }
    Ok(draft)
}

fn check_open(draft: &Draft, now: Timestamp) -> Result<(), RecipeFailure> {
    match draft.status_at(now) {
        DraftStatus::DraftPendingReview | DraftStatus::HeldBack => Ok(()),
        status => Err(RecipeFailure::new(
            ErrorCode::Conflict,
            format!(
                "draft `{}` is {}: only a pending one can be changed",
                draft.job.id, status
            ),
        )),
    }
}

fn check_reason(reason: Option<&str>) -> Result<(), RecipeFailure> {
    match reason {
        Some(reason) if reason.chars().count() > REASON_CHARS_MAX => {
            Err(RecipeFailure::invalid_input(format!(
                "`reason` is longer than {REASON_CHARS_MAX} characters: shorten it"
            )))
        }
        _ => Ok(()),
    }
}

/// Whether it was not decided so before.
fn decide(
    draft: &mut Draft,
    status: DraftStatus,
    reason: Option<String>,
    now: Timestamp,
) -> Result<bool, RecipeFailure> {
    if draft.job.status == status {
        return Ok(false);
    }
    check_open(draft, now)?;
    draft.job.status = status;
    draft.job.awaiting_customer_approval = false;
    draft.reason = reason.or(draft.reason.take());
    draft.decided_at = Some(now);
    Ok(true)
}

fn defer(draft: &mut Draft, days: u32, now: Timestamp) -> Result<AuditEvent, RecipeFailure> {
    if !(1..=DEFER_DAYS_MAX).contains(&days) {
        return Err(RecipeFailure::invalid_input(format!(
            "`days` is {days}: use 1 to {DEFER_DAYS_MAX}"
        )));
    }
    check_open(draft, now)?;
    let wait = Duration::from_hours(24 * u64::from(days));
    draft.job.draft_expires_at = now.checked_add(wait).map_err(RecipeFailure::defect)?;
    Ok(AuditEvent::DraftDeferred)
}

fn edit(
    draft: &mut Draft,
    text: Option<&str>,
    subject: Option<&str>,
    now: Timestamp,
) -> Result<AuditEvent, RecipeFailure> {
    let invalid = |message: String| Err(RecipeFailure::invalid_input(message));
    if text.is_none() && subject.is_none() {
        return invalid("nothing to change: give a `text` or a `subject`".into());
    }
    check_open(draft, now)?;
    if let Some(text) = text {
        let text = text.trim().to_owned();
        if text.is_empty() || text.chars().count() > TEXT_CHARS_MAX {
            return invalid(format!(
                "`text` is empty or longer than {TEXT_CHARS_MAX} characters: write the whole message"
            ));
        }
        if text != draft.job.draft_message {
            replace_text(draft, text);
        }
    }
    if let Some(subject) = subject {
        let subject = subject.trim().to_owned();
        let length = subject.chars().count();
        if !(1..=SUBJECT_CHARS_MAX).contains(&length) || subject.contains(char::is_control) {
            return invalid(format!(
                "`subject` is empty, longer than {SUBJECT_CHARS_MAX} characters or holds a line break: write a few words on one line"
            ));
        }
        draft.job.subject = Some(subject);
    }
    Ok(AuditEvent::DraftEdited)
}

fn replace_text(draft: &mut Draft, text: String) {
    let before = std::mem::replace(&mut draft.job.draft_message, text);
    draft.original_message.get_or_insert(before);
    // What the customer writes is the customer's own word: the evidence was for the old text.
    draft.claims.clear();
    if !draft.notes.iter().any(|note| note.starts_with("edited")) {
        draft
            .notes
            .push("edited by the customer: the evidence was for the original text".into());
    }
}

async fn save(
    store: &dyn TenantStore,
    draft: &mut Draft,
    event: AuditEvent,
    now: Timestamp,
) -> Result<(), RecipeFailure> {
    draft.version = draft.version.saturating_add(1);
    store.update_draft(draft).await?;
    let (draft_id, tenant) = (&draft.job.id, store.tenant());
    let key = short_key(&[draft_id.as_str(), "review", &draft.version.to_string()]);
    let (id, actor) = (format!("audit_{key}"), Actor::customer(tenant));
    let mut entry = AuditEntry::new(id, now, actor, event, draft_id, tenant);
    entry.context.execution_id = Some(draft.execution_id.clone());
    entry.changes.after = audit_details([
        ("status", serde_json::json!(draft.job.status)),
        ("version", draft.version.into()),
    ]);
    Ok(store.audit(&entry).await?)
}
