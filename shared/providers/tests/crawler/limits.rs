//! Size, time, redirects, headers, content types: what a hostile or broken server may cost.

use std::{
    io::Write,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use hunter_contracts::Cause;
use hunter_core::ports::{FetchFailure, FetchedPage, SiteFetcher};
use hunter_providers::{HttpSites, HttpSitesConfig, PAGE_MAX_BYTES, Route};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::web::{Answer, Public, answer, clock, page, redirect};

fn through(address: SocketAddr) -> HttpSites {
    HttpSites::new(HttpSitesConfig::new(Route::Gateway(address)), clock()).unwrap()
}

/// Fetches `/x` from a site without rules.
async fn fetch(
    answers: impl Fn(&str) -> Answer + Send + Sync + 'static,
) -> Result<FetchedPage, FetchFailure> {
    let server = Public::start(move |asked| match asked.path.as_str() {
        "/robots.txt" => answer(404, &[], ""),
        path => answers(path),
    })
    .await;
    through(server.address).fetch("http://a.example/x").await
}

fn cause(failure: &FetchFailure) -> (Cause, bool) {
    (failure.cause, failure.retryable)
}

const MEGABYTE: usize = 1024 * 1024;

/// 16 MB of one letter.
fn fill(mut encoder: impl Write) {
    let block = vec![b'a'; MEGABYTE];
    for _ in 0..16 {
        encoder.write_all(&block).unwrap();
    }
}

#[tokio::test]
async fn decompression_stops_at_the_limit() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    fill(&mut gzip);
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    fill(&mut zlib);
    for (coding, bomb) in [
        ("gzip", gzip.finish().unwrap()),
        ("deflate", zlib.finish().unwrap()),
    ] {
        assert!(bomb.len() * 500 < 16 * MEGABYTE, "{}", bomb.len());
        let headers = [("content-type", "text/html"), ("content-encoding", coding)];
        let bytes = answer(200, &headers, &bomb);
        let page = fetch(move |_| bytes.clone()).await.unwrap();
        assert_eq!(page.body.len(), PAGE_MAX_BYTES, "{coding}");
    }
    // Packed twice it is not unpacked twice, and a coding that was not asked for not at all.
    let mut inner = GzEncoder::new(Vec::new(), Compression::best());
    fill(&mut inner);
    let inner = inner.finish().unwrap();
    for coding in ["gzip, gzip", "br", "zstd"] {
        let headers = [("content-type", "text/html"), ("content-encoding", coding)];
        let bytes = answer(200, &headers, &inner);
        if let Ok(page) = fetch(move |_| bytes.clone()).await {
            assert!(page.body.len() <= inner.len(), "{coding}");
        }
    }
}

#[tokio::test]
async fn broken_compression_is_a_failure_to_read() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&[b'a'; 10_000]).unwrap();
    let whole = gzip.finish().unwrap();
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
    raw.write_all(b"x").unwrap();
    for (coding, body) in [
        ("gzip", whole[..whole.len() / 2].to_vec()),
        ("gzip", b"<p>not packed".to_vec()),
        ("deflate", vec![0xFF; 100]),
    ] {
        let headers = [("content-type", "text/html"), ("content-encoding", coding)];
        let bytes = answer(200, &headers, &body);
        let failure = fetch(move |_| bytes.clone()).await.unwrap_err();
        assert_eq!(cause(&failure), (Cause::Unreachable, true), "{failure}");
    }
}

#[tokio::test]
async fn a_packed_sitemap_is_handed_over_as_it_is() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(b"<urlset></urlset>").unwrap();
    let packed = gzip.finish().unwrap();
    let bytes = answer(200, &[("content-type", "application/x-gzip")], &packed);
    let server = Public::start(move |asked| match asked.path.as_str() {
        "/robots.txt" => answer(404, &[], ""),
        _ => bytes.clone(),
    })
    .await;
    let sites = through(server.address);
    let page = sites
        .fetch("http://a.example/sitemap.xml.gz")
        .await
        .unwrap();
    assert_eq!(page.body, packed);
    let failure = sites.fetch("http://a.example/backup.gz").await.unwrap_err();
    assert_eq!(cause(&failure), (Cause::NotFound, false));
}

#[tokio::test]
async fn headers_have_limits() {
    let long = "v".repeat(600_000);
    let failure = fetch(move |_| answer(200, &[("x", &long)], "ok"))
        .await
        .unwrap_err();
    assert_eq!(cause(&failure), (Cause::Unreachable, true), "{failure}");
    let many = fetch(|_| {
        let names: Vec<String> = (0..500).map(|n| format!("x-{n}")).collect();
        let headers: Vec<(&str, &str)> = names.iter().map(|n| (n.as_str(), "v")).collect();
        answer(200, &headers, "ok")
    });
    let failure = many.await.unwrap_err();
    assert_eq!(cause(&failure), (Cause::Unreachable, true), "{failure}");
    for garbage in [
        &b"HTTP/9.9 200 OK\r\n\r\n"[..],
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"220 mail.example ESMTP\r\n",
        b"\x15\x03\x01\x00\x02\x02\x16",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551616\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        b"HTTP/1.1 200 OK\r\n\0\r\n\r\n",
        b"",
    ] {
        let failure = fetch(move |_| garbage.to_vec()).await.unwrap_err();
        assert_eq!(cause(&failure), (Cause::Unreachable, true), "{failure}");
    }
}

#[tokio::test]
async fn redirects_end() {
    for looped in ["/x", "/x?again", "http://b.example/x", "//a.example/x"] {
        let failure = fetch(move |_| redirect(looped)).await.unwrap_err();
        assert_eq!(cause(&failure), (Cause::Unreachable, false), "{failure}");
    }
    // Every hop another address.
    let deeper = |path: &str| redirect(&format!("{path}/x"));
    let failure = fetch(deeper).await.unwrap_err();
    assert!(
        failure.message.contains("more than 5 redirects"),
        "{failure}"
    );
    let long = format!("/{}", "y".repeat(10_000));
    let failure = fetch(move |_| redirect(&long)).await.unwrap_err();
    assert!(failure.message.contains("too long"), "{failure}");
    let nowhere = fetch(|_| answer(302, &[], "")).await.unwrap_err();
    assert_eq!(cause(&nowhere), (Cause::Unreachable, false));
}

#[tokio::test]
async fn only_text_is_read_and_text_in_any_charset() {
    for kind in [
        "text/html",
        "text/html; charset=shift_jis",
        "text/html;charset=no-such-thing",
        "TEXT/HTML;",
        "application/xhtml+xml",
        "application/rss+xml; charset=UTF-8",
        "application/ld+json",
        "",
    ] {
        let read = fetch(move |_| answer(200, &[("content-type", kind)], b"\x83n\xFF\0"));
        assert_eq!(read.await.unwrap().body, b"\x83n\xFF\0", "{kind}");
    }
    for kind in [
        "image/png",
        "application/pdf",
        "application/zip",
        "video/mp4",
        "application/octet-stream",
        "application/gzip",
        "text/css",
        "multipart/x-mixed-replace",
    ] {
        let read = fetch(move |_| answer(200, &[("content-type", kind)], "x"));
        let failure = read.await.unwrap_err();
        assert_eq!(cause(&failure), (Cause::NotFound, false), "{kind}");
    }
}

/// A server that accepts, reads, and then does as told with the open connection.
async fn dripping(head: &'static [u8], drip: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0_u8; 4_096];
                let read = stream.read(&mut request).await.unwrap_or(0);
                if request[..read].starts_with(b"GET /robots.txt") {
                    let _ = stream.write_all(&answer(404, &[], "")).await;
                    return;
                }
                let _ = stream.write_all(head).await;
                while stream.write_all(drip).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn slow_answers_end_with_the_time_that_a_page_has() {
    for (head, drip) in [
        (&b"HTTP/1.1 200 OK\r\n"[..], &b"x: y\r\n"[..]),
        (b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n", b"a"),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            b"1\r\na\r\n",
        ),
        (b"", b""),
    ] {
        let mut config = HttpSitesConfig::new(Route::Gateway(dripping(head, drip).await));
        config.total_timeout = Duration::from_millis(150);
        let sites = HttpSites::new(config, clock()).unwrap();
        let failure = sites.fetch("http://a.example/x").await.unwrap_err();
        assert_eq!(cause(&failure), (Cause::Unreachable, true), "{failure}");
    }
}

/// The time is that of all hops together.
#[tokio::test]
async fn redirects_do_not_buy_time() {
    let server = Public::start(|asked| match asked.path.as_str() {
        "/robots.txt" => answer(404, &[], ""),
        path => {
            std::thread::sleep(Duration::from_millis(60));
            redirect(&format!("{path}x"))
        }
    })
    .await;
    let mut config = HttpSitesConfig::new(Route::Gateway(server.address));
    config.total_timeout = Duration::from_millis(100);
    config.redirects_max = 1_000;
    let sites = HttpSites::new(config, clock()).unwrap();
    let failure = sites.fetch("http://a.example/x").await.unwrap_err();
    assert_eq!(cause(&failure), (Cause::Unreachable, true), "{failure}");
    assert!(server.paths().len() < 6, "{:?}", server.paths());
}

#[tokio::test]
async fn a_site_that_asks_for_a_pause_gets_it() {
    for (status, retry_after, rest_s) in [
        (429, Some("120"), 120),
        (429, Some("Fri, 02 Jan 2026 03:14:05 GMT"), 600),
        (429, Some("999999999999"), 3_600),
        (429, Some("later"), 30),
        (429, None, 30),
        (503, Some("40"), 40),
    ] {
        let busy = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&busy);
        let server = Public::start(move |asked| match asked.path.as_str() {
            "/robots.txt" => answer(404, &[], ""),
            "/busy" => {
                count.fetch_add(1, Ordering::SeqCst);
                let headers: Vec<_> = retry_after
                    .map(|v| ("retry-after", v))
                    .into_iter()
                    .collect();
                answer(status, &headers, "")
            }
            _ => page("ok"),
        })
        .await;
        let clock = clock();
        let config = HttpSitesConfig::new(Route::Gateway(server.address));
        let sites = HttpSites::new(config, clock.clone()).unwrap();
        assert!(
            sites
                .fetch("http://a.example/busy")
                .await
                .unwrap_err()
                .retryable
        );
        let before = server.paths().len();
        let failure = sites.fetch("http://a.example/x").await.unwrap_err();
        assert_eq!(cause(&failure), (Cause::Blocked, true), "{failure}");
        assert_eq!(server.paths().len(), before, "not asked: {failure}");
        assert!(
            sites.fetch("http://b.example/x").await.is_ok(),
            "another host"
        );
        clock.advance(Duration::from_secs(rest_s - 1));
        let early = sites.fetch("http://a.example/x").await;
        assert!(early.is_err(), "{status} {retry_after:?}: {failure}");
        clock.advance(Duration::from_secs(1));
        assert!(sites.fetch("http://a.example/x").await.is_ok());
        assert_eq!(busy.load(Ordering::SeqCst), 1);
    }
}
