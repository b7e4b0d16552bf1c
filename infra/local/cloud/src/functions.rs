//! The Lambda functions in this process: the same handlers, called with an event that was
//! serialised and read back as on the wire.

use std::{sync::Arc, time::Instant};

use async_trait::async_trait;
use discovery::Discovery;
use hunter_asl::{Functions, TaskContext, TaskError};
use hunter_contracts::{TenantId, chain};
use hunter_core::recipe::{Platform, Recipe};
use hunter_lambda::{diagnostic, handle_recipe};
use intelligence::Intelligence;
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use outreach::Outreach;
use personalization::Personalization;
use serde_json::{Value, json};
use subscription::Subscription;

use crate::plans::LocalPlans;

/// The name that the state machine calls the run function by.
pub(crate) const RUN_FUNCTION: &str = "run";

/// The recipes, wired.
pub struct Recipes {
    /// Finds and scores.
    pub discovery: Discovery,
    /// Enriches.
    pub intelligence: Intelligence,
    /// Writes.
    pub personalization: Personalization,
    /// Drafts.
    pub outreach: Outreach,
    /// Tracks usage.
    pub subscription: Subscription,
}

/// The functions by name.
#[derive(Clone)]
pub struct InProcessFunctions {
    recipes: Arc<Recipes>,
    platform: Arc<Platform>,
    plans: Option<LocalPlans>,
}

impl InProcessFunctions {
    /// The functions over a platform.
    #[must_use]
    pub fn new(recipes: Recipes, platform: Platform) -> Self {
        Self {
            recipes: Arc::new(recipes),
            platform: Arc::new(platform),
            plans: None,
        }
    }

    /// With plans that are renewed before a run is opened: nobody else begins a customer's month
    /// here, and a run that waits for it must find it.
    #[must_use]
    pub fn with_plans(self, plans: LocalPlans) -> Self {
        Self {
            plans: Some(plans),
            ..self
        }
    }

    /// Calls a function with an event, both ways through bytes.
    ///
    /// # Errors
    /// What the function reports, or that there is no such function.
    pub async fn invoke(&self, function: &str, payload: &Value) -> Result<Value, Diagnostic> {
        let wire = |error: serde_json::Error| Diagnostic {
            error_type: "Runtime.InvalidEvent".into(),
            error_message: error.to_string(),
        };
        let bytes = serde_json::to_vec(payload).map_err(wire)?;
        let event: Value = serde_json::from_slice(&bytes).map_err(wire)?;
        let answer = self
            .dispatch(function, LambdaEvent::new(event, Context::default()))
            .await?;
        serde_json::from_slice(&answer).map_err(wire)
    }

    async fn dispatch(
        &self,
        function: &str,
        event: LambdaEvent<Value>,
    ) -> Result<Vec<u8>, Diagnostic> {
        let (recipes, platform) = (&self.recipes, &self.platform);
        if function == RUN_FUNCTION {
            self.renew_plan(&event.payload).await;
            let answer = run::handle(platform, event.payload).await;
            return to_bytes(&answer.map_err(|failure| diagnostic(&failure))?);
        }
        match function {
            "discovery" => call(&recipes.discovery, platform, event).await,
            "intelligence" => call(&recipes.intelligence, platform, event).await,
            "personalization" => call(&recipes.personalization, platform, event).await,
            "outreach" => call(&recipes.outreach, platform, event).await,
            "subscription" => call(&recipes.subscription, platform, event).await,
            _ => Err(Diagnostic {
                error_type: "Lambda.ResourceNotFoundException".into(),
                error_message: format!("there is no function `{function}`"),
            }),
        }
    }
}

impl InProcessFunctions {
    async fn renew_plan(&self, command: &Value) {
        let tenant = command.pointer("/input/customer_id");
        let tenant = tenant.and_then(|id| TenantId::new(id.as_str()?).ok());
        if let (Some(plans), Some(tenant)) = (&self.plans, tenant)
            && let Err(failure) = plans.renew(&tenant).await
        {
            tracing::warn!(%tenant, failure = chain(&failure), "the plan is not renewed");
        }
    }
}

async fn call<R: Recipe>(
    recipe: &R,
    platform: &Platform,
    event: LambdaEvent<Value>,
) -> Result<Vec<u8>, Diagnostic> {
    to_bytes(&handle_recipe(recipe, platform, event).await?)
}

fn to_bytes<T: serde::Serialize>(answer: &T) -> Result<Vec<u8>, Diagnostic> {
    serde_json::to_vec(answer).map_err(|error| Diagnostic {
        error_type: "Runtime.InvalidResponse".into(),
        error_message: error.to_string(),
    })
}

#[async_trait]
impl Functions for InProcessFunctions {
    async fn call(
        &self,
        function: &str,
        payload: Value,
        _: TaskContext,
    ) -> Result<Value, TaskError> {
        let functions = self.clone();
        let name = function.to_owned();
        let begun = Instant::now();
        // A task of its own: lanes run on all cores, and a panic ends one call, as it ends one
        // Lambda, instead of the whole process.
        let task = tokio::spawn(async move { functions.invoke(&name, &payload).await });
        let abort = AbortOnDrop(task.abort_handle());
        let answer = task.await;
        drop(abort);
        tracing::debug!(
            function,
            elapsed_ms = begun.elapsed().as_millis(),
            "function returned"
        );
        match answer {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(diagnostic)) => Err(task_error(&diagnostic)),
            Err(crash) => Err(task_error(&Diagnostic {
                error_type: "Lambda.Unknown".into(),
                error_message: format!("the function ended without an answer: {crash}"),
            })),
        }
    }
}

/// A step that times out or is stopped must not go on unseen.
struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn task_error(diagnostic: &Diagnostic) -> TaskError {
    let cause = json!({
        "errorMessage": diagnostic.error_message,
        "errorType": diagnostic.error_type,
    });
    TaskError::new(diagnostic.error_type.clone(), cause.to_string())
}
