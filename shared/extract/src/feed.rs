//! Feeds: RSS, Atom, RDF and JSON Feed.

use jiff::{Timestamp, civil::Date, tz::Offset};
use url::Url;

use crate::dates::parse::{self, SlashOrder};
use crate::decode::decode;
use crate::pattern::pattern;
use crate::posts::{PostFound, is_placeholder};
use crate::quote;
use crate::source::{PageInput, Source};

/// Most entries that are read of a feed.
const ENTRIES_MAX: usize = 500;
/// Most bytes of a feed.
const FEED_BYTES_MAX: usize = 5 * 1024 * 1024;

pattern!(XML_DECLARATION, r"^\s*<\?xml[^>]{0,300}\?>");

/// Why a document gives nothing as a feed or a sitemap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// There is no text in it.
    Empty,
    /// It does not begin like one.
    OtherKind,
    /// It says that it is a feed of comments.
    OfComments,
    /// It is one, and no entry has an address; or its markup breaks before the first that has.
    NoEntries,
    /// It is packed and cannot be unpacked.
    Packed,
}

/// The posts of a feed, in its order, as [`read_feed`] finds them; none where it refuses.
#[must_use]
pub fn extract_feed(input: &PageInput<'_>) -> Vec<PostFound> {
    read_feed(input).unwrap_or_default()
}

/// Reads a feed. A feed with broken markup gives the entries that can be read; products are left
/// out. Entities that a document declares are never expanded.
///
/// # Errors
/// Why it gives nothing.
pub fn read_feed(input: &PageInput<'_>) -> Result<Vec<PostFound>, Refusal> {
    let source = Source::of(input);
    let limit = input.body.len().min(FEED_BYTES_MAX);
    let decoded = decode(
        input.body.get(..limit).unwrap_or_default(),
        input.content_type,
    );
    // The text is UTF-8 now, whatever its declaration says.
    let after = XML_DECLARATION.find(&decoded.text).map_or(0, |m| m.end());
    let text = decoded.text.get(after..).unwrap_or_default().trim_start();
    if text.is_empty() {
        return Err(Refusal::Empty);
    }
    if !is_feed(text) {
        return Err(Refusal::OtherKind);
    }
    if is_of_comments(input.url, text) {
        return Err(Refusal::OfComments);
    }
    let found = entries(text, input.url, &source);
    if found.is_empty() {
        return Err(Refusal::NoEntries);
    }
    let posts = found.into_iter().filter(|p| !is_product(&p.url));
    Ok(posts.take(ENTRIES_MAX).collect())
}

/// The entries of what begins like a feed.
pub(crate) fn entries(text: &str, url: &str, source: &Source) -> Vec<PostFound> {
    let strict = strict(text, url, source).filter(|posts| !posts.is_empty());
    strict.unwrap_or_else(|| lenient(text, source))
}

/// Whether a text begins like a feed; sitemaps and pages do not.
pub(crate) fn is_feed(text: &str) -> bool {
    let head = quote::cut(text, 2_000);
    let lower = head.to_ascii_lowercase();
    lower.starts_with('{') && lower.contains("jsonfeed.org")
        || ["<rss", "<feed", "<rdf:rdf", ":feed", "<channel"]
            .iter()
            .any(|t| lower.contains(t))
}

fn is_of_comments(url: &str, text: &str) -> bool {
    let head = quote::cut(text, 1_500);
    let titles = [
        "<title>Comments on",
        "<title>Comments for",
        "<title>Kommentare zu",
    ];
    url.contains("/comments/") || titles.iter().any(|t| head.contains(t))
}

fn is_product(url: &str) -> bool {
    url.contains("/products/") || url.contains("/product/") || url.contains("/produkt/")
}

fn post(title: &str, url: &str, date: Option<Date>, stamp: &str, source: &Source) -> PostFound {
    let title = plain(title);
    let date = date.filter(|d| *d <= source.latest_day());
    let quoted = if stamp.is_empty() {
        title.clone()
    } else {
        format!("{title} — {stamp}")
    };
    PostFound {
        placeholder: is_placeholder(&title, url),
        title: Some(title).filter(|t| !t.is_empty()),
        date,
        url: url.to_owned(),
        evidence: source.evidence(quote::short(&quoted)),
    }
}

/// A title without markup and entities.
fn plain(title: &str) -> String {
    if !title.contains(['<', '&']) {
        return quote::short(title);
    }
    let html = scraper::Html::parse_fragment(&quote::cut(title, 2_000));
    quote::short(&html.root_element().text().collect::<String>())
}

fn strict(text: &str, url: &str, source: &Source) -> Option<Vec<PostFound>> {
    let parser = feed_rs::parser::Builder::new().base_uri(Some(url)).build();
    let feed = parser.parse(text.as_bytes()).ok()?;
    let entry = |e: feed_rs::model::Entry| {
        let title = e.title.map(|t| t.content).unwrap_or_default();
        let alternate =
            |l: &&feed_rs::model::Link| l.rel.as_deref().is_none_or(|r| r == "alternate");
        let link = e.links.iter().find(alternate).or_else(|| e.links.first());
        let href = link
            .map(|l| l.href.clone())
            .or_else(|| Url::parse(&e.id).ok().map(Into::into))?;
        let stamp = e.published.or(e.updated);
        let date = stamp
            .and_then(|s| Timestamp::from_second(s.timestamp()).ok())
            .map(|s| Offset::UTC.to_datetime(s).date());
        let written = date.map(|d| d.to_string()).unwrap_or_default();
        Some(post(&title, &href, date, &written, source))
    };
    Some(
        feed.entries
            .into_iter()
            .take(ENTRIES_MAX)
            .filter_map(entry)
            .collect(),
    )
}

pattern!(
    ENTRY,
    r"(?is)<(?:\w{1,20}:)?(?:item|entry)\b[^>]{0,500}>(.*?)</(?:\w{1,20}:)?(?:item|entry)\s*>"
);
pattern!(
    TITLE,
    r"(?is)<title\b[^>]{0,200}>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</title"
);
pattern!(
    LINK,
    r#"(?is)<link\b[^>]{0,300}?href\s*=\s*["']([^"']+)|<link\b[^>]{0,200}>\s*(?:<!\[CDATA\[)?\s*(.*?)\s*(?:\]\]>)?\s*</link|<guid\b[^>]{0,200}>\s*(https?://.*?)\s*</guid"#
);
pattern!(
    STAMP,
    r"(?is)<(?:pubDate|published|updated|dc:date|issued|modified)\b[^>]{0,100}>\s*(.*?)\s*</"
);

/// Reads the entries of a feed that is not well-formed.
fn lenient(text: &str, source: &Source) -> Vec<PostFound> {
    let group = |p: &regex::Regex, text: &str| {
        p.captures(text)
            .and_then(|c| {
                c.iter()
                    .skip(1)
                    .flatten()
                    .next()
                    .map(|m| m.as_str().to_owned())
            })
            .unwrap_or_default()
    };
    ENTRY
        .captures_iter(text)
        .take(ENTRIES_MAX)
        .filter_map(|c| {
            let body = c.get(1)?.as_str();
            let url = plain(&group(&LINK, body));
            let stamp = plain(&group(&STAMP, body));
            let date = parse::machine(&stamp, SlashOrder::DayFirst);
            let post = post(&group(&TITLE, body), &url, date, &stamp, source);
            (!url.is_empty()).then_some(post)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Vec<(String, String, String)> {
        let input = PageInput {
            url: "https://x.de/feed/",
            content_type: None,
            last_modified: None,
            body: body.as_bytes(),
            fetched_at: Timestamp::from_second(1_735_689_600).unwrap(),
        };
        let date = |d: Option<Date>| d.map(|d| d.to_string()).unwrap_or_default();
        extract_feed(&input)
            .into_iter()
            .map(|p| (p.title.unwrap_or_default(), date(p.date), p.url))
            .collect()
    }

    fn entry(title: &str, date: &str, url: &str) -> (String, String, String) {
        (title.into(), date.into(), url.into())
    }

    #[test]
    fn patterns_are_valid() {
        crate::pattern::build(&[&XML_DECLARATION, &ENTRY, &TITLE, &LINK, &STAMP]);
    }

    #[test]
    fn rss_atom_and_json() {
        let rss = "<?xml version='1.0' encoding='latin1'?><rss version='2.0'><channel><title>x</title><item><title>A &amp;amp; Ä</title><link>https://x.de/a</link><pubDate>Fri, 16 Aug 2024 10:00:00 +0000</pubDate></item></channel></rss>";
        assert_eq!(read(rss), [entry("A & Ä", "2024-08-16", "https://x.de/a")]);
        let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><id>i</id><title>x</title><updated>2024-01-01T00:00:00Z</updated><entry><id>1</id><title>B</title><link href='/b'/><published>2024-03-01T00:00:00Z</published></entry></feed>";
        assert_eq!(read(atom), [entry("B", "2024-03-01", "https://x.de/b")]);
        let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"x","items":[{"id":"1","url":"https://x.de/c","title":"C","date_published":"2024-02-01T00:00:00Z"}]}"#;
        assert_eq!(read(json), [entry("C", "2024-02-01", "https://x.de/c")]);
    }

    #[test]
    fn broken_feeds_give_what_can_be_read() {
        let rss = "<rss><channel><item><title>A & B</title><link>https://x.de/a?x=1&y=2</link><pubDate>16.08.2024</pubDate></item><item><b></item>";
        assert_eq!(
            read(rss),
            [entry("A & B", "2024-08-16", "https://x.de/a?x=1&y=2")]
        );
    }

    #[test]
    fn future_dates_comments_products_and_pages() {
        let rss = |t: &str, link: &str, date: &str| {
            format!(
                "<rss version='2.0'><channel><title>{t}</title><item><title>A</title><link>{link}</link><pubDate>{date}</pubDate></item></channel></rss>"
            )
        };
        let future = rss("x", "https://x.de/a", "Fri, 16 Aug 2030 10:00:00 +0000");
        assert_eq!(read(&future), [entry("A", "", "https://x.de/a")]);
        assert!(read(&rss("Comments for x", "https://x.de/a", "")).is_empty());
        assert!(read(&rss("x", "https://x.de/products/a", "")).is_empty());
        assert!(read("<html><body>no feed</body></html>").is_empty());
    }
}
