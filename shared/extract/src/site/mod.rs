//! One site: what its pages, feeds and sitemaps say together.

use std::collections::{BTreeMap, BTreeSet};

use hunter_contracts::{
    Cause, ContentFreshness, EmailContact, Evidence, FactKind, HomeLook, PhoneContact, Post, Score,
    WebsiteMetadata,
};
use jiff::{Timestamp, civil::Date, tz::Offset};
use url::Url;

use crate::dates::{DateFound, DateSource};
use crate::emails::{self, EmailFound, EmailRejected, Rejection};
use crate::facts::FactFound;
use crate::links::{PageLinks, is_blog_segment};
use crate::page::PageFacts;
use crate::phones::PhoneFound;
use crate::posts::{self, PostFound};
use crate::quote;
use crate::sitemap::SitemapFacts;

/// Most facts of a site.
pub(crate) const FACTS_MAX: usize = 20;
const EMAILS_MAX: usize = 20;
const PHONES_MAX: usize = 10;
pub(crate) const RECENT_POSTS_MAX: usize = 10;

/// What a site says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SiteFacts {
    /// Addresses, best first; `source` is `website`.
    pub emails: Vec<EmailContact>,
    /// Addresses that were found and not kept, with reasons.
    pub rejected_emails: Vec<EmailRejected>,
    /// Numbers, best first.
    pub phone_contacts: Vec<PhoneContact>,
    /// Metadata with evidence.
    pub metadata: WebsiteMetadata,
    /// At most 20, the most telling kinds first.
    pub facts: Vec<FactFound>,
    /// What was looked for and not there, by field name; empty when no page was read.
    pub absent: BTreeMap<String, Cause>,
    /// The title of the first page.
    pub title: Option<String>,
    /// The description of the first page.
    pub description: Option<String>,
    /// Links of all pages.
    pub links: PageLinks,
}

impl SiteFacts {
    /// What discovery leaves for intelligence after its look at the home page.
    #[must_use]
    pub fn home_look(&self, url: &str, fetched_at: Timestamp) -> HomeLook {
        let contact = [&self.links.contact, &self.links.imprint, &self.links.about];
        HomeLook {
            url: url.to_owned(),
            fetched_at,
            cause: None,
            contact_links: contact.into_iter().flatten().cloned().collect(),
            feed_links: self.links.feeds.clone(),
            blog_links: self.links.blog.clone(),
        }
    }
}

/// Joins what was read of one site. `now` decides what is recent; no date after it is used.
#[must_use]
pub fn assemble(
    pages: &[PageFacts],
    feeds: &[Vec<PostFound>],
    sitemaps: &[SitemapFacts],
    now: Timestamp,
) -> SiteFacts {
    let today = Offset::UTC.to_datetime(now).date();
    let links = join_links(pages);
    let posts = Posts::of(pages, feeds, sitemaps, &links);
    let updated = last_updated(pages, &posts.newest_of_feeds(feeds), sitemaps, today);
    let (emails, rejected_emails) = join_emails(pages);
    let phone_contacts = join_phones(pages);
    let looked_for_posts = !feeds.is_empty()
        || !sitemaps.is_empty()
        || (!pages.is_empty() && links.feeds.is_empty() && links.blog.is_empty())
        || pages.iter().any(|p| is_blog_page(&p.url));
    let metadata = metadata(pages, &posts, updated.as_ref(), looked_for_posts, today);
    let facts = facts(pages, &posts, updated.as_ref());
    let mut absent = BTreeMap::new();
    if !pages.is_empty() {
        let mut note = |missing: bool, field: &str| {
            if missing {
                absent.insert(field.to_owned(), Cause::NotFound);
            }
        };
        note(emails.is_empty(), "emails");
        note(phone_contacts.is_empty(), "phone_contacts");
        note(metadata.last_updated.is_none(), "last_updated");
        note(metadata.blog_posts_count.is_none(), "blog_posts_count");
        note(metadata.tech_stack.is_none(), "tech_stack");
    }
    SiteFacts {
        emails,
        rejected_emails,
        phone_contacts,
        metadata,
        facts,
        absent,
        title: pages.first().and_then(|p| p.title.clone()),
        description: pages.first().and_then(|p| p.description.clone()),
        links,
    }
}

fn is_blog_page(url: &str) -> bool {
    Url::parse(url).is_ok_and(|u| u.path_segments().into_iter().flatten().any(is_blog_segment))
}

fn join_links(pages: &[PageFacts]) -> PageLinks {
    let mut all = PageLinks::default();
    for page in pages {
        let from = &page.links;
        for (to, from) in [
            (&mut all.contact, &from.contact),
            (&mut all.about, &from.about),
            (&mut all.imprint, &from.imprint),
            (&mut all.services, &from.services),
            (&mut all.feeds, &from.feeds),
            (&mut all.blog, &from.blog),
        ] {
            for link in from {
                if to.len() < 20 && !to.contains(link) {
                    to.push(link.clone());
                }
            }
        }
    }
    all
}

fn join_emails(pages: &[PageFacts]) -> (Vec<EmailContact>, Vec<EmailRejected>) {
    let mut best: BTreeMap<String, (EmailFound, usize)> = BTreeMap::new();
    let mut rejected: Vec<EmailRejected> = Vec::new();
    for page in pages {
        for email in &page.emails.kept {
            let entry = best
                .entry(email.address.key())
                .or_insert_with(|| (email.clone(), 0));
            entry.1 += 1;
            if email.confidence > entry.0.confidence {
                entry.0 = email.clone();
            }
        }
        rejected.extend(page.emails.rejected.iter().cloned());
    }
    let has_own = best.values().any(|(e, _)| e.own_domain);
    let mut kept = Vec::new();
    for (email, pages_seen) in best.into_values() {
        if has_own && !email.own_domain && !email.free_mail {
            let reason = Rejection::ForeignDomain;
            rejected.push(EmailRejected {
                address: email.address.into(),
                reason,
            });
            continue;
        }
        let bonus = if pages_seen > 1 { 0.02 } else { 0.0 };
        let confidence = Score::clamped(email.confidence.get() + bonus);
        kept.push(EmailFound {
            confidence,
            ..email
        });
    }
    emails::sort(&mut kept);
    let addresses: BTreeSet<String> = kept.iter().map(|e| e.address.key()).collect();
    let mut seen = BTreeSet::new();
    rejected.retain(|r| {
        !addresses.contains(&r.address.to_lowercase()) && seen.insert(r.address.to_lowercase())
    });
    let contact = |e: EmailFound| EmailContact {
        confidence: Some(e.confidence),
        source: Some("website".to_owned()),
        evidence: Some(e.evidence),
        ..EmailContact::new(e.address)
    };
    (
        kept.into_iter().take(EMAILS_MAX).map(contact).collect(),
        rejected,
    )
}

fn join_phones(pages: &[PageFacts]) -> Vec<PhoneContact> {
    let mut best: BTreeMap<&str, (&PhoneFound, usize, usize)> = BTreeMap::new();
    for (rank, phone) in pages.iter().flat_map(|p| &p.phones).enumerate() {
        let entry = best.entry(&phone.phone).or_insert((phone, 0, rank));
        entry.1 += 1;
        if phone.method < entry.0.method {
            entry.0 = phone;
        }
    }
    let has_international = best.values().any(|(p, _, _)| p.international);
    let mut all: Vec<_> = best
        .into_values()
        .filter(|(p, _, _)| p.international || !has_international)
        .collect();
    all.sort_by_key(|(p, seen, rank)| (p.method, std::cmp::Reverse(*seen), *rank));
    let contact = |(p, _, _): (&PhoneFound, usize, usize)| PhoneContact {
        name: None,
        email: None,
        phone: p.phone.clone(),
        evidence: Some(p.evidence.clone()),
    };
    all.into_iter().take(PHONES_MAX).map(contact).collect()
}

/// The posts of a site, joined.
struct Posts {
    /// Newest first; undated ones last.
    all: Vec<PostFound>,
}

impl Posts {
    fn of(
        pages: &[PageFacts],
        feeds: &[Vec<PostFound>],
        sitemaps: &[SitemapFacts],
        links: &PageLinks,
    ) -> Self {
        let mut joined: BTreeMap<String, PostFound> = BTreeMap::new();
        let from_pages = pages.iter().flat_map(|p| p.posts.iter().cloned());
        let from_feeds = feeds.iter().flatten().cloned();
        for post in from_feeds
            .chain(from_pages)
            .chain(in_sitemaps(sitemaps, links))
        {
            let known = joined
                .entry(path_key(&post.url))
                .or_insert_with(|| post.clone());
            known.placeholder |= post.placeholder;
            known.date = known.date.or(post.date);
            if known.title.is_none() && post.title.is_some() {
                known.title = post.title;
                known.evidence = post.evidence;
            }
        }
        let mut all: Vec<_> = joined.into_values().filter(|p| !p.placeholder).collect();
        all.sort_by(|a, b| b.date.cmp(&a.date).then_with(|| a.url.cmp(&b.url)));
        Self { all }
    }

    fn newest_of_feeds(&self, feeds: &[Vec<PostFound>]) -> Option<(Date, Evidence)> {
        feeds
            .iter()
            .flatten()
            .filter(|p| !p.placeholder)
            .filter_map(|p| Some((p.date?, p.evidence.clone())))
            .max_by_key(|(d, _)| *d)
    }

    fn recent(&self) -> impl Iterator<Item = (&PostFound, &str)> {
        self.all
            .iter()
            .filter_map(|p| Some((p, p.title.as_deref()?)))
    }
}

/// The site's own path: the same post is found under several hosts and schemes.
fn path_key(url: &str) -> String {
    let key = posts::key(url);
    key.split_once('/')
        .map_or(key.clone(), |(_, path)| path.to_owned())
}

fn in_sitemaps(sitemaps: &[SitemapFacts], links: &PageLinks) -> Vec<PostFound> {
    let listing: BTreeSet<String> = links.blog.iter().map(|l| path_key(l)).collect();
    let mut found = Vec::new();
    for sitemap in sitemaps {
        for entry in &sitemap.urls {
            let Ok(url) = Url::parse(&entry.url) else {
                continue;
            };
            let is_index = url.path().len() <= 1
                || listing.contains(&path_key(&entry.url))
                || url
                    .path_segments()
                    .is_some_and(|mut s| s.rfind(|p| !p.is_empty()).is_some_and(is_blog_segment));
            if is_index || !(sitemap.of_posts || posts::is_post_url(&url)) {
                continue;
            }
            found.push(PostFound {
                title: None,
                date: crate::dates::parse::in_path(&entry.url),
                placeholder: posts::is_placeholder("", &entry.url),
                evidence: Evidence {
                    url: sitemap.url.clone(),
                    quote: quote::short(&entry.url),
                    fetched_at: sitemap.fetched_at,
                },
                url: entry.url.clone(),
            });
        }
    }
    found
}

/// The newest date that something says. Plain dates on pages count only when nothing better is
/// there, since they may be of events; a header comes last.
fn last_updated(
    pages: &[PageFacts],
    feed: &Option<(Date, Evidence)>,
    sitemaps: &[SitemapFacts],
    today: Date,
) -> Option<DateFound> {
    let mut found: Vec<DateFound> = Vec::new();
    for page in pages {
        let dates = [page.dates.modified.as_ref(), page.dates.published.as_ref()];
        let fetched = Offset::UTC.to_datetime(page.fetched_at).date();
        for date in dates.into_iter().flatten() {
            // A clock on the page shows the day of the fetch.
            let shown = class(date.source) > 0;
            if !(shown && date.date >= fetched) {
                found.push(date.clone());
            }
        }
    }
    let dated = |source, (date, evidence): &(Date, Evidence)| DateFound {
        date: *date,
        source,
        evidence: evidence.clone(),
    };
    found.extend(feed.iter().map(|f| dated(DateSource::Feed, f)));
    found.extend(
        sitemaps
            .iter()
            .filter_map(|s| Some(dated(DateSource::Sitemap, s.newest.as_ref()?))),
    );
    let latest = today.tomorrow().unwrap_or(today);
    found.retain(|d| d.date <= latest);
    let best = found.iter().map(|d| class(d.source)).min()?;
    found
        .into_iter()
        .filter(|d| class(d.source) == best)
        .reduce(|a, b| if b.date > a.date { b } else { a })
}

/// Classes of trust in a date of a whole site; lower ones shadow higher ones.
const fn class(source: DateSource) -> u8 {
    match source {
        DateSource::UpdateNotice
        | DateSource::ModifiedMarkup
        | DateSource::Address
        | DateSource::PublishedMarkup
        | DateSource::Sitemap
        | DateSource::Feed => 0,
        DateSource::TimeElement | DateSource::Byline => 1,
        DateSource::Text => 2,
        DateSource::Header => 3,
    }
}

fn freshness(updated: Option<Date>, today: Date) -> ContentFreshness {
    let Some(date) = updated else {
        return ContentFreshness::Unknown;
    };
    let days = today.since(date).map_or(0, |s| s.get_days());
    match days {
        ..=90 => ContentFreshness::High,
        91..=365 => ContentFreshness::Medium,
        _ => ContentFreshness::Low,
    }
}

fn metadata(
    pages: &[PageFacts],
    posts: &Posts,
    updated: Option<&DateFound>,
    looked_for_posts: bool,
    today: Date,
) -> WebsiteMetadata {
    let mut evidence = BTreeMap::new();
    if let Some(updated) = updated {
        evidence.insert("last_updated".to_owned(), updated.evidence.clone());
    }
    if let Some(post) = posts.all.first() {
        evidence.insert("blog_posts_count".to_owned(), post.evidence.clone());
    }
    let mut tech: Vec<String> = Vec::new();
    for found in pages.iter().flat_map(|p| &p.technologies) {
        if tech.is_empty() || (found.version.is_some() && !evidence.contains_key("tech_version")) {
            evidence.insert("tech_stack".to_owned(), found.evidence.clone());
        }
        if !tech.contains(&found.name) {
            tech.push(found.name.clone());
        }
    }
    let count = u32::try_from(posts.all.len()).unwrap_or(u32::MAX);
    let mut social: Vec<String> = Vec::new();
    for link in pages.iter().flat_map(|p| &p.social_links) {
        if social.len() < 12 && !social.iter().any(|s| s.eq_ignore_ascii_case(link)) {
            social.push(link.clone());
        }
    }
    let recent = posts
        .recent()
        .take(RECENT_POSTS_MAX)
        .map(|(post, title)| Post {
            title: title.to_owned(),
            date: post.date,
            url: post.url.clone(),
        });
    WebsiteMetadata {
        last_updated: updated.map(|d| d.date),
        blog_posts_count: (count > 0 || looked_for_posts).then_some(count),
        content_freshness: Some(freshness(updated.map(|d| d.date), today)),
        tech_stack: Some(tech).filter(|t| !t.is_empty()),
        recent_posts: recent.collect(),
        language: majority(pages),
        social_links: social,
        pages: pages.iter().map(|p| p.url.clone()).collect(),
        evidence,
    }
}

/// The language of most pages; of equals that of the first.
fn majority(pages: &[PageFacts]) -> Option<String> {
    let languages: Vec<&String> = pages.iter().filter_map(|p| p.language.as_ref()).collect();
    let count = |l: &String| languages.iter().filter(|o| **o == l).count();
    let best = languages.iter().map(|l| count(l)).max()?;
    languages
        .iter()
        .find(|l| count(l) == best)
        .map(|l| (*l).clone())
}

fn facts(pages: &[PageFacts], posts: &Posts, updated: Option<&DateFound>) -> Vec<FactFound> {
    let mut facts: Vec<FactFound> = Vec::new();
    let fact = |kind, value: &str, date, evidence: &Evidence| FactFound {
        kind,
        value: quote::short(value),
        date,
        evidence: evidence.clone(),
    };
    if let Some(d) = updated {
        facts.push(fact(
            FactKind::LastUpdated,
            &d.date.to_string(),
            Some(d.date),
            &d.evidence,
        ));
    }
    for (post, title) in posts.recent().take(4) {
        facts.push(fact(FactKind::BlogPost, title, post.date, &post.evidence));
    }
    let limits = [
        (FactKind::Announcement, 3),
        (FactKind::AboutSentence, 3),
        (FactKind::Hiring, 1),
        (FactKind::Founded, 1),
        (FactKind::Service, 4),
    ];
    let mut seen = BTreeSet::new();
    for (kind, max) in limits {
        let of_kind = pages
            .iter()
            .flat_map(|p| &p.facts)
            .filter(|f| f.kind == kind);
        let fresh = of_kind.filter(|f| seen.insert((kind, f.value.to_lowercase())));
        facts.extend(fresh.take(max).cloned());
    }
    for person in pages.iter().flat_map(|p| &p.people) {
        if facts.iter().filter(|f| f.kind == FactKind::Person).count() < 2
            && seen.insert((FactKind::Person, person.name.to_lowercase()))
        {
            facts.push(fact(FactKind::Person, &person.name, None, &person.evidence));
        }
    }
    for tech in pages.iter().flat_map(|p| &p.technologies) {
        if seen.insert((FactKind::Technology, tech.name.to_lowercase())) {
            facts.push(fact(FactKind::Technology, &tech.name, None, &tech.evidence));
        }
    }
    facts.truncate(FACTS_MAX);
    facts
}

#[cfg(test)]
mod tests;
