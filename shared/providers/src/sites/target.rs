//! What the customer's data calls a web site, as addresses to try.

use std::net::SocketAddr;

use hunter_contracts::Cause;
use hunter_core::ports::FetchFailure;
use url::Url;

use super::admission::Admission;

/// Where requests go, with what may be reached there.
pub(crate) enum Way {
    /// To the sites themselves.
    Live(Admission),
    /// To the gateway, whatever the address says.
    Gateway(SocketAddr),
}

/// The longest address that is followed, in characters.
const ADDRESS_MAX: usize = 2_048;

/// The addresses to try, in order: a bare host is tried with TLS first, where there is TLS.
pub(crate) fn candidates(text: &str, way: &Way) -> Result<Vec<Url>, FetchFailure> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return Ok(vec![parse(text, text, way)?]);
    }
    if text.contains("://") || lower.starts_with("mailto:") || lower.starts_with("javascript:") {
        return Err(refused(text, "only http and https addresses are fetched"));
    }
    let bare = text.trim_start_matches('/');
    let schemes: &[&str] = match way {
        Way::Live(_) => &["https", "http"],
        Way::Gateway(_) => &["http"],
    };
    schemes
        .iter()
        .map(|scheme| parse(text, &format!("{scheme}://{bare}"), way))
        .collect()
}

fn parse(shown: &str, address: &str, way: &Way) -> Result<Url, FetchFailure> {
    let url = Url::parse(address).map_err(|error| refused(shown, &error.to_string()))?;
    check(url, way)
}

/// Checks an address before it is connected to: the first one and every redirect, also one that
/// leads from https to http. Nothing secret is ever sent, and what is read counts as read where it
/// was read.
pub(crate) fn check(mut url: Url, way: &Way) -> Result<Url, FetchFailure> {
    url.set_fragment(None);
    let shown = url.as_str();
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused(shown, "only http and https addresses are fetched"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused(shown, "an address with a user name is not fetched"));
    }
    if shown.len() > ADDRESS_MAX {
        return Err(refused(shown, "the address is too long"));
    }
    if !url.has_host() {
        return Err(refused(shown, "the address has no host"));
    }
    match way {
        Way::Live(admission) => admission
            .admit(&url)
            .map_err(|problem| refused(shown, &problem))?,
        // Through the gateway nothing but the gateway is ever connected to.
        Way::Gateway(_) => {}
    }
    Ok(url)
}

fn refused(address: &str, problem: &str) -> FetchFailure {
    let shown: String = address.chars().take(200).collect();
    FetchFailure {
        cause: Cause::Unreachable,
        message: format!("`{shown}` is not fetched: {problem}"),
        retryable: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(text: &str) -> Result<Vec<String>, FetchFailure> {
        let found = candidates(text, &Way::Live(Admission::public()))?;
        Ok(found.iter().map(Url::to_string).collect())
    }

    #[test]
    fn a_bare_host_means_its_home_page() {
        assert_eq!(
            live(" www.example.com ").unwrap(),
            ["https://www.example.com/", "http://www.example.com/"]
        );
        assert_eq!(
            live("//example.com/a#b").unwrap()[1],
            "http://example.com/a"
        );
        assert_eq!(live("HTTP://Example.com").unwrap(), ["http://example.com/"]);
        let gateway = Way::Gateway("127.0.0.1:1".parse().unwrap());
        let found = candidates("shop-1", &gateway).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].as_str(), "http://shop-1/");
    }

    #[test]
    fn a_redirect_may_lead_to_plain_http() {
        let way = Way::Live(Admission::public());
        let next = Url::parse("https://a.de/").unwrap().join("http://a.de/x#y");
        assert_eq!(
            check(next.unwrap(), &way).unwrap().as_str(),
            "http://a.de/x"
        );
    }

    #[test]
    fn addresses_that_lead_inside_are_refused_in_every_spelling() {
        for bad in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:7f00:1]/",
            "http://169.254.169.254/latest/meta-data/",
            "http://localhost:8080/",
            "http://metadata.google.internal/",
            "10.0.0.1",
            "https://user:pass@example.com/",
            "file:///etc/passwd",
            "ftp://example.com/",
            "mailto:a@b.de",
            "javascript:alert(1)",
            "see facebook",
            "",
        ] {
            let failure = live(bad).unwrap_err();
            assert_eq!(
                (failure.cause, failure.retryable),
                (Cause::Unreachable, false),
                "{bad}"
            );
        }
    }
}
