//! Names of countries, towns and shared hosts (`data/places.toml`), and what a customer's
//! `location` means.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::LazyLock,
};

use serde::Deserialize;

use crate::text::fold;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct GazetteerFile {
    countries: BTreeMap<String, Vec<String>>,
    town: Vec<Town>,
    hosts: Hosts,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Town {
    country: String,
    names: Vec<String>,
    #[serde(default)]
    quarters: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hosts {
    social: Vec<String>,
    shared: Vec<String>,
}

/// The names, folded.
#[derive(Debug)]
pub(crate) struct Gazetteer {
    /// Folded name -> ISO code.
    countries: HashMap<String, String>,
    towns: Vec<Town>,
    by_town: HashMap<String, usize>,
    social: HashSet<String>,
    shared: HashSet<String>,
}

/// The embedded names.
pub(crate) static GAZETTEER: LazyLock<Gazetteer> = LazyLock::new(|| {
    // A file that does not parse is caught by this module's tests, not at run time.
    let file: GazetteerFile =
        toml::from_str(include_str!("../data/places.toml")).unwrap_or_default();
    Gazetteer::new(file)
});

impl Gazetteer {
    fn new(file: GazetteerFile) -> Self {
        let names = file.countries.into_iter().flat_map(|(code, names)| {
            names
                .into_iter()
                .map(move |name| (fold(&name), code.clone()))
        });
        let countries = names.collect();
        let fold_all = |texts: &[String]| texts.iter().map(|text| fold(text)).collect();
        let towns: Vec<Town> = file
            .town
            .into_iter()
            .map(|town| Town {
                names: fold_all(&town.names),
                quarters: fold_all(&town.quarters),
                country: town.country,
            })
            .collect();
        let mut by_town = HashMap::new();
        for (index, town) in towns.iter().enumerate() {
            for name in &town.names {
                by_town.insert(name.clone(), index);
            }
        }
        Self {
            countries,
            towns,
            by_town,
            social: file.hosts.social.into_iter().collect(),
            shared: file.hosts.shared.into_iter().collect(),
        }
    }

    /// The ISO code of a country's name.
    pub(crate) fn country(&self, name: &str) -> Option<&str> {
        self.countries.get(&fold(name)).map(String::as_str)
    }

    fn town(&self, folded: &str) -> Option<&Town> {
        self.by_town.get(folded).and_then(|&i| self.towns.get(i))
    }

    /// The country of a town that is known by name.
    pub(crate) fn country_of_town(&self, name: &str) -> Option<&str> {
        self.town(&fold(name)).map(|town| town.country.as_str())
    }

    /// Whether a registrable domain is a social network.
    pub(crate) fn is_social(&self, domain: &str) -> bool {
        self.social.contains(domain)
    }

    /// Whether many businesses have pages below a registrable domain.
    pub(crate) fn is_shared(&self, domain: &str) -> bool {
        self.shared.contains(domain) || self.is_social(domain)
    }
}

/// A customer's `location`, understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// As written.
    pub(crate) text: String,
    /// Folded names of the town; empty where only a country or a postcode is wanted.
    pub(crate) towns: Vec<String>,
    /// Folded names of its quarters that addresses give as the town.
    pub(crate) quarters: Vec<String>,
    /// Two-letter state or province, as in `CA`, folded.
    pub(crate) region: Option<String>,
    /// Postcode, folded.
    pub(crate) postcode: Option<String>,
    /// ISO code of the country.
    pub(crate) country: Option<String>,
}

impl Wanted {
    /// Understands `Salzburg`, `Mumbai, India`, `5020 Salzburg`, `Berkeley, CA, USA`, `Austria`.
    pub(crate) fn of(text: &str) -> Self {
        let mut wanted = Self {
            text: text.trim().to_owned(),
            ..Self::default()
        };
        let mut parts: Vec<String> = text.split(',').map(fold).collect();
        parts.retain(|part| !part.is_empty());
        if let Some(code) = parts.last().and_then(|part| GAZETTEER.country(part)) {
            // `Singapore` is a country and a town alike.
            if parts.len() > 1 || GAZETTEER.town(&fold(text)).is_none() {
                wanted.country = Some(code.to_owned());
                parts.pop();
            }
        } else if let Some((town, code)) = parts.last().and_then(|part| town_and_country(part)) {
            wanted.country = Some(code);
            parts.pop();
            parts.push(town);
        }
        let Some(first) = parts.first() else {
            return wanted;
        };
        let digits = |word: &&str| word.chars().any(|c| c.is_ascii_digit());
        let (codes, words): (Vec<&str>, Vec<&str>) = first.split(' ').partition(digits);
        if !codes.is_empty() {
            wanted.postcode = Some(codes.concat());
        }
        let name = words.join(" ");
        wanted.region = parts
            .get(1)
            .filter(|part| part.chars().count() == 2)
            .cloned();
        if let Some(town) = GAZETTEER.town(&name) {
            wanted.towns.clone_from(&town.names);
            wanted.quarters.clone_from(&town.quarters);
            wanted.country.get_or_insert_with(|| town.country.clone());
        } else if !name.is_empty() {
            wanted.towns = vec![name];
        }
        wanted
    }

    /// Whether a town as a record writes it is the wanted one: the same, or with an addition behind
    /// it, as in `Xalapa, Veracruz` or `Halle (Saale)`.
    pub(crate) fn is_town(&self, town: &str) -> bool {
        let folded = fold(town);
        let squeezed = folded.replace(' ', "");
        self.towns.iter().any(|name| {
            let longer = folded.strip_prefix(name.as_str());
            let unspaced = !name.is_ascii();
            longer.is_some_and(|rest| rest.is_empty() || rest.starts_with(' ') || unspaced)
                || squeezed == name.replace(' ', "")
        })
    }

    /// Whether a town as a record writes it is a quarter of the wanted one.
    pub(crate) fn is_quarter(&self, town: &str) -> bool {
        self.quarters.contains(&fold(town))
    }

    /// Whether a part of an address line is the wanted town: `5020 Salzburg`, not `Salzburg Road`.
    pub(crate) fn is_address_part(&self, part: &str) -> bool {
        let folded = fold(part);
        let no_digits = |word: &&str| !word.chars().any(|c| c.is_ascii_digit());
        let words: Vec<&str> = folded.split(' ').filter(no_digits).collect();
        let plain = words.join(" ");
        self.towns.contains(&plain)
    }
}

/// `mumbai india`: only where the town is a known one, since `new mexico` is not in Mexico.
fn town_and_country(folded: &str) -> Option<(String, String)> {
    let (town, country) = folded.rsplit_once(' ')?;
    let code = GAZETTEER.country(country)?;
    let known = GAZETTEER.town(town)?;
    (known.country == code).then(|| (town.to_owned(), code.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_parses_and_its_countries_are_codes() {
        let file: GazetteerFile = toml::from_str(include_str!("../data/places.toml")).unwrap();
        assert!(file.countries.len() > 60 && file.town.len() > 50);
        let codes = file.countries.keys();
        for code in codes.chain(file.town.iter().map(|town| &town.country)) {
            assert!(file.countries.contains_key(code), "{code} has no name");
            assert!(code.parse::<phonenumber::country::Id>().is_ok(), "{code}");
        }
    }

    #[test]
    fn locations_are_taken_apart() {
        let mumbai = Wanted::of("Mumbai, India");
        assert_eq!(mumbai.country.as_deref(), Some("IN"));
        assert!(mumbai.is_town("MUMBAI") && mumbai.is_town("Bombay"));
        assert_eq!(Wanted::of("mumbai india").country.as_deref(), Some("IN"));
        let country = Wanted::of("Österreich");
        assert_eq!(country.country.as_deref(), Some("AT"));
        assert!(country.towns.is_empty());
        let code = Wanted::of("5020 Salzburg");
        assert_eq!(code.postcode.as_deref(), Some("5020"));
        assert!(code.is_town("Salzburg"));
        assert_eq!(
            Wanted::of("Berkeley, CA, USA").region.as_deref(),
            Some("ca")
        );
        assert_eq!(Wanted::of("Berkeley, CA").country.as_deref(), Some("US"));
        assert_eq!(Wanted::of("New Mexico").country, None);
        assert!(Wanted::of("Singapore").is_town("Singapore"));
    }

    #[test]
    fn towns_are_known_by_all_their_names() {
        let hanoi = Wanted::of("Hanoi");
        assert!(hanoi.is_town("Hà Nội") && hanoi.is_town("Ha Noi"));
        let skopje = Wanted::of("Skopje, Macedonia");
        assert!(skopje.is_town("Скопје") && skopje.is_town("Cкoпje"));
        assert!(Wanted::of("Vienna").is_town("Wien"));
        assert!(Wanted::of("Xalapa").is_town("xalapa, Veracruz"));
        assert!(Wanted::of("名古屋").is_town("名古屋市瑞穂区明前町"));
        assert!(Wanted::of("New York").is_quarter("Brooklyn"));
        assert!(!Wanted::of("New York").is_town("West New York"));
        assert!(!Wanted::of("Salzburg").is_town("Wals-Siezenheim"));
    }

    #[test]
    fn a_street_is_not_a_town() {
        let london = Wanted::of("London");
        assert!(london.is_address_part("London SW1A 1AA"));
        assert!(!london.is_address_part("12 London Road"));
    }
}
