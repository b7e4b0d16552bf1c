//! Pages over HTTP. Every URL and byte is hostile: addresses are checked before each hop, redirects
//! are followed by hand, times and sizes are limited, and robots.txt is obeyed.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use hunter_contracts::{Cause, ErrorCode, RecipeFailure, causes, chain};
use hunter_core::ports::{Clock, FetchFailure, FetchedPage, SiteFetcher};
use reqwest::{
    Client, Response,
    header::{ACCEPT, CONTENT_TYPE, HOST, HeaderMap, LAST_MODIFIED, LOCATION},
};
use tokio::sync::Semaphore;
use url::Url;

use super::{
    PAGE_MAX_BYTES, Route,
    admission::{Admission, NotPublic},
    classify,
    politeness::{Host, Hosts},
    robots::{self, ROBOTS_MAX_BYTES, Robots, Rules},
    target::{self, Way},
};
use crate::{DEFAULT_USER_AGENT, http};

const ACCEPTED: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,text/plain;q=0.8";

/// How sites are visited.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpSitesConfig {
    /// Where requests go.
    pub route: Route,
    /// Who visits, as in `HunterBot/0.1 (+https://…)`; its first word is looked up in robots.txt.
    pub user_agent: String,
    /// Requests at once, over all hosts.
    pub concurrency_max: usize,
    /// Requests at once to one host.
    pub per_host_max: usize,
    /// What is kept of a page, in bytes.
    pub body_max_bytes: usize,
    /// Redirects that are followed.
    pub redirects_max: u32,
    /// Limit for connecting.
    pub connect_timeout: Duration,
    /// Limit for a page with its redirects, without the waits that politeness asks for.
    pub total_timeout: Duration,
    /// A longer `Crawl-delay` counts as this.
    pub crawl_delay_max: Duration,
}

impl HttpSitesConfig {
    /// The defaults: 32 requests at once, 2 per host, 3 MB, 5 redirects, 5 s to connect, 15 s in
    /// all, crawl delays up to 2 s.
    #[must_use]
    pub fn new(route: Route) -> Self {
        Self {
            route,
            user_agent: DEFAULT_USER_AGENT.to_owned(),
            concurrency_max: 32,
            per_host_max: 2,
            body_max_bytes: PAGE_MAX_BYTES,
            redirects_max: 5,
            connect_timeout: Duration::from_secs(5),
            total_timeout: Duration::from_secs(15),
            crawl_delay_max: Duration::from_secs(2),
        }
    }
}

/// Sites over HTTP.
pub struct HttpSites {
    client: Client,
    way: Way,
    config: HttpSitesConfig,
    token: String,
    clock: Arc<dyn Clock>,
    hosts: Hosts,
    slots: Semaphore,
    requests: AtomicU64,
}

/// What one request gave.
enum Hop {
    Redirect(Url),
    Answer(Answer),
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// What a request is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Page,
    Robots,
}

impl HttpSites {
    /// A fetcher.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when the client cannot be built or the user agent has no name.
    pub fn new(config: HttpSitesConfig, clock: Arc<dyn Clock>) -> Result<Self, RecipeFailure> {
        Self::admitting(Admission::public(), config, clock)
    }

    /// A fetcher for which an internet on this machine is the live one.
    ///
    /// # Errors
    /// As [`HttpSites::new`].
    #[cfg(feature = "test-support")]
    pub fn on_stand_in(
        web: super::StandIn,
        config: HttpSitesConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, RecipeFailure> {
        Self::admitting(Admission::stand_in(web), config, clock)
    }

    fn admitting(
        admission: Admission,
        config: HttpSitesConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, RecipeFailure> {
        let invalid = |m: String| RecipeFailure::new(ErrorCode::InvalidConfiguration, m);
        let token = robots::product_token(&config.user_agent).to_owned();
        if token.is_empty() {
            return Err(invalid(format!(
                "user agent `{}` has no name; use one as in `{DEFAULT_USER_AGENT}`",
                config.user_agent
            )));
        }
        let mut builder = http::builder(config.route == Route::Live)
            .user_agent(&config.user_agent)
            .connect_timeout(config.connect_timeout)
            .pool_max_idle_per_host(config.per_host_max);
        let way = match config.route {
            Route::Live => {
                builder = builder.dns_resolver(Arc::new(admission.clone()));
                Way::Live(admission)
            }
            Route::Gateway(address) => Way::Gateway(address),
        };
        let built = builder.build();
        let client =
            built.map_err(|error| invalid("no HTTP client for sites".into()).caused_by(error))?;
        Ok(Self {
            client,
            way,
            token,
            hosts: Hosts::new(config.per_host_max, Arc::clone(&clock)),
            slots: Semaphore::new(config.concurrency_max.max(1)),
            clock,
            config,
            requests: AtomicU64::new(0),
        })
    }

    async fn page(&self, start: Url) -> Result<FetchedPage, FetchFailure> {
        let mut budget = self.config.total_timeout;
        let mut url = start;
        for _ in 0..=self.config.redirects_max {
            let host = self.hosts.get(&url);
            let rules = self.robots(&host, &url).await;
            rules.check(&url)?;
            let delay = Duration::from_secs_f32(rules.delay_s().min(3_600.0));
            let answer = match self
                .hop(&host, &url, delay, &mut budget, Purpose::Page)
                .await?
            {
                Hop::Redirect(next) => {
                    url = target::check(next, &self.way)?;
                    continue;
                }
                Hop::Answer(answer) => answer,
            };
            classify::by_answer(&url, answer.status, &answer.headers, &answer.body)?;
            let header = |name| {
                let value = answer.headers.get(name)?;
                Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
            };
            return Ok(FetchedPage {
                url: url.to_string(),
                status: answer.status,
                content_type: header(CONTENT_TYPE),
                last_modified: header(LAST_MODIFIED),
                body: answer.body,
                fetched_at: self.clock.now(),
            });
        }
        Err(self.too_many_redirects(&url))
    }

    fn too_many_redirects(&self, url: &Url) -> FetchFailure {
        unreachable(
            format!(
                "more than {} redirects, the last to {url}",
                self.config.redirects_max
            ),
            false,
        )
    }

    /// The host's rules; fetched once, however many pages wait for them.
    async fn robots<'h>(&self, host: &'h Host, url: &Url) -> &'h Robots {
        host.robots
            .get_or_init(|| async {
                match self.fetch_robots(host, url).await {
                    Ok(rules) => rules,
                    Err(failure) => Robots::Unknown(failure),
                }
            })
            .await
    }

    async fn fetch_robots(&self, host: &Host, page: &Url) -> Result<Robots, FetchFailure> {
        let mut url = page.clone();
        url.set_path("/robots.txt");
        url.set_query(None);
        let mut budget = self.config.total_timeout;
        for _ in 0..=self.config.redirects_max {
            let hop = self.hop(host, &url, Duration::ZERO, &mut budget, Purpose::Robots);
            let answer = match hop.await? {
                Hop::Redirect(next) => {
                    url = target::check(next, &self.way)?;
                    continue;
                }
                Hop::Answer(answer) => answer,
            };
            return match answer.status {
                200..=299 => Ok(Robots::Rules(Rules::read(&self.token, &answer.body))),
                // RFC 9309 §2.3.1.3; a 429 says to come back later.
                429 => Err(blocked(format!("HTTP 429 from {url}"))),
                300..=499 => Ok(Robots::AllowAll),
                status => Err(FetchFailure {
                    cause: Cause::Robots,
                    message: format!("HTTP {status} from {url}, so nothing is fetched there"),
                    retryable: true,
                }),
            };
        }
        // §2.3.1.2: after five redirects it counts as not there.
        Ok(Robots::AllowAll)
    }

    /// One request, when the host and the machine have room for it.
    async fn hop(
        &self,
        host: &Host,
        url: &Url,
        delay: Duration,
        budget: &mut Duration,
        purpose: Purpose,
    ) -> Result<Hop, FetchFailure> {
        let closed = |_| unreachable("the fetcher is closing".to_owned(), true);
        let _turn = host.gate.acquire().await.map_err(closed)?;
        if let Some(until) = host.resting_until(self.clock.now()) {
            return Err(blocked(format!(
                "{url} is not asked: the site wants no request before {until}"
            )));
        }
        let wait = host.book(delay.min(self.config.crawl_delay_max), self.clock.now());
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
        let _slot = self.slots.acquire().await.map_err(closed)?;
        self.requests.fetch_add(1, Ordering::Relaxed);
        // Tokio's time, as the time limit goes by.
        let begun = tokio::time::Instant::now();
        let result = tokio::time::timeout(*budget, self.exchange(url, purpose)).await;
        *budget = budget.saturating_sub(begun.elapsed());
        if let Ok(Ok(Hop::Answer(answer))) = &result {
            host.heed(answer.status, &answer.headers, self.clock.now());
        }
        result.unwrap_or_else(|_| {
            let seconds = self.config.total_timeout.as_secs();
            Err(unreachable(
                format!("{url} took longer than {seconds} s"),
                true,
            ))
        })
    }

    /// A request to the gateway in the site's name.
    fn through(
        &self,
        gateway: SocketAddr,
        url: &Url,
    ) -> Result<reqwest::RequestBuilder, FetchFailure> {
        let mut through = url.clone();
        let plain = through.set_scheme("http").is_ok()
            && through.set_ip_host(gateway.ip()).is_ok()
            && through.set_port(Some(gateway.port())).is_ok();
        if !plain {
            return Err(unreachable(
                format!("{url} has no way to the gateway"),
                false,
            ));
        }
        let name = url.host_str().unwrap_or_default();
        let authority = match url.port() {
            Some(port) => format!("{name}:{port}"),
            None => name.to_owned(),
        };
        Ok(self.client.get(through).header(HOST, authority))
    }

    async fn exchange(&self, url: &Url, purpose: Purpose) -> Result<Hop, FetchFailure> {
        let request = match &self.way {
            Way::Live(admission) => {
                admission
                    .admit(url)
                    .map_err(|problem| unreachable(format!("{url}: {problem}"), false))?;
                self.client.get(url.clone())
            }
            Way::Gateway(address) => self.through(*address, url)?,
        };
        let sent = request.header(ACCEPT, ACCEPTED).send().await;
        let mut response = sent.map_err(|error| transport_failure(url, error))?;
        if let Way::Live(admission) = &self.way {
            let peer = admission.admit_peer(response.remote_addr());
            peer.map_err(|error| unreachable(format!("{url}: {error}"), false))?;
        }
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let location = headers.get(LOCATION).filter(|_| status.is_redirection());
        if let Some(location) = location {
            let location = String::from_utf8_lossy(location.as_bytes());
            let next = url.join(location.trim());
            return next.map(Hop::Redirect).map_err(|error| {
                unreachable(format!("{url} redirects to `{location}`: {error}"), false)
            });
        }
        if status.is_success() && purpose == Purpose::Page {
            classify::by_content_type(url, &headers)?;
        }
        let limit = match purpose {
            Purpose::Page => self.config.body_max_bytes,
            Purpose::Robots => ROBOTS_MAX_BYTES,
        };
        Ok(Hop::Answer(Answer {
            status: status.as_u16(),
            headers,
            body: read_up_to(url, response, limit).await?,
        }))
    }
}

/// The body's first `limit` bytes, decompressed as far as that.
async fn read_up_to(
    url: &Url,
    mut response: Response,
    limit: usize,
) -> Result<Vec<u8>, FetchFailure> {
    let mut body = Vec::new();
    loop {
        let chunk = response.chunk().await;
        let Some(chunk) = chunk.map_err(|error| transport_failure(url, error))? else {
            return Ok(body);
        };
        let room = limit.saturating_sub(body.len());
        body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() > room {
            tracing::info!(%url, limit, "the page is longer than the limit and was cut");
            return Ok(body);
        }
    }
}

fn unreachable(message: String, retryable: bool) -> FetchFailure {
    FetchFailure {
        cause: Cause::Unreachable,
        message,
        retryable,
    }
}

/// The site does not want to be asked now.
fn blocked(message: String) -> FetchFailure {
    FetchFailure {
        cause: Cause::Blocked,
        message,
        retryable: true,
    }
}

fn transport_failure(url: &Url, error: reqwest::Error) -> FetchFailure {
    let error = error.without_url();
    let refused = causes(&error).any(<dyn std::error::Error>::is::<NotPublic>);
    unreachable(format!("{url}: {}", chain(&error)), !refused)
}

#[async_trait]
impl SiteFetcher for HttpSites {
    async fn fetch(&self, url: &str) -> Result<FetchedPage, FetchFailure> {
        let mut last = None;
        for candidate in target::candidates(url, &self.way)? {
            match self.page(candidate).await {
                // A site without TLS may still answer without it.
                Err(failure) if failure.cause == Cause::Unreachable => last = Some(failure),
                result => return result,
            }
        }
        Err(last.unwrap_or_else(|| unreachable(format!("`{url}` is no address"), false)))
    }

    async fn sitemaps(&self, url: &str) -> Vec<String> {
        let Ok(candidates) = target::candidates(url, &self.way) else {
            return Vec::new();
        };
        for candidate in candidates {
            let host = self.hosts.get(&candidate);
            let rules = self.robots(&host, &candidate).await;
            if !matches!(rules, Robots::Unknown(_)) {
                return rules.sitemaps(&candidate);
            }
        }
        Vec::new()
    }

    fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}
