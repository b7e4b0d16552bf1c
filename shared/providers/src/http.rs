//! What the API clients share: building a client, bodies with a limit, transport failures as
//! `ErrorCode`s, `Retry-After`, and short retries in place.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io::ErrorKind,
    time::Duration,
};

use hunter_contracts::{ErrorCode, RecipeFailure, causes, chain};
use hunter_core::ports::Clock;
use jiff::Timestamp;
use reqwest::{Client, ClientBuilder, Response, header::HeaderMap};
use rustls::{ClientConfig, RootCertStore};

/// Tries after the first one that a transient failure gets in place.
const RETRIES_MAX: u32 = 2;
/// The first wait; it doubles.
const RETRY_BASE_MS: u64 = 500;
/// A service that asks for a longer wait than this is left to the run's own retry policy.
const RETRY_WAIT_MAX_MS: u64 = 5_000;

/// A builder with the one TLS provider, no proxies and no redirects. It trusts the public
/// certificate authorities of Mozilla's list, compiled in, where `tls` says that any are needed.
pub(crate) fn builder(tls: bool) -> ClientBuilder {
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .tls_backend_preconfigured(tls_config(tls))
}

/// TLS with trust anchors that are compiled in. Reading and parsing the machine's certificates
/// costs a cold start several milliseconds, and a machine without any could reach nobody.
fn tls_config(trusting: bool) -> ClientConfig {
    let anchors: &[_] = if trusting {
        webpki_roots::TLS_SERVER_ROOTS
    } else {
        &[]
    };
    let roots = RootCertStore {
        roots: anchors.to_vec(),
    };
    // Fails where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

/// Whether a base address is one.
pub(crate) fn check_base_url(base_url: &str) -> Result<(), RecipeFailure> {
    let url = url::Url::parse(base_url).ok();
    let Some(url) = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
    else {
        return Err(configuration(&format!(
            "base address `{base_url}` is not an http or https address"
        )));
    };
    if !url.username().is_empty() || url.password().is_some() {
        // Not shown: it holds a password.
        return Err(configuration(
            "a base address holds a user name or password; keys are set as secrets",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(configuration(&format!(
            "base address `{base_url}` has a query or fragment; leave it out"
        )));
    }
    Ok(())
}

/// A client for an API at `base_url`.
pub(crate) fn api_client(
    base_url: &str,
    user_agent: &str,
    timeout: Duration,
) -> Result<Client, RecipeFailure> {
    check_base_url(base_url)?;
    builder(base_url.starts_with("https:"))
        .user_agent(user_agent)
        .connect_timeout(Duration::from_secs(5))
        .timeout(timeout)
        .build()
        .map_err(|error| {
            configuration(&format!("no HTTP client for `{base_url}`")).caused_by(error)
        })
}

fn configuration(message: &str) -> RecipeFailure {
    RecipeFailure::new(ErrorCode::InvalidConfiguration, message)
}

/// A failure below HTTP. Addresses are left out: they may hold keys.
pub(crate) fn transport_failure(service: &str, error: reqwest::Error) -> RecipeFailure {
    let code = if error.is_timeout() {
        ErrorCode::Timeout
    } else if error.is_builder() {
        ErrorCode::InvalidConfiguration
    } else if is_nonsense(&error) {
        ErrorCode::ApiBadResponse
    } else {
        ErrorCode::ConnectionError
    };
    // Told here, since keys are taken out of what is told.
    RecipeFailure::new(code, format!("{service}: {}", chain(&error.without_url())))
}

/// Whether the bytes came and make no sense, as compressed ones that do not decompress; such an
/// answer is not asked for again.
fn is_nonsense(error: &reqwest::Error) -> bool {
    let mut io = causes(error).filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.next().is_some_and(|io| {
        let inner = io.get_ref();
        inner.is_some_and(|inner| inner.is::<flate2::DecompressError>())
            || matches!(io.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput)
    })
}

/// The body, decompressed; more than `limit` bytes are an error.
pub(crate) async fn read_body(
    service: &str,
    mut response: Response,
    limit: usize,
) -> Result<Vec<u8>, RecipeFailure> {
    let mut body = Vec::new();
    loop {
        let chunk = response.chunk().await;
        let Some(chunk) = chunk.map_err(|error| transport_failure(service, error))? else {
            return Ok(body);
        };
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(RecipeFailure::new(
                ErrorCode::ApiBadResponse,
                format!("{service}: the answer is larger than {limit} bytes"),
            ));
        }
        body.extend_from_slice(&chunk);
    }
}

/// `Retry-After` in milliseconds: seconds, or a date (RFC 9110 §10.2.3); some services send
/// fractions of a second. A date that is over is 0; what is neither a number nor a date, as a
/// negative number, is nothing. However long it is: callers know how long they wait at most.
pub(crate) fn retry_after_ms(headers: &HeaderMap, now: Timestamp) -> Option<u64> {
    let value = headers.get(reqwest::header::RETRY_AFTER)?.to_str().ok()?;
    let value = value.trim();
    if value.starts_with(|c: char| c.is_ascii_digit())
        && value.chars().all(|c| c.is_ascii_digit() || c == '.')
    {
        // Too many digits are a large number, however many they are.
        let millis = (value.parse::<f64>().ok()? * 1_000.0).ceil();
        return Some(millis as u64);
    }
    // A civil time, since the favourite date of caches, the end of 9999, is no timestamp.
    let date = jiff::civil::DateTime::strptime("%a, %d %b %Y %H:%M:%S GMT", value).ok()?;
    let now = now.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let wait = date.duration_since(now).as_millis();
    Some(u64::try_from(wait.max(0)).unwrap_or(u64::MAX))
}

/// Counts the tries of one call and waits between them. Waits are short and jittered; `seed` tells
/// concurrent callers apart.
pub(crate) struct Retries<'a> {
    clock: &'a dyn Clock,
    seed: &'a str,
    attempt: u32,
}

impl<'a> Retries<'a> {
    pub(crate) fn new(clock: &'a dyn Clock, seed: &'a str) -> Self {
        Self {
            clock,
            seed,
            attempt: 0,
        }
    }

    /// Whether the failure is one after which the call may be made again.
    pub(crate) fn wants(&self, failure: &RecipeFailure) -> bool {
        let asked = failure.retry_after_ms.unwrap_or(0);
        failure.code.retryable() && self.attempt < RETRIES_MAX && asked <= RETRY_WAIT_MAX_MS
    }

    /// Returns when the call may be made again.
    ///
    /// # Errors
    /// The failure itself, when it is not transient, wants a long wait, or was the third.
    pub(crate) async fn wait_after(&mut self, failure: RecipeFailure) -> Result<(), RecipeFailure> {
        if !self.wants(&failure) {
            return Err(failure);
        }
        let asked = failure.retry_after_ms.unwrap_or(0);
        self.attempt += 1;
        let wait = asked.max(jittered_ms(self.attempt, self.seed, self.clock.now()));
        tracing::debug!(attempt = self.attempt, wait, code = %failure.code, "trying again");
        self.clock.sleep(Duration::from_millis(wait)).await;
        Ok(())
    }
}

/// Between half and all of 500 ms, 1 s. Spread by hashing, so that a replay waits the same.
fn jittered_ms(attempt: u32, seed: &str, now: Timestamp) -> u64 {
    let full = RETRY_BASE_MS << attempt.saturating_sub(1).min(4);
    let mut hasher = DefaultHasher::new();
    (attempt, seed, now.as_nanosecond()).hash(&mut hasher);
    full / 2 + hasher.finish() % (full / 2 + 1)
}

/// Somebody else's words on one line, cut: without characters that break lines, ring bells or turn
/// the direction of writing.
pub(crate) fn printable(words: &str, chars_max: usize) -> String {
    let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain = words
        .chars()
        .map(|c| if c.is_control() || turns(c) { ' ' } else { c });
    plain.take(chars_max).collect()
}

/// The beginning of a body, for an error message.
pub(crate) fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..2_000).unwrap_or(body));
    let text = printable(&text, 2_000);
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use hunter_core::ports::ManualClock;
    use reqwest::header::{HeaderValue, RETRY_AFTER};

    use super::*;

    fn clock() -> ManualClock {
        ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap())
    }

    async fn attempts(failure: RecipeFailure) -> (u32, i64) {
        let clock = clock();
        let start = clock.now();
        let mut retries = Retries::new(&clock, "seed");
        let mut calls = 1;
        while retries.wait_after(failure.clone()).await.is_ok() {
            calls += 1;
        }
        (calls, clock.now().as_millisecond() - start.as_millisecond())
    }

    #[tokio::test]
    async fn transient_failures_are_tried_three_times_with_growing_waits() {
        let (calls, waited) = attempts(RecipeFailure::new(ErrorCode::Timeout, "slow")).await;
        assert_eq!(calls, 3);
        assert!((750..=1_500).contains(&waited), "{waited}");
    }

    #[tokio::test]
    async fn failures_for_good_and_long_waits_are_handed_on() {
        let refused = RecipeFailure::new(ErrorCode::AuthenticationFailed, "key");
        assert_eq!(attempts(refused).await, (1, 0));
        let mut limited = RecipeFailure::new(ErrorCode::ApiRateLimit, "slow down");
        limited.retry_after_ms = Some(60_000);
        assert_eq!(attempts(limited.clone()).await, (1, 0));
        limited.retry_after_ms = Some(2_000);
        assert_eq!(attempts(limited).await, (3, 4_000));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = clock().now();
        let parse = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(value));
            retry_after_ms(&headers, now)
        };
        assert_eq!(parse("7"), Some(7_000));
        assert_eq!(parse("Thu, 01 Jan 2026 00:00:09 GMT"), Some(9_000));
        assert_eq!(parse("Wed, 01 Jan 2025 00:00:09 GMT"), Some(0));
        assert_eq!(parse("0.25"), Some(250));
        assert_eq!(parse("18446744073709551616"), Some(u64::MAX));
        let many: &'static str = Box::leak("9".repeat(1_000).into_boxed_str());
        assert_eq!(parse(many), Some(u64::MAX));
        let far = parse("Fri, 31 Dec 9999 23:59:59 GMT").unwrap();
        assert_eq!(far / 1_000 / 60 / 60 / 24 / 365, 7_979);
        for none in [
            "soon", "-5", "", " ", "1e9", "inf", "NaN", "0x10", ".", "1.2.3", "5s",
        ] {
            assert_eq!(parse(none), None, "{none}");
        }
    }

    #[test]
    fn other_peoples_words_stay_on_one_line() {
        assert_eq!(printable("a\r\n\u{7}b\u{202e}c\u{9b}", 10), "a   b c ");
        assert_eq!(printable("ääää", 2), "ää");
        assert_eq!(excerpt(b" <h1>\n\tno\x00 "), "<h1> no");
    }

    #[test]
    fn base_addresses_are_checked() {
        for bad in [
            "",
            "localhost:80",
            "ftp://x",
            "http://",
            "http://user:secret@x",
            "http://x/?key=1",
            "http://x/#a",
        ] {
            let failure = api_client(bad, "test", Duration::from_secs(1)).unwrap_err();
            assert_eq!(failure.code, ErrorCode::InvalidConfiguration, "{bad}");
            assert!(!failure.message.contains("secret@"), "{failure}");
        }
        for good in ["http://127.0.0.1:1", "https://127.0.0.1:1"] {
            let client = api_client(good, "test", Duration::from_secs(1));
            assert!(client.is_ok(), "{good}");
        }
    }
}
