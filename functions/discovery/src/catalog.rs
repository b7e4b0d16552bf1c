//! The catalogue of business kinds (`data/keywords.toml`), indexed.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::LazyLock,
};

use serde::Deserialize;

use crate::text::{fold, fold_words};

/// Kinds that say little about what a business does: another kind of the same record wins.
const GENERIC_KINDS: [&str; 3] = ["shop", "company", "craft_business"];

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogFile {
    kind: Vec<KindEntry>,
    cuisines: BTreeMap<String, Vec<String>>,
    business_types: BTreeMap<String, Vec<String>>,
    related_industries: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct KindEntry {
    id: String,
    industry: String,
    terms: Vec<String>,
    local: Vec<String>,
    wider: Vec<String>,
    tags: Vec<String>,
    wider_tags: Vec<String>,
    google: Vec<String>,
}

/// Tags that must all be there; each with the values that will do, `*` for any.
pub(crate) type TagRule = Vec<(String, Vec<String>)>;

/// A kind of business.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) id: String,
    pub(crate) industry: String,
    /// Names as written, English first.
    pub(crate) terms: Vec<String>,
    pub(crate) local: Vec<String>,
    pub(crate) wider: Vec<String>,
    /// The same, folded for comparing.
    pub(crate) phrases: Vec<String>,
    pub(crate) wider_phrases: Vec<String>,
    pub(crate) rules: Vec<TagRule>,
    pub(crate) wider_rules: Vec<TagRule>,
    pub(crate) google: Vec<String>,
    /// See [`GENERIC_KINDS`].
    pub(crate) generic: bool,
}

/// All kinds with their indexes.
#[derive(Debug)]
pub(crate) struct Catalog {
    pub(crate) kinds: Vec<Kind>,
    by_phrase: HashMap<String, Vec<usize>>,
    /// Folded word -> value of the tag `cuisine`.
    cuisines: HashMap<String, String>,
    /// Folded name -> industry.
    business_types: HashMap<String, String>,
    related: BTreeMap<String, Vec<String>>,
}

/// The embedded catalogue.
pub(crate) static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    // A catalogue that does not parse is caught by this module's tests, not at run time.
    let file: CatalogFile =
        toml::from_str(include_str!("../data/keywords.toml")).unwrap_or_default();
    Catalog::new(file)
});

fn tag_rule(text: &str) -> TagRule {
    text.split('&')
        .filter_map(|part| part.split_once('='))
        .map(|(key, values)| {
            let values = values.split('|').map(str::to_owned).collect();
            (key.to_owned(), values)
        })
        .collect()
}

fn fold_all(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| fold_words(text)).collect()
}

impl Catalog {
    fn new(file: CatalogFile) -> Self {
        let kinds: Vec<Kind> = file.kind.into_iter().map(Kind::new).collect();
        let mut by_phrase: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, kind) in kinds.iter().enumerate() {
            for phrase in &kind.phrases {
                let known = by_phrase.entry(phrase.clone()).or_default();
                if !known.contains(&index) {
                    known.push(index);
                }
            }
        }
        let mut cuisines = HashMap::new();
        for (value, words) in file.cuisines {
            for word in words {
                cuisines.insert(fold_words(&word), value.clone());
            }
        }
        let mut business_types = HashMap::new();
        for (industry, names) in file.business_types {
            business_types.insert(fold(&industry), industry.clone());
            for name in names {
                business_types.insert(fold(&name), industry.clone());
            }
        }
        Self {
            kinds,
            by_phrase,
            cuisines,
            business_types,
            related: file.related_industries,
        }
    }

    /// The kinds that go by a folded name.
    pub(crate) fn named(&self, phrase: &str) -> &[usize] {
        self.by_phrase.get(phrase).map_or(&[], Vec::as_slice)
    }

    /// The value of the tag `cuisine` that a folded word means.
    pub(crate) fn cuisine(&self, word: &str) -> Option<&str> {
        self.cuisines.get(word).map(String::as_str)
    }

    /// The industries that a customer's `business_type` means; none where it is not known.
    pub(crate) fn industries_of(&self, business_type: &str) -> BTreeSet<String> {
        let mut wanted = BTreeSet::new();
        if let Some(industry) = self.business_types.get(&fold(business_type)) {
            wanted.insert(industry.clone());
        } else {
            let kinds = self.named(&fold_words(business_type)).iter();
            wanted.extend(kinds.filter_map(|&i| self.kinds.get(i).map(|k| k.industry.clone())));
        }
        let related: Vec<String> = wanted
            .iter()
            .filter_map(|industry| self.related.get(industry))
            .flatten()
            .cloned()
            .collect();
        wanted.extend(related);
        wanted
    }
}

impl Kind {
    fn new(entry: KindEntry) -> Self {
        let rules = |texts: &[String]| texts.iter().map(|text| tag_rule(text)).collect();
        let mut phrases = fold_all(&entry.terms);
        phrases.extend(fold_all(&entry.local));
        Self {
            phrases,
            wider_phrases: fold_all(&entry.wider),
            rules: rules(&entry.tags),
            wider_rules: rules(&entry.wider_tags),
            generic: GENERIC_KINDS.contains(&entry.id.as_str()),
            id: entry.id,
            industry: entry.industry,
            terms: entry.terms,
            local: entry.local,
            wider: entry.wider,
            google: entry.google,
        }
    }

    /// The id as people write it.
    pub(crate) fn label(&self) -> String {
        self.id.replace('_', " ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_parses_and_is_complete() {
        let file: CatalogFile = toml::from_str(include_str!("../data/keywords.toml")).unwrap();
        assert!(file.kind.len() >= 60, "{} kinds", file.kind.len());
        let ids: BTreeSet<&str> = file.kind.iter().map(|k| k.id.as_str()).collect();
        assert_eq!(ids.len(), file.kind.len(), "an id stands twice");
        for kind in &file.kind {
            assert!(
                !kind.terms.is_empty() && !kind.tags.is_empty(),
                "{}",
                kind.id
            );
            assert!(kind.local.len() >= 2, "{} has few local names", kind.id);
            for tag in kind.tags.iter().chain(&kind.wider_tags) {
                assert!(tag.split('&').all(|part| part.contains('=')), "{tag}");
            }
            assert!(
                file.business_types.contains_key(&kind.industry),
                "`{}` of {} is no business type",
                kind.industry,
                kind.id
            );
        }
        for (industry, related) in &file.related_industries {
            for name in related.iter().chain([industry]) {
                assert!(file.business_types.contains_key(name), "{name}");
            }
        }
    }

    #[test]
    fn kinds_are_found_by_any_of_their_names() {
        for (name, id) in [
            ("dentists", "dentist"),
            ("Zahnärzte", "dentist"),
            ("DENTAL CLINICS", "dentist"),
            ("歯科", "dentist"),
            ("दंत चिकित्सक", "dentist"),
            ("hôtels", "hotel"),
            ("law firms", "lawyer"),
            ("cafés", "cafe"),
            ("panadería", "bakery"),
            ("Hofläden", "farm_shop"),
            ("real estate agencies", "estate_agent"),
        ] {
            let found: Vec<&str> = CATALOG
                .named(&fold_words(name))
                .iter()
                .map(|&i| CATALOG.kinds[i].id.as_str())
                .collect();
            assert!(found.contains(&id), "{name}: {found:?}");
        }
    }

    #[test]
    fn business_types_mean_industries() {
        assert!(CATALOG.industries_of("Healthcare").contains("Healthcare"));
        assert!(CATALOG.industries_of("health care").contains("Healthcare"));
        assert!(CATALOG.industries_of("hospitality").contains("Food"));
        assert!(CATALOG.industries_of("dentists").contains("Healthcare"));
        assert!(CATALOG.industries_of("zzz").is_empty());
    }
}
