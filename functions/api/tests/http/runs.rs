//! Runs through the API.

use std::sync::atomic::Ordering;

use hunter_contracts::{ExecutionId, TenantId};
use hunter_core::ports::{ExecutionState, execution_name};
use serde_json::{Value, json};

use crate::fixture::{ADA, BOB, Fixture};

fn body() -> Value {
    json!({"agent_id": "agent_1", "request": {"target": {"keywords": ["dentists"]}}})
}

async fn start(
    fixture: &Fixture,
    tenant: &str,
    key: &str,
    body: Value,
) -> crate::fixture::Answered {
    let key = [("idempotency-key", key)];
    fixture
        .ask_with(tenant, "POST /v1/runs", &key, Some(body))
        .await
}

fn set_state(fixture: &Fixture, id: &str, state: ExecutionState) {
    let name = execution_name(&TenantId::new(ADA).unwrap(), &ExecutionId::new(id).unwrap());
    let mut executions = fixture.cloud.engine.executions.lock().unwrap();
    executions.get_mut(&name).unwrap().1 = state;
}

#[tokio::test]
async fn a_run_is_started_once_per_key() {
    let fixture = Fixture::start().await;
    let five = (0..5).map(|_| start(&fixture, ADA, "key-1", body()));
    let answers = futures::future::join_all(five).await;
    let ids: Vec<Value> = answers
        .iter()
        .map(|a| a.json()["execution_id"].clone())
        .collect();
    assert!(answers.iter().all(|answer| answer.status == 202));
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(fixture.cloud.engine.executions.lock().unwrap().len(), 1);
    let path = format!("/v1/runs/{}", ids[0].as_str().unwrap());
    assert_eq!(answers[0].header("location"), path);
    assert_eq!(answers[0].json()["status"], "starting");

    let again = start(&fixture, ADA, "key-1", json!({"agent_id": "agent_1"})).await;
    assert!(again.problem(422).contains("other content"));
    let other = start(&fixture, ADA, "key-2", body()).await;
    assert_ne!(other.json()["execution_id"], ids[0]);
    let keyless = fixture.ask(ADA, "POST /v1/runs", Some(body())).await;
    let another = fixture.ask(ADA, "POST /v1/runs", Some(body())).await;
    assert_ne!(
        keyless.json()["execution_id"],
        another.json()["execution_id"]
    );
    // The same key of another customer is another key.
    fixture.cloud.seed(BOB).await;
    let bobs = start(&fixture, BOB, "key-1", body()).await;
    assert_ne!(bobs.json()["execution_id"], ids[0]);
}

#[tokio::test]
async fn what_cannot_run_is_not_started() {
    let fixture = Fixture::start().await;
    for (body, status, problem) in [
        (json!({"agent_id": "agent_9"}), 404, "names no agent"),
        (
            json!({"agent_id": "agent_1", "request": {"target": {"keywords": []}}}),
            422,
            "`keywords` is empty",
        ),
        (
            json!({"agent_id": "agent_1", "request": {"target": {"keywords": ["a"], "source": "file:/etc/passwd"}}}),
            422,
            "names a file",
        ),
        (
            json!({"agent_id": "agent_1", "request": {"target": {"keywords": ["a"], "source": " FILE:x"}}}),
            422,
            "`source` is no source",
        ),
        (
            json!({"agent_id": "agent_1", "request": {"threshold": 2}}),
            400,
            "`request.threshold`",
        ),
        (json!({"agent_id": "a#b"}), 400, "`agent_id`"),
        (
            json!({"agent_id": "agent_1", "close_only": true}),
            400,
            "unknown field `close_only`",
        ),
        (
            json!({"agent_id": "agent_1", "customer_id": "cust_bob"}),
            400,
            "unknown field `customer_id`",
        ),
        (json!({}), 400, "missing field `agent_id`"),
    ] {
        let detail = fixture
            .ask(ADA, "POST /v1/runs", Some(body.clone()))
            .await
            .problem(status);
        assert!(detail.contains(problem), "{body}: {detail}");
    }
    let long = "k".repeat(256);
    for key in ["", "a b", &long] {
        start(&fixture, ADA, key, body()).await.problem(400);
    }
    assert!(fixture.cloud.engine.executions.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_run_shows_how_far_it_is() {
    let fixture = Fixture::start().await;
    let run = fixture.ask(ADA, "GET /v1/runs/exec_1", None).await.json();
    assert_eq!(run["status"], "running");
    assert_eq!(run["target"]["location"], "Berlin");
    let stage = |n: usize, done: u64, total: u64, leads: u64, credits: f64| {
        let found = &run["progress"][n];
        let seen = (
            &found["chunks_done"],
            &found["chunks_total"],
            &found["leads"],
        );
        assert_eq!(
            seen,
            (&json!(done), &json!(total), &json!(leads)),
            "{found}"
        );
        assert_eq!(found["credits"], json!(credits), "{found}");
    };
    stage(0, 1, 1, 4, 0.18);
    stage(1, 1, 2, 2, 0.04);
    assert_eq!(run["progress"][2]["chunks_done"], 0);
    assert_eq!(run["progress"][4]["recipe_id"], "subscription");
    let list = fixture.ask(ADA, "GET /v1/runs", None).await.json();
    assert_eq!(list["items"][0]["execution_id"], "exec_1");
    assert!(list.get("next_cursor").is_none());
}

#[tokio::test]
async fn a_refused_run_says_why() {
    let fixture = Fixture::start().await;
    let started = start(&fixture, ADA, "key-1", body()).await.json();
    let id = started["execution_id"].as_str().unwrap();
    let call = format!("GET /v1/runs/{id}");
    let run = fixture.ask(ADA, &call, None).await.json();
    assert_eq!(
        (&run["status"], &run["requested_at"]),
        (&json!("starting"), &json!("2026-11-22T10:00:00Z"))
    );
    let refused = ExecutionState::Failed {
        error: "INSUFFICIENT_CREDITS".into(),
        cause: "the run can cost 16.00".into(),
    };
    set_state(&fixture, id, refused);
    let run = fixture.ask(ADA, &call, None).await.json();
    assert_eq!(run["status"], "failed");
    assert_eq!(run["error_code"], "INSUFFICIENT_CREDITS");
    assert_eq!(run["reason"], "the run can cost 16.00");
    // The same key is answered with the run that failed; stopping it changes nothing.
    let again = start(&fixture, ADA, "key-1", body()).await;
    assert_eq!(again.json()["status"], "failed");
    let stopped = fixture
        .ask(ADA, &format!("DELETE /v1/runs/{id}"), None)
        .await;
    assert_eq!(
        (stopped.status, &stopped.json()["status"]),
        (202, &json!("failed"))
    );
    assert_eq!(fixture.cloud.engine.executions.lock().unwrap().len(), 1);
    let leads = fixture
        .ask(ADA, &format!("GET /v1/runs/{id}/leads"), None)
        .await;
    assert_eq!(leads.json(), json!({"items": []}));
}

#[tokio::test]
async fn a_run_is_stopped() {
    let fixture = Fixture::start().await;
    let started = start(&fixture, ADA, "key-1", body()).await.json();
    let id = started["execution_id"].as_str().unwrap();
    for _ in 0..2 {
        let stopped = fixture
            .ask(ADA, &format!("DELETE /v1/runs/{id}"), None)
            .await;
        assert_eq!(stopped.status, 202, "{}", stopped.text);
        assert_eq!(stopped.json()["agent_id"], "agent_1");
    }
    {
        let executions = fixture.cloud.engine.executions.lock().unwrap();
        let closing: Vec<bool> = executions
            .values()
            .map(|(run, _)| run.close_only.is_some())
            .collect();
        assert_eq!(
            closing.iter().filter(|closing| **closing).count(),
            1,
            "{closing:?}"
        );
        assert!(
            executions
                .values()
                .any(|(_, state)| *state == ExecutionState::Aborted)
        );
    }
    // One that no control plane has started: its record says what it is.
    let stopped = fixture.ask(ADA, "DELETE /v1/runs/exec_1", None).await;
    assert_eq!(stopped.status, 202, "{}", stopped.text);
    assert_eq!(fixture.cloud.engine.executions.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn leads_come_best_first_in_pages() {
    let fixture = Fixture::start().await;
    for limit in 1..=5 {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let call = format!("GET /v1/runs/exec_1/leads?limit={limit}{cursor}");
            let page = fixture.ask(ADA, &call, None).await.json();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= limit);
            seen.extend(
                items
                    .iter()
                    .map(|lead| (lead["id"].clone(), lead["name"].clone())),
            );
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let expected = [
            ("lead_1", "enriched"),
            ("lead_2", "enriched"),
            ("lead_3", "found"),
            ("lead_4", "found"),
        ];
        let expected: Vec<_> = expected.map(|(id, name)| (json!(id), json!(name))).into();
        assert_eq!(seen, expected, "pages of {limit}");
    }
}

#[tokio::test]
async fn who_is_away_is_said() {
    let fixture = Fixture::start().await;
    fixture.cloud.engine.away.store(true, Ordering::Relaxed);
    for (call, body) in [
        ("POST /v1/runs", Some(body())),
        ("DELETE /v1/runs/exec_1", None),
        (
            "PUT /v1/agents/agent_1/schedule",
            Some(json!({"expression": "rate(1 day)"})),
        ),
    ] {
        let answer = fixture.ask(ADA, call, body).await;
        answer.problem(503);
        assert_eq!(answer.header("retry-after"), "5");
    }
    fixture.cloud.server.stop();
    for call in [
        "GET /v1/runs",
        "GET /v1/drafts/outreach_1",
        "GET /v1/subscription",
    ] {
        let answer = fixture.ask(ADA, call, None).await;
        answer.problem(503);
        assert_eq!(answer.header("retry-after"), "5", "{call}");
    }
}
