//! Domains: which are the site's own, which are anybody's.

use url::{Host, Url};

use crate::list::List;

/// The domains that belong to the site a page is on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Own {
    domains: Vec<String>,
}

impl Own {
    /// From a page's address and the canonical address that it declares, if any.
    pub(crate) fn of(url: &str, canonical: Option<&Url>) -> Self {
        let page = Url::parse(url).ok();
        let hosts = [page.as_ref(), canonical];
        let mut domains: Vec<String> = hosts
            .into_iter()
            .flatten()
            .filter_map(|u| u.host_str())
            .filter_map(registrable)
            .filter(|d| !is_platform(d))
            .collect();
        domains.dedup();
        Self { domains }
    }

    /// Whether a domain is the site's own, below it, or its sibling under another suffix
    /// (`firm.co.uk` on `firm.com`).
    pub(crate) fn covers(&self, domain: &str) -> bool {
        let Some(theirs) = registrable(domain) else {
            return false;
        };
        let name = |d: &str| d.split('.').next().unwrap_or_default().to_owned();
        self.domains
            .iter()
            .any(|own| *own == theirs || (name(own).len() >= 5 && name(own) == name(&theirs)))
            && !is_free_mail(domain)
    }
}

/// The registrable part: `www.firm.co.uk` becomes `firm.co.uk`. Of an unknown suffix, the last two
/// labels; of an IP address, nothing.
pub(crate) fn registrable(host: &str) -> Option<String> {
    let host = ascii(host)?;
    if host.parse::<std::net::IpAddr>().is_ok() {
        return None;
    }
    hunter_suffixes::registrable(&host).map(str::to_owned)
}

/// A host in lower case and in its ASCII form; nothing when it cannot be a host.
pub(crate) fn ascii(host: &str) -> Option<String> {
    match Host::parse(host).ok()? {
        Host::Domain(domain) => Some(domain),
        Host::Ipv4(ip) => Some(ip.to_string()),
        Host::Ipv6(_) => None,
    }
}

/// Whether the suffix is on the public suffix list.
pub(crate) fn has_known_suffix(domain: &str) -> bool {
    hunter_suffixes::registrable(domain).is_some() && hunter_suffixes::is_on_list(domain)
}

/// Whether a single label is a top-level domain.
pub(crate) fn is_known_suffix_label(label: &str) -> bool {
    ascii(label).is_some_and(|label| hunter_suffixes::is_on_list(&label))
}

/// Hosts of many customers' sites, where the host is not the customer's domain.
fn is_platform(domain: &str) -> bool {
    matches!(
        domain,
        "facebook.com"
            | "instagram.com"
            | "google.com"
            | "wordpress.com"
            | "blogspot.com"
            | "wixsite.com"
            | "jimdofree.com"
            | "squarespace.com"
            | "github.io"
            | "business.site"
            | "godaddysites.com"
            | "weebly.com"
            | "webflow.io"
            | "myshopify.com"
            | "linktr.ee"
            | "webador.com"
    )
}

static FREE_MAIL: List = List(include_str!("../data/free_mail_common.txt"));

/// Whether anybody can have a mailbox there.
pub(crate) fn is_free_mail(domain: &str) -> bool {
    FREE_MAIL.has(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_domains_cover_subdomains_and_siblings_only() {
        let own = Own::of("https://www.marveloaks.com/contact", None);
        assert!(own.covers("mail.marveloaks.com"));
        assert!(own.covers("marveloaks.co.uk"));
        assert!(!own.covers("notmarveloaks.com"));
        assert!(!Own::of("https://gmail.de", None).covers("gmail.com"));
        assert!(!Own::of("http://127.0.0.1:80/", None).covers("0.1"));
    }

    #[test]
    fn suffixes() {
        assert!(has_known_suffix("firm.co.uk") && !has_known_suffix("firm.comtel"));
        assert!(is_known_suffix_label("de") && !is_known_suffix_label("detel"));
    }
}
