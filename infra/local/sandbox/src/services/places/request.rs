//! The body of a text search.

use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::vocabulary::VOCABULARY;
use crate::town::{Category, Location};

/// Places in an answer.
const PAGE_MAX: usize = 20;

/// A checked search.
pub(super) struct Search {
    pub(super) text_query: String,
    pub(super) page_size: usize,
    pub(super) page_token: Option<String>,
    pub(super) included_type: Option<String>,
    pub(super) language_code: Option<String>,
    pub(super) region_code: Option<String>,
    pub(super) min_rating: f64,
    pub(super) bias: Option<Area>,
    pub(super) restriction: Option<Area>,
}

/// A rectangle or a circle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Area {
    Rectangle { low: Location, high: Location },
    Circle { center: Location, radius_m: f64 },
}

impl Area {
    pub(super) fn contains(self, point: Location) -> bool {
        match self {
            Self::Circle { center, radius_m } => center.distance_m(point) <= radius_m,
            Self::Rectangle { low, high } => {
                let across = if low.longitude <= high.longitude {
                    (low.longitude..=high.longitude).contains(&point.longitude)
                } else {
                    // The rectangle crosses the 180th meridian.
                    point.longitude >= low.longitude || point.longitude <= high.longitude
                };
                across && (low.latitude..=high.latitude).contains(&point.latitude)
            }
        }
    }
}

impl Search {
    pub(super) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let body: Value = serde_json::from_slice(body)
            .map_err(|error| Refusal::invalid(format!("Invalid JSON payload received. {error}")))?;
        let Value::Object(body) = body else {
            return Err(Refusal::invalid(
                "Invalid JSON payload received. Expected an object.",
            ));
        };
        known(
            &body,
            "",
            &[
                &[
                    "textQuery",
                    "pageSize",
                    "pageToken",
                    "includedType",
                    "languageCode",
                    "regionCode",
                    "locationBias",
                    "locationRestriction",
                ],
                &VOCABULARY.without_effect,
            ],
        )?;
        let text_query = text(&body, "textQuery")?.unwrap_or_default();
        if text_query.trim().is_empty() {
            return Err(Refusal::invalid(
                "Empty text_query. Must provide a text_query.",
            ));
        }
        let included_type = text(&body, "includedType")?;
        if let Some(wanted) = &included_type {
            let mut types = Category::ALL
                .iter()
                .flat_map(|category| &category.terms().google_types);
            if !types.any(|kind| kind == wanted) {
                return Err(Refusal::invalid(format!("Unsupported types: {wanted}.")));
            }
        }
        let bias = area(&body, "locationBias", &["rectangle", "circle"])?;
        let restriction = area(&body, "locationRestriction", &["rectangle"])?;
        if bias.is_some() && restriction.is_some() {
            return Err(Refusal::invalid(
                "Only one of location_bias and location_restriction can be set.",
            ));
        }
        Ok(Self {
            text_query,
            page_size: page_size(&body)?,
            page_token: text(&body, "pageToken")?.filter(|token| !token.is_empty()),
            included_type,
            language_code: text(&body, "languageCode")?,
            region_code: text(&body, "regionCode")?,
            min_rating: body
                .get("minRating")
                .and_then(Value::as_f64)
                .unwrap_or_default(),
            bias,
            restriction,
        })
    }

    /// A search of nothing but a text.
    pub(super) fn of_text(text: &str) -> Self {
        Self {
            text_query: text.to_owned(),
            page_size: PAGE_MAX,
            page_token: None,
            included_type: None,
            language_code: None,
            region_code: None,
            min_rating: 0.0,
            bias: None,
            restriction: None,
        }
    }

    /// Everything that must stay the same from page to page.
    pub(super) fn identity(&self) -> String {
        format!(
            "{}|{:?}|{:?}|{:?}|{:?}|{:?}|{}",
            self.text_query,
            self.included_type,
            self.language_code,
            self.region_code,
            self.bias,
            self.restriction,
            self.min_rating
        )
    }
}

/// Refuses fields that the message does not have.
fn known(object: &Map<String, Value>, at: &str, names: &[&[&str]]) -> Result<(), Refusal> {
    for name in object.keys() {
        if !names.iter().any(|names| names.contains(&name.as_str())) {
            let place = if at.is_empty() {
                String::new()
            } else {
                format!(" at '{at}'")
            };
            let text = format!(
                "Invalid JSON payload received. Unknown name \"{name}\"{place}: Cannot find field."
            );
            return Err(Refusal::field(&text, at, &text));
        }
    }
    Ok(())
}

fn text(body: &Map<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(Refusal::invalid(format!(
            "Invalid value at '{name}' (TYPE_STRING), {other}"
        ))),
    }
}

/// 0 and absent mean the default, larger values than 20 mean 20, negative ones are refused.
fn page_size(body: &Map<String, Value>) -> Result<usize, Refusal> {
    let given = body.get("pageSize").or_else(|| body.get("maxResultCount"));
    let size = match given {
        None | Some(Value::Null) => 0,
        Some(value) => value.as_i64().ok_or_else(|| {
            Refusal::invalid(format!(
                "Invalid value at 'page_size' (TYPE_INT32), {value}"
            ))
        })?,
    };
    match usize::try_from(size) {
        Ok(0) => Ok(PAGE_MAX),
        Ok(size) => Ok(size.min(PAGE_MAX)),
        Err(_) => Err(Refusal::invalid("page_size must not be negative.")),
    }
}

fn area(body: &Map<String, Value>, name: &str, shapes: &[&str]) -> Result<Option<Area>, Refusal> {
    let Some(value) = body.get(name).and_then(Value::as_object) else {
        return Ok(None);
    };
    known(value, name, &[shapes])?;
    let bad = || Refusal::invalid(format!("Invalid {name}: a complete shape is required."));
    if let Some(circle) = value.get("circle") {
        let center = circle.get("center").and_then(point).ok_or_else(bad)?;
        let radius_m = circle
            .get("radius")
            .and_then(Value::as_f64)
            .ok_or_else(bad)?;
        if !(0.0..=50_000.0).contains(&radius_m) {
            return Err(Refusal::invalid(
                "Radius must be between 0 and 50000 meters.",
            ));
        }
        return Ok(Some(Area::Circle { center, radius_m }));
    }
    let rectangle = value.get("rectangle").ok_or_else(bad)?;
    let low = rectangle.get("low").and_then(point).ok_or_else(bad)?;
    let high = rectangle.get("high").and_then(point).ok_or_else(bad)?;
    if low.latitude > high.latitude {
        return Err(Refusal::invalid(
            "Low latitude cannot be greater than high latitude.",
        ));
    }
    Ok(Some(Area::Rectangle { low, high }))
}

fn point(value: &Value) -> Option<Location> {
    let latitude = value.get("latitude")?.as_f64()?;
    let longitude = value.get("longitude")?.as_f64()?;
    ((-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude)).then_some(
        Location {
            latitude,
            longitude,
        },
    )
}
