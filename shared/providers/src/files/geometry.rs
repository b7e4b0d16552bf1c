//! A representative point of a GeoJSON geometry (RFC 7946): the middle of its bounding box, which
//! is also what Overpass calls `center`. The coordinates stream by; none are kept.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::collect::Position;

/// A bounding box in the making.
#[derive(Debug, Default)]
pub(crate) struct Extent {
    bounds: Option<(f64, f64, f64, f64)>,
    broken: bool,
}

impl Extent {
    /// Takes in a point.
    pub(crate) fn add(&mut self, lat: f64, lon: f64) {
        if !matches!(Position::from_degrees(lat, lon), Position::At(_)) {
            self.broken = true;
            return;
        }
        let (south, west, north, east) = self.bounds.unwrap_or((lat, lon, lat, lon));
        self.bounds = Some((south.min(lat), west.min(lon), north.max(lat), east.max(lon)));
    }

    /// Its middle.
    pub(crate) fn center(&self) -> Position {
        match self.bounds {
            Some((south, west, north, east)) if !self.broken => {
                Position::from_degrees(f64::midpoint(south, north), f64::midpoint(west, east))
            }
            _ if self.broken => Position::Broken,
            _ => Position::Absent,
        }
    }
}

/// Reads a `geometry` member into an extent; anything that is no geometry counts as broken.
pub(crate) struct GeometrySeed<'a>(pub(crate) &'a mut Extent);

impl<'de> DeserializeSeed<'de> for GeometrySeed<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for GeometrySeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a GeoJSON geometry or null")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "coordinates" => {
                    map.next_value_seed(CoordinatesSeed(self.0))?;
                }
                "geometries" => map.next_value_seed(GeometrySeed(self.0))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    /// The members of a `GeometryCollection`.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(GeometrySeed(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.0.broken = true;
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.0.broken = true;
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.0.broken = true;
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.0.broken = true;
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.0.broken = true;
        Ok(())
    }
}

/// Reads coordinates of any nesting; answers the number where the value is one.
struct CoordinatesSeed<'a>(&'a mut Extent);

impl<'de> DeserializeSeed<'de> for CoordinatesSeed<'_> {
    type Value = Option<f64>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<f64>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CoordinatesSeed<'_> {
    type Value = Option<f64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("coordinates")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Option<f64>, A::Error> {
        let (mut lon, mut lat) = (None, None);
        let mut numbers = 0_usize;
        let mut members = 0_usize;
        while let Some(number) = seq.next_element_seed(CoordinatesSeed(self.0))? {
            members += 1;
            if let Some(number) = number {
                numbers += 1;
                match numbers {
                    1 => lon = Some(number),
                    2 => lat = Some(number),
                    _ => {}
                }
            }
        }
        match (lat, lon) {
            (Some(lat), Some(lon)) if numbers == members => self.0.add(lat, lon),
            // A list of lists has been taken in member by member.
            (None, None) => {}
            _ => self.0.broken = true,
        }
        Ok(None)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Option<f64>, E> {
        #[expect(clippy::cast_precision_loss, reason = "degrees are small")]
        Ok(Some(number as f64))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Option<f64>, E> {
        #[expect(clippy::cast_precision_loss, reason = "degrees are small")]
        Ok(Some(number as f64))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Option<f64>, E> {
        Ok(Some(number))
    }
    fn visit_unit<E>(self) -> Result<Option<f64>, E> {
        self.0.broken = true;
        Ok(None)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Option<f64>, E> {
        self.0.broken = true;
        Ok(None)
    }
    fn visit_str<E>(self, _: &str) -> Result<Option<f64>, E> {
        self.0.broken = true;
        Ok(None)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<f64>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.0.broken = true;
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use hunter_contracts::GeoPoint;

    use super::*;

    fn center(json: &str) -> Position {
        let mut extent = Extent::default();
        let mut deserializer = serde_json::Deserializer::from_str(json);
        GeometrySeed(&mut extent)
            .deserialize(&mut deserializer)
            .unwrap();
        extent.center()
    }

    fn at(lat: f64, lon: f64) -> Position {
        Position::At(GeoPoint { lat, lon })
    }

    #[test]
    fn every_kind_of_geometry_has_a_middle() {
        let cases = [
            (
                r#"{"type":"Point","coordinates":[13,47,440]}"#,
                at(47.0, 13.0),
            ),
            (
                r#"{"type":"LineString","coordinates":[[1,2],[3,4]]}"#,
                at(3.0, 2.0),
            ),
            (
                r#"{"coordinates":[[[0,0.5],[4,0.5],[4,2.5],[0,2.5],[0,0.5]]],"type":"Polygon"}"#,
                at(1.5, 2.0),
            ),
            (
                r#"{"type":"MultiPolygon","coordinates":[[[[1,1],[2,2]]],[[[3,5],[1,1]]]]}"#,
                at(3.0, 2.0),
            ),
            (
                r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}"#,
                at(2.0, 1.0),
            ),
            ("null", Position::Absent),
            (r#"{"type":"Polygon","coordinates":[]}"#, Position::Absent),
        ];
        for (json, expected) in cases {
            assert_eq!(center(json), expected, "{json}");
        }
    }

    #[test]
    fn what_is_no_position_is_broken() {
        for json in [
            r#"{"type":"Point","coordinates":[13,947]}"#,
            r#"{"type":"Point","coordinates":["13","47"]}"#,
            r#"{"type":"Point","coordinates":[null,47]}"#,
            r#"{"type":"Point","coordinates":[13]}"#,
            r#"{"type":"Point","coordinates":[0,0]}"#,
            r#"{"type":"Point","coordinates":{"lat":1}}"#,
            r#""POINT(13 47)""#,
        ] {
            assert_eq!(center(json), Position::Broken, "{json}");
        }
    }
}
