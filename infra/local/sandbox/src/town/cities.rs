//! The cities: where they are, how they write addresses and number telephones.

use super::business::{Address, Location, Phone};
use crate::dice::Dice;

/// A word in the local script and, after `|`, in Latin letters where it is not derived.
pub(crate) type Bilingual = &'static str;

/// The local half of a bilingual word.
pub(crate) fn local(word: &str) -> &str {
    word.split_once('|').map_or(word, |(local, _)| local)
}

/// The Latin half of a bilingual word, transliterated where none is given.
pub(crate) fn latin(word: &str) -> String {
    let half = word.split_once('|').map_or(word, |(_, latin)| latin);
    if half.chars().all(|c| c.is_alphabetic() && (c as u32) < 0x250 || c.is_ascii()) {
        half.to_owned()
    } else {
        deunicode::deunicode(half)
    }
}

/// A city of the sandbox.
pub(crate) struct City {
    pub(crate) name: &'static str,
    pub(crate) local: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) state: &'static str,
    pub(crate) country: &'static str,
    pub(crate) country_names: &'static [&'static str],
    pub(crate) language: &'static str,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    pub(crate) utc_offset_minutes: i32,
    pub(crate) districts: &'static [Bilingual],
    pub(crate) streets: &'static [Bilingual],
    /// First part of the postal code and the number of further digits.
    pub(crate) postal: (&'static str, u32),
    /// Share of the businesses of an unfocused town, in percent.
    pub(crate) weight: u64,
}

/// Every city; weights add up to 100.
pub(crate) const CITIES: [City; 12] = [
    City {
        name: "Mumbai", local: "Mumbai", aliases: &["Bombay", "मुंबई"], state: "Maharashtra",
        country: "IN", country_names: &["India", "Bharat", "भारत"], language: "en",
        latitude: 19.0760, longitude: 72.8777, utc_offset_minutes: 330,
        districts: &["Bandra West", "Andheri East", "Powai", "Dadar West", "Colaba", "Juhu",
            "Malad West", "Chembur", "Borivali West", "Lower Parel", "Ghatkopar East", "Worli"],
        streets: &["Hill Road", "Linking Road", "S.V. Road", "Turner Road", "Link Road",
            "Station Road", "Gokhale Road", "Carter Road", "L.J. Road", "Veera Desai Road"],
        postal: ("4000", 2), weight: 52,
    },
    City {
        name: "Pune", local: "Pune", aliases: &["Poona", "पुणे"], state: "Maharashtra",
        country: "IN", country_names: &["India", "Bharat", "भारत"], language: "en",
        latitude: 18.5204, longitude: 73.8567, utc_offset_minutes: 330,
        districts: &["Kothrud", "Aundh", "Viman Nagar", "Baner", "Koregaon Park", "Hadapsar"],
        streets: &["Karve Road", "F.C. Road", "Baner Road", "M.G. Road", "Law College Road"],
        postal: ("4110", 2), weight: 5,
    },
    City {
        name: "Munich", local: "München", aliases: &["Muenchen", "Munchen"], state: "Bayern",
        country: "DE", country_names: &["Germany", "Deutschland"], language: "de",
        latitude: 48.1372, longitude: 11.5755, utc_offset_minutes: 60,
        districts: &["Schwabing", "Haidhausen", "Sendling", "Pasing", "Neuhausen", "Giesing"],
        streets: &["Lindenstraße", "Gartenweg", "Kastanienallee", "Mühlgasse", "Schulstraße"],
        postal: ("80", 3), weight: 7,
    },
    City {
        name: "Salzburg", local: "Salzburg", aliases: &[], state: "Salzburg",
        country: "AT", country_names: &["Austria", "Österreich"], language: "de",
        latitude: 47.8095, longitude: 13.0550, utc_offset_minutes: 60,
        districts: &["Maxglan", "Gnigl", "Lehen", "Parsch", "Aigen", "Riedenburg"],
        streets: &["Ahornweg", "Brunnengasse", "Kirchenstraße", "Uferstraße", "Rosengasse"],
        postal: ("502", 1), weight: 4,
    },
    City {
        name: "Lyon", local: "Lyon", aliases: &["Lyons"], state: "Auvergne-Rhône-Alpes",
        country: "FR", country_names: &["France"], language: "fr",
        latitude: 45.7640, longitude: 4.8357, utc_offset_minutes: 60,
        districts: &["Croix-Rousse", "Part-Dieu", "Monplaisir", "Vaise", "Gerland", "Ainay"],
        streets: &["rue des Tilleuls", "avenue des Écoles", "rue du Marché", "quai des Brumes",
            "place de l'Horloge"],
        postal: ("6900", 1), weight: 5,
    },
    City {
        name: "Osaka", local: "大阪市", aliases: &["大阪", "Ōsaka"], state: "大阪府",
        country: "JP", country_names: &["Japan", "日本", "Nippon"], language: "ja",
        latitude: 34.6937, longitude: 135.5023, utc_offset_minutes: 540,
        districts: &["北区|Kita-ku", "中央区|Chuo-ku", "天王寺区|Tennoji-ku", "西区|Nishi-ku",
            "福島区|Fukushima-ku", "阿倍野区|Abeno-ku"],
        streets: &["桜橋|Sakurabashi", "緑町|Midoricho", "本通|Hondori", "松ヶ枝|Matsugae",
            "若葉台|Wakabadai"],
        postal: ("530-00", 2), weight: 5,
    },
    City {
        name: "Guadalajara", local: "Guadalajara", aliases: &["GDL"], state: "Jalisco",
        country: "MX", country_names: &["Mexico", "México"], language: "es",
        latitude: 20.6597, longitude: -103.3496, utc_offset_minutes: -360,
        districts: &["Providencia", "Chapalita", "Americana", "Santa Tere", "Oblatos",
            "Jardines del Bosque"],
        streets: &["Calle de los Fresnos", "Avenida de las Rosas", "Calle del Molino",
            "Calle Olivos", "Avenida del Sol"],
        postal: ("44", 3), weight: 5,
    },
    City {
        name: "Valencia", local: "Valencia", aliases: &["València"], state: "Comunitat Valenciana",
        country: "ES", country_names: &["Spain", "España"], language: "es",
        latitude: 39.4699, longitude: -0.3763, utc_offset_minutes: 60,
        districts: &["Ruzafa", "El Carmen", "Benimaclet", "Patraix", "Campanar", "Cabanyal"],
        streets: &["Calle del Olivo", "Calle de la Acequia", "Avenida del Puente",
            "Calle de los Naranjos", "Plaza del Pilar"],
        postal: ("460", 2), weight: 3,
    },
    City {
        name: "Thessaloniki", local: "Θεσσαλονίκη", aliases: &["Salonica", "Saloniki"],
        state: "Κεντρική Μακεδονία", country: "GR",
        country_names: &["Greece", "Ελλάδα", "Hellas"], language: "el",
        latitude: 40.6401, longitude: 22.9444, utc_offset_minutes: 120,
        districts: &["Καλαμαριά", "Τούμπα", "Άνω Πόλη", "Ντεπώ", "Λαδάδικα", "Χαριλάου"],
        streets: &["Οδός Ελιάς", "Οδός Κήπων", "Λεωφόρος Ακτής", "Οδός Μύλων", "Οδός Πηγής"],
        postal: ("546 ", 2), weight: 3,
    },
    City {
        name: "Novi Sad", local: "Нови Сад", aliases: &["Novi-Sad"], state: "Војводина",
        country: "RS", country_names: &["Serbia", "Србија", "Srbija"], language: "sr",
        latitude: 45.2671, longitude: 19.8335, utc_offset_minutes: 60,
        districts: &["Лиман", "Грбавица", "Петроварадин", "Детелинара", "Подбара", "Телеп"],
        streets: &["Улица липа", "Јеврејска улица", "Дунавска улица", "Винарска улица",
            "Булевар воћњака"],
        postal: ("210", 2), weight: 3,
    },
    City {
        name: "Austin", local: "Austin", aliases: &[], state: "TX",
        country: "US", country_names: &["USA", "United States", "America"], language: "en",
        latitude: 30.2672, longitude: -97.7431, utc_offset_minutes: -360,
        districts: &["Hyde Park", "Zilker", "Mueller", "Clarksville", "Barton Hills", "East Side"],
        streets: &["Pecan Grove Rd", "Elm Ridge Dr", "Old Mill Ln", "Live Oak St",
            "Cedar Bend Ave"],
        postal: ("787", 2), weight: 5,
    },
    City {
        name: "Leeds", local: "Leeds", aliases: &[], state: "West Yorkshire",
        country: "GB", country_names: &["United Kingdom", "UK", "England", "Great Britain"],
        language: "en", latitude: 53.8008, longitude: -1.5491, utc_offset_minutes: 0,
        districts: &["Headingley", "Chapel Allerton", "Horsforth", "Roundhay", "Meanwood",
            "Holbeck"],
        streets: &["Orchard Lane", "Mill Street", "Station Parade", "Beech Grove", "Priory Road"],
        postal: ("LS", 0), weight: 3,
    },
];

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
        let phone = |national: String, international: String| Phone { national, international };
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
                phone(format!("04 65 71 {a:02} {b:02}"), format!("+33 4 65 71 {a:02} {b:02}"))
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
                phone(format!("({area}) 555-01{n:02}"), format!("+1 {area}-555-01{n:02}"))
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
        let latin_line =
            line(&latin(street), &latin(district), self.name, &latin(self.state), country);
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
                line(local(street), local(district), self.local, self.state, local_country)
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
        let place = self.districts.iter().position(|name| *name == district).unwrap_or_default();
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

/// The city with this English name, local name or alias.
pub(crate) fn city_named(name: &str) -> Option<&'static City> {
    let wanted = name.trim().to_lowercase();
    CITIES.iter().find(|city| {
        city.name.to_lowercase() == wanted
            || city.local.to_lowercase() == wanted
            || city.aliases.iter().any(|alias| alias.to_lowercase() == wanted)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn weights_add_up_to_a_hundred() {
        assert_eq!(CITIES.iter().map(|city| city.weight).sum::<u64>(), 100);
    }

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

    #[test]
    fn cities_are_found_in_any_script() {
        assert_eq!(city_named("大阪").unwrap().name, "Osaka");
        assert_eq!(city_named("нови сад").unwrap().name, "Novi Sad");
        assert!(city_named("Atlantis").is_none());
    }
}
