//! The contact services' clients against real servers on this machine: the sandbox's look-alikes,
//! and recorded bodies and documented errors served as they are.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may panic and says when it is skipped"
)]

mod canned;
mod clearbit;
mod dns;
mod errors;
mod hunter_io;
mod recorded;
mod rocketreach;
mod sandbox;
mod services;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use hunter_contracts::{ErrorCode, RecipeFailure, TenantId};
use hunter_core::{
    ports::{
        Clock, ContactQuery, ContactServices, ContactSource, ContactTools, EmailVerifier,
        MailHosts, ManualClock,
    },
    recipe::{Caller, SecretsManager},
};
use hunter_providers::{
    client::Shared,
    contacts::{ConfiguredContacts, ContactsConfig},
};

/// Keys in memory.
struct Keys(BTreeMap<&'static str, &'static str>);

#[async_trait]
impl SecretsManager for Keys {
    async fn get_secret(&self, _: &TenantId, key: &str) -> Result<String, RecipeFailure> {
        let found = self.0.get(key).map(|value| (*value).to_owned());
        found.ok_or_else(|| RecipeFailure::new(ErrorCode::SecretMissing, "not set"))
    }
}

/// One customer's tools, with its meter and a clock that stands still but for sleeps.
struct Bench {
    services: ConfiguredContacts,
    caller: Caller,
    clock: Arc<ManualClock>,
}

impl Bench {
    fn new(config: ContactsConfig, keys: &[(&'static str, &'static str)]) -> Self {
        let clock = Arc::new(ManualClock::new("2026-03-01T09:00:00Z".parse().unwrap()));
        let shared = Shared::new(Arc::clone(&clock) as Arc<dyn Clock>);
        let secrets = Arc::new(Keys(keys.iter().copied().collect()));
        Self {
            services: ConfiguredContacts::new(config, secrets, shared).unwrap(),
            caller: Caller::new(TenantId::new("tenant_one").unwrap()),
            clock,
        }
    }

    async fn tools(&self) -> ContactTools {
        self.services.open(&self.caller).await.unwrap()
    }

    async fn source(&self, name: &str) -> Arc<dyn ContactSource> {
        let tools = self.tools().await;
        let mut sources = tools.sources.into_iter();
        sources.find(|source| source.name() == name).unwrap()
    }

    async fn verifier(&self) -> Arc<dyn EmailVerifier> {
        self.tools().await.verifier.unwrap()
    }

    async fn mail_hosts(&self) -> Arc<dyn MailHosts> {
        self.tools().await.mail_hosts.unwrap()
    }

    /// Requests and failed ones of an operation, and its cost in billionths of a dollar.
    fn used(&self, operation: &str) -> (u64, u64, u64) {
        let uses = self.caller.meter.uses();
        let of = uses.iter().filter(|used| used.operation == operation);
        of.fold((0, 0, 0), |(calls, failed, nanos), used| {
            (
                calls + used.calls,
                failed + used.failed,
                nanos + used.cost.nanos(),
            )
        })
    }

    fn seconds(&self) -> i64 {
        let start: jiff::Timestamp = "2026-03-01T09:00:00Z".parse().unwrap();
        self.clock.now().as_second() - start.as_second()
    }
}

fn query(domain: &str, company: Option<&str>, people: &[&str]) -> ContactQuery {
    ContactQuery {
        domain: domain.to_owned(),
        company: company.map(str::to_owned),
        people: people.iter().map(|name| (*name).to_owned()).collect(),
        country: None,
    }
}
