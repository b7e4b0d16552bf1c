//! How cities write addresses and number telephones.

use super::business::{Address, Location, Phone};
use super::cities::{Bilingual, City, latin, local};
use super::texts::fill;
use crate::dice::Dice;

impl City {
    /// The `index`-th telephone number of the city; `None` when the range is used up.
    pub(crate) fn phone(&self, index: usize) -> Option<Phone> {
        let digits = self.phone.matches('#').count();
        let range = 10_usize.pow(u32::try_from(digits).ok()?);
        let area = match self.area_codes.as_slice() {
            [] => (index < range).then_some("")?,
            codes => codes.get(index / range)?,
        };
        let counter = format!("{:0digits$}", index % range);
        let number = |pattern: &str| {
            let mut counter = counter.chars();
            let place = |c| if c == '#' { counter.next() } else { Some(c) };
            let number: String = pattern.chars().filter_map(place).collect();
            fill(&number, &[("area", area)])
        };
        Some(Phone {
            national: number(self.phone),
            international: number(self.international_phone),
        })
    }

    /// An address in the district.
    pub(crate) fn address(&self, district: Bilingual, dice: &mut Dice) -> Address {
        let street = dice.word(&self.streets);
        let house_number = dice.between(1, 148).to_string();
        let prefix = self.postal_prefix;
        let postal_code = if self.country == "GB" {
            format!("{prefix}{} {}XX", dice.between(1, 29), dice.between(1, 9))
        } else {
            let number = dice.between(1, 10_u64.pow(self.postal_digits) - 1);
            format!(
                "{prefix}{number:0width$}",
                width = self.postal_digits as usize
            )
        };
        let line = |pattern: &str, [street, district, city, state, country]: [&str; 5]| {
            let slots = [
                ("n", house_number.as_str()),
                ("code", &postal_code),
                ("street", street),
                ("district", district),
                ("city", city),
                ("state", state),
                ("country", country),
            ];
            fill(pattern, &slots)
        };
        let country = self.country_names.first().copied().unwrap_or_default();
        let (latin_street, latin_district) = (latin(street), latin(district));
        let state = latin(self.state);
        let (own_street, own_district) = (local(street), local(district));
        Address {
            street: own_street.to_owned(),
            formatted: line(
                self.local_address,
                [
                    own_street,
                    own_district,
                    self.local,
                    self.state,
                    self.local_country,
                ],
            ),
            formatted_latin: line(
                self.address,
                [&latin_street, &latin_district, self.name, &state, country],
            ),
            house_number,
            postal_code,
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
        for city in CITIES.iter() {
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
