//! HTTP clients of outside services and readers of place files. One module per service; each
//! speaks the service's documented protocol, with its base address in configuration, timeouts, a
//! body limit, and its documented errors as `ErrorCode`s.
//!
//! All API clients have one shape: they are built on [`client`], which sends, retries, limits,
//! meters and records. A service's own module holds its row of [`SERVICES`], and says what its
//! requests and answers look like and what its refusals mean. Functions link the kinds of services
//! that they call: features `places`, `sites`, `contacts`, `models`.

pub mod client;
#[cfg(feature = "contacts")]
pub mod contacts;
#[cfg(feature = "places")]
mod files;
mod http;
#[cfg(feature = "models")]
pub mod models;
#[cfg(feature = "places")]
mod queries;
mod services;
#[cfg(feature = "sites")]
mod sites;
#[cfg(feature = "places")]
mod sources;
mod spec;
#[cfg(feature = "places")]
mod unique;
#[cfg(feature = "places")]
pub mod web_search;
#[cfg(any(feature = "places", feature = "contacts", feature = "models"))]
mod wiring;

#[cfg(feature = "places")]
pub use files::{
    Column, ColumnMap, FILE_MAX_BYTES, FileOptions, FileSource, FileSpec, read_places_file,
};
#[cfg(feature = "places")]
pub use services::google_places::GooglePlaces;
#[cfg(feature = "places")]
pub use services::overpass::Overpass;
#[cfg(all(feature = "sites", feature = "test-support"))]
pub use sites::StandIn;
#[cfg(feature = "sites")]
pub use sites::{
    ArchiveConfig, ArchiveSites, HttpSites, HttpSitesConfig, NoSites, PAGE_MAX_BYTES, Route,
    SitesConfig, site_fetcher,
};
#[cfg(feature = "places")]
pub use sources::{ConfiguredSources, FilesConfig, OverpassConfig, SourcesConfig};

pub use services::{SERVICES, address_variables, service};
pub use spec::{Kind, ServiceSpec, check_services};
#[cfg(any(feature = "places", feature = "contacts", feature = "models"))]
pub use wiring::Providers;

/// Who calls, unless the configuration says otherwise: services and sites ask for a name with an
/// address.
pub const DEFAULT_USER_AGENT: &str = "HunterBot/0.1 (+https://example.org/hunter-bot)";
