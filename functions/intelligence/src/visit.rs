//! A visit to a lead's site: which pages are read at which level, and what could not be read.

use std::{collections::VecDeque, time::Duration};

use futures::{future::join_all, join};
use hunter_contracts::{Cause, EnrichmentLevel, Lead};
use hunter_core::ports::{FetchFailure, FetchedPage, SiteFetcher};
use hunter_extract::{
    PageFacts, PageInput, PostFound, SitemapFacts, extract_feed, extract_page, extract_sitemap,
};
use tokio::time::{Instant, timeout_at};

/// How long one site may keep us after its home page: a slow one must not hold up the others.
const SITE_TIME_MAX: Duration = Duration::from_secs(20);

/// What a visit read.
#[derive(Debug, Default)]
pub(crate) struct Visit {
    pub(crate) pages: Vec<PageFacts>,
    pub(crate) feeds: Vec<Vec<PostFound>>,
    pub(crate) sitemaps: Vec<SitemapFacts>,
    /// Whether anything of the site was read, now or by discovery's look.
    pub(crate) reached: bool,
    /// The gravest thing that kept us from reading.
    pub(crate) obstacle: Option<Cause>,
    /// For a person, as in `HTTP 503 from http://…`.
    pub(crate) obstacle_message: Option<String>,
}

/// How many further pages of each kind a level reads.
struct Budget {
    contact: usize,
    feeds: usize,
    blogs: usize,
    sitemaps: usize,
}

const fn budget(level: EnrichmentLevel) -> Budget {
    match level {
        EnrichmentLevel::Skip | EnrichmentLevel::Basic => Budget {
            contact: 0,
            feeds: 0,
            blogs: 0,
            sitemaps: 0,
        },
        EnrichmentLevel::Standard => Budget {
            contact: 2,
            feeds: 1,
            blogs: 1,
            sitemaps: 0,
        },
        EnrichmentLevel::Premium => Budget {
            contact: 4,
            feeds: 2,
            blogs: 1,
            sitemaps: 2,
        },
    }
}

/// Reads a lead's site as far as its level goes. The home page is not read again where discovery
/// has read it.
pub(crate) async fn visit(
    sites: &dyn SiteFetcher,
    lead: &Lead,
    website: &str,
    level: EnrichmentLevel,
) -> Visit {
    let mut visit = Visit::default();
    let country = lead.country.as_deref();
    let links = match &lead.home {
        Some(home) => {
            if let Some(cause) = home.cause {
                visit.obstacle = Some(cause);
                return visit;
            }
            visit.reached = true;
            Links {
                home: home.url.clone(),
                contact: home.contact_links.clone(),
                feeds: home.feed_links.clone(),
                blogs: home.blog_links.clone(),
            }
        }
        None => match sites.fetch(website).await {
            Ok(page) => {
                visit.reached = true;
                let facts = extract_page(&input(&page), country);
                let links = Links::of(&page.url, &facts);
                visit.pages.push(facts);
                links
            }
            Err(failure) => {
                visit.obstacle = Some(failure.cause);
                visit.obstacle_message = Some(failure.message);
                return visit;
            }
        },
    };
    let links = links.with_usual_feed(is_wordpress(lead, &visit.pages));
    let budget = budget(level);
    let until = Instant::now() + SITE_TIME_MAX;
    // All at once: the fetcher keeps to what a site and a crawl may bear.
    let (contact, blogs, feeds, sitemaps) = join!(
        fetch_all(sites, until, links.contact.iter().take(budget.contact)),
        fetch_all(sites, until, links.blogs.iter().take(budget.blogs)),
        fetch_all(sites, until, links.feeds.iter().take(budget.feeds)),
        read_sitemaps(sites, until, &links.home, budget.sitemaps),
    );
    for page in visit.keep(contact).into_iter().chain(visit.keep(blogs)) {
        visit.pages.push(extract_page(&input(&page), country));
    }
    for page in visit.keep(feeds) {
        visit.feeds.push(extract_feed(&input(&page)));
    }
    visit.sitemaps = visit.keep(sitemaps);
    visit
}

type FetchResult<T> = Result<T, FetchFailure>;

/// Fetches a page within the time that the site has left.
async fn fetch(sites: &dyn SiteFetcher, until: Instant, url: &str) -> FetchResult<FetchedPage> {
    timeout_at(until, sites.fetch(url))
        .await
        .unwrap_or_else(|_| {
            let limit_s = SITE_TIME_MAX.as_secs();
            Err(FetchFailure {
                cause: Cause::Unreachable,
                message: format!("`{url}` was given up: a site has {limit_s} s for all its pages"),
                retryable: true,
            })
        })
}

async fn fetch_all(
    sites: &dyn SiteFetcher,
    until: Instant,
    urls: impl Iterator<Item = &String>,
) -> Vec<FetchResult<FetchedPage>> {
    join_all(urls.map(|url| fetch(sites, until, url))).await
}

/// Reads the sitemaps that robots.txt names, else the usual address; one level of nesting.
async fn read_sitemaps(
    sites: &dyn SiteFetcher,
    until: Instant,
    home: &str,
    most: usize,
) -> Vec<FetchResult<SitemapFacts>> {
    if most == 0 {
        return Vec::new();
    }
    let named = timeout_at(until, sites.sitemaps(home))
        .await
        .unwrap_or_default();
    let mut queue: VecDeque<String> = named.into();
    if queue.is_empty() {
        queue.extend(
            ["sitemap.xml", "sitemap_index.xml"]
                .iter()
                .filter_map(|name| at_root(home, name)),
        );
    }
    let mut read = Vec::new();
    while read.len() < most
        && let Some(url) = queue.pop_front()
    {
        let fetched = fetch(sites, until, &url)
            .await
            .map(|page| extract_sitemap(&input(&page)));
        if let Ok(sitemap) = &fetched {
            // Posts say most about a site's life.
            let mut nested: Vec<&str> = sitemap.nested.iter().map(|n| n.url.as_str()).collect();
            nested.sort_by_key(|url| url.contains("post"));
            for url in nested {
                queue.push_front(url.to_owned());
            }
        }
        // One that is not there costs nothing of what may be read.
        if fetched
            .as_ref()
            .err()
            .is_none_or(|failure| failure.cause != Cause::NotFound)
        {
            read.push(fetched);
        }
    }
    read
}

struct Links {
    home: String,
    contact: Vec<String>,
    feeds: Vec<String>,
    blogs: Vec<String>,
}

/// The name that the technology rules give it.
const WORDPRESS: &str = "WordPress";

impl Links {
    /// WordPress has a feed at a usual place, also where the theme does not declare it.
    fn with_usual_feed(mut self, is_wordpress: bool) -> Self {
        if is_wordpress && self.feeds.is_empty() {
            self.feeds.extend(at_root(&self.home, "feed/"));
        }
        self
    }

    /// Where a home page leads: contact pages first, then imprints, which must name the operator in
    /// many countries, then pages about the business.
    fn of(home: &str, facts: &PageFacts) -> Self {
        let links = &facts.links;
        let contact = [&links.contact, &links.imprint, &links.about];
        Self {
            home: home.to_owned(),
            contact: contact.into_iter().flatten().cloned().collect(),
            feeds: links.feeds.clone(),
            blogs: links.blog.clone(),
        }
    }
}

/// Whether the home page shows that the site runs on WordPress.
fn is_wordpress(lead: &Lead, pages: &[PageFacts]) -> bool {
    let known = lead
        .website_metadata
        .as_ref()
        .and_then(|site| site.tech_stack.as_ref());
    let mut names = known.into_iter().flatten().map(String::as_str);
    let mut seen = pages.iter().flat_map(|page| &page.technologies);
    names.any(|name| name == WORDPRESS) || seen.any(|found| found.name == WORDPRESS)
}

fn input(page: &FetchedPage) -> PageInput<'_> {
    PageInput {
        url: &page.url,
        content_type: page.content_type.as_deref(),
        last_modified: page.last_modified.as_deref(),
        body: &page.body,
        fetched_at: page.fetched_at,
    }
}

impl Visit {
    /// What could be read; what could not is an obstacle.
    fn keep<T>(&mut self, fetched: Vec<FetchResult<T>>) -> Vec<T> {
        let mut kept = Vec::with_capacity(fetched.len());
        for one in fetched {
            match one {
                Ok(value) => kept.push(value),
                // A page that is not there says nothing about the site.
                Err(failure) if failure.cause == Cause::NotFound => {}
                Err(failure) => {
                    self.obstacle.get_or_insert(failure.cause);
                    self.obstacle_message.get_or_insert(failure.message);
                }
            }
        }
        kept
    }
}

/// `path` at the root of the site that `url` is on.
fn at_root(url: &str, path: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    Some(format!("{scheme}://{host}/{path}"))
}
