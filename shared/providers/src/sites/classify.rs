//! What an answer means for the values that it would have held.

use hunter_contracts::Cause;
use hunter_core::ports::FetchFailure;
use memchr::memmem;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use url::Url;

/// What blocks write into the pages that they show instead (Cloudflare, Imperva, SiteGround,
/// DataDome, PerimeterX).
const CHALLENGE_MARKS: [&str; 8] = [
    "cf-chl-",
    "_cf_chl_opt",
    "<title>just a moment...</title>",
    "attention required! | cloudflare",
    "_incapsula_resource",
    "/.well-known/sgcaptcha/",
    "captcha-delivery.com",
    "px-captcha",
];
/// What parking services write into pages of domains that nobody uses.
const PARKING_MARKS: [&str; 9] = [
    "sedoparking.com",
    "parkingcrew.net",
    "bodis.com",
    "parklogic.com",
    "hugedomains.com/domain_profile",
    "afternic.com/forsale",
    "dan.com/buy-domain",
    "this domain is for sale",
    "window.location.href=\"/lander\"",
];
const PARKING_HOSTS: [&str; 5] = [
    "hugedomains.com",
    "dan.com",
    "sedo.com",
    "afternic.com",
    "parkingcrew.net",
];
/// A page with more text than this is a page, whatever words it holds.
const NOTICE_MAX_BYTES: usize = 40_000;

/// Judges status and headers before the body is read.
pub(crate) fn by_content_type(url: &Url, headers: &HeaderMap) -> Result<(), FetchFailure> {
    let Some(value) = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()) else {
        return Ok(());
    };
    let kind = value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let readable = kind.is_empty()
        || matches!(
            kind.as_str(),
            "text/html"
                | "text/plain"
                | "text/xml"
                | "application/xml"
                | "application/xhtml+xml"
                | "application/json"
        )
        // A packed sitemap is a file by itself, not an encoding of the transfer.
        || (url.path().ends_with(".xml.gz")
            && matches!(
                kind.as_str(),
                "application/gzip" | "application/x-gzip" | "application/octet-stream"
            ))
        || (kind.starts_with("application/")
            && (kind.ends_with("+xml") || kind.ends_with("+json")));
    if readable {
        return Ok(());
    }
    Err(failure(
        Cause::NotFound,
        format!("{url} holds `{kind}`, which is not read"),
        false,
    ))
}

/// Judges a whole answer.
pub(crate) fn by_answer(
    url: &Url,
    status: u16,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), FetchFailure> {
    let challenged = is_challenge(headers, body);
    let said = format!("HTTP {status} from {url}");
    match status {
        200..=299 if challenged => Err(failure(
            Cause::Blocked,
            format!("{said} is a check for automated visitors"),
            false,
        )),
        200..=299 if is_parked(url, body) => Err(failure(
            Cause::Unreachable,
            format!("{said} is a parked domain"),
            false,
        )),
        200..=299 => Ok(()),
        429 => Err(failure(Cause::Blocked, said, true)),
        401 | 402 | 403 | 406 | 407 | 451 => Err(failure(Cause::Blocked, said, false)),
        500..=599 if challenged => Err(failure(
            Cause::Blocked,
            format!("{said} is a check for automated visitors"),
            false,
        )),
        408 | 500..=599 => Err(failure(Cause::Unreachable, said, true)),
        400..=499 => Err(failure(Cause::NotFound, said, false)),
        _ => Err(failure(Cause::Unreachable, said, false)),
    }
}

fn failure(cause: Cause, message: String, retryable: bool) -> FetchFailure {
    FetchFailure {
        cause,
        message,
        retryable,
    }
}

/// Whether a page short enough for a notice holds one of these words, in any case.
fn holds_any(body: &[u8], marks: &[&str]) -> bool {
    if body.len() > NOTICE_MAX_BYTES {
        return false;
    }
    let text = body.to_ascii_lowercase();
    let mut marks = marks.iter();
    marks.any(|mark| memmem::find(&text, mark.as_bytes()).is_some())
}

fn is_challenge(headers: &HeaderMap, body: &[u8]) -> bool {
    let mitigated = headers
        .get("cf-mitigated")
        .is_some_and(|value| value.as_bytes() == b"challenge");
    mitigated || holds_any(body, &CHALLENGE_MARKS)
}

fn is_parked(url: &Url, body: &[u8]) -> bool {
    let host = url.host_str().unwrap_or_default();
    let sold = PARKING_HOSTS.iter().any(|parking| {
        host == *parking || host.strip_suffix(parking).is_some_and(|h| h.ends_with('.'))
    });
    sold || (url.path() == "/" && holds_any(body, &PARKING_MARKS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(address: &str, status: u16, body: &str) -> Result<(), (Cause, bool)> {
        let url = Url::parse(address).unwrap();
        by_answer(&url, status, &HeaderMap::new(), body.as_bytes())
            .map_err(|f| (f.cause, f.retryable))
    }

    #[test]
    fn every_answer_has_a_cause() {
        let home = "http://a.de/";
        let challenge = "<title>Just a moment...</title>";
        let cases = [
            (200, "<p>hello", Ok(())),
            (200, challenge, Err((Cause::Blocked, false))),
            (
                200,
                "<p>This domain is for sale",
                Err((Cause::Unreachable, false)),
            ),
            (401, "", Err((Cause::Blocked, false))),
            (403, "", Err((Cause::Blocked, false))),
            (404, "", Err((Cause::NotFound, false))),
            (410, "", Err((Cause::NotFound, false))),
            (429, "", Err((Cause::Blocked, true))),
            (500, "", Err((Cause::Unreachable, true))),
            (503, "busy", Err((Cause::Unreachable, true))),
            (503, challenge, Err((Cause::Blocked, false))),
            (304, "", Err((Cause::Unreachable, false))),
        ];
        for (status, body, expected) in cases {
            assert_eq!(judged(home, status, body), expected, "{status} {body}");
        }
        assert_eq!(
            judged("http://a.de/blog", 200, "this domain is for sale"),
            Ok(())
        );
        assert!(judged("https://www.hugedomains.com/x", 200, "").is_err());
        let long = format!("{} this domain is for sale", "word ".repeat(10_000));
        assert_eq!(judged(home, 200, &long), Ok(()));
    }

    #[test]
    fn only_text_is_read() {
        let url = Url::parse("http://a.de/").unwrap();
        let read = |kind: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(
                CONTENT_TYPE,
                reqwest::header::HeaderValue::from_static(kind),
            );
            by_content_type(&url, &headers).is_ok()
        };
        for kind in [
            "text/html; charset=utf-8",
            "application/rss+xml",
            "TEXT/PLAIN",
            "",
        ] {
            assert!(read(kind), "{kind}");
        }
        for kind in ["image/png", "application/pdf", "image/svg+xml", "video/mp4"] {
            assert!(!read(kind), "{kind}");
        }
        assert!(by_content_type(&url, &HeaderMap::new()).is_ok());
        let mut packed = HeaderMap::new();
        packed.insert(CONTENT_TYPE, "application/x-gzip".parse().unwrap());
        assert!(by_content_type(&url, &packed).is_err());
        let sitemap = Url::parse("http://a.de/sitemap.xml.gz").unwrap();
        assert!(by_content_type(&sitemap, &packed).is_ok());
    }
}
