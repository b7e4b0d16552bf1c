//! The suite of [`Executions`].

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::future::join_all;
use hunter_contracts::{
    AgentId, CloseCause, ErrorCode, ExecutionId, RunOverrides, RunRequest, Score, TenantId,
};

use jiff::Timestamp;

use super::{other_tenant, tenant};
use crate::ports::{ExecutionState, Executions, Started, execution_name};

/// The state machine that the suite's executions run: what happens depends on the agent's id.
pub const MACHINE: &str = r#"{
  "StartAt": "Decide",
  "States": {
    "Decide": {
      "Type": "Choice",
      "Choices": [
        {"Variable": "$.agent_id", "StringEquals": "agent_waits", "Next": "Never"},
        {"Variable": "$.agent_id", "StringEquals": "agent_fails", "Next": "Refused"}
      ],
      "Default": "Done"
    },
    "Never": {"Type": "Pass", "Parameters": {"at": "2100-01-01T00:00:00Z"}, "Next": "Wait"},
    "Wait": {"Type": "Wait", "TimestampPath": "$.at", "Next": "Done"},
    "Refused": {"Type": "Fail", "Error": "INSUFFICIENT_CREDITS", "Cause": "no credits are left"},
    "Done": {"Type": "Succeed"}
  }
}"#;

/// A request of a tenant; the agent is `agent_waits`, `agent_fails` or another one that succeeds.
#[must_use]
pub fn run_request(tenant: &TenantId, agent: &str, id: &str) -> RunRequest {
    RunRequest {
        customer_id: tenant.clone(),
        execution_id: ExecutionId::derived("exec", id),
        agent_id: AgentId::derived("agent", agent),
        request: RunOverrides::default(),
        close_only: None,
    }
}

/// Everything, on an engine that runs [`MACHINE`] and has seen none of the suite's ids. `pass` lets
/// a time pass that must not end a wait without an end.
pub async fn executions(executions: &dyn Executions, pass: impl AsyncFn(Duration)) {
    let (one, two) = (tenant(), other_tenant());
    let nothing = ExecutionId::derived("exec", "none");
    assert_eq!(executions.describe(&one, &nothing).await.unwrap(), None);
    let failure = executions.stop(&one, &nothing).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::NotFound, "{failure}");

    for (agent, expected) in [
        ("succeeds", ExecutionState::Succeeded),
        (
            "fails",
            ExecutionState::Failed {
                error: "INSUFFICIENT_CREDITS".into(),
                cause: "no credits are left".into(),
            },
        ),
    ] {
        let request = run_request(&one, agent, agent);
        assert_eq!(executions.start(&request).await.unwrap(), Started::New);
        let id = &request.execution_id;
        assert_eq!(ended(executions, &one, id, &pass).await, expected);
        // Also when it has ended.
        repeats(executions, &request).await;
        // One that has ended stays as it is.
        executions.stop(&one, id).await.unwrap();
        assert_eq!(executions.describe(&one, id).await.unwrap(), Some(expected));
    }

    let request = run_request(&one, "waits", "waits");
    let id = &request.execution_id;
    assert_eq!(executions.start(&request).await.unwrap(), Started::New);
    repeats(executions, &request).await;
    let running = Some(ExecutionState::Running);
    assert_eq!(executions.describe(&one, id).await.unwrap(), running);
    // Another tenant's run of the same id is another run.
    assert_eq!(executions.describe(&two, id).await.unwrap(), None);
    let theirs = run_request(&two, "waits", "waits");
    assert_eq!(executions.start(&theirs).await.unwrap(), Started::New);
    executions.stop(&one, id).await.unwrap();
    assert_eq!(
        ended(executions, &one, id, &pass).await,
        ExecutionState::Aborted
    );
    executions.stop(&one, id).await.unwrap();
    assert_eq!(executions.describe(&two, id).await.unwrap(), running);
    executions.stop(&two, id).await.unwrap();

    // What did not end well is found by its name, with its cause and its input.
    let ends = executions.bad_ends(Timestamp::UNIX_EPOCH).await.unwrap();
    let mut found = BTreeMap::new();
    for end in ends {
        let input: RunRequest = serde_json::from_str(&end.input).unwrap();
        let name = execution_name(&input.customer_id, &input.execution_id);
        assert_eq!(end.name, name);
        found.insert((input.customer_id, input.execution_id), end.cause);
    }
    let fails = run_request(&one, "fails", "fails").execution_id;
    let expected = [
        ((one.clone(), fails), CloseCause::Failed),
        ((one.clone(), id.clone()), CloseCause::Stopped),
        ((two.clone(), id.clone()), CloseCause::Stopped),
    ];
    assert_eq!(found, BTreeMap::from(expected));
    let later = executions.bad_ends("2100-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(later.await.unwrap(), []);

    // Under another id than the run's own.
    let close = RunRequest {
        close_only: Some(CloseCause::Stopped),
        ..run_request(&one, "succeeds", "waits")
    };
    let close_id = ExecutionId::derived("close", "waits");
    for expected in [Started::New, Started::Existing] {
        let started = executions.start_as(&close_id, &close).await.unwrap();
        assert_eq!(started, expected);
    }
    assert_eq!(
        ended(executions, &one, &close_id, &pass).await,
        ExecutionState::Succeeded
    );
}

async fn repeats(executions: &dyn Executions, request: &RunRequest) {
    for _ in 0..2 {
        let started = executions.start(request).await.unwrap();
        assert_eq!(started, Started::Existing);
    }
    let mut changed = request.clone();
    changed.request.threshold = Some(Score::ONE);
    let failure = executions.start(&changed).await.unwrap_err();
    assert_eq!(failure.code, ErrorCode::Conflict, "{failure}");
}

async fn ended(
    executions: &dyn Executions,
    tenant: &TenantId,
    id: &ExecutionId,
    pass: &impl AsyncFn(Duration),
) -> ExecutionState {
    for _ in 0..300 {
        match executions.describe(tenant, id).await.unwrap() {
            Some(ExecutionState::Running) => pass(Duration::from_millis(100)).await,
            Some(state) => return state,
            None => panic!("`{id}` was started and is not known"),
        }
    }
    panic!("`{id}` does not end")
}

/// Five starts of one request at once, which runs on; answers how many of them were told that they
/// began it. It is one where the engine tells beginners from repeaters at the same moment; Step
/// Functions answers both alike.
pub async fn starts_at_once(executions: Arc<dyn Executions>) -> usize {
    let request = run_request(&tenant(), "waits", "at_once");
    let starts = (0..5).map(|_| {
        let (executions, request) = (executions.clone(), request.clone());
        tokio::spawn(async move { executions.start(&request).await.unwrap() })
    });
    let started = join_all(starts.collect::<Vec<_>>()).await;
    let new = started
        .into_iter()
        .filter(|started| matches!(started, Ok(Started::New)))
        .count();
    let stopped = executions.stop(&tenant(), &request.execution_id).await;
    stopped.unwrap();
    assert!(new >= 1, "nobody began it");
    new
}
