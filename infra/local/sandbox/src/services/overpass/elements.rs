//! The town as OpenStreetMap would have it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::parse::{Kind, Out};
use crate::dice::mix;
use crate::town::{Business, Location, OsmKind, Town};

/// Points of an outline.
const CORNERS: i64 = 4;

/// An object of the map.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub(super) kind: OsmKind,
    pub(super) id: i64,
    pub(super) location: Location,
    pub(super) tags: BTreeMap<&'static str, String>,
    /// City of the business; corners of outlines have the same.
    pub(super) city: &'static str,
    pub(super) country: &'static str,
}

/// Every tagged object.
pub(super) fn all(town: &Town) -> impl Iterator<Item = Element> {
    town.businesses().iter().filter_map(element)
}

fn element(business: &Business) -> Option<Element> {
    let osm = business.osm?;
    Some(Element {
        kind: osm.kind,
        id: osm.id,
        location: business.location,
        tags: tags(business),
        city: business.city,
        country: business.country,
    })
}

/// Tags as mappers leave them: some things are missing, some are under `contact:`.
fn tags(business: &Business) -> BTreeMap<&'static str, String> {
    let dice = mix(business.seed, &["osm"]);
    let contact = dice.is_multiple_of(4);
    let mut tags: BTreeMap<&'static str, String> = business
        .category
        .terms()
        .osm_tags
        .iter()
        .map(|(key, value)| (*key, (*value).to_owned()))
        .collect();
    tags.insert("name", business.name.clone());
    if business.name != business.name_latin {
        tags.insert("name:en", business.name_latin.clone());
    }
    if !dice.is_multiple_of(5) {
        tags.insert("addr:street", business.address.street.clone());
        tags.insert("addr:housenumber", business.address.house_number.clone());
        tags.insert("addr:postcode", business.address.postal_code.clone());
        tags.insert("addr:city", business.city_local.to_owned());
        tags.insert("addr:country", business.country.to_owned());
    }
    if let (Some(phone), false) = (business.phones.first(), dice.is_multiple_of(3)) {
        let key = if contact { "contact:phone" } else { "phone" };
        tags.insert(key, phone.international.clone());
    }
    if let (Some(host), false) = (&business.website, dice.is_multiple_of(7)) {
        let key = if contact {
            "contact:website"
        } else {
            "website"
        };
        // Some mappers write the bare host.
        let bare = dice.is_multiple_of(11);
        tags.insert(
            key,
            if bare {
                host.clone()
            } else {
                format!("http://{host}/")
            },
        );
    }
    if let (Some(email), true) = (business.emails.first(), dice.is_multiple_of(6)) {
        let key = if contact { "contact:email" } else { "email" };
        tags.insert(key, email.address.clone());
    }
    if dice.is_multiple_of(2) {
        tags.insert("opening_hours", "Mo-Sa 09:30-18:30".to_owned());
    }
    tags
}

impl Element {
    pub(super) fn is(&self, kind: Kind) -> bool {
        match kind {
            Kind::Node => self.kind == OsmKind::Node,
            Kind::Way => self.kind == OsmKind::Way,
            Kind::NodeOrWay | Kind::Any => true,
            Kind::Relation | Kind::Area => false,
        }
    }

    /// Ids of the outline's points.
    fn corner_ids(&self) -> impl Iterator<Item = i64> {
        let first = self.id * 10;
        (0..CORNERS).map(move |corner| first + corner)
    }

    /// The outline's points, which have no tags.
    pub(super) fn corners(&self) -> Vec<Self> {
        if self.kind == OsmKind::Node {
            return Vec::new();
        }
        let around = [
            (0.0001, 0.0001),
            (0.0001, -0.0001),
            (-0.0001, -0.0001),
            (-0.0001, 0.0001),
        ];
        self.corner_ids()
            .zip(around)
            .map(|(id, (north, east))| Self {
                kind: OsmKind::Node,
                id,
                location: Location {
                    latitude: self.location.latitude + north,
                    longitude: self.location.longitude + east,
                },
                tags: BTreeMap::new(),
                city: self.city,
                country: self.country,
            })
            .collect()
    }

    pub(super) fn json(&self, out: &Out) -> Value {
        let rounded = |degrees: f64| (degrees * 1e7).round() / 1e7;
        let (lat, lon) = (
            rounded(self.location.latitude),
            rounded(self.location.longitude),
        );
        let mut object = Map::new();
        object.insert(
            "type".into(),
            json!(if self.kind == OsmKind::Node {
                "node"
            } else {
                "way"
            }),
        );
        object.insert("id".into(), json!(self.id));
        if out.ids_only {
            return Value::Object(object);
        }
        if self.kind == OsmKind::Node {
            object.insert("lat".into(), json!(lat));
            object.insert("lon".into(), json!(lon));
        } else {
            if out.center {
                object.insert("center".into(), json!({ "lat": lat, "lon": lon }));
            }
            // An outline is closed: the first point is also the last.
            let mut points: Vec<i64> = self.corner_ids().collect();
            points.extend(self.corner_ids().take(1));
            object.insert("nodes".into(), json!(points));
        }
        if !self.tags.is_empty() {
            object.insert("tags".into(), json!(self.tags));
        }
        Value::Object(object)
    }
}
