//! Whether two names are one person's, and whether a mailbox is a person's.

use hunter_contracts::EmailAddress;
use unicode_normalization::UnicodeNormalization;

/// Titles and forms of address that are not part of a name.
const TITLES: &str = "dr prof professor med dent phil jur rer nat dipl ing mag msc bsc mba phd md dds dmd esq jr \
    sr herr frau mr mrs ms miss sir dott dra dottssa shri smt";

/// A name's words in a form to compare: lower case, without accents, titles and punctuation;
/// `Kumar, Rajesh` in its usual order. `ae`, `oe` and `ue` are how the umlauts are also written.
fn words(name: &str) -> Vec<String> {
    let turned = match name.split_once(',') {
        // What follows a comma is a title or the first name.
        Some((last, first)) if !folded(first).iter().all(|w| is_title(w)) => {
            format!("{first} {last}")
        }
        Some((name, _)) => name.to_owned(),
        None => name.to_owned(),
    };
    let mut words = folded(&turned);
    words.retain(|word| !is_title(word));
    words
}

fn is_title(word: &str) -> bool {
    TITLES.split_whitespace().any(|title| title == word)
}

fn folded(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace('ß', "ss")
        .split(|c: char| !c.is_alphanumeric() && !"'’\u{300}\u{301}\u{308}".contains(c))
        .map(fold)
        .filter(|word| !word.is_empty())
        .collect()
}

/// Without accents and apostrophes; `ö` and `oe` become `o`.
fn fold(word: &str) -> String {
    let bare: String = word.nfd().filter(|c| c.is_alphanumeric()).collect();
    let mut out = String::with_capacity(bare.len());
    let mut letters = bare.chars().peekable();
    while let Some(letter) = letters.next() {
        out.push(letter);
        if "aou".contains(letter) && letters.peek() == Some(&'e') {
            letters.next();
        }
    }
    out
}

/// Whether two names are one person's: the same last word, and first words that are the same or of
/// which one is the other's initial. Words in the middle do not count; a last name alone is nobody
/// for certain.
pub(crate) fn same_person(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    let ends = |words: &[String]| -> Option<(String, String)> {
        let (first, rest) = words.split_first()?;
        Some((first.clone(), rest.last()?.clone()))
    };
    let (Some((first, last)), Some((their_first, their_last))) = (ends(&one), ends(&other)) else {
        return false;
    };
    let initial = |short: &str, long: &str| short.chars().count() == 1 && long.starts_with(short);
    last == their_last
        && (first == their_first || initial(&first, &their_first) || initial(&their_first, &first))
}

/// Whether a mailbox is called like a person: by the last name, the first name, or an initial and
/// the last name, written in any order and with anything in between.
pub(crate) fn is_mailbox_of(address: &EmailAddress, name: &str) -> bool {
    let local = address.local().split('+').next().unwrap_or_default();
    let name = words(name);
    let (Some(first), Some(last)) = (name.first(), name.last()) else {
        return false;
    };
    let parts: Vec<String> = local
        .split(|c: char| !c.is_alphabetic())
        .map(|part| fold(&part.to_lowercase()))
        .filter(|part| part.len() >= 2)
        .collect();
    let initial: String = first.chars().take(1).collect();
    let whole = [
        format!("{first}{last}"),
        format!("{last}{first}"),
        format!("{initial}{last}"),
        format!("{last}{initial}"),
    ];
    parts
        .iter()
        .any(|part| part == last || part == first || whole.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_is_written_in_many_ways() {
        for (one, other) in [
            ("Rajesh Kumar", "Dr. Rajesh Kumar"),
            ("Rajesh Kumar", "Kumar, Rajesh"),
            ("Dr. med. dent. Anna Müller", "Anna Mueller"),
            ("Anna Müller", "anna muller"),
            ("J. Smith", "John Smith"),
            ("John F. Smith", "John Smith, DDS"),
            ("José García", "Jose Garcia"),
            ("Seán O'Neil", "Sean ONeil"),
            ("Jörg Groß", "Joerg Gross"),
        ] {
            assert!(same_person(one, other), "{one} / {other}");
            assert!(same_person(other, one), "{other} / {one}");
        }
        for (one, other) in [
            ("Rajesh Kumar", "Ramesh Kumar"),
            ("Anna Müller", "Anna Meier"),
            ("Smith", "John Smith"),
            ("John", "John"),
            ("Dr.", "Dr."),
            ("", ""),
            ("J. Smith", "A. Smith"),
        ] {
            assert!(!same_person(one, other), "{one} / {other}");
        }
    }

    #[test]
    fn mailboxes_are_called_like_their_owners() {
        let is = |address: &str, name| is_mailbox_of(&address.parse().unwrap(), name);
        let name = "Dr. Anna Müller";
        for own in [
            "anna.mueller@x.de",
            "mueller@x.de",
            "muller@x.de",
            "a.mueller@x.de",
            "amueller@x.de",
            "muellera@x.de",
            "anna@x.de",
            "Anna_Mueller2@x.de",
            "mueller+praxis@x.de",
        ] {
            assert!(is(own, name), "{own}");
        }
        for other in ["info@x.de", "anna-lena.meier@y.de2", "m@x.de", "meier@x.de"] {
            let named = other.starts_with("anna");
            assert_eq!(is(other, name), named, "{other}");
        }
        assert!(!is("dr@x.de", "Dr."));
    }
}
