//! The port to web sites.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::ports::FetchFailure;

/// A page, feed or sitemap as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedPage {
    /// The address that answered, after redirects.
    pub url: String,
    /// HTTP status; always 200–299.
    pub status: u16,
    /// The `Content-Type` header as it came.
    pub content_type: Option<String>,
    /// The `Last-Modified` header as it came.
    pub last_modified: Option<String>,
    /// The body, decompressed, at most the fetcher's limit.
    pub body: Vec<u8>,
    /// When.
    pub fetched_at: Timestamp,
}

/// Fetches pages of web sites. Obeys robots rules, size, time and redirect limits by itself: a
/// caller cannot ask it to do otherwise.
#[async_trait]
pub trait SiteFetcher: Send + Sync {
    /// Fetches one address (`http` or `https`; a bare host means its home page).
    ///
    /// # Errors
    /// With the cause that the lead's `absent` map records. A 404 is [`hunter_contracts::Cause::NotFound`].
    async fn fetch(&self, url: &str) -> Result<FetchedPage, FetchFailure>;
    /// Sitemaps that the site's robots.txt names.
    async fn sitemaps(&self, url: &str) -> Vec<String>;
    /// Requests made so far, including robots.txt.
    fn requests(&self) -> u64;
}
