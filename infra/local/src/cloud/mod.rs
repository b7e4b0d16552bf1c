//! The cloud in this process: DynamoDB, the functions, the state machine's engine, and one local
//! customer.

mod dynamo;
mod engine;
mod functions;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use hunter_aws::{
    config::Settings,
    dynamodb::{DynamoStore, Tables, create_tables},
};
use hunter_contracts::{AgentConfig, Credits, ErrorCode, Plan, RecipeFailure, TenantId};
use hunter_core::{AlertPublisher, Clock, Platform, Progress, Store, SystemClock, TenantStore};
use jiff::{ToSpan, civil::Date, tz::TimeZone};

pub use dynamo::EmbeddedDynamo;
pub use engine::{DEFINITION, Ended, Engine};
pub use functions::{InProcessFunctions, RUN_FUNCTION, Recipes};

use crate::{
    adapters::OutboxAlerts,
    args::DIRECTORY,
    journal::{Entry, Journal},
};

/// The one customer of one machine.
const TENANT: &str = "local";
/// Credits that the local plan grants per month.
const MONTHLY_CREDITS: Credits = Credits::from_micros(99_990_000);
/// Calls to outside services that the local plan allows per month.
const MONTHLY_API_CALLS: u64 = 100_000;

/// The embedded cloud over one directory.
pub struct LocalCloud {
    /// Where everything is kept.
    pub directory: PathBuf,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Executions under way.
    pub journal: Journal,
    /// The store, with its count of units.
    pub store: Arc<DynamoStore>,
    tenant: TenantId,
    dynamo: EmbeddedDynamo,
}

impl LocalCloud {
    /// Opens (or makes) the cloud of a directory.
    ///
    /// # Errors
    /// `CONFLICT` when another process has it open, `STORE_UNAVAILABLE` when it cannot be opened.
    pub async fn open(directory: &Path) -> Result<Self, RecipeFailure> {
        let cloud = Self::over(EmbeddedDynamo::open(directory).await?, directory).await?;
        cloud.renew_plan().await?;
        Ok(cloud)
    }

    /// A cloud that is gone with the process, for tests and benchmarks; `directory` takes the
    /// outbox. Its customer has neither plan nor credits: see [`Self::renew_plan`].
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn in_memory(directory: &Path) -> Result<Self, RecipeFailure> {
        Self::over(EmbeddedDynamo::in_memory().await?, directory).await
    }

    async fn over(dynamo: EmbeddedDynamo, directory: &Path) -> Result<Self, RecipeFailure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let settings = Settings::local(dynamo.endpoint());
        let client = settings
            .dynamodb_client()
            .map_err(|error| RecipeFailure::internal(error.to_string()))?;
        let tables = Tables::from(&settings);
        create_tables(&client, &tables).await?;
        let store = Arc::new(DynamoStore::new(client, tables, clock.clone()));
        Ok(Self {
            directory: directory.to_owned(),
            journal: Journal::new(directory),
            clock,
            store,
            tenant: TenantId::derived(TENANT, "customer"),
            dynamo,
        })
    }

    /// The customer's store.
    #[must_use]
    pub fn tenant_store(&self) -> Arc<dyn TenantStore> {
        self.store.tenant(&self.tenant)
    }

    /// The customer.
    #[must_use]
    pub const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The plan of the current month, granted once.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn renew_plan(&self) -> Result<(), RecipeFailure> {
        let store = self.tenant_store();
        let now = self.clock.now();
        let today = now.to_zoned(TimeZone::UTC).date();
        let cycle_ends = last_of_month(today);
        let current = store.plan().await?;
        if current
            .as_ref()
            .is_some_and(|plan| plan.cycle_ends == cycle_ends)
        {
            return Ok(());
        }
        store
            .grant(
                &format!("plan-{}", today.strftime("%Y-%m")),
                MONTHLY_CREDITS,
                now,
            )
            .await?;
        let plan = Plan {
            plan_id: "professional".into(),
            monthly_credits: MONTHLY_CREDITS,
            api_calls_limit: MONTHLY_API_CALLS,
            cycle_ends,
            trial_ends: None,
        };
        Ok(store.put_plan(&plan).await?)
    }

    /// What steps need, with this machine's adapters.
    #[must_use]
    pub fn platform(
        &self,
        progress: Arc<dyn Progress>,
        direct_agent: AgentConfig,
        record_concurrency: usize,
    ) -> Platform {
        let alerts: Arc<dyn AlertPublisher> = Arc::new(OutboxAlerts::new(&self.directory));
        Platform {
            alerts,
            progress,
            direct_agent,
            record_concurrency,
            ..Platform::new(self.store.clone(), self.clock.clone())
        }
    }

    /// An execution that was begun and not ended, by its id or a unique beginning of it.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none.
    pub fn unfinished(&self, id: &str) -> Result<Entry, RecipeFailure> {
        let mut found = self.journal.unfinished();
        if id != "last" {
            found.retain(|entry| {
                !id.is_empty() && entry.request.execution_id.as_str().starts_with(id)
            });
        }
        match (found.len(), found.pop()) {
            (_, None) => Err(RecipeFailure::new(
                ErrorCode::NotFound,
                format!("`{id}` names no interrupted run: `hunter runs list` shows all runs"),
            )),
            (2.., Some(_)) if id != "last" => Err(RecipeFailure::new(
                ErrorCode::Conflict,
                format!("`{id}` is the beginning of several interrupted runs: write more of it"),
            )),
            (_, Some(entry)) => Ok(entry),
        }
    }

    /// How the command is called for this directory, for what people are told to do next.
    #[must_use]
    pub fn command(&self) -> String {
        let directory = self.directory.to_string_lossy();
        if directory == DIRECTORY {
            "hunter".to_owned()
        } else if directory.contains(char::is_whitespace) {
            format!("hunter --dir '{directory}'")
        } else {
            format!("hunter --dir {directory}")
        }
    }

    /// Stops the embedded services.
    pub async fn stop(self) {
        self.dynamo.stop().await;
    }
}

fn last_of_month(day: Date) -> Date {
    let first = day.first_of_month();
    first
        .checked_add(1.month())
        .and_then(|next| next.yesterday())
        .unwrap_or(day)
}
