//! All outside services of a process from one description: the same for functions and for the
//! command line.

#[cfg(feature = "models")]
use std::path::Path;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

use hunter_contracts::RecipeFailure;
#[cfg(feature = "contacts")]
use hunter_core::ports::ContactServices;
#[cfg(feature = "models")]
use hunter_core::ports::Models;
#[cfg(feature = "places")]
use hunter_core::ports::PlaceSources;
#[cfg(feature = "sites")]
use hunter_core::ports::SiteFetcher;
#[cfg(all(feature = "places", feature = "contacts", feature = "models"))]
use hunter_core::recipe::Caller;
use hunter_core::{ports::Clock, recipe::SecretsManager};

#[cfg(feature = "contacts")]
use crate::contacts::{ConfiguredContacts, ContactsConfig};
#[cfg(all(feature = "places", feature = "contacts", feature = "models"))]
use crate::models::Provider;
#[cfg(feature = "models")]
use crate::models::{ConfiguredModels, ModelsConfig};
#[cfg(feature = "places")]
use crate::{ConfiguredSources, SourcesConfig};
use crate::{
    SERVICES,
    client::{RateLimits, Shared},
    spec::check_services,
};

/// The longest that a call of a run waits for its turn: a chunk's leads all want the same service
/// at once, and nobody looks on.
const TURN_WAIT_MAX: Duration = Duration::from_secs(120);

impl Shared {
    /// For recipes: as [`Shared::new`], and calls wait long for their turn before they fail.
    #[must_use]
    pub fn for_runs(clock: Arc<dyn Clock>) -> Self {
        let limits = RateLimits::new(clock.clone()).with_wait_max(TURN_WAIT_MAX);
        Self {
            limits: Arc::new(limits),
            ..Self::new(clock)
        }
    }
}

/// The outside services of a process. Nothing is read, built or called before a recipe asks for it,
/// except for the sources of places, the sites, the contact services and the models' list
/// themselves, which are checked when they are made.
pub struct Providers {
    addresses: BTreeMap<&'static str, String>,
    secrets: Arc<dyn SecretsManager>,
    shared: Shared,
}

impl Providers {
    /// Services at their own addresses, except for those named: base addresses by service, as in
    /// `google_places` and `http://127.0.0.1:8080`.
    #[must_use]
    pub fn new(
        addresses: BTreeMap<&'static str, String>,
        secrets: Arc<dyn SecretsManager>,
        shared: Shared,
    ) -> Self {
        Self {
            addresses,
            secrets,
            shared,
        }
    }

    #[cfg(feature = "places")]
    fn at(&self, service: &str) -> Option<String> {
        self.addresses.get(service).cloned()
    }
}

#[cfg(feature = "places")]
impl Providers {
    /// The sources of places; `files` where place files may be read.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when an address is none.
    pub fn sources(
        &self,
        files: Option<crate::FilesConfig>,
    ) -> Result<Arc<dyn PlaceSources>, RecipeFailure> {
        check_services(SERVICES)?;
        let config = SourcesConfig {
            files,
            ..self.sources_config()
        };
        Ok(Arc::new(self.sources_at(config)?))
    }

    fn sources_at(&self, config: SourcesConfig) -> Result<ConfiguredSources, RecipeFailure> {
        ConfiguredSources::new(config, self.secrets.clone(), self.shared.clone())
    }

    fn sources_config(&self) -> SourcesConfig {
        let mut config = SourcesConfig::public();
        config.google_places = self.at("google_places").or(config.google_places);
        config.brave = self.at("brave_search").or(config.brave);
        if let (Some(overpass), Some(url)) = (&mut config.overpass, self.at("overpass")) {
            overpass.base_url = url;
        }
        config
    }
}

#[cfg(feature = "sites")]
impl Providers {
    /// The web sites: the public ones, or what answers for all of them at one address.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when the client cannot be built.
    pub fn sites(
        &self,
        gateway: Option<std::net::SocketAddr>,
    ) -> Result<Arc<dyn SiteFetcher>, RecipeFailure> {
        let route = gateway.map_or(crate::Route::Live, crate::Route::Gateway);
        let config = crate::SitesConfig::Http(crate::HttpSitesConfig::new(route));
        crate::site_fetcher(config, self.shared.clock.clone())
    }
}

#[cfg(feature = "contacts")]
impl Providers {
    /// The contact services and mail hosts.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when an address is none.
    pub fn contacts(&self) -> Result<Arc<dyn ContactServices>, RecipeFailure> {
        check_services(SERVICES)?;
        Ok(Arc::new(self.contacts_at(self.contacts_config())?))
    }

    fn contacts_config(&self) -> ContactsConfig {
        ContactsConfig::public().moved(&self.addresses)
    }

    fn contacts_at(&self, config: ContactsConfig) -> Result<ConfiguredContacts, RecipeFailure> {
        ConfiguredContacts::new(config, self.secrets.clone(), self.shared.clone())
    }
}

#[cfg(feature = "models")]
impl Providers {
    /// The models of a `models.toml`, or of the list that is compiled in.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when the file cannot be read or an address is none.
    pub fn models(&self, file: Option<&Path>) -> Result<Arc<dyn Models>, RecipeFailure> {
        let config = self.models_config(file)?;
        let (secrets, shared) = (self.secrets.clone(), self.shared.clone());
        Ok(Arc::new(ConfiguredModels::new(config, secrets, shared)?))
    }

    /// What [`Self::models`] is made of.
    ///
    /// # Errors
    /// As [`Self::models`].
    pub fn models_config(&self, file: Option<&Path>) -> Result<ModelsConfig, RecipeFailure> {
        use hunter_contracts::ErrorCode;
        check_services(SERVICES)?;
        let mut config = match file {
            None => ModelsConfig::list(),
            Some(path) => {
                let shown = path.display();
                let message = format!("`{shown}` is no list of models");
                let unusable = RecipeFailure::new(ErrorCode::InvalidConfiguration, message);
                match std::fs::read_to_string(path) {
                    Ok(text) => ModelsConfig::parse(&text)
                        .map_err(|failure| unusable.caused_by(failure.told()))?,
                    Err(error) => return Err(unusable.caused_by(error)),
                }
            }
        };
        for (service, url) in &self.addresses {
            config = config.with_base_url(service, url);
        }
        Ok(config)
    }
}

#[cfg(all(feature = "places", feature = "contacts", feature = "models"))]
impl Providers {
    /// Asks one service for the least that it charges for, with the caller's own key; answers what
    /// it said, for a person.
    ///
    /// # Errors
    /// `SECRET_MISSING` where a key is needed and not set; else as the service refuses.
    pub async fn probe(
        &self,
        caller: &Caller,
        service: &str,
        models_file: Option<&Path>,
    ) -> Result<String, RecipeFailure> {
        if let Some(provider) = Provider::ALL.into_iter().find(|p| p.id() == service) {
            let config = self.models_config(models_file)?;
            let models = ConfiguredModels::new(config, self.secrets.clone(), self.shared.clone())?;
            let listed = models.live(caller, provider).await?;
            return Ok(told(models.config(), provider, &listed));
        }
        if let Some(config) = self.contacts_config().only(service) {
            let checks = self.contacts_at(config)?.check(caller).await?;
            let check = checks.into_iter().find(|check| check.service == service);
            return check.map_or_else(|| Err(no_key(service)), |check| check.result);
        }
        self.sources_at(self.sources_config())?
            .probe(caller, service)
            .await
    }
}

#[cfg(all(feature = "places", feature = "contacts", feature = "models"))]
fn no_key(service: &str) -> RecipeFailure {
    RecipeFailure::new(
        hunter_contracts::ErrorCode::SecretMissing,
        format!("no key for `{service}` is set"),
    )
}

/// Which of our models a provider serves, and which it does not.
#[cfg(all(feature = "places", feature = "contacts", feature = "models"))]
fn told(config: &ModelsConfig, provider: Provider, listed: &[String]) -> String {
    let ours = config.models.iter().filter(|m| m.provider == provider);
    let (served, missing): (Vec<_>, Vec<_>) = ours.partition(|model| listed.contains(&model.id));
    let names = |models: Vec<&crate::models::ModelSpec>| {
        let names: Vec<_> = models.into_iter().map(|m| m.name.as_str()).collect();
        names.join(", ")
    };
    let count = listed.len();
    match (served.is_empty(), missing.is_empty()) {
        (_, true) => format!("{count} models, ours among them: {}", names(served)),
        (true, false) => format!("{count} models, but not ours: {}", names(missing)),
        (false, false) => format!(
            "{count} models, {} among them, but not {}",
            names(served),
            names(missing)
        ),
    }
}
