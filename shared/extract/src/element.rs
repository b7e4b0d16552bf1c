//! What an element's name and attributes say about the text in it.

use scraper::node::Element;

use crate::dom::{BlockKind, MarkKind, Zone};

/// Hidden from people: by the `hidden` attribute, inline style or for assistive technology.
pub(crate) fn is_hidden(element: &Element) -> bool {
    if matches!(element.name(), "html" | "body") {
        return false;
    }
    if element.attr("hidden").is_some() || element.attr("aria-hidden") == Some("true") {
        return true;
    }
    element.attr("style").is_some_and(|style| {
        let style: String = style
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
            .to_ascii_lowercase();
        [
            "display:none",
            "visibility:hidden",
            "font-size:0;",
            "font-size:0px",
            "opacity:0;",
        ]
        .iter()
        .any(|h| style.contains(h))
            || style.ends_with("font-size:0")
    })
}

pub(crate) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "button"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
            | "option"
            | "label"
            | "input"
            | "head"
            | "frameset"
            | "noscript"
    )
}

pub(crate) fn kind_of(name: &str, parent: BlockKind) -> BlockKind {
    match name {
        "h1" => BlockKind::Heading(1),
        "h2" => BlockKind::Heading(2),
        "h3" => BlockKind::Heading(3),
        "h4" => BlockKind::Heading(4),
        "h5" => BlockKind::Heading(5),
        "h6" => BlockKind::Heading(6),
        "p" | "blockquote" | "figcaption" => BlockKind::Paragraph,
        "li" | "dt" | "dd" => BlockKind::ListItem,
        "td" | "th" => BlockKind::Cell,
        // A box inside a list item or a heading is still part of it.
        "div" => parent,
        _ => BlockKind::Other,
    }
}

pub(crate) fn zone_of(element: &Element) -> Zone {
    let by_name = match element.name() {
        "nav" => Zone::NAV,
        "header" => Zone::HEADER,
        "footer" => Zone::FOOTER,
        "aside" => Zone::ASIDE,
        "main" => Zone::MAIN,
        "article" => Zone::ARTICLE,
        "form" => Zone::FORM,
        _ => Zone::default(),
    };
    if matches!(element.name(), "html" | "body" | "main") {
        return by_name;
    }
    let by_role = match element.attr("role") {
        Some("navigation") => Zone::NAV,
        Some("contentinfo") => Zone::FOOTER,
        Some("main") => Zone::MAIN,
        Some("complementary") => Zone::ASIDE,
        _ => Zone::default(),
    };
    let label = |n: &str| element.attr(n).unwrap_or_default().to_ascii_lowercase();
    let words = [label("id"), label("class")].join(" ");
    let mut zone = by_name.with(by_role);
    for word in words.split_ascii_whitespace().take(40) {
        zone = zone.with(zone_of_word(word));
    }
    zone
}

fn zone_of_word(word: &str) -> Zone {
    let starts = |p: &[&str]| p.iter().any(|p| word.starts_with(p));
    if word.contains("cookie") || word.contains("consent") || word.contains("gdpr") {
        return Zone::CONSENT;
    }
    if starts(&[
        "footer",
        "site-footer",
        "page-footer",
        "elementor-location-footer",
        "colophon",
    ]) || word.ends_with("-footer") && !word.contains("entry") && !word.contains("post")
    {
        return Zone::FOOTER;
    }
    if starts(&[
        "nav",
        "menu",
        "breadcrumb",
        "main-nav",
        "main-menu",
        "mobile-menu",
    ]) {
        return Zone::NAV;
    }
    if starts(&["sidebar", "widget-area", "related"]) {
        return Zone::ASIDE;
    }
    if matches!(
        word,
        "comments" | "comment-list" | "commentlist" | "respond" | "comments-area"
    ) {
        return Zone::COMMENTS;
    }
    Zone::default()
}

pub(crate) fn is_article(name: &str, class: &str) -> bool {
    name == "article"
        || class.split_ascii_whitespace().any(|c| {
            matches!(
                c.to_ascii_lowercase().as_str(),
                "hentry"
                    | "type-post"
                    | "blog-post"
                    | "post-item"
                    | "blog-item"
                    | "news-item"
                    | "blogpost"
                    | "post-outer"
                    | "summary-item"
                    | "blog-entry"
                    | "post"
                    | "blog_post"
            )
        })
}

/// Words in a class or id that say that the element holds the date of the page.
const DATE_WORDS: [&str; 22] = [
    "date",
    "datum",
    "datetime",
    "published",
    "pubdate",
    "updated",
    "modified",
    "timestamp",
    "dateline",
    "byline",
    "posted",
    "post-meta",
    "entry-meta",
    "postmeta",
    "article-meta",
    "fecha",
    "publish",
    "time",
    "created",
    "lastmod",
    "day",
    "news_date",
];

pub(crate) fn mark_of(element: &Element) -> Option<(MarkKind, String)> {
    let value = || {
        ["datetime", "content", "title"]
            .into_iter()
            .find_map(|n| element.attr(n))
            .unwrap_or_default()
            .to_owned()
    };
    let prop = element.attr("itemprop").unwrap_or_default();
    let class = [
        element.attr("class").unwrap_or_default(),
        element.attr("id").unwrap_or_default(),
    ]
    .join(" ")
    .to_ascii_lowercase();
    let name = element.name();
    if matches!(
        name,
        "meta" | "link" | "html" | "body" | "script" | "style" | "input"
    ) {
        return None;
    }
    if prop.contains("dateModified") {
        return Some((MarkKind::Modified, value()));
    }
    if prop.contains("datePublished") || prop.contains("dateCreated") {
        return Some((MarkKind::Published, value()));
    }
    let has = |w: &str| class.split_ascii_whitespace().any(|c| c == w);
    if name == "time" {
        let modified = has("updated") && !has("published") || has("modified");
        let kind = if modified {
            MarkKind::Modified
        } else if element.attr("pubdate").is_some() || has("published") || has("entry-date") {
            MarkKind::Published
        } else {
            MarkKind::Time
        };
        return Some((kind, value()));
    }
    if name == "abbr" && has("published") {
        return Some((MarkKind::Published, value()));
    }
    let words = class.split(|c: char| c.is_ascii_whitespace() || matches!(c, '-' | '_'));
    let dated = words.take(40).any(|w| DATE_WORDS.contains(&w))
        || DATE_WORDS.iter().any(|w| has(w))
        || ["date", "datum", "publish"]
            .iter()
            .any(|w| class.contains(w));
    (dated && !class.contains("update-") && !class.contains("validate"))
        .then(|| (MarkKind::Class, String::new()))
}
