//! Places as JSON, and the field mask.

use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use super::vocabulary::VOCABULARY;
use crate::town::{Business, City, city_of};

/// Which fields an answer has.
pub(super) struct Mask {
    everything: bool,
    token: bool,
    /// Paths inside a place; empty means the whole place.
    paths: Vec<Vec<String>>,
}

impl Mask {
    pub(super) fn parse(header: Option<&str>) -> Result<Self, Refusal> {
        let Some(header) = header.filter(|header| !header.is_empty()) else {
            return Err(Refusal::invalid(
                "FieldMask is a required parameter. See \
                 https://cloud.google.com/apis/docs/system-parameters on how to provide it. As an \
                 example, you can set the header 'X-Goog-FieldMask' to value \
                 'places.displayName,places.id' to ask for the display name and the place id of \
                 a place. You can also set the value to '*' in manual testing to get all the \
                 available response fields. Note that spaces are not allowed.",
            ));
        };
        let mut mask = Self {
            everything: false,
            token: false,
            paths: Vec::new(),
        };
        for path in header.split(',') {
            match path {
                "*" => mask.everything = true,
                "nextPageToken" => mask.token = true,
                _ => mask.paths.push(place_path(header, path)?),
            }
        }
        Ok(mask)
    }

    pub(super) fn wants_places(&self) -> bool {
        self.everything || !self.paths.is_empty()
    }

    pub(super) fn wants_token(&self) -> bool {
        self.everything || self.token
    }

    /// The asked fields of a place.
    pub(super) fn of_place(&self, place: Value) -> Value {
        if self.everything || self.paths.iter().any(Vec::is_empty) {
            return place;
        }
        let mut kept = Value::Object(Map::new());
        for path in &self.paths {
            copy(&place, &mut kept, path);
        }
        kept
    }
}

/// Copies what is at `path`, keeping what was copied before.
fn copy(from: &Value, to: &mut Value, path: &[String]) {
    let Some((first, rest)) = path.split_first() else {
        *to = from.clone();
        return;
    };
    let (Some(value), Some(target)) = (from.get(first), to.as_object_mut()) else {
        return;
    };
    copy(
        value,
        target.entry(first.clone()).or_insert_with(|| json!({})),
        rest,
    );
}

/// `places` or `places.field…`; a space or an unknown name is refused as Google does.
fn place_path(header: &str, path: &str) -> Result<Vec<String>, Refusal> {
    let unknown = || {
        let text = format!(
            "Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
        );
        Refusal::field("Request contains an invalid argument.", header, &text)
    };
    let mut parts = path.split('.');
    if parts.next() != Some("places") {
        return Err(unknown());
    }
    let path: Vec<String> = parts
        .map(str::to_owned)
        .filter(|part| part != "*")
        .collect();
    match path.first() {
        Some(first) if !VOCABULARY.knows(first) => Err(unknown()),
        _ => Ok(path),
    }
}

/// A place with all fields that the town knows.
pub(super) fn place(business: &Business, language: Option<&str>) -> Value {
    let city = city_of(business.city);
    let terms = business.category.terms();
    let types = &terms.google_types;
    let point = business.location;
    let corner =
        |by: f64| json!({ "latitude": point.latitude + by, "longitude": point.longitude + by });
    // Names stay as they are on the sign; addresses follow the language that was asked for.
    let latin = language.is_some_and(|asked| !asked.starts_with(city.language));
    let address = &business.address;
    let formatted = if latin {
        &address.formatted_latin
    } else {
        &address.formatted
    };
    let mut place = Map::new();
    let mut put = |name: &str, value: Value| place.insert(name.to_owned(), value);
    put("name", json!(format!("places/{}", business.place_id)));
    put("id", json!(business.place_id));
    put("types", json!(types));
    put("primaryType", json!(types.first()));
    put(
        "primaryTypeDisplayName",
        json!({ "text": business.category.english(), "languageCode": "en-US" }),
    );
    put("formattedAddress", json!(formatted));
    put(
        "shortFormattedAddress",
        json!(format!(
            "{} {}, {}",
            address.street, address.house_number, business.district
        )),
    );
    put("addressComponents", components(business, city.country));
    put(
        "location",
        json!({ "latitude": point.latitude, "longitude": point.longitude }),
    );
    put(
        "viewport",
        json!({ "low": corner(-0.00135), "high": corner(0.00135) }),
    );
    put(
        "googleMapsUri",
        json!(format!("https://maps.google.com/?cid={}", business.seed)),
    );
    put("businessStatus", json!(business.status.as_google()));
    put(
        "displayName",
        json!({ "text": business.name, "languageCode": business.language }),
    );
    put("utcOffsetMinutes", json!(city.utc_offset_minutes));
    put("regularOpeningHours", hours(terms.hours));
    if let Some(phone) = business.phones.first() {
        put("nationalPhoneNumber", json!(phone.national));
        put("internationalPhoneNumber", json!(phone.international));
    }
    if let Some(rating) = business.rating {
        put("rating", json!((rating * 10.0).round() / 10.0));
        put("userRatingCount", json!(business.review_count));
    }
    if let Some(url) = &business.website_url {
        put("websiteUri", json!(url));
    }
    Value::Object(place)
}

/// Degrees from a city's middle to the edges of its viewport: all its districts lie within.
const CITY_HALF: f64 = 0.08;

/// A city as a place: an area, not a business.
pub(super) fn city(city: &City) -> Value {
    let corner =
        |by: f64| json!({ "latitude": city.latitude + by, "longitude": city.longitude + by });
    let id = format!("ChIJ-city-{}", city.name.replace(' ', "-"));
    json!({
        "name": format!("places/{id}"),
        "id": id,
        "types": ["locality", "political"],
        "primaryType": "locality",
        "formattedAddress": format!("{}, {}", city.name, city.country_names.first().unwrap_or(&"")),
        "location": { "latitude": city.latitude, "longitude": city.longitude },
        "viewport": { "low": corner(-CITY_HALF), "high": corner(CITY_HALF) },
        "displayName": { "text": city.name, "languageCode": "en" },
        "utcOffsetMinutes": city.utc_offset_minutes,
    })
}

fn components(business: &Business, country: &str) -> Value {
    let part = |text: &str, kind: &str| {
        json!({
            "longText": text, "shortText": text, "types": [kind],
            "languageCode": business.language,
        })
    };
    json!([
        part(&business.address.house_number, "street_number"),
        part(&business.address.street, "route"),
        part(&business.district, "sublocality_level_1"),
        part(business.city_local, "locality"),
        part(country, "country"),
        part(&business.address.postal_code, "postal_code"),
    ])
}

fn hours(daily: &str) -> Value {
    let days = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
    ];
    let lines: Vec<String> = days.iter().map(|day| format!("{day}: {daily}")).collect();
    json!({ "weekdayDescriptions": lines })
}
