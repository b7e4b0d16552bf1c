//! What contact services and mail hosts have in common, and which of them a customer can use. Each
//! is opened with the customer's own key; without keys only mail hosts are looked up.

pub(crate) mod answer;
pub(crate) mod spec;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use hunter_contracts::{ErrorCode, RecipeFailure, TenantId};
use hunter_core::{
    ports::{ContactServices, ContactTools},
    recipe::{Caller, SecretsManager},
};
use tokio::sync::OnceCell;

pub use spec::ContactSpec;

use crate::{
    SERVICES,
    client::{ApiClient, Endpoint, Shared},
    http,
    services::dns::{self, DnsOverHttps, MailHostCache},
    spec::{Kind, ServiceSpec},
};
use spec::{Connection, ContactService};

/// Where the services are; a service without an address is not used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactsConfig {
    base_urls: BTreeMap<&'static str, String>,
}

impl ContactsConfig {
    /// The services' own public addresses.
    #[must_use]
    pub fn public() -> Self {
        let of_contacts = |kind| matches!(kind, Kind::Contacts(_) | Kind::MailHosts);
        let services = SERVICES.iter().filter(|service| of_contacts(service.kind));
        let base_urls =
            services.filter_map(|service| Some((service.id, service.base_url?.to_owned())));
        Self {
            base_urls: base_urls.collect(),
        }
    }

    /// With a service at an address, by its id.
    #[must_use]
    pub fn with(mut self, service: &'static str, base_url: impl Into<String>) -> Self {
        self.base_urls.insert(service, base_url.into());
        self
    }

    /// With those of the addresses that are of services that are used.
    pub(crate) fn moved(mut self, addresses: &BTreeMap<&'static str, String>) -> Self {
        for (service, base_url) in &mut self.base_urls {
            if let Some(address) = addresses.get(service) {
                base_url.clone_from(address);
            }
        }
        self
    }

    /// One service alone; nothing where it is not used.
    #[cfg(all(feature = "places", feature = "models"))]
    pub(crate) fn only(mut self, service: &str) -> Option<Self> {
        self.base_urls.retain(|id, _| *id == service);
        (!self.base_urls.is_empty()).then_some(self)
    }
}

/// A client that is built when it is first used: building one costs a cold start.
struct Lazy {
    base_url: String,
    service: &'static ServiceSpec,
    client: OnceCell<ApiClient>,
}

impl Lazy {
    async fn get(&self, shared: &Shared) -> Result<ApiClient, RecipeFailure> {
        let build = || async {
            ApiClient::new(self.service, Endpoint::new(&self.base_url), shared.clone())
        };
        self.client.get_or_try_init(build).await.cloned()
    }
}

/// What a service answered to its cheapest call.
#[derive(Debug, Clone)]
pub struct LiveCheck {
    /// The service's id, as in `hunter_io`.
    pub service: &'static str,
    /// What it said, for a person; or why it could not be used.
    pub result: Result<String, RecipeFailure>,
}

/// Opens the contact services that are configured and for which the customer holds keys.
pub struct ConfiguredContacts {
    clients: Vec<Lazy>,
    mail_hosts: Arc<MailHostCache>,
    secrets: Arc<dyn SecretsManager>,
    shared: Shared,
}

impl ConfiguredContacts {
    /// The registry.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when a base address is none.
    pub fn new(
        config: ContactsConfig,
        secrets: Arc<dyn SecretsManager>,
        shared: Shared,
    ) -> Result<Self, RecipeFailure> {
        let mut clients = Vec::new();
        for service in SERVICES {
            let Some(base_url) = config.base_urls.get(service.id) else {
                continue;
            };
            http::check_base_url(base_url)?;
            clients.push(Lazy {
                base_url: base_url.clone(),
                service,
                client: OnceCell::new(),
            });
        }
        Ok(Self {
            clients,
            mail_hosts: Arc::default(),
            secrets,
            shared,
        })
    }

    /// Asks every service that the customer can use its cheapest question. None of the calls costs
    /// credits; Clearbit has no such call and is not asked.
    ///
    /// # Errors
    /// When the customer's keys cannot be read.
    pub async fn check(&self, caller: &Caller) -> Result<Vec<LiveCheck>, RecipeFailure> {
        let mut checks = Vec::new();
        let mut add = |service, result| checks.push(LiveCheck { service, result });
        for (service, opened) in self.opened(caller).await? {
            add(service, opened.check().await);
        }
        if let Some(dns) = self.dns(caller).await? {
            add(dns::SERVICE.id, dns.check().await);
        }
        Ok(checks)
    }

    /// The contact services that the customer holds keys for, in the table's order.
    async fn opened(
        &self,
        caller: &Caller,
    ) -> Result<Vec<(&'static str, Arc<dyn ContactService>)>, RecipeFailure> {
        let mut opened = Vec::new();
        for lazy in &self.clients {
            let (Kind::Contacts(spec), Some(key)) = (lazy.service.kind, lazy.service.key) else {
                continue;
            };
            let Some(key) = self.key(&caller.tenant, key).await? else {
                continue;
            };
            let connection = Connection {
                client: lazy.get(&self.shared).await?,
                base_url: lazy.base_url.trim_end_matches('/').to_owned(),
                key,
                caller: caller.clone(),
            };
            opened.push((lazy.service.id, (spec.open)(connection)?));
        }
        Ok(opened)
    }

    async fn dns(&self, caller: &Caller) -> Result<Option<DnsOverHttps>, RecipeFailure> {
        let mut clients = self.clients.iter();
        let Some(lazy) = clients.find(|lazy| lazy.service.id == dns::SERVICE.id) else {
            return Ok(None);
        };
        let (client, cache) = (lazy.get(&self.shared).await?, Arc::clone(&self.mail_hosts));
        Ok(Some(DnsOverHttps::new(client, cache, caller.clone())))
    }

    /// A key; none where it is not set or empty.
    async fn key(&self, tenant: &TenantId, name: &str) -> Result<Option<String>, RecipeFailure> {
        match self.secrets.get_secret(tenant, name).await {
            Ok(key) => Ok(Some(key.trim().to_owned()).filter(|key| !key.is_empty())),
            Err(failure) if failure.code == ErrorCode::SecretMissing => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

#[async_trait]
impl ContactServices for ConfiguredContacts {
    async fn open(&self, caller: &Caller) -> Result<ContactTools, RecipeFailure> {
        let mut tools = ContactTools::default();
        for (_, service) in self.opened(caller).await? {
            tools.verifier = tools.verifier.or_else(|| Arc::clone(&service).verifier());
            tools.sources.push(service);
        }
        if let Some(dns) = self.dns(caller).await? {
            tools.mail_hosts = Some(Arc::new(dns));
        }
        Ok(tools)
    }
}
