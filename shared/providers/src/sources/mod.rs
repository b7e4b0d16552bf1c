//! The sources of places that are configured here.

mod probe;

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use hunter_contracts::{ErrorCode, RecipeFailure, TenantId};
use hunter_core::{
    ports::{PlaceSource, PlaceSources},
    recipe::{Caller, SecretsManager},
};
use tokio::sync::OnceCell;

use crate::{
    DEFAULT_USER_AGENT, FileSource, FileSpec, GooglePlaces, Overpass,
    client::Shared,
    http,
    services::{google_places, overpass},
    spec::ServiceSpec,
    web_search::{BraveSearch, WebSearchPlaces, brave},
};

/// Which sources there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourcesConfig {
    /// Base address of Google Places, as in `https://places.googleapis.com`.
    pub google_places: Option<String>,
    /// Base address of an Overpass server, as in `https://overpass-api.de`, and the user agent that
    /// says who asks.
    pub overpass: Option<OverpassConfig>,
    /// Base address of Brave Search, as in `https://api.search.brave.com`.
    pub brave: Option<String>,
    /// Place files; absent where nobody's own machine is.
    pub files: Option<FilesConfig>,
}

impl SourcesConfig {
    /// The services' own public addresses, and no files: what a function on AWS may use.
    #[must_use]
    pub fn public() -> Self {
        Self {
            google_places: google_places::SERVICE.base_url.map(str::to_owned),
            overpass: overpass::SERVICE.base_url.map(|base_url| OverpassConfig {
                base_url: base_url.to_owned(),
                user_agent: DEFAULT_USER_AGENT.to_owned(),
            }),
            brave: brave::SERVICE.base_url.map(str::to_owned),
            files: None,
        }
    }
}

/// An Overpass server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverpassConfig {
    /// As in `https://overpass-api.de`.
    pub base_url: String,
    /// As in `HunterBot/0.1 (+https://…)`.
    pub user_agent: String,
}

/// Place files on this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilesConfig {
    /// Relative paths are taken from here; absent: from the working directory.
    pub base_dir: Option<PathBuf>,
    /// What is used when a run names no source, as in `file:leads.csv`.
    pub default: Option<String>,
}

/// Opens what is configured.
pub struct ConfiguredSources {
    config: SourcesConfig,
    /// Built once, so that all runs share the rule of one query at a time.
    overpass: OnceCell<Overpass>,
    secrets: Arc<dyn SecretsManager>,
    shared: Shared,
}

impl ConfiguredSources {
    /// The registry.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when a base address is none.
    pub fn new(
        config: SourcesConfig,
        secrets: Arc<dyn SecretsManager>,
        shared: Shared,
    ) -> Result<Self, RecipeFailure> {
        // Clients are built when they are opened: a machine without certificates can still read
        // files.
        let overpass = config.overpass.iter().map(|o| &o.base_url);
        let keyed = config.google_places.iter().chain(&config.brave);
        for base_url in keyed.chain(overpass) {
            http::check_base_url(base_url)?;
        }
        Ok(Self {
            config,
            overpass: OnceCell::new(),
            secrets,
            shared,
        })
    }

    async fn has_key(&self, tenant: &TenantId, service: &ServiceSpec) -> bool {
        self.key(tenant, service).await.is_ok()
    }

    async fn key(&self, tenant: &TenantId, service: &ServiceSpec) -> Result<String, RecipeFailure> {
        let name = service.key.unwrap_or_default();
        let key = self.secrets.get_secret(tenant, name).await?;
        match key.trim() {
            "" => Err(RecipeFailure::new(
                ErrorCode::SecretMissing,
                format!("the secret `{name}` is empty; set it"),
            )),
            key => Ok(key.to_owned()),
        }
    }

    fn file(&self, name: &str) -> Result<FileSource, RecipeFailure> {
        let mut spec = FileSpec::parse(name)?;
        let files = self.config.files.as_ref();
        if let Some(base) = files.and_then(|files| files.base_dir.as_ref()) {
            spec.path = base.join(&spec.path);
        }
        Ok(FileSource::new(spec, Arc::clone(&self.shared.clock)))
    }

    async fn google_places(
        &self,
        caller: &Caller,
        base_url: &str,
    ) -> Result<GooglePlaces, RecipeFailure> {
        let key = self.key(&caller.tenant, &google_places::SERVICE).await?;
        GooglePlaces::new(base_url, key, caller.clone(), self.shared.clone())
    }

    async fn overpass(
        &self,
        caller: &Caller,
        config: &OverpassConfig,
    ) -> Result<Overpass, RecipeFailure> {
        let (base_url, agent) = (&config.base_url, &config.user_agent);
        let build =
            || async { Overpass::new(base_url, agent, caller.clone(), self.shared.clone()) };
        let first = self.overpass.get_or_try_init(build).await?;
        Ok(first.for_caller(caller.clone()))
    }

    async fn web_search(
        &self,
        caller: &Caller,
        base_url: &str,
    ) -> Result<WebSearchPlaces, RecipeFailure> {
        let key = self.key(&caller.tenant, &brave::SERVICE).await?;
        let brave = BraveSearch::new(base_url, key, caller.clone(), self.shared.clone())?;
        let clock = Arc::clone(&self.shared.clock);
        Ok(WebSearchPlaces::new(brave, clock))
    }

    async fn unknown(&self, tenant: &TenantId, name: &str) -> RecipeFailure {
        let shown: String = name.chars().take(100).collect();
        let problem = match name {
            _ if name.starts_with("file:") => "place files are read on one's own machine only",
            "google_places" | "google_maps" => "no address is configured for Google Places",
            "overpass" => "no Overpass server is configured",
            "web_search" => "no address is configured for a web search",
            _ if name.eq_ignore_ascii_case("linkedin") => LINKEDIN,
            _ => "there is no such source",
        };
        let mut usable: Vec<String> = self
            .available(tenant)
            .await
            .into_iter()
            .map(|s| s.0)
            .collect();
        if self.config.files.is_some() {
            usable.push("file:PATH".to_owned());
        }
        let advice = if usable.is_empty() {
            "no source is configured here".to_owned()
        } else {
            format!("use `{}`", usable.join("`, `"))
        };
        RecipeFailure::invalid_input(format!("`source`: `{shown}`: {problem}; {advice}"))
    }
}

/// Why LinkedIn is no source; see `docs/providers/linkedin.md`.
const LINKEDIN: &str = "LinkedIn has no official interface that finds businesses by what they do \
    and where (its organization lookup answers for a known page, to its partners), and reading its \
    pages by machine is against its terms; search elsewhere, and profiles that the sites \
    themselves name are kept with the leads";

#[async_trait]
impl PlaceSources for ConfiguredSources {
    async fn available(&self, tenant: &TenantId) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut add = |name: &str, why: &str| found.push((name.to_owned(), why.to_owned()));
        if self.config.google_places.is_some()
            && self.has_key(tenant, &google_places::SERVICE).await
        {
            add("google_places", "a key is set");
        }
        if self.config.overpass.is_some() {
            add("overpass", "a server is configured; no key is needed");
        }
        if self.config.brave.is_some() && self.has_key(tenant, &brave::SERVICE).await {
            add("web_search", "a key for Brave Search is set");
        }
        let default = self
            .config
            .files
            .as_ref()
            .and_then(|files| files.default.as_ref());
        if let Some(default) = default {
            let spec = default.strip_prefix("file:").unwrap_or(default);
            add(&format!("file:{spec}"), "the place file that is configured");
        }
        found
    }

    async fn open(
        &self,
        caller: &Caller,
        name: &str,
    ) -> Result<Arc<dyn PlaceSource>, RecipeFailure> {
        let (config, name) = (&self.config, name.trim());
        if let ("google_places" | "google_maps", Some(url)) = (name, &config.google_places) {
            return Ok(Arc::new(self.google_places(caller, url).await?));
        }
        if let ("overpass", Some(server)) = (name, &config.overpass) {
            return Ok(Arc::new(self.overpass(caller, server).await?));
        }
        if let ("web_search", Some(url)) = (name, &config.brave) {
            return Ok(Arc::new(self.web_search(caller, url).await?));
        }
        if name.starts_with("file:") && config.files.is_some() {
            return Ok(Arc::new(self.file(name)?));
        }
        Err(self.unknown(&caller.tenant, name).await)
    }
}
