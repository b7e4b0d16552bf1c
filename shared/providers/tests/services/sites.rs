use std::{
    fs,
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use hunter_contracts::{Cause, ErrorCode};
use hunter_core::ports::{Clock, FetchFailure, SiteFetcher};
use hunter_providers::{
    ArchiveConfig, HttpSites, HttpSitesConfig, Route, SitesConfig, site_fetcher,
};

use crate::{
    clock, recorded,
    server::{Reply, Seen, Server, closed, raw},
};

fn through(server: &Server) -> HttpSites {
    HttpSites::new(
        HttpSitesConfig::new(Route::Gateway(server.address)),
        clock(),
    )
    .unwrap()
}

fn no_robots(seen: &Seen) -> Option<Reply> {
    (seen.path == "/robots.txt").then(|| Reply::new(404, ""))
}

fn cause(failure: &FetchFailure) -> (Cause, bool) {
    (failure.cause, failure.retryable)
}

#[tokio::test]
async fn the_gateway_plays_every_site_by_its_host() {
    let server = Server::start(|seen| {
        no_robots(seen).unwrap_or_else(|| {
            Reply::html(&format!("<p>{}{}", seen.header("host"), seen.path))
                .with("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        })
    })
    .await;
    let sites = through(&server);
    for (address, answered, says) in [
        (
            "bakery.example",
            "http://bakery.example/",
            "<p>bakery.example/",
        ),
        (
            "http://a.example:8080/x?y=1#z",
            "http://a.example:8080/x?y=1",
            "<p>a.example:8080/x?y=1",
        ),
        (
            "https://b.example/about",
            "https://b.example/about",
            "<p>b.example/about",
        ),
        ("http://10.0.0.1/", "http://10.0.0.1/", "<p>10.0.0.1/"),
    ] {
        let page = sites.fetch(address).await.unwrap();
        assert_eq!(page.url, answered);
        assert_eq!(String::from_utf8(page.body).unwrap(), says);
        assert_eq!(page.content_type.as_deref(), Some("text/html"));
        assert_eq!(
            page.last_modified.as_deref(),
            Some("Thu, 01 Jan 2026 00:00:00 GMT")
        );
        assert_eq!(page.fetched_at.to_string(), "2026-01-02T03:04:05Z");
    }
    assert_eq!(sites.requests(), 8, "a robots.txt and a page per host");
    assert!(
        server.seen()[0]
            .header("user-agent")
            .starts_with("HunterBot/0.1 (+https://")
    );
}

#[tokio::test]
async fn this_machine_is_out_of_reach_on_the_live_web() {
    let server = Server::start(|_| Reply::html("secret")).await;
    let sites = HttpSites::new(HttpSitesConfig::new(Route::Live), clock()).unwrap();
    let port = server.address.port();
    for address in [
        server.url(),
        format!("localhost:{port}"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://2130706433:{port}/"),
    ] {
        let failure = sites.fetch(&address).await.unwrap_err();
        assert_eq!(cause(&failure), (Cause::Unreachable, false), "{address}");
        assert!(sites.sitemaps(&address).await.is_empty());
    }
    assert!(server.seen().is_empty(), "not even robots.txt");
    assert_eq!(sites.requests(), 0);
}

#[tokio::test]
async fn redirects_are_followed_five_times_and_checked_each_time() {
    let server = Server::start(|seen| {
        if let Some(reply) = no_robots(seen) {
            return reply;
        }
        let to = |location: &str| Reply::new(301, "").with("location", location);
        match (seen.header("host"), seen.path.as_str()) {
            ("old.example", _) => to("http://new.example/home"),
            ("loop.example", _) => to("/again"),
            ("file.example", _) => to("file:///etc/passwd"),
            ("login.example", _) => to("http://user:pass@new.example/inside"),
            (host, _) => Reply::html(host),
        }
    })
    .await;
    let sites = through(&server);
    assert_eq!(
        sites.fetch("old.example").await.unwrap().url,
        "http://new.example/home"
    );
    let failure = sites.fetch("loop.example").await.unwrap_err();
    assert_eq!(cause(&failure), (Cause::Unreachable, false));
    assert!(
        failure.message.contains("more than 5 redirects"),
        "{failure}"
    );
    let pages = server
        .paths()
        .iter()
        .filter(|p| *p == "/again" || *p == "/")
        .count();
    assert_eq!(pages, 1 + 6, "the old home page and six hops");
    for address in ["file.example", "login.example"] {
        let failure = sites.fetch(address).await.unwrap_err();
        assert_eq!(cause(&failure), (Cause::Unreachable, false), "{address}");
    }
    assert!(!server.paths().contains(&"/inside".to_owned()));
}

#[tokio::test]
async fn robots_rules_are_obeyed_and_fetched_once() {
    let server = Server::start(|seen| match (seen.header("host"), seen.path.as_str()) {
        ("rules.example", "/robots.txt") => Reply::new(
            200,
            "User-agent: *\nDisallow: /private\nSitemap: http://rules.example/map.xml\n",
        ),
        ("moved.example", "/robots.txt") => {
            Reply::new(302, "").with("location", "http://rules.example/robots.txt")
        }
        ("down.example", "/robots.txt") => Reply::new(503, ""),
        ("limited.example", "/robots.txt") => Reply::new(429, ""),
        ("none.example", "/robots.txt") => Reply::new(403, ""),
        ("hop.example", "/") => {
            Reply::new(302, "").with("location", "http://rules.example/private")
        }
        _ => Reply::html("ok"),
    })
    .await;
    let sites = through(&server);
    let refused = |address: &'static str| {
        let sites = &sites;
        async move { cause(&sites.fetch(address).await.unwrap_err()) }
    };
    let all = futures::future::join_all((0..5).map(|_| sites.fetch("rules.example"))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(
        refused("rules.example/private/x").await,
        (Cause::Robots, false)
    );
    assert_eq!(
        sites.sitemaps("rules.example").await,
        ["http://rules.example/map.xml"]
    );
    assert_eq!(
        server
            .paths()
            .iter()
            .filter(|p| *p == "/robots.txt")
            .count(),
        1
    );
    assert!(!server.paths().contains(&"/private/x".to_owned()));
    assert_eq!(
        refused("http://moved.example/private").await,
        (Cause::Robots, false)
    );
    assert_eq!(refused("hop.example").await, (Cause::Robots, false));
    assert_eq!(refused("down.example").await, (Cause::Robots, true));
    assert_eq!(refused("limited.example").await, (Cause::Blocked, true));
    assert!(sites.fetch("none.example").await.is_ok());
}

#[tokio::test]
async fn answers_become_causes() {
    let server = Server::start(|seen| {
        no_robots(seen).unwrap_or_else(|| match seen.path.as_str() {
            "/403" => Reply::new(403, "no"),
            "/404" => Reply::new(404, "no"),
            "/500" => Reply::new(500, "no"),
            "/challenge" => Reply::new(503, "wait").with("cf-mitigated", "challenge"),
            "/image" => Reply::new(200, "x").with("content-type", "image/png"),
            "/garbled" => Reply::html("not gzip").with("content-encoding", "gzip"),
            _ => Reply::html("ok"),
        })
    })
    .await;
    let sites = through(&server);
    for (path, expected) in [
        ("403", (Cause::Blocked, false)),
        ("404", (Cause::NotFound, false)),
        ("500", (Cause::Unreachable, true)),
        ("challenge", (Cause::Blocked, false)),
        ("image", (Cause::NotFound, false)),
        ("garbled", (Cause::Unreachable, true)),
    ] {
        let failure = sites
            .fetch(&format!("http://a.example/{path}"))
            .await
            .unwrap_err();
        assert_eq!(cause(&failure), expected, "{failure}");
        assert!(failure.message.contains(path), "{failure}");
    }
    for address in [
        closed().await,
        raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx").await,
    ] {
        let config = HttpSitesConfig::new(Route::Gateway(address));
        let sites = HttpSites::new(config, clock()).unwrap();
        let failure = sites.fetch("a.example").await.unwrap_err();
        assert_eq!(cause(&failure), (Cause::Unreachable, true), "{failure}");
    }
    let mut config = HttpSitesConfig::new(Route::Gateway(raw(b"").await));
    config.total_timeout = Duration::from_millis(50);
    let failure = HttpSites::new(config, clock())
        .unwrap()
        .fetch("a.example")
        .await
        .unwrap_err();
    assert_eq!(
        cause(&failure),
        (Cause::Unreachable, true),
        "a server that never answers"
    );
}

#[tokio::test]
async fn a_long_page_is_cut_and_a_compressed_one_is_no_bomb() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![b'a'; 1_000_000];
    for _ in 0..50 {
        encoder.write_all(&zeros).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 100_000);
    let server = Server::start(move |seen| {
        no_robots(seen).unwrap_or_else(|| match seen.path.as_str() {
            "/bomb" => Reply::new(200, bomb.clone()).with("content-encoding", "gzip"),
            _ => Reply::html(&"b".repeat(5_000_000)),
        })
    })
    .await;
    let sites = through(&server);
    for path in ["bomb", "long"] {
        let page = sites
            .fetch(&format!("http://a.example/{path}"))
            .await
            .unwrap();
        assert_eq!(page.body.len(), 3 * 1024 * 1024, "{path}");
    }
}

#[tokio::test]
async fn crawl_delays_are_kept_up_to_a_limit() {
    let server = Server::start(|seen| match seen.path.as_str() {
        "/robots.txt" => Reply::new(200, "User-agent: *\nCrawl-delay: 60\n"),
        _ => Reply::html("ok"),
    })
    .await;
    let clock = clock();
    let config = HttpSitesConfig::new(Route::Gateway(server.address));
    let sites = HttpSites::new(config, clock.clone()).unwrap();
    let start = clock.now();
    for _ in 0..4 {
        sites.fetch("a.example").await.unwrap();
    }
    let waited = clock.now().duration_since(start);
    assert_eq!(
        waited.as_secs(),
        6,
        "three waits of two seconds, not of sixty"
    );
}

/// Every request is held for a moment, so that as many as are let through stand side by side.
async fn side_by_side(hosts: &'static [&'static str]) -> usize {
    let running = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (kept, seen) = (Arc::clone(&running), Arc::clone(&most));
    let app = axum::Router::new().fallback(move || {
        let (running, most) = (Arc::clone(&kept), Arc::clone(&seen));
        async move {
            let now = running.fetch_add(1, Ordering::SeqCst) + 1;
            most.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(30)).await;
            running.fetch_sub(1, Ordering::SeqCst);
            axum::response::Html("User-agent: *")
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = HttpSitesConfig::new(Route::Gateway(listener.local_addr().unwrap()));
    config.concurrency_max = 3;
    tokio::spawn(async move { axum::serve(listener, app).await });
    let sites = HttpSites::new(config, clock()).unwrap();
    let pages = (0..10).map(|n| sites.fetch(hosts[n % hosts.len()]));
    assert!(
        futures::future::join_all(pages)
            .await
            .iter()
            .all(Result::is_ok)
    );
    most.load(Ordering::SeqCst)
}

#[tokio::test]
async fn requests_at_once_are_limited_per_host_and_over_all() {
    assert!(side_by_side(&["a.example"]).await <= 2);
    assert!(side_by_side(&["a.example", "b.example", "c.example", "d.example"]).await <= 3);
}

#[tokio::test]
async fn an_archive_is_a_web_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let put = |path: &str, content: &str| {
        let file = dir.path().join("web").join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    };
    put("a.example/index.html", "<!DOCTYPE html><p>home");
    put("a.example/about us/index.html", "<html>about");
    put("a.example/contact.html", "<html>contact");
    put(
        "a.example/feed/index.html",
        "<?xml version=\"1.0\"?><rss></rss>",
    );
    put(
        "a.example/news/index.xml",
        "<?xml version=\"1.0\"?><feed></feed>",
    );
    put("a.example/private/index.html", "<html>private");
    put(
        "a.example/robots.txt",
        "User-agent: *\nDisallow: /private\nSitemap: /sitemap.xml\n",
    );
    put("a.example/sitemap.xml", "<urlset></urlset>");
    fs::write(dir.path().join("secret.html"), "secret").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(
        dir.path().join("secret.html"),
        dir.path().join("web/a.example/link.html"),
    )
    .unwrap();
    let config = ArchiveConfig {
        dir: dir.path().join("web"),
        as_of: Some("2020-01-01T00:00:00Z".parse().unwrap()),
    };
    let sites = site_fetcher(SitesConfig::Archive(config), clock()).unwrap();
    for (address, kind, says) in [
        ("www.A.example", "text/html", "home"),
        ("https://a.example/about%20us/", "text/html", "about"),
        ("http://a.example/contact", "text/html", "contact"),
        ("http://a.example/feed/", "application/rss+xml", "rss"),
        ("http://a.example/news", "application/atom+xml", "feed"),
        ("http://a.example/sitemap.xml", "application/xml", "urlset"),
        ("http://a.example/robots.txt", "text/plain", "Disallow"),
    ] {
        let page = sites.fetch(address).await.unwrap();
        assert_eq!(page.content_type.as_deref(), Some(kind), "{address}");
        assert!(
            String::from_utf8(page.body).unwrap().contains(says),
            "{address}"
        );
        assert_eq!(page.fetched_at.to_string(), "2020-01-01T00:00:00Z");
    }
    for (address, expected) in [
        ("http://a.example/private/", Cause::Robots),
        ("http://a.example/nothing", Cause::NotFound),
        ("http://a.example/?feed=rss2", Cause::NotFound),
        ("http://a.example/link", Cause::NotFound),
        (
            "http://a.example/%2e%2e/%2e%2e/secret.html",
            Cause::NotFound,
        ),
        ("http://a.example/..%2f..%2fsecret.html", Cause::NotFound),
        ("http://a.example/%2fetc/passwd", Cause::NotFound),
        ("http://b.example/", Cause::Unreachable),
        ("http://../", Cause::Unreachable),
        ("http://./", Cause::Unreachable),
    ] {
        let failure = sites.fetch(address).await.unwrap_err();
        assert_eq!(failure.cause, expected, "{address}: {failure}");
    }
    assert_eq!(
        sites.sitemaps("a.example").await,
        ["http://a.example/sitemap.xml"]
    );
    let gone = SitesConfig::Archive(ArchiveConfig {
        dir: dir.path().join("gone"),
        as_of: None,
    });
    let failure = site_fetcher(gone, clock()).err().unwrap();
    assert_eq!(failure.code, ErrorCode::InvalidConfiguration);
}

#[tokio::test]
async fn real_sites_are_read_from_their_archive() {
    let Some(dir) = recorded("pages/sites") else {
        return;
    };
    let config = SitesConfig::Archive(ArchiveConfig { dir, as_of: None });
    let sites = site_fetcher(config, clock()).unwrap();
    for (address, kind) in [
        ("marveloakssolicitors.com", "text/html"),
        ("https://marveloakssolicitors.com/contact-us/", "text/html"),
        (
            "https://marveloakssolicitors.com/feed/",
            "application/rss+xml",
        ),
        ("http://letssensespa/feed/", "application/rss+xml"),
        ("http://dentoamigo.com/sitemap.xml", "application/xml"),
        (
            "https://ketlichai.com/collections/all.atom",
            "application/atom+xml",
        ),
        ("https://anthrocon.org/about", "text/html"),
    ] {
        let page = sites.fetch(address).await.unwrap();
        assert_eq!(page.content_type.as_deref(), Some(kind), "{address}");
        assert!(page.body.len() > 100, "{address}");
    }
    let failure = sites.fetch("http://anthrocon.org/").await.unwrap_err();
    assert_eq!(
        failure.cause,
        Cause::NotFound,
        "its home page was not saved"
    );
}

#[tokio::test]
async fn offline_nothing_is_fetched() {
    let sites = site_fetcher(SitesConfig::Offline, clock()).unwrap();
    let failure = sites.fetch("a.example").await.unwrap_err();
    assert_eq!(cause(&failure), (Cause::Offline, false));
    assert_eq!(sites.requests(), 0);
}
