//! Which column of a table holds what.

use std::collections::BTreeMap;

use hunter_contracts::RecipeFailure;

use super::tags::Tags;

/// What a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

/// Every column: its name in a file specification, and headers that mean it, without case, spaces
/// and punctuation. The headers of common exports (overpass-turbo CSV, Google Maps scrapers, CRM
/// lists in English, German, French, Spanish and Italian).
const SYNONYMS: [(Column, &str, &[&str]); 19] = [
    (
        Column::Id,
        "id",
        &["id", "placeid", "osmid", "atid", "leadid", "recordid"],
    ),
    (
        Column::Name,
        "name",
        &[
            "name",
            "company",
            "companyname",
            "business",
            "businessname",
            "title",
            "firma",
            "firmenname",
            "unternehmen",
            "nom",
            "entreprise",
            "raisonsociale",
            "nombre",
            "empresa",
            "azienda",
            "ragionesociale",
            "organization",
            "organisation",
            "account",
            "accountname",
        ],
    ),
    (
        Column::Phone,
        "phone",
        &[
            "phone",
            "phonenumber",
            "tel",
            "telephone",
            "telefon",
            "telefonnummer",
            "telefono",
            "téléphone",
            "teléfono",
            "contactphone",
            "mobile",
            "mobil",
            "handy",
            "rufnummer",
        ],
    ),
    (
        Column::Email,
        "email",
        &[
            "email",
            "emails",
            "mail",
            "emailaddress",
            "contactemail",
            "courriel",
            "correo",
            "emailadresse",
        ],
    ),
    (
        Column::Website,
        "website",
        &[
            "website",
            "web",
            "url",
            "homepage",
            "site",
            "siteweb",
            "webseite",
            "internet",
            "contactwebsite",
            "sitioweb",
            "sitoweb",
            "domain",
        ],
    ),
    (
        Column::Address,
        "address",
        &[
            "address",
            "fulladdress",
            "addrfull",
            "adresse",
            "anschrift",
            "direccion",
            "dirección",
            "indirizzo",
            "formattedaddress",
        ],
    ),
    (
        Column::Street,
        "street",
        &[
            "street",
            "addrstreet",
            "strasse",
            "straße",
            "rue",
            "calle",
            "via",
            "streetaddress",
        ],
    ),
    (
        Column::City,
        "city",
        &[
            "city", "town", "addrcity", "ort", "stadt", "ville", "ciudad", "città", "comune",
        ],
    ),
    (
        Column::Postcode,
        "postcode",
        &[
            "postcode",
            "zip",
            "zipcode",
            "postalcode",
            "plz",
            "postleitzahl",
            "addrpostcode",
            "codepostal",
            "cap",
            "codigopostal",
        ],
    ),
    (
        Column::Country,
        "country",
        &[
            "country",
            "land",
            "pays",
            "pais",
            "país",
            "paese",
            "addrcountry",
            "countrycode",
        ],
    ),
    (
        Column::Lat,
        "lat",
        &["lat", "latitude", "atlat", "breitengrad", "y"],
    ),
    (
        Column::Lon,
        "lon",
        &[
            "lon",
            "lng",
            "long",
            "longitude",
            "atlon",
            "längengrad",
            "x",
        ],
    ),
    (
        Column::Category,
        "category",
        &[
            "category",
            "categories",
            "type",
            "industry",
            "branche",
            "amenity",
            "shop",
            "office",
            "healthcare",
            "kategorie",
            "catégorie",
            "categoria",
            "categoría",
        ],
    ),
    (
        Column::Rating,
        "rating",
        &["rating", "stars", "reviewrating", "bewertung"],
    ),
    (
        Column::Reviews,
        "reviews",
        &[
            "reviews",
            "reviewcount",
            "reviewscount",
            "userratingcount",
            "bewertungen",
        ],
    ),
    (
        Column::Hours,
        "hours",
        &[
            "hours",
            "openinghours",
            "openhours",
            "öffnungszeiten",
            "horaires",
        ],
    ),
    (
        Column::Brand,
        "brand",
        &["brand", "chain", "marke", "kette"],
    ),
    (
        Column::Social,
        "social",
        &[
            "social",
            "facebook",
            "instagram",
            "linkedin",
            "twitter",
            "contactfacebook",
        ],
    ),
    (Column::Status, "status", &["status", "businessstatus"]),
];

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
            let known = SYNONYMS.iter().find(|(_, name, _)| *name == field);
            let Some((column, _, _)) = known else {
                let names: Vec<&str> = SYNONYMS.iter().map(|(_, name, _)| *name).collect();
                return Err(RecipeFailure::invalid_input(format!(
                    "`source`: `{field}` is no field of a place; use {}",
                    names.join(", ")
                )));
            };
            map.insert(*column, header.trim().to_owned());
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
        for (column, _, synonyms) in &SYNONYMS {
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
                let (_, _, synonyms) = match SYNONYMS.iter().find(|(c, _, _)| *c == column) {
                    Some(found) => *found,
                    None => continue,
                };
                let meant = |header: &str| synonyms.contains(&plain(header).as_str());
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
