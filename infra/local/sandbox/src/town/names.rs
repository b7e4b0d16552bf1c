//! Names of people, by culture. All persons are fictional.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::business::Person;
use super::cities::{Bilingual, City, latin, local};
use crate::data::data;
use crate::dice::Dice;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Culture {
    #[serde(borrow)]
    first: Vec<&'static str>,
    last: Vec<Bilingual>,
    /// The family name comes first and without a space.
    family_first: bool,
}

static CULTURES: LazyLock<BTreeMap<&str, Culture>> = LazyLock::new(|| data!("names.toml"));

#[expect(
    clippy::unwrap_used,
    reason = "a test looks up the culture of every city"
)]
fn culture(city: &City) -> &'static Culture {
    CULTURES.get(city.culture).unwrap()
}

/// A person of the city.
pub(crate) fn person(city: &City, dice: &mut Dice) -> Person {
    let Culture {
        first,
        last,
        family_first,
    } = culture(city);
    let (first, last) = (dice.word(first), dice.word(last));
    let name = if *family_first {
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
