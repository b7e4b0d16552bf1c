//! Whether records lie where the customer looks.
//!
//! Many records carry no address. A record that names another town or country is outside. One that
//! names none is judged by its position against the area of those that do name the wanted town;
//! where even that cannot be said it is kept with a lower fit, unless the source as a whole lies
//! elsewhere.

use std::collections::HashSet;

use hunter_contracts::GeoPoint;
use hunter_core::ports::RawPlace;

use crate::{
    gazetteer::{GAZETTEER, Wanted},
    geo::Area,
    text::fold,
};

/// Keys that name a larger or smaller area than the town.
const AREA_KEYS: [&str; 11] = [
    "addr:state",
    "addr:province",
    "addr:region",
    "addr:county",
    "addr:district",
    "addr:suburb",
    "addr:place",
    "addr:town",
    "addr:village",
    "addr:municipality",
    "is_in",
];

/// Fewest positions of the wanted town that let a record be rejected by position alone.
const OUTSIDE_COUNT_MIN: usize = 10;

/// How a record relates to the wanted location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocationFit {
    /// No location was asked for.
    NotAsked,
    /// The record's address names it; what was seen.
    Named(String),
    /// Its position or postcode lies among the records that name it; what was seen.
    Near(String),
    /// The source searched there, and the record names nothing else.
    SourceSearch,
    /// The record does not say where it is.
    Unknown,
}

/// What a record's own words say.
enum Stated {
    Inside(String),
    Outside(String),
    Nothing,
}

/// Why a record lies elsewhere: the class of the reason, and the reason.
pub(crate) type Elsewhere = (&'static str, String);

/// Judges all records of a source at once, since some are judged by the others.
pub(crate) fn locate(
    places: &[RawPlace],
    location: Option<&str>,
    source_filters: bool,
) -> Vec<Result<LocationFit, Elsewhere>> {
    let Some(location) = location else {
        return places.iter().map(|_| Ok(LocationFit::NotAsked)).collect();
    };
    let wanted = Wanted::of(location);
    let stated: Vec<Stated> = places.iter().map(|place| state(place, &wanted)).collect();
    let surroundings = Surroundings::of(places, &stated);
    let judge = |(place, stated): (&RawPlace, Stated)| match stated {
        Stated::Inside(seen) => Ok(LocationFit::Named(seen)),
        // The source's own geography is better than a comparison of names.
        Stated::Outside(_) | Stated::Nothing if source_filters => Ok(LocationFit::SourceSearch),
        Stated::Outside(reason) => Err(("located elsewhere", reason)),
        Stated::Nothing => surroundings.judge(place, &wanted),
    };
    places.iter().zip(stated).map(judge).collect()
}

/// What is known about the wanted place from the records that name it.
struct Surroundings {
    area: Option<Area>,
    postcodes: HashSet<String>,
    inside: usize,
    outside: usize,
}

impl Surroundings {
    fn of(places: &[RawPlace], stated: &[Stated]) -> Self {
        let mut points: Vec<GeoPoint> = Vec::new();
        let mut postcodes = HashSet::new();
        let (mut inside, mut outside) = (0_usize, 0_usize);
        for (place, stated) in places.iter().zip(stated) {
            match stated {
                Stated::Inside(_) => {
                    inside = inside.saturating_add(1);
                    points.extend(place.position);
                    postcodes.extend(place.postcode.as_deref().map(fold));
                }
                Stated::Outside(_) => outside = outside.saturating_add(1),
                Stated::Nothing => {}
            }
        }
        Self {
            area: Area::around(&points),
            postcodes,
            inside,
            outside,
        }
    }

    fn judge(&self, place: &RawPlace, wanted: &Wanted) -> Result<LocationFit, Elsewhere> {
        let text = &wanted.text;
        if let Some(code) = &place.postcode
            && self.postcodes.contains(&fold(code))
        {
            let seen = format!("no town given, but the postcode {code} of records in {text}");
            return Ok(LocationFit::Near(seen));
        }
        if let (Some(area), Some(position)) = (&self.area, place.position) {
            if area.holds(position) {
                let count = area.count;
                let seen =
                    format!("no town given, but it lies among the {count} records in {text}");
                return Ok(LocationFit::Near(seen));
            }
            // A country is no box: its outlying parts would fall out of it.
            if area.count >= OUTSIDE_COUNT_MIN && !wanted.towns.is_empty() {
                let reason = format!("no town given, and it lies outside the area of {text}");
                return Err(("located elsewhere", reason));
            }
        }
        if self.inside == 0 && self.outside > 0 {
            let reason = format!("no town given, and no record of the source names {text}");
            return Err(("located elsewhere", reason));
        }
        Ok(LocationFit::Unknown)
    }
}

/// The country that a record states: by its own field, its address, its town, or else an
/// international number.
pub(crate) fn stated_country(place: &RawPlace) -> Option<String> {
    written_country(place).or_else(|| {
        place.phones.iter().find_map(|phone| {
            let number = phonenumber::parse(None, phone.trim()).ok()?;
            let country = number.country().id()?;
            Some(country.as_ref().to_owned())
        })
    })
}

fn written_country(place: &RawPlace) -> Option<String> {
    if let Some(country) = &place.country {
        let code = country.trim().to_uppercase();
        if code.len() == 2 && code.chars().all(|c| c.is_ascii_uppercase()) {
            return Some(if code == "UK" { "GB".to_owned() } else { code });
        }
        if let Some(code) = GAZETTEER.country(country) {
            return Some(code.to_owned());
        }
    }
    let last = place.address.as_deref().and_then(|a| a.rsplit(',').next());
    if let Some(code) = last.and_then(|part| GAZETTEER.country(part)) {
        return Some(code.to_owned());
    }
    let town = place.city.as_deref()?;
    GAZETTEER.country_of_town(town).map(str::to_owned)
}

fn state(place: &RawPlace, wanted: &Wanted) -> Stated {
    // A business may use a foreign number; only where nothing else is known does it say where it is.
    let town_given = place.city.is_some() && !wanted.towns.is_empty();
    let country = if town_given {
        written_country(place)
    } else {
        stated_country(place)
    };
    if let (Some(own), Some(asked)) = (&country, &wanted.country)
        && own != asked
    {
        return Stated::Outside(format!("the country is {own}, not {asked}"));
    }
    if let (Some(own), Some(asked)) = (&place.postcode, &wanted.postcode) {
        let own_folded = fold(own).replace(' ', "");
        if own_folded == *asked {
            return Stated::Inside(format!("postcode {own}"));
        }
        if wanted.towns.is_empty() {
            return Stated::Outside(format!("the postcode is {own}, not {asked}"));
        }
    }
    if wanted.towns.is_empty() {
        return match country {
            Some(code) if wanted.postcode.is_none() => Stated::Inside(format!("country {code}")),
            _ => Stated::Nothing,
        };
    }
    state_of_town(place, wanted)
}

fn state_of_town(place: &RawPlace, wanted: &Wanted) -> Stated {
    let state_code = place.tags.iter().find(|(key, _)| key == "addr:state");
    if let (Some((_, own)), Some(asked)) = (state_code, &wanted.region)
        && own.chars().count() == 2
        && fold(own) != *asked
    {
        return Stated::Outside(format!("the state is {own}, not {}", asked.to_uppercase()));
    }
    if let Some(city) = &place.city {
        if wanted.is_town(city) {
            return Stated::Inside(format!("town {city}"));
        }
        if wanted.is_quarter(city) {
            return Stated::Inside(format!("{city}, a part of {}", wanted.text));
        }
    }
    let areas = place
        .tags
        .iter()
        .filter(|(key, _)| AREA_KEYS.contains(&key.as_str()));
    for (key, value) in areas {
        if value.split(',').any(|part| wanted.is_address_part(part)) {
            return Stated::Inside(format!("{key}={value}"));
        }
    }
    let address = place.address.as_deref().unwrap_or_default();
    if let Some(part) = address.split(',').find(|part| wanted.is_address_part(part)) {
        return Stated::Inside(format!("address with {}", part.trim()));
    }
    match &place.city {
        Some(city) => Stated::Outside(format!("the town is {city}, not {}", wanted.text)),
        None => Stated::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(city: Option<&str>, lat: f64) -> RawPlace {
        RawPlace {
            city: city.map(str::to_owned),
            position: Some(GeoPoint { lat, lon: 13.0 }),
            ..RawPlace::default()
        }
    }

    fn town() -> Vec<RawPlace> {
        (0..12)
            .map(|i| place(Some("Salzburg"), 47.80 + f64::from(i) * 0.001))
            .collect()
    }

    #[test]
    fn a_record_without_a_town_is_judged_by_its_position() {
        let mut places = town();
        places.push(place(None, 47.805));
        places.push(place(None, 48.2));
        places.push(RawPlace::default());
        places.push(place(Some("Hallein"), 47.805));
        let fits = locate(&places, Some("Salzburg"), false);
        assert!(matches!(fits[0], Ok(LocationFit::Named(_))));
        assert!(matches!(fits[12], Ok(LocationFit::Near(_))));
        assert!(fits[13].is_err());
        assert_eq!(fits[14], Ok(LocationFit::Unknown));
        assert!(fits[15].as_ref().unwrap_err().1.contains("Hallein"));
    }

    #[test]
    fn a_source_that_lies_elsewhere_gives_nothing() {
        let mut places = town();
        places.push(RawPlace::default());
        let fits = locate(&places, Some("Mumbai, India"), false);
        assert!(fits.iter().all(Result::is_err), "{fits:?}");
    }

    #[test]
    fn a_source_without_addresses_is_kept_as_unknown() {
        let places = vec![RawPlace::default(), place(None, 47.8)];
        let fits = locate(&places, Some("Salzburg"), false);
        assert!(fits.iter().all(|fit| *fit == Ok(LocationFit::Unknown)));
    }

    #[test]
    fn the_country_counts_alone_and_is_read_from_phones() {
        let austrian = RawPlace {
            phones: vec!["+43 662 870870".into()],
            ..place(None, 47.8)
        };
        let german = RawPlace {
            country: Some("DE".into()),
            ..place(None, 47.8)
        };
        let fits = locate(&[austrian, german], Some("Austria"), false);
        assert_eq!(fits[0], Ok(LocationFit::Named("country AT".into())));
        assert!(fits[1].is_err());
    }

    #[test]
    fn an_outlying_part_of_a_country_stays() {
        let mut places = town();
        places.push(place(None, 40.0));
        let fits = locate(&places, Some("Austria"), false);
        assert_eq!(fits[12], Ok(LocationFit::Unknown));
    }

    #[test]
    fn addresses_states_and_postcodes_count() {
        let google = RawPlace {
            address: Some("112 W Grand Ave, Chicago, IL 60654, USA".into()),
            ..RawPlace::default()
        };
        let fits = locate(std::slice::from_ref(&google), Some("Chicago, USA"), false);
        assert!(matches!(&fits[0], Ok(LocationFit::Named(_))), "{fits:?}");
        let by_code = RawPlace {
            postcode: Some("5020".into()),
            ..RawPlace::default()
        };
        let fits = locate(std::slice::from_ref(&by_code), Some("5020"), false);
        assert!(matches!(fits[0], Ok(LocationFit::Named(_))));
        assert!(locate(&[by_code], Some("1010"), false)[0].is_err());
    }

    #[test]
    fn a_searching_source_is_believed() {
        let fits = locate(&[place(Some("Wals"), 47.8)], Some("Salzburg"), true);
        assert_eq!(fits[0], Ok(LocationFit::SourceSearch));
    }
}
