//! What a web search finds, told apart by what is registered: `shop.firm.co.uk` and `firm.co.uk`
//! are one business, `a.github.io` and `b.github.io` are two.

use std::collections::HashSet;

use hunter_contracts::RejectionKind;
use hunter_core::ports::RawPlace;
use hunter_suffixes::registrable;

use crate::account::Account;

/// The source whose records are sites.
pub(crate) const SOURCE: &str = "web_search";

/// Keeps the first site of every registrable domain; the others are duplicates.
pub(crate) fn one_per_domain(places: Vec<RawPlace>, account: &mut Account) -> Vec<RawPlace> {
    let mut seen: HashSet<String> = HashSet::new();
    let mut kept = Vec::with_capacity(places.len());
    for place in places {
        let host = place.source_id.as_str();
        let domain = registrable(host).unwrap_or(host).to_owned();
        if seen.contains(&domain) {
            let reason = format!("another site of `{domain}`, which is listed already");
            account.reject(&place, RejectionKind::Duplicate, "same domain", reason);
            continue;
        }
        seen.insert(domain);
        kept.push(place);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::raw;

    #[test]
    fn a_domain_is_one_business() {
        let hosts = [
            "shop.firm.co.uk",
            "firm.co.uk",
            "a.github.io",
            "b.github.io",
            "firm.de",
        ];
        let places = hosts.map(|host| raw(host, "Firm")).into();
        let mut account = Account::default();
        let kept = one_per_domain(places, &mut account);
        let ids: Vec<&str> = kept.iter().map(|p| p.source_id.as_str()).collect();
        assert_eq!(
            ids,
            ["shop.firm.co.uk", "a.github.io", "b.github.io", "firm.de"]
        );
        let (summary, rejected) = account.close(4, vec![], vec![]);
        assert_eq!((summary.duplicates, summary.total_discovered), (1, 5));
        assert!(rejected[0].reason.contains("firm.co.uk"));
    }
}
