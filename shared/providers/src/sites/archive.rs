//! Sites as they were saved: `<dir>/<host>/path/index.html`, with `robots.txt`, sitemaps and feeds
//! where the sites had them. No network.

use std::{
    collections::HashMap,
    path::{Component, Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use hunter_contracts::{Cause, ErrorCode, RecipeFailure};
use hunter_core::ports::{Clock, FetchFailure, FetchedPage, SiteFetcher};
use jiff::Timestamp;
use reqwest::header::HeaderMap;
use url::Url;

use crate::DEFAULT_USER_AGENT;

use super::{
    PAGE_MAX_BYTES, classify,
    robots::{self, Robots, Rules},
};

/// Where saved sites lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveConfig {
    /// The directory that holds one directory per host.
    pub dir: PathBuf,
    /// When the sites were saved; absent: pages count as fetched now.
    pub as_of: Option<Timestamp>,
}

/// Sites from a directory.
pub struct ArchiveSites {
    root: PathBuf,
    as_of: Option<Timestamp>,
    token: String,
    clock: Arc<dyn Clock>,
    robots: Mutex<HashMap<PathBuf, Arc<Robots>>>,
    requests: AtomicU64,
}

impl ArchiveSites {
    /// A fetcher.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when the directory is not there.
    pub fn new(config: &ArchiveConfig, clock: Arc<dyn Clock>) -> Result<Self, RecipeFailure> {
        let root = config.dir.canonicalize().ok().filter(|dir| dir.is_dir());
        let root = root.ok_or_else(|| {
            RecipeFailure::new(
                ErrorCode::InvalidConfiguration,
                format!(
                    "there is no directory `{}` of saved sites; check the path",
                    config.dir.display()
                ),
            )
        })?;
        Ok(Self {
            root,
            as_of: config.as_of,
            token: robots::product_token(DEFAULT_USER_AGENT).to_owned(),
            clock,
            robots: Mutex::new(HashMap::new()),
            requests: AtomicU64::new(0),
        })
    }

    /// The address and the directory of its site; with and without `www.`.
    fn site(&self, text: &str) -> Result<(Url, PathBuf), FetchFailure> {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        let absolute = if lower.starts_with("http://") || lower.starts_with("https://") {
            text.to_owned()
        } else {
            format!("http://{}", text.trim_start_matches('/'))
        };
        let missing = || FetchFailure {
            cause: Cause::Unreachable,
            message: format!("`{text}` is not among the saved sites"),
            retryable: false,
        };
        let mut url = Url::parse(&absolute).map_err(|_| missing())?;
        url.set_fragment(None);
        let host = url.host_str().ok_or_else(missing)?.to_ascii_lowercase();
        let plain = host.strip_prefix("www.").unwrap_or(&host).to_owned();
        for name in [host.clone(), plain.clone(), format!("www.{plain}")] {
            if let Some(dir) = self.inside(Path::new(&name)).filter(|dir| dir.is_dir()) {
                return Ok((url, dir));
            }
        }
        Err(missing())
    }

    /// A path below the root, with links followed; `None` when it is not there or leads outside.
    fn inside(&self, relative: &Path) -> Option<PathBuf> {
        let plain = relative
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if !plain {
            return None;
        }
        let path = self.root.join(relative).canonicalize().ok()?;
        (path != self.root && path.starts_with(&self.root)).then_some(path)
    }

    fn file(&self, site: &Path, url: &Url) -> Option<PathBuf> {
        // A query asks for another page than the saved one.
        if url.query().is_some() {
            return None;
        }
        let site = site.strip_prefix(&self.root).ok()?;
        let mut path = site.to_path_buf();
        for segment in url.path_segments()?.filter(|segment| !segment.is_empty()) {
            let segment = percent_encoding::percent_decode_str(segment)
                .decode_utf8()
                .ok()?;
            if segment.contains(['/', '\\', '\0']) {
                return None;
            }
            path.push(segment.as_ref());
        }
        let html = path.with_file_name(format!("{}.html", path.file_name()?.to_string_lossy()));
        let candidates = [
            path.clone(),
            path.join("index.html"),
            path.join("index.xml"),
            html,
        ];
        candidates
            .iter()
            .filter(|candidate| *candidate != site)
            .filter_map(|candidate| self.inside(candidate))
            // A link may lead to another site's directory, but not out of the archive.
            .find(|file| file.is_file())
    }

    fn read(&self, file: &Path) -> Result<Vec<u8>, FetchFailure> {
        use std::io::Read;
        self.requests.fetch_add(1, Ordering::Relaxed);
        let limit = u64::try_from(PAGE_MAX_BYTES).unwrap_or(u64::MAX);
        let mut body = Vec::new();
        std::fs::File::open(file)
            .and_then(|handle| handle.take(limit).read_to_end(&mut body))
            .map_err(|error| FetchFailure {
                cause: Cause::Unreachable,
                message: format!("a saved page cannot be read: {error}"),
                retryable: false,
            })?;
        Ok(body)
    }

    fn rules(&self, site: &Path) -> Arc<Robots> {
        let known = |this: &Self| {
            let robots = this.robots.lock().unwrap_or_else(PoisonError::into_inner);
            robots.get(site).cloned()
        };
        if let Some(rules) = known(self) {
            return rules;
        }
        let relative = site
            .strip_prefix(&self.root)
            .unwrap_or(site)
            .join("robots.txt");
        let rules = match self.inside(&relative).filter(|file| file.is_file()) {
            None => Robots::AllowAll,
            Some(file) => match self.read(&file) {
                Ok(body) => Robots::Rules(Rules::read(&self.token, &body)),
                Err(failure) => Robots::Unknown(failure),
            },
        };
        let rules = Arc::new(rules);
        let mut robots = self.robots.lock().unwrap_or_else(PoisonError::into_inner);
        robots.insert(site.to_path_buf(), Arc::clone(&rules));
        rules
    }
}

/// What a server would have called the content.
fn content_type(path: &Path, body: &[u8]) -> &'static str {
    if path.file_name().is_some_and(|name| name == "robots.txt") {
        return "text/plain";
    }
    let head = String::from_utf8_lossy(body.get(..1_024).unwrap_or(body)).to_lowercase();
    let head = head.trim_start_matches('\u{feff}').trim_start();
    if head.starts_with("<!doctype html") || head.starts_with("<html") {
        "text/html"
    } else if head.contains("<rss") || head.contains("<rdf:rdf") {
        "application/rss+xml"
    } else if head.contains("<feed") {
        "application/atom+xml"
    } else if head.contains("<urlset") || head.contains("<sitemapindex") {
        "application/xml"
    } else if head.contains("<html") {
        "text/html"
    } else if head.starts_with("<?xml") {
        "application/xml"
    } else if head.starts_with(['{', '[']) {
        "application/json"
    } else if head.contains('<') {
        "text/html"
    } else {
        "text/plain"
    }
}

#[async_trait]
impl SiteFetcher for ArchiveSites {
    async fn fetch(&self, url: &str) -> Result<FetchedPage, FetchFailure> {
        let (url, site) = self.site(url)?;
        self.rules(&site).check(&url)?;
        let file = self.file(&site, &url).ok_or_else(|| FetchFailure {
            cause: Cause::NotFound,
            message: format!("{url} was not saved"),
            retryable: false,
        })?;
        let body = self.read(&file)?;
        classify::by_answer(&url, 200, &HeaderMap::new(), &body)?;
        Ok(FetchedPage {
            url: url.to_string(),
            status: 200,
            content_type: Some(content_type(&file, &body).to_owned()),
            last_modified: None,
            body,
            fetched_at: self.as_of.unwrap_or_else(|| self.clock.now()),
        })
    }

    async fn sitemaps(&self, url: &str) -> Vec<String> {
        match self.site(url) {
            Ok((url, site)) => self.rules(&site).sitemaps(&url),
            Err(_) => Vec::new(),
        }
    }

    fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}
