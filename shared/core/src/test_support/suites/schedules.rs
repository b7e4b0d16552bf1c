//! The suite of [`Schedules`].

use hunter_contracts::{AgentId, AgentSchedule, ErrorCode, TenantId};

use super::{other_tenant, tenant};
use crate::ports::Schedules;

/// A schedule in Vienna's time.
#[must_use]
pub fn schedule(expression: &str, enabled: bool) -> AgentSchedule {
    AgentSchedule {
        expression: expression.into(),
        timezone: "Europe/Vienna".into(),
        enabled,
    }
}

/// Everything. `kept` answers the schedule that stands for an agent.
pub async fn schedules(
    schedules: &dyn Schedules,
    kept: impl AsyncFn(&TenantId, &AgentId) -> Option<AgentSchedule>,
) {
    let (one, two) = (tenant(), other_tenant());
    // Long ones are alike in more characters than Scheduler's names may have.
    let long = "x".repeat(85);
    let agents = [
        AgentId::derived("agent", "1"),
        AgentId::derived("agent", &long),
        AgentId::derived("agent", &format!("{long}y")),
    ];
    for agent in &agents {
        assert_eq!(kept(&one, agent).await, None);
        for wanted in [
            schedule("cron(0 8 ? * MON-FRI *)", true),
            schedule("rate(1 day)", true),
            schedule("rate(2 hours)", false),
            schedule("cron(15 10 L * ? 2026-2030)", true),
        ] {
            for _ in 0..2 {
                schedules.put(&one, agent, &wanted).await.unwrap();
                assert_eq!(kept(&one, agent).await, Some(wanted.clone()));
            }
        }
        assert_eq!(kept(&two, agent).await, None, "another tenant's");
    }
    let [agent, ..] = &agents;
    let theirs = schedule("rate(3 days)", true);
    schedules.put(&two, agent, &theirs).await.unwrap();
    refusals(schedules, agent).await;
    let before = Some(schedule("cron(15 10 L * ? 2026-2030)", true));
    assert_eq!(kept(&one, agent).await, before);
    assert_eq!(kept(&two, agent).await, Some(theirs));
}

async fn refusals(schedules: &dyn Schedules, agent: &AgentId) {
    for expression in [
        "",
        "every day",
        "rate(1 days",
        "rate(0 days)",
        "rate(-1 days)",
        "rate(1 fortnight)",
        "rate(day)",
        "cron(0 8 * * *)",
        "cron()",
        "at(2026-12-24T18:00:00)",
    ] {
        let refused = schedules
            .put(&tenant(), agent, &schedule(expression, true))
            .await;
        let failure = refused.unwrap_err();
        assert_eq!(failure.code, ErrorCode::InvalidInput, "{expression}");
    }
    let nowhere = AgentSchedule {
        timezone: "Mars Phobos".into(),
        ..schedule("rate(1 day)", true)
    };
    let failure = schedules.put(&tenant(), agent, &nowhere).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidInput, "{failure}");
}
