//! The public suffix list: which part of a host is a suffix under which anybody registers names, and
//! which is somebody's own. Looked up in sorted text: the same list as code takes ten times as much
//! of a deployed function.
//!
//! Hosts are in lower case, either in their own script or in Punycode.

use std::sync::LazyLock;

/// Sorted by bytes; see `data/README.md`.
static RULES: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("../data/rules.txt").lines().collect());

/// More labels than any rule has: hosts may have any number.
const LABELS_MAX: usize = 8;

/// The registrable domain, without a final dot: `www.firm.co.uk` becomes `firm.co.uk`. Of a suffix
/// that is not on the list, the last two labels. Nothing when the host is no more than a suffix.
///
/// An IP address is not told from a host: ask before.
///
/// ```
/// assert_eq!(hunter_suffixes::registrable("www.firm.co.uk."), Some("firm.co.uk"));
/// assert_eq!(hunter_suffixes::registrable("co.uk"), None);
/// ```
#[must_use]
pub fn registrable(host: &str) -> Option<&str> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let suffix = suffix(host)?.text;
    let rest = host.strip_suffix(suffix)?.strip_suffix('.')?;
    let label = rest.rsplit('.').next().filter(|label| !label.is_empty())?;
    host.get(rest.len() - label.len()..)
}

/// Whether the host ends in a suffix of the list, or is one.
#[must_use]
pub fn is_on_list(host: &str) -> bool {
    suffix(host.strip_suffix('.').unwrap_or(host)).is_some_and(|suffix| suffix.on_list)
}

/// A host's last labels.
struct Suffix<'a> {
    text: &'a str,
    on_list: bool,
}

/// The algorithm of <https://publicsuffix.org/list/>: the longest rule prevails, an exception before
/// all others; without any, the suffix is the last label.
fn suffix(host: &str) -> Option<Suffix<'_>> {
    let last = host.rsplit('.').next().filter(|label| !label.is_empty())?;
    let mut found = Suffix {
        text: last,
        on_list: false,
    };
    let mut below = None;
    for label in host.rsplit('.').take(LABELS_MAX) {
        let length = below.map_or(0, |below: &str| below.len() + 1) + label.len();
        let name = host.get(host.len() - length..)?;
        if let Some(below) = below {
            if is_rule(&format!("!{name}")) {
                return Some(Suffix {
                    text: below,
                    on_list: true,
                });
            }
            if is_rule(&format!("*.{below}")) {
                found = Suffix {
                    text: name,
                    on_list: true,
                };
            }
        }
        if is_rule(name) {
            found = Suffix {
                text: name,
                on_list: true,
            };
        }
        below = Some(name);
    }
    Some(found)
}

fn is_rule(text: &str) -> bool {
    RULES.binary_search(&text).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rules_are_sorted_and_no_longer_than_is_looked_at() {
        assert!(RULES.len() > 10_000);
        assert!(RULES.is_sorted_by(|a, b| a < b));
        let labels = RULES.iter().map(|rule| rule.split('.').count()).max();
        assert!(labels.unwrap() < LABELS_MAX, "{labels:?}");
    }

    /// What `psl` says: the registrable domain, and whether the suffix is on the list.
    fn expected(host: &str) -> (Option<&str>, bool) {
        let known = psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known());
        (psl::domain_str(host), known)
    }

    #[test]
    fn every_rule_means_what_it_means_to_psl() {
        for rule in RULES.iter() {
            let name = rule.trim_start_matches('!');
            let name = name.replace('*', "any");
            for front in ["", "a.", "b.a.", "c.b.a.", "xn--x.www."] {
                for end in ["", "."] {
                    let host = format!("{front}{name}{end}");
                    let ours = (registrable(&host), is_on_list(&host));
                    assert_eq!(ours, expected(&host), "`{host}` by `{rule}`");
                }
            }
        }
    }

    #[test]
    fn what_is_no_host_has_no_suffix() {
        for host in ["", ".", "..", "a.."] {
            assert_eq!(
                (registrable(host), is_on_list(host)),
                (None, false),
                "`{host}`"
            );
        }
        assert_eq!(registrable(".com"), None);
        assert_eq!(registrable("a..com"), None);
        let long = "a.".repeat(100_000) + "de";
        assert_eq!(registrable(&long), Some("a.de"));
    }

    proptest! {
        #[test]
        fn any_host_is_as_to_psl(host in r"([a-zé*!-]{1,4}\.){0,6}(com|co\.uk|ck|kawasaki\.jp|[a-zé]{1,3})") {
            prop_assert_eq!((registrable(&host), is_on_list(&host)), expected(&host));
        }

        #[test]
        fn any_text_has_an_end_or_none(host in r"\PC{0,40}") {
            let known = is_on_list(&host);
            let end = registrable(&host);
            prop_assert!(end.is_none_or(|end| host.trim_end_matches('.').ends_with(end)), "{known}");
        }
    }
}
