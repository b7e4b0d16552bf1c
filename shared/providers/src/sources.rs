//! The sources of places that are configured here.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use hunter_contracts::{ErrorCode, RecipeFailure, TenantId};
use hunter_core::{Caller, Clock, PlaceSource, PlaceSources, SecretsManager};

use tokio::sync::OnceCell;

use crate::{DEFAULT_USER_AGENT, FileSource, FileSpec, GooglePlaces, Overpass, http};

/// Google Places' own address.
pub const GOOGLE_PLACES_URL: &str = "https://places.googleapis.com";
/// The public Overpass server.
pub const OVERPASS_URL: &str = "https://overpass-api.de";
/// The secret that holds a customer's key for Google Places.
pub const GOOGLE_KEY: &str = "google_maps_api_key";

/// Which sources there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourcesConfig {
    /// Base address of Google Places, as in `https://places.googleapis.com`.
    pub google_places: Option<String>,
    /// Base address of an Overpass server, as in `https://overpass-api.de`, and the user agent that
    /// says who asks.
    pub overpass: Option<OverpassConfig>,
    /// Place files; absent where nobody's own machine is.
    pub files: Option<FilesConfig>,
}

impl SourcesConfig {
    /// The services' own public addresses, and no files: what a function on AWS may use.
    #[must_use]
    pub fn public() -> Self {
        Self {
            google_places: Some(GOOGLE_PLACES_URL.to_owned()),
            overpass: Some(OverpassConfig {
                base_url: OVERPASS_URL.to_owned(),
                user_agent: DEFAULT_USER_AGENT.to_owned(),
            }),
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
    clock: Arc<dyn Clock>,
}

impl ConfiguredSources {
    /// The registry.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when a base address is none.
    pub fn new(
        config: SourcesConfig,
        secrets: Arc<dyn SecretsManager>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, RecipeFailure> {
        // Clients are built when they are opened: a machine without certificates can still read
        // files.
        let overpass = config.overpass.iter().map(|o| &o.base_url);
        for base_url in config.google_places.iter().chain(overpass) {
            http::check_base_url(base_url)?;
        }
        Ok(Self {
            config,
            overpass: OnceCell::new(),
            secrets,
            clock,
        })
    }

    fn file(&self, name: &str) -> Result<FileSource, RecipeFailure> {
        let mut spec = FileSpec::parse(name)?;
        let files = self.config.files.as_ref();
        if let Some(base) = files.and_then(|files| files.base_dir.as_ref()) {
            spec.path = base.join(&spec.path);
        }
        Ok(FileSource::new(spec, Arc::clone(&self.clock)))
    }

    async fn unknown(&self, tenant: &TenantId, name: &str) -> RecipeFailure {
        let shown: String = name.chars().take(100).collect();
        let problem = match name {
            _ if name.starts_with("file:") => "place files are read on one's own machine only",
            "google_places" | "google_maps" => "no address is configured for Google Places",
            "overpass" => "no Overpass server is configured",
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

#[async_trait]
impl PlaceSources for ConfiguredSources {
    async fn available(&self, tenant: &TenantId) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut add = |name: &str, why: &str| found.push((name.to_owned(), why.to_owned()));
        if self.config.google_places.is_some()
            && self.secrets.get_secret(tenant, GOOGLE_KEY).await.is_ok()
        {
            add("google_places", "a key is set");
        }
        if self.config.overpass.is_some() {
            add("overpass", "a server is configured; no key is needed");
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
        let (tenant, name) = (&caller.tenant, name.trim());
        match (name, &self.config.google_places, &self.config.overpass) {
            ("google_places" | "google_maps", Some(base_url), _) => {
                let key = self.secrets.get_secret(tenant, GOOGLE_KEY).await?;
                if key.trim().is_empty() {
                    return Err(RecipeFailure::new(
                        ErrorCode::SecretMissing,
                        format!("the secret `{GOOGLE_KEY}` is empty; set it"),
                    ));
                }
                let clock = Arc::clone(&self.clock);
                let source = GooglePlaces::new(base_url, key.trim().to_owned(), clock)?;
                Ok(Arc::new(source))
            }
            (
                "overpass",
                _,
                Some(OverpassConfig {
                    base_url,
                    user_agent,
                }),
            ) => {
                let build =
                    || async { Overpass::new(base_url, user_agent, Arc::clone(&self.clock)) };
                Ok(Arc::new(
                    self.overpass.get_or_try_init(build).await?.clone(),
                ))
            }
            _ if name.starts_with("file:") && self.config.files.is_some() => {
                Ok(Arc::new(self.file(name)?))
            }
            _ => Err(self.unknown(tenant, name).await),
        }
    }
}
