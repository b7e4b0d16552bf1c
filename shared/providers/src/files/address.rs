//! One line and its parts from `addr:*` tags. Where the number stands and where the postal code
//! stands follows the country; without one, the words of the street decide.

use super::tags::Tags;
use crate::unique::push_new;

/// An address as the tags give it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct AddressParts {
    /// On one line.
    pub(crate) line: Option<String>,
    /// Street with number.
    pub(crate) street: Option<String>,
    /// Town.
    pub(crate) city: Option<String>,
    /// Postal code.
    pub(crate) postcode: Option<String>,
    /// ISO 3166-1 alpha-2, upper case.
    pub(crate) country: Option<String>,
}

/// Countries that write `12 Main Street`.
const NUMBER_FIRST: [&str; 19] = [
    "US", "GB", "IE", "CA", "AU", "NZ", "FR", "LU", "IN", "VN", "TH", "PH", "SG", "MY", "ZA", "IL",
    "EG", "MA", "LK",
];
/// Countries that write `5020 Salzburg` although the number comes first.
const POSTCODE_BEFORE_TOWN: [&str; 3] = ["FR", "LU", "MA"];
/// First words of streets that follow their number.
const LEADING_WORDS: &str =
    "rue avenue boulevard place quai impasse allée chemin cours phố đường ngõ";
/// Last words of streets that follow their number.
const TRAILING_WORDS: &str = "street st road rd avenue ave boulevard blvd drive dr lane ln way court ct broadway square \
    parkway highway terrace hwy pkwy row";

/// Composes the address of a record.
pub(crate) fn from_tags(tags: &Tags) -> AddressParts {
    let get = |key: &str| tags.get(key).map(String::as_str);
    let country = get("addr:country")
        .filter(|c| c.len() == 2 && c.chars().all(|c| c.is_ascii_alphabetic()))
        .map(str::to_ascii_uppercase);
    let city = [
        "addr:city",
        "addr:town",
        "addr:village",
        "addr:municipality",
        "contact:city",
    ]
    .into_iter()
    .find_map(get);
    let postcode = get("addr:postcode").or_else(|| get("contact:postcode"));
    let road = ["addr:street", "contact:street", "addr:place"]
        .into_iter()
        .find_map(get);
    let number = [
        "addr:housenumber",
        "contact:housenumber",
        "addr:conscriptionnumber",
    ]
    .into_iter()
    .find_map(get);
    let number_first = road.is_some_and(|road| is_number_first(country.as_deref(), road));
    let street = road.map(|road| street_line(road, number, number_first));
    let line = get("addr:full").map(str::to_owned).or_else(|| {
        let postcode_first = match country.as_deref() {
            Some(c) => POSTCODE_BEFORE_TOWN.contains(&c) || !NUMBER_FIRST.contains(&c),
            None => !number_first || road.is_some_and(has_leading_word),
        };
        compose(
            tags,
            street.as_deref(),
            number,
            city,
            postcode,
            postcode_first,
        )
    });
    AddressParts {
        line,
        street,
        city: city.map(str::to_owned),
        postcode: postcode.map(str::to_owned),
        country,
    }
}

fn is_number_first(country: Option<&str>, road: &str) -> bool {
    match country {
        Some(country) => NUMBER_FIRST.contains(&country),
        None => has_leading_word(road) || has_trailing_word(road),
    }
}

fn is_among(words: &str, word: &str) -> bool {
    words.split_whitespace().any(|known| known == word)
}

fn has_leading_word(road: &str) -> bool {
    let first = road.split_whitespace().next().unwrap_or_default();
    is_among(LEADING_WORDS, &first.to_lowercase())
}

fn has_trailing_word(road: &str) -> bool {
    let last = road.split_whitespace().last().unwrap_or_default();
    let last = last.trim_end_matches('.').to_lowercase();
    is_among(TRAILING_WORDS, &last)
}

fn street_line(road: &str, number: Option<&str>, number_first: bool) -> String {
    match number {
        Some(number) if number_first => format!("{number} {road}"),
        Some(number) => format!("{road} {number}"),
        None => road.to_owned(),
    }
}

fn compose(
    tags: &Tags,
    street: Option<&str>,
    number: Option<&str>,
    city: Option<&str>,
    postcode: Option<&str>,
    postcode_first: bool,
) -> Option<String> {
    let get = |key: &str| tags.get(key).map(String::as_str);
    let mut parts: Vec<String> = Vec::new();
    let mut add = |part: Option<&str>| {
        if let Some(part) = part.filter(|p| !p.is_empty()) {
            push_new(&mut parts, part);
        }
    };
    match street {
        Some(street) => add(Some(street)),
        // Japan numbers blocks, not streets.
        None => {
            let block = [get("addr:neighbourhood"), get("addr:block_number"), number];
            let block: Vec<&str> = block.into_iter().flatten().collect();
            add(Some(&block.join(" ")));
        }
    }
    for key in ["addr:quarter", "addr:suburb", "addr:district"] {
        add(get(key));
    }
    let state = get("addr:state").or_else(|| get("addr:province"));
    if postcode_first {
        let town: Vec<&str> = [postcode, city].into_iter().flatten().collect();
        add(Some(&town.join(" ")));
        add(state);
    } else {
        let town: Vec<&str> = match state {
            Some(_) => [city].into_iter().flatten().collect(),
            None => [city, postcode].into_iter().flatten().collect(),
        };
        add(Some(&town.join(" ")));
        if let Some(state) = state {
            let region: Vec<&str> = [Some(state), postcode].into_iter().flatten().collect();
            add(Some(&region.join(" ")));
        }
    }
    // A country alone is no address.
    if parts.is_empty() {
        return None;
    }
    if let Some(country) = get("addr:country") {
        push_new(&mut parts, country);
    }
    Some(parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(pairs: &[(&str, &str)]) -> Option<String> {
        let tags = pairs
            .iter()
            .map(|(k, v)| (format!("addr:{k}"), (*v).to_owned()))
            .collect();
        from_tags(&tags).line
    }

    #[test]
    fn the_number_stands_where_the_country_puts_it() {
        let town = [("city", "X"), ("postcode", "1"), ("housenumber", "3")];
        let with = |more: &[(&str, &str)]| line(&[&town, more].concat()).unwrap();
        assert_eq!(
            with(&[("street", "Faistauergasse"), ("country", "AT")]),
            "Faistauergasse 3, 1 X, AT"
        );
        assert_eq!(
            with(&[("street", "Bride Lane"), ("country", "GB")]),
            "3 Bride Lane, X 1, GB"
        );
        assert_eq!(with(&[("street", "Rue Cler")]), "3 Rue Cler, 1 X");
        assert_eq!(
            with(&[("street", "Jackson St"), ("state", "NJ")]),
            "3 Jackson St, X, NJ 1"
        );
        assert_eq!(
            with(&[("street", "Faistauergasse")]),
            "Faistauergasse 3, 1 X"
        );
    }

    #[test]
    fn a_full_address_wins_and_a_country_alone_is_none() {
        assert_eq!(
            line(&[("full", "1-98, Madhapur"), ("city", "Hyderabad")]).as_deref(),
            Some("1-98, Madhapur")
        );
        assert_eq!(line(&[("country", "DE")]), None);
        assert_eq!(line(&[]), None);
    }
}
