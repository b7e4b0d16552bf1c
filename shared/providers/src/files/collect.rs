//! Gathers the records of a file: every one is a place or is unusable with a reason.

use std::collections::HashMap;

use hunter_contracts::{GeoPoint, RejectedRecord, RejectionKind};
use hunter_core::ports::{PlaceBatch, RawPlace};
use jiff::Timestamp;

use super::osm;

/// Where a record says that it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Position {
    /// It does not say.
    Absent,
    /// It says something that is no position: not a number, out of range, or 0/0.
    Broken,
    /// There.
    At(GeoPoint),
}

impl Position {
    /// Checks a pair of degrees. 0/0 lies in the open sea and is what broken geocoders write.
    pub(crate) fn from_degrees(lat: f64, lon: f64) -> Self {
        let in_range = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        if in_range && !(lat == 0.0 && lon == 0.0) {
            Self::At(GeoPoint { lat, lon })
        } else {
            Self::Broken
        }
    }

    fn point(self) -> Option<GeoPoint> {
        match self {
            Self::At(point) => Some(point),
            Self::Absent | Self::Broken => None,
        }
    }
}

/// A batch in the making.
#[derive(Debug)]
pub(crate) struct Collector {
    /// The file's name, as in `leads.csv`; part of `record_url`.
    origin: String,
    batch: PlaceBatch,
    by_id: HashMap<String, usize>,
    broken_positions: u64,
    /// Whether a record came from OpenStreetMap.
    pub(crate) from_osm: bool,
}

impl Collector {
    pub(crate) fn new(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            batch: PlaceBatch::default(),
            by_id: HashMap::new(),
            broken_positions: 0,
            from_osm: false,
        }
    }

    /// Records so far.
    pub(crate) fn len(&self) -> usize {
        self.batch.places.len() + self.batch.unusable.len()
    }

    /// Keeps a record; `anchor` is its place in the file (`#17`, `#row12`). The same id again with
    /// the same content is unusable; with other content it is another record, and its id gets a
    /// suffix. Answers the place's index.
    pub(crate) fn keep(
        &mut self,
        mut place: RawPlace,
        position: Position,
        own_time: Option<Timestamp>,
        anchor: &str,
    ) -> Option<usize> {
        let element = osm::element_url(&place.source_id);
        self.from_osm |= element.is_some();
        place.position = position.point();
        place.record_url = element.unwrap_or_else(|| format!("file:{}{anchor}", self.origin));
        // The file's own time may stand at its end: `finish` fills it in.
        place.as_of = own_time.unwrap_or(Timestamp::MIN);
        if let Some(first) = self.by_id.get(&place.source_id) {
            if self
                .batch
                .places
                .get(*first)
                .is_some_and(|p| same(p, &place))
            {
                self.reject(
                    &place.source_id.clone(),
                    place.name,
                    "duplicate id, same content",
                );
                return None;
            }
            let plain = place.source_id.clone();
            let mut n = 2_u64;
            while self.by_id.contains_key(&place.source_id) {
                place.source_id = format!("{plain}#{n}");
                n += 1;
            }
        }
        if position == Position::Broken {
            self.broken_positions += 1;
        }
        let index = self.batch.places.len();
        self.by_id.insert(place.source_id.clone(), index);
        self.batch.places.push(place);
        Some(index)
    }

    pub(crate) fn reject(&mut self, source_id: &str, name: Option<String>, reason: &str) {
        self.batch.unusable.push(RejectedRecord {
            source_id: source_id.to_owned(),
            name,
            kind: RejectionKind::Unusable,
            reason: reason.to_owned(),
        });
    }

    /// Gives a position to a place that had none.
    pub(crate) fn locate(&mut self, index: usize, position: Position) {
        if let Some(place) = self.batch.places.get_mut(index) {
            place.position = place.position.or(position.point());
        }
    }

    /// The batch; records without a time of their own are of `as_of`.
    pub(crate) fn finish(mut self, as_of: Timestamp) -> PlaceBatch {
        for place in &mut self.batch.places {
            if place.as_of == Timestamp::MIN {
                place.as_of = as_of;
            }
        }
        if self.broken_positions > 0 {
            self.batch.limits_reached.push(format!(
                "{} records of `{}` have unreadable coordinates and are kept without a position",
                self.broken_positions, self.origin
            ));
        }
        if self.from_osm {
            self.batch.attribution = Some(osm::ATTRIBUTION.to_owned());
        }
        self.batch
    }
}

/// The same content, wherever in the file and whenever.
fn same(a: &RawPlace, b: &RawPlace) -> bool {
    let neutral = |place: &RawPlace| RawPlace {
        record_url: String::new(),
        as_of: Timestamp::MIN,
        ..place.clone()
    };
    neutral(a) == neutral(b)
}
