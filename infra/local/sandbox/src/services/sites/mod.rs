//! Every web site of the town behind one listener; pages are written when they are asked for.

mod emails;
mod feeds;
mod pages;
mod paths;
mod shell;

use std::io::Write;

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8, WINDOWS_1251, WINDOWS_1252};
use flate2::{Compression, write::GzEncoder};
use hyper::Method;

use crate::faults::Fault;
use crate::town::{Business, Charset, DeadHow, Page, SiteKind, Town, Trap};
use crate::wire::{Answer, Request, reply, with_headers};

pub(crate) fn answer(town: &Town, request: &Request) -> Answer {
    let host = request.host();
    if request.method == Method::CONNECT {
        return reply(501, "text/plain", "this gateway speaks plain http only");
    }
    let Some(business) = town.by_host(&host) else {
        return reply(502, "text/plain", format!("unknown host `{host}`"));
    };
    match business.site {
        SiteKind::Dead(how) => return dead(how, &host),
        SiteKind::BlocksBots if !is_browser(request.header("user-agent")) => {
            return reply(403, "text/html; charset=utf-8", BLOCKED);
        }
        _ => {}
    }
    if !matches!(request.method, Method::GET | Method::HEAD) {
        return reply(405, "text/plain", "method not allowed");
    }
    let target = request
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    if let Some(bare) = host.strip_prefix("www.") {
        return redirect(301, &format!("http://{bare}{target}"));
    }
    let path = request.uri.path();
    if let Some(redirection) = trap_redirect(business, &host, path) {
        return redirection;
    }
    if let Some(text) = feeds::document(town, business, path, request.uri.query()) {
        return text;
    }
    match page(town, business, path) {
        Found::Html(html) => html_reply(business, request, 200, &html),
        Found::Moved(to) => redirect(301, &format!("http://{host}{to}")),
        Found::Nothing => html_reply(business, request, 404, &pages::not_found(town, business)),
    }
}

pub(crate) fn faulty(_: Fault) -> Answer {
    reply(503, "text/html", "<h1>503 Service Unavailable</h1>")
}

enum Found {
    Html(String),
    Moved(String),
    Nothing,
}

fn page(town: &Town, business: &Business, path: &str) -> Found {
    const PAGES: [Page; 7] = [
        Page::Home,
        Page::About,
        Page::Contact,
        Page::Services,
        Page::News,
        Page::Careers,
        Page::Imprint,
    ];
    for page in PAGES {
        let Some(known) = business.page_path(page) else {
            continue;
        };
        if known == path {
            return Found::Html(pages::html(town, business, page));
        }
        // WordPress sends addresses without the slash to the one with it.
        if known.strip_suffix('/') == Some(path) && !path.is_empty() {
            return Found::Moved(known);
        }
    }
    if path == "/hello-world/" && business.has_trap(Trap::PlaceholderPost) {
        return Found::Html(pages::placeholder(town, business));
    }
    for post in &business.posts {
        if business.post_path(post).as_deref() == Some(path) {
            return Found::Html(pages::post(town, business, post));
        }
    }
    Found::Nothing
}

fn dead(how: DeadHow, host: &str) -> Answer {
    match how {
        DeadHow::ConnectionClosed => Answer::Close,
        DeadHow::NotFound => reply(
            404,
            "text/html",
            "<html><body><h1>Not Found</h1></body></html>",
        ),
        DeadHow::ServerError => reply(500, "text/html", "<h1>Internal Server Error</h1>"),
        DeadHow::Parked => reply(
            200,
            "text/html; charset=utf-8",
            format!(
                "<!doctype html><html><head><title>{host} is for sale</title></head><body>\
                 <h1>{host}</h1><p>This domain is parked. The owner may be selling it. \
                 <a href=\"http://parking-lot.example/buy?d={host}\">Buy this domain</a></p>\
                 <p>Related searches: dentist near me, cheap flights, insurance quotes</p>\
                 <p>Questions: sales@parking-lot.example</p></body></html>"
            ),
        ),
    }
}

fn trap_redirect(business: &Business, host: &str, path: &str) -> Option<Answer> {
    if business.has_trap(Trap::RedirectLoop) && matches!(path, "/" | "/home") {
        let other = if path == "/" { "/home" } else { "/" };
        return Some(redirect(301, &format!("http://{host}{other}")));
    }
    if path == "/" && business.has_trap(Trap::RedirectLoopback) {
        return Some(redirect(302, "http://127.0.0.1:8080/admin"));
    }
    if path == "/" && business.has_trap(Trap::RedirectMetadata) {
        return Some(redirect(302, "http://169.254.169.254/latest/meta-data/"));
    }
    None
}

fn redirect(status: u16, to: &str) -> Answer {
    let moved = reply(status, "text/html", "<h1>Moved</h1>");
    with_headers(moved, &[("location", to)])
}

/// Browsers begin like this, and honest robots name themselves with `bot` or an address.
fn is_browser(agent: Option<&str>) -> bool {
    agent.is_some_and(|agent| {
        let lower = agent.to_ascii_lowercase();
        agent.starts_with("Mozilla/5.0 (")
            && !["bot", "crawl", "spider", "http:", "https:"]
                .iter()
                .any(|word| lower.contains(word))
    })
}

const BLOCKED: &str = "<!doctype html><html><head><title>Just a moment...</title></head><body>\
    <h1>Checking if the site connection is secure</h1><p>Enable JavaScript and cookies to \
    continue</p></body></html>";

fn html_reply(business: &Business, request: &Request, status: u16, html: &str) -> Answer {
    let (encoding, content_type): (&'static Encoding, &str) = match business.charset {
        Charset::Utf8 => (UTF_8, "text/html; charset=utf-8"),
        // WHATWG's Latin-1 is windows-1252.
        Charset::Latin1DeclaredUtf8 => (WINDOWS_1252, "text/html"),
        Charset::ShiftJis => (SHIFT_JIS, "text/html"),
        Charset::Windows1251 => (WINDOWS_1251, "text/html; charset=windows-1251"),
    };
    let (bytes, _, _) = encoding.encode(html);
    let accepts = request
        .header("accept-encoding")
        .is_some_and(|value| value.contains("gzip"));
    let packed = if business.gzip && accepts {
        gzip(&bytes)
    } else {
        None
    };
    match packed {
        Some(packed) => with_headers(
            reply(status, content_type, packed),
            &[("content-encoding", "gzip")],
        ),
        None => reply(status, content_type, bytes.into_owned()),
    }
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}
