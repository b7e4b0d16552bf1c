//! `hunter drafts`: the customer's review. Approving only marks a draft; nothing is sent.

use hunter_contracts::{Draft, DraftId, DraftStatus, ErrorCode, ExecutionId, RecipeFailure};
use hunter_core::{AuditEntry, DraftFilter, TenantStore, short_key};
use jiff::Timestamp;

use crate::{
    args::DraftsCommand,
    cloud::LocalCloud,
    exit::Exit,
    report::{draft_text, drafts_table, print, print_json, status_word},
};

/// Drafts that one command looks through.
const DRAFTS_MAX: usize = 20_000;
/// The longest subject line.
const SUBJECT_CHARS_MAX: usize = 60;
/// The longest text that a person may put in.
const TEXT_CHARS_MAX: usize = 5_000;

/// Runs the command.
///
/// # Errors
/// `NOT_FOUND`, `CONFLICT` for a draft that was decided or has expired, `INVALID_INPUT`.
pub(super) async fn run(
    cloud: &LocalCloud,
    command: &DraftsCommand,
    json: bool,
) -> Result<Exit, RecipeFailure> {
    let store = cloud.tenant_store();
    let now = cloud.clock.now();
    match command {
        DraftsCommand::List { status, run, limit } => {
            let drafts = list(store.as_ref(), status, run.as_deref(), now).await?;
            show_list(&drafts, *limit, now, json);
        }
        DraftsCommand::Show { id } => {
            let draft = find(store.as_ref(), id).await?;
            if json {
                print_json(&draft)
            } else {
                print(&draft_text(&draft, now))
            }
        }
        DraftsCommand::Approve { id } => {
            let draft = decide(store.as_ref(), id, DraftStatus::Approved, None, now).await?;
            done(
                &draft,
                "approved; nothing is sent: sending is not part of this version",
                json,
            );
        }
        DraftsCommand::Reject { id, reason } => {
            let draft = decide(
                store.as_ref(),
                id,
                DraftStatus::Rejected,
                reason.clone(),
                now,
            )
            .await?;
            done(&draft, "rejected", json);
        }
        DraftsCommand::Edit { id, text, subject } => {
            let text = text.as_deref().map(read_text).transpose()?;
            let draft = edit(store.as_ref(), id, text, subject.clone(), now).await?;
            done(&draft, "changed", json);
        }
    }
    Ok(Exit::Success)
}

fn done(draft: &Draft, what: &str, json: bool) {
    if json {
        print_json(draft);
    } else {
        print(&format!(
            "{} to {} is {what}\n",
            draft.job.id, draft.job.recipient
        ));
    }
}

fn show_list(drafts: &[Draft], limit: usize, now: Timestamp, json: bool) {
    let shown = drafts.get(..limit.min(drafts.len())).unwrap_or(drafts);
    if json {
        print_json(&shown);
    } else if drafts.is_empty() {
        print("No drafts here. `hunter demo` makes some; `--status all` shows decided ones.\n");
    } else {
        print(&format!("{}\n", drafts_table(shown, now)));
        if drafts.len() > shown.len() {
            print(&format!(
                "{} more: --limit {}\n",
                drafts.len() - shown.len(),
                drafts.len()
            ));
        }
    }
}

fn read_text(text: &str) -> Result<String, RecipeFailure> {
    if text != "-" {
        return Ok(text.to_owned());
    }
    std::io::read_to_string(std::io::stdin()).map_err(|error| {
        RecipeFailure::invalid_input(format!("cannot read standard input: {error}"))
    })
}

/// Reads a status word; `None` means all.
fn status_filter(word: &str) -> Result<Option<DraftStatus>, RecipeFailure> {
    Ok(Some(match word {
        "pending" | "draft_pending_review" => DraftStatus::DraftPendingReview,
        "approved" => DraftStatus::Approved,
        "rejected" => DraftStatus::Rejected,
        "held" | "held_back" => DraftStatus::HeldBack,
        "expired" => DraftStatus::Expired,
        "all" => return Ok(None),
        other => {
            return Err(RecipeFailure::invalid_input(format!(
                "`--status` is `{other}`: use pending, approved, rejected, held, expired or all"
            )));
        }
    }))
}

/// All drafts with a status as of now, best first.
async fn list(
    store: &dyn TenantStore,
    status: &str,
    run: Option<&str>,
    now: Timestamp,
) -> Result<Vec<Draft>, RecipeFailure> {
    let wanted = status_filter(status)?;
    let execution_id = match run {
        Some(id) => Some(super::runs::find(store, id).await?.execution_id),
        None => None,
    };
    let stored = match wanted {
        Some(DraftStatus::Expired) => Some(DraftStatus::DraftPendingReview),
        other => other,
    };
    let filter = DraftFilter {
        status: stored,
        execution_id,
    };
    let mut drafts = all(store, &filter).await?;
    drafts.retain(|draft| wanted.is_none_or(|status| draft.status_at(now) == status));
    sort_best_first(&mut drafts);
    Ok(drafts)
}

fn sort_best_first(drafts: &mut [Draft]) {
    drafts.sort_by(|a, b| {
        b.job
            .rank_score
            .partial_cmp(&a.job.rank_score)
            .unwrap_or(std::cmp::Ordering::Equal)
            .then_with(|| a.job.id.cmp(&b.job.id))
    });
}

async fn all(store: &dyn TenantStore, filter: &DraftFilter) -> Result<Vec<Draft>, RecipeFailure> {
    let mut drafts = Vec::new();
    let mut cursor = None;
    loop {
        let page = store.drafts(filter, 200, cursor).await?;
        drafts.extend(page.items);
        cursor = page.cursor;
        if cursor.is_none() || drafts.len() >= DRAFTS_MAX {
            return Ok(drafts);
        }
    }
}

/// A run's drafts, best first.
///
/// # Errors
/// When the store fails.
pub(super) async fn of_run(
    store: &dyn TenantStore,
    id: &ExecutionId,
) -> Result<Vec<Draft>, RecipeFailure> {
    let filter = DraftFilter {
        status: None,
        execution_id: Some(id.clone()),
    };
    let mut drafts = all(store, &filter).await?;
    sort_best_first(&mut drafts);
    Ok(drafts)
}

/// A draft by its id or a unique beginning of it.
async fn find(store: &dyn TenantStore, id: &str) -> Result<Draft, RecipeFailure> {
    if let Ok(exact) = DraftId::new(id)
        && let Some(draft) = store.draft(&exact).await?
    {
        return Ok(draft);
    }
    let mut matching = all(store, &DraftFilter::default()).await?;
    matching.retain(|draft| !id.is_empty() && draft.job.id.as_str().starts_with(id));
    let count = matching.len();
    match (matching.pop(), count) {
        (Some(draft), 1) => Ok(draft),
        (Some(_), _) => Err(RecipeFailure::new(
            ErrorCode::Conflict,
            format!("`{id}` is the beginning of {count} drafts: write more of it"),
        )),
        (None, _) => Err(RecipeFailure::new(
            ErrorCode::NotFound,
            format!("`{id}` names no draft: `hunter drafts list --status all` shows them"),
        )),
    }
}

fn check_open(draft: &Draft, now: Timestamp) -> Result<(), RecipeFailure> {
    match draft.status_at(now) {
        DraftStatus::DraftPendingReview | DraftStatus::HeldBack => Ok(()),
        status => Err(RecipeFailure::new(
            ErrorCode::Conflict,
            format!(
                "draft `{}` is {}: only a pending one can be changed",
                draft.job.id,
                status_word(status)
            ),
        )),
    }
}

async fn decide(
    store: &dyn TenantStore,
    id: &str,
    status: DraftStatus,
    reason: Option<String>,
    now: Timestamp,
) -> Result<Draft, RecipeFailure> {
    let mut draft = find(store, id).await?;
    if draft.job.status == status {
        return Ok(draft);
    }
    check_open(&draft, now)?;
    draft.job.status = status;
    draft.job.awaiting_customer_approval = false;
    draft.reason = reason.or(draft.reason);
    draft.decided_at = Some(now);
    save(
        store,
        &mut draft,
        &format!("draft_{}", status.as_str()),
        now,
    )
    .await?;
    Ok(draft)
}

async fn edit(
    store: &dyn TenantStore,
    id: &str,
    text: Option<String>,
    subject: Option<String>,
    now: Timestamp,
) -> Result<Draft, RecipeFailure> {
    let invalid = |message: &str| Err(RecipeFailure::invalid_input(message));
    if text.is_none() && subject.is_none() {
        return invalid("nothing to change: give `--text` or `--subject`");
    }
    let mut draft = find(store, id).await?;
    check_open(&draft, now)?;
    if let Some(text) = text {
        let text = text.trim().to_owned();
        if text.is_empty() || text.chars().count() > TEXT_CHARS_MAX {
            return invalid(
                "`--text` is empty or longer than 5000 characters: write the whole message",
            );
        }
        draft
            .original_message
            .get_or_insert(draft.job.draft_message);
        draft.job.draft_message = text;
        // What the customer writes is the customer's own word: the evidence was for the old text.
        draft.claims.clear();
        if !draft.notes.iter().any(|note| note.starts_with("edited")) {
            draft
                .notes
                .push("edited by the customer: the evidence was for the original text".into());
        }
    }
    if let Some(subject) = subject {
        let subject = subject.trim().to_owned();
        let length = subject.chars().count();
        if !(1..=SUBJECT_CHARS_MAX).contains(&length) || subject.contains(char::is_control) {
            return invalid(
                "`--subject` is empty, longer than 60 characters or holds a line break: write a few words on one line",
            );
        }
        draft.job.subject = Some(subject);
    }
    save(store, &mut draft, "draft_edited", now).await?;
    Ok(draft)
}

async fn save(
    store: &dyn TenantStore,
    draft: &mut Draft,
    action: &str,
    now: Timestamp,
) -> Result<(), RecipeFailure> {
    draft.version = draft.version.saturating_add(1);
    store.update_draft(draft).await?;
    let version = draft.version.to_string();
    let entry = AuditEntry {
        id: format!(
            "audit_{}",
            short_key(&[draft.job.id.as_str(), action, &version])
        ),
        timestamp: now,
        actor: ("customer".into(), store.tenant().to_string()),
        action: action.to_owned(),
        resource_id: draft.job.id.to_string(),
        execution_id: Some(draft.execution_id.clone()),
        details: [("version".to_owned(), serde_json::json!(draft.version))].into(),
    };
    Ok(store.audit(&entry).await?)
}
