//! Web sites: fetched from the live web, through the sandbox's gateway, or from an archive on disk;
//! or not at all.

mod address;
mod admission;
mod archive;
mod classify;
mod http;
mod politeness;
mod robots;
mod target;

use std::{net::SocketAddr, sync::Arc};

use async_trait::async_trait;
use hunter_contracts::{Cause, RecipeFailure};
use hunter_core::ports::{Clock, FetchFailure, FetchedPage, SiteFetcher};

#[cfg(feature = "test-support")]
pub use admission::StandIn;
pub use archive::{ArchiveConfig, ArchiveSites};
pub use http::{HttpSites, HttpSitesConfig};

/// What is kept of a page, in bytes: a longer one is cut there.
pub const PAGE_MAX_BYTES: usize = 3 * 1024 * 1024;

/// Where requests go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// To the sites themselves; public addresses and a web site's ports only.
    Live,
    /// All to one address, over plain HTTP, with the site's name in `Host`: the sandbox, which
    /// plays every site.
    Gateway(SocketAddr),
}

/// Which web there is.
#[derive(Debug, Clone, PartialEq)]
pub enum SitesConfig {
    /// Over HTTP.
    Http(HttpSitesConfig),
    /// From a directory.
    Archive(ArchiveConfig),
    /// None.
    Offline,
}

/// The fetcher that a configuration asks for.
///
/// # Errors
/// `INVALID_CONFIGURATION` when the client cannot be built or the directory is not there.
pub fn site_fetcher(
    config: SitesConfig,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn SiteFetcher>, RecipeFailure> {
    Ok(match config {
        SitesConfig::Http(config) => Arc::new(HttpSites::new(config, clock)?),
        SitesConfig::Archive(config) => Arc::new(ArchiveSites::new(&config, clock)?),
        SitesConfig::Offline => Arc::new(NoSites),
    })
}

/// Fetches nothing: every page is absent because fetching is switched off.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoSites;

#[async_trait]
impl SiteFetcher for NoSites {
    async fn fetch(&self, url: &str) -> Result<FetchedPage, FetchFailure> {
        Err(FetchFailure {
            cause: Cause::Offline,
            message: format!("`{url}` is not fetched: fetching from the web is switched off"),
            retryable: false,
        })
    }

    async fn sitemaps(&self, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn requests(&self) -> u64 {
        0
    }
}
