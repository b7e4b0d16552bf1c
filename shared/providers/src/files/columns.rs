//! Which column of a table holds what.

use std::{collections::BTreeMap, sync::LazyLock};

use hunter_contracts::RecipeFailure;
use strum::VariantNames;

use super::tags::Tags;

/// What a column can hold.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::EnumString, strum::VariantNames,
)]
#[strum(serialize_all = "snake_case")]
pub enum Column {
    /// The source's id of the record.
    Id,
    /// The business's name.
    Name,
    /// Phone numbers.
    Phone,
    /// E-mail addresses.
    Email,
    /// Web site.
    Website,
    /// The address on one line.
    Address,
    /// Street with number.
    Street,
    /// Town.
    City,
    /// Postal code.
    Postcode,
    /// Country.
    Country,
    /// Latitude in degrees.
    Lat,
    /// Longitude in degrees.
    Lon,
    /// What kind of business it is.
    Category,
    /// Stars, 0–5.
    Rating,
    /// Number of reviews.
    Reviews,
    /// Opening hours.
    Hours,
    /// Brand or chain.
    Brand,
    /// Social profiles.
    Social,
    /// Whether it is still open, as in Google's `CLOSED_PERMANENTLY`.
    Status,
}

/// The headers that mean a column: `columns.txt`.
static SYNONYMS: LazyLock<BTreeMap<Column, Vec<&str>>> = LazyLock::new(|| {
    let lines = include_str!("columns.txt").lines();
    let row = |line: &'static str| {
        let (column, headers) = line.split_once(':')?;
        Some((column.parse().ok()?, headers.split_whitespace().collect()))
    };
    lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(row)
        .collect()
});

/// Headers that the customer named, as in `file:leads.csv?name=Firma&phone=Tel`; the rest is found
/// by common names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnMap(BTreeMap<Column, String>);

impl ColumnMap {
    /// Reads `name=Firma&phone=Tel` (percent-encoding as in a URL's query).
    ///
    /// # Errors
    /// `INVALID_INPUT` for a field that does not exist.
    pub fn parse(query: &str) -> Result<Self, RecipeFailure> {
        let mut map = BTreeMap::new();
        for (field, header) in url::form_urlencoded::parse(query.as_bytes()) {
            let column = field.parse::<Column>().map_err(|_| {
                RecipeFailure::invalid_input(format!(
                    "`source`: `{field}` is no field of a place; use {}",
                    Column::VARIANTS.join(", ")
                ))
            })?;
            map.insert(column, header.trim().to_owned());
        }
        Ok(Self(map))
    }

    /// Which fields stand at which positions of a header row, in the header's order. A named
    /// header wins over common names.
    ///
    /// # Errors
    /// `INVALID_INPUT` when a named header is not there, or nothing names the business.
    pub(crate) fn resolve(
        &self,
        headers: &[String],
        file: &str,
    ) -> Result<BTreeMap<Column, Vec<usize>>, RecipeFailure> {
        let mut found: BTreeMap<Column, Vec<usize>> = BTreeMap::new();
        for (column, header) in &self.0 {
            let at = headers
                .iter()
                .position(|h| h == header)
                .or_else(|| headers.iter().position(|h| plain(h) == plain(header)));
            let Some(at) = at else {
                return Err(RecipeFailure::invalid_input(format!(
                    "`{file}` has no column `{header}`; its columns are {}",
                    listed(headers)
                )));
            };
            found.insert(*column, vec![at]);
        }
        let named: Vec<usize> = found.values().flatten().copied().collect();
        for (column, synonyms) in &*SYNONYMS {
            if found.contains_key(column) {
                continue;
            }
            let mut positions: Vec<(usize, usize)> = headers
                .iter()
                .enumerate()
                .filter(|(at, _)| !named.contains(at))
                .filter_map(|(at, header)| {
                    let header = plain(header);
                    let rank = synonyms.iter().position(|s| *s == header)?;
                    Some((rank, at))
                })
                .collect();
            positions.sort_unstable();
            if !positions.is_empty() {
                let positions = positions.into_iter().map(|(_, at)| at).collect();
                found.insert(*column, positions);
            }
        }
        if found.contains_key(&Column::Name) {
            return Ok(found);
        }
        Err(RecipeFailure::invalid_input(format!(
            "no column of `{file}` is known to hold names; its columns are {}; say which, as in \
             `file:{file}?name=COLUMN`",
            listed(headers)
        )))
    }
}

/// The OpenStreetMap key that holds what a column holds.
const KEYS: [(Column, &str); 11] = [
    (Column::Name, "name"),
    (Column::Phone, "phone"),
    (Column::Email, "email"),
    (Column::Website, "website"),
    (Column::Address, "addr:full"),
    (Column::Street, "addr:street"),
    (Column::City, "addr:city"),
    (Column::Postcode, "addr:postcode"),
    (Column::Country, "addr:country"),
    (Column::Hours, "opening_hours"),
    (Column::Brand, "brand"),
];

impl ColumnMap {
    /// The headers that the customer named.
    pub(crate) fn headers(&self) -> Vec<String> {
        self.0.values().cloned().collect()
    }

    /// Copies values to the keys that OpenStreetMap uses: from the headers that the customer named,
    /// and with `common` also from common ones where the key is not there.
    pub(crate) fn fill(&self, tags: &mut Tags, common: bool) {
        for (column, key) in KEYS {
            let named = self.0.get(&column).and_then(|header| tags.get(header));
            if let Some(value) = named.cloned() {
                tags.insert(key.to_owned(), value);
            } else if common && !tags.contains_key(key) {
                let synonyms = SYNONYMS.get(&column);
                let meant = |header: &str| {
                    synonyms.is_some_and(|known| known.contains(&plain(header).as_str()))
                };
                let value = tags.iter().find(|(header, _)| meant(header));
                if let Some(value) = value.map(|(_, value)| value.clone()) {
                    tags.insert(key.to_owned(), value);
                }
            }
        }
    }
}

/// The header's letters and digits, lower case.
fn plain(header: &str) -> String {
    header
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn listed(headers: &[String]) -> String {
    let shown: Vec<String> = headers
        .iter()
        .take(20)
        .map(|h| format!("`{}`", h.chars().take(40).collect::<String>()))
        .collect();
    let more = headers.len().saturating_sub(20);
    if more == 0 {
        shown.join(", ")
    } else {
        format!("{} and {more} more", shown.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn every_column_has_its_headers_and_no_header_means_two() {
        let all: Vec<&str> = SYNONYMS.values().flatten().copied().collect();
        assert_eq!(SYNONYMS.len(), Column::VARIANTS.len());
        for header in &all {
            assert_eq!(plain(header), *header);
            let times = all.iter().filter(|other| *other == header).count();
            assert_eq!(times, 1, "{header}");
        }
    }

    #[test]
    fn common_headers_are_known_and_named_ones_win() {
        let header = headers(&["Company Name", "Tel.", "E-Mail", "Kunde", "PLZ"]);
        let found = ColumnMap::default().resolve(&header, "a.csv").unwrap();
        assert_eq!(found[&Column::Name], [0]);
        assert_eq!(found[&Column::Phone], [1]);
        assert_eq!(found[&Column::Email], [2]);
        assert_eq!(found[&Column::Postcode], [4]);
        let map = ColumnMap::parse("name=Kunde&phone=Tel.").unwrap();
        assert_eq!(map.resolve(&header, "a.csv").unwrap()[&Column::Name], [3]);
    }

    #[test]
    fn unknown_fields_and_headers_are_named_with_the_choice() {
        let error = ColumnMap::parse("nmae=Firma").unwrap_err().message;
        assert!(
            error.contains("`nmae`") && error.contains("name"),
            "{error}"
        );
        let map = ColumnMap::parse("name=Firma").unwrap();
        let error = map
            .resolve(&headers(&["Kunde"]), "a.csv")
            .unwrap_err()
            .message;
        assert!(
            error.contains("`Firma`") && error.contains("`Kunde`"),
            "{error}"
        );
        let none = ColumnMap::default().resolve(&headers(&["a", "b"]), "a.csv");
        assert!(none.unwrap_err().message.contains("file:a.csv?name="));
    }
}
