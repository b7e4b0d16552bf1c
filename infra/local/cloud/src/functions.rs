//! The Lambda functions in this process: the same handlers, called with an event that was
//! serialised and read back as on the wire.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use async_trait::async_trait;
use discovery::Discovery;
use futures::future::BoxFuture;
use hunter_asl::{Functions, TaskContext, TaskError};
use hunter_contracts::{StepResult, TenantId, chain};
use hunter_core::{
    ports::{ContactServices, Models, PlaceSources, SiteFetcher},
    recipe::{Platform, Recipe},
};
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

/// What recipes talk to.
#[derive(Clone)]
pub(crate) struct Ports {
    pub(crate) sources: Arc<dyn PlaceSources>,
    pub(crate) sites: Arc<dyn SiteFetcher>,
    pub(crate) contacts: Arc<dyn ContactServices>,
    pub(crate) models: Arc<dyn Models>,
}

/// The recipes, wired.
pub struct Recipes(BTreeMap<&'static str, Handler>);

impl Recipes {
    pub(crate) fn new(to: Ports) -> Self {
        let discovery = Discovery::new(to.sources, to.sites.clone());
        let intelligence = Intelligence::new(to.sites).with_contacts(to.contacts);
        Self(BTreeMap::from([
            wired(discovery.with_models(to.models.clone())),
            wired(intelligence.with_models(to.models.clone())),
            wired(Personalization::new(to.models)),
            wired(Outreach::default()),
            wired(Subscription),
        ]))
    }
}

/// A recipe as a function, whichever it is.
type Handler = Box<dyn Fn(Arc<Platform>, LambdaEvent<Value>) -> Answer + Send + Sync>;
type Answer = BoxFuture<'static, Result<StepResult, Diagnostic>>;

fn wired<R: Recipe + 'static>(recipe: R) -> (&'static str, Handler) {
    let recipe = Arc::new(recipe);
    let handle = move |platform: Arc<Platform>, event| -> Answer {
        let recipe = recipe.clone();
        Box::pin(async move { handle_recipe(&*recipe, &platform, event).await })
    };
    (R::ID.into(), Box::new(handle))
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
        if function == RUN_FUNCTION {
            self.renew_plan(&event.payload).await;
            let answer = run::handle(&self.platform, event.payload).await;
            return to_bytes(&answer.map_err(|failure| diagnostic(&failure))?);
        }
        let Some(recipe) = self.recipes.0.get(function) else {
            return Err(Diagnostic {
                error_type: "Lambda.ResourceNotFoundException".into(),
                error_message: format!("there is no function `{function}`"),
            });
        };
        to_bytes(&recipe(self.platform.clone(), event).await?)
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
