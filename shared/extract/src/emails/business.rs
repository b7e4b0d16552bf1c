//! The domain that is a business's own.

use url::Url;

use super::class::is_free_mail;
use crate::domains;
use crate::list::List;

/// The registrable domain that a site's address or a mailbox's domain names, where it can be the
/// business's own: no IP address, no free-mail provider, no host of other people's sites or
/// profiles (site builders, social networks, directories, marketplaces). Asking a contact service
/// about one of those finds people of the host, not of the business.
///
/// ```
/// use hunter_extract::business_domain;
/// assert_eq!(business_domain("https://www.apollo-dental.co.uk/x").as_deref(), Some("apollo-dental.co.uk"));
/// assert_eq!(business_domain("facebook.com/apollo"), None);
/// ```
#[must_use]
pub fn business_domain(website: &str) -> Option<String> {
    let website = website.trim();
    let absolute = match website.split_once("://") {
        Some(_) => website.to_owned(),
        None => format!("http://{website}"),
    };
    let url = Url::parse(&absolute).ok()?;
    let host = url.host_str()?.trim_end_matches('.').to_owned();
    let domain = domains::registrable(&host)?;
    let own = domain.contains('.') && !is_free_mail(&domain) && !SHARED.covers(&host);
    own.then_some(domain)
}

/// Hosts where many businesses have a page, a profile or a site below the host's own domain.
static SHARED: List = List(include_str!("../../data/shared_hosts.txt"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_domain_of_its_own_is_a_businesss() {
        for (website, own) in [
            ("praxis-park.de", Some("praxis-park.de")),
            ("https://www.praxis-park.de/kontakt", Some("praxis-park.de")),
            ("leipzig.kette.de/filiale", Some("kette.de")),
            ("http://firm.co.uk.", Some("firm.co.uk")),
            ("https://PRAXIS.DE", Some("praxis.de")),
            ("müller.de", Some("xn--mller-kva.de")),
            ("notfacebook.com", Some("notfacebook.com")),
            ("www.praxis.example", Some("praxis.example")),
            ("facebook.com/praxis", None),
            ("https://de-de.facebook.com/praxis", None),
            ("praxis.wixsite.com/home", None),
            ("praxis.business.site", None),
            ("sites.google.com/view/praxis", None),
            ("praxis.github.io", None),
            ("gmail.com", None),
            ("web.de", None),
            ("http://127.0.0.1:8080/", None),
            ("http://[::1]/", None),
            ("2130706433", None),
            ("localhost", None),
            ("co.uk", None),
            ("de", None),
            ("", None),
            ("javascript:alert(1)", None),
        ] {
            assert_eq!(business_domain(website).as_deref(), own, "{website}");
        }
    }
}
