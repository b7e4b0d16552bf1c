//! Task and Map: attempts, retries and catchers.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Engine, Entered, after};
use crate::context::Scope;
use crate::error::{TaskError, check_size};
use crate::event::EventKind;
use crate::model::{Action, Work};
use crate::ports::TaskContext;
use crate::retry::Retrier;

impl Engine<'_> {
    pub(super) async fn run_work<'s>(
        &self,
        entered: Entered<'s>,
        work: &'s Work,
        raw: Value,
    ) -> Result<(Value, Option<&'s str>), TaskError> {
        // Each retrier counts its own attempts.
        let mut retriers: Vec<(&Retrier, u64)> =
            work.retry.iter().map(|entry| (entry, 0)).collect();
        let mut retry_count = 0;
        loop {
            let failure = match self.attempt(entered, work, &raw, retry_count).await {
                Ok(output) => return Ok((output, work.next.target())),
                Err(failure) => failure,
            };
            // The first retrier that matches decides, also once its attempts are used up.
            let matching = retriers
                .iter_mut()
                .find(|(entry, _)| entry.errors.matches(&failure));
            if let Some((retrier, retries)) = matching
                && *retries < retrier.attempts_max
            {
                let mut delay = retrier.delay(*retries);
                if retrier.full_jitter {
                    delay = self.timer.jitter(delay);
                }
                *retries += 1;
                retry_count += 1;
                self.wait_for_retry(entered, retry_count, &failure, delay)
                    .await?;
                continue;
            }
            let catcher = work
                .catch
                .iter()
                .find(|catcher| catcher.errors.matches(&failure));
            let Some(catcher) = catcher else {
                return Err(failure);
            };
            let next = catcher.next.as_str();
            let (state, error) = (entered.name, failure.error.as_str());
            self.emit(
                entered.place.within,
                EventKind::ErrorCaught { state, error, next },
            );
            let report = json!({"Error": failure.error, "Cause": failure.cause});
            return Ok((catcher.result_path.apply(raw, report)?, Some(next)));
        }
    }

    async fn wait_for_retry(
        &self,
        entered: Entered<'_>,
        retry_count: u32,
        failure: &TaskError,
        delay: Duration,
    ) -> Result<(), TaskError> {
        self.count_transition()?;
        let until = after(self.timer.now(), delay);
        let (state, error) = (entered.name, failure.error.as_str());
        let kind = EventKind::RetryScheduled {
            state,
            retry_count,
            error,
            until,
        };
        self.emit(entered.place.within, kind);
        self.timer.sleep_until(until).await;
        Ok(())
    }

    /// Runs the state once, from its raw input to its output.
    async fn attempt(
        &self,
        entered: Entered<'_>,
        work: &Work,
        raw: &Value,
        retry_count: u32,
    ) -> Result<Value, TaskError> {
        let context = self.context(entered, retry_count);
        let scope = Scope {
            input: raw,
            context,
        };
        let result = match &work.action {
            Action::Task {
                resource,
                timeout,
                parameters,
            } => {
                let input = match parameters {
                    Some(template) => template.evaluate(scope)?,
                    None => raw.clone(),
                };
                check_size(
                    &format!("the input of the state `{}`", entered.name),
                    &input,
                )?;
                self.call(entered, resource, *timeout, input, retry_count)
                    .await?
            }
            Action::Map {
                items_path,
                max_concurrency,
                processor,
            } => {
                let max = max_concurrency.as_ref();
                self.run_map(entered, items_path, max, processor, scope)
                    .await?
            }
        };
        check_size(
            &format!("the result of the state `{}`", entered.name),
            &result,
        )?;
        let result = match &work.result_selector {
            Some(template) => template.evaluate(scope.with(&result))?,
            None => result,
        };
        work.result_path.apply(raw.clone(), result)
    }

    async fn call(
        &self,
        entered: Entered<'_>,
        resource: &str,
        timeout: Option<Duration>,
        parameters: Value,
        retry_count: u32,
    ) -> Result<Value, TaskError> {
        let (state, within) = (entered.name, entered.place.within);
        let kind = EventKind::TaskScheduled {
            state,
            resource,
            parameters: &parameters,
            retry_count,
        };
        self.emit(within, kind);
        let context = TaskContext {
            execution_id: self.execution.id.clone(),
            state: state.to_owned(),
            within: within.to_vec(),
            retry_count,
        };
        let expiry = async {
            match timeout {
                Some(timeout) => {
                    self.timer
                        .sleep_until(after(self.timer.now(), timeout))
                        .await;
                    timeout
                }
                None => std::future::pending().await,
            }
        };
        let result = tokio::select! {
            biased;
            result = self.handler.invoke(resource, parameters, context) => result,
            timeout = expiry => {
                let problem = format!("the task `{state}` took longer than {timeout:?}");
                Err(TaskError::timeout(problem))
            }
        };
        match &result {
            Ok(output) => self.emit(within, EventKind::TaskSucceeded { state, output }),
            Err(TaskError { error, cause }) => {
                self.emit(
                    within,
                    EventKind::TaskFailed {
                        state,
                        error,
                        cause,
                    },
                );
            }
        }
        result
    }
}
