//! How cities write addresses and number telephones.

use super::business::{Address, Location, Phone};
use super::cities::{Bilingual, City, latin, local};
use crate::dice::Dice;

/// Texas area codes; each has a hundred numbers 555-01xx that are kept for fiction.
const TEXAS_AREA_CODES: [&str; 24] = [
    "512", "737", "210", "214", "254", "281", "325", "361", "409", "430", "432", "469", "682",
    "713", "726", "806", "817", "830", "832", "903", "915", "936", "940", "956",
];

impl City {
    /// The `index`-th telephone number of the city; `None` when the range is used up.
    ///
    /// Ranges kept for fiction where they exist: US 555-01xx (NANPA), Leeds 0113 496 0000–0999
    /// (Ofcom), München 089 99998 000–999 (Bundesnetzagentur), France 04 65 71 (Arcep).
    /// Elsewhere numbers of valid length with `555` in front.
    pub(crate) fn phone(&self, index: usize) -> Option<Phone> {
        let within = |limit: usize| (index < limit).then_some(index);
        let phone = |national: String, international: String| Phone {
            national,
            international,
        };
        let found = match self.name {
            "Mumbai" => {
                let n = within(10_000)?;
                phone(format!("022 5555 {n:04}"), format!("+91 22 5555 {n:04}"))
            }
            "Pune" => {
                let n = within(10_000)?;
                phone(format!("020 5555 {n:04}"), format!("+91 20 5555 {n:04}"))
            }
            "Munich" => {
                let n = within(1_000)?;
                phone(format!("089 99998{n:03}"), format!("+49 89 99998{n:03}"))
            }
            "Salzburg" => {
                let n = within(10_000)?;
                phone(format!("0662 55{n:04}"), format!("+43 662 55{n:04}"))
            }
            "Lyon" => {
                let n = within(10_000)?;
                let (a, b) = (n / 100, n % 100);
                phone(
                    format!("04 65 71 {a:02} {b:02}"),
                    format!("+33 4 65 71 {a:02} {b:02}"),
                )
            }
            "Osaka" => {
                let n = within(10_000)?;
                phone(format!("06-6555-{n:04}"), format!("+81 6-6555-{n:04}"))
            }
            "Guadalajara" => {
                let n = within(10_000)?;
                phone(format!("33 3555 {n:04}"), format!("+52 33 3555 {n:04}"))
            }
            "Valencia" => {
                let n = within(1_000)?;
                phone(format!("960 55 5{n:03}"), format!("+34 960 55 5{n:03}"))
            }
            "Thessaloniki" => {
                let n = within(1_000)?;
                phone(format!("231 055 5{n:03}"), format!("+30 231 055 5{n:03}"))
            }
            "Novi Sad" => {
                let n = within(10_000)?;
                phone(format!("021 555{n:04}"), format!("+381 21 555{n:04}"))
            }
            "Austin" => {
                let area = TEXAS_AREA_CODES.get(index / 100)?;
                let n = index % 100;
                phone(
                    format!("({area}) 555-01{n:02}"),
                    format!("+1 {area}-555-01{n:02}"),
                )
            }
            _ => {
                let n = within(1_000)?;
                phone(format!("0113 496 0{n:03}"), format!("+44 113 496 0{n:03}"))
            }
        };
        Some(found)
    }

    /// An address in the district.
    pub(crate) fn address(&self, district: Bilingual, dice: &mut Dice) -> Address {
        let street = dice.word(self.streets);
        let house_number = dice.between(1, 148).to_string();
        let (prefix, digits) = self.postal;
        let postal_code = if self.country == "GB" {
            format!("LS{} {}XX", dice.between(1, 29), dice.between(1, 9))
        } else {
            let number = dice.between(1, 10_u64.pow(digits) - 1);
            format!("{prefix}{number:0width$}", width = digits as usize)
        };
        let country = self.country_names.first().copied().unwrap_or_default();
        let line = |street: &str, district: &str, city: &str, state: &str, country: &str| {
            let n = &house_number;
            let code = &postal_code;
            match self.country {
                "IN" => {
                    format!("{n}, {street}, {district}, {city}, {state} {code}, {country}")
                }
                "DE" | "AT" => format!("{street} {n}, {code} {city}-{district}, {country}"),
                "FR" => format!("{n} {street}, {code} {city}, {country}"),
                "MX" => format!("{street} {n}, {district}, {code} {city}, {state}, {country}"),
                "ES" | "GR" => format!("{street} {n}, {district}, {city} {code}, {country}"),
                "RS" => format!("{street} {n}, {district}, {city} {code}, {country}"),
                "GB" => format!("{n} {street}, {district}, {city} {code}, {country}"),
                _ => format!("{n} {street}, {city}, {state} {code}, {country}"),
            }
        };
        let latin_line = line(
            &latin(street),
            &latin(district),
            self.name,
            &latin(self.state),
            country,
        );
        let formatted = match self.country {
            "JP" => format!(
                "日本、〒{postal_code} {}{}{}{}{house_number}",
                self.state,
                self.local,
                local(district),
                local(street)
            ),
            _ => {
                let local_country = match self.country {
                    "DE" => "Deutschland",
                    "AT" => "Österreich",
                    "MX" => "México",
                    "ES" => "España",
                    "GR" => "Ελλάδα",
                    "RS" => "Србија",
                    _ => country,
                };
                line(
                    local(street),
                    local(district),
                    self.local,
                    self.state,
                    local_country,
                )
            }
        };
        Address {
            street: local(street).to_owned(),
            house_number,
            postal_code,
            formatted,
            formatted_latin: latin_line,
        }
    }

    /// A point in the district: districts lie on a ring around the centre.
    pub(crate) fn locate(&self, district: Bilingual, dice: &mut Dice) -> Location {
        let place = self
            .districts
            .iter()
            .position(|name| *name == district)
            .unwrap_or_default();
        let turn = place as f64 / self.districts.len().max(1) as f64 * std::f64::consts::TAU;
        let radius = 0.025 + 0.02 * (place % 3) as f64;
        let jitter = |dice: &mut Dice| (dice.unit() - 0.5) * 0.02;
        let degrees = |value: f64| (value * 1e7).round() / 1e7;
        Location {
            latitude: degrees(self.latitude + radius * turn.sin() + jitter(dice)),
            longitude: degrees(self.longitude + radius * turn.cos() + jitter(dice)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::cities::{CITIES, city_named};

    #[test]
    fn telephone_numbers_do_not_repeat_within_a_city() {
        for city in &CITIES {
            let numbers: BTreeSet<String> = (0..1_000)
                .filter_map(|index| city.phone(index))
                .map(|phone| phone.international)
                .collect();
            assert_eq!(numbers.len(), 1_000, "{}", city.name);
        }
    }

    #[test]
    fn united_states_numbers_stay_in_the_range_kept_for_fiction() {
        let austin = city_named("austin").unwrap();
        assert!((0..2_400).all(|n| austin.phone(n).unwrap().national.contains(" 555-01")));
        assert_eq!(austin.phone(2_400), None);
    }
}
