//! Distances and areas on the ground.

use hunter_contracts::GeoPoint;

/// Mean radius of the Earth in metres (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Metres between two positions along the surface (haversine formula).
pub(crate) fn distance_m(a: GeoPoint, b: GeoPoint) -> f64 {
    let (lat_a, lat_b) = (a.lat.to_radians(), b.lat.to_radians());
    let half_lat = ((lat_b - lat_a) / 2.0).sin();
    let half_lon = ((b.lon - a.lon).to_radians() / 2.0).sin();
    let chord = half_lat.mul_add(half_lat, lat_a.cos() * lat_b.cos() * half_lon * half_lon);
    2.0 * EARTH_RADIUS_M * chord.clamp(0.0, 1.0).sqrt().asin()
}

/// The box around positions, without the outermost 2 % on each side (a branch in another town must
/// not stretch it), and a margin of 15 %, at least 0.03° (about 3 km).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    lat: (f64, f64),
    lon: (f64, f64),
    /// Positions that it was drawn around.
    pub(crate) count: usize,
}

impl Area {
    /// Fewest positions that make an area.
    pub(crate) const COUNT_MIN: usize = 3;

    /// Draws the box; none around fewer than [`Self::COUNT_MIN`] positions.
    pub(crate) fn around(points: &[GeoPoint]) -> Option<Self> {
        if points.len() < Self::COUNT_MIN {
            return None;
        }
        let range = |mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            let trim = values.len() / 50;
            let low = values.get(trim).copied()?;
            let high = values.iter().rev().nth(trim).copied()?;
            let margin = ((high - low) * 0.15).max(0.03);
            Some((low - margin, high + margin))
        };
        Some(Self {
            lat: range(points.iter().map(|p| p.lat).collect())?,
            lon: range(points.iter().map(|p| p.lon).collect())?,
            count: points.len(),
        })
    }

    pub(crate) fn holds(&self, point: GeoPoint) -> bool {
        (self.lat.0..=self.lat.1).contains(&point.lat)
            && (self.lon.0..=self.lon.1).contains(&point.lon)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_right_to_a_metre() {
        let salzburg = GeoPoint {
            lat: 47.8,
            lon: 13.04,
        };
        let north = GeoPoint {
            lat: 47.801,
            lon: 13.04,
        };
        assert!((distance_m(salzburg, north) - 111.19).abs() < 1.0);
        assert!(distance_m(salzburg, salzburg) < 1e-6);
    }

    #[test]
    fn one_outlier_does_not_stretch_the_area() {
        let mut points: Vec<GeoPoint> = (0..60)
            .map(|i| GeoPoint {
                lat: 47.8 + f64::from(i) * 0.001,
                lon: 13.0,
            })
            .collect();
        points.push(GeoPoint {
            lat: 35.0,
            lon: 139.0,
        });
        let area = Area::around(&points).unwrap();
        assert!(area.holds(GeoPoint {
            lat: 47.82,
            lon: 13.01
        }));
        assert!(!area.holds(GeoPoint {
            lat: 40.0,
            lon: 100.0
        }));
        assert!(Area::around(&points[..2]).is_none());
    }
}
