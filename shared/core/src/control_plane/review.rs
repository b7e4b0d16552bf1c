//! The customer's review of a draft: the same rules for the HTTP API and the command line.
//! Approving only marks a draft; nothing is sent.

use std::time::Duration;

use hunter_contracts::{
    ApproveDraftBody, DeferDraftBody, Draft, DraftId, DraftStatus, EditDraftBody, ErrorCode,
    RecipeFailure, RejectDraftBody, check_limits,
};
use jiff::Timestamp;

use crate::{
    recipe::short_key,
    store::{Actor, AuditEntry, AuditEvent, TenantStore, audit_details},
};

/// What a customer decides about a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Review {
    /// Yes.
    Approve(ApproveDraftBody),
    /// No, and why.
    Reject(RejectDraftBody),
    /// Not now: it waits for so many days from now, whenever it would have expired.
    Defer(DeferDraftBody),
    /// Yes, in other words.
    Edit(EditDraftBody),
}

impl Review {
    const fn version(&self) -> Option<u32> {
        match self {
            Self::Approve(body) => body.version,
            Self::Reject(body) => body.version,
            Self::Defer(body) => body.version,
            Self::Edit(body) => body.version,
        }
    }

    fn check(&self) -> Result<(), RecipeFailure> {
        let code = ErrorCode::InvalidInput;
        match self {
            Self::Approve(_) => Ok(()),
            Self::Reject(body) => check_limits(body, "", code),
            Self::Defer(body) => check_limits(body, "", code),
            Self::Edit(body) => check_limits(body, "", code),
        }
    }
}

/// Applies a decision to a draft. Deciding again what stands already changes nothing.
///
/// `seen` is the version that the customer looked at, where the decision does not name it; absent:
/// whatever stands.
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
    decision.check()?;
    let missing = || {
        let message = format!("`{id}` names no draft of this customer");
        RecipeFailure::new(ErrorCode::NotFound, message)
    };
    let mut draft = store.draft(id).await?.ok_or_else(missing)?;
    let seen = decision.version().or(seen);
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
        Review::Approve(_) => decide(&mut draft, DraftStatus::Approved, None, now)?
            .then_some(AuditEvent::DraftApproved),
        Review::Reject(body) => {
            decide(&mut draft, DraftStatus::Rejected, body.reason.clone(), now)?
                .then_some(AuditEvent::DraftRejected)
        }
        Review::Defer(body) => Some(defer(&mut draft, body.days, now)?),
        Review::Edit(body) => Some(edit(&mut draft, body, now)?),
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
    check_open(draft, now)?;
    let wait = Duration::from_hours(24 * u64::from(days));
    draft.job.draft_expires_at = now.checked_add(wait).map_err(RecipeFailure::defect)?;
    Ok(AuditEvent::DraftDeferred)
}

fn edit(
    draft: &mut Draft,
    change: &EditDraftBody,
    now: Timestamp,
) -> Result<AuditEvent, RecipeFailure> {
    let (text, subject) = (change.text.as_deref(), change.subject.as_deref());
    if text.is_none() && subject.is_none() {
        let problem = "nothing to change: give a `text` or a `subject`";
        return Err(RecipeFailure::invalid_input(problem));
    }
    check_open(draft, now)?;
    if let Some(text) = text.map(str::trim)
        && text != draft.job.draft_message
    {
        replace_text(draft, text.to_owned());
    }
    if let Some(subject) = subject {
        draft.job.subject = Some(subject.trim().to_owned());
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
