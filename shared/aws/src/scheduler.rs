//! Agents' schedules on EventBridge Scheduler: one schedule per agent, whose target is the trigger
//! function.

use async_trait::async_trait;
use aws_sdk_scheduler::{
    Client,
    error::BuildError,
    types::{
        DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode, RetryPolicy, ScheduleState,
        Target,
    },
};
use hunter_contracts::{AgentId, AgentSchedule, ErrorCode, RecipeFailure, TenantId};
use hunter_core::{ports::Schedules, recipe::derived_key, rules::ScheduleExpression};
use serde_json::json;

use crate::failure::{Codes, code, failure};

/// What Scheduler replaces by the time that a schedule meant, as in `2026-03-22T18:59:43Z`: the same
/// in every delivery of a tick.
/// Source: <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html>.
const SCHEDULED_TIME: &str = "<aws.scheduler.scheduled-time>";
/// How long a tick is delivered late rather than not at all, in seconds.
const TICK_AGE_MAX_S: i32 = 3600;
/// How often a tick is delivered again when the trigger function refuses it.
const TICK_RETRIES_MAX: i32 = 10;

/// Source: <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html>.
const CODES: &Codes = &[
    ("ConflictException", ErrorCode::Conflict),
    // The group; a schedule that is missing is created.
    ("ResourceNotFoundException", ErrorCode::InvalidConfiguration),
    ("ServiceQuotaExceededException", ErrorCode::LimitExceeded),
];

/// Where schedules are kept and what they call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleTarget {
    /// The group that holds the schedules.
    pub group: String,
    /// The trigger function.
    pub target_arn: String,
    /// The role that Scheduler calls it with.
    pub role_arn: String,
    /// The queue for ticks that could not be delivered.
    pub dead_letter_arn: String,
}

/// The schedules of all tenants' agents.
#[derive(Debug, Clone)]
pub struct AwsSchedules {
    client: Client,
    target: ScheduleTarget,
}

impl AwsSchedules {
    /// Schedules in a group, with one target.
    #[must_use]
    pub const fn new(client: Client, target: ScheduleTarget) -> Self {
        Self { client, target }
    }

    fn target(&self, tenant: &TenantId, agent: &AgentId) -> Result<Target, BuildError> {
        Target::builder()
            .arn(&self.target.target_arn)
            .role_arn(&self.target.role_arn)
            .input(tick(tenant, agent))
            .retry_policy(
                RetryPolicy::builder()
                    .maximum_event_age_in_seconds(TICK_AGE_MAX_S)
                    .maximum_retry_attempts(TICK_RETRIES_MAX)
                    .build(),
            )
            .dead_letter_config(
                DeadLetterConfig::builder()
                    .arn(&self.target.dead_letter_arn)
                    .build(),
            )
            .build()
    }

    /// Replaces a schedule; `false` where there is none.
    async fn update(&self, wanted: &Wanted<'_>) -> Result<bool, RecipeFailure> {
        let request = self
            .client
            .update_schedule()
            .name(&wanted.name)
            .group_name(&self.target.group)
            .schedule_expression(&wanted.schedule.expression)
            .schedule_expression_timezone(&wanted.schedule.timezone)
            .state(wanted.state())
            .flexible_time_window(wanted.window.clone())
            .target(wanted.target.clone());
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if code(&error) == "ResourceNotFoundException" => Ok(false),
            Err(error) => Err(failure("Scheduler UpdateSchedule", CODES, &error)),
        }
    }

    /// Makes a schedule; `false` where there is one.
    async fn create(&self, wanted: &Wanted<'_>) -> Result<bool, RecipeFailure> {
        let request = self
            .client
            .create_schedule()
            .name(&wanted.name)
            .group_name(&self.target.group)
            .schedule_expression(&wanted.schedule.expression)
            .schedule_expression_timezone(&wanted.schedule.timezone)
            .state(wanted.state())
            .flexible_time_window(wanted.window.clone())
            .target(wanted.target.clone());
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if code(&error) == "ConflictException" => Ok(false),
            Err(error) => Err(failure("Scheduler CreateSchedule", CODES, &error)),
        }
    }
}

struct Wanted<'a> {
    name: String,
    schedule: &'a AgentSchedule,
    window: FlexibleTimeWindow,
    target: Target,
}

impl Wanted<'_> {
    const fn state(&self) -> ScheduleState {
        if self.schedule.enabled {
            ScheduleState::Enabled
        } else {
            ScheduleState::Disabled
        }
    }
}

/// The name of an agent's schedule: unique over all tenants, and within the 64 characters
/// `A-Z a-z 0-9 - _ .` that Scheduler takes.
#[must_use]
pub fn schedule_name(tenant: &TenantId, agent: &AgentId) -> String {
    let key = derived_key(&[tenant.as_str(), agent.as_str()]);
    let readable: String = agent.as_str().chars().take(40).collect();
    format!("{readable}-{}", key.get(..20).unwrap_or(&key))
}

/// A [`hunter_contracts::ScheduleTick`] whose time is filled in on delivery.
fn tick(tenant: &TenantId, agent: &AgentId) -> String {
    json!({
        "customer_id": tenant,
        "agent_id": agent,
        "scheduled_time": SCHEDULED_TIME,
    })
    .to_string()
}

#[async_trait]
impl Schedules for AwsSchedules {
    async fn put(
        &self,
        tenant: &TenantId,
        agent: &AgentId,
        schedule: &AgentSchedule,
    ) -> Result<(), RecipeFailure> {
        ScheduleExpression::parse(&schedule.expression, &schedule.timezone)?;
        let wanted = Wanted {
            name: schedule_name(tenant, agent),
            schedule,
            window: FlexibleTimeWindow::builder()
                .mode(FlexibleTimeWindowMode::Off)
                .build()
                .map_err(RecipeFailure::defect)?,
            target: self.target(tenant, agent).map_err(RecipeFailure::defect)?,
        };
        // Whoever made it between the two is overtaken by the last update.
        if self.update(&wanted).await?
            || self.create(&wanted).await?
            || self.update(&wanted).await?
        {
            return Ok(());
        }
        Err(RecipeFailure::new(
            ErrorCode::Conflict,
            format!("the schedule of `{agent}` is being changed by somebody else: try again"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use hunter_contracts::ScheduleTick;

    use super::*;

    #[test]
    fn names_of_schedules_fit_and_differ() {
        let long = "x.".repeat(48);
        let name = |tenant: &str, agent: &str| {
            let tenant = TenantId::new(tenant).unwrap();
            schedule_name(&tenant, &AgentId::new(agent).unwrap())
        };
        let names = [name("a", "b"), name("c", "b"), name("a", &long)];
        assert!(names[0].starts_with("b-") && names[0] != names[1]);
        assert!(names.iter().all(|name| name.len() <= 64), "{names:?}");
    }

    #[test]
    fn the_input_is_a_tick_once_its_time_is_filled_in() {
        let (tenant, agent) = (
            TenantId::derived("cust", "1"),
            AgentId::derived("agent", "1"),
        );
        let sent = tick(&tenant, &agent).replace(SCHEDULED_TIME, "2026-03-22T18:59:43Z");
        let read: ScheduleTick = serde_json::from_str(&sent).unwrap();
        assert_eq!((read.customer_id, read.agent_id), (tenant, agent));
        assert_eq!(read.scheduled_time.to_string(), "2026-03-22T18:59:43Z");
    }
}
