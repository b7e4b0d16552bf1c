//! Whom a message greets: a named person where one is known, else the business by its name.

use hunter_contracts::{Fact, FactKind, Lead, Tone};

use super::usable::business_name;
use crate::words::text::nameable;

/// Whom the message speaks to.
#[derive(Debug, Clone)]
pub(crate) enum Addressee<'a> {
    /// A person that a fact names.
    Person {
        fact: &'a Fact,
        /// As the tone addresses them.
        name: String,
    },
    /// The business.
    Business(String),
    /// Nobody can be named.
    Nobody,
}

/// Words before a name that are not part of it.
const TITLES: [&str; 16] = [
    "dr", "prof", "mr", "mrs", "ms", "miss", "herr", "frau", "dipl", "ing", "mag", "dott", "dra",
    "med", "dent", "shri",
];
/// Parts of an address that name a function, not a person.
const FUNCTIONS: &str = "info contact kontakt office hello hallo mail post praxis sales support service admin team \
    reception rezeption booking buero kanzlei empfang contacto accueil enquiries welcome";
/// Words beside a name that show who leads.
const LEADING: [&str; 13] = [
    "owner",
    "founder",
    "inhaber",
    "principal",
    "managing",
    "director",
    "geschäftsführ",
    "ceo",
    "manager",
    "gérant",
    "propriet",
    "head of",
    "partner",
];

/// Chooses whom to greet in a message to `recipient`. A person is greeted by the address's owner's
/// name; at a function's address (`info@`) the person who leads, or the only one that is known.
pub(crate) fn addressee<'a>(lead: &'a Lead, recipient: &str, tone: &Tone) -> Addressee<'a> {
    let people: Vec<(&Fact, Vec<String>, bool)> = lead
        .facts
        .iter()
        .filter(|fact| fact.kind == FactKind::Person)
        .filter_map(|fact| person(&fact.value).map(|(words, titled)| (fact, words, titled)))
        .collect();
    let local = recipient
        .split_once('@')
        .map(|(local, _)| local.to_lowercase());
    let parts: Vec<&str> = local
        .as_deref()
        .map(|l| {
            l.split(['.', '_', '-', '+'])
                .filter(|p| p.len() >= 2)
                .collect()
        })
        .unwrap_or_default();
    let owner = people.iter().find(|(_, words, _)| {
        words
            .iter()
            .any(|word| parts.contains(&word.to_lowercase().as_str()))
    });
    let of_a_function = FUNCTIONS
        .split_whitespace()
        .any(|name| parts.contains(&name))
        || local.is_none();
    let leader = people.iter().find(|(fact, _, _)| {
        let quote = fact.evidence.quote.to_lowercase();
        LEADING.iter().any(|word| quote.contains(word))
    });
    let only = people.first().filter(|_| people.len() == 1);
    let chosen = owner.or_else(|| leader.or(only).filter(|_| of_a_function));
    if let Some((fact, words, titled)) = chosen {
        return Addressee::Person {
            fact,
            name: address(words, *titled, tone),
        };
    }
    business_name(lead).map_or(Addressee::Nobody, Addressee::Business)
}

/// The words of a person's name without titles, and whether it bore `Dr`; `None` where it does not
/// look like a name.
fn person(value: &str) -> Option<(Vec<String>, bool)> {
    let name = nameable(value)?;
    let name = name.split(',').next().unwrap_or_default();
    let letter = |c: char| c.is_alphabetic() || "'’-. ".contains(c) || c > '\u{2ff}';
    if !name.chars().all(letter) || name.chars().any(|c| c.is_numeric()) {
        return None;
    }
    let bare = |word: &str| word.trim_end_matches('.').to_lowercase();
    let titled = name.split_whitespace().any(|word| bare(word) == "dr");
    let words: Vec<String> = name
        .split_whitespace()
        .filter(|word| !TITLES.contains(&bare(word).as_str()))
        .map(str::to_owned)
        .collect();
    let capital = words.iter().all(|word| {
        let first = word.chars().next();
        first.is_some_and(|c| !c.is_lowercase()) || word.chars().count() <= 3
    });
    ((1..=5).contains(&words.len()) && capital).then_some((words, titled))
}

/// First name for the warm tones, else the full name; names in scripts that put the family first or
/// are written without spaces stay whole.
fn address(words: &[String], titled: bool, tone: &Tone) -> String {
    let full = words.join(" ");
    let latin = full.chars().all(|c| !c.is_alphabetic() || c < '\u{250}');
    let first = words
        .first()
        .filter(|w| w.chars().count() > 1 && !w.ends_with('.'));
    match (tone, first) {
        (Tone::Friendly | Tone::SalesFocused, Some(first)) if latin && !titled => first.clone(),
        _ if titled && latin => format!("Dr. {full}"),
        _ => full,
    }
}

#[cfg(test)]
mod tests {
    use hunter_contracts::{Evidence, LeadId};

    use super::*;

    fn lead(people: &[(&str, &str)]) -> Lead {
        let mut lead = Lead::new(LeadId::derived("lead", "1"));
        lead.name = Some("Apollo Dental".into());
        for (name, quote) in people {
            let evidence = Evidence {
                url: "https://apollo.example/team".into(),
                quote: (*quote).into(),
                fetched_at: jiff::Timestamp::UNIX_EPOCH,
            };
            lead.add_fact(FactKind::Person, (*name).into(), None, evidence);
        }
        lead
    }

    fn greeted(people: &[(&str, &str)], recipient: &str, tone: Tone) -> String {
        match addressee(&lead(people), recipient, &tone) {
            Addressee::Person { name, .. } | Addressee::Business(name) => name,
            Addressee::Nobody => String::new(),
        }
    }

    #[test]
    fn the_owner_of_the_address_is_greeted() {
        let two = [
            ("Ana Silva", "Ana Silva, hygienist"),
            ("Rajesh Kumar", "Rajesh Kumar"),
        ];
        assert_eq!(
            greeted(&two, "rajesh@apollo.example", Tone::Friendly),
            "Rajesh"
        );
        assert_eq!(
            greeted(&two, "r.kumar@apollo.example", Tone::Professional),
            "Rajesh Kumar"
        );
        // Somebody else's address, and an unknown person is never guessed from it.
        assert_eq!(
            greeted(&two, "tom.jones@apollo.example", Tone::Friendly),
            "Apollo Dental"
        );
        assert_eq!(
            greeted(&[], "rajesh@apollo.example", Tone::Friendly),
            "Apollo Dental"
        );
    }

    #[test]
    fn at_a_functions_address_the_leader_or_the_only_person_is_greeted() {
        let two = [
            ("Ana Silva", "Ana Silva, hygienist"),
            ("Dr. Rajesh Kumar", "Owner"),
        ];
        assert_eq!(
            greeted(&two, "info@apollo.example", Tone::Friendly),
            "Dr. Rajesh Kumar"
        );
        let equals = [("Ana Silva", "hygienist"), ("Tom Jones", "hygienist")];
        assert_eq!(
            greeted(&equals, "info@apollo.example", Tone::Friendly),
            "Apollo Dental"
        );
        assert_eq!(
            greeted(&equals[..1], "info@apollo.example", Tone::Friendly),
            "Ana"
        );
        let japanese = [("佐藤 花子", "院長 佐藤 花子")];
        assert_eq!(
            greeted(&japanese, "info@apollo.example", Tone::Friendly),
            "佐藤 花子"
        );
    }

    #[test]
    fn what_is_no_name_is_not_greeted() {
        for bad in [
            "Our friendly dental care team",
            "Click here",
            "Room 12",
            "a <b>x</b>",
        ] {
            assert_eq!(
                greeted(&[(bad, "owner")], "info@a.example", Tone::Friendly),
                "Apollo Dental"
            );
        }
    }
}
