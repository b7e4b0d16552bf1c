//! The documented shapes of requests and answers.

use hunter_contracts::{GeoPoint, RejectedRecord, RejectionKind};
use hunter_core::ports::RawPlace;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::grid::Area;

/// A page's request. All but `page_token` must be the same for every page of a query.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SearchRequest<'a> {
    pub(super) text_query: &'a str,
    pub(super) page_size: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location_restriction: Option<Restriction>,
}

/// Results outside of it are not returned. Text Search takes rectangles only.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Restriction {
    pub(super) rectangle: Viewport,
}

/// A rectangle on the map. Where `low` lies east of `high` it crosses the 180th meridian.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Viewport {
    pub(super) low: LatLng,
    pub(super) high: LatLng,
}

impl From<Area> for Restriction {
    fn from(area: Area) -> Self {
        let point = |at: GeoPoint| LatLng {
            latitude: at.lat,
            longitude: at.lon,
        };
        Self {
            rectangle: Viewport {
                low: point(area.low),
                high: point(area.high),
            },
        }
    }
}

/// A page. Without results the service answers `{}`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SearchAnswer {
    /// Read one by one, so that one odd record does not spoil the others.
    #[serde(default)]
    pub(super) places: Vec<Value>,
    #[serde(default)]
    pub(super) next_page_token: Option<String>,
}

/// What is asked of a place that is searched in.
#[derive(Debug, Deserialize)]
struct Located {
    viewport: Option<Viewport>,
    #[serde(default)]
    types: Vec<String>,
}

/// Types of places that lie in one another, as a town and its quarters do.
const AREA_TYPES: [&str; 12] = [
    "locality",
    "political",
    "postal_town",
    "postal_code",
    "neighborhood",
    "sublocality",
    "colloquial_area",
    "country",
    "administrative_area_level_1",
    "administrative_area_level_2",
    "administrative_area_level_3",
    "archipelago",
];

/// The rectangle around the first place that is an area.
pub(super) fn area(places: Vec<Value>) -> Option<Area> {
    let located = places
        .into_iter()
        .filter_map(|place| serde_json::from_value::<Located>(place).ok());
    let mut areas = located.filter(|place| {
        let types = &place.types;
        types.iter().any(|kind| AREA_TYPES.contains(&kind.as_str()))
    });
    let viewport = areas.next()?.viewport?;
    let point = |at: LatLng| GeoPoint {
        lat: at.latitude,
        lon: at.longitude,
    };
    Area::new(point(viewport.low), point(viewport.high))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    id: String,
    display_name: Option<LocalizedText>,
    formatted_address: Option<String>,
    #[serde(default)]
    address_components: Vec<AddressComponent>,
    location: Option<LatLng>,
    #[serde(default)]
    types: Vec<String>,
    primary_type: Option<String>,
    rating: Option<f64>,
    user_rating_count: Option<u64>,
    website_uri: Option<String>,
    national_phone_number: Option<String>,
    international_phone_number: Option<String>,
    business_status: Option<String>,
    google_maps_uri: Option<String>,
    regular_opening_hours: Option<OpeningHours>,
}

#[derive(Debug, Deserialize)]
struct LocalizedText {
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AddressComponent {
    #[serde(default)]
    long_text: String,
    #[serde(default)]
    short_text: String,
    #[serde(default)]
    types: Vec<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct LatLng {
    pub(super) latitude: f64,
    pub(super) longitude: f64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OpeningHours {
    #[serde(default)]
    weekday_descriptions: Vec<String>,
}

/// Types that say nothing about the kind of business.
const GENERIC_TYPES: [&str; 2] = ["point_of_interest", "establishment"];

/// One record; a malformed one is unusable.
pub(super) fn place(value: Value, now: Timestamp) -> Result<RawPlace, RejectedRecord> {
    let id = value
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let read = serde_json::from_value::<Place>(value);
    let place = read.map_err(|error| RejectedRecord {
        source_id: id,
        name: None,
        kind: RejectionKind::Unusable,
        reason: format!("malformed record: {error}"),
    })?;
    Ok(place.into_raw(now))
}

impl Place {
    fn component(&self, kind: &str) -> Option<&AddressComponent> {
        self.address_components
            .iter()
            .find(|component| component.types.iter().any(|t| t == kind))
    }

    fn long_text(&self, kind: &str) -> Option<String> {
        text(self.component(kind).map(|c| c.long_text.clone()))
    }

    fn into_raw(self, now: Timestamp) -> RawPlace {
        let mut phones = Vec::new();
        // The national form is the same number again; it serves where the other is missing.
        let phone = self
            .international_phone_number
            .clone()
            .or_else(|| self.national_phone_number.clone());
        phones.extend(text(phone));
        let country = self
            .component("country")
            .map(|c| c.short_text.clone())
            .filter(|c| c.len() == 2);
        let mut categories = Vec::new();
        for kind in self.primary_type.iter().chain(&self.types) {
            if !GENERIC_TYPES.contains(&kind.as_str()) {
                crate::unique::push_new(&mut categories, kind);
            }
        }
        let number = self.long_text("street_number");
        let route = self.long_text("route");
        let hours = self.regular_opening_hours.as_ref();
        RawPlace {
            name: text(self.display_name.as_ref().map(|name| name.text.clone())),
            website: text(self.website_uri.clone()),
            address: text(self.formatted_address.clone()),
            street: route.map(|route| match number {
                Some(number) => format!("{route} {number}"),
                None => route,
            }),
            city: self
                .long_text("locality")
                .or_else(|| self.long_text("postal_town")),
            postcode: self.long_text("postal_code"),
            country,
            position: self.location.as_ref().map(|at| GeoPoint {
                lat: at.latitude,
                lon: at.longitude,
            }),
            tags: self
                .types
                .iter()
                .map(|t| ("type".to_owned(), t.clone()))
                .collect(),
            categories,
            rating: self.rating.filter(|r| (0.0..=5.0).contains(r)),
            review_count: self.user_rating_count,
            opening_hours: text(hours.map(|h| h.weekday_descriptions.join("; "))),
            closed: self.business_status.as_deref() == Some("CLOSED_PERMANENTLY"),
            record_url: self.google_maps_uri.clone().unwrap_or_else(|| {
                format!("https://www.google.com/maps/place/?q=place_id:{}", self.id)
            }),
            as_of: now,
            source_id: self.id,
            phones,
            ..RawPlace::default()
        }
    }
}

fn text(value: Option<String>) -> Option<String> {
    value.map(|v| v.trim().to_owned()).filter(|v| !v.is_empty())
}
