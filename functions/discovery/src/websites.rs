//! Web addresses as records write them, normalised.

use hunter_contracts::EmailAddress;
use url::{Host, Url};

use crate::{gazetteer::GAZETTEER, text::tidy};

/// Query parameters that tell where a visitor came from (Google, Meta, Microsoft, Mailchimp, …).
const TRACKING: [&str; 12] = [
    "gclid",
    "fbclid",
    "msclkid",
    "dclid",
    "yclid",
    "igshid",
    "mc_cid",
    "mc_eid",
    "y_source",
    "_ga",
    "ref_src",
    "hsCtaTracking",
];

/// What a web address turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// The business's own site.
    Site(Website),
    /// A profile on a social network, as a full address.
    Social(String),
    /// An e-mail address in the wrong field.
    Email(EmailAddress),
    /// Not an address.
    Invalid,
}

/// A site: `host` or `host/path`, without scheme, tracking parameters and final slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Website {
    /// As leads carry it; `www.` stays.
    pub(crate) text: String,
    /// The registrable domain, which identifies a business; none on hosts that many share.
    pub(crate) domain: Option<String>,
}

/// Understands a web address.
pub(crate) fn understand(text: &str) -> Address {
    let tidied = tidy(text);
    // A field may hold several addresses.
    let mut first = tidied
        .split([';', ' ', ','])
        .find(|part| !part.is_empty())
        .unwrap_or_default();
    let lower = first.to_ascii_lowercase();
    if !lower.contains("://") && first.contains('@') && !first.contains('/') {
        return lower.parse().map_or(Address::Invalid, Address::Email);
    }
    let scheme = first.rfind("://");
    if let Some(rest) = scheme.and_then(|at| first.get(at.saturating_add(3)..))
        && (lower.starts_with("http://") || lower.starts_with("https://"))
    {
        // `http://https://…` occurs; an address inside a query does not begin a new one.
        let nested = lower.matches("://").count() > 1;
        let outer = first.split_once("://").map_or(first, |(_, rest)| rest);
        first = if nested && outer.to_ascii_lowercase().starts_with("http") {
            rest
        } else {
            outer
        };
    } else if scheme.is_some() {
        return Address::Invalid;
    }
    let Ok(mut url) = Url::parse(&format!("https://{}", first.trim_start_matches('/'))) else {
        return Address::Invalid;
    };
    if !has_public_form(&url) {
        return Address::Invalid;
    }
    clean(&mut url);
    let host = url.host_str().unwrap_or_default();
    let domain = hunter_suffixes::registrable(host).map(str::to_owned);
    if domain.as_deref().is_some_and(|d| GAZETTEER.is_social(d)) {
        return Address::Social(url.as_str().trim_end_matches('/').to_owned());
    }
    let text = url
        .as_str()
        .strip_prefix("https://")
        .unwrap_or(url.as_str());
    let numeric = matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)));
    let identity = domain.filter(|d| !numeric && !GAZETTEER.is_shared(d));
    Address::Site(Website {
        text: text.trim_end_matches('/').to_owned(),
        domain: identity.or_else(|| numeric.then(|| authority(&url))),
    })
}

/// A host with a dot and a name before it, or an IP address (sites on one's own machine).
fn has_public_form(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(host)) => {
            let labels: Vec<&str> = host.trim_end_matches('.').split('.').collect();
            let plain = |label: &&str| !label.is_empty() && label.len() <= 63;
            labels.len() >= 2
                && labels.iter().all(plain)
                && hunter_suffixes::registrable(host).is_some()
                && labels.last().is_some_and(|tld| tld.len() >= 2)
        }
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

fn clean(url: &mut Url) {
    url.set_fragment(None);
    // Neither fails on an `https` address; what cannot be removed stays.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let tracking = |key: &str| key.starts_with("utm_") || TRACKING.contains(&key);
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(key, _)| !tracking(key))
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    if kept.len() != url.query_pairs().count() {
        if kept.is_empty() {
            url.set_query(None);
        } else {
            url.query_pairs_mut().clear().extend_pairs(kept);
        }
    }
    if url.query() == Some("") {
        url.set_query(None);
    }
}

/// Host and port: sites on one machine differ by port.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(text: &str) -> Website {
        match understand(text) {
            Address::Site(site) => site,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn sites_lose_scheme_slash_and_tracking() {
        for (text, expected) in [
            (
                "https://www.Schindler-Dental.at/",
                "www.schindler-dental.at",
            ),
            ("apollo-dental.com", "apollo-dental.com"),
            (
                "http://x.at/praxis/?utm_source=google&lang=de#top",
                "x.at/praxis/?lang=de",
            ),
            ("https://x.at/?fbclid=abc", "x.at"),
            ("http://https://x.at", "x.at"),
            ("//x.at/a", "x.at/a"),
            ("http://x.at; http://y.at", "x.at"),
            ("http://127.0.0.1:8080/shop", "127.0.0.1:8080/shop"),
            ("http://x.at:80", "x.at:80"),
            ("http://münchen.de", "xn--mnchen-3ya.de"),
            (
                "https://x.com.mx/go?u=https://y.at",
                "x.com.mx/go?u=https://y.at",
            ),
        ] {
            assert_eq!(site(text).text, expected);
        }
    }

    #[test]
    fn the_registrable_domain_is_the_identity() {
        assert_eq!(
            site("https://www.praxis.co.uk/a").domain.as_deref(),
            Some("praxis.co.uk")
        );
        assert_eq!(site("x.github.io").domain.as_deref(), Some("x.github.io"));
        assert_eq!(site("sites.google.com/view/x").domain, None);
        assert_eq!(
            site("http://127.0.0.1:81/").domain.as_deref(),
            Some("127.0.0.1:81")
        );
    }

    #[test]
    fn profiles_mails_and_rubbish_are_no_sites() {
        assert_eq!(
            understand("www.facebook.com/praxis/"),
            Address::Social("https://www.facebook.com/praxis".into())
        );
        let email = Address::Email("info@x.at".parse().unwrap());
        assert_eq!(understand("Info@x.at"), email);
        for text in [
            "",
            "yes",
            "none",
            "www.",
            "ftp://x.at",
            "javascript:alert(1)",
            "http//x",
            "com",
            "broken@",
        ] {
            assert_eq!(understand(text), Address::Invalid, "{text}");
        }
    }
}
