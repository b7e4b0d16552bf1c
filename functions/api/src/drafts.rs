//! Drafts and their review. Approving marks a draft; nothing is sent.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use hunter_contracts::{
    ApproveDraftBody, DeferDraftBody, Draft, DraftId, DraftStatus, EditDraftBody, ErrorCode,
    ExecutionId, RejectDraftBody,
};
use hunter_core::{
    control_plane::{Review, review},
    store::DraftFilter,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::{
    ApiState, List,
    auth::Tenant,
    body::{Body, OptionalBody},
    operation::{Description, operation},
    problem::{Answer, Refusal},
    query::{PageQuery, Parameters, PathId, list_failure, only},
};

/// What every review of a draft takes and gives.
fn reviews(operation: Description<'_>) -> Description<'_> {
    let text = "The `etag` of the draft that was looked at; another one is answered 412.";
    let tag = json!({"type": "string", "examples": ["\"1\""]});
    let operation = operation.id::<DraftId>("The draft.");
    gives_draft(operation.parameter("header", "if-match", text, tag)).problems(&[409, 412])
}

fn gives_draft(operation: Description<'_>) -> Description<'_> {
    let version = ("etag", "The draft's version, for `if-match`.");
    operation.gives_with::<Draft>(200, "The draft.", version)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DraftsQuery {
    status: Option<DraftStatus>,
    run: Option<ExecutionId>,
    limit: Option<u32>,
    cursor: Option<String>,
}

operation! {
    /// List drafts, newest run first, best first within a run
    ListDrafts: GET "/v1/drafts" => list,
    |operation| operation
        .parameter_of::<DraftStatus>("query", "status", "Only drafts that stand there now.")
        .parameter_of::<ExecutionId>("query", "run", "Only drafts of this run.")
        .page()
        .gives::<List<Draft>>(200, "The drafts.")
}

async fn list(
    Tenant(tenant): Tenant,
    State(state): State<ApiState>,
    Parameters(query): Parameters<DraftsQuery>,
) -> Answer<Json<List<Draft>>> {
    let (limit, cursor) = PageQuery::new(query.limit, query.cursor).checked()?;
    let filter = DraftFilter {
        // An expired draft is a pending one whose time is over.
        status: match query.status {
            Some(DraftStatus::Expired) => Some(DraftStatus::DraftPendingReview),
            status => status,
        },
        execution_id: query.run,
    };
    let store = state.control.store.tenant(&tenant);
    let page = store.drafts(&filter, limit, cursor).await;
    let page = page.map_err(list_failure)?;
    let now = state.control.clock.now();
    let mut items: Vec<Draft> = page
        .items
        .into_iter()
        .map(|draft| shown(draft, now))
        .collect();
    items.retain(|draft| query.status.is_none_or(|status| draft.job.status == status));
    Ok(Json(List {
        items,
        next_cursor: page.cursor,
    }))
}

operation! {
    /// Show a draft
    GetDraft: GET "/v1/drafts/{id}" => show,
    |operation| gives_draft(operation.id::<DraftId>("The draft."))
}

async fn show(
    Tenant(tenant): Tenant,
    State(state): State<ApiState>,
    PathId(id): PathId<DraftId>,
) -> Answer {
    let draft = state.control.store.tenant(&tenant).draft(&id).await?;
    let draft = draft.ok_or_else(|| no_draft(&id))?;
    Ok(answer(draft, state.control.clock.now()))
}

operation! {
    /// Change a draft's text or subject
    EditDraft: PATCH "/v1/drafts/{id}" => edit,
    |operation| reviews(operation).body::<EditDraftBody>(true, Some(json!({"subject": "Your new clinic"})))
}

async fn edit(
    tenant: Tenant,
    State(state): State<ApiState>,
    PathId(id): PathId<DraftId>,
    headers: HeaderMap,
    Body(body): Body<EditDraftBody>,
) -> Answer {
    decide(&state, &tenant, &id, Review::Edit(body), &headers).await
}

operation! {
    /// Approve a draft
    ///
    /// Nothing is sent.
    ApproveDraft: POST "/v1/drafts/{id}/approve" => approve,
    |operation| reviews(operation).body::<ApproveDraftBody>(false, None)
}

async fn approve(
    tenant: Tenant,
    State(state): State<ApiState>,
    PathId(id): PathId<DraftId>,
    headers: HeaderMap,
    OptionalBody(body): OptionalBody<ApproveDraftBody>,
) -> Answer {
    decide(&state, &tenant, &id, Review::Approve(body), &headers).await
}

operation! {
    /// Reject a draft
    RejectDraft: POST "/v1/drafts/{id}/reject" => reject,
    |operation| reviews(operation).body::<RejectDraftBody>(false, Some(json!({"reason": "not our market"})))
}

async fn reject(
    tenant: Tenant,
    State(state): State<ApiState>,
    PathId(id): PathId<DraftId>,
    headers: HeaderMap,
    OptionalBody(body): OptionalBody<RejectDraftBody>,
) -> Answer {
    decide(&state, &tenant, &id, Review::Reject(body), &headers).await
}

operation! {
    /// Put a draft off
    DeferDraft: POST "/v1/drafts/{id}/defer" => defer,
    |operation| reviews(operation).body::<DeferDraftBody>(true, Some(json!({"days": 7})))
}

async fn defer(
    tenant: Tenant,
    State(state): State<ApiState>,
    PathId(id): PathId<DraftId>,
    headers: HeaderMap,
    Body(body): Body<DeferDraftBody>,
) -> Answer {
    decide(&state, &tenant, &id, Review::Defer(body), &headers).await
}

async fn decide(
    state: &ApiState,
    Tenant(tenant): &Tenant,
    id: &DraftId,
    decision: Review,
    headers: &HeaderMap,
) -> Answer {
    let store = state.control.store.tenant(tenant);
    let mut seen = None;
    if let Some(tags) = only(headers, &header::IF_MATCH)? {
        let draft = store.draft(id).await?.ok_or_else(|| no_draft(id))?;
        if !matches(tags, draft.version) {
            return Err(Refusal::new(
                StatusCode::PRECONDITION_FAILED,
                ErrorCode::Conflict,
                format!(
                    "draft `{id}` is at version {}, which `if-match` does not name: look at it again",
                    draft.version
                ),
            ));
        }
        // What changes between here and there is a conflict.
        seen = Some(draft.version);
    }
    let now = state.control.clock.now();
    let draft = review(store.as_ref(), id, &decision, seen, now).await?;
    Ok(answer(draft, now))
}

/// Whether one of the entity tags is that of a version (RFC 9110 §13.1.1), or any will do.
fn matches(tags: &str, version: u32) -> bool {
    let own = format!("\"{version}\"");
    let mut tags = tags.split(',').map(str::trim);
    tags.any(|tag| tag == own || tag == "*")
}

fn no_draft(id: &DraftId) -> Refusal {
    Refusal::not_found(format!("`{id}` names no draft of this customer"))
}

/// A draft as of now.
fn shown(mut draft: Draft, now: Timestamp) -> Draft {
    draft.job.status = draft.status_at(now);
    draft.job.awaiting_customer_approval = draft.job.status == DraftStatus::DraftPendingReview;
    draft
}

fn answer(draft: Draft, now: Timestamp) -> Response {
    let etag = [(header::ETAG, format!("\"{}\"", draft.version))];
    (etag, Json(shown(draft, now))).into_response()
}
