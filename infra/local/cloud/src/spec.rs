//! What a run talks to, as the journal keeps it.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};

/// Records at once within a chunk when nobody says otherwise.
pub const CONCURRENCY: u16 = 50;

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

/// Which services of a kind are asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceMode {
    /// The sandbox's, with its keys.
    Sandbox,
    /// Those that the customer holds keys for.
    Live,
    /// None.
    #[default]
    Off,
}

/// Answers of outside services are kept, or played back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recording {
    /// Kept in a folder.
    Record(PathBuf),
    /// Played back from a folder.
    Replay(PathBuf),
}

/// What a run talks to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutsideSpec {
    /// Whether the sandbox is started.
    pub with_sandbox: bool,
    /// How web sites are read.
    pub sites: SiteMode,
    /// Contact services and mail hosts.
    #[serde(default)]
    pub contacts: ServiceMode,
    /// Models.
    #[serde(default)]
    pub models: ServiceMode,
    /// Another list of models than the one that is compiled in.
    #[serde(default)]
    pub models_file: Option<PathBuf>,
    /// Other addresses than the services' own, by service, as in `google_places`; the sandbox's go
    /// before them.
    #[serde(default)]
    pub addresses: BTreeMap<String, String>,
    /// Whether answers are kept or played back.
    #[serde(default)]
    pub recording: Option<Recording>,
    /// Records at once within a chunk.
    pub concurrency: u16,
    /// The sandbox's town and faults.
    pub sandbox: SandboxSpec,
}

impl Default for OutsideSpec {
    /// No outside at all.
    fn default() -> Self {
        Self {
            with_sandbox: false,
            sites: SiteMode::Off,
            contacts: ServiceMode::Off,
            models: ServiceMode::Off,
            models_file: None,
            addresses: BTreeMap::new(),
            recording: None,
            concurrency: CONCURRENCY,
            sandbox: SandboxSpec::default(),
        }
    }
}

/// The sandbox's town and faults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SandboxSpec {
    /// Businesses in the generated town.
    pub town: usize,
    /// Seed of the generated town: the same seed, the same town.
    pub seed: u64,
    /// Median latency of the sandbox's APIs.
    pub latency_ms: u64,
    /// Median latency of the sandbox's web sites.
    pub crawl_latency_ms: u64,
    /// Median latency of the sandbox's models.
    #[serde(default)]
    pub model_latency_ms: u64,
    /// Share of requests to the sandbox's models that fail at first, 0–1.
    #[serde(default)]
    pub model_error_rate: f64,
}

impl Default for SandboxSpec {
    fn default() -> Self {
        Self {
            town: 400,
            seed: 7,
            latency_ms: 0,
            crawl_latency_ms: 0,
            model_latency_ms: 0,
            model_error_rate: 0.0,
        }
    }
}
