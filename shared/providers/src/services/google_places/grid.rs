//! The area of a search, cut into quarters where one query cannot show all of it.

use hunter_contracts::GeoPoint;

/// Degrees below which a cell is not cut again: about a hundred metres.
const SIDE_MIN: f64 = 0.001;

/// How often an area is cut into quarters at a depth: not below 3, then once, twice, three times.
pub(super) const fn levels(depth: u8) -> u8 {
    match depth {
        0..=2 => 0,
        3 => 1,
        4 => 2,
        _ => 3,
    }
}

/// A rectangle on the map: its south-west and north-east corner. It crosses the 180th meridian
/// where the first lies east of the second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) low: GeoPoint,
    pub(super) high: GeoPoint,
}

impl Area {
    /// Nothing where the corners are no rectangle.
    pub(super) fn new(low: GeoPoint, high: GeoPoint) -> Option<Self> {
        let area = Self { low, high };
        let on_earth =
            |at: GeoPoint| (-90.0..=90.0).contains(&at.lat) && (-180.0..=180.0).contains(&at.lon);
        let valid = on_earth(low) && on_earth(high) && low.lat < high.lat && area.width() > 0.0;
        valid.then_some(area)
    }

    fn width(self) -> f64 {
        let width = self.high.lon - self.low.lon;
        if width < 0.0 { width + 360.0 } else { width }
    }

    /// The quarters; none where they would be too small to be worth a query.
    pub(super) fn quarters(self) -> Vec<Self> {
        let (height, width) = (self.high.lat - self.low.lat, self.width());
        if height < 2.0 * SIDE_MIN || width < 2.0 * SIDE_MIN {
            return Vec::new();
        }
        let lat = self.low.lat + height / 2.0;
        let middle = self.low.lon + width / 2.0;
        let lon = if middle > 180.0 {
            middle - 360.0
        } else {
            middle
        };
        let sides = [(self.low.lat, lat), (lat, self.high.lat)];
        let across = [(self.low.lon, lon), (lon, self.high.lon)];
        let mut quarters = Vec::with_capacity(4);
        for (south, north) in sides {
            for (west, east) in across {
                let point = |lat, lon| GeoPoint { lat, lon };
                quarters.push(Self {
                    low: point(south, west),
                    high: point(north, east),
                });
            }
        }
        quarters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(south: f64, west: f64, north: f64, east: f64) -> Option<Area> {
        let point = |lat, lon| GeoPoint { lat, lon };
        Area::new(point(south, west), point(north, east))
    }

    #[test]
    fn quarters_fill_their_area() {
        let quarters = area(51.0, 12.0, 51.4, 12.8).unwrap().quarters();
        let expected = [
            area(51.0, 12.0, 51.2, 12.4),
            area(51.0, 12.4, 51.2, 12.8),
            area(51.2, 12.0, 51.4, 12.4),
            area(51.2, 12.4, 51.4, 12.8),
        ];
        assert_eq!(quarters, expected.map(Option::unwrap));
        assert!(
            area(51.0, 12.0, 51.001, 12.001)
                .unwrap()
                .quarters()
                .is_empty()
        );
    }

    #[test]
    fn fiji_lies_on_both_sides_of_the_meridian() {
        let quarters = area(-21.0, 176.0, -12.0, -178.0).unwrap().quarters();
        assert_eq!(quarters[0], area(-21.0, 176.0, -16.5, 179.0).unwrap());
        assert_eq!(quarters[1], area(-21.0, 179.0, -16.5, -178.0).unwrap());
    }

    #[test]
    fn what_is_no_rectangle_is_none() {
        assert_eq!(area(52.0, 12.0, 51.0, 13.0), None);
        assert_eq!(area(51.0, 12.0, 51.0, 12.0), None);
        assert_eq!(area(-91.0, 12.0, 51.0, 13.0), None);
    }
}
