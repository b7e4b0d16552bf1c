//! The cities of the sandbox.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::data::data;

/// A word in the local script and, after `|`, in Latin letters where it is not derived.
pub(crate) type Bilingual = &'static str;

/// The local half of a bilingual word.
pub(crate) fn local(word: &str) -> &str {
    word.split_once('|').map_or(word, |(local, _)| local)
}

/// The Latin half of a bilingual word, transliterated where none is given.
pub(crate) fn latin(word: &str) -> String {
    let half = word.split_once('|').map_or(word, |(_, latin)| latin);
    if half
        .chars()
        .all(|c| c.is_alphabetic() && (c as u32) < 0x250 || c.is_ascii())
    {
        half.to_owned()
    } else {
        deunicode::deunicode(half)
    }
}

/// A city of the sandbox; `data/cities.toml` says more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct City {
    pub(crate) name: &'static str,
    pub(crate) local: &'static str,
    pub(crate) aliases: Vec<&'static str>,
    pub(crate) state: &'static str,
    pub(crate) country: &'static str,
    /// In English first.
    pub(crate) country_names: Vec<&'static str>,
    /// As it stands in addresses.
    pub(super) local_country: &'static str,
    pub(crate) language: &'static str,
    /// Where the names of its people are from.
    pub(super) culture: &'static str,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    pub(crate) utc_offset_minutes: i32,
    /// Share of the businesses of an unfocused town, in percent.
    pub(crate) weight: u64,
    /// An address in one line, in Latin letters and in the local script: slots `{n}`, `{street}`,
    /// `{district}`, `{city}`, `{state}`, `{code}`, `{country}`.
    pub(super) address: &'static str,
    pub(super) local_address: &'static str,
    pub(super) postal_prefix: &'static str,
    /// Digits behind the prefix.
    pub(super) postal_digits: u32,
    /// A telephone number, at home and from abroad: a counter in the places of `#`, and one of the
    /// `area_codes` in `{area}`.
    pub(super) phone: &'static str,
    pub(super) international_phone: &'static str,
    pub(super) area_codes: Vec<&'static str>,
    pub(crate) districts: Vec<Bilingual>,
    pub(crate) streets: Vec<Bilingual>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "City: Deserialize<'de>"))]
struct Cities {
    city: Vec<City>,
}

/// Every city; weights add up to 100.
pub(crate) static CITIES: LazyLock<Vec<City>> = LazyLock::new(|| -> Vec<City> {
    let Cities { city } = data!("cities.toml");
    city
});

/// The city of a business.
#[expect(clippy::unwrap_used, reason = "businesses are in cities of the list")]
pub(crate) fn city_of(name: &str) -> &'static City {
    CITIES.iter().find(|city| city.name == name).unwrap()
}

/// The city with this English name, local name or alias.
pub(crate) fn city_named(name: &str) -> Option<&'static City> {
    let wanted = name.trim().to_lowercase();
    CITIES.iter().find(|city| {
        city.name.to_lowercase() == wanted
            || city.local.to_lowercase() == wanted
            || city
                .aliases
                .iter()
                .any(|alias| alias.to_lowercase() == wanted)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_add_up_to_a_hundred() {
        assert_eq!(CITIES.iter().map(|city| city.weight).sum::<u64>(), 100);
    }

    #[test]
    fn cities_are_found_in_any_script() {
        assert_eq!(city_named("大阪").unwrap().name, "Osaka");
        assert_eq!(city_named("нови сад").unwrap().name, "Novi Sad");
        assert!(city_named("Atlantis").is_none());
    }
}
