//! Runs as executions of a Step Functions state machine (a standard one: express ones have no names
//! that hold).

use async_trait::async_trait;
use aws_sdk_sfn::{
    Client, operation::describe_execution::DescribeExecutionOutput, types::ExecutionStatus,
};
use hunter_contracts::{ErrorCode, ExecutionId, RecipeFailure, RunRequest, TenantId};
use hunter_core::ports::{BadEnd, ExecutionState, Executions, Started, execution_name};
use jiff::Timestamp;

use crate::{
    config::ConfigError,
    failure::{Codes, code, failure},
};

/// Names the state machine.
pub(crate) const STATE_MACHINE_ARN: &str = "HUNTER_STATE_MACHINE_ARN";

/// Source: the error sections of <https://docs.aws.amazon.com/step-functions/latest/apireference/>.
const CODES: &Codes = &[
    ("ExecutionDoesNotExist", ErrorCode::NotFound),
    ("ExecutionAlreadyExists", ErrorCode::Conflict),
    ("ExecutionLimitExceeded", ErrorCode::ApiRateLimit),
    ("KmsThrottlingException", ErrorCode::ApiRateLimit),
    ("KmsAccessDeniedException", ErrorCode::AuthenticationFailed),
    ("KmsInvalidStateException", ErrorCode::InvalidConfiguration),
    ("InvalidArn", ErrorCode::InvalidConfiguration),
    ("StateMachineDeleting", ErrorCode::InvalidConfiguration),
    ("StateMachineDoesNotExist", ErrorCode::InvalidConfiguration),
    ("InvalidExecutionInput", ErrorCode::InvalidInput),
    ("InvalidName", ErrorCode::InvalidInput),
];

/// Executions of a status that are looked through, in pages of 1,000: a list of Step Functions goes
/// back for 90 days.
const PAGES_MAX: usize = 20;

/// The executions of one state machine.
#[derive(Debug, Clone)]
pub struct StateMachine {
    client: Client,
    arn: String,
    /// The ARN of an execution without its name.
    executions: String,
}

impl StateMachine {
    /// The state machine of an ARN, which may name a version or an alias.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] when it is no state machine's ARN.
    pub fn new(client: Client, arn: &str) -> Result<Self, ConfigError> {
        let executions = executions_arn(arn).ok_or_else(|| ConfigError::Invalid {
            name: STATE_MACHINE_ARN.into(),
            problem: "it must be the ARN of a state machine, as in \
                      `arn:aws:states:eu-west-1:123456789012:stateMachine:hunter`"
                .into(),
        })?;
        Ok(Self {
            client,
            arn: arn.to_owned(),
            executions,
        })
    }

    fn execution_arn(&self, tenant: &TenantId, id: &ExecutionId) -> String {
        format!("{}:{}", self.executions, execution_name(tenant, id))
    }

    async fn find(&self, arn: &str) -> Result<Option<DescribeExecutionOutput>, RecipeFailure> {
        let asked = self.client.describe_execution().execution_arn(arn);
        match asked.send().await {
            Ok(found) => Ok(Some(found)),
            Err(error) if code(&error) == "ExecutionDoesNotExist" => Ok(None),
            Err(error) => Err(failure("Step Functions DescribeExecution", CODES, &error)),
        }
    }
}

impl StateMachine {
    /// The ARNs of executions that ended so since a time.
    async fn ended(
        &self,
        status: &ExecutionStatus,
        since: Timestamp,
    ) -> Result<Vec<String>, RecipeFailure> {
        let (mut arns, mut next) = (Vec::new(), None);
        for _ in 0..PAGES_MAX {
            let list = self.client.list_executions().state_machine_arn(&self.arn);
            let list = list.status_filter(status.clone()).max_results(1_000);
            let page = list.set_next_token(next).send().await;
            let page =
                page.map_err(|error| failure("Step Functions ListExecutions", CODES, &error))?;
            let late = page.executions.into_iter().filter(|one| {
                let stopped = one.stop_date.map_or(i64::MAX, |date| date.secs());
                stopped >= since.as_second()
            });
            arns.extend(late.map(|one| one.execution_arn));
            next = page.next_token;
            if next.is_none() {
                return Ok(arns);
            }
        }
        tracing::warn!(%status, "executions beyond {PAGES_MAX} pages are not looked at");
        Ok(arns)
    }
}

/// `arn:aws:states:REGION:ACCOUNT:execution:NAME` of a state machine's ARN.
fn executions_arn(arn: &str) -> Option<String> {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        [
            "arn",
            partition,
            "states",
            region,
            account,
            "stateMachine",
            name,
            qualifier @ ..,
        ] if !name.is_empty() && qualifier.len() <= 1 => Some(format!(
            "arn:{partition}:states:{region}:{account}:execution:{name}"
        )),
        _ => None,
    }
}

/// What a start of a request is told where an execution of its name stands.
fn repeated(
    standing: &DescribeExecutionOutput,
    request: &RunRequest,
) -> Result<Started, RecipeFailure> {
    let input = standing.input().unwrap_or_default();
    if serde_json::from_str::<RunRequest>(input).is_ok_and(|input| input == *request) {
        return Ok(Started::Existing);
    }
    Err(RecipeFailure::new(
        ErrorCode::Conflict,
        format!(
            "run `{}` was started with other input: use another id",
            request.execution_id
        ),
    ))
}

#[async_trait]
impl Executions for StateMachine {
    /// Whatever is answered, there is one execution: its name holds for 90 days. Step Functions
    /// answers a repeated start as it did the first while the execution runs, so it is asked before
    /// whether there is one; of starts at the same moment, several may be told [`Started::New`].
    async fn start_as(
        &self,
        id: &ExecutionId,
        request: &RunRequest,
    ) -> Result<Started, RecipeFailure> {
        let tenant = &request.customer_id;
        let arn = self.execution_arn(tenant, id);
        if let Some(standing) = self.find(&arn).await? {
            return repeated(&standing, request);
        }
        let input = serde_json::to_string(request).map_err(RecipeFailure::defect)?;
        let start = self.client.start_execution().state_machine_arn(&self.arn);
        let started = start.name(execution_name(tenant, id)).input(input);
        match started.send().await {
            Ok(_) => Ok(Started::New),
            Err(error) if code(&error) == "ExecutionAlreadyExists" => {
                let standing = self.find(&arn).await?.ok_or_else(|| {
                    // Descriptions lag behind starts by moments.
                    RecipeFailure::new(
                        ErrorCode::ApiUnavailable,
                        format!("run `{id}` was started and is not described yet: try again"),
                    )
                })?;
                repeated(&standing, request)
            }
            Err(error) => Err(failure("Step Functions StartExecution", CODES, &error)),
        }
    }

    async fn stop(&self, tenant: &TenantId, id: &ExecutionId) -> Result<(), RecipeFailure> {
        let arn = self.execution_arn(tenant, id);
        let stop = self.client.stop_execution().execution_arn(&arn);
        let stopped = stop
            .error(ErrorCode::Stopped.to_string())
            .cause("stopped by the customer");
        let Err(error) = stopped.send().await else {
            return Ok(());
        };
        let failed = failure("Step Functions StopExecution", CODES, &error);
        // One that has ended may be refused: it stays as it is.
        if code(&error) == "ValidationException"
            && let Some(state) = self.describe(tenant, id).await?
            && state != ExecutionState::Running
        {
            return Ok(());
        }
        Err(failed)
    }

    async fn describe(
        &self,
        tenant: &TenantId,
        id: &ExecutionId,
    ) -> Result<Option<ExecutionState>, RecipeFailure> {
        let found = self.find(&self.execution_arn(tenant, id)).await?;
        found.as_ref().map(state).transpose()
    }

    /// Lists are sorted by when executions started, and a run may have waited for weeks: those that
    /// started first may have ended last.
    async fn bad_ends(&self, since: Timestamp) -> Result<Vec<BadEnd>, RecipeFailure> {
        let mut ends = Vec::new();
        for status in [
            ExecutionStatus::Failed,
            ExecutionStatus::TimedOut,
            ExecutionStatus::Aborted,
        ] {
            for arn in self.ended(&status, since).await? {
                let Some(found) = self.find(&arn).await? else {
                    continue;
                };
                ends.extend(state(&found)?.close_cause().map(|cause| BadEnd {
                    name: found.name().unwrap_or_default().to_owned(),
                    cause,
                    input: found.input().unwrap_or_default().to_owned(),
                }));
            }
        }
        Ok(ends)
    }
}

fn state(found: &DescribeExecutionOutput) -> Result<ExecutionState, RecipeFailure> {
    use ExecutionStatus as Status;
    Ok(match found.status() {
        Status::Running | Status::PendingRedrive => ExecutionState::Running,
        Status::Succeeded => ExecutionState::Succeeded,
        Status::Failed => ExecutionState::Failed {
            error: found.error().unwrap_or_default().to_owned(),
            cause: found.cause().unwrap_or_default().to_owned(),
        },
        Status::TimedOut => ExecutionState::TimedOut,
        Status::Aborted => ExecutionState::Aborted,
        other => {
            return Err(RecipeFailure::new(
                ErrorCode::ApiBadResponse,
                format!("Step Functions DescribeExecution: unknown status `{other}`"),
            ));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arn_of_an_execution_comes_from_the_state_machines() {
        let base = "arn:aws-cn:states:cn-north-1:123456789012";
        for qualifier in ["", ":3", ":live"] {
            let arn = format!("{base}:stateMachine:hunter{qualifier}");
            let expected = format!("{base}:execution:hunter");
            assert_eq!(executions_arn(&arn), Some(expected));
        }
        for bad in [
            "hunter",
            "arn:aws:states:eu-west-1:1:stateMachine:",
            "arn:aws:states:eu-west-1:1:stateMachine:a:b:c",
            "arn:aws:states:eu-west-1:1:execution:hunter:x",
            "arn:aws:lambda:eu-west-1:1:function:hunter",
        ] {
            assert_eq!(executions_arn(bad), None, "{bad}");
        }
    }
}
