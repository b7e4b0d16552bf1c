//! Throw-away mailboxes: providers whose addresses last for minutes. They are never written to.
//!
//! The list is the crate `mailchecker`'s, which is maintained; a new version comes with an update of
//! `Cargo.lock`.

use hunter_suffixes::registrable;

use crate::domain_hash::domain_hash;

/// Hashes in big-endian order of bytes, sorted, 4 bytes each.
static TABLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/disposable.bin"));

/// Whether a domain, or the registrable domain that it is below, gives out throw-away mailboxes.
pub(crate) fn is_disposable(domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    listed(&domain) || registrable(&domain).is_some_and(listed)
}

fn listed(domain: &str) -> bool {
    let (entries, _) = TABLE.as_chunks::<4>();
    entries
        .binary_search(&domain_hash(domain).to_be_bytes())
        .is_ok()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn well_known_providers_are_in_the_table_and_businesses_are_not() {
        for domain in [
            "mailinator.com",
            "MAILINATOR.com",
            "guerrillamail.com",
            "yopmail.com",
            "10minutemail.com",
            "trashmail.com",
            "inbox.mailinator.com",
        ] {
            assert!(is_disposable(domain), "{domain}");
        }
        for domain in [
            "praxis-park.de",
            "apollo-dental.com",
            "gmail.com",
            "web.de",
            "com",
            "",
        ] {
            assert!(!is_disposable(domain), "{domain}");
        }
        let kib = TABLE.len() / 1024;
        assert!((100..400).contains(&kib), "{kib} KiB");
    }

    /// Against the public list (disposable-email-domains, CC0), where it is there.
    #[test]
    fn the_public_list_is_covered_as_far_as_the_crate_goes() {
        let list = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../../shared/realworld/email/disposable_email_blocklist.conf");
        let Ok(list) = fs::read_to_string(&list) else {
            println!("skipped: {} is not there", list.display());
            return;
        };
        let all: BTreeSet<&str> = list.lines().filter(|line| !line.is_empty()).collect();
        let known = all.iter().filter(|domain| is_disposable(domain)).count();
        println!("{known} of {} throw-away domains", all.len());
        assert!(known * 100 >= all.len() * 40, "{known} of {}", all.len());
    }
}
