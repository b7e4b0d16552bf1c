//! Agents: their configuration, and when they run by themselves.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use hunter_contracts::{AgentConfig, AgentId, AgentSchedule, DiscoveryPayload};
use hunter_core::{recipe::validate_agent, rules::ScheduleExpression};
use jiff::Timestamp;
use serde_json::json;

use crate::{
    AgentStored, ApiState, ScheduleView,
    auth::Tenant,
    body::Body,
    operation::operation,
    problem::{Answer, Refusal},
    query::PathId,
};

fn no_agent(id: &AgentId) -> Refusal {
    Refusal::not_found(format!("`{id}` names no agent of this customer"))
}

/// A server's own files are not the customer's: the command line reads files of its user.
pub(crate) fn check_source(target: Option<&DiscoveryPayload>, field: &str) -> Answer<()> {
    let source = target.and_then(|target| target.source.as_deref());
    match source {
        Some(source) if source.starts_with("file:") => Err(Refusal::unprocessable(format!(
            "`{field}.source` names a file: use `google_places`, `overpass` or `web_search`, or \
             leave it out"
        ))),
        _ => Ok(()),
    }
}

operation! {
    /// Show an agent's configuration
    GetAgent: GET "/v1/agents/{id}" => show,
    |operation| operation
        .id::<AgentId>("The agent.")
        .gives::<AgentConfig>(200, "The configuration.")
}

async fn show(
    Tenant(tenant): Tenant,
    State(state): State<ApiState>,
    PathId(id): PathId<AgentId>,
) -> Answer<Json<AgentConfig>> {
    let agent = state.control.store.tenant(&tenant).agent(&id).await?;
    agent.map(Json).ok_or_else(|| no_agent(&id))
}

operation! {
    /// Set an agent's configuration
    ///
    /// `agent_id` is the one of the path. Runs that are under way keep the configuration that they
    /// began with.
    PutAgent: PUT "/v1/agents/{id}" => put,
    |operation| operation
        .id::<AgentId>("The agent.")
        .body::<AgentConfig>(true, Some(json!({
            "agent_id": "agent_001",
            "name": "Dentists",
            "seller": {
                "company": "BrightChair",
                "offer": "help dental clinics win back lost patients",
                "ask": "Worth a short call next week?",
                "sender_name": "Ana Silva",
            },
            "target": {"keywords": ["dentists"], "location": "Salzburg"},
        })))
        .gives::<AgentStored>(200, "The agent has a new configuration.")
        .gives_with::<AgentStored>(
            201,
            "There is a new agent.",
            ("location", "Where the agent is shown."),
        )
}

async fn put(
    Tenant(tenant): Tenant,
    State(state): State<ApiState>,
    PathId(id): PathId<AgentId>,
    Body(agent): Body<AgentConfig>,
) -> Answer {
    if agent.agent_id != id {
        return Err(Refusal::unprocessable(format!(
            "`agent_id` is `{}` and the path says `{id}`: send the same",
            agent.agent_id
        )));
    }
    check_source(agent.target.as_ref(), "target")?;
    validate_agent(&agent)?;
    let version = state
        .control
        .store
        .tenant(&tenant)
        .put_agent(&agent)
        .await?;
    let stored = Json(AgentStored {
        agent_id: id.clone(),
        version,
    });
    if version == 1 {
        let location = [(header::LOCATION, format!("/v1/agents/{id}"))];
        return Ok((StatusCode::CREATED, location, stored).into_response());
    }
    Ok(stored.into_response())
}

operation! {
    /// Show when an agent runs by itself
    GetSchedule: GET "/v1/agents/{id}/schedule" => schedule,
    |operation| operation
        .id::<AgentId>("The agent.")
        .gives::<ScheduleView>(200, "The schedule.")
}

async fn schedule(
    Tenant(tenant): Tenant,
    State(state): State<ApiState>,
    PathId(id): PathId<AgentId>,
) -> Answer<Json<ScheduleView>> {
    let account = state.control.accounts.account(&tenant);
    let schedule = account.schedule(&id).await?.ok_or_else(|| {
        Refusal::not_found(format!(
            "`{id}` names no agent of this customer that has a schedule"
        ))
    })?;
    let next_at = next_at(&schedule, state.control.clock.now()).unwrap_or_default();
    Ok(Json(view(schedule, next_at)))
}

operation! {
    /// Set when an agent runs by itself
    ///
    /// Expressions are those of EventBridge Scheduler. A cron time that the change to summer time
    /// leaves out is left out; one that the change back repeats comes once.
    PutSchedule: PUT "/v1/agents/{id}/schedule" => put_schedule,
    |operation| operation
        .id::<AgentId>("The agent.")
        .body::<AgentSchedule>(true, Some(json!({
            "expression": "cron(0 8 ? * MON-FRI *)", "timezone": "Europe/Vienna",
        })))
        .gives::<ScheduleView>(200, "The schedule.")
}

async fn put_schedule(
    Tenant(tenant): Tenant,
    State(state): State<ApiState>,
    PathId(id): PathId<AgentId>,
    Body(schedule): Body<AgentSchedule>,
) -> Answer<Response> {
    let now = state.control.clock.now();
    let next_at = next_at(&schedule, now)?;
    let control = &state.control;
    // An agent that is not there is told before the timekeeper hears of it.
    let agent = control.store.tenant(&tenant).agent(&id).await?;
    agent.ok_or_else(|| no_agent(&id))?;
    control.put_schedule(&tenant, &id, &schedule).await?;
    Ok(Json(view(schedule, next_at)).into_response())
}

/// When a schedule is due next, where that can be told.
fn next_at(schedule: &AgentSchedule, now: Timestamp) -> Answer<Option<Timestamp>> {
    let expression = ScheduleExpression::parse(&schedule.expression, &schedule.timezone)?;
    let next = expression.next_after(now).ok_or_else(|| {
        Refusal::unprocessable(format!(
            "`expression` `{}` is never due again: name days that come",
            schedule.expression
        ))
    })?;
    let is_rate = schedule.expression.starts_with("rate");
    Ok((schedule.enabled && !is_rate).then_some(next))
}

fn view(schedule: AgentSchedule, next_at: Option<Timestamp>) -> ScheduleView {
    ScheduleView {
        expression: schedule.expression,
        timezone: schedule.timezone,
        enabled: schedule.enabled,
        next_at,
    }
}
