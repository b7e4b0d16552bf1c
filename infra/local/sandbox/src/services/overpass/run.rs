//! Runs a script on the town's map.

use std::collections::BTreeMap;

use serde_json::Value;

use super::elements::{Element, all};
use super::parse::{Filter, Kind, Query, Script, Statement};
use crate::town::{CITIES, City, Location, OsmKind, Town};

/// A set of a script.
#[derive(Clone, Default)]
struct Set {
    elements: BTreeMap<(OsmKind, i64), Element>,
    areas: Vec<Area>,
}

/// An area of the map: a city or a country.
#[derive(Clone, Copy)]
enum Area {
    City(&'static str),
    Country(&'static str),
}

/// The elements of all `out` statements, in order.
pub(super) fn run(town: &Town, script: &Script) -> Vec<Value> {
    let mut machine = Machine {
        town,
        bbox: script.bbox,
        sets: BTreeMap::new(),
        printed: Vec::new(),
    };
    for statement in &script.statements {
        let result = machine.execute(statement);
        if let Some((name, set)) = result {
            machine.sets.insert(name, set);
        }
    }
    machine.printed
}

struct Machine<'t> {
    town: &'t Town,
    bbox: Option<[f64; 4]>,
    sets: BTreeMap<String, Set>,
    printed: Vec<Value>,
}

impl Machine<'_> {
    /// The set that a statement makes and its name, `_` when it has none.
    fn execute(&mut self, statement: &Statement) -> Option<(String, Set)> {
        match statement {
            Statement::Query(query) => {
                let set = self.query(query);
                Some((query.into.clone().unwrap_or_else(|| "_".to_owned()), set))
            }
            Statement::Union(parts, into) => {
                let mut union = Set::default();
                for part in parts {
                    let Some((name, set)) = self.execute(part) else {
                        continue;
                    };
                    union.elements.extend(set.elements.clone());
                    union.areas.extend(set.areas.iter().copied());
                    self.sets.insert(name, set);
                }
                Some((into.clone().unwrap_or_else(|| "_".to_owned()), union))
            }
            Statement::Set(name) => Some(("_".to_owned(), self.set(name))),
            Statement::Recurse => {
                let mut points = Set::default();
                for element in self.set("_").elements.values().flat_map(Element::corners) {
                    points.elements.insert((element.kind, element.id), element);
                }
                Some(("_".to_owned(), points))
            }
            Statement::Out(out) => {
                let limit = out.limit.unwrap_or(usize::MAX);
                let set = self.set("_");
                self.printed
                    .extend(set.elements.values().take(limit).map(|e| e.json(out)));
                None
            }
        }
    }

    fn set(&self, name: &str) -> Set {
        self.sets.get(name).cloned().unwrap_or_default()
    }

    fn query(&self, query: &Query) -> Set {
        if query.kind == Kind::Area {
            return Set {
                areas: areas(&query.filters),
                ..Set::default()
            };
        }
        let found = all(self.town).filter(|element| {
            element.is(query.kind)
                && self.bbox.is_none_or(|bbox| within(bbox, element.location))
                && query
                    .filters
                    .iter()
                    .all(|filter| self.passes(filter, element))
        });
        let elements = found
            .map(|element| ((element.kind, element.id), element))
            .collect();
        Set {
            elements,
            areas: Vec::new(),
        }
    }

    fn passes(&self, filter: &Filter, element: &Element) -> bool {
        let tag = |key: &str| element.tags.get(key).map(String::as_str);
        match filter {
            Filter::Has(key) => tag(key).is_some(),
            Filter::HasNot(key) => tag(key).is_none(),
            Filter::Equals(key, value) => tag(key) == Some(value),
            Filter::Differs(key, value) => tag(key) != Some(value),
            Filter::Matches(key, pattern) => tag(key).is_some_and(|tag| pattern.is_match(tag)),
            Filter::MatchesNot(key, pattern) => !tag(key).is_some_and(|tag| pattern.is_match(tag)),
            Filter::Around {
                radius_m,
                latitude,
                longitude,
            } => {
                let center = Location {
                    latitude: *latitude,
                    longitude: *longitude,
                };
                center.distance_m(element.location) <= *radius_m
            }
            Filter::Bbox(bbox) => within(*bbox, element.location),
            Filter::Id(ids) => ids.contains(&element.id),
            Filter::Area(name) => self.set(name).areas.iter().any(|area| match area {
                Area::City(city) => *city == element.city,
                Area::Country(country) => *country == element.country,
            }),
        }
    }
}

/// South, west, north, east.
fn within([south, west, north, east]: [f64; 4], point: Location) -> bool {
    (south..=north).contains(&point.latitude) && (west..=east).contains(&point.longitude)
}

/// Cities and countries that the filters of an `area` statement select.
fn areas(filters: &[Filter]) -> Vec<Area> {
    let mut areas = Vec::new();
    for city in CITIES.iter() {
        if selects(filters, &city_tags(city)) {
            areas.push(Area::City(city.name));
        }
        if selects(filters, &country_tags(city)) {
            areas.push(Area::Country(city.country));
        }
    }
    areas
}

fn city_tags(city: &City) -> Vec<(&'static str, &'static str)> {
    vec![
        ("name", city.local),
        ("name", city.name),
        ("name:en", city.name),
        ("int_name", city.name),
        ("boundary", "administrative"),
        ("place", "city"),
        ("admin_level", "4"),
        ("admin_level", "6"),
        ("admin_level", "8"),
    ]
}

fn country_tags(city: &City) -> Vec<(&'static str, &'static str)> {
    let mut tags = vec![
        ("ISO3166-1", city.country),
        ("ISO3166-1:alpha2", city.country),
        ("boundary", "administrative"),
        ("admin_level", "2"),
    ];
    tags.extend(city.country_names.iter().map(|name| ("name", *name)));
    tags.extend(city.country_names.first().map(|name| ("name:en", *name)));
    tags
}

/// Whether an area passes. A key may have several values here, so that a client finds a city by
/// its English and by its local name.
fn selects(filters: &[Filter], tags: &[(&str, &str)]) -> bool {
    let any = |key: &str, test: &dyn Fn(&str) -> bool| {
        tags.iter().any(|(name, value)| *name == key && test(value))
    };
    filters.iter().all(|filter| match filter {
        Filter::Has(key) => any(key, &|_| true),
        Filter::HasNot(key) => !any(key, &|_| true),
        Filter::Equals(key, wanted) => any(key, &|value| value == wanted),
        Filter::Differs(key, wanted) => !any(key, &|value| value == wanted),
        Filter::Matches(key, pattern) => any(key, &|value| pattern.is_match(value)),
        Filter::MatchesNot(key, pattern) => !any(key, &|value| pattern.is_match(value)),
        // The sandbox's areas have no ids and no outlines.
        Filter::Around { .. } | Filter::Bbox(_) | Filter::Area(_) | Filter::Id(_) => false,
    })
}
