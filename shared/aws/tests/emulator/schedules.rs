//! Schedules on EventBridge Scheduler.

use aws_sdk_scheduler::{Client, operation::get_schedule::GetScheduleOutput, types::ScheduleState};
use hunter_aws::scheduler::schedule_name;
use hunter_contracts::{AgentId, AgentSchedule, ErrorCode, ScheduleTick, TenantId};
use hunter_core::{
    ports::Schedules,
    test_support::suites::{self, schedule, tenant},
};

use crate::emulator::Emulator;

const TARGET: &str = "arn:aws:lambda:us-east-1:000000000000:function:trigger";
const ROLE: &str = "arn:aws:iam::000000000000:role/schedules";
const DEAD: &str = "arn:aws:sqs:us-east-1:000000000000:dead";

/// An emulator and the name of a group that is not made yet.
fn with_group() -> (Emulator, String) {
    let mut emulator = Emulator::get();
    let group = emulator.name("agents");
    emulator.set("HUNTER_SCHEDULE_GROUP", &group);
    emulator.set("HUNTER_SCHEDULE_TARGET_ARN", TARGET);
    emulator.set("HUNTER_SCHEDULE_ROLE_ARN", ROLE);
    emulator.set("HUNTER_SCHEDULE_DEAD_LETTER_ARN", DEAD);
    (emulator, group)
}

async fn make_group(emulator: &Emulator, group: &str) {
    let create = Client::new(&emulator.sdk()).create_schedule_group();
    create.name(group).send().await.unwrap();
}

async fn standing(
    client: &Client,
    group: &str,
    tenant: &TenantId,
    agent: &AgentId,
) -> Option<GetScheduleOutput> {
    let get = client.get_schedule().group_name(group);
    let found = get.name(schedule_name(tenant, agent)).send().await;
    match found {
        Ok(found) => Some(found),
        Err(error) => {
            let missing = error.into_service_error();
            assert!(missing.is_resource_not_found_exception(), "{missing:?}");
            None
        }
    }
}

#[tokio::test]
async fn scheduler_passes_the_schedules_suite() {
    let (emulator, group) = with_group();
    make_group(&emulator, &group).await;
    let client = Client::new(&emulator.sdk());
    let schedules = emulator.aws().schedules().unwrap();
    let kept = async |tenant: &TenantId, agent: &AgentId| {
        let found = standing(&client, &group, tenant, agent).await?;
        Some(AgentSchedule {
            enabled: found.state() == Some(&ScheduleState::Enabled),
            expression: found.schedule_expression?,
            timezone: found.schedule_expression_timezone?,
        })
    };
    suites::schedules(&schedules, kept).await;
}

#[tokio::test]
async fn a_schedule_calls_the_trigger_with_a_tick() {
    let (emulator, group) = with_group();
    make_group(&emulator, &group).await;
    let schedules = emulator.aws().schedules().unwrap();
    let agent = AgentId::new("agent_1").unwrap();
    // Once made, once replaced: both have all of it.
    for expression in ["rate(1 day)", "rate(2 days)"] {
        let wanted = schedule(expression, true);
        schedules.put(&tenant(), &agent, &wanted).await.unwrap();
        let client = Client::new(&emulator.sdk());
        let found = standing(&client, &group, &tenant(), &agent).await.unwrap();
        assert_eq!(found.flexible_time_window.unwrap().mode.as_str(), "OFF");
        let target = found.target.unwrap();
        assert_eq!(
            (target.arn.as_str(), target.role_arn.as_str()),
            (TARGET, ROLE)
        );
        assert_eq!(target.dead_letter_config.unwrap().arn.unwrap(), DEAD);
        let retries = target.retry_policy.unwrap();
        assert_eq!(retries.maximum_event_age_in_seconds, Some(3600));
        let input = target.input.unwrap();
        let input = input.replace("<aws.scheduler.scheduled-time>", "2026-03-01T08:00:00Z");
        let tick: ScheduleTick = serde_json::from_str(&input).unwrap();
        assert_eq!((tick.customer_id, tick.agent_id), (tenant(), agent.clone()));
    }
}

#[tokio::test]
async fn a_group_that_is_not_there_is_a_matter_of_configuration() {
    let (emulator, _) = with_group();
    let schedules = emulator.aws().schedules().unwrap();
    let agent = AgentId::new("agent_1").unwrap();
    let wanted = schedule("rate(1 day)", true);
    let put = schedules.put(&tenant(), &agent, &wanted).await;
    let failure = put.unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidConfiguration, "{failure}");
}
