//! Results as records: one per host, with the name that its pages give.

use std::collections::HashSet;

use hunter_contracts::{RejectedRecord, RejectionKind};
use hunter_core::ports::{PlaceBatch, RawPlace};
use jiff::Timestamp;

use super::{
    WebHit,
    hosts::{Owner, owner},
};

/// Characters of a name; a longer one is a sentence.
const NAME_CHARS_MAX: usize = 80;

/// What titles separate a page's name from the site's with; a hyphen only between spaces.
const SEPARATORS: [&str; 9] = [
    " | ", " - ", " – ", " — ", " · ", " :: ", " » ", " « ", ": ",
];

/// Parts of titles that name a page, not a business.
const PAGE_NAMES: [&str; 22] = [
    "home",
    "homepage",
    "home page",
    "startseite",
    "willkommen",
    "herzlich willkommen",
    "welcome",
    "accueil",
    "inicio",
    "contact",
    "contact us",
    "kontakt",
    "impressum",
    "about",
    "about us",
    "über uns",
    "team",
    "our team",
    "services",
    "leistungen",
    "blog",
    "index",
];

/// Takes a result: its host's first one becomes a record, a foreign site an unusable one, and
/// what was seen already nothing.
pub(super) fn take(
    hit: WebHit,
    query: &str,
    now: Timestamp,
    seen: &mut HashSet<String>,
    batch: &mut PlaceBatch,
) {
    match owner(&hit.url) {
        Owner::Own { host, site } => {
            if !seen.insert(host.clone()) {
                return;
            }
            let title = tidy(&hit.title);
            let tags = [
                ("web_search:query", query.to_owned()),
                ("web_search:title", title.chars().take(200).collect()),
            ];
            batch.places.push(RawPlace {
                name: Some(name(&title, hit.site_name.as_deref(), &host)),
                website: Some(site),
                tags: tags.map(|(key, value)| (key.to_owned(), value)).into(),
                record_url: hit.url,
                as_of: now,
                source_id: host,
                ..RawPlace::default()
            });
        }
        Owner::Foreign { host, reason } => {
            // One line per host, not per page.
            if seen.insert(format!("foreign {host} {reason}")) {
                batch.unusable.push(RejectedRecord {
                    source_id: host,
                    name: Some(tidy(&hit.title)).filter(|title| !title.is_empty()),
                    kind: RejectionKind::Unusable,
                    reason: format!("{reason}: not a business's own site"),
                });
            }
        }
    }
}

fn tidy(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

/// The business's name: the part of the title that the host is made of, else what the engine
/// calls the site, else the last part that names no page, else the host.
fn name(title: &str, site_name: Option<&str>, host: &str) -> String {
    let mut parts = vec![title.to_owned()];
    for separator in SEPARATORS {
        parts = parts
            .iter()
            .flat_map(|part| part.split(separator))
            .map(|part| part.trim().to_owned())
            .collect();
    }
    parts.retain(|part| {
        let short = part.chars().count() <= NAME_CHARS_MAX;
        let lower = part.to_lowercase();
        short && !part.is_empty() && !PAGE_NAMES.contains(&lower.as_str())
    });
    // The longest label is the name: `praxis-dr-mueller` of `www.praxis-dr-mueller.co.uk`.
    let labels = host.split('.').map(letters);
    let label = labels.max_by_key(String::len).unwrap_or_default();
    let of_domain = parts.iter().find(|part| {
        let letters = letters(part);
        let near = !letters.is_empty() && (label.contains(&letters) || letters.contains(&label));
        near && letters.len().min(label.len()) >= 4
    });
    let site_name = site_name.map(tidy).filter(|name| {
        let chars = name.chars().count();
        (2..=NAME_CHARS_MAX).contains(&chars)
    });
    of_domain
        .cloned()
        .or(site_name)
        .or_else(|| parts.last().cloned())
        .unwrap_or_else(|| host.to_owned())
}

/// Letters and digits alone, as domains have them: umlauts are written out.
fn letters(text: &str) -> String {
    let lower = text.to_lowercase();
    let spelt = lower
        .replace('ä', "ae")
        .replace('ö', "oe")
        .replace('ü', "ue")
        .replace('ß', "ss");
    spelt.chars().filter(char::is_ascii_alphanumeric).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_titles_sites_and_domains() {
        for (title, site, domain, expected) in [
            (
                "Zahnarzt in Leipzig | Praxis Dr. Müller",
                None,
                "praxis-dr-mueller.de",
                "Praxis Dr. Müller",
            ),
            (
                "Home - Bright Smiles",
                Some("Brightsmiles Dental"),
                "bsd.example",
                "Brightsmiles Dental",
            ),
            ("Home - Bright Smiles", None, "bsd.test", "Bright Smiles"),
            ("Home", None, "smile.test", "smile.test"),
            (
                "Kontakt – Anwaltskanzlei Weiß",
                None,
                "kanzlei-weiss.de",
                "Anwaltskanzlei Weiß",
            ),
            ("歯科 田中", None, "tanaka.test", "歯科 田中"),
        ] {
            assert_eq!(name(title, site, domain), expected, "{title}");
        }
    }

    #[test]
    fn a_host_counts_once_and_claims_no_place() {
        let mut batch = PlaceBatch::default();
        let mut seen = HashSet::new();
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        for url in [
            "https://www.bright.example/",
            "https://bright.example/contact",
            "https://www.facebook.com/bright",
            "https://www.facebook.com/other",
        ] {
            let hit = WebHit {
                title: "Bright Dental in Leipzig".into(),
                url: url.into(),
                site_name: None,
            };
            take(hit, "dentists Leipzig", now, &mut seen, &mut batch);
        }
        assert_eq!((batch.places.len(), batch.unusable.len()), (1, 1));
        let place = &batch.places[0];
        assert_eq!(place.source_id, "bright.example");
        assert_eq!(
            place.website.as_deref(),
            Some("https://www.bright.example/")
        );
        assert_eq!(
            (&place.city, &place.address, place.position),
            (&None, &None, None)
        );
        assert!(batch.unusable[0].reason.contains("facebook.com"));
    }
}
