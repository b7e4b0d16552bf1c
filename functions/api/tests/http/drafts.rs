//! Drafts, agents, schedules and the account through the API.

use std::time::Duration;

use serde_json::json;

use crate::fixture::{ADA, Fixture};

#[tokio::test]
async fn a_draft_is_reviewed() {
    let fixture = Fixture::start().await;
    let draft = fixture.ask(ADA, "GET /v1/drafts/outreach_1", None).await;
    assert_eq!((draft.status, draft.header("etag")), (200, "\"1\""));
    let call = "PATCH /v1/drafts/outreach_1";
    let edit = json!({"text": "Hello again.", "version": 1});
    let edited = fixture.ask(ADA, call, Some(edit.clone())).await;
    assert_eq!(
        (edited.status, edited.header("etag")),
        (200, "\"2\""),
        "{}",
        edited.text
    );
    assert_eq!(edited.json()["original_message"], "Hello, we help clinics.");
    // The change was for version 1.
    fixture.ask(ADA, call, Some(edit)).await.problem(409);
    let subject = || Some(json!({"subject": "Hello"}));
    let old = [("if-match", "\"1\"")];
    fixture
        .ask_with(ADA, call, &old, subject())
        .await
        .problem(412);
    let current = [("if-match", "\"2\"")];
    assert_eq!(
        fixture
            .ask_with(ADA, call, &current, subject())
            .await
            .status,
        200
    );
    let any = [("if-match", "*")];
    assert_eq!(
        fixture.ask_with(ADA, call, &any, subject()).await.status,
        200
    );
    for bad in ["4", "\"x\"", "W/\"4\"", "\"1\", \"2\"", ""] {
        fixture
            .ask_with(ADA, call, &[("if-match", bad)], subject())
            .await
            .problem(412);
    }
    let one_of = [("if-match", "\"1\", \"4\"")];
    let differ = json!({"subject": "x", "version": 1});
    fixture
        .ask_with(ADA, call, &one_of, Some(differ))
        .await
        .problem(409);
    for (body, status) in [
        (json!({}), 422),
        (json!({"text": " "}), 422),
        (json!({"subject": "a\nb"}), 422),
        (json!({"status": "approved"}), 400),
        (json!({"version": -1, "text": "x"}), 400),
    ] {
        fixture.ask(ADA, call, Some(body)).await.problem(status);
    }
}

#[tokio::test]
async fn decisions_stand() {
    let fixture = Fixture::start().await;
    for _ in 0..2 {
        let approved = fixture
            .ask(ADA, "POST /v1/drafts/outreach_1/approve", None)
            .await;
        assert_eq!(approved.status, 200, "{}", approved.text);
        assert_eq!(approved.json()["job"]["status"], "approved");
    }
    fixture
        .ask(ADA, "POST /v1/drafts/outreach_1/reject", None)
        .await
        .problem(409);
    let reason = json!({"reason": "not our market"});
    let rejected = fixture
        .ask(ADA, "POST /v1/drafts/outreach_2/reject", Some(reason))
        .await;
    assert_eq!(rejected.json()["reason"], "not our market");
    let deferred = fixture
        .ask(
            ADA,
            "POST /v1/drafts/outreach_3/defer",
            Some(json!({"days": 30})),
        )
        .await;
    assert_eq!(
        deferred.json()["job"]["draft_expires_at"],
        "2026-12-22T10:00:00Z"
    );
    let days = |days: u32| Some(json!({ "days": days }));
    fixture
        .ask(ADA, "POST /v1/drafts/outreach_3/defer", days(91))
        .await
        .problem(422);
    fixture
        .ask(ADA, "POST /v1/drafts/outreach_3/defer", None)
        .await
        .problem(415);
    // A week later the fourth one has expired, and the third one has not.
    fixture.clock.advance(Duration::from_hours(24 * 7));
    fixture
        .ask(ADA, "POST /v1/drafts/outreach_4/approve", None)
        .await
        .problem(409);
    for (status, expected) in [
        ("approved", "outreach_1"),
        ("rejected", "outreach_2"),
        ("draft_pending_review", "outreach_3"),
        ("expired", "outreach_4"),
    ] {
        let call = format!("GET /v1/drafts?status={status}&run=exec_1");
        let page = fixture.ask(ADA, &call, None).await.json();
        let ids: Vec<_> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| &d["job"]["id"])
            .collect();
        assert_eq!(ids, [&json!(expected)], "{status}");
    }
}

#[tokio::test]
async fn an_agent_is_set_and_read() {
    let fixture = Fixture::start().await;
    let mut agent = fixture
        .ask(ADA, "GET /v1/agents/agent_1", None)
        .await
        .json();
    agent["name"] = json!("Other");
    let stored = fixture
        .ask(ADA, "PUT /v1/agents/agent_1", Some(agent.clone()))
        .await;
    assert_eq!(
        (stored.status, &stored.json()["version"]),
        (200, &json!(2)),
        "{}",
        stored.text
    );
    assert_eq!(
        fixture
            .ask(ADA, "GET /v1/agents/agent_1", None)
            .await
            .json(),
        agent
    );
    fixture
        .ask(ADA, "PUT /v1/agents/agent_2", Some(agent.clone()))
        .await
        .problem(422);
    agent["agent_id"] = json!("agent_2");
    let created = fixture
        .ask(ADA, "PUT /v1/agents/agent_2", Some(agent.clone()))
        .await;
    assert_eq!(
        (created.status, created.header("location")),
        (201, "/v1/agents/agent_2")
    );
    for (field, value, status, problem) in [
        ("execution_mode", json!("parallel"), 422, "`execution_mode`"),
        ("chunk_size", json!(0), 422, "`chunk_size`"),
        ("chunk_size", json!("x"), 400, "`chunk_size`"),
        ("seller", json!({"company": "x"}), 400, "`seller`"),
        (
            "target",
            json!({"keywords": ["a"], "source": "file:x"}),
            422,
            "names a file",
        ),
        ("password", json!("x"), 400, "unknown field `password`"),
    ] {
        let mut bad = agent.clone();
        bad[field] = value;
        let detail = fixture
            .ask(ADA, "PUT /v1/agents/agent_2", Some(bad))
            .await
            .problem(status);
        assert!(detail.contains(problem), "{field}: {detail}");
    }
}

#[tokio::test]
async fn a_schedule_is_set_and_read() {
    let fixture = Fixture::start().await;
    let call = "PUT /v1/agents/agent_1/schedule";
    let schedule = json!({"expression": "cron(30 8 ? * MON *)", "timezone": "Europe/Vienna"});
    let set = fixture.ask(ADA, call, Some(schedule)).await;
    assert_eq!(
        set.json()["next_at"],
        "2026-11-23T07:30:00Z",
        "{}",
        set.text
    );
    let read = fixture
        .ask(ADA, "GET /v1/agents/agent_1/schedule", None)
        .await;
    assert_eq!(read.json(), set.json());
    for (body, status, problem) in [
        (json!({"expression": "daily"}), 422, "`expression`"),
        (
            json!({"expression": "at(2027-01-01T00:00:00)"}),
            422,
            "one time only",
        ),
        (
            json!({"expression": "cron(0 8 * * ? 2020)"}),
            422,
            "never due again",
        ),
        (
            json!({"expression": "rate(1 day)", "timezone": "Mars"}),
            422,
            "`timezone`",
        ),
        (json!({"expression": 1}), 400, "`expression`"),
        (
            json!({"timezone": "UTC"}),
            400,
            "missing field `expression`",
        ),
    ] {
        let detail = fixture
            .ask(ADA, call, Some(body.clone()))
            .await
            .problem(status);
        assert!(detail.contains(problem), "{body}: {detail}");
    }
    let rate = json!({"expression": "rate(1 day)", "enabled": false});
    fixture
        .ask(ADA, "PUT /v1/agents/agent_9/schedule", Some(rate.clone()))
        .await
        .problem(404);
    assert_eq!(fixture.cloud.engine.schedules.lock().unwrap().len(), 1);
    assert!(
        fixture
            .ask(ADA, call, Some(rate))
            .await
            .json()
            .get("next_at")
            .is_none()
    );
}

#[tokio::test]
async fn the_account_is_shown() {
    let fixture = Fixture::start().await;
    let account = fixture.ask(ADA, "GET /v1/subscription", None).await.json();
    assert_eq!(account["plan"]["plan_id"], "professional");
    assert_eq!(
        account["balance"],
        json!({"avail": 100, "held": 0, "spent": 0})
    );
    assert_eq!(
        (&account["cycle"], &account["api_calls_remaining"]),
        (&json!("2026-11"), &json!(10_000))
    );
    let first = fixture
        .ask(ADA, "GET /v1/alerts?limit=1", None)
        .await
        .json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = fixture
        .ask(
            ADA,
            &format!("GET /v1/alerts?limit=1&cursor={cursor}"),
            None,
        )
        .await
        .json();
    assert_ne!(first["items"][0]["id"], second["items"][0]["id"]);
    assert!(second.get("next_cursor").is_none());
}
