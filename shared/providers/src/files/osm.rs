//! OpenStreetMap tags as a [`RawPlace`]. Keys follow the OSM wiki: "Key:addr", "Key:contact",
//! "Lifecycle prefix", "Names".

use hunter_contracts::GeoPoint;
use hunter_core::ports::RawPlace;

use super::{address, tags::Tags};
use crate::unique::push_new;

/// What OpenStreetMap's licence wants shown.
pub(crate) const ATTRIBUTION: &str = "© OpenStreetMap contributors (ODbL 1.0)";

/// Keys that say what a place is; the first that is present names it best.
const KIND_KEYS: [&str; 7] = [
    "amenity",
    "shop",
    "office",
    "healthcare",
    "tourism",
    "craft",
    "leisure",
];
const LIFECYCLE_PREFIXES: [&str; 6] = [
    "disused:",
    "abandoned:",
    "closed:",
    "was:",
    "demolished:",
    "removed:",
];
const PHONE_KEYS: [&str; 7] = [
    "phone",
    "contact:phone",
    "contact:mobile",
    "mobile",
    "phone:mobile",
    "telephone",
    "contact:telephone",
];
const EMAIL_KEYS: [&str; 3] = ["email", "contact:email", "e-mail"];
const WEBSITE_KEYS: [&str; 5] = [
    "website",
    "contact:website",
    "url",
    "contact:url",
    "website:official",
];
const NAME_KEYS: [&str; 5] = [
    "alt_name",
    "official_name",
    "short_name",
    "int_name",
    "loc_name",
];
/// Networks, with the address that a bare handle is put after.
const SOCIAL_KEYS: [(&str, &str); 10] = [
    ("facebook", "https://www.facebook.com/"),
    ("instagram", "https://www.instagram.com/"),
    ("twitter", "https://twitter.com/"),
    ("x", "https://x.com/"),
    ("linkedin", "https://www.linkedin.com/company/"),
    ("youtube", "https://www.youtube.com/"),
    ("tiktok", "https://www.tiktok.com/@"),
    ("pinterest", "https://www.pinterest.com/"),
    ("xing", "https://www.xing.com/companies/"),
    ("vk", "https://vk.com/"),
];

/// Fills everything that tags can say; the caller adds `record_url` and `as_of`.
pub(crate) fn place_from_tags(id: &str, tags: &Tags, position: Option<GeoPoint>) -> RawPlace {
    let get = |key: &str| tags.get(key).cloned();
    let parts = address::from_tags(tags);
    let name = get("name");
    RawPlace {
        source_id: id.to_owned(),
        other_names: other_names(tags, name.as_deref()),
        name,
        phones: collect(tags, &PHONE_KEYS, split_phones),
        emails: collect(tags, &EMAIL_KEYS, split_emails),
        website: WEBSITE_KEYS
            .iter()
            .find_map(|key| tags.get(*key))
            .map(|value| first_address(value)),
        social_links: social_links(tags),
        address: parts.line,
        street: parts.street,
        city: parts.city,
        postcode: parts.postcode,
        country: parts.country,
        position,
        categories: categories(tags),
        rating: None,
        review_count: None,
        opening_hours: get("opening_hours"),
        brand: get("brand"),
        closed: is_closed(tags),
        tags: tags.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
        ..RawPlace::default()
    }
}

fn collect(tags: &Tags, keys: &[&str], split: fn(&str) -> Vec<String>) -> Vec<String> {
    let mut found = Vec::new();
    for value in keys.iter().filter_map(|key| tags.get(*key)) {
        for part in split(value) {
            push_new(&mut found, part);
        }
    }
    found
}

/// Splits on `;`, `,`, a line end and a slash between spaces: `0341/123` is one number.
pub(crate) fn split_phones(value: &str) -> Vec<String> {
    value
        .replace(" / ", ";")
        .split([';', ',', '\n'])
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

/// Splits where no address can go on.
pub(crate) fn split_emails(value: &str) -> Vec<String> {
    value
        .split(|c: char| matches!(c, ';' | ',') || c.is_whitespace())
        .filter(|part| !part.is_empty() && *part != "/")
        .map(str::to_owned)
        .collect()
}

/// The first of several addresses. An address may itself hold `;` and `,`, so a second one counts
/// only where it begins like one.
pub(crate) fn first_address(value: &str) -> String {
    let begins = |rest: &str| {
        let rest = rest.trim_start().to_ascii_lowercase();
        rest.starts_with("http://") || rest.starts_with("https://") || rest.starts_with("www.")
    };
    for (at, c) in value.char_indices() {
        if !(matches!(c, ';' | ',') || c.is_whitespace()) {
            continue;
        }
        let (head, tail) = value.split_at(at);
        if !head.is_empty() && tail.strip_prefix(c).is_some_and(begins) {
            return head.trim().to_owned();
        }
    }
    value.trim().to_owned()
}

fn other_names(tags: &Tags, name: Option<&str>) -> Vec<String> {
    let mut names = Vec::new();
    let keyed = NAME_KEYS.iter().filter_map(|key| tags.get(*key));
    let by_language = tags
        .iter()
        .filter(|(key, _)| key.strip_prefix("name:").is_some_and(is_language))
        .map(|(_, value)| value);
    for value in by_language.chain(keyed) {
        for part in value.split(';').map(str::trim) {
            if Some(part) != name {
                push_new(&mut names, part);
            }
        }
    }
    names
}

/// `en`, `ja_rm`, `zh-Hant`; not `etymology` or `pronunciation`.
fn is_language(suffix: &str) -> bool {
    let code = suffix.split(['-', '_']).next().unwrap_or_default();
    (2..=3).contains(&code.len()) && code.chars().all(|c| c.is_ascii_lowercase())
}

fn social_links(tags: &Tags) -> Vec<String> {
    let mut links = Vec::new();
    for (network, base) in SOCIAL_KEYS {
        let keys = [format!("contact:{network}"), network.to_owned()];
        for value in keys.iter().filter_map(|key| tags.get(key)) {
            let value = first_address(value);
            // A bare handle says nothing without its network.
            if value.contains(['/', '.']) {
                push_new(&mut links, value);
            } else {
                let handle = value.trim_start_matches('@');
                push_new(&mut links, format!("{base}{handle}"));
            }
        }
    }
    links
}

fn categories(tags: &Tags) -> Vec<String> {
    let mut found = Vec::new();
    for key in KIND_KEYS
        .iter()
        .chain(&["cuisine", "healthcare:speciality"])
    {
        let Some(value) = tags.get(*key) else {
            continue;
        };
        for part in value.split([';', ',']).map(str::trim) {
            match part {
                "no" | "vacant" | "disused" => {}
                // `office=yes` says no more than the key does.
                "yes" => push_new(&mut found, *key),
                _ => push_new(&mut found, part),
            }
        }
    }
    found
}

/// Closed for good: a lifecycle prefix where no living kind is left, a vacant shop, or hours that
/// say nothing but `closed`.
fn is_closed(tags: &Tags) -> bool {
    let says = |key: &str, values: &[&str]| {
        tags.get(key)
            .is_some_and(|v| values.contains(&v.to_ascii_lowercase().as_str()))
    };
    let gone = ["vacant", "disused", "abandoned", "closed"];
    let living = KIND_KEYS
        .iter()
        .any(|key| tags.contains_key(*key) && !says(key, &gone));
    let ended = LIFECYCLE_PREFIXES.iter().any(|prefix| {
        KIND_KEYS
            .iter()
            .any(|key| tags.contains_key(&format!("{prefix}{key}")))
    });
    let vacant = KIND_KEYS.iter().any(|key| says(key, &gone));
    says("opening_hours", &["closed", "off"])
        || says("disused", &["yes"])
        || says("abandoned", &["yes"])
        || says("operational_status", &["closed", "closed_permanently"])
        || says("businessstatus", &["closed_permanently"])
        || says("businessStatus", &["closed_permanently"])
        || (!living && (ended || vacant))
}

/// The page that shows an OpenStreetMap element, where the id is one (`node/123`).
pub(crate) fn element_url(id: &str) -> Option<String> {
    let (kind, number) = id.split_once('/')?;
    let known = matches!(kind, "node" | "way" | "relation");
    let digits = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    (known && digits).then(|| format!("https://www.openstreetmap.org/{kind}/{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn contact_keys_and_plain_keys_become_one_list() {
        let place = place_from_tags(
            "node/1",
            &tags(&[
                ("name", "松屋"),
                ("name:en", "Matsuya"),
                ("name:etymology", "pine house"),
                ("alt_name", "Matsu; 松屋"),
                ("phone", "+49 341/123; +49 341 456 / +49 341 789"),
                ("contact:phone", "+49 341 456"),
                ("email", "a@b.de,c@d.de"),
                ("contact:website", "https://a.de/?x=1;2; https://b.de"),
                ("contact:facebook", "Matsuya"),
                ("instagram", "https://instagram.com/m"),
            ]),
            None,
        );
        assert_eq!(place.name.as_deref(), Some("松屋"));
        assert_eq!(place.other_names, ["Matsuya", "Matsu"]);
        assert_eq!(place.phones, ["+49 341/123", "+49 341 456", "+49 341 789"]);
        assert_eq!(place.emails, ["a@b.de", "c@d.de"]);
        assert_eq!(place.website.as_deref(), Some("https://a.de/?x=1;2"));
        assert_eq!(
            place.social_links,
            [
                "https://www.facebook.com/Matsuya",
                "https://instagram.com/m"
            ]
        );
    }

    #[test]
    fn closed_is_said_by_lifecycle_hours_or_vacancy() {
        let closed = [
            vec![("disused:shop", "bakery"), ("name", "x")],
            vec![("shop", "vacant")],
            vec![("amenity", "cafe"), ("opening_hours", "closed")],
            vec![("amenity", "cafe"), ("abandoned", "yes")],
        ];
        for pairs in closed {
            assert!(is_closed(&tags(&pairs)), "{pairs:?}");
        }
        let open = [
            vec![("was:amenity", "bank"), ("amenity", "cafe")],
            vec![
                ("amenity", "cafe"),
                ("opening_hours", "Mo-Fr 08:00-12:00; Su closed"),
            ],
            vec![("amenity", "cafe"), ("disused", "no")],
        ];
        for pairs in open {
            assert!(!is_closed(&tags(&pairs)), "{pairs:?}");
        }
    }

    #[test]
    fn categories_come_from_kinds_cuisines_and_specialities() {
        let place = place_from_tags(
            "way/2",
            &tags(&[
                ("amenity", "restaurant"),
                ("cuisine", "italian;pizza"),
                ("office", "yes"),
                ("shop", "no"),
            ]),
            None,
        );
        assert_eq!(
            place.categories,
            ["restaurant", "office", "italian", "pizza"]
        );
    }

    #[test]
    fn only_elements_have_a_page() {
        assert_eq!(
            element_url("way/12").as_deref(),
            Some("https://www.openstreetmap.org/way/12")
        );
        for other in ["way/", "way/1a", "row/3", "12", "node/1#2"] {
            assert_eq!(element_url(other), None, "{other}");
        }
    }
}
