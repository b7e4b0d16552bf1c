//! Contact services and mail hosts: Hunter.io, RocketReach, Clearbit, and DNS over HTTPS.
//!
//! Each is opened with the customer's own key; without keys only mail hosts are looked up.

mod answer;
mod clearbit;
mod dns;
mod hunter_io;
mod rocketreach;

use std::sync::Arc;

use async_trait::async_trait;
use hunter_contracts::{ErrorCode, RecipeFailure, TenantId};
use hunter_core::{
    ports::{ContactServices, ContactSource, ContactTools, EmailVerifier},
    recipe::{Caller, SecretsManager},
};
use tokio::sync::OnceCell;

use crate::{
    client::{ApiClient, Endpoint, Service, Shared},
    http,
};
use clearbit::Clearbit;
use dns::{DnsOverHttps, MailHostCache};
use hunter_io::HunterIo;
use rocketreach::RocketReach;

/// Hunter.io's own address.
pub const HUNTER_IO_URL: &str = "https://api.hunter.io";
/// RocketReach's own address.
pub const ROCKETREACH_URL: &str = "https://api.rocketreach.co";
/// Clearbit's own address for companies; people are asked for at `person.` in place of `company.`.
pub const CLEARBIT_URL: &str = "https://company.clearbit.com";
/// The name server that is asked unless the configuration says otherwise.
pub const DNS_URL: &str = "https://cloudflare-dns.com";

/// The secret that holds a customer's key for Hunter.io.
pub const HUNTER_IO_KEY: &str = "hunter_io_key";
/// The secret that holds a customer's key for RocketReach, by the specification's name.
pub const ROCKETREACH_KEY: &str = "rocketchat_key";
/// The secret that holds a customer's key for Clearbit.
pub const CLEARBIT_KEY: &str = "clearbit_key";

/// Where the services are; a service without an address is not used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactsConfig {
    /// Base address of Hunter.io, as in `https://api.hunter.io`.
    pub hunter_io: Option<String>,
    /// Base address of RocketReach, as in `https://api.rocketreach.co`.
    pub rocketreach: Option<String>,
    /// Base address of Clearbit, as in `https://company.clearbit.com`.
    pub clearbit: Option<String>,
    /// Base address of a name server that speaks DNS over HTTPS in JSON, as in
    /// `https://cloudflare-dns.com`.
    pub dns: Option<String>,
}

impl ContactsConfig {
    /// The services' own public addresses.
    #[must_use]
    pub fn public() -> Self {
        Self {
            hunter_io: Some(HUNTER_IO_URL.to_owned()),
            rocketreach: Some(ROCKETREACH_URL.to_owned()),
            clearbit: Some(CLEARBIT_URL.to_owned()),
            dns: Some(DNS_URL.to_owned()),
        }
    }
}

/// A client that is built when it is first used: building one costs a cold start.
struct Lazy {
    base_url: Option<String>,
    service: &'static Service,
    client: OnceCell<ApiClient>,
}

impl Lazy {
    fn new(base_url: Option<String>, service: &'static Service) -> Result<Self, RecipeFailure> {
        if let Some(base_url) = &base_url {
            http::check_base_url(base_url)?;
        }
        Ok(Self {
            base_url,
            service,
            client: OnceCell::new(),
        })
    }

    async fn get(&self, shared: &Shared) -> Result<Option<(ApiClient, String)>, RecipeFailure> {
        let Some(base_url) = &self.base_url else {
            return Ok(None);
        };
        let build =
            || async { ApiClient::new(self.service, Endpoint::new(base_url), shared.clone()) };
        let client = self.client.get_or_try_init(build).await?.clone();
        let base_url = base_url.trim_end_matches('/').to_owned();
        Ok(Some((client, base_url)))
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
    hunter_io: Lazy,
    rocketreach: Lazy,
    clearbit: Lazy,
    clearbit_people: Lazy,
    dns: Lazy,
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
        let people = config
            .clearbit
            .as_ref()
            .map(|base| base.replacen("//company.", "//person.", 1));
        Ok(Self {
            hunter_io: Lazy::new(config.hunter_io, &hunter_io::SERVICE)?,
            rocketreach: Lazy::new(config.rocketreach, &rocketreach::SERVICE)?,
            clearbit: Lazy::new(config.clearbit, &clearbit::SERVICE)?,
            clearbit_people: Lazy::new(people, &clearbit::SERVICE)?,
            dns: Lazy::new(config.dns, &dns::SERVICE)?,
            mail_hosts: Arc::default(),
            secrets,
            shared,
        })
    }

    /// Asks every service that the customer can use its cheapest question, to see whether key and
    /// service work. None of the calls costs credits; Clearbit has no such call and is not asked.
    ///
    /// # Errors
    /// When the customer's keys cannot be read.
    pub async fn check(&self, caller: &Caller) -> Result<Vec<LiveCheck>, RecipeFailure> {
        let mut checks = Vec::new();
        let mut add = |service, result| checks.push(LiveCheck { service, result });
        if let Some(hunter) = self.hunter_io(caller).await? {
            add(hunter_io::SERVICE.id, hunter.account().await);
        }
        if let Some(rocketreach) = self.rocketreach(caller).await? {
            add(rocketreach::SERVICE.id, rocketreach.account().await);
        }
        if self.clearbit(caller).await?.is_some() {
            let said = "the key is set; not asked, since Clearbit counts every call";
            add(clearbit::SERVICE.id, Ok(said.to_owned()));
        }
        if let Some(dns) = self.dns(caller).await? {
            add(dns::SERVICE.id, dns.check().await);
        }
        Ok(checks)
    }

    async fn hunter_io(&self, caller: &Caller) -> Result<Option<HunterIo>, RecipeFailure> {
        let Some((client, base_url)) = self.hunter_io.get(&self.shared).await? else {
            return Ok(None);
        };
        let key = self.key(&caller.tenant, HUNTER_IO_KEY).await?;
        Ok(key.map(|key| HunterIo::new(client, base_url, key, caller.clone())))
    }

    async fn rocketreach(&self, caller: &Caller) -> Result<Option<RocketReach>, RecipeFailure> {
        let Some((client, base_url)) = self.rocketreach.get(&self.shared).await? else {
            return Ok(None);
        };
        let key = self.key(&caller.tenant, ROCKETREACH_KEY).await?;
        Ok(key.map(|key| RocketReach::new(client, base_url, key, caller.clone())))
    }

    async fn clearbit(&self, caller: &Caller) -> Result<Option<Clearbit>, RecipeFailure> {
        let companies = self.clearbit.get(&self.shared).await?;
        let people = self.clearbit_people.get(&self.shared).await?;
        let (Some((companies, base_url)), Some((people, _))) = (companies, people) else {
            return Ok(None);
        };
        let key = self.key(&caller.tenant, CLEARBIT_KEY).await?;
        Ok(key.map(|key| Clearbit::new(companies, people, base_url, key, caller.clone())))
    }

    async fn dns(&self, caller: &Caller) -> Result<Option<DnsOverHttps>, RecipeFailure> {
        let client = self.dns.get(&self.shared).await?;
        Ok(client.map(|(client, _)| {
            DnsOverHttps::new(client, Arc::clone(&self.mail_hosts), caller.clone())
        }))
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
    /// The cheapest way to an address first: Hunter.io asks for cents and only where something was
    /// found, RocketReach for some ten times as much, likewise. Clearbit is last: it counts calls
    /// that found nothing, too, and verifies no address.
    async fn open(&self, caller: &Caller) -> Result<ContactTools, RecipeFailure> {
        let mut tools = ContactTools::default();
        if let Some(hunter) = self.hunter_io(caller).await? {
            let hunter = Arc::new(hunter);
            tools.verifier = Some(Arc::clone(&hunter) as Arc<dyn EmailVerifier>);
            tools.sources.push(hunter);
        }
        if let Some(rocketreach) = self.rocketreach(caller).await? {
            tools.sources.push(Arc::new(rocketreach));
        }
        if let Some(clearbit) = self.clearbit(caller).await? {
            let clearbit: Arc<dyn ContactSource> = Arc::new(clearbit);
            tools.sources.push(clearbit);
        }
        if let Some(dns) = self.dns(caller).await? {
            tools.mail_hosts = Some(Arc::new(dns));
        }
        Ok(tools)
    }
}
