//! The cloud in this process: DynamoDB, and what is kept beside it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use aws_sdk_dynamodb::Client;
use hunter_aws::{
    config::Settings,
    dynamodb::{DynamoStore, Tables, create_tables},
};
use hunter_contracts::{AgentConfig, Rates, RecipeFailure, TenantId};
use hunter_core::{
    ports::{AlertPublisher, Clock, SystemClock},
    recipe::{Platform, Progress},
    store::{Store, TenantStore},
};

use crate::{
    adapters::{OutboxAlerts, TableQueue},
    dynamo::EmbeddedDynamo,
    journal::Journal,
    plans::LocalPlans,
};

/// The customer who sits at this machine.
const TENANT: &str = "local";
/// How often a message is handed out before it goes to the dead letters.
const RECEIVES_MAX: u32 = 5;

/// The embedded cloud over one directory.
pub struct LocalCloud {
    /// Where everything is kept.
    pub directory: PathBuf,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Prices by date.
    pub rates: Rates,
    /// Executions under way.
    pub journal: Journal,
    /// The store, with its count of units.
    pub store: Arc<DynamoStore>,
    tenant: TenantId,
    client: Client,
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
        let rates = Rates::published()?;
        rates.at(clock.now())?;
        let settings = Settings::local(dynamo.endpoint());
        let client = Self::client(&dynamo.endpoint())?;
        let tables = Tables::from(&settings);
        create_tables(&client, &tables).await?;
        let store = Arc::new(DynamoStore::new(client.clone(), tables, clock.clone()));
        Ok(Self {
            directory: directory.to_owned(),
            journal: Journal::new(directory),
            rates,
            clock,
            store,
            tenant: Self::local_tenant(),
            client,
            dynamo,
        })
    }

    /// The customer who sits at this machine.
    #[must_use]
    pub fn local_tenant() -> TenantId {
        TenantId::derived(TENANT, "customer")
    }

    /// A client of an embedded DynamoDB.
    ///
    /// # Errors
    /// When the client cannot be built.
    pub fn client(endpoint: &str) -> Result<Client, RecipeFailure> {
        Settings::local(endpoint)
            .dynamodb_client()
            .map_err(RecipeFailure::defect)
    }

    /// The queue of runs that are asked for.
    ///
    /// # Errors
    /// When the queues' table cannot be made.
    pub async fn run_queue(&self) -> Result<TableQueue, RecipeFailure> {
        self.queue("runs").await
    }

    /// The queue of alerts that are to be delivered.
    ///
    /// # Errors
    /// When the queues' table cannot be made.
    pub async fn alert_queue(&self) -> Result<TableQueue, RecipeFailure> {
        self.queue("alerts").await
    }

    async fn queue(&self, name: &str) -> Result<TableQueue, RecipeFailure> {
        TableQueue::open(self.client.clone(), self.clock.clone(), name, RECEIVES_MAX).await
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

    /// The customers' plans.
    #[must_use]
    pub fn plans(&self) -> LocalPlans {
        LocalPlans::new(self.store.clone(), self.clock.clone())
    }

    /// The local customer's plan of the current month, granted once.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn renew_plan(&self) -> Result<(), RecipeFailure> {
        self.plans().renew(&self.tenant).await
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
            ..Platform::new(self.store.clone(), self.clock.clone(), self.rates.clone())
        }
    }

    /// Stops the embedded services.
    pub async fn stop(self) {
        self.dynamo.stop().await;
    }
}
