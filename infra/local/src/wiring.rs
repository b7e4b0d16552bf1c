//! What a run talks to: sources of places, web sites, secrets. One description of it serves the
//! command line and the journal.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use discovery::Discovery;
use hunter_aws::config::Environment;
use hunter_contracts::{AgentConfig, ErrorCode, RecipeFailure, TenantId};
use hunter_core::{Progress, SiteFetcher};
use hunter_providers::{
    ArchiveConfig, ConfiguredSources, FilesConfig, GOOGLE_KEY, HttpSitesConfig, NoSites,
    OverpassConfig, Route, SitesConfig, SourcesConfig, site_fetcher,
};
use hunter_sandbox::{Category, Faults, Focus, Sandbox, Town, TownCity, TownOptions};
use intelligence::Intelligence;
use outreach::Outreach;
use personalization::Personalization;
use serde::{Deserialize, Serialize};
use subscription::Subscription;
use url::Url;

use crate::{
    adapters::{LocalSecrets, ReadAhead},
    args::{OutsideArgs, SandboxArgs},
    cloud::{Engine, InProcessFunctions, LocalCloud, Recipes},
};

/// The source that is a generated town.
pub const SANDBOX: &str = "sandbox";
/// Up to this many businesses the town is a mix of many cities and kinds.
const TOWN_MIXED_MAX: usize = 1_000;

/// How web sites are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteMode {
    /// From the sandbox.
    Sandbox,
    /// Every host at one address, as a sandbox in another process.
    Gateway(SocketAddr),
    /// From a folder with one folder per host.
    Archive(PathBuf),
    /// From the web.
    Live,
    /// Not at all.
    Off,
}

/// What a run talks to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutsideSpec {
    /// Whether the sandbox is started.
    pub with_sandbox: bool,
    /// How web sites are read.
    pub sites: SiteMode,
    /// Another address than Google's.
    pub places_url: Option<Url>,
    /// Another address than the public Overpass server's.
    pub overpass_url: Option<Url>,
    /// Records at once within a chunk.
    pub concurrency: u16,
    /// The sandbox's town and faults.
    pub sandbox: SandboxArgs,
}

impl OutsideSpec {
    /// Reads the command line.
    ///
    /// # Errors
    /// `INVALID_INPUT` for a way to read sites that there is not.
    pub fn from_args(source: Option<&str>, args: &OutsideArgs) -> Result<Self, RecipeFailure> {
        let from_sandbox = source == Some(SANDBOX);
        let sites = match args.sites.as_deref() {
            None if from_sandbox => SiteMode::Sandbox,
            None => SiteMode::Off,
            Some(text) => site_mode(text)?,
        };
        Ok(Self {
            with_sandbox: from_sandbox || sites == SiteMode::Sandbox,
            sites,
            places_url: args.places_url.clone(),
            overpass_url: args.overpass_url.clone(),
            concurrency: args.concurrency,
            sandbox: args.sandbox.clone(),
        })
    }
}

fn site_mode(text: &str) -> Result<SiteMode, RecipeFailure> {
    let invalid = |problem: String| Err(RecipeFailure::invalid_input(problem));
    match text.split_once(':') {
        None if text == SANDBOX => Ok(SiteMode::Sandbox),
        None if text == "live" => Ok(SiteMode::Live),
        None if text == "off" => Ok(SiteMode::Off),
        Some(("archive", path)) => {
            let path = PathBuf::from(path);
            if !path.is_dir() {
                return invalid(format!(
                    "`--sites archive:{}` is no folder: it holds one folder per host",
                    path.display()
                ));
            }
            Ok(SiteMode::Archive(path))
        }
        Some(("gateway", address)) => match address.parse() {
            Ok(address) => Ok(SiteMode::Gateway(address)),
            Err(_) => invalid(format!(
                "`--sites gateway:{address}` is no address: write 127.0.0.1:8080"
            )),
        },
        _ => invalid(format!(
            "`--sites` is `{text}`: use sandbox, archive:DIR, live or off"
        )),
    }
}

/// The outside, opened.
pub struct Outside {
    sources: Arc<ReadAhead>,
    sites: Arc<dyn SiteFetcher>,
    sandbox: Option<Sandbox>,
}

impl Outside {
    /// Opens what a run talks to; starts the sandbox where it is asked for.
    ///
    /// # Errors
    /// When a port cannot be had or an address is none.
    pub async fn open(cloud: &LocalCloud, spec: &OutsideSpec) -> Result<Self, RecipeFailure> {
        Self::open_with(cloud, spec, Some(FilesConfig::default())).await
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
        Self::open_with(cloud, spec, None).await
    }

    async fn open_with(
        cloud: &LocalCloud,
        spec: &OutsideSpec,
        files: Option<FilesConfig>,
    ) -> Result<Self, RecipeFailure> {
        let sandbox = if spec.with_sandbox {
            Some(start(cloud, &spec.sandbox).await?)
        } else {
            None
        };
        let mut secrets = LocalSecrets::new(&cloud.directory, Environment::of_process());
        let mut places_url = spec.places_url.clone();
        let mut overpass_url = spec.overpass_url.clone();
        if let Some(sandbox) = &sandbox {
            secrets = secrets.with(GOOGLE_KEY, Sandbox::PLACES_API_KEY);
            places_url = Some(sandbox.places_url());
            overpass_url = Some(sandbox.overpass_url());
        }
        let config = sources_config(places_url, overpass_url, files);
        let sources = ConfiguredSources::new(config, Arc::new(secrets), cloud.clock.clone())?;
        let sources = Arc::new(ReadAhead::new(Arc::new(sources)));
        let sites = site_fetcher(sites(&spec.sites, sandbox.as_ref()), cloud.clock.clone())?;
        Ok(Self {
            sources,
            sites,
            sandbox,
        })
    }

    /// No outside: for closing runs.
    ///
    /// # Errors
    /// Never: an empty configuration holds nothing that could be wrong.
    pub fn nothing(cloud: &LocalCloud) -> Result<Self, RecipeFailure> {
        let secrets = Arc::new(LocalSecrets::new(&cloud.directory, Environment::default()));
        let none = ConfiguredSources::new(SourcesConfig::default(), secrets, cloud.clock.clone())?;
        Ok(Self {
            sources: Arc::new(ReadAhead::new(Arc::new(none))),
            sites: Arc::new(NoSites),
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
        Recipes {
            discovery: Discovery::new(self.sources.clone(), self.sites.clone()),
            intelligence: Intelligence::new(self.sites.clone()),
            personalization: Personalization::rules(),
            outreach: Outreach::default(),
            subscription: Subscription,
        }
    }

    /// The sandbox, where it was started.
    #[must_use]
    pub const fn sandbox(&self) -> Option<&Sandbox> {
        self.sandbox.as_ref()
    }

    /// The web sites.
    #[must_use]
    pub fn sites(&self) -> Arc<dyn SiteFetcher> {
        self.sites.clone()
    }

    /// Stops what was started.
    pub async fn stop(self) {
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
    }
}

fn sources_config(
    places_url: Option<Url>,
    overpass_url: Option<Url>,
    files: Option<FilesConfig>,
) -> SourcesConfig {
    let public = SourcesConfig::public();
    SourcesConfig {
        google_places: places_url.map(String::from).or(public.google_places),
        overpass: public.overpass.map(|server| OverpassConfig {
            base_url: overpass_url.map_or(server.base_url, String::from),
            ..server
        }),
        files,
    }
}

fn sites(mode: &SiteMode, sandbox: Option<&Sandbox>) -> SitesConfig {
    match mode {
        SiteMode::Archive(dir) => SitesConfig::Archive(ArchiveConfig {
            dir: dir.clone(),
            as_of: None,
        }),
        SiteMode::Gateway(address) => {
            SitesConfig::Http(HttpSitesConfig::new(Route::Gateway(*address)))
        }
        SiteMode::Live => SitesConfig::Http(HttpSitesConfig::new(Route::Live)),
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

/// Starts the generated town.
///
/// # Errors
/// When a port cannot be had.
pub async fn start(cloud: &LocalCloud, args: &SandboxArgs) -> Result<Sandbox, RecipeFailure> {
    let mut options = TownOptions::new(args.seed, cloud.clock.now());
    options.businesses = args.town;
    if args.town > TOWN_MIXED_MAX {
        // A large town is one city's dentists, so that a search can find them all.
        options.focus = TownCity::named("Mumbai").map(|city| Focus {
            category: Category::Dentist,
            city,
        });
    }
    let mut faults = Faults::none();
    faults.seed = args.seed;
    faults.latency_p50_ms = args.latency_ms;
    faults.crawl_latency_ms = args.crawl_latency_ms;
    Sandbox::start(Town::generate(options), faults)
        .await
        .map_err(|error| {
            RecipeFailure::new(
                ErrorCode::ConnectionError,
                format!("the sandbox cannot start: {error}"),
            )
        })
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
