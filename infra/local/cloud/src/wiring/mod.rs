//! What a run talks to: sources of places, web sites, contact services, models, secrets. One
//! description of it serves its user and the journal.

mod town;

use std::{sync::Arc, time::Duration};

use hunter_aws::config::{Environment, ProviderSettings};
use hunter_contracts::{AgentConfig, ErrorCode, RecipeFailure, TenantId};
use hunter_core::{
    ports::{Clock, ContactServices, Models, NoContactServices, NoModels, SiteFetcher},
    recipe::Progress,
};
use hunter_providers::{
    ArchiveConfig, FilesConfig, HttpSitesConfig, NoSites, Providers, Route, SitesConfig,
    client::{Mode, RateLimits, Recorder, Shared},
    site_fetcher,
};
use hunter_sandbox::Sandbox;

use crate::{
    adapters::{LocalSecrets, ReadAhead},
    cloud::LocalCloud,
    engine::Engine,
    functions::{InProcessFunctions, Ports, Recipes},
    spec::{OutsideSpec, Recording, ServiceMode, SiteMode},
};

pub use town::{played, start};

/// The outside, opened.
pub struct Outside {
    sources: Arc<ReadAhead>,
    ports: Ports,
    sandbox: Option<Sandbox>,
}

impl Outside {
    /// Opens what a run talks to; starts the sandbox where it is asked for.
    ///
    /// # Errors
    /// When a port cannot be had or an address is none.
    pub async fn open(cloud: &LocalCloud, spec: &OutsideSpec) -> Result<Self, RecipeFailure> {
        let files = Some(FilesConfig::default());
        Self::build(cloud, spec, files, own_sandbox(cloud, spec).await?)
    }

    /// As [`Self::open`], without place files: who asks over the network has no business with
    /// files of this machine.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn without_files(
        cloud: &LocalCloud,
        spec: &OutsideSpec,
    ) -> Result<Self, RecipeFailure> {
        Self::build(cloud, spec, None, own_sandbox(cloud, spec).await?)
    }

    /// As [`Self::open`], with a sandbox that is running: one with faults, say.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn over(
        cloud: &LocalCloud,
        spec: &OutsideSpec,
        sandbox: Sandbox,
    ) -> Result<Self, RecipeFailure> {
        Self::build(cloud, spec, Some(FilesConfig::default()), Some(sandbox))
    }

    fn build(
        cloud: &LocalCloud,
        spec: &OutsideSpec,
        files: Option<FilesConfig>,
        sandbox: Option<Sandbox>,
    ) -> Result<Self, RecipeFailure> {
        let environment = Environment::of_process();
        let services = Services::new(
            &cloud.directory,
            &environment,
            spec,
            sandbox.as_ref(),
            cloud.clock.clone(),
        )?;
        let providers = services.providers();
        let sources = providers.sources(files)?;
        let fetcher = sites(&spec.sites, sandbox.as_ref(), &services.settings);
        let sources = Arc::new(ReadAhead::new(sources));
        let ports = Ports {
            sources: sources.clone(),
            sites: site_fetcher(fetcher, cloud.clock.clone())?,
            contacts: services.contacts()?,
            models: services.models()?,
        };
        Ok(Self {
            sources,
            ports,
            sandbox,
        })
    }

    /// No outside: for closing runs.
    ///
    /// # Errors
    /// Never: an empty configuration holds nothing that could be wrong.
    pub fn nothing(cloud: &LocalCloud) -> Result<Self, RecipeFailure> {
        let secrets = Arc::new(LocalSecrets::new(&cloud.directory, Environment::default()));
        let shared = Shared::new(cloud.clock.clone());
        let none = Providers::new([].into(), secrets, shared).sources(None)?;
        let sources = Arc::new(ReadAhead::new(none));
        let ports = Ports {
            sources: sources.clone(),
            sites: Arc::new(NoSites),
            contacts: Arc::new(NoContactServices),
            models: Arc::new(NoModels),
        };
        Ok(Self {
            sources,
            ports,
            sandbox: None,
        })
    }

    /// Checks a source before a run is opened; a file is read whole.
    ///
    /// # Errors
    /// As [`ReadAhead::check`].
    pub async fn check_source(&self, tenant: &TenantId, name: &str) -> Result<(), RecipeFailure> {
        self.sources.check(tenant, name).await
    }

    /// The recipes, wired to this outside.
    #[must_use]
    pub fn recipes(&self) -> Recipes {
        Recipes::new(self.ports.clone())
    }

    /// The sandbox, where it was started.
    #[must_use]
    pub const fn sandbox(&self) -> Option<&Sandbox> {
        self.sandbox.as_ref()
    }

    /// The web sites.
    #[must_use]
    pub fn sites(&self) -> Arc<dyn SiteFetcher> {
        self.ports.sites.clone()
    }

    /// Stops what was started.
    pub async fn stop(self) {
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
    }
}

async fn own_sandbox(
    cloud: &LocalCloud,
    spec: &OutsideSpec,
) -> Result<Option<Sandbox>, RecipeFailure> {
    if !spec.with_sandbox {
        return Ok(None);
    }
    start(&spec.sandbox, cloud.clock.now()).await.map(Some)
}

/// Keys, addresses and clients of the outside services: the sandbox's before one's own.
pub struct Services {
    /// Keys.
    pub secrets: LocalSecrets,
    /// Addresses.
    pub settings: ProviderSettings,
    /// What the clients share.
    pub shared: Shared,
    contacts: ServiceMode,
    models: ServiceMode,
}

impl Services {
    /// The services of a directory and an environment as `spec` wants them.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` for an address or a file that is none.
    pub fn new(
        directory: &std::path::Path,
        environment: &Environment,
        spec: &OutsideSpec,
        sandbox: Option<&Sandbox>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, RecipeFailure> {
        let mut secrets = LocalSecrets::new(directory, environment.clone());
        let unusable = |error: hunter_aws::config::ConfigError| {
            RecipeFailure::new(ErrorCode::InvalidConfiguration, error.to_string())
        };
        let variables = hunter_providers::address_variables();
        let mut settings =
            ProviderSettings::from_environment(environment, variables).map_err(unusable)?;
        for (service, _) in hunter_providers::address_variables() {
            if let Some(url) = spec.addresses.get(service) {
                settings.addresses.insert(service, url.clone());
            }
        }
        if let Some(sandbox) = sandbox {
            settings.addresses.extend(town::addresses(spec, sandbox));
            for (key, value) in town::keys(spec) {
                secrets = secrets.with(key, value);
            }
        }
        if let Some(file) = &spec.models_file {
            settings.models_file = Some(file.clone());
        }
        let mut shared = Shared::for_runs(clock.clone());
        if sandbox.is_some() && spec.contacts != ServiceMode::Live {
            // Nobody is spared by waiting; real models say themselves when it is too much.
            shared.limits = Arc::new(RateLimits::new(clock).without_rates());
        }
        shared.recorder = spec.recording.as_ref().map(recorder);
        Ok(Self {
            secrets,
            settings,
            shared,
            contacts: spec.contacts,
            models: spec.models,
        })
    }

    /// The clients.
    #[must_use]
    pub fn providers(&self) -> Providers {
        Providers::new(
            self.settings.addresses.clone(),
            Arc::new(self.secrets.clone()),
            self.shared.clone(),
        )
    }

    /// The contact services that are wanted.
    ///
    /// # Errors
    /// When a client cannot be built.
    pub fn contacts(&self) -> Result<Arc<dyn ContactServices>, RecipeFailure> {
        match self.contacts {
            ServiceMode::Off => Ok(Arc::new(NoContactServices)),
            _ => self.providers().contacts(),
        }
    }

    /// The models that are wanted.
    ///
    /// # Errors
    /// When the list of models cannot be read.
    pub fn models(&self) -> Result<Arc<dyn Models>, RecipeFailure> {
        match self.models {
            ServiceMode::Off => Ok(Arc::new(NoModels)),
            _ => {
                let file = self.settings.models_file.as_deref();
                self.providers().models(file)
            }
        }
    }
}

fn recorder(recording: &Recording) -> Arc<Recorder> {
    let (folder, mode) = match recording {
        Recording::Record(folder) => (folder, Mode::Record),
        Recording::Replay(folder) => (folder, Mode::Replay),
    };
    Arc::new(Recorder::new(folder.clone(), mode))
}

fn sites(mode: &SiteMode, sandbox: Option<&Sandbox>, settings: &ProviderSettings) -> SitesConfig {
    match mode {
        SiteMode::Archive(dir) => SitesConfig::Archive(ArchiveConfig {
            dir: dir.clone(),
            as_of: None,
        }),
        SiteMode::Gateway(address) => {
            SitesConfig::Http(HttpSitesConfig::new(Route::Gateway(*address)))
        }
        SiteMode::Live => {
            let route = settings.sites_gateway.map_or(Route::Live, Route::Gateway);
            SitesConfig::Http(HttpSitesConfig::new(route))
        }
        SiteMode::Off => SitesConfig::Offline,
        SiteMode::Sandbox => sandbox.map_or(SitesConfig::Offline, |sandbox| {
            SitesConfig::Http(HttpSitesConfig {
                // The town's servers are this process: nobody is spared by waiting a second.
                crawl_delay_max: Duration::from_millis(20),
                ..HttpSitesConfig::new(Route::Gateway(sandbox.site_gateway()))
            })
        }),
    }
}

/// The engine over a cloud and an outside.
///
/// # Errors
/// When the state machine's definition cannot be loaded.
pub fn engine(
    cloud: &LocalCloud,
    outside: &Outside,
    progress: Arc<dyn Progress>,
    agent: AgentConfig,
    record_concurrency: usize,
) -> Result<Engine, RecipeFailure> {
    let recipes = outside.recipes();
    let platform = cloud.platform(progress, agent, record_concurrency);
    Engine::new(
        InProcessFunctions::new(recipes, platform),
        cloud.clock.clone(),
    )
}
