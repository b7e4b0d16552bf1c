//! Where a page leads: contact, about and imprint pages, feeds, blogs.

use std::collections::BTreeSet;

use url::Url;

use crate::dom::Doc;
use crate::domains::registrable;
use crate::list::List;

/// Links worth following, absolute and without fragments, in the page's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageLinks {
    /// Pages to write to or call the business.
    pub contact: Vec<String>,
    /// Pages about the business and its team.
    pub about: Vec<String>,
    /// Imprints and legal notices, which must name the operator in many countries.
    pub imprint: Vec<String>,
    /// Pages that list services.
    pub services: Vec<String>,
    /// Declared RSS, Atom and JSON feeds, without those of comments.
    pub feeds: Vec<String>,
    /// Blogs and news pages.
    pub blog: Vec<String>,
}

/// Most links per kind.
const LINKS_MAX: usize = 10;

static CONTACT: List = List(include_str!("../data/page_contact.txt"));
static ABOUT: List = List(include_str!("../data/page_about.txt"));
static IMPRINT: List = List(include_str!("../data/page_imprint.txt"));
static SERVICES: List = List(include_str!("../data/page_services.txt"));
static BLOG: List = List(include_str!("../data/page_blog.txt"));

/// Whether a path segment is that of a blog or news page.
pub(crate) fn is_blog_segment(segment: &str) -> bool {
    let segment = segment.to_lowercase();
    let stem = segment.trim_end_matches(".html").trim_end_matches(".php");
    BLOG.has(stem) || matches!(stem, "blogs" | "posts" | "beitraege" | "category")
}

/// The address that the page declares as its own, when it is not that of a social network.
pub(crate) fn canonical(doc: &Doc) -> Option<Url> {
    let link = doc
        .head_links
        .iter()
        .find(|l| l.rel == "canonical")
        .map(|l| l.href.as_str());
    let href = link.or_else(|| doc.meta("og:url"))?;
    doc.absolute(href)
}

/// Whether two addresses are on the same site.
pub(crate) fn same_site(a: &Url, b: &Url) -> bool {
    let (Some(a), Some(b)) = (a.host_str(), b.host_str()) else {
        return false;
    };
    let bare = |h: &str| h.trim_start_matches("www.").to_owned();
    if bare(a) == bare(b) {
        return true;
    }
    registrable(a).is_some_and(|own| Some(own) == registrable(b))
}

pub(crate) fn find(doc: &Doc) -> PageLinks {
    let mut links = PageLinks::default();
    let mut seen = BTreeSet::new();
    for anchor in &doc.anchors {
        let href = anchor.href.trim();
        if href.is_empty() || href.starts_with('#') {
            continue;
        }
        let Some(mut url) = doc.absolute(href) else {
            continue;
        };
        url.set_fragment(None);
        let is_own = doc.url.as_ref().is_some_and(|base| same_site(base, &url));
        if !is_own || is_file(url.path()) || !seen.insert(url.as_str().to_owned()) {
            continue;
        }
        let text = match anchor.text.as_str() {
            "" => anchor.label.to_lowercase(),
            text => text.to_lowercase(),
        };
        let path = crate::emails::percent_decoded(url.path()).to_lowercase();
        sort_in(&mut links, &url, &path, &text);
    }
    for link in &doc.head_links {
        let feed = link.rel.split_ascii_whitespace().any(|r| r == "alternate")
            && ["rss", "atom", "feed+json", "rdf"]
                .iter()
                .any(|t| link.media_type.contains(t));
        if let Some(url) = doc.absolute(&link.href).filter(|_| feed) {
            push(&mut links.feeds, &url);
        }
    }
    links
        .feeds
        .retain(|f| !f.contains("/comments/") && !f.contains("comments=1"));
    links
}

fn sort_in(links: &mut PageLinks, url: &Url, path: &str, text: &str) {
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    let last = segments.last().copied().unwrap_or_default();
    let short_text = text.chars().count() <= 40;
    let named = |words: &List| words.is_in(last) || (short_text && words.is_in(text));
    if last == "feed" || last.ends_with(".rss") || path.ends_with("/feed/") {
        push(&mut links.feeds, url);
    } else if named(&IMPRINT) {
        push(&mut links.imprint, url);
    } else if named(&CONTACT) {
        push(&mut links.contact, url);
    } else if segments.len() <= 2 && is_blog_segment(last) || BLOG.has(text) {
        push(&mut links.blog, url);
    } else if named(&ABOUT) && segments.len() <= 3 {
        push(&mut links.about, url);
    } else if named(&SERVICES) && segments.len() <= 2 {
        push(&mut links.services, url);
    }
}

fn push(list: &mut Vec<String>, url: &Url) {
    let url = url.as_str().to_owned();
    if list.len() < LINKS_MAX && !list.contains(&url) {
        list.push(url);
    }
}

fn is_file(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    [
        ".pdf", ".jpg", ".jpeg", ".png", ".gif", ".zip", ".doc", ".docx", ".mp4", ".webp", ".svg",
    ]
    .iter()
    .any(|e| path.ends_with(e))
}
