//! What is another customer's is not there.

use serde_json::{Value, json};

use crate::{
    fixture::{ADA, Answered, BOB, Fixture},
    operations::{self, Operation},
};

pub fn body(operation: &Operation, agent: &str) -> Option<Value> {
    Some(match operation.id.as_str() {
        "StartRun" => json!({ "agent_id": agent }),
        "EditDraft" => json!({"subject": "mine"}),
        "DeferDraft" => json!({"days": 3}),
        "PutSchedule" => json!({"expression": "rate(1 day)"}),
        "PutAgent" => {
            let mut body = serde_json::to_value(crate::support::agent(agent)).unwrap();
            body["name"] = json!("mine");
            body
        }
        _ => return None,
    })
}

/// An answer without what differs from request to request.
fn plain(answer: &Answered, id: &str) -> String {
    let mut body = answer.json();
    if let Some(body) = body.as_object_mut() {
        body.remove("request_id");
    }
    format!("{} {body}", answer.status).replace(id, "ID")
}

/// Ada's ids and ids of nobody.
fn ids(operation: &Operation) -> (&'static str, &'static str) {
    let path = &operation.path;
    if path.contains("/runs/") {
        ("exec_1", "exec_9")
    } else if path.contains("/drafts/") {
        ("outreach_1", "outreach_9")
    } else {
        ("agent_1", "agent_9")
    }
}

#[tokio::test]
async fn another_customers_ids_are_ids_of_nobody() {
    let fixture = Fixture::start().await;
    let mut operations = operations::all();
    operations.retain(|operation| !operation.is_public);
    // Bob makes an agent of his own, which has the name of Ada's; until then he has none.
    operations.sort_by_key(|operation| operation.path.starts_with("/v1/agents"));
    for operation in operations {
        let (adas, nobodys) = ids(&operation);
        let mut answers = Vec::new();
        for id in [adas, nobodys] {
            let call = format!(
                "{} {}",
                operation.method,
                operation.path.replace("{id}", id)
            );
            let answer = fixture.ask(BOB, &call, body(&operation, id)).await;
            answers.push(plain(&answer, id));
        }
        assert_eq!(answers[0], answers[1], "{operation:?}");
        let expected = match operation.id.as_str() {
            "PutAgent" => "201",
            "ListRuns" | "ListDrafts" | "ListAlerts" => "200 {\"items\":[]}",
            "GetSubscription" => "200",
            // After `PutAgent`, the agent of this name is Bob's own.
            "PutSchedule" => "200",
            _ => "404",
        };
        assert!(
            answers[0].starts_with(expected),
            "{operation:?}: {}",
            answers[0]
        );
    }
    let agent = fixture
        .ask(ADA, "GET /v1/agents/agent_1", None)
        .await
        .json();
    assert_eq!(agent["name"], "Dentists");
    let draft = fixture
        .ask(ADA, "GET /v1/drafts/outreach_1", None)
        .await
        .json();
    assert_eq!(
        (&draft["version"], &draft["job"]["subject"]),
        (&json!(1), &json!("Your clinic"))
    );
    let schedule = fixture
        .ask(ADA, "GET /v1/agents/agent_1/schedule", None)
        .await
        .json();
    assert_eq!(schedule["expression"], "cron(0 8 ? * MON-FRI *)");
}

#[tokio::test]
async fn another_customers_filters_and_cursors_open_nothing() {
    let fixture = Fixture::start().await;
    let empty = json!({"items": []});
    let drafts = fixture.ask(BOB, "GET /v1/drafts?run=exec_1", None).await;
    assert_eq!(drafts.json(), empty);
    for list in ["alerts", "drafts", "runs/exec_1/leads"] {
        let page = fixture
            .ask(ADA, &format!("GET /v1/{list}?limit=1"), None)
            .await
            .json();
        let cursor = page["next_cursor"].as_str().unwrap();
        let call = format!("GET /v1/{list}?cursor={cursor}");
        let answer = fixture.ask(BOB, &call, None).await;
        match list {
            "runs/exec_1/leads" => assert_eq!(answer.status, 404),
            _ => assert_eq!(answer.json(), empty, "{list}"),
        }
    }
}
