//! Drafts and their review. Approving marks a draft; nothing is sent.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use hunter_contracts::{Draft, DraftId, DraftStatus, ErrorCode, ExecutionId};
use hunter_core::{
    control_plane::{Review, review},
    store::DraftFilter,
};
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    ApiState, ApproveDraftBody, DeferDraftBody, EditDraftBody, List, RejectDraftBody,
    auth::Tenant,
    body::{Body, OptionalBody},
    problem::{Answer, Refusal},
    query::{PageQuery, Parameters, PathId, list_failure, only},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DraftsQuery {
    status: Option<DraftStatus>,
    run: Option<ExecutionId>,
    limit: Option<u32>,
    cursor: Option<String>,
}

pub(crate) async fn list(
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

pub(crate) async fn show(
    Tenant(tenant): Tenant,
    State(state): State<ApiState>,
    PathId(id): PathId<DraftId>,
) -> Answer {
    let draft = state.control.store.tenant(&tenant).draft(&id).await?;
    let draft = draft.ok_or_else(|| no_draft(&id))?;
    Ok(answer(draft, state.control.clock.now()))
}

pub(crate) async fn edit(
    tenant: Tenant,
    State(state): State<ApiState>,
    PathId(id): PathId<DraftId>,
    headers: HeaderMap,
    Body(body): Body<EditDraftBody>,
) -> Answer {
    let decision = Review::Edit {
        text: body.text,
        subject: body.subject,
    };
    decide(&state, &tenant, &id, &decision, &headers, body.version).await
}

pub(crate) async fn approve(
    tenant: Tenant,
    State(state): State<ApiState>,
    PathId(id): PathId<DraftId>,
    headers: HeaderMap,
    OptionalBody(body): OptionalBody<ApproveDraftBody>,
) -> Answer {
    let decision = Review::Approve;
    decide(&state, &tenant, &id, &decision, &headers, body.version).await
}

pub(crate) async fn reject(
    tenant: Tenant,
    State(state): State<ApiState>,
    PathId(id): PathId<DraftId>,
    headers: HeaderMap,
    OptionalBody(body): OptionalBody<RejectDraftBody>,
) -> Answer {
    let decision = Review::Reject {
        reason: body.reason,
    };
    decide(&state, &tenant, &id, &decision, &headers, body.version).await
}

pub(crate) async fn defer(
    tenant: Tenant,
    State(state): State<ApiState>,
    PathId(id): PathId<DraftId>,
    headers: HeaderMap,
    Body(body): Body<DeferDraftBody>,
) -> Answer {
    let decision = Review::Defer { days: body.days };
    decide(&state, &tenant, &id, &decision, &headers, body.version).await
}

async fn decide(
    state: &ApiState,
    Tenant(tenant): &Tenant,
    id: &DraftId,
    decision: &Review,
    headers: &HeaderMap,
    version: Option<u32>,
) -> Answer {
    let store = state.control.store.tenant(tenant);
    let mut seen = version;
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
        seen = seen.or(Some(draft.version));
    }
    let now = state.control.clock.now();
    let draft = review(store.as_ref(), id, decision, seen, now).await?;
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
