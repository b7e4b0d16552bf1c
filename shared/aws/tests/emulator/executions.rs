//! Executions on Step Functions.

use std::sync::Arc;

use aws_sdk_sfn::Client;
use hunter_aws::sfn::StateMachine;
use hunter_contracts::ErrorCode;
use hunter_core::{
    ports::Executions,
    test_support::suites::{self, MACHINE, run_request, tenant},
};

use crate::emulator::Emulator;

async fn new_machine(emulator: &mut Emulator) -> (StateMachine, String) {
    let create = Client::new(&emulator.sdk()).create_state_machine();
    let create = create.name(emulator.name("hunter")).definition(MACHINE);
    let create = create.role_arn("arn:aws:iam::000000000000:role/hunter");
    let arn = create.send().await.unwrap().state_machine_arn;
    emulator.set("HUNTER_STATE_MACHINE_ARN", &arn);
    (emulator.aws().executions().unwrap(), arn)
}

#[tokio::test]
async fn step_functions_passes_the_executions_suite() {
    let (executions, _) = new_machine(&mut Emulator::get()).await;
    suites::executions(&executions, tokio::time::sleep).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_starts_at_once_are_one_execution() {
    let mut emulator = Emulator::get();
    let (executions, arn) = new_machine(&mut emulator).await;
    // Step Functions may tell several of them that they began it, ministack tells one.
    let new = suites::starts_at_once(Arc::new(executions)).await;
    assert!((1..=5).contains(&new));
    let list = Client::new(&emulator.sdk()).list_executions();
    let list = list.state_machine_arn(arn).send().await.unwrap();
    assert_eq!(list.executions.len(), 1);
}

#[tokio::test]
async fn a_machine_that_is_not_there_is_a_matter_of_configuration() {
    let mut emulator = Emulator::get();
    let arn = "arn:aws:states:us-east-1:000000000000:stateMachine:nowhere";
    emulator.set("HUNTER_STATE_MACHINE_ARN", arn);
    let executions = emulator.aws().executions().unwrap();
    let started = executions.start(&run_request(&tenant(), "1", "1")).await;
    let failure = started.unwrap_err();
    assert_eq!(failure.code, ErrorCode::InvalidConfiguration, "{failure}");
}
