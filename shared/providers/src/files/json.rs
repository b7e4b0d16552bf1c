//! Overpass JSON and GeoJSON, read element by element: the whole tree is never in memory.
//!
//! Overpass: <https://wiki.openstreetmap.org/wiki/OSM_JSON>. GeoJSON: RFC 7946, with the properties
//! flat as overpass-turbo writes them or nested under `properties.tags`.

use std::{collections::HashMap, fmt, io::Read, marker::PhantomData};

use hunter_core::ports::PlaceBatch;
use jiff::Timestamp;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Value};

use super::{
    collect::{Collector, Position},
    columns::ColumnMap,
    geometry::{Extent, GeometrySeed},
    osm,
    tags::Tags,
};

/// What a document held.
#[derive(Debug)]
pub(crate) struct JsonPlaces {
    pub(crate) batch: PlaceBatch,
    /// Overpass's `remark`: `runtime error: …` means that the answer is not whole.
    pub(crate) remark: Option<String>,
    /// Named columns that no record had.
    pub(crate) unseen: Vec<String>,
}

/// Reads a document; `origin` names it in record addresses, `as_of` dates it where it does not
/// date itself.
///
/// # Errors
/// As `serde_json` says, with line and column; nesting beyond 128 levels is an error.
pub(crate) fn parse(
    reader: impl Read,
    origin: &str,
    columns: &ColumnMap,
    as_of: Timestamp,
) -> Result<JsonPlaces, serde_json::Error> {
    let mut document = Document::new(origin, columns.clone());
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    DocumentSeed(&mut document).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(document.finish(as_of))
}

struct Document {
    collector: Collector,
    /// Positions of nodes, for ways that name their nodes and have no centre of their own.
    nodes: HashMap<i64, (f64, f64)>,
    /// Places without a position, with their nodes.
    ways: Vec<(usize, Vec<i64>)>,
    data_time: Option<Timestamp>,
    remark: Option<String>,
    from_osm: bool,
    columns: ColumnMap,
    unseen: Vec<String>,
}

impl Document {
    fn new(origin: &str, columns: ColumnMap) -> Self {
        Self {
            unseen: columns.headers(),
            columns,
            collector: Collector::new(origin),
            nodes: HashMap::new(),
            ways: Vec::new(),
            data_time: None,
            remark: None,
            from_osm: false,
        }
    }

    /// Lets columns that the customer named, and in files of other origin the common names, fill the
    /// keys that OpenStreetMap uses.
    fn translate(&mut self, id: &str, tags: &mut Tags) {
        self.unseen.retain(|header| !tags.contains_key(header));
        self.columns.fill(tags, osm::element_url(id).is_none());
    }

    fn add_element(&mut self, mut element: Element) {
        let anchor = format!("#{}", self.collector.len() + 1);
        let id = match (&element.kind, element.id) {
            (Some(kind), Some(id)) => format!("{kind}/{id}"),
            _ => anchor.clone(),
        };
        let position = element.position();
        if let (Some("node"), Some(id), Position::At(point)) =
            (element.kind.as_deref(), element.id, position)
        {
            self.nodes.insert(id, (point.lat, point.lon));
        }
        if element.tags.is_empty() {
            self.collector.reject(&id, None, "no tags");
            return;
        }
        self.translate(&id, &mut element.tags);
        let place = osm::place_from_tags(&id, &element.tags, None);
        let index = self
            .collector
            .keep(place, position, element.timestamp, &anchor);
        if let (Some(index), Position::Absent, false) = (index, position, element.nodes.is_empty())
        {
            self.ways.push((index, element.nodes));
        }
    }

    fn add_feature(&mut self, feature: Feature) {
        let anchor = format!("#{}", self.collector.len() + 1);
        let id = feature.source_id().unwrap_or_else(|| anchor.clone());
        let timestamp = feature
            .properties
            .get("@timestamp")
            .and_then(Value::as_str)
            .and_then(|t| t.parse().ok());
        let mut tags = feature_tags(feature.properties);
        if tags.is_empty() {
            self.collector.reject(&id, None, "no tags");
            return;
        }
        self.translate(&id, &mut tags);
        let place = osm::place_from_tags(&id, &tags, None);
        let position = feature.extent.center();
        self.collector.keep(place, position, timestamp, &anchor);
    }

    fn finish(mut self, as_of: Timestamp) -> JsonPlaces {
        for (index, nodes) in std::mem::take(&mut self.ways) {
            let mut extent = Extent::default();
            for (lat, lon) in nodes.iter().filter_map(|id| self.nodes.get(id)) {
                extent.add(*lat, *lon);
            }
            self.collector.locate(index, extent.center());
        }
        self.collector.from_osm |= self.from_osm;
        JsonPlaces {
            batch: self.collector.finish(self.data_time.unwrap_or(as_of)),
            remark: self.remark,
            unseen: self.unseen,
        }
    }
}

struct DocumentSeed<'a>(&'a mut Document);

impl<'de> DeserializeSeed<'de> for DocumentSeed<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for DocumentSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `elements` (Overpass) or `features` (GeoJSON)")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut found = false;
        let mut keys: Vec<String> = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "elements" => {
                    map.next_value_seed(ListSeed::<Element>::new(self.0))?;
                    found = true;
                }
                "features" => {
                    map.next_value_seed(ListSeed::<Feature>::new(self.0))?;
                    found = true;
                }
                "timestamp" => self.0.data_time = time(&map.next_value()?),
                "osm3s" => {
                    let value: Value = map.next_value()?;
                    self.0.data_time = value.get("timestamp_osm_base").and_then(time);
                    self.0.from_osm = true;
                }
                "copyright" | "attribution" => {
                    let value: Value = map.next_value()?;
                    let text = value.as_str().unwrap_or_default().to_lowercase();
                    self.0.from_osm |= text.contains("openstreetmap");
                }
                "remark" => {
                    self.0.remark = map.next_value::<Value>()?.as_str().map(str::to_owned);
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            if keys.len() < 10 {
                keys.push(key.chars().take(40).collect());
            }
        }
        if found {
            return Ok(());
        }
        Err(A::Error::custom(format!(
            "neither `elements` (Overpass) nor `features` (GeoJSON) at the top level, only: {}",
            keys.join(", ")
        )))
    }
}

fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// What a list holds.
trait Item: Default {
    /// Takes in one member.
    fn member<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;
    /// Hands the item over.
    fn store(self, document: &mut Document);
}

/// A list whose items are taken one by one.
struct ListSeed<'a, T>(&'a mut Document, PhantomData<T>);

impl<'a, T> ListSeed<'a, T> {
    fn new(document: &'a mut Document) -> Self {
        Self(document, PhantomData)
    }
}

impl<'de, T: Item> DeserializeSeed<'de> for ListSeed<'_, T> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Item> Visitor<'de> for ListSeed<'_, T> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq
            .next_element_seed(ItemSeed::<T>(self.0, PhantomData))?
            .is_some()
        {}
        Ok(())
    }
}

/// One item; what is no object is unusable and does not end the reading.
struct ItemSeed<'a, T>(&'a mut Document, PhantomData<T>);

impl<T> ItemSeed<'_, T> {
    fn reject(self) {
        let anchor = format!("#{}", self.0.collector.len() + 1);
        self.0.collector.reject(&anchor, None, "not an object");
    }
}

impl<'de, T: Item> DeserializeSeed<'de> for ItemSeed<'_, T> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Item> Visitor<'de> for ItemSeed<'_, T> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an element or a feature")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut item = T::default();
        while let Some(key) = map.next_key::<String>()? {
            item.member(&key, &mut map)?;
        }
        item.store(self.0);
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        self.reject();
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.reject();
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.reject();
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.reject();
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.reject();
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.reject();
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.reject();
        Ok(())
    }
}

/// An Overpass element.
#[derive(Default)]
struct Element {
    kind: Option<String>,
    id: Option<i64>,
    lat: Option<Value>,
    lon: Option<Value>,
    /// `out center`.
    center: Option<Value>,
    /// `out bb` and `out geom`.
    bounds: Option<Value>,
    tags: Tags,
    nodes: Vec<i64>,
    /// `out meta`.
    timestamp: Option<Timestamp>,
}

impl Item for Element {
    fn member<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "type" => self.kind = map.next_value::<Value>()?.as_str().map(str::to_owned),
            "id" => self.id = map.next_value::<Value>()?.as_i64(),
            "lat" => self.lat = Some(map.next_value()?),
            "lon" => self.lon = Some(map.next_value()?),
            "center" => self.center = Some(map.next_value()?),
            "bounds" => self.bounds = Some(map.next_value()?),
            "tags" => {
                if let Value::Object(tags) = map.next_value()? {
                    self.tags = plain_tags(tags);
                }
            }
            "nodes" => {
                let nodes: Value = map.next_value()?;
                let ids = nodes.as_array().map(Vec::as_slice).unwrap_or_default();
                self.nodes = ids.iter().filter_map(Value::as_i64).collect();
            }
            "timestamp" => self.timestamp = time(&map.next_value()?),
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn store(self, document: &mut Document) {
        document.add_element(self);
    }
}

impl Element {
    fn position(&self) -> Position {
        let nested = |of: &Option<Value>, key: &str| of.as_ref().and_then(|v| v.get(key).cloned());
        if self.lat.is_some() || self.lon.is_some() {
            return position(self.lat.as_ref(), self.lon.as_ref());
        }
        if self.center.is_some() {
            let (lat, lon) = (nested(&self.center, "lat"), nested(&self.center, "lon"));
            return position(lat.as_ref(), lon.as_ref());
        }
        if self.bounds.is_none() {
            return Position::Absent;
        }
        let mut extent = Extent::default();
        for (lat, lon) in [("minlat", "minlon"), ("maxlat", "maxlon")] {
            let (lat, lon) = (nested(&self.bounds, lat), nested(&self.bounds, lon));
            match position(lat.as_ref(), lon.as_ref()) {
                Position::At(point) => extent.add(point.lat, point.lon),
                Position::Absent | Position::Broken => return Position::Broken,
            }
        }
        extent.center()
    }
}

fn position(lat: Option<&Value>, lon: Option<&Value>) -> Position {
    let degrees = |value: Option<&Value>| match value? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    match (degrees(lat), degrees(lon)) {
        (Some(lat), Some(lon)) => Position::from_degrees(lat, lon),
        _ => Position::Broken,
    }
}

/// A GeoJSON feature.
#[derive(Default)]
struct Feature {
    id: Value,
    properties: Map<String, Value>,
    extent: Extent,
}

impl Item for Feature {
    fn member<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "id" => self.id = map.next_value()?,
            "properties" => {
                if let Value::Object(properties) = map.next_value()? {
                    self.properties = properties;
                }
            }
            "geometry" => map.next_value_seed(GeometrySeed(&mut self.extent))?,
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn store(self, document: &mut Document) {
        document.add_feature(self);
    }
}

impl Feature {
    /// `@id` (overpass-turbo), a kind and a number in the properties (osmtogeojson, OSMnx,
    /// QuickOSM), or the feature's own id.
    fn source_id(&self) -> Option<String> {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.trim().to_owned()).filter(|t| !t.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let property = |key: &str| self.properties.get(key).and_then(text);
        if let Some(id) = property("@id") {
            return Some(id);
        }
        let kind = ["type", "element", "osm_type"]
            .into_iter()
            .filter_map(property)
            .find(|kind| is_element_kind(kind));
        let number = ["id", "osm_id"]
            .into_iter()
            .filter_map(property)
            .find(|id| id.chars().all(|c| c.is_ascii_digit()));
        if let (Some(kind), Some(number)) = (kind, number) {
            return Some(format!("{kind}/{number}"));
        }
        text(&self.id).or_else(|| property("id"))
    }
}

fn is_element_kind(kind: &str) -> bool {
    matches!(kind, "node" | "way" | "relation")
}

fn feature_tags(mut properties: Map<String, Value>) -> Tags {
    if let Some(Value::Object(nested)) = properties.remove("tags") {
        return plain_tags(nested);
    }
    for key in ["id", "element", "osm_id", "osm_type", "full_id", "meta"] {
        properties.remove(key);
    }
    let describes_itself = properties
        .get("type")
        .and_then(Value::as_str)
        .is_some_and(is_element_kind);
    if describes_itself {
        properties.remove("type");
    }
    properties.retain(|key, _| !key.starts_with('@'));
    plain_tags(properties)
}

/// Texts, numbers and lists of texts; null-valued and empty keys are no tags.
fn plain_tags(values: Map<String, Value>) -> Tags {
    let mut tags = Tags::new();
    for (key, value) in values {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Array(items) => {
                let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                texts.join(";")
            }
            Value::Null | Value::Object(_) => continue,
        };
        let (key, text) = (key.trim(), text.trim());
        if !key.is_empty() && !text.is_empty() {
            tags.insert(key.to_owned(), text.to_owned());
        }
    }
    tags
}
