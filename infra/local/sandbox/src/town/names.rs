//! Names of people, by culture. All persons are fictional.

use super::business::Person;
use super::cities::{Bilingual, City, latin, local};
use crate::dice::Dice;

struct Culture {
    first: &'static [Bilingual],
    last: &'static [Bilingual],
    /// The family name comes first and without a space.
    family_first: bool,
}

const INDIAN: Culture = Culture {
    first: &[
        "Aarav", "Priya", "Rohan", "Ananya", "Vikram", "Meera", "Sanjay", "Kavita", "Nikhil",
        "Isha", "Farhan", "Zoya", "Rustom", "Leena", "Arjun", "Sneha", "Dev", "Tanvi",
    ],
    last: &[
        "Deshpande",
        "Mehta",
        "Iyer",
        "Kulkarni",
        "Shah",
        "D'Souza",
        "Patil",
        "Nair",
        "Khan",
        "Irani",
        "Joshi",
        "Rao",
        "Fernandes",
        "Gokhale",
        "Bhatt",
        "Menon",
        "Sawant",
        "Chitnis",
    ],
    family_first: false,
};
const GERMAN: Culture = Culture {
    first: &[
        "Katrin",
        "Jonas",
        "Ulrike",
        "Matthias",
        "Sabine",
        "Florian",
        "Jürgen",
        "Anneliese",
        "Lukas",
        "Bärbel",
        "Tobias",
        "Heike",
    ],
    last: &[
        "Huber",
        "Brandstätter",
        "Möller",
        "Schönfeld",
        "Lindner",
        "Gruber",
        "Weiß",
        "Rosenauer",
        "Kessler",
        "Bäumler",
        "Ziegler",
        "Hofmann",
    ],
    family_first: false,
};
const FRENCH: Culture = Culture {
    first: &[
        "Hélène",
        "Étienne",
        "Camille",
        "Benoît",
        "Margaux",
        "Théo",
        "Solène",
        "Rémi",
        "Aurélie",
        "François",
    ],
    last: &[
        "Marchand",
        "Lefèvre",
        "Rousselin",
        "Besançon",
        "Garnier",
        "Dupré",
        "Chevallier",
        "Montfort",
        "Perrin",
        "Aubry",
    ],
    family_first: false,
};
const JAPANESE: Culture = Culture {
    first: &[
        "健太|Kenta",
        "美咲|Misaki",
        "大輔|Daisuke",
        "由美|Yumi",
        "翔|Sho",
        "陽子|Yoko",
        "直樹|Naoki",
        "恵|Megumi",
        "拓也|Takuya",
        "彩|Aya",
    ],
    last: &[
        "田中|Tanaka",
        "山本|Yamamoto",
        "森田|Morita",
        "小川|Ogawa",
        "西村|Nishimura",
        "藤井|Fujii",
        "岡本|Okamoto",
        "青木|Aoki",
        "松田|Matsuda",
        "石井|Ishii",
    ],
    family_first: true,
};
const SPANISH: Culture = Culture {
    first: &[
        "Lucía", "Andrés", "Marisol", "Íñigo", "Ximena", "Joaquín", "Paloma", "Rubén", "Beatriz",
        "Germán",
    ],
    last: &[
        "Ibáñez",
        "Castañeda",
        "Montero",
        "Peñalver",
        "Aguilar",
        "Zúñiga",
        "Salcedo",
        "Ordóñez",
        "Villaseñor",
        "Ferrer",
    ],
    family_first: false,
};
const GREEK: Culture = Culture {
    first: &[
        "Ελένη",
        "Νίκος",
        "Μαρία",
        "Γιώργος",
        "Κατερίνα",
        "Στέλιος",
        "Δήμητρα",
        "Αντώνης",
    ],
    last: &[
        "Παπαδάκης",
        "Αντωνίου",
        "Καραγιάννης",
        "Μαυρίδης",
        "Νικολαΐδης",
        "Σταθόπουλος",
        "Βασιλείου",
        "Θεοδωρίδης",
    ],
    family_first: false,
};
const SERBIAN: Culture = Culture {
    first: &[
        "Јелена",
        "Милош",
        "Драгана",
        "Никола",
        "Љиљана",
        "Стефан",
        "Ивана",
        "Ђорђе",
    ],
    last: &[
        "Јовановић",
        "Петровић",
        "Стојић",
        "Његован",
        "Ћирић",
        "Марковић",
        "Лукић",
        "Живанов",
    ],
    family_first: false,
};
const ENGLISH: Culture = Culture {
    first: &[
        "Hannah", "Marcus", "Joanne", "Caleb", "Rosa", "Dwayne", "Imogen", "Theo", "Bridget",
        "Elliot", "Naomi", "Gareth",
    ],
    last: &[
        "Whitlock",
        "Delgado",
        "Harrow",
        "Pemberton",
        "Okafor",
        "Lindqvist",
        "Brannigan",
        "Ashworth",
        "Tran",
        "Castellan",
        "Moorhouse",
        "Fairweather",
    ],
    family_first: false,
};

fn culture(city: &City) -> &'static Culture {
    match city.country {
        "IN" => &INDIAN,
        "DE" | "AT" => &GERMAN,
        "FR" => &FRENCH,
        "JP" => &JAPANESE,
        "MX" | "ES" => &SPANISH,
        "GR" => &GREEK,
        "RS" => &SERBIAN,
        _ => &ENGLISH,
    }
}

/// A person of the city.
pub(crate) fn person(city: &City, dice: &mut Dice) -> Person {
    let culture = culture(city);
    let (first, last) = (dice.word(culture.first), dice.word(culture.last));
    let name = if culture.family_first {
        format!("{}{}", local(last), local(first))
    } else {
        format!("{} {}", local(first), local(last))
    };
    Person {
        name,
        first_latin: latin(first),
        last_latin: latin(last),
        last: local(last).to_owned(),
    }
}

/// Letters, digits and hyphens for host names and paths: Latin, lower case.
pub(crate) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in deunicode::deunicode(text).chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if c != '\'' && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_latin() {
        assert_eq!(
            slug("Zahnärzte am D'Souza-Platz!"),
            "zahnarzte-am-dsouza-platz"
        );
        assert_eq!(slug("  Ελιά & Σία "), "elia-sia");
    }
}
