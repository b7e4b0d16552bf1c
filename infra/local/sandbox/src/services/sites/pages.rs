//! The pages of a site.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::json;

use super::shell::{contact_lines, document, escape};
use crate::dice::Dice;
use crate::town::{
    Business, DateMarkup, Lexicon, Page, Post, SiteKind, Town, Trap, Voice, city_of, lexicon,
};

const LOREM: &str = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod \
    tempor incididunt ut labore et dolore magna aliqua. Ut enim ad minim veniam, quis nostrud \
    exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat.";

/// Bytes of filling on a page that is too large.
const LARGE_PAGE_BYTES: usize = 6 * 1024 * 1024;

/// One of the site's fixed pages.
pub(super) fn html(town: &Town, business: &Business, page: Page) -> String {
    let words = lexicon(business.language);
    let (title, main) = match page {
        Page::Home => (words.labels.home, home(town, business, words)),
        Page::About => (words.labels.about, about(town, business, words)),
        Page::Contact => (
            words.labels.contact,
            contact(business, words, Page::Contact),
        ),
        Page::Services => (words.labels.services, services(town, business, words)),
        Page::News | Page::Feed => (words.labels.news, news(business, words)),
        Page::Careers => (words.labels.careers, careers(business, words)),
        Page::Imprint => (
            words.labels.imprint,
            contact(business, words, Page::Imprint),
        ),
    };
    document(town, business, page, title, &main)
}

pub(super) fn not_found(town: &Town, business: &Business) -> String {
    document(town, business, Page::Imprint, "404", "<h1>404</h1>")
}

/// Sentences about the business: the same page always says the same.
fn speak(
    town: &Town,
    business: &Business,
    words: &Lexicon,
    page: &str,
    texts: Texts,
) -> Vec<String> {
    let city = city_of(business.city);
    let voice = Voice {
        lexicon: lexicon(business.language),
        trade: words.trade(business.category),
        city,
        name: &business.name,
        owner: &business.owner.name,
        district: &business.district,
        street: &business.address.street,
        services: &business.services,
        founded: business.founded,
    };
    // Old sites speak of the time when they were written.
    let on = business
        .posts
        .last()
        .map_or(town.options().now, |post| post.published);
    let mut dice = Dice::keyed(business.seed, &["page", page]);
    let (templates, count) = match texts {
        Texts::Intro => (&words.intro, 2),
        Texts::About => (&words.about, 4),
    };
    (0..2)
        .map(|_| voice.paragraph(templates, count / 2, on, &mut dice))
        .collect()
}

#[derive(Clone, Copy)]
enum Texts {
    Intro,
    About,
}

fn paragraphs(texts: &[String]) -> String {
    texts
        .iter()
        .map(|text| format!("<p>{}</p>\n", escape(text)))
        .collect()
}

fn home(town: &Town, business: &Business, words: &Lexicon) -> String {
    let mut main = format!("<h1>{}</h1>\n", escape(&business.name));
    main.push_str(&paragraphs(&speak(
        town,
        business,
        words,
        "home",
        Texts::Intro,
    )));
    main.push_str(&format!("<p>{}</p>\n", words.labels.hours));
    if business.site == SiteKind::OnePage {
        main.push_str(&about(town, business, words));
        main.push_str(&services(town, business, words));
        main.push_str(&reach(business, words));
    }
    if business.site.is_wordpress() && !business.posts.is_empty() {
        main.push_str(&format!("<h2>{}</h2>\n<ul>\n", words.labels.news));
        for post in business.posts.iter().take(2) {
            main.push_str(&format!("<li>{}</li>\n", entry(business, words, post)));
        }
        main.push_str("</ul>\n");
    }
    if business.site == SiteKind::WooCommerce {
        main.push_str(
            "<ul class=\"products\"><li class=\"product\"><a class=\"add_to_cart_button\" \
             href=\"/?add-to-cart=11\">+</a></li></ul>\n",
        );
    }
    main.push_str(&contact_lines(business, Page::Home));
    if business.has_trap(Trap::LargePage) {
        let filling = "<p class=\"gallery\">&nbsp;</p>\n";
        main.push_str(&filling.repeat(LARGE_PAGE_BYTES / filling.len()));
    }
    main
}

fn about(town: &Town, business: &Business, words: &Lexicon) -> String {
    let labels = &words.labels;
    let mut main = format!("<h2 id=\"about\">{}</h2>\n", labels.about);
    main.push_str(&paragraphs(&speak(
        town,
        business,
        words,
        "about",
        Texts::About,
    )));
    main.push_str(&format!(
        "<p>{} {}. {}: {}</p>\n",
        labels.since,
        business.founded,
        labels.owner,
        escape(&business.owner.name)
    ));
    if business.has_trap(Trap::LoremIpsum) {
        main.push_str(&format!("<p>{LOREM}</p>\n"));
    }
    if business.site != SiteKind::OnePage {
        main.push_str(&contact_lines(business, Page::About));
    }
    main
}

fn services(town: &Town, business: &Business, words: &Lexicon) -> String {
    let mut main = format!("<h2 id=\"services\">{}</h2>\n<ul>\n", words.labels.services);
    for service in &business.services {
        main.push_str(&format!("<li>{}</li>\n", escape(service)));
    }
    main.push_str("</ul>\n");
    main.push_str(&paragraphs(&speak(
        town,
        business,
        words,
        "services",
        Texts::Intro,
    )));
    main
}

/// Address and telephone.
fn reach(business: &Business, words: &Lexicon) -> String {
    let mut lines = format!(
        "<p>{}<br>{}</p>\n",
        escape(&business.name),
        escape(&business.address.formatted)
    );
    for phone in &business.phones {
        let dial = phone.international.replace([' ', '-'], "");
        lines.push_str(&format!(
            "<p>{}: <a href=\"tel:{dial}\">{}</a></p>\n",
            words.labels.phone, phone.national
        ));
    }
    lines
}

fn contact(business: &Business, words: &Lexicon, page: Page) -> String {
    let title = if page == Page::Imprint {
        words.labels.imprint
    } else {
        words.labels.contact
    };
    let mut main = format!("<h1>{title}</h1>\n");
    main.push_str(&reach(business, words));
    main.push_str(&contact_lines(business, page));
    if page == Page::Imprint {
        main.push_str(&format!(
            "<p>{}: {}</p>\n",
            words.labels.owner,
            escape(&business.owner.name)
        ));
    } else {
        main.push_str(
            "<form method=\"post\"><input name=\"email\" placeholder=\"you@yourmail.com\">\
             <textarea name=\"message\"></textarea><button>OK</button></form>\n",
        );
    }
    main
}

fn careers(business: &Business, words: &Lexicon) -> String {
    let mut main = format!("<h1>{}</h1>\n", words.labels.careers);
    for post in business
        .posts
        .iter()
        .filter(|post| post.topic == crate::town::Topic::Hiring)
    {
        main.push_str(&format!("<h2>{}</h2>\n{}", escape(&post.title), body(post)));
    }
    main
}

fn news(business: &Business, words: &Lexicon) -> String {
    let mut main = format!("<h1>{}</h1>\n", words.labels.news);
    if business.has_trap(Trap::PlaceholderPost) {
        main.push_str(
            "<article><h2><a href=\"/hello-world/\">Hello world!</a></h2><p>Welcome to \
             WordPress. This is your first post. Edit or delete it, then start writing!</p>\
             </article>\n",
        );
    }
    for post in &business.posts {
        main.push_str(&format!(
            "<article><h2>{}</h2>\n",
            entry(business, words, post)
        ));
        if business.site == SiteKind::Static {
            main.push_str(&body(post));
        }
        main.push_str("</article>\n");
    }
    if business.date_markup == DateMarkup::JsonLd {
        let posts: Vec<_> = business
            .posts
            .iter()
            .map(|post| posting(business, post))
            .collect();
        main.push_str(&script(&json!({
            "@context": "https://schema.org", "@type": "Blog", "blogPost": posts,
        })));
    }
    main
}

/// A post of the installer, dated a day before now.
pub(super) fn placeholder(town: &Town, business: &Business) -> String {
    let published = town.options().now - SignedDuration::from_hours(24);
    let main = format!(
        "<article><h1>Hello world!</h1><time datetime=\"{published}\"></time><p>Welcome to \
         WordPress. This is your first post.</p></article>"
    );
    document(town, business, Page::News, "Hello world!", &main)
}

/// A post's own page.
pub(super) fn post(town: &Town, business: &Business, post: &Post) -> String {
    let words = lexicon(business.language);
    let mut main = format!(
        "<article><h1>{}</h1>\n{}\n{}</article>\n",
        escape(&post.title),
        date(business, words, post.published),
        body(post)
    );
    if business.date_markup == DateMarkup::JsonLd {
        let mut posting = posting(business, post);
        if let Some(fields) = posting.as_object_mut() {
            fields.insert("@context".to_owned(), json!("https://schema.org"));
        }
        main.push_str(&script(&posting));
    }
    document(town, business, Page::News, &post.title, &main)
}

fn script(data: &serde_json::Value) -> String {
    let text = data.to_string().replace("</", "<\\/");
    format!("<script type=\"application/ld+json\">{text}</script>\n")
}

fn posting(business: &Business, post: &Post) -> serde_json::Value {
    json!({
        "@type": "BlogPosting",
        "headline": post.title,
        "datePublished": post.published.to_string(),
        "url": business.post_path(post),
        "author": { "@type": "Person", "name": business.owner.name },
    })
}

fn body(post: &Post) -> String {
    post.body
        .split("\n\n")
        .map(|text| format!("<p>{}</p>\n", escape(text)))
        .collect()
}

/// Title with link and date.
fn entry(business: &Business, words: &Lexicon, post: &Post) -> String {
    let title = escape(&post.title);
    let linked = match business.post_path(post) {
        Some(path) => format!("<a href=\"{path}\">{title}</a>"),
        None => title,
    };
    format!("{linked} {}", date(business, words, post.published))
}

fn date(business: &Business, words: &Lexicon, published: Timestamp) -> String {
    let day = published.to_zoned(TimeZone::UTC).date();
    match business.date_markup {
        DateMarkup::TimeElement => {
            format!("<time datetime=\"{published}\">{}</time>", words.day(day))
        }
        DateMarkup::JsonLd => String::new(),
        DateMarkup::Text => format!("<small>{}</small>", words.day(day)),
    }
}
