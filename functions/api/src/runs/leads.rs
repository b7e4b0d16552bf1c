//! The leads of a run, best first, page by page: only the chunks that a page touches are read.

use axum::{Json, extract::State};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hunter_contracts::{DiscoveryData, ExecutionId, Lead, RecipeId};
use hunter_core::{
    control_plane::{chunk_leads, no_run},
    store::PackKey,
};

use crate::{
    ApiState, List,
    auth::Tenant,
    operation::operation,
    problem::Answer,
    query::{PageQuery, Parameters, PathId, bad_cursor},
};

operation! {
    /// List the leads of a run, best first
    ListLeads: GET "/v1/runs/{id}/leads" => leads,
    |operation| operation
        .id::<ExecutionId>("The run.")
        .page()
        .gives::<List<Lead>>(200, "The leads as far as they have come.")
}

async fn leads(
    Tenant(tenant): Tenant,
    State(state): State<ApiState>,
    PathId(id): PathId<ExecutionId>,
    Parameters(page): Parameters<PageQuery>,
) -> Answer<Json<List<Lead>>> {
    let (limit, cursor) = page.checked()?;
    let begin = cursor.map_or(Some(0), |cursor| decode(&id, &cursor));
    let begin = begin.ok_or_else(bad_cursor)?;
    let store = state.control.store.tenant(&tenant);
    let head = store.pack(&PackKey::head(&id, RecipeId::FIRST)).await?;
    let Some(head) = head else {
        if super::find(&state, &tenant, &id).await?.is_none() {
            return Err(no_run(&id).into());
        }
        if begin > 0 {
            return Err(bad_cursor());
        }
        return Ok(Json(List {
            items: Vec::new(),
            next_cursor: None,
        }));
    };
    let sizes = head.data::<DiscoveryData>()?.chunks;
    let total: usize = sizes.iter().map(|&size| as_usize(size)).sum();
    if begin > 0 && begin >= total {
        return Err(bad_cursor());
    }
    let end = begin.saturating_add(limit).min(total);
    let generation = head.generation.unwrap_or_default();
    let mut items = Vec::new();
    for part in parts(&sizes, begin, end) {
        let leads = chunk_leads(store.as_ref(), &id, &generation, part.chunk).await?;
        items.extend(leads.into_iter().skip(part.skip).take(part.take));
    }
    Ok(Json(List {
        items,
        next_cursor: (end < total).then(|| encode(&id, end)),
    }))
}

/// What of a chunk belongs to a page.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    chunk: u32,
    skip: usize,
    take: usize,
}

/// The parts that hold the leads from `begin` up to and without `end`: chunks are cut from the list,
/// best first.
fn parts(sizes: &[u32], begin: usize, end: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut first = 0_usize;
    for (chunk, &size) in (0..).zip(sizes) {
        let next = first.saturating_add(as_usize(size));
        let from = begin.max(first);
        let to = end.min(next);
        if from < to {
            parts.push(Part {
                chunk,
                skip: from - first,
                take: to - from,
            });
        }
        first = next;
    }
    parts
}

fn as_usize(size: u32) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX)
}

/// A cursor names its run, so that one of another run opens nothing.
fn encode(id: &ExecutionId, begin: usize) -> String {
    URL_SAFE_NO_PAD.encode(format!("{id}#{begin}"))
}

fn decode(id: &ExecutionId, cursor: &str) -> Option<usize> {
    let text = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let text = String::from_utf8(text).ok()?;
    let begin = text.strip_prefix(id.as_str())?.strip_prefix('#')?;
    let plain = begin.bytes().all(|byte| byte.is_ascii_digit());
    begin.parse().ok().filter(|begin| plain && *begin > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_cover_every_lead_once() {
        let sizes = [3, 1, 0, 4];
        for limit in 1..=9 {
            let mut seen = Vec::new();
            for begin in (0..8).step_by(limit) {
                for part in parts(&sizes, begin, (begin + limit).min(8)) {
                    let chunk = part.chunk;
                    seen.extend((part.skip..part.skip + part.take).map(|at| (chunk, at)));
                }
            }
            let all = (0..)
                .zip(sizes)
                .flat_map(|(c, size)| (0..as_usize(size)).map(move |at| (c, at)));
            assert_eq!(seen, all.collect::<Vec<_>>(), "pages of {limit}");
        }
        assert_eq!(parts(&[], 0, 10), []);
    }

    #[test]
    fn cursors_belong_to_one_run() {
        let (one, other) = (
            ExecutionId::new("exec_1").unwrap(),
            ExecutionId::new("exec_2").unwrap(),
        );
        let cursor = encode(&one, 25);
        assert_eq!(decode(&one, &cursor), Some(25));
        assert_eq!(decode(&other, &cursor), None);
        for text in [
            "exec_1#0",
            "exec_1#-1",
            "exec_1#+1",
            "exec_1#",
            "exec_1#99999999999999999999",
            "exec_1",
        ] {
            assert_eq!(decode(&one, &URL_SAFE_NO_PAD.encode(text)), None, "{text}");
        }
        assert_eq!(decode(&one, "not base64!"), None);
    }
}
