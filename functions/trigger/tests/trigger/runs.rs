//! Ticks and queued requests start runs.

use futures::future::join_all;
use hunter_contracts::{AgentConfig, ErrorCode};
use serde_json::{Value, json};

use crate::support::{Bench, agent, messages, request, tick};

#[tokio::test]
async fn five_deliveries_of_a_tick_start_one_run() {
    let bench = Bench::start().await;
    let answers = join_all((0..5).map(|_| bench.handle(tick("agent_1")))).await;
    let answers: Vec<Value> = answers.into_iter().map(Result::unwrap).collect();
    let new = answers.iter().filter(|a| a["started"] == "new").count();
    assert_eq!(new, 1, "{answers:?}");
    assert!(
        answers
            .iter()
            .all(|a| a["execution_id"] == answers[0]["execution_id"])
    );
    assert_eq!(bench.engine.inputs().len(), 1);
    assert_eq!(bench.buried(), []);
}

#[tokio::test]
async fn another_time_or_agent_is_another_run() {
    let bench = Bench::start().await;
    let other = AgentConfig {
        agent_id: "agent_2".parse().unwrap(),
        ..agent()
    };
    bench.tenant().put_agent(&other).await.unwrap();
    let mut later = tick("agent_1");
    later["scheduled_time"] = "2025-12-15T08:00:00Z".into();
    for event in [tick("agent_1"), tick("agent_2"), later] {
        assert_eq!(bench.handle(event).await.unwrap()["started"], "new");
    }
    assert_eq!(bench.engine.inputs().len(), 3);
}

#[tokio::test]
async fn five_deliveries_of_a_message_start_one_run() {
    let bench = Bench::start().await;
    let event = messages([request("exec_1").to_string()]);
    let answers = join_all((0..5).map(|_| bench.handle(event.clone()))).await;
    for answer in answers {
        assert_eq!(answer.unwrap(), json!({"batchItemFailures": []}));
    }
    assert_eq!(bench.engine.inputs().len(), 1);
}

#[tokio::test]
async fn a_message_that_is_twice_in_a_batch_starts_one_run() {
    let bench = Bench::start().await;
    let event = messages((0..40).map(|n| request(&format!("exec_{}", n % 20)).to_string()));
    let answer = bench.handle(event).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(bench.engine.inputs().len(), 20);
}

#[tokio::test]
async fn what_can_pass_comes_again_and_the_rest_of_the_batch_is_done() {
    let bench = Bench::start().await;
    bench.engine.fail_next(ErrorCode::ApiRateLimit);
    let bodies = [
        request("exec_0").to_string(),
        "{".to_owned(),
        request("exec_2").to_string(),
    ];
    let answer = bench.handle(messages(bodies.clone())).await.unwrap();
    let failures = answer["batchItemFailures"].as_array().unwrap();
    assert_eq!(failures.len(), 1);
    assert_ne!(failures[0]["itemIdentifier"], "m1");
    assert_eq!(bench.engine.inputs().len(), 1);
    assert_eq!(bench.buried().len(), 1);
    // It comes again.
    let failed = if failures[0]["itemIdentifier"] == "m0" {
        0
    } else {
        2
    };
    let answer = bench
        .handle(messages([bodies[failed].clone()]))
        .await
        .unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(bench.engine.inputs().len(), 2);
}

#[tokio::test]
async fn a_tick_whose_engine_is_away_is_an_error_and_works_later() {
    let bench = Bench::start().await;
    for code in [ErrorCode::ApiUnavailable, ErrorCode::ConnectionError] {
        bench.engine.fail_next(code);
        let failure = bench.handle(tick("agent_1")).await.unwrap_err();
        assert_eq!(failure.code, code);
    }
    assert_eq!(bench.buried(), []);
    // Meanwhile the customer has spoilt the agent: the run was asked for before.
    let spoilt = AgentConfig {
        target: None,
        ..agent()
    };
    bench.tenant().put_agent(&spoilt).await.unwrap();
    assert_eq!(
        bench.handle(tick("agent_1")).await.unwrap()["started"],
        "new"
    );
}

#[tokio::test]
async fn a_tick_that_can_never_work_is_buried_and_works_when_it_is_redriven() {
    let bench = Bench::start().await;
    let answer = bench.handle(tick("agent_new")).await.unwrap();
    assert_eq!(answer["buried"]["code"], "NOT_FOUND", "{answer}");
    let (body, reason) = bench.buried().remove(0);
    assert!(reason.message.contains("agent_new"), "{reason}");
    assert_eq!(bench.engine.inputs(), []);

    let new = AgentConfig {
        agent_id: "agent_new".parse().unwrap(),
        ..agent()
    };
    bench.tenant().put_agent(&new).await.unwrap();
    let answer = bench.handle(messages([body])).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    // The tick itself comes once more: it is the same run.
    let answer = bench.handle(tick("agent_new")).await.unwrap();
    assert_eq!(answer["started"], "existing");
    assert_eq!(bench.engine.inputs().len(), 1);
}

#[tokio::test]
async fn nothing_is_lost_where_the_dead_letters_are_away() {
    let bench = Bench::start().await;
    *bench.queue.away.lock().unwrap() = true;
    let answer = bench.handle(messages(["{"])).await.unwrap();
    assert_eq!(
        answer,
        json!({"batchItemFailures": [{"itemIdentifier": "m0"}]})
    );
    let failure = bench.handle(tick("agent_new")).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::ConnectionError);
}

#[tokio::test]
async fn an_id_that_stands_for_another_request_is_buried() {
    let bench = Bench::start().await;
    bench
        .handle(messages([request("exec_1").to_string()]))
        .await
        .unwrap();
    let mut other = request("exec_1");
    other["request"] = json!({"threshold": 0.9});
    bench.handle(messages([other.to_string()])).await.unwrap();
    assert_eq!(bench.buried()[0].1.code, ErrorCode::Conflict);
    assert_eq!(bench.engine.inputs().len(), 1);
}
