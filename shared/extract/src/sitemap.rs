//! Sitemaps.

use std::{borrow::Cow, io::Read};

use flate2::read::MultiGzDecoder;
use hunter_contracts::Evidence;
use jiff::{Timestamp, civil::Date};
use quick_xml::{Reader, events::Event};

use crate::dates::parse::{self, SlashOrder};
use crate::decode::decode;
use crate::feed::{self, Refusal, is_feed};
use crate::posts::PostFound;
use crate::source::{PageInput, Source};

/// Most addresses that are read of a sitemap (a quarter of the protocol's 50,000 suffices for any
/// business that is a lead).
const URLS_MAX: usize = 12_500;
const SITEMAP_BYTES_MAX: usize = 10 * 1024 * 1024;

/// Most bytes of an address (the protocol allows 2,048 characters).
const LOC_MAX: usize = 4_000;

/// An address in a sitemap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitemapUrl {
    /// The address.
    pub url: String,
    /// `lastmod`, not after the fetch.
    pub lastmod: Option<Date>,
}

impl SitemapUrl {
    fn of(post: PostFound) -> Self {
        Self {
            url: post.url,
            lastmod: post.date,
        }
    }
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

/// Reads a sitemap as [`read_sitemap`] does; it lists nothing where that refuses.
#[must_use]
pub fn extract_sitemap(input: &PageInput<'_>) -> SitemapFacts {
    read_sitemap(input).unwrap_or_else(|_| blank(input))
}

/// Reads a sitemap or an index of sitemaps: as XML, as plain lines, as a feed (sitemaps.org allows
/// all three), each also packed by gzip. Broken XML gives what stands before the break. Entities
/// that a document declares are never expanded.
///
/// # Errors
/// Why it gives nothing.
pub fn read_sitemap(input: &PageInput<'_>) -> Result<SitemapFacts, Refusal> {
    let source = Source::of(input);
    let body = unpacked(input.body).ok_or(Refusal::Packed)?;
    let limit = body.len().min(SITEMAP_BYTES_MAX);
    let decoded = decode(body.get(..limit).unwrap_or_default(), input.content_type);
    let text = decoded.text.trim_start();
    let mut facts = blank(input);
    if text.is_empty() {
        return Err(Refusal::Empty);
    }
    if is_feed(text) {
        let listed = feed::entries(text, input.url, &source).into_iter();
        facts.urls = listed.take(URLS_MAX).map(SitemapUrl::of).collect();
    } else if text.starts_with('<') {
        read_xml(text, &mut facts, &source);
    } else {
        read_lines(text, &mut facts);
    }
    if facts.urls.is_empty() && facts.nested.is_empty() {
        let head = crate::quote::cut(text, 2_000);
        let named = ["urlset", "sitemapindex"].iter().any(|n| head.contains(n)) || is_feed(text);
        return Err(if named {
            Refusal::NoEntries
        } else {
            Refusal::OtherKind
        });
    }
    facts.newest = newest(&facts, &source);
    Ok(facts)
}

/// The facts of a sitemap of which only the address is known.
fn blank(input: &PageInput<'_>) -> SitemapFacts {
    let name = input.url.rsplit('/').next().unwrap_or_default();
    let name = name.to_ascii_lowercase();
    let of_posts = [
        "post-sitemap",
        "posts-post",
        "sitemap-posts",
        "blog-sitemap",
        "sitemap_blogs",
    ];
    SitemapFacts {
        url: input.url.to_owned(),
        fetched_at: input.fetched_at,
        urls: Vec::new(),
        nested: Vec::new(),
        of_posts: of_posts.iter().any(|n| name.contains(n)),
        newest: None,
    }
}

/// The body, unpacked where it is packed, as far as it is read. What breaks in the middle gives
/// what stands before.
fn unpacked(body: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !body.starts_with(&[0x1F, 0x8B]) {
        return Some(Cow::Borrowed(body));
    }
    let limit = u64::try_from(SITEMAP_BYTES_MAX).unwrap_or(u64::MAX);
    let mut plain = Vec::new();
    let read = MultiGzDecoder::new(body)
        .take(limit)
        .read_to_end(&mut plain);
    (read.is_ok() || !plain.is_empty()).then_some(Cow::Owned(plain))
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
    // What stands before the colon of `<ns0:url>`; `<image:loc>` within it is another thing.
    let mut prefix = String::new();
    let (mut loc, mut lastmod) = (String::new(), String::new());
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) => {
                let name = tag.name();
                let (before, local) = split(name.as_ref());
                if matches!(local, "url" | "sitemap") {
                    before.clone_into(&mut prefix);
                }
                field = match local {
                    "loc" if before == prefix => Some(Field::Loc),
                    "lastmod" if before == prefix => Some(Field::Lastmod),
                    _ => None,
                };
            }
            Event::Text(part) => {
                append(field, &part, &mut loc, &mut lastmod);
            }
            Event::CData(part) => {
                append(field, &part, &mut loc, &mut lastmod);
            }
            Event::GeneralRef(name) if field == Some(Field::Loc) && loc.len() < LOC_MAX => {
                match (name.resolve_char_ref(), name.as_ref()) {
                    (Ok(Some(character)), _) => loc.push(character),
                    (_, "amp") => loc.push('&'),
                    (_, "apos") => loc.push('\''),
                    // Whatever else a document declares stays unexpanded.
                    _ => {}
                }
            }
            Event::End(tag) => {
                field = None;
                let name = tag.name();
                let (before, local) = split(name.as_ref());
                let nested = local == "sitemap" && before == prefix;
                if nested || (local == "url" && before == prefix) {
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

fn split(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

fn append(field: Option<Field>, part: &str, loc: &mut String, lastmod: &mut String) {
    match field {
        Some(Field::Loc) if loc.len() < LOC_MAX => loc.push_str(part),
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
    fn packed_prefixed_escaped_and_feeds() {
        use std::io::Write;
        let text = "<n:urlset xmlns:n='x'><n:url><n:loc>https://x.de/a?b&#61;1&#38;c&x;</n:loc>\
                    <i:loc>https://x.de/no</i:loc></n:url></n:urlset>";
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        let input = |body| PageInput {
            url: "https://x.de/sitemap.xml.gz",
            content_type: Some("application/gzip"),
            last_modified: None,
            body,
            fetched_at: Timestamp::from_second(1_735_689_600).unwrap(),
        };
        let read = read_sitemap(&input(&packed)).unwrap();
        assert_eq!(read.urls[0].url, "https://x.de/a?b=1&c");
        assert_eq!(read.urls.len(), 1);
        assert_eq!(read_sitemap(&input(&[0x1F, 0x8B, 8])), Err(Refusal::Packed));
        assert_eq!(read_sitemap(&input(b" \n")), Err(Refusal::Empty));
        assert_eq!(read_sitemap(&input(b"<p>x")), Err(Refusal::OtherKind));
        assert_eq!(read_sitemap(&input(b"<urlset/>")), Err(Refusal::NoEntries));
        let rss = b"<rss version='2.0'><channel><item><title>A</title><link>https://x.de/a</link>\
                    <pubDate>Fri, 16 Aug 2024 10:00:00 +0000</pubDate></item></channel></rss>";
        let read = read_sitemap(&input(rss)).unwrap();
        assert_eq!(read.newest.unwrap().0.to_string(), "2024-08-16");
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
