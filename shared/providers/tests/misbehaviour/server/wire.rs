//! Steps and bytes that shapes are made of.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use serde_json::Value;

use super::{Exchange, Step};

pub(super) const JSON: (&str, &str) = ("content-type", "application/json");
pub(super) const HTML: (&str, &str) = ("content-type", "text/html; charset=utf-8");
pub(super) const GZIP: (&str, &str) = ("content-encoding", "gzip");
pub(super) const SORRY: &[u8] =
    br#"{"error":{"message":"sorry","status":"SORRY"},"detail":"sorry"}"#;
pub(super) const PAGE: &[u8] =
    b"<!doctype html><html><body><h1>Welcome</h1>Sign in to the WiFi.</body></html>";
/// What slow servers wait between bytes.
pub(super) const DRIP: Duration = Duration::from_millis(50);
pub(super) const SOON: Duration = Duration::ZERO;

pub(super) fn head(status: &str, headers: &[(&str, &str)]) -> String {
    let mut head = format!("HTTP/1.1 {status}\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head
}

/// A whole, right response.
pub(super) fn respond(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let head = head(status, headers);
    let mut bytes = format!("{head}content-length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub(super) fn status(status: &str, headers: &[(&str, &str)]) -> Vec<Step> {
    let headers = [&[JSON], headers].concat();
    vec![Step::Send(respond(status, &headers, SORRY))]
}

pub(super) fn limited(retry_after: &str) -> Vec<Step> {
    status("429 Too Many Requests", &[("retry-after", retry_after)])
}

pub(super) fn answer(body: impl AsRef<[u8]>) -> Vec<Step> {
    vec![Step::Send(respond("200 OK", &[JSON], body.as_ref()))]
}

pub(super) fn answer_with(headers: &[(&str, &str)], body: &[u8]) -> Vec<Step> {
    vec![Step::Send(respond("200 OK", headers, body))]
}

pub(super) fn drifted(exchange: &Exchange, drift: fn(&Value) -> Value) -> Vec<Step> {
    answer(drift(&exchange.healthy).to_string())
}

pub(super) fn healthy(exchange: &Exchange) -> String {
    exchange.healthy.to_string()
}

/// The first part of a right body.
pub(super) fn half(exchange: &Exchange) -> Vec<u8> {
    let body = healthy(exchange).into_bytes();
    body.get(..body.len() / 2).unwrap_or_default().to_vec()
}

/// Raw bytes, then an end.
pub(super) fn raw(bytes: impl Into<Vec<u8>>, end: Step) -> Vec<Step> {
    vec![Step::Send(bytes.into()), end]
}

pub(super) fn chunk(body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{:x}\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(b"\r\n");
    bytes
}

pub(super) fn chunked(headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let headers = [headers, &[JSON, ("transfer-encoding", "chunked")]].concat();
    let mut bytes = format!("{}\r\n", head("200 OK", &headers)).into_bytes();
    bytes.extend(chunk(body));
    bytes
}

pub(super) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

/// 256 MiB of blanks in as many KiB, and no end: a careful client has stopped reading before.
pub(super) fn gzip_bomb() -> Vec<u8> {
    let blanks = vec![b' '; 1 << 20];
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mut ends = Vec::new();
    for _ in 0..2 {
        let _ = encoder.write_all(&blanks).and_then(|()| encoder.flush());
        ends.push(encoder.get_ref().len());
    }
    let bytes = encoder.get_ref();
    let (Some(first), Some(second)) = (ends.first(), ends.last()) else {
        return Vec::new();
    };
    // What stands for the second MiB refers to what came right before it, so it can be repeated.
    let mut bomb = bytes.get(..*first).unwrap_or_default().to_vec();
    let more = bytes.get(*first..*second).unwrap_or_default();
    bomb.extend(more.repeat(255));
    bomb
}

pub(super) fn zlib(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

/// The request itself, as a careless service shows it in its errors.
pub(super) fn echo(exchange: &Exchange) -> String {
    let request = String::from_utf8_lossy(&exchange.request);
    serde_json::json!({
        "error": {"message": request, "code": 1, "status": request},
        "errors": [{"id": request, "details": request}],
        "message": request,
        "detail": request,
    })
    .to_string()
}

pub(super) fn redirect(status: &str, location: &str) -> Vec<Step> {
    vec![Step::Send(respond(
        status,
        &[JSON, ("location", location)],
        b"{}",
    ))]
}

/// A body without an end in sight.
pub(super) fn stream(headers: &[(&str, &str)], piece: &[u8], times: usize) -> Vec<Step> {
    let piece = piece.repeat(65_536 / piece.len().max(1));
    vec![
        Step::Send(format!("{}\r\n", head("200 OK", headers)).into_bytes()),
        Step::Again(piece, times, SOON),
        Step::Close,
    ]
}

/// A right answer whose length is told wrongly by so many bytes, with a body of one's own.
pub(super) fn spoilt_length(exchange: &Exchange, by: i64, body: Vec<u8>, end: Step) -> Vec<Step> {
    let right = i64::try_from(healthy(exchange).len()).unwrap_or(i64::MAX);
    let length = right.saturating_add(by).to_string();
    let head = head("200 OK", &[JSON, ("content-length", &length)]);
    let mut bytes = format!("{head}\r\n").into_bytes();
    bytes.extend(body);
    raw(bytes, end)
}

/// A right answer with these lengths.
pub(super) fn lengths(exchange: &Exchange, lengths: &[&str]) -> Vec<Step> {
    let lengths: Vec<(&str, &str)> = lengths.iter().map(|l| ("content-length", *l)).collect();
    let head = head("200 OK", &[&[JSON], lengths.as_slice()].concat());
    raw(format!("{head}\r\n{}", healthy(exchange)), Step::Close)
}

/// An object without its opening brace.
pub(super) fn tail(object: &str) -> &str {
    object.strip_prefix('{').unwrap_or(object)
}
