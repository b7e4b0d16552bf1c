//! Whose site a host is: a business's own, or somebody's who lists or hosts businesses.

use url::{Host, Url};

/// Social networks and messengers: a page there is a profile, not a site.
const SOCIAL: &str = include_str!("social_networks.txt");

/// Directories, maps, review sites, market places, job boards and reference works.
const DIRECTORIES: &str = include_str!("directories.txt");

/// Whose site an address belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Owner {
    /// A business's own: its host without `www.`, and the site's address.
    Own { host: String, site: String },
    /// Somebody else's; why it is of no use, and what tells it from others.
    Foreign { host: String, reason: String },
}

/// Who owns the site at an address. Two hosts may still be one business's (`shop.firm.de`): which
/// part of a host is registered stands in the public suffix list, which discovery has.
pub(super) fn owner(url: &str) -> Owner {
    let foreign = |host: &str, reason: String| Owner::Foreign {
        host: host.chars().take(200).collect(),
        reason,
    };
    let Ok(parsed) = Url::parse(url.trim()) else {
        return foreign(url, "the address is none".to_owned());
    };
    if !matches!(parsed.scheme(), "http" | "https") {
        return foreign(url, "the address is not of a web site".to_owned());
    }
    let host = match parsed.host() {
        Some(Host::Domain(host)) => host.trim_end_matches('.').to_ascii_lowercase(),
        _ => return foreign(url, "the address has no host name".to_owned()),
    };
    if !host.contains('.') {
        return foreign(&host, format!("`{host}` is no public host"));
    }
    let within = |domains: &'static str| {
        let below = |domain: &&str| {
            let rest = host.strip_suffix(*domain);
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        domains.lines().find(below)
    };
    if let Some(domain) = within(SOCIAL) {
        return foreign(domain, format!("a page of the social network `{domain}`"));
    }
    if let Some(domain) = within(DIRECTORIES) {
        return foreign(domain, format!("a page of the directory `{domain}`"));
    }
    if is_document(parsed.path()) {
        return foreign(&host, "a document, not a page".to_owned());
    }
    let port = parsed.port().map(|port| format!(":{port}"));
    Owner::Own {
        host: host.strip_prefix("www.").unwrap_or(&host).to_owned(),
        site: format!("{}://{host}{}/", parsed.scheme(), port.unwrap_or_default()),
    }
}

fn is_document(path: &str) -> bool {
    let ending = path
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    let documents = [
        "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "csv", "zip",
    ];
    ending.is_some_and(|ending| documents.contains(&ending.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_sites_are_told_from_directories() {
        let own = |url: &str| match owner(url) {
            Owner::Own { host, site } => (host, site),
            foreign => panic!("{url}: {foreign:?}"),
        };
        assert_eq!(
            own("https://www.Zahn-Leipzig.de/team?x=1"),
            (
                "zahn-leipzig.de".into(),
                "https://www.zahn-leipzig.de/".into()
            )
        );
        assert_eq!(own("http://firm.github.io/").0, "firm.github.io");
        assert_eq!(own("https://notyelp.com/").0, "notyelp.com");
        for foreign in [
            "https://de-de.facebook.com/praxis",
            "https://www.yelp.com/biz/x",
            "https://maps.google.com/?cid=1",
            "https://zahn.de/preise.PDF",
            "http://10.0.0.1/",
            "https://localhost/",
            "mailto:a@b.de",
            "zahn.de",
        ] {
            assert!(matches!(owner(foreign), Owner::Foreign { .. }), "{foreign}");
        }
    }

    #[test]
    fn every_host_stands_once() {
        let all: Vec<&str> = SOCIAL.lines().chain(DIRECTORIES.lines()).collect();
        assert!(all.len() > 70 && all.iter().all(|host| host.contains('.')));
        for host in &all {
            assert_eq!(
                all.iter().filter(|other| *other == host).count(),
                1,
                "{host}"
            );
        }
    }
}
