//! Posts: single ones, lists of them, and what is a placeholder.

use std::collections::BTreeMap;

use hunter_contracts::Evidence;
use jiff::civil::Date;
use url::Url;

use crate::dates::parse::{self, SlashOrder};
use crate::dom::{BlockKind, Doc, Zone};
use crate::jsonld::JsonLd;
use crate::links::{is_blog_segment, same_site};
use crate::quote;
use crate::source::Source;

/// A post that a page, feed or sitemap names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostFound {
    /// Its title; sitemaps have none.
    pub title: Option<String>,
    /// Its day, not after the fetch.
    pub date: Option<Date>,
    /// Its address.
    pub url: String,
    /// Whether it is what a theme or system ships with, as in "Hello world!".
    pub placeholder: bool,
    /// Where it stands.
    pub evidence: Evidence,
}

/// Most posts of one page.
const POSTS_MAX: usize = 200;

/// Whether a title or address is that of a post that nobody wrote.
pub(crate) fn is_placeholder(title: &str, url: &str) -> bool {
    let title = quote::tidy(title).to_lowercase();
    let title = title.trim_end_matches(['!', '.', '…', ' ']);
    let whole = matches!(
        title,
        "hello world"
            | "hallo welt"
            | "bonjour tout le monde"
            | "hola mundo"
            | "¡hola mundo"
            | "hola, mundo"
            | "olá, mundo"
            | "olá mundo"
            | "ciao mondo"
            | "ciao mondo!!"
            | "hallo wereld"
            | "witaj, świecie"
            | "witaj świecie"
            | "hello world!"
            | "привет, мир"
            | "sample post"
            | "sample page"
            | "test"
            | "test post"
            | "testbeitrag"
            | "untitled"
            | "post title"
            | "blog post title"
            | "blog post"
            | "beispielbeitrag"
            | "demo post"
            | "your first blog post"
            | "my first blog post"
            | "new post"
            | "title"
            | "post 1"
    );
    let slug = url
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_lowercase();
    whole
        || [
            "lorem ipsum",
            "dolor sit amet",
            "consectetur",
            "hello world from",
        ]
        .iter()
        .any(|w| title.contains(w))
        || matches!(
            slug.trim_end_matches(".html"),
            "hello-world"
                | "hallo-welt"
                | "hello-world-2"
                | "bonjour-tout-le-monde"
                | "hola-mundo"
                | "ola-mundo"
                | "ciao-mondo"
                | "sample-post"
                | "lorem-ipsum"
                | "sample-page"
        )
}

/// An address by which the same post is known again: without scheme, `www.`, query and end slash.
pub(crate) fn key(url: &str) -> String {
    let bare = url.split(['#', '?']).next().unwrap_or_default();
    let bare = bare.split_once("://").map_or(bare, |(_, rest)| rest);
    let bare = bare.trim_start_matches("www.").trim_end_matches('/');
    let bare = bare.trim_end_matches("/index.html").to_lowercase();
    // `?p=12` is how WordPress addresses posts without pretty links.
    let number = url.split_once("?p=").map(|(_, n)| n).unwrap_or_default();
    if number.is_empty() {
        bare
    } else {
        format!("{bare}?p={number}")
    }
}

/// Whether an address looks like a post's: a dated path, or a page below a blog.
pub(crate) fn is_post_url(url: &Url) -> bool {
    let segments: Vec<&str> = url
        .path_segments()
        .into_iter()
        .flatten()
        .filter(|s| !s.is_empty())
        .collect();
    let Some((last, parents)) = segments.split_last() else {
        return false;
    };
    let listing = [
        "page",
        "category",
        "tag",
        "tags",
        "author",
        "feed",
        "kategorie",
        "archive",
    ];
    if parents.iter().any(|s| listing.contains(s)) || listing.contains(last) {
        return false;
    }
    let year = |s: &&str| s.len() == 4 && (s.starts_with("19") || s.starts_with("20"));
    let dated = parents.iter().zip(parents.iter().skip(1)).any(|(y, m)| {
        year(y) && m.len() <= 2 && m.parse::<u8>().is_ok_and(|m| (1..=12).contains(&m))
    });
    let below_blog = parents
        .iter()
        .any(|s| is_blog_segment(s) && *s != "category");
    (dated && last.parse::<u8>().is_err()) || (below_blog && last.parse::<u32>().is_err())
}

/// Posts on a page: the page itself, structured data, and lists.
pub(crate) fn on_page(
    doc: &Doc,
    data: &JsonLd,
    source: &Source,
    order: SlashOrder,
) -> Vec<PostFound> {
    let finder = Finder { doc, source, order };
    let mut found: BTreeMap<String, PostFound> = BTreeMap::new();
    let all = finder
        .itself(data)
        .into_iter()
        .chain(finder.in_data(data))
        .chain(finder.listed());
    for post in all.take(POSTS_MAX) {
        let old = found.entry(key(&post.url)).or_insert_with(|| post.clone());
        old.date = old.date.or(post.date);
        if old.title.is_none() {
            old.title = post.title;
        }
    }
    found.into_values().collect()
}

struct Finder<'a> {
    doc: &'a Doc,
    source: &'a Source,
    order: SlashOrder,
}

impl Finder<'_> {
    fn post(&self, title: &str, url: &Url, date: Option<Date>, quote: String) -> PostFound {
        let mut url = url.clone();
        url.set_fragment(None);
        let date = date
            .or_else(|| parse::in_path(url.as_str()))
            .filter(|d| *d <= self.source.latest_day());
        PostFound {
            title: Some(quote::short(title)),
            date,
            placeholder: is_placeholder(title, url.as_str()),
            url: url.into(),
            evidence: self.source.evidence(quote),
        }
    }

    fn in_data(&self, data: &JsonLd) -> Vec<PostFound> {
        let objects = data.objects();
        let posts = objects.iter().filter(|i| i.is(&["BlogPosting"]));
        posts
            .filter_map(|item| {
                let title = item.text("headline").or(item.text("name"))?;
                let href = item
                    .text("url")
                    .or(item.text("mainEntityOfPage"))
                    .unwrap_or("");
                let url = self.doc.absolute(href)?;
                let date = item
                    .text("datePublished")
                    .and_then(|d| parse::machine(d, self.order));
                Some(self.post(title, &url, date, quote::short(title)))
            })
            .collect()
    }

    /// The page, when its system says that it is a post (`single-post` in WordPress).
    fn itself(&self, data: &JsonLd) -> Option<PostFound> {
        let class = self.doc.body_class.to_ascii_lowercase();
        let has = |c: &str| class.split_ascii_whitespace().any(|b| b == c);
        let is_post = has("single-post") || has("postid") || has("single-format-standard");
        if !is_post {
            return None;
        }
        let url = Url::parse(&self.source.url).ok()?;
        let block =
            self.doc.blocks.iter().find(|b| {
                matches!(b.kind, BlockKind::Heading(1 | 2)) && !b.zone.touches(Zone::FRAME)
            });
        let title = block
            .map(|b| quote::short(&b.text))
            .or_else(|| self.doc.title.clone())?;
        let dates = crate::dates::find(self.doc, data, self.source, self.order, None);
        let date = dates.published.map(|d| d.date);
        Some(self.post(&title, &url, date, title.clone()))
    }

    /// Boxes with a linked heading, on a page that is a blog or whose boxes are posts by class.
    fn listed(&self) -> Vec<PostFound> {
        let Some(page) = &self.doc.url else {
            return Vec::new();
        };
        let on_blog = page
            .path_segments()
            .into_iter()
            .flatten()
            .any(is_blog_segment)
            || self
                .doc
                .body_class
                .split_ascii_whitespace()
                .any(|c| c == "blog");
        let boxes = self.doc.articles.iter().enumerate();
        boxes
            .filter_map(|(number, article)| {
                let class = article.class.as_str();
                let has = |c: &str| class.split_ascii_whitespace().any(|b| b == c);
                let other = [
                    "product",
                    "page",
                    "type-page",
                    "type-product",
                    "elementor-posts--none",
                ];
                if other.iter().any(|c| has(c)) || class.contains("type-product") {
                    return None;
                }
                let title = article.heading.as_deref()?;
                let url = self.doc.absolute(article.href.as_deref()?)?;
                let own = same_site(page, &url) && key(url.as_str()) != key(page.as_str());
                let date = self.date_in(number);
                let by_class = has("type-post") || has("hentry") && has("post");
                let likely = by_class || on_blog || is_post_url(&url);
                let sure = date.is_some() || by_class || is_post_url(&url);
                (own && likely && sure && url.path().len() > 1)
                    .then(|| self.post(title, &url, date, quote::short(title)))
            })
            .collect()
    }

    fn date_in(&self, article: usize) -> Option<Date> {
        let marks = self
            .doc
            .marked
            .iter()
            .filter(|m| m.article == Some(article));
        let by_mark = marks.into_iter().find_map(|m| {
            parse::machine(&m.value, self.order).or_else(|| parse::first(&m.text, self.order))
        });
        by_mark.or_else(|| {
            let b = self.doc.articles.get(article)?;
            let count = b.last_block.saturating_sub(b.first_block).min(12);
            let blocks = self.doc.blocks.iter().skip(b.first_block).take(count);
            blocks
                .filter(|b| b.text.trim().chars().count() <= 80)
                .find_map(|b| parse::first(b.text.trim(), self.order))
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn posts(html: &str, url: &str) -> Vec<(String, Option<String>, bool)> {
        let doc = Doc::read(html, url);
        let data = JsonLd::read(&doc.json_ld);
        let fetched_at = Timestamp::from_second(1_735_689_600).unwrap();
        let source = Source {
            url: url.into(),
            fetched_at,
        };
        on_page(&doc, &data, &source, SlashOrder::DayFirst)
            .into_iter()
            .map(|p| {
                (
                    p.title.unwrap(),
                    p.date.map(|d| d.to_string()),
                    p.placeholder,
                )
            })
            .collect()
    }

    #[test]
    fn a_blog_page_lists_its_posts() {
        let html = r#"<article><h2><a href="/blog/a">Whiter teeth</a></h2><span>3 May 2024</span></article>
            <article><h2><a href="/blog/b">No date</a></h2></article>
            <article><h2>No link</h2></article>
            <article class="product"><h2><a href="/p">Brush</a></h2></article>"#;
        assert_eq!(
            posts(html, "https://x.de/blog/"),
            [
                ("Whiter teeth".into(), Some("2024-05-03".into()), false),
                ("No date".into(), None, false)
            ]
        );
        assert!(
            posts(
                "<article><h2><a href='/x'>Our rooms</a></h2></article>",
                "https://x.de/"
            )
            .is_empty()
        );
    }

    #[test]
    fn structured_data_and_single_posts() {
        let html = r#"<body class="post-template single-post"><h1>Tooth fairy</h1>
            <time datetime="2014-07-19">x</time>"#;
        assert_eq!(
            posts(html, "https://x.de/tooth-fairy/"),
            [("Tooth fairy".into(), Some("2014-07-19".into()), false)]
        );
        let html = r#"<script type="application/ld+json">{"@type":"BlogPosting","headline":"A","url":"/a","datePublished":"2099-01-01"}</script>"#;
        assert_eq!(posts(html, "https://x.de/"), [("A".into(), None, false)]);
    }

    #[test]
    fn placeholders_are_marked() {
        for (title, url) in [
            ("Hello world!", "https://x.de/a"),
            ("Welcome", "https://x.de/hello-world/"),
            ("Lorem ipsum dolor", "https://x.de/b"),
            ("Sample Post", "https://x.de/c"),
        ] {
            assert!(is_placeholder(title, url), "{title}");
        }
        assert!(!is_placeholder(
            "Hello world of dentistry",
            "https://x.de/d"
        ));
    }

    #[test]
    fn keys_join_variants_of_an_address() {
        assert_eq!(key("https://www.x.de/A/?utm=1"), key("http://x.de/a"));
        assert_ne!(key("https://x.de/?p=1"), key("https://x.de/?p=2"));
    }
}
