//! The optimised integration `lambda:invoke`.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html>

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::TaskError;
use crate::ports::{TaskContext, TaskHandler};

/// The resource of the integration.
pub const LAMBDA_INVOKE: &str = "arn:aws:states:::lambda:invoke";

/// Calls functions by name.
#[async_trait]
pub trait Functions: Send + Sync {
    /// Calls `function` (a name or an ARN) and returns its answer. A function's own error has its
    /// `errorType` as the name and the JSON text `{"errorMessage":…,"errorType":…}` as the cause.
    async fn call(
        &self,
        function: &str,
        payload: Value,
        context: TaskContext,
    ) -> Result<Value, TaskError>;
}

/// The [`TaskHandler`] of machines whose tasks are all [`LAMBDA_INVOKE`].
#[derive(Debug, Clone, Copy)]
pub struct LambdaInvoke<F>(pub F);

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Parameters {
    function_name: String,
    #[serde(default)]
    payload: Value,
}

#[async_trait]
impl<F: Functions> TaskHandler for LambdaInvoke<F> {
    async fn invoke(
        &self,
        resource: &str,
        parameters: Value,
        context: TaskContext,
    ) -> Result<Value, TaskError> {
        let runtime = |problem: String| TaskError::new(crate::error::RUNTIME, problem);
        if resource != LAMBDA_INVOKE {
            return Err(runtime(format!(
                "no handler serves the resource `{resource}`"
            )));
        }
        let Parameters {
            function_name,
            payload,
        } = serde_json::from_value(parameters)
            .map_err(|error| runtime(format!("the parameters of `{resource}`: {error}")))?;
        let answer = self.0.call(&function_name, payload, context).await?;
        Ok(json!({"ExecutedVersion": "$LATEST", "Payload": answer, "StatusCode": 200}))
    }
}
