//! Documents for machines: robots.txt, sitemaps and feeds. All are UTF-8.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::shell::escape;
use crate::town::{Business, FeedKind, Page, Post, SiteKind, Town, Trap};
use crate::wire::{Answer, reply};

/// The document at this path, if it is one of these.
pub(super) fn document(
    town: &Town,
    business: &Business,
    path: &str,
    query: Option<&str>,
) -> Option<Answer> {
    let xml = |text: String| Some(reply(200, "application/xml; charset=utf-8", text));
    // Squarespace serves the feed of a page at the page itself.
    let squarespace = business.site == SiteKind::Squarespace && query == Some("format=rss");
    let is_feed = business.page_path(Page::Feed).as_deref() == Some(path)
        || (squarespace && business.page_path(Page::News).as_deref() == Some(path));
    if is_feed {
        return Some(match business.feed? {
            FeedKind::Rss => reply(
                200,
                "application/rss+xml; charset=utf-8",
                rss(town, business),
            ),
            FeedKind::Atom => reply(200, "application/atom+xml; charset=utf-8", atom(business)),
        });
    }
    match path {
        "/robots.txt" => {
            let text = robots(business)?;
            Some(reply(200, "text/plain; charset=utf-8", text))
        }
        "/sitemap.xml" if business.site.is_wordpress() => xml(sitemap_index(business)),
        "/sitemap.xml" if business.site == SiteKind::OnePage => None,
        "/sitemap.xml" => xml(sitemap(business, true, true)),
        "/page-sitemap.xml" if business.site.is_wordpress() => xml(sitemap(business, true, false)),
        "/post-sitemap.xml" if business.site.is_wordpress() => xml(sitemap(business, false, true)),
        _ => None,
    }
}

fn host(business: &Business) -> &str {
    business.website.as_deref().unwrap_or_default()
}

fn robots(business: &Business) -> Option<String> {
    let host = host(business);
    match business.site {
        SiteKind::RobotsDisallow => Some("User-agent: *\nDisallow: /\n".to_owned()),
        // Hand-written sites often have none.
        SiteKind::Static | SiteKind::OnePage if business.seed.is_multiple_of(2) => None,
        site if site.is_wordpress() => Some(format!(
            "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n\n\
             Sitemap: http://{host}/sitemap.xml\n"
        )),
        _ => Some(format!(
            "User-agent: *\nDisallow:\nCrawl-delay: 1\nSitemap: http://{host}/sitemap.xml\n"
        )),
    }
}

fn sitemap_index(business: &Business) -> String {
    let host = host(business);
    let modified = newest(business);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n\
         <sitemap><loc>http://{host}/page-sitemap.xml</loc></sitemap>\n\
         <sitemap><loc>http://{host}/post-sitemap.xml</loc>{modified}</sitemap>\n\
         </sitemapindex>\n"
    )
}

fn newest(business: &Business) -> String {
    business
        .posts
        .first()
        .map_or_else(String::new, |post| lastmod(post.published))
}

fn lastmod(at: Timestamp) -> String {
    format!("<lastmod>{at}</lastmod>")
}

fn sitemap(business: &Business, pages: bool, posts: bool) -> String {
    let host = host(business);
    let mut urls = String::new();
    if pages {
        for page in [
            Page::Home,
            Page::About,
            Page::Services,
            Page::News,
            Page::Contact,
        ] {
            if let Some(path) = business.page_path(page) {
                urls.push_str(&format!("<url><loc>http://{host}{path}</loc></url>\n"));
            }
        }
    }
    if posts {
        for post in &business.posts {
            if let Some(path) = business.post_path(post) {
                let modified = lastmod(post.published);
                urls.push_str(&format!(
                    "<url><loc>http://{host}{path}</loc>{modified}</url>\n"
                ));
            }
        }
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{urls}</urlset>\n"
    )
}

fn link(business: &Business, post: &Post) -> String {
    let path = business.post_path(post).unwrap_or_default();
    format!("http://{}{path}", host(business))
}

fn first_paragraph(post: &Post) -> String {
    escape(post.body.split("\n\n").next().unwrap_or_default())
}

/// RSS 2.0 as WordPress writes it.
fn rss(town: &Town, business: &Business) -> String {
    let host = host(business);
    let mut items = String::new();
    if business.has_trap(Trap::PlaceholderPost) {
        let published = rfc2822(town.options().now - SignedDuration::from_hours(24));
        items.push_str(&format!(
            "<item><title>Hello world!</title><link>http://{host}/hello-world/</link>\
             <pubDate>{published}</pubDate><guid>http://{host}/?p=1</guid>\
             <description>Welcome to WordPress. This is your first post.</description></item>\n"
        ));
    }
    for post in &business.posts {
        let (title, link) = (escape(&post.title), link(business, post));
        items.push_str(&format!(
            "<item><title>{title}</title><link>{link}</link><pubDate>{}</pubDate>\
             <dc:creator><![CDATA[{}]]></dc:creator><guid>{link}</guid>\
             <description>{}</description></item>\n",
            rfc2822(post.published),
            business.owner.name,
            first_paragraph(post)
        ));
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel>\n\
         <title>{name}</title>\n<link>http://{host}/</link>\n<description>{name}</description>\n\
         <language>{language}</language>\n{items}</channel>\n</rss>\n",
        name = escape(&business.name),
        language = business.language,
    )
}

/// RFC 2822 date as feeds write it.
fn rfc2822(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC)
        .strftime("%a, %d %b %Y %H:%M:%S +0000")
        .to_string()
}

/// Atom 1.0 as Shopify writes it.
fn atom(business: &Business) -> String {
    let host = host(business);
    let updated = business
        .posts
        .first()
        .map(|post| post.published.to_string());
    let mut entries = String::new();
    for post in &business.posts {
        let link = link(business, post);
        entries.push_str(&format!(
            "<entry><id>{link}</id><title>{}</title><link rel=\"alternate\" href=\"{link}\"/>\
             <published>{at}</published><updated>{at}</updated><author><name>{}</name></author>\
             <content type=\"html\">{}</content></entry>\n",
            escape(&post.title),
            escape(&business.owner.name),
            first_paragraph(post),
            at = post.published,
        ));
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n<id>http://{host}/</id>\n\
         <title>{}</title>\n<updated>{}</updated>\n{entries}</feed>\n",
        business.language,
        escape(&business.name),
        updated.unwrap_or_default(),
    )
}
