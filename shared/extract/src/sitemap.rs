//! Sitemaps.

use hunter_contracts::Evidence;
use jiff::{Timestamp, civil::Date};
use quick_xml::{Reader, events::Event};

use crate::dates::parse::{self, SlashOrder};
use crate::decode::decode;
use crate::page::{PageInput, Source};

/// Most addresses that are read of a sitemap (a quarter of the protocol's 50,000 suffices for any
/// business that is a lead).
const URLS_MAX: usize = 12_500;
const SITEMAP_BYTES_MAX: usize = 10 * 1024 * 1024;

/// An address in a sitemap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitemapUrl {
    /// The address.
    pub url: String,
    /// `lastmod`, not after the fetch.
    pub lastmod: Option<Date>,
}

/// What a sitemap lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitemapFacts {
    /// The sitemap's own address.
    pub url: String,
    /// When it was fetched.
    pub fetched_at: Timestamp,
    /// Pages.
    pub urls: Vec<SitemapUrl>,
    /// Sitemaps, when it is an index.
    pub nested: Vec<SitemapUrl>,
    /// Whether it lists posts by its name (`post-sitemap.xml`, `wp-sitemap-posts-post-1.xml`).
    pub of_posts: bool,
    /// Where the newest `lastmod` stands.
    pub newest: Option<(Date, Evidence)>,
}

/// Reads a sitemap or an index of sitemaps, as XML or as plain lines. Broken XML gives what stands
/// before the break.
#[must_use]
pub fn extract_sitemap(input: &PageInput<'_>) -> SitemapFacts {
    let source = Source::of(input);
    let limit = input.body.len().min(SITEMAP_BYTES_MAX);
    let decoded = decode(
        input.body.get(..limit).unwrap_or_default(),
        input.content_type,
    );
    let name = input
        .url
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mut facts = SitemapFacts {
        url: input.url.to_owned(),
        fetched_at: input.fetched_at,
        urls: Vec::new(),
        nested: Vec::new(),
        of_posts: [
            "post-sitemap",
            "posts-post",
            "sitemap-posts",
            "blog-sitemap",
            "sitemap_blogs",
        ]
        .iter()
        .any(|n| name.contains(n)),
        newest: None,
    };
    if decoded.text.trim_start().starts_with('<') {
        read_xml(&decoded.text, &mut facts, &source);
    } else {
        read_lines(&decoded.text, &mut facts);
    }
    facts.newest = newest(&facts, &source);
    facts
}

fn read_lines(text: &str, facts: &mut SitemapFacts) {
    for line in text.lines().map(str::trim).take(URLS_MAX) {
        if line.starts_with("http") && url::Url::parse(line).is_ok() {
            facts.urls.push(SitemapUrl {
                url: line.to_owned(),
                lastmod: None,
            });
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Loc,
    Lastmod,
}

fn read_xml(text: &str, facts: &mut SitemapFacts, source: &Source) {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut field = None;
    let (mut loc, mut lastmod) = (String::new(), String::new());
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) => {
                field = match tag.name().as_ref() {
                    "loc" | "sm:loc" => Some(Field::Loc),
                    "lastmod" | "sm:lastmod" => Some(Field::Lastmod),
                    _ => None,
                };
            }
            Event::Text(part) => {
                append(field, &part, &mut loc, &mut lastmod);
            }
            Event::CData(part) => {
                append(field, &part, &mut loc, &mut lastmod);
            }
            Event::GeneralRef(name) if field == Some(Field::Loc) => {
                loc.push_str(match name.as_ref() {
                    "amp" => "&",
                    "apos" => "'",
                    _ => "",
                });
            }
            Event::End(tag) => {
                field = None;
                let nested = matches!(tag.name().as_ref(), "sitemap" | "sm:sitemap");
                if nested || matches!(tag.name().as_ref(), "url" | "sm:url") {
                    let list = if nested {
                        &mut facts.nested
                    } else {
                        &mut facts.urls
                    };
                    keep(list, &mut loc, &mut lastmod, source);
                    if list.len() >= URLS_MAX {
                        break;
                    }
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
}

fn append(field: Option<Field>, part: &str, loc: &mut String, lastmod: &mut String) {
    match field {
        Some(Field::Loc) if loc.len() < 4_000 => loc.push_str(part),
        Some(Field::Lastmod) if lastmod.len() < 100 => lastmod.push_str(part),
        _ => {}
    }
}

fn keep(list: &mut Vec<SitemapUrl>, loc: &mut String, lastmod: &mut String, source: &Source) {
    let (url, stamp) = (std::mem::take(loc), std::mem::take(lastmod));
    let url = url.trim();
    if !url.starts_with("http") || url::Url::parse(url).is_err() {
        return;
    }
    let lastmod = parse::machine(&stamp, SlashOrder::DayFirst);
    list.push(SitemapUrl {
        url: url.to_owned(),
        lastmod: lastmod.filter(|d| *d <= source.latest_day()),
    });
}

/// The newest `lastmod`. A sitemap that gives every page the same day, that of the fetch, was made
/// on request and says nothing.
fn newest(facts: &SitemapFacts, source: &Source) -> Option<(Date, Evidence)> {
    let all = || facts.urls.iter().chain(&facts.nested);
    let dated = || all().filter_map(|u| u.lastmod.map(|d| (d, u)));
    let fetched = source.fetched_day();
    let fresh = |d: Date| d >= fetched.yesterday().unwrap_or(fetched);
    if dated().all(|(d, _)| fresh(d)) {
        return None;
    }
    let (date, url) = dated().max_by_key(|(d, _)| *d)?;
    let quote = crate::quote::short(&format!("{} lastmod {date}", url.url));
    Some((date, source.evidence(quote)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, body: &str) -> SitemapFacts {
        extract_sitemap(&PageInput {
            url,
            content_type: None,
            last_modified: None,
            body: body.as_bytes(),
            fetched_at: Timestamp::from_second(1_735_689_600).unwrap(),
        })
    }

    #[test]
    fn pages_with_days() {
        let facts = read(
            "https://x.de/post-sitemap.xml",
            "<urlset><url><loc>https://x.de/a?b=1&amp;c=2</loc><lastmod>2024-03-04T10:00:00+01:00</lastmod>\
             <image:image><image:loc>https://x.de/i.png</image:loc></image:image></url>\
             <url><loc><![CDATA[https://x.de/b]]></loc><lastmod>2031-01-01</lastmod></url></urlset>",
        );
        let urls: Vec<_> = facts.urls.iter().map(|u| u.url.as_str()).collect();
        assert_eq!(urls, ["https://x.de/a?b=1&c=2", "https://x.de/b"]);
        assert!(facts.of_posts);
        assert_eq!(facts.newest.unwrap().0.to_string(), "2024-03-04");
    }

    #[test]
    fn an_index_and_plain_lines() {
        let index = read(
            "https://x.de/sitemap_index.xml",
            "<sitemapindex><sitemap><loc>https://x.de/post-sitemap.xml</loc></sitemap></sitemapindex>",
        );
        assert_eq!((index.urls.len(), index.nested.len()), (0, 1));
        assert_eq!(
            read("https://x.de/s.txt", "https://x.de/a\nnot\nhttps://x.de/b")
                .urls
                .len(),
            2
        );
    }

    #[test]
    fn days_of_the_fetch_say_nothing() {
        let facts = read(
            "https://x.de/sitemap.xml",
            "<urlset><url><loc>https://x.de/</loc><lastmod>2025-01-01</lastmod></url></urlset>",
        );
        assert_eq!(facts.newest, None);
    }

    #[test]
    fn broken_xml_gives_what_stands_before() {
        let facts = read(
            "https://x.de/s.xml",
            "<urlset><url><loc>https://x.de/a</loc></url><url><loc>htt",
        );
        assert_eq!(facts.urls.len(), 1);
    }
}
