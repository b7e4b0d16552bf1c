//! People with a role at the business.

use std::collections::BTreeSet;

use hunter_contracts::Evidence;

use crate::dom::{Doc, Zone};
use crate::jsonld::JsonLd;
use crate::list::List;
use crate::pattern::pattern;
use crate::quote;
use crate::source::Source;

/// A person and the words that give the role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonFound {
    /// The name, with its title.
    pub name: String,
    /// The role as it is written, as in `Inhaber`.
    pub role: String,
    /// Where it stands.
    pub evidence: Evidence,
}

/// Most people of a page.
const PEOPLE_MAX: usize = 5;

macro_rules! roles {
    () => {
        r"(?i:inhaber(?:in)?|geschäftsführer(?:in)?|geschäftsführung|praxisinhaber(?:in)?|praxisleitung|gründer(?:in)?|founder|co-founder|owner|proprietor|managing\s+director|managing\s+partner|principal\s+dentist|ceo|gérante?|fondateur|fondatrice|propietari[oa]|fundador[a]?|titolare|fondatore|proprietári[oa]|vertreten\s+durch|vertretungsberechtigt\w*)"
    };
}
macro_rules! name {
    () => {
        r"((?:(?:Prof\.|Dr\.|med\.|dent\.|Dipl\.-\w+\.?|Mag\.|Dott\.|Dra?\.|M\.?Sc\.|Herr|Frau|Mr\.?|Mrs\.?|Ms\.?)\s{0,2}){0,5}\p{Lu}[\p{Ll}’']+(?:-\p{Lu}\p{Ll}+)?(?:[ \u{a0}](?:von|van|de|della|di|zu|der|\p{Lu}\.))?(?:[ \u{a0}]\p{Lu}[\p{Ll}’']+(?:-\p{Lu}\p{Ll}+)?){1,2})"
    };
}

pattern!(
    ROLE_NAME,
    &[
        r"(?:^|[^\p{L}])(",
        roles!(),
        r")\s{0,2}[:\-–,]?\s{0,3}(?:ist\s|is\s|:)?\s{0,2}",
        name!()
    ]
    .concat()
);
pattern!(
    NAME_ROLE,
    &[
        r"(?:^|[.,;:!?]\s|\n)\s*",
        name!(),
        r"\s{0,2}[,(–-]\s{0,2}(",
        roles!(),
        r")(?:[^\p{L}]|$)"
    ]
    .concat()
);

/// Words that begin with a capital but are no names.
static NOT_NAMES: List = List(include_str!("../data/not_names.txt"));

fn is_name(name: &str) -> bool {
    let words: Vec<&str> = name.split_whitespace().collect();
    let proper = words.iter().filter(|w| !w.ends_with('.')).count();
    proper >= 2
        && words.len() <= 8
        && !words
            .iter()
            .any(|w| NOT_NAMES.entries().any(|n| w.eq_ignore_ascii_case(n)))
}

pub(crate) fn find(doc: &Doc, data: &JsonLd, source: &Source) -> Vec<PersonFound> {
    let mut found = in_data(data, source);
    for block in doc
        .blocks
        .iter()
        .filter(|b| !b.zone.touches(Zone::COMMENTS.with(Zone::NAV)))
    {
        if block.text.len() > 2_000 || found.len() >= PEOPLE_MAX {
            continue;
        }
        let by_role = ROLE_NAME
            .captures(&block.text)
            .map(|c| (c.get(2), c.get(1)));
        let by_name = || {
            NAME_ROLE
                .captures(&block.text)
                .map(|c| (c.get(1), c.get(2)))
        };
        let Some((Some(name), Some(role))) = by_role.or_else(by_name) else {
            continue;
        };
        let whole = quote::tidy(name.as_str());
        if !is_name(&whole) {
            continue;
        }
        let (start, end) = (name.start().min(role.start()), name.end().max(role.end()));
        found.push(PersonFound {
            name: whole,
            role: quote::tidy(role.as_str()),
            evidence: source.evidence(quote::around(&block.text, start, end)),
        });
    }
    let mut seen = BTreeSet::new();
    found.retain(|p| seen.insert(p.name.to_lowercase()));
    found.truncate(PEOPLE_MAX);
    found
}

/// People that structured data names as founders or staff with a job title; authors of posts are
/// often the name of an account.
fn in_data(data: &JsonLd, source: &Source) -> Vec<PersonFound> {
    let objects = data.objects();
    let people = objects.iter().filter_map(|item| {
        let role = match (item.role, item.text("jobTitle")) {
            (_, Some(title)) if item.is(&["Person"]) => title,
            ("founder" | "founders", _) => "founder",
            _ => return None,
        };
        let name = quote::short(item.text("name")?);
        is_name(&name).then(|| PersonFound {
            evidence: source.evidence(name.clone()),
            role: quote::short(role),
            name,
        })
    });
    people.take(PEOPLE_MAX).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn names(html: &str) -> Vec<(String, String)> {
        let doc = Doc::read(html, "https://praxis.de/impressum");
        let data = JsonLd::read(&doc.json_ld);
        let source = Source {
            url: "https://praxis.de".into(),
            fetched_at: Timestamp::UNIX_EPOCH,
        };
        find(&doc, &data, &source)
            .into_iter()
            .map(|p| (p.name, p.role))
            .collect()
    }

    #[test]
    fn names_next_to_roles() {
        crate::pattern::build(&[&ROLE_NAME, &NAME_ROLE]);
        let pair = |n: &str, r: &str| vec![(n.to_owned(), r.to_owned())];
        assert_eq!(
            names("<p>Inhaber: Dr. med. dent. Anna Müller-Lüdenscheidt<br>Hauptstr. 1</p>"),
            pair("Dr. med. dent. Anna Müller-Lüdenscheidt", "Inhaber")
        );
        assert_eq!(
            names("<p>Jane Porter, Founder</p>"),
            pair("Jane Porter", "Founder")
        );
        assert_eq!(
            names(
                r#"<script type="application/ld+json">{"@type":"Dentist","founder":{"@type":"Person","name":"Carlo Rossi"}}</script>"#
            ),
            pair("Carlo Rossi", "founder")
        );
    }

    #[test]
    fn no_names_without_roles() {
        assert!(
            names("<p>Anna Müller schreibt über Zähne. The owner of The Company is kind.</p>")
                .is_empty()
        );
        assert!(names(r#"<script type="application/ld+json">{"@type":"Person","name":"Site Admin"}</script>"#).is_empty());
        assert!(names("<p>Inhaber Impressum Kontakt</p>").is_empty());
    }
}
