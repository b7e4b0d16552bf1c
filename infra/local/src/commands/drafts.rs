//! `hunter drafts`: the customer's review. Approving only marks a draft; nothing is sent.

use hunter_cloud::LocalCloud;
use hunter_contracts::{
    ApproveDraftBody, Draft, DraftStatus, EditDraftBody, Fallback, QualityCheck, RecipeFailure,
    RecipeId, RejectDraftBody,
};
use hunter_core::{
    control_plane::{Review, review, run_leads},
    store::{DraftFilter, TenantStore},
};
use jiff::Timestamp;
use serde::Serialize;

use super::lookup;
use crate::{
    args::DraftsCommand,
    called::command,
    exit::Exit,
    report::{draft_text, drafts_text, how_text, print, print_json},
};

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
            let shown = whole(store.as_ref(), lookup::draft(store.as_ref(), id).await?).await?;
            if json {
                print_json(&shown)
            } else {
                print(&draft_text(&shown.draft, now));
                print(&how_text(&shown.checks, &shown.fallbacks));
            }
        }
        DraftsCommand::Approve { id } => {
            let what = "approved; nothing is sent: sending is not part of this version";
            let approval = Review::Approve(ApproveDraftBody::default());
            decide(cloud, id, approval, what, json).await?;
        }
        DraftsCommand::Reject { id, reason } => {
            let rejection = RejectDraftBody {
                reason: reason.clone(),
                version: None,
            };
            decide(cloud, id, Review::Reject(rejection), "rejected", json).await?;
        }
        DraftsCommand::Edit { id, text, subject } => {
            let change = EditDraftBody {
                text: text.as_deref().map(read_text).transpose()?,
                subject: subject.clone(),
                version: None,
            };
            decide(cloud, id, Review::Edit(change), "changed", json).await?;
        }
    }
    Ok(Exit::Success)
}

/// What `hunter drafts show --json` prints: the draft, how it was judged, and where one model stood
/// in for another in its run's writing.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    draft: Draft,
    checks: Vec<QualityCheck>,
    fallbacks: Vec<Fallback>,
}

async fn whole(store: &dyn TenantStore, draft: Draft) -> Result<Shown, RecipeFailure> {
    let leads = run_leads(store, &draft.execution_id).await?;
    let lead = leads.into_iter().find(|lead| lead.id == draft.job.lead_id);
    let message = lead.and_then(|lead| lead.message);
    let mut run = store.run(&draft.execution_id).await?;
    let stage = run
        .as_mut()
        .and_then(|run| run.stages.remove(&RecipeId::Personalization));
    Ok(Shown {
        draft,
        checks: message.map(|message| message.checks).unwrap_or_default(),
        fallbacks: stage.map(|stage| stage.fallbacks).unwrap_or_default(),
    })
}

/// Applies a decision to the draft of an id or a unique beginning of one.
async fn decide(
    cloud: &LocalCloud,
    id: &str,
    decision: Review,
    what: &str,
    json: bool,
) -> Result<(), RecipeFailure> {
    let store = cloud.tenant_store();
    let draft = lookup::draft(store.as_ref(), id).await?;
    let now = cloud.clock.now();
    let draft = review(store.as_ref(), &draft.job.id, &decision, None, now).await?;
    done(&draft, what, json);
    Ok(())
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
        print(&format!(
            "No drafts here. `{} demo` makes some; `--status all` shows decided ones.\n",
            command()
        ));
    } else {
        print(&drafts_text(shown, now));
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
        RecipeFailure::invalid_input("cannot read standard input").caused_by(error)
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
        Some(id) => Some(lookup::run(store, id).await?.execution_id),
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
    let mut drafts = lookup::drafts(store, &filter).await?;
    drafts.retain(|draft| wanted.is_none_or(|status| draft.status_at(now) == status));
    Ok(drafts)
}
