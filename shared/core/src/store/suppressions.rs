//! The suppression list: addresses that a customer must not write to, or have looked up, again.
//!
//! The list holds no address in the clear. An entry has a hash of the address in one canonical form,
//! bound to the tenant so that nobody can follow a person from one customer's list to another's,
//! and a mask that lets a person recognise what they are looking at.

use std::collections::BTreeMap;

use async_trait::async_trait;
use hunter_contracts::{EmailAddress, TenantId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    recipe::derived_key,
    store::{OfTenant, Put, StoreResult},
};

/// Why an address is suppressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(strum::Display, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum SuppressionReason {
    /// Its owner asked a contact service not to be processed (Hunter.io answers 451 then).
    OptedOut,
    /// Its owner asked the customer not to be written to.
    Unsubscribed,
    /// Mail to it came back for good.
    Bounced,
    /// Its owner reported a message as spam.
    Complained,
    /// A person put it there.
    Manual,
}

/// An entry of the list. It never expires: an opt-out has no end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// [`suppression_hash`] of the address.
    pub address_hash: String,
    /// What a person may see of the address, as in `r…@apollo-dental.com`.
    pub masked: String,
    /// Why.
    pub reason: SuppressionReason,
    /// Who said so, as in `hunter_io`.
    pub source: String,
    /// Since when.
    pub at: Timestamp,
}

impl Suppression {
    /// An entry for an e-mail address, a phone number or a profile.
    #[must_use]
    pub fn new(
        tenant: &TenantId,
        address: &str,
        reason: SuppressionReason,
        source: &str,
        at: Timestamp,
    ) -> Self {
        Self {
            address_hash: suppression_hash(tenant, address),
            masked: masked(address),
            reason,
            source: source.to_owned(),
            at,
        }
    }
}

/// The hash that an address is listed and looked up by: SHA-256 in hex over the tenant and the
/// canonical form of the address.
///
/// The canonical form joins what reaches the same person, so that an opt-out also holds for the
/// other ways to write it: letters in lower case, a domain in its ASCII form; the part of a
/// mailbox's name after `+` is left out (RFC 5233 subaddresses), and the dots of a mailbox at Gmail;
/// of a phone number the digits alone, of a profile no scheme, `www.`, query or final slash.
#[must_use]
pub fn suppression_hash(tenant: &TenantId, address: &str) -> String {
    derived_key(&[tenant.as_str(), "suppression", &canonical(address)])
}

fn canonical(address: &str) -> String {
    let address = address
        .parse::<EmailAddress>()
        .map_or_else(|_| address.trim().to_lowercase(), |address| address.key());
    if let Some((local, domain)) = address.rsplit_once('@') {
        let domain = domain.trim_end_matches('.');
        let name = local.split('+').next().filter(|name| !name.is_empty());
        let local = name.unwrap_or(local);
        return match domain {
            "gmail.com" | "googlemail.com" => format!("{}@gmail.com", local.replace('.', "")),
            _ => format!("{local}@{domain}"),
        };
    }
    let is_number = |c: char| c.is_ascii_digit() || " +-()./".contains(c);
    if !address.is_empty() && address.chars().all(is_number) {
        return address.chars().filter(char::is_ascii_digit).collect();
    }
    let bare = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"))
        .unwrap_or(&address);
    let bare = bare.strip_prefix("www.").unwrap_or(bare);
    let path = bare.split(['?', '#']).next().unwrap_or_default();
    path.trim_end_matches('/').to_owned()
}

/// What may be shown of an address: the first character of a mailbox's name and its domain, the last
/// two digits of a number, the host of a profile.
#[must_use]
pub fn masked(address: &str) -> String {
    let address = canonical(address);
    if let Some((local, domain)) = address.rsplit_once('@') {
        let first: String = local.chars().take(1).collect();
        return format!("{first}…@{domain}");
    }
    if address.chars().all(|c| c.is_ascii_digit()) {
        let kept = address.len().saturating_sub(2);
        return format!("…{}", address.get(kept..).unwrap_or_default());
    }
    let host = address.split('/').next().unwrap_or_default();
    format!("{host}/…")
}

/// The suppression list. Entries do not expire.
#[async_trait]
pub trait Suppressions: OfTenant {
    /// Puts an address on the list, or answers the entry that stands: the first reason stays. See
    /// [`crate::recipe::Context::suppress`], which also writes the audit entry.
    async fn suppress(&self, suppression: &Suppression) -> StoreResult<Put<Suppression>>;
    /// Which of these addresses are on the list, by the address as it was asked for. Reads nothing
    /// where none is asked for.
    async fn suppressed(&self, addresses: &[String]) -> StoreResult<BTreeMap<String, Suppression>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(address: &str) -> String {
        suppression_hash(&"cust_1".parse().unwrap(), address)
    }

    #[test]
    fn reasons_are_named_as_on_the_wire() {
        for reason in <SuppressionReason as strum::VariantArray>::VARIANTS {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.to_string());
        }
    }

    #[test]
    fn ways_to_write_an_address_are_one_address() {
        for (one, other) in [
            ("Rajesh@Apollo-Dental.com", " rajesh@apollo-dental.com"),
            ("rajesh+news@apollo-dental.com", "rajesh@apollo-dental.com"),
            ("r.kumar@gmail.com", "RKumar+x@googlemail.com"),
            ("info@Praxis-Müller.de", "info@xn--praxis-mller-klb.de"),
            ("+49 341 123-4567", "+493411234567"),
            (
                "https://www.linkedin.com/in/x/?a=b",
                "http://linkedin.com/in/x",
            ),
        ] {
            assert_eq!(hash(one), hash(other), "{one}");
        }
        for (one, other) in [
            ("a@b.de", "a@b.com"),
            ("a.b@c.de", "ab@c.de"),
            ("+x@b.de", "+y@b.de"),
            ("https://linkedin.com/in/x", "https://linkedin.com/in/y"),
        ] {
            assert_ne!(hash(one), hash(other), "{one}");
        }
    }

    #[test]
    fn a_checked_address_is_listed_as_its_text_was() {
        for text in [
            "Rajesh@Apollo-Dental.com",
            "o'neil+x@X.co.uk",
            "R.K@GoogleMail.com",
        ] {
            let address: hunter_contracts::EmailAddress = text.parse().unwrap();
            assert_eq!(hash(address.as_str()), hash(text), "{text}");
        }
    }

    #[test]
    fn customers_have_hashes_of_their_own() {
        let of = |tenant: &str| suppression_hash(&tenant.parse().unwrap(), "a@b.de");
        assert_ne!(of("cust_1"), of("cust_10"));
    }

    #[test]
    fn a_mask_shows_no_address() {
        assert_eq!(masked("Rajesh@apollo-dental.com"), "r…@apollo-dental.com");
        assert_eq!(masked("+49 341 1234567"), "…67");
        assert_eq!(masked("https://linkedin.com/in/x"), "linkedin.com/…");
        assert_eq!(masked("@"), "…@");
    }
}
