//! The customer's HTTP API: one router, behind API Gateway and on one machine.
//!
//! Every request but the public ones carries a verified token, and the tenant comes from it alone
//! ([`TokenVerifier`]). A handler sees one tenant's store, so an id of somebody else's is an id that
//! does not exist. Failures are RFC 9457 problems ([`Problem`]). What an operation takes and gives
//! stands at its handler; one list of them (`routes`) is what the router and the OpenAPI document
//! are made from.

mod account;
mod agents;
mod answer;
mod auth;
mod body;
mod drafts;
mod operation;
mod pages;
mod problem;
mod query;
mod routes;
mod runs;
mod state;
mod views;

pub use answer::outcome;
pub use auth::{JwtSettings, JwtVerifier, KeySet, TokenError, TokenVerifier};
pub use problem::Problem;
pub use routes::openapi;
pub use state::ApiState;
pub use views::{
    AgentStored, Healthy, List, RunAccepted, RunDetail, RunState, RunSummary, ScheduleView,
    StageProgress, StartRunBody, SubscriptionView,
};

use axum::{Router, extract::DefaultBodyLimit, middleware};

/// The largest body of a request, in bytes.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// How deep the JSON of a request may nest.
pub const JSON_DEPTH_MAX: usize = 32;
/// The most entries of a page.
pub const LIMIT_MAX: usize = 100;

/// The API's router. It answers every request; no handler panics.
pub fn router(state: ApiState) -> Router {
    routes::mount(Router::new())
        .fallback(answer::unknown_path)
        .method_not_allowed_fallback(answer::wrong_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            answer::finish,
        ))
        .with_state(state)
}
