//! The cities of the sandbox, as data.

/// A word in the local script and, after `|`, in Latin letters where it is not derived.
pub(crate) type Bilingual = &'static str;

/// The local half of a bilingual word.
pub(crate) fn local(word: &str) -> &str {
    word.split_once('|').map_or(word, |(local, _)| local)
}

/// The Latin half of a bilingual word, transliterated where none is given.
pub(crate) fn latin(word: &str) -> String {
    let half = word.split_once('|').map_or(word, |(_, latin)| latin);
    if half
        .chars()
        .all(|c| c.is_alphabetic() && (c as u32) < 0x250 || c.is_ascii())
    {
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
        name: "Mumbai",
        local: "Mumbai",
        aliases: &["Bombay", "मुंबई"],
        state: "Maharashtra",
        country: "IN",
        country_names: &["India", "Bharat", "भारत"],
        language: "en",
        latitude: 19.0760,
        longitude: 72.8777,
        utc_offset_minutes: 330,
        districts: &[
            "Bandra West",
            "Andheri East",
            "Powai",
            "Dadar West",
            "Colaba",
            "Juhu",
            "Malad West",
            "Chembur",
            "Borivali West",
            "Lower Parel",
            "Ghatkopar East",
            "Worli",
        ],
        streets: &[
            "Hill Road",
            "Linking Road",
            "S.V. Road",
            "Turner Road",
            "Link Road",
            "Station Road",
            "Gokhale Road",
            "Carter Road",
            "L.J. Road",
            "Veera Desai Road",
        ],
        postal: ("4000", 2),
        weight: 52,
    },
    City {
        name: "Pune",
        local: "Pune",
        aliases: &["Poona", "पुणे"],
        state: "Maharashtra",
        country: "IN",
        country_names: &["India", "Bharat", "भारत"],
        language: "en",
        latitude: 18.5204,
        longitude: 73.8567,
        utc_offset_minutes: 330,
        districts: &[
            "Kothrud",
            "Aundh",
            "Viman Nagar",
            "Baner",
            "Koregaon Park",
            "Hadapsar",
        ],
        streets: &[
            "Karve Road",
            "F.C. Road",
            "Baner Road",
            "M.G. Road",
            "Law College Road",
        ],
        postal: ("4110", 2),
        weight: 5,
    },
    City {
        name: "Munich",
        local: "München",
        aliases: &["Muenchen", "Munchen"],
        state: "Bayern",
        country: "DE",
        country_names: &["Germany", "Deutschland"],
        language: "de",
        latitude: 48.1372,
        longitude: 11.5755,
        utc_offset_minutes: 60,
        districts: &[
            "Schwabing",
            "Haidhausen",
            "Sendling",
            "Pasing",
            "Neuhausen",
            "Giesing",
        ],
        streets: &[
            "Lindenstraße",
            "Gartenweg",
            "Kastanienallee",
            "Mühlgasse",
            "Schulstraße",
        ],
        postal: ("80", 3),
        weight: 7,
    },
    City {
        name: "Salzburg",
        local: "Salzburg",
        aliases: &[],
        state: "Salzburg",
        country: "AT",
        country_names: &["Austria", "Österreich"],
        language: "de",
        latitude: 47.8095,
        longitude: 13.0550,
        utc_offset_minutes: 60,
        districts: &["Maxglan", "Gnigl", "Lehen", "Parsch", "Aigen", "Riedenburg"],
        streets: &[
            "Ahornweg",
            "Brunnengasse",
            "Kirchenstraße",
            "Uferstraße",
            "Rosengasse",
        ],
        postal: ("502", 1),
        weight: 4,
    },
    City {
        name: "Lyon",
        local: "Lyon",
        aliases: &["Lyons"],
        state: "Auvergne-Rhône-Alpes",
        country: "FR",
        country_names: &["France"],
        language: "fr",
        latitude: 45.7640,
        longitude: 4.8357,
        utc_offset_minutes: 60,
        districts: &[
            "Croix-Rousse",
            "Part-Dieu",
            "Monplaisir",
            "Vaise",
            "Gerland",
            "Ainay",
        ],
        streets: &[
            "rue des Tilleuls",
            "avenue des Écoles",
            "rue du Marché",
            "quai des Brumes",
            "place de l'Horloge",
        ],
        postal: ("6900", 1),
        weight: 5,
    },
    City {
        name: "Osaka",
        local: "大阪市",
        aliases: &["大阪", "Ōsaka"],
        state: "大阪府",
        country: "JP",
        country_names: &["Japan", "日本", "Nippon"],
        language: "ja",
        latitude: 34.6937,
        longitude: 135.5023,
        utc_offset_minutes: 540,
        districts: &[
            "北区|Kita-ku",
            "中央区|Chuo-ku",
            "天王寺区|Tennoji-ku",
            "西区|Nishi-ku",
            "福島区|Fukushima-ku",
            "阿倍野区|Abeno-ku",
        ],
        streets: &[
            "桜橋|Sakurabashi",
            "緑町|Midoricho",
            "本通|Hondori",
            "松ヶ枝|Matsugae",
            "若葉台|Wakabadai",
        ],
        postal: ("530-00", 2),
        weight: 5,
    },
    City {
        name: "Guadalajara",
        local: "Guadalajara",
        aliases: &["GDL"],
        state: "Jalisco",
        country: "MX",
        country_names: &["Mexico", "México"],
        language: "es",
        latitude: 20.6597,
        longitude: -103.3496,
        utc_offset_minutes: -360,
        districts: &[
            "Providencia",
            "Chapalita",
            "Americana",
            "Santa Tere",
            "Oblatos",
            "Jardines del Bosque",
        ],
        streets: &[
            "Calle de los Fresnos",
            "Avenida de las Rosas",
            "Calle del Molino",
            "Calle Olivos",
            "Avenida del Sol",
        ],
        postal: ("44", 3),
        weight: 5,
    },
    City {
        name: "Valencia",
        local: "Valencia",
        aliases: &["València"],
        state: "Comunitat Valenciana",
        country: "ES",
        country_names: &["Spain", "España"],
        language: "es",
        latitude: 39.4699,
        longitude: -0.3763,
        utc_offset_minutes: 60,
        districts: &[
            "Ruzafa",
            "El Carmen",
            "Benimaclet",
            "Patraix",
            "Campanar",
            "Cabanyal",
        ],
        streets: &[
            "Calle del Olivo",
            "Calle de la Acequia",
            "Avenida del Puente",
            "Calle de los Naranjos",
            "Plaza del Pilar",
        ],
        postal: ("460", 2),
        weight: 3,
    },
    City {
        name: "Thessaloniki",
        local: "Θεσσαλονίκη",
        aliases: &["Salonica", "Saloniki"],
        state: "Κεντρική Μακεδονία",
        country: "GR",
        country_names: &["Greece", "Ελλάδα", "Hellas"],
        language: "el",
        latitude: 40.6401,
        longitude: 22.9444,
        utc_offset_minutes: 120,
        districts: &[
            "Καλαμαριά",
            "Τούμπα",
            "Άνω Πόλη",
            "Ντεπώ",
            "Λαδάδικα",
            "Χαριλάου",
        ],
        streets: &[
            "Οδός Ελιάς",
            "Οδός Κήπων",
            "Λεωφόρος Ακτής",
            "Οδός Μύλων",
            "Οδός Πηγής",
        ],
        postal: ("546 ", 2),
        weight: 3,
    },
    City {
        name: "Novi Sad",
        local: "Нови Сад",
        aliases: &["Novi-Sad"],
        state: "Војводина",
        country: "RS",
        country_names: &["Serbia", "Србија", "Srbija"],
        language: "sr",
        latitude: 45.2671,
        longitude: 19.8335,
        utc_offset_minutes: 60,
        districts: &[
            "Лиман",
            "Грбавица",
            "Петроварадин",
            "Детелинара",
            "Подбара",
            "Телеп",
        ],
        streets: &[
            "Улица липа",
            "Јеврејска улица",
            "Дунавска улица",
            "Винарска улица",
            "Булевар воћњака",
        ],
        postal: ("210", 2),
        weight: 3,
    },
    City {
        name: "Austin",
        local: "Austin",
        aliases: &[],
        state: "TX",
        country: "US",
        country_names: &["USA", "United States", "America"],
        language: "en",
        latitude: 30.2672,
        longitude: -97.7431,
        utc_offset_minutes: -360,
        districts: &[
            "Hyde Park",
            "Zilker",
            "Mueller",
            "Clarksville",
            "Barton Hills",
            "East Side",
        ],
        streets: &[
            "Pecan Grove Rd",
            "Elm Ridge Dr",
            "Old Mill Ln",
            "Live Oak St",
            "Cedar Bend Ave",
        ],
        postal: ("787", 2),
        weight: 5,
    },
    City {
        name: "Leeds",
        local: "Leeds",
        aliases: &[],
        state: "West Yorkshire",
        country: "GB",
        country_names: &["United Kingdom", "UK", "England", "Great Britain"],
        language: "en",
        latitude: 53.8008,
        longitude: -1.5491,
        utc_offset_minutes: 0,
        districts: &[
            "Headingley",
            "Chapel Allerton",
            "Horsforth",
            "Roundhay",
            "Meanwood",
            "Holbeck",
        ],
        streets: &[
            "Orchard Lane",
            "Mill Street",
            "Station Parade",
            "Beech Grove",
            "Priory Road",
        ],
        postal: ("LS", 0),
        weight: 3,
    },
];

/// The city with this English name, local name or alias.
pub(crate) fn city_named(name: &str) -> Option<&'static City> {
    let wanted = name.trim().to_lowercase();
    CITIES.iter().find(|city| {
        city.name.to_lowercase() == wanted
            || city.local.to_lowercase() == wanted
            || city
                .aliases
                .iter()
                .any(|alias| alias.to_lowercase() == wanted)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_add_up_to_a_hundred() {
        assert_eq!(CITIES.iter().map(|city| city.weight).sum::<u64>(), 100);
    }

    #[test]
    fn cities_are_found_in_any_script() {
        assert_eq!(city_named("大阪").unwrap().name, "Osaka");
        assert_eq!(city_named("нови сад").unwrap().name, "Novi Sad");
        assert!(city_named("Atlantis").is_none());
    }
}
