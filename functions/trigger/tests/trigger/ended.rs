//! Executions that ended without closing their run.

use futures::future::join_all;
use hunter_contracts::{
    Credits, ErrorCode, ExecutionId, RunRecord, RunRequest, RunStatus, TenantId,
};
use hunter_core::ports::{ExecutionState, execution_name};
use serde_json::{Value, json};

use crate::support::{AT, Bench, agent, request};

fn read(value: Value) -> RunRequest {
    serde_json::from_value(value).unwrap()
}

fn id() -> ExecutionId {
    ExecutionId::new("exec_1").unwrap()
}

fn own_name() -> String {
    execution_name(&TenantId::new("cust_1").unwrap(), &id())
}

/// EventBridge's event about an execution of this name.
fn event(name: &str, status: &str, input: &Value) -> Value {
    json!({
        "version": "0", "id": "315c1398-40ff-a850-213b-158f73e60175",
        "detail-type": "Step Functions Execution Status Change", "source": "aws.states",
        "account": "000000000000", "time": AT, "region": "eu-west-1",
        "resources": [format!("arn:aws:states:eu-west-1:000000000000:execution:hunter:{name}")],
        "detail": {
            "executionArn": format!("arn:aws:states:eu-west-1:000000000000:execution:hunter:{name}"),
            "stateMachineArn": "arn:aws:states:eu-west-1:000000000000:stateMachine:hunter",
            "name": name, "status": status, "startDate": 1_551_225_146_847_u64,
            "stopDate": 1_551_225_151_881_u64, "input": input.to_string(),
            "inputDetails": {"included": true}, "output": null, "outputDetails": null
        }
    })
}

/// A run with 16 credits reserved, as an execution leaves it that ends in the middle.
async fn open_run(bench: &Bench, status: RunStatus) {
    let run: RunRecord = serde_json::from_value(json!({
        "execution_id": id(), "customer_id": "cust_1", "agent": agent(),
        "target": {"keywords": ["dentist"]}, "status": status,
        "started_at": AT, "reserved": 16, "charged": 0
    }))
    .unwrap();
    let amount = Credits::from_micros(16_000_000);
    let tenant = bench.tenant();
    tenant
        .reserve(&id(), amount, AT.parse().unwrap())
        .await
        .unwrap();
    tenant.create_run(&run).await.unwrap();
}

fn cause_of(status: &str) -> &'static str {
    match status {
        "TIMED_OUT" => "timed_out",
        "ABORTED" => "stopped",
        _ => "failed",
    }
}

#[tokio::test]
async fn five_deliveries_close_an_abandoned_run_once() {
    for status in ["FAILED", "TIMED_OUT", "ABORTED"] {
        let bench = Bench::start().await;
        open_run(&bench, RunStatus::Running).await;
        let event = event(&own_name(), status, &request("exec_1"));
        for answer in join_all((0..5).map(|_| bench.handle(event.clone()))).await {
            assert_eq!(answer.unwrap()["closed"], true, "{status}");
        }
        let inputs = bench.engine.inputs();
        assert_eq!(inputs.len(), 1, "{status}");
        assert_eq!(inputs[0].execution_id, id());
        let cause = serde_json::to_value(inputs[0].close_only).unwrap();
        assert_eq!(cause, cause_of(status));
    }
}

#[tokio::test]
async fn a_hold_without_a_run_is_released_and_a_run_without_a_hold_is_closed() {
    let bench = Bench::start().await;
    let amount = Credits::from_micros(16_000_000);
    bench
        .tenant()
        .reserve(&id(), amount, AT.parse().unwrap())
        .await
        .unwrap();
    let ended = event(&own_name(), "FAILED", &request("exec_1"));
    assert_eq!(bench.handle(ended).await.unwrap()["closed"], true);

    for (status, closed) in [
        (RunStatus::Running, true),
        (RunStatus::Queued, true),
        (RunStatus::Failed, false),
        (RunStatus::Stopped, false),
        (RunStatus::Succeeded, false),
    ] {
        let bench = Bench::start().await;
        open_run(&bench, status).await;
        bench
            .tenant()
            .close(&id(), AT.parse().unwrap())
            .await
            .unwrap();
        let ended = event(&own_name(), "FAILED", &request("exec_1"));
        assert_eq!(
            bench.handle(ended).await.unwrap()["closed"],
            closed,
            "{status:?}"
        );
        assert_eq!(
            bench.engine.inputs().len(),
            usize::from(closed),
            "{status:?}"
        );
    }
}

#[tokio::test]
async fn what_left_nothing_open_starts_nothing() {
    let bench = Bench::start().await;
    let unreadable = json!({"customer_id": "cust#1"});
    for (what, event) in [
        (
            "a refused run",
            event(&own_name(), "FAILED", &request("exec_1")),
        ),
        (
            "a good end",
            event(&own_name(), "SUCCEEDED", &request("exec_1")),
        ),
        ("a start", event(&own_name(), "RUNNING", &request("exec_1"))),
        (
            "an unknown status",
            event(&own_name(), "MELTED", &request("exec_1")),
        ),
        ("an unreadable input", event("x", "FAILED", &unreadable)),
        ("no input", event("x", "FAILED", &Value::Null)),
    ] {
        let answer = bench.handle(event).await.unwrap();
        assert_eq!(answer["closed"], false, "{what}");
        assert_ne!(answer["reason"], "", "{what}");
    }
    assert_eq!(bench.engine.inputs(), []);
}

#[tokio::test]
async fn a_good_end_of_another_execution_leaves_an_open_run_alone() {
    let bench = Bench::start().await;
    open_run(&bench, RunStatus::Running).await;
    for status in ["SUCCEEDED", "RUNNING", "PENDING_REDRIVE"] {
        let ended = event(&own_name(), status, &request("exec_1"));
        assert_eq!(
            bench.handle(ended).await.unwrap()["closed"],
            false,
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_copy_made_by_hand_does_not_close_the_run_under_way() {
    let bench = Bench::start().await;
    open_run(&bench, RunStatus::Running).await;
    let request_1 = read(request("exec_1"));
    bench
        .engine
        .set(&own_name(), &request_1, ExecutionState::Running);
    let copy = event("a-copy-made-by-hand", "ABORTED", &request("exec_1"));
    assert_eq!(bench.handle(copy.clone()).await.unwrap()["closed"], false);
    // Its own execution has ended too: the event about the copy is as good as its own.
    bench
        .engine
        .set(&own_name(), &request_1, ExecutionState::TimedOut);
    assert_eq!(bench.handle(copy).await.unwrap()["closed"], true);
}

#[tokio::test]
async fn closing_that_failed_is_not_tried_for_ever() {
    let bench = Bench::start().await;
    open_run(&bench, RunStatus::Running).await;
    let mut close = request("exec_1");
    close["close_only"] = "failed".into();
    let answer = bench
        .handle(event("close", "FAILED", &close))
        .await
        .unwrap();
    assert_eq!(answer["closed"], false);
    assert_eq!(bench.engine.inputs(), []);
}

#[tokio::test]
async fn an_engine_that_is_away_is_told_to_the_sender() {
    let bench = Bench::start().await;
    open_run(&bench, RunStatus::Running).await;
    bench.engine.fail_next(ErrorCode::ApiUnavailable);
    let ended = event(&own_name(), "TIMED_OUT", &request("exec_1"));
    let failure = bench.handle(ended.clone()).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::ApiUnavailable);
    assert_eq!(bench.handle(ended).await.unwrap()["closed"], true);
}

/// The clock's order to look for lost ends.
fn sweep() -> Value {
    json!({"sweep_last_s": 10_800})
}

#[tokio::test]
async fn a_sweep_closes_what_no_event_told_of_and_nothing_else() {
    for (state, cause) in [
        (failed(), "failed"),
        (ExecutionState::TimedOut, "timed_out"),
        (ExecutionState::Aborted, "stopped"),
    ] {
        let bench = Bench::start().await;
        open_run(&bench, RunStatus::Running).await;
        // A refusal, whose run was never opened.
        let refused = read(request("exec_2"));
        let name = execution_name(&refused.customer_id, &refused.execution_id);
        bench.engine.set(&name, &refused, failed());
        bench
            .engine
            .set(&own_name(), &read(request("exec_1")), state);
        assert_eq!(
            bench.handle(sweep()).await.unwrap(),
            json!({"ends": 2, "closed": 1})
        );
        let inputs = bench.engine.inputs();
        let close = inputs.iter().find_map(|input| input.close_only);
        assert_eq!(serde_json::to_value(close).unwrap(), cause);
        // What closes it is under way: the same name, the same input, nothing new.
        bench.handle(sweep()).await.unwrap();
        assert_eq!(bench.engine.inputs().len(), inputs.len(), "{cause}");
    }
    let bench = Bench::start().await;
    open_run(&bench, RunStatus::Running).await;
    for state in [ExecutionState::Running, ExecutionState::Succeeded] {
        bench
            .engine
            .set(&own_name(), &read(request("exec_1")), state);
        let swept = bench.handle(sweep()).await.unwrap();
        assert_eq!(swept, json!({"ends": 0, "closed": 0}));
    }
}

#[tokio::test]
async fn a_run_that_cannot_be_closed_does_not_keep_the_others_open() {
    let bench = Bench::start().await;
    open_run(&bench, RunStatus::Running).await;
    bench
        .engine
        .set(&own_name(), &read(request("exec_1")), failed());
    bench.engine.fail_next(ErrorCode::ApiUnavailable);
    let failure = bench.handle(sweep()).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::ApiUnavailable);
    assert_eq!(bench.handle(sweep()).await.unwrap()["closed"], 1);
    let wrong = bench.handle(json!({"sweep_last_s": -1})).await.unwrap_err();
    assert!(wrong.message.contains("sweep_last_s"), "{wrong}");
}

#[tokio::test]
async fn who_starts_a_run_has_those_closed_that_were_left_open() {
    let bench = Bench::start().await;
    open_run(&bench, RunStatus::Running).await;
    let own = read(request("exec_1"));
    bench.engine.set(&own_name(), &own, ExecutionState::Running);
    let start = |id: &str| bench.handle(crate::support::messages([request(id).to_string()]));
    let closes = || {
        let inputs = bench.engine.inputs();
        inputs.iter().filter_map(|input| input.close_only).count()
    };
    bench.clock.advance(std::time::Duration::from_secs(600));
    start("exec_2").await.unwrap();
    assert_eq!(closes(), 0, "it is under way");
    bench
        .engine
        .set(&own_name(), &own, ExecutionState::TimedOut);
    start("exec_3").await.unwrap();
    assert_eq!(closes(), 1);
    let closed = bench
        .engine
        .inputs()
        .into_iter()
        .find(|input| input.close_only.is_some());
    assert_eq!(closed.unwrap().execution_id, id());
}

fn failed() -> ExecutionState {
    ExecutionState::Failed {
        error: "States.DataLimitExceeded".into(),
        cause: "too much".into(),
    }
}
