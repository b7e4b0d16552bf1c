//! A cloud, an outside and time.

use std::sync::Arc;

use hunter_cloud::{
    Engine, InProcessFunctions, LocalCloud,
    spec::{OutsideSpec, SandboxSpec, ServiceMode, SiteMode},
    wiring::Outside,
};
use hunter_contracts::{AgentConfig, DiscoveryPayload};
use hunter_core::{ports::Clock, recipe::Silent, store::Store};
use hunter_sandbox::{Faults, Sandbox, Town, TownOptions};
use tempfile::TempDir;

use crate::{FaultyStore, InstantTimer, Script, StandingClock};

/// Which world.
#[derive(Debug, Clone)]
pub struct WorldOptions {
    /// Businesses in the generated town; 0 for a world without a sandbox and without sites.
    pub town: usize,
    /// The town's seed.
    pub seed: u64,
    /// What goes wrong in the sandbox.
    pub faults: Option<Faults>,
    /// Other web sites than the town's.
    pub sites: Option<SiteMode>,
    /// Whether the customers hold keys for the sandbox's contact services and models; without, the
    /// Which contact services are asked.
    pub contacts: ServiceMode,
    /// Which models are asked.
    pub models: ServiceMode,
}

impl Default for WorldOptions {
    fn default() -> Self {
        Self {
            town: 80,
            seed: 7,
            faults: None,
            sites: None,
            contacts: ServiceMode::Off,
            models: ServiceMode::Off,
        }
    }
}

/// The Hunter in one process.
pub struct World {
    /// The embedded cloud.
    pub cloud: LocalCloud,
    /// What runs talk to.
    pub outside: Outside,
    /// Time.
    pub clock: StandingClock,
    /// The state machine's timer.
    pub timer: Arc<InstantTimer>,
    _directory: TempDir,
}

impl World {
    /// Opens it.
    pub async fn open(options: WorldOptions) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = StandingClock::at_noon();
        let mut cloud = LocalCloud::in_memory(directory.path()).await.unwrap();
        cloud.clock = Arc::new(clock.clone());
        let usual = match options.town {
            0 => SiteMode::Off,
            _ => SiteMode::Sandbox,
        };
        let spec = OutsideSpec {
            with_sandbox: options.town > 0,
            sites: options.sites.unwrap_or(usual),
            contacts: options.contacts,
            models: options.models,
            concurrency: 8,
            sandbox: SandboxSpec {
                town: options.town,
                seed: options.seed,
                ..SandboxSpec::default()
            },
            ..OutsideSpec::default()
        };
        let outside = match options.faults {
            None => Outside::open(&cloud, &spec).await.unwrap(),
            Some(faults) => {
                let mut town = TownOptions::new(options.seed, clock.now());
                town.businesses = options.town;
                let sandbox = Sandbox::start(Town::generate(town), faults).await.unwrap();
                Outside::over(&cloud, &spec, sandbox).unwrap()
            }
        };
        Self {
            timer: Arc::new(InstantTimer::new(clock.clone())),
            cloud,
            outside,
            clock,
            _directory: directory,
        }
    }

    /// The usual world.
    pub async fn usual() -> Self {
        Self::open(WorldOptions::default()).await
    }

    /// The sandbox.
    #[must_use]
    pub fn sandbox(&self) -> &Sandbox {
        self.outside.sandbox().unwrap()
    }

    /// The functions over a store; `direct_agent` is what direct calls run under.
    #[must_use]
    pub fn functions(
        &self,
        store: Arc<dyn Store>,
        direct_agent: AgentConfig,
        record_concurrency: usize,
    ) -> InProcessFunctions {
        let mut platform = self
            .cloud
            .platform(Arc::new(Silent), direct_agent, record_concurrency);
        platform.store = store;
        InProcessFunctions::new(self.outside.recipes(), platform)
    }

    /// An engine over the real store.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine_over(self.cloud.store.clone(), 8)
    }

    /// An engine over a store that does what a script says, one record at a time: effects come in
    /// the same order every time.
    #[must_use]
    pub fn engine_with(&self, script: &Arc<Script>) -> Engine {
        let store = FaultyStore::new(self.cloud.store.clone(), script.clone());
        self.engine_over(store, 1)
    }

    fn engine_over(&self, store: Arc<dyn Store>, record_concurrency: usize) -> Engine {
        let agent = AgentConfig::unconfigured();
        let functions = self.functions(store, agent, record_concurrency);
        Engine::new(functions, Arc::new(self.clock.clone()))
            .unwrap()
            .with_timer(self.timer.clone())
    }
}

/// Whom the scenarios look for: dentists in Mumbai at the sandbox's Places.
#[must_use]
pub fn target(max_results: u32) -> DiscoveryPayload {
    DiscoveryPayload {
        keywords: vec!["dentists".into()],
        location: Some("Mumbai, India".into()),
        business_type: None,
        depth: Some(3),
        max_results: Some(max_results),
        source: Some("google_places".into()),
    }
}
