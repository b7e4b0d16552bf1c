//! Every kind of web site over real HTTP.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use hunter_sandbox::{
    Business, Charset, DateMarkup, DeadHow, EmailForm, Faults, Page, Sandbox, SiteKind, Town,
    TownOptions, Trap,
};
use reqwest::{Client, Proxy, Response, redirect::Policy};

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0";
const ROBOT: &str = "hunterbot/1.0 (+http://hunter.example/bot)";

/// reqwest is built without a TLS provider; the servers here speak plain http.
fn client() -> reqwest::ClientBuilder {
    // An earlier test of the same process may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
}

/// The running sandbox and a client that asks through it as through a proxy, so that any host of
/// the town can be named.
struct Web {
    sandbox: Sandbox,
    client: Client,
}

impl std::ops::Deref for Web {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        &self.sandbox
    }
}

async fn start() -> Web {
    let now = "2026-03-01T09:00:00Z".parse().unwrap();
    let options = TownOptions {
        businesses: 400,
        ..TownOptions::new(5, now)
    };
    let sandbox = Sandbox::start(Town::generate(options), Faults::none())
        .await
        .unwrap();
    let proxy = Proxy::http(format!("http://{}", sandbox.site_gateway())).unwrap();
    let client = client()
        .proxy(proxy)
        .redirect(Policy::none())
        .build()
        .unwrap();
    Web { sandbox, client }
}

/// Businesses with a site of their own that meet the condition; at least one.
fn some(sandbox: &Sandbox, test: impl Fn(&Business) -> bool) -> Vec<&Business> {
    let own = |b: &&Business| b.duplicate_of.is_none() && b.chain_of.is_none();
    let found: Vec<&Business> = sandbox
        .town()
        .businesses()
        .iter()
        .filter(own)
        .filter(|b| test(b))
        .collect();
    assert!(!found.is_empty(), "the town has no such business");
    found
}

async fn fetch(web: &Web, host: &str, path: &str, agent: &str) -> reqwest::Result<Response> {
    web.client
        .get(format!("http://{host}{path}"))
        .header("user-agent", agent)
        .send()
        .await
}

async fn text(sandbox: &Web, business: &Business, path: &str) -> String {
    let host = business.website.as_deref().unwrap();
    let response = fetch(sandbox, host, path, ROBOT).await.unwrap();
    assert_eq!(response.status(), 200, "{host}{path}");
    // Only pages have odd charsets; documents for machines are UTF-8.
    if !response.headers()["content-type"]
        .to_str()
        .unwrap()
        .starts_with("text/html")
    {
        return response.text().await.unwrap();
    }
    decode(business, &response.bytes().await.unwrap())
}

fn decode(business: &Business, bytes: &[u8]) -> String {
    let encoding = match business.charset {
        Charset::Utf8 => encoding_rs::UTF_8,
        Charset::Latin1DeclaredUtf8 => encoding_rs::WINDOWS_1252,
        Charset::ShiftJis => encoding_rs::SHIFT_JIS,
        Charset::Windows1251 => encoding_rs::WINDOWS_1251,
    };
    let (text, _, failed) = encoding.decode(bytes);
    assert!(!failed, "{:?}", business.website);
    text.into_owned()
}

#[tokio::test]
async fn every_readable_site_has_its_pages_posts_and_addresses() {
    let sandbox = start().await;
    for business in some(&sandbox, Business::is_crawlable) {
        for page in [
            Page::Home,
            Page::About,
            Page::Contact,
            Page::Services,
            Page::News,
            Page::Careers,
            Page::Imprint,
            Page::Feed,
        ] {
            let Some(path) = business.page_path(page) else {
                continue;
            };
            let body = text(&sandbox, business, &path).await;
            for email in business.emails.iter().filter(|email| email.page == page) {
                assert!(
                    shows(&body, &email.address, email.form),
                    "{email:?}\n{body}"
                );
            }
            if page == Page::News && business.date_markup == DateMarkup::TimeElement {
                for post in &business.posts {
                    assert!(body.contains(&format!("datetime=\"{}\"", post.published)));
                }
            }
        }
        for post in &business.posts {
            let Some(path) = business.post_path(post) else {
                continue;
            };
            let body = text(&sandbox, business, &path).await;
            let title = post.title.replace('&', "&amp;");
            assert!(
                business.charset != Charset::Utf8 || body.contains(&title),
                "{title}"
            );
        }
    }
}

/// The form is what it claims, and the forms that hide the address do hide it.
fn shows(body: &str, address: &str, form: EmailForm) -> bool {
    let plain = body.contains(address);
    match form {
        EmailForm::Mailto => body.contains(&format!("mailto:{address}")),
        EmailForm::Plain => plain,
        EmailForm::JsonLd => {
            body.contains(&format!("\"email\":\"{address}\""))
                || (plain && !body.contains("ld+json"))
        }
        EmailForm::AtDot => !plain && body.contains(" [at] "),
        EmailForm::ParenthesisedAt => !plain && body.contains("(at)"),
        EmailForm::CloudflareLink => !plain && body.contains("email-protection#5a"),
        EmailForm::CloudflareSpan => !plain && body.contains("data-cfemail=\"1f"),
    }
}

#[tokio::test]
async fn dead_sites_are_dead_in_their_way() {
    let sandbox = start().await;
    for business in some(&sandbox, |b| matches!(b.site, SiteKind::Dead(_))) {
        let host = business.website.as_deref().unwrap();
        let answer = fetch(&sandbox, host, "/", ROBOT).await;
        match business.site {
            SiteKind::Dead(DeadHow::ConnectionClosed) => assert!(answer.is_err()),
            SiteKind::Dead(DeadHow::NotFound) => assert_eq!(answer.unwrap().status(), 404),
            SiteKind::Dead(DeadHow::ServerError) => assert_eq!(answer.unwrap().status(), 500),
            _ => assert!(answer.unwrap().text().await.unwrap().contains("for sale")),
        }
    }
    assert!(sandbox.counters().closed > 0);
    assert_eq!(
        fetch(&sandbox, "nobody.example", "/", ROBOT)
            .await
            .unwrap()
            .status(),
        502
    );
}

#[tokio::test]
async fn blocks_and_robots_are_kept_and_counted() {
    let sandbox = start().await;
    let blocking = some(&sandbox, |b| {
        b.site == SiteKind::BlocksBots && b.traps.is_empty()
    })[0];
    let host = blocking.website.as_deref().unwrap();
    assert_eq!(
        fetch(&sandbox, host, "/", ROBOT).await.unwrap().status(),
        403
    );
    assert_eq!(
        fetch(&sandbox, host, "/", BROWSER).await.unwrap().status(),
        200
    );

    let closed = some(&sandbox, |b| {
        b.site == SiteKind::RobotsDisallow && b.traps.is_empty()
    })[0];
    let robots = text(&sandbox, closed, "/robots.txt").await;
    assert_eq!(robots, "User-agent: *\nDisallow: /\n");
    assert_eq!(sandbox.counters().forbidden_by_robots, 0);
    text(&sandbox, closed, "/").await;
    let counters = sandbox.counters();
    assert_eq!(
        (
            counters.forbidden_by_robots,
            counters.robots,
            counters.sites
        ),
        (1, 1, 4)
    );
    assert_eq!(counters.by_host[closed.website.as_deref().unwrap()], 2);
}

#[tokio::test]
async fn traps_are_set() {
    let sandbox = start().await;
    let with = |trap| {
        some(&sandbox, move |b| {
            b.has_trap(trap) && b.site != SiteKind::BlocksBots
        })[0]
    };
    for (trap, location) in [
        (Trap::RedirectLoop, "/home"),
        (Trap::RedirectLoopback, "http://127.0.0.1"),
        (Trap::RedirectMetadata, "http://169.254.169.254/"),
    ] {
        let host = with(trap).website.as_deref().unwrap();
        let response = fetch(&sandbox, host, "/", ROBOT).await.unwrap();
        let to = response.headers()["location"].to_str().unwrap();
        assert!(
            response.status().is_redirection() && to.contains(location),
            "{to}"
        );
    }
    let www = with(Trap::RedirectWww);
    let host = www.website.as_deref().unwrap();
    assert_eq!(
        www.website_url.as_deref(),
        Some(format!("http://www.{host}/").as_str())
    );
    let response = fetch(&sandbox, &format!("www.{host}"), "/", ROBOT)
        .await
        .unwrap();
    assert_eq!(response.headers()["location"], format!("http://{host}/"));

    assert!(text(&sandbox, with(Trap::LargePage), "/").await.len() > 6_000_000);
    assert!(
        text(&sandbox, with(Trap::PromptInjection), "/")
            .await
            .contains("Ignore all previous")
    );
    assert!(
        text(&sandbox, with(Trap::AgencyEmail), "/")
            .await
            .contains("studio@pixel-foundry")
    );
    assert!(
        text(&sandbox, with(Trap::ImageNameEmail), "/")
            .await
            .contains("logo@2x.png")
    );
    assert!(
        text(&sandbox, with(Trap::SentryHashEmail), "/")
            .await
            .contains("@sentry-next.example")
    );
    let hello = with(Trap::PlaceholderPost);
    assert!(
        text(&sandbox, hello, "/feed/")
            .await
            .contains("Hello world!")
    );
}

#[tokio::test]
async fn charsets_are_what_the_town_says_and_not_what_the_page_says() {
    let sandbox = start().await;
    for (charset, declared) in [
        (Charset::Latin1DeclaredUtf8, "text/html"),
        (Charset::ShiftJis, "text/html"),
        (Charset::Windows1251, "text/html; charset=windows-1251"),
    ] {
        let business = some(&sandbox, |b| b.charset == charset && b.is_crawlable())[0];
        let host = business.website.as_deref().unwrap();
        let response = fetch(&sandbox, host, "/", ROBOT).await.unwrap();
        assert_eq!(response.headers()["content-type"], declared);
        let bytes = response.bytes().await.unwrap();
        assert!(
            std::str::from_utf8(&bytes).is_err(),
            "{charset:?} must not be valid UTF-8"
        );
        let page = decode(business, &bytes);
        assert!(
            page.contains(&business.city_local.replace('&', "&amp;"))
                || page.contains(&business.district)
        );
        assert_eq!(
            page.contains("charset=\"utf-8\""),
            charset == Charset::Latin1DeclaredUtf8
        );
    }
}

#[tokio::test]
async fn the_host_header_decides_and_gzip_is_real() {
    let sandbox = start().await;
    let business = some(&sandbox, |b| b.gzip && b.is_crawlable())[0];
    let host = business.website.as_deref().unwrap();
    let url = format!("http://{}/", sandbox.site_gateway());
    let request = client()
        .gzip(false)
        .build()
        .unwrap()
        .get(&url)
        .header("host", host);
    let raw = request
        .header("accept-encoding", "gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(raw.headers()["content-encoding"], "gzip");
    assert_eq!(raw.bytes().await.unwrap()[..2], [0x1f, 0x8b]);
    let response = client()
        .build()
        .unwrap()
        .get(&url)
        .header("host", host)
        .send()
        .await
        .unwrap();
    let page = decode(business, &response.bytes().await.unwrap());
    assert!(page.contains("</html>"));
}

#[tokio::test]
async fn sitemaps_and_feeds_name_the_posts() {
    let sandbox = start().await;
    let business = some(&sandbox, |b| {
        b.site == SiteKind::WordPress && b.is_crawlable()
    })[0];
    let index = text(&sandbox, business, "/sitemap.xml").await;
    assert!(index.contains("<sitemapindex") && index.contains("/post-sitemap.xml"));
    let posts = text(&sandbox, business, "/post-sitemap.xml").await;
    let feed = text(&sandbox, business, "/feed/").await;
    for post in &business.posts {
        let path = business.post_path(post).unwrap();
        assert!(posts.contains(&path) && feed.contains(&path));
        assert!(posts.contains(&post.published.to_string()));
    }
    let shop = some(&sandbox, |b| {
        b.site == SiteKind::Shopify && b.is_crawlable()
    })[0];
    let atom = text(&sandbox, shop, &shop.page_path(Page::Feed).unwrap()).await;
    assert!(atom.contains("http://www.w3.org/2005/Atom"));
    assert_eq!(atom.matches("<entry>").count(), shop.posts.len());
}

#[tokio::test]
async fn the_same_seed_gives_the_same_pages() {
    let (one, other) = (start().await, start().await);
    for business in some(&one, Business::is_crawlable).into_iter().take(30) {
        assert_eq!(
            text(&one, business, "/").await,
            text(&other, business, "/").await
        );
    }
}
