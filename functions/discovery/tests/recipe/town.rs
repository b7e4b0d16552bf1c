//! The businesses of a small town, the way a reader of OpenStreetMap's files would make them.

use hunter_contracts::GeoPoint;
use hunter_core::ports::RawPlace;

/// A record out of OpenStreetMap tags, the way a reader of files would make it.
pub(crate) fn record(
    id: &str,
    name: &str,
    position: (f64, f64),
    tags: &[(&str, &str)],
) -> RawPlace {
    let tag = |wanted: &str| {
        let found = tags.iter().find(|(key, _)| *key == wanted);
        found.map(|(_, value)| (*value).to_owned())
    };
    let street = tag("addr:street");
    let city = tag("addr:city");
    RawPlace {
        source_id: id.into(),
        name: (!name.is_empty()).then(|| name.into()),
        phones: tag("phone").into_iter().collect(),
        emails: tag("email").into_iter().collect(),
        website: tag("website"),
        address: street
            .clone()
            .zip(city.clone())
            .map(|(s, c)| format!("{s}, {c}")),
        street,
        city,
        position: Some(GeoPoint {
            lat: position.0,
            lon: position.1,
        }),
        categories: tag("amenity").into_iter().chain(tag("shop")).collect(),
        tags: tags.iter().map(|&(k, v)| (k.into(), v.into())).collect(),
        opening_hours: tag("opening_hours"),
        record_url: format!("https://www.openstreetmap.org/{id}"),
        as_of: "2026-02-01T00:00:00Z".parse().unwrap(),
        ..RawPlace::default()
    }
}

pub(crate) const DENTIST: (&str, &str) = ("amenity", "dentist");
pub(crate) const TOWN: (&str, &str) = ("addr:city", "Musterstadt");

pub(crate) fn small_town() -> Vec<RawPlace> {
    let mut places = vec![
        record(
            "node/1",
            "Praxis Dr. Adler",
            (47.80, 13.04),
            &[
                DENTIST,
                TOWN,
                ("addr:street", "Hauptstraße 1"),
                ("phone", "+43 662 870870"),
                ("website", "https://www.adler.example.at/?utm_source=maps"),
                ("email", "Praxis@Adler.example.at"),
                ("opening_hours", "Mo-Fr 08:00-16:00"),
                ("healthcare:speciality", "implantology"),
            ],
        ),
        // The same practice, drawn as a building.
        record(
            "way/2",
            "Praxis Dr. Adler",
            (47.8001, 13.0401),
            &[DENTIST, ("wheelchair", "yes")],
        ),
        record(
            "node/3",
            "Zahnarzt Berger",
            (47.801, 13.041),
            &[
                DENTIST,
                TOWN,
                ("addr:street", "Am Platz 3"),
                ("phone", "0662 870871"),
                ("website", "facebook.com/berger"),
            ],
        ),
        // Nothing but a name and a place on the map.
        record("node/4", "Dr. Cerny", (47.802, 13.042), &[DENTIST]),
        record(
            "node/5",
            "Orthodontie Dorn",
            (47.803, 13.043),
            &[
                ("healthcare", "doctor"),
                ("healthcare:speciality", "orthodontics"),
                TOWN,
                ("addr:street", "Allee 5"),
                ("phone", "+43 662 870872"),
                ("website", "dorn.example.at"),
                ("opening_hours", "Mo-Th 09:00-15:00"),
            ],
        ),
        record(
            "node/6",
            "Dr. Ebner",
            (48.20, 16.37),
            &[DENTIST, ("addr:city", "Wien")],
        ),
        record(
            "node/7",
            "Schuhhaus Fink",
            (47.80, 13.04),
            &[("shop", "shoes"), TOWN],
        ),
        record("node/8", "", (47.80, 13.04), &[DENTIST, TOWN]),
        record(
            "node/9",
            "Dental Closed Club",
            (47.80, 13.05),
            &[DENTIST, TOWN],
        ),
        record(
            "node/10",
            "歯科 田中",
            (47.804, 13.044),
            &[
                DENTIST,
                TOWN,
                ("addr:street", "Gasse 9"),
                ("website", "tanaka.example.at"),
            ],
        ),
    ];
    places[8].closed = false;
    places
}
