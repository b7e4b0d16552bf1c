//! What starts runs: requests, schedules, the run queue. Each starts one.

use std::time::Duration;

use futures::future::join_all;
use hunter_contracts::{AgentId, ExecutionId, RunOverrides, RunRequest};
use hunter_core::ports::Queue;
use reqwest::Method;
use serde_json::json;

use crate::harness::Place;

#[tokio::test(flavor = "multi_thread")]
async fn five_identical_requests_start_one_run() {
    let place = Place::open().await;
    let customer = place.customer("cust_a");
    customer.put_agent(|_| {}).await;
    let starts = (0..5).map(|_| customer.start("same-key", json!({})));
    let started = join_all(starts).await;
    let id = started[0].body["execution_id"].as_str().unwrap();
    for one in &started {
        assert_eq!((one.status, &one.body["execution_id"]), (202, &json!(id)));
    }
    let run = customer.ended(id).await;
    assert_eq!(run["status"], "succeeded", "{run:#}");
    let again = customer.start("same-key", json!({})).await;
    assert_eq!(
        (again.status, &again.body["status"]),
        (202, &json!("succeeded"))
    );
    let other = customer
        .start("same-key", json!({ "threshold": 0.9 }))
        .await;
    assert_eq!(other.status, 422, "{other:?}");
    let runs = customer.get("/v1/runs").await;
    assert_eq!(runs["items"].as_array().unwrap().len(), 1);
    assert_eq!(customer.balance().await["spent"], run["charged"]);
    place.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_starts_a_run_when_it_is_due() {
    let place = Place::open().await;
    let customer = place.customer("cust_a");
    customer.put_agent(|_| {}).await;
    let schedule = json!({ "expression": "rate(1 hour)", "timezone": "Europe/Vienna" });
    let path = "/v1/agents/agent_example/schedule";
    let put = customer.call(Method::PUT, path, Some(schedule)).await;
    assert_eq!(put.status, 200, "{put:?}");
    assert_eq!(customer.get("/v1/runs").await["items"], json!([]));

    place.clock.advance(Duration::from_hours(1));
    let is_there = |runs: &serde_json::Value| !runs["items"].as_array().unwrap().is_empty();
    let runs = customer.wait_for("/v1/runs", is_there).await;
    let id = runs["items"][0]["execution_id"].as_str().unwrap();
    assert_eq!(customer.ended(id).await["status"], "succeeded");

    // The same time after a restart is the same run.
    let place = place.end_and_start().await;
    let customer = place.customer("cust_a");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(
        customer.get("/v1/runs").await["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    place.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_run_queue_starts_a_run_once_and_buries_what_it_cannot_read() {
    let place = Place::open().await;
    let customer = place.customer("cust_a");
    customer.put_agent(|_| {}).await;
    let request = RunRequest {
        customer_id: customer.tenant.clone(),
        execution_id: ExecutionId::new("exec_queued").unwrap(),
        agent_id: AgentId::new("agent_example").unwrap(),
        request: RunOverrides::default(),
        close_only: None,
    };
    let body = serde_json::to_string(&request).unwrap();
    let queue = place.cloud.run_queue().await.unwrap();
    queue
        .send("{\"customer_id\": 7}", Duration::ZERO)
        .await
        .unwrap();
    for _ in 0..5 {
        queue.send(&body, Duration::ZERO).await.unwrap();
    }
    let is_there = |runs: &serde_json::Value| !runs["items"].as_array().unwrap().is_empty();
    customer.wait_for("/v1/runs", is_there).await;
    let run = customer.ended("exec_queued").await;
    assert_eq!(run["status"], "succeeded", "{run:#}");
    let runs = customer.get("/v1/runs").await;
    assert_eq!(runs["items"].as_array().unwrap().len(), 1);
    let dead = queue.dead_letters(10).await.unwrap();
    assert_eq!(dead.len(), 1);
    let reason = dead[0].reason.as_ref().unwrap();
    assert!(reason.message.contains("customer_id"), "{reason}");
    place.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_refused_can_be_explained() {
    let place = Place::open().await;
    let customer = place.customer("cust_a");
    customer
        .put_agent(|agent| agent.target.as_mut().unwrap().max_results = Some(10_000))
        .await;
    let id = customer.run("too-much").await;
    let run = customer.ended(&id).await;
    assert_eq!(
        (&run["status"], &run["error_code"]),
        (&json!("failed"), &json!("INSUFFICIENT_CREDITS"))
    );
    let place = place.end_and_start().await;
    let run = place.customer("cust_a").ended(&id).await;
    assert!(
        run["reason"].as_str().unwrap().contains("max_results"),
        "{run:#}"
    );
    place.close().await;
}
