//! What all answers share: the request's id, problems written out, headers, one line in the log.

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use hunter_contracts::{ErrorCode, Status};
use tracing::Instrument;

use crate::{ApiState, problem::Refusal};

pub(crate) const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// Answers hold one customer's data, are not for other sites, and are not documents to render.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
];

/// Wraps every route. The code of a failure stands in the response's extensions, for metrics.
pub(crate) async fn finish(
    State(state): State<ApiState>,
    request: Request,
    next: Next,
) -> Response {
    let clock = &state.control.clock;
    let began = clock.now();
    let id = request_id(&state, request.headers());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>();
    // The route, not the path: that would put ids of every form into the log.
    let route = route.map_or("unknown", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!(
        "request",
        request_id = %id,
        tenant = tracing::field::Empty,
        execution_id = tracing::field::Empty,
    );
    let mut response = next.run(request).instrument(span.clone()).await;
    let refusal = response.extensions_mut().remove::<Refusal>();
    if let Some(refusal) = &refusal {
        write_problem(&mut response, refusal, &id);
        response.extensions_mut().insert(refusal.for_log().0);
    }
    let headers = response.headers_mut();
    for (name, value) in SECURITY_HEADERS {
        headers.insert(name, value);
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    let status = response.status();
    let duration_ms = clock.now().duration_since(began).as_millis();
    let (status_code, code) = (status.as_u16(), refusal.as_ref().map(Refusal::for_log));
    span.in_scope(|| match code {
        Some((code, detail)) if status.is_server_error() => {
            tracing::error!(%method, route, status = status_code, %code, detail, duration_ms, "failed");
        }
        Some((code, _)) => {
            tracing::info!(%method, route, status = status_code, %code, duration_ms, "refused");
        }
        None => tracing::info!(%method, route, status = status_code, duration_ms, "answered"),
    });
    response
}

/// How a request ended, for metrics: only a failure of ours is one.
pub fn outcome<E>(answer: &Result<Response, E>) -> (Status, Option<ErrorCode>) {
    match answer {
        Ok(answer) if !answer.status().is_server_error() => {
            (Status::Success, answer.extensions().get().copied())
        }
        Ok(answer) => (Status::Failed, answer.extensions().get().copied()),
        Err(_) => (Status::Failed, Some(ErrorCode::Internal)),
    }
}

fn write_problem(response: &mut Response, refusal: &Refusal, id: &str) {
    let body = serde_json::to_vec(&refusal.problem(id)).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, PROBLEM_JSON);
    headers.remove(header::CONTENT_LENGTH);
    *response.body_mut() = body.into();
}

/// The id of the trace where there is one (API Gateway sets it), else a new one.
fn request_id(state: &ApiState, headers: &HeaderMap) -> String {
    let trace = headers.get(TRACE_ID).and_then(|value| value.to_str().ok());
    let root = trace.and_then(|trace| trace.split(';').find_map(|part| part.strip_prefix("Root=")));
    let hex = |c: char| c.is_ascii_hexdigit() || c == '-';
    match root.filter(|root| (1..=64).contains(&root.len()) && root.chars().all(hex)) {
        Some(root) => root.to_owned(),
        None => {
            let control = &state.control;
            let fresh = control.ids.execution_id(control.clock.now()).to_string();
            format!("req_{}", fresh.strip_prefix("exec_").unwrap_or(&fresh))
        }
    }
}

/// Nothing stands at this path.
pub(crate) async fn unknown_path() -> Refusal {
    Refusal::not_found("nothing stands at this path: `/v1/openapi.json` lists what there is")
}

/// Something stands at this path, for other methods; `allow` names them.
pub(crate) async fn wrong_method() -> Refusal {
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::InvalidInput,
        "this path does not take this method: the header `allow` names those that it takes",
    )
}
