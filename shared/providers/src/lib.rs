//! HTTP clients of outside services and readers of place files. One module per service; each
//! speaks the service's documented protocol, with its base address in configuration, a timeout, a
//! body limit, and its documented errors as `ErrorCode`s.

mod files;
mod google_places;
mod http;
mod overpass;
mod sites;
mod sources;

pub use files::{
    Column, ColumnMap, FILE_MAX_BYTES, FileOptions, FileSource, FileSpec, read_places_file,
};
pub use google_places::GooglePlaces;
pub use overpass::Overpass;
pub use sites::{
    ArchiveConfig, ArchiveSites, DEFAULT_USER_AGENT, HttpSites, HttpSitesConfig, NoSites,
    PAGE_MAX_BYTES, Route, SitesConfig, site_fetcher,
};
pub use sources::{
    ConfiguredSources, FilesConfig, GOOGLE_KEY, GOOGLE_PLACES_URL, OVERPASS_URL, OverpassConfig,
    SourcesConfig,
};
