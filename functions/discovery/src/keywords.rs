//! What a customer's keywords mean: kinds of business, their synonyms, and the tags to search for.

use std::collections::BTreeSet;

use crate::{
    catalog::{CATALOG, Kind, TagRule},
    text::{fold, fold_words},
};

/// Most terms that a search uses; a source that bills per query runs one per term.
pub(crate) const TERMS_MAX: usize = 40;

/// Words of a keyword that say nothing about the kind of business.
const STOP_WORDS: [&str; 25] = [
    "a", "an", "and", "best", "business", "der", "die", "de", "des", "du", "for", "in", "local",
    "mit", "my", "near", "of", "or", "small", "the", "to", "top", "und", "with", "me",
];

/// What one keyword was understood as.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeywordPlan {
    /// As the customer wrote it.
    pub keyword: String,
    /// Positions of its kinds in the catalogue; empty: the keyword is searched as free text.
    pub(crate) kinds: Vec<usize>,
    /// The value that the tag `cuisine` must hold.
    pub(crate) cuisine: Option<String>,
    /// Folded words that narrow the kind, as in `emergency` of `emergency dentists`.
    pub(crate) qualifiers: Vec<String>,
    /// Whether related kinds count as well (from depth 2).
    pub(crate) wider: bool,
}

impl KeywordPlan {
    /// Understands a keyword.
    #[must_use]
    pub fn of(keyword: &str, depth: u8) -> Self {
        let mut plan = Self {
            keyword: keyword.trim().to_owned(),
            wider: depth >= 2,
            ..Self::default()
        };
        let folded = fold_words(keyword);
        let exact = CATALOG.named(&folded);
        if !exact.is_empty() {
            plan.kinds = exact.to_vec();
            return plan;
        }
        if let Some(cuisine) = CATALOG.cuisine(&folded) {
            plan.kinds = kinds_by_id(&["restaurant", "fast_food", "cafe"]);
            plan.cuisine = Some(cuisine.to_owned());
            return plan;
        }
        let words: Vec<&str> = folded.split(' ').filter(|w| !w.is_empty()).collect();
        if let Some((kinds, rest)) = longest_name(&words) {
            plan.kinds = kinds;
            for word in rest {
                match CATALOG.cuisine(&word) {
                    Some(cuisine) if plan.serves_food() => plan.cuisine = Some(cuisine.to_owned()),
                    _ if STOP_WORDS.contains(&word.as_str()) => {}
                    _ => plan.qualifiers.push(word),
                }
            }
        }
        plan
    }

    /// Whether the keyword names a kind of the catalogue.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.kinds.is_empty()
    }

    pub(crate) fn kinds(&self) -> impl Iterator<Item = &'static Kind> {
        self.kinds.iter().filter_map(|&i| CATALOG.kinds.get(i))
    }

    fn serves_food(&self) -> bool {
        self.kinds().any(|kind| kind.industry == "Food")
    }

    /// Synonyms to search besides the keyword, closest first: more of them the deeper the search.
    pub(crate) fn synonyms(&self, depth: u8) -> Vec<String> {
        let per_keyword = match depth {
            0 | 1 => 0,
            2 => 4,
            3 => 8,
            4 => 16,
            _ => TERMS_MAX,
        };
        // A narrowed keyword has no synonyms of its own: `dental clinics` would lose `emergency`.
        if self.cuisine.is_some() || !self.qualifiers.is_empty() {
            return Vec::new();
        }
        let mut seen = BTreeSet::from([fold_words(&self.keyword)]);
        let mut synonyms = Vec::new();
        for kind in self.kinds() {
            // Alternating, so that `dentists` brings orthodontists and dental clinics alike.
            let longest = kind.wider.len().max(kind.terms.len());
            let near = (0..longest).flat_map(|i| [kind.wider.get(i), kind.terms.get(i)]);
            for term in near.flatten().chain(&kind.local) {
                if seen.insert(fold_words(term)) {
                    synonyms.push(term.clone());
                }
            }
        }
        synonyms.truncate(per_keyword);
        synonyms
    }

    /// Tags to ask a source for.
    pub(crate) fn query_tags(&self) -> Vec<(String, String)> {
        if let Some(cuisine) = &self.cuisine {
            return vec![("cuisine".to_owned(), cuisine.clone())];
        }
        let mut tags = Vec::new();
        for kind in self.kinds() {
            let wider = kind.wider_rules.iter().filter(|_| self.wider);
            for rule in kind.rules.iter().chain(wider) {
                tags.extend(narrowest(rule));
            }
        }
        tags
    }

    /// One sentence on how the keyword was understood.
    pub(crate) fn explain(&self) -> String {
        let keyword = &self.keyword;
        if !self.is_known() {
            return format!(
                "`{keyword}` is not in the catalogue of business kinds: its words were looked for in names, categories and tags"
            );
        }
        let kinds: Vec<String> = self.kinds().map(Kind::label).collect();
        let mut text = format!("`{keyword}` was understood as {}", kinds.join(" or "));
        if let Some(cuisine) = &self.cuisine {
            text.push_str(&format!(" with the cuisine {cuisine}"));
        }
        if !self.qualifiers.is_empty() {
            text.push_str(&format!(", preferably `{}`", self.qualifiers.join(" ")));
        }
        let related: BTreeSet<&str> = self
            .kinds()
            .flat_map(|kind| kind.wider.iter().map(String::as_str))
            .collect();
        if self.wider && !related.is_empty() {
            let related: Vec<&str> = related.into_iter().collect();
            text.push_str(&format!(
                "; related kinds count less: {}",
                related.join(", ")
            ));
        }
        text
    }
}

/// The last condition is the narrowest one: `diet:vegan=yes` of `amenity=cafe&diet:vegan=yes`.
fn narrowest(rule: &TagRule) -> Vec<(String, String)> {
    let Some((key, values)) = rule.last() else {
        return Vec::new();
    };
    let pair = |value: &String| (key.clone(), value.clone());
    values.iter().map(pair).collect()
}

fn kinds_by_id(ids: &[&str]) -> Vec<usize> {
    let known = CATALOG.kinds.iter().enumerate();
    known
        .filter(|(_, kind)| ids.contains(&kind.id.as_str()))
        .map(|(index, _)| index)
        .collect()
}

/// The longest run of words that names a kind, the last one where there are several (English puts
/// the noun last), and the words around it.
fn longest_name(words: &[&str]) -> Option<(Vec<usize>, Vec<String>)> {
    for length in (1..=words.len()).rev() {
        for start in (0..=words.len().saturating_sub(length)).rev() {
            let run = words.get(start..start.saturating_add(length))?;
            let phrase = run.join(" ");
            let kinds = CATALOG.named(&phrase);
            if kinds.is_empty() || STOP_WORDS.contains(&phrase.as_str()) {
                continue;
            }
            let before = words.iter().take(start);
            let after = words.iter().skip(start.saturating_add(length));
            let rest = before.chain(after).map(|&word| word.to_owned()).collect();
            return Some((kinds.to_vec(), rest));
        }
    }
    None
}

/// The terms of a search: the customer's own first, then synonyms, keyword by keyword in turn.
/// Answers also how many did not fit into [`TERMS_MAX`].
pub(crate) fn search_terms(plans: &[KeywordPlan], depth: u8) -> (Vec<String>, usize) {
    let mut seen = BTreeSet::new();
    let mut terms: Vec<String> = Vec::new();
    let mut add = |terms: &mut Vec<String>, term: &str| {
        if seen.insert(fold(term)) {
            terms.push(term.to_owned());
        }
    };
    for plan in plans {
        add(&mut terms, &plan.keyword);
    }
    let own = terms.len();
    let synonyms: Vec<Vec<String>> = plans.iter().map(|plan| plan.synonyms(depth)).collect();
    let longest = synonyms.iter().map(Vec::len).max().unwrap_or(0);
    for i in 0..longest {
        for term in synonyms.iter().filter_map(|list| list.get(i)) {
            add(&mut terms, term);
        }
    }
    let limit = TERMS_MAX.max(own);
    let cut = terms.len().saturating_sub(limit);
    terms.truncate(limit);
    (terms, cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(keyword: &str) -> Vec<String> {
        let plan = KeywordPlan::of(keyword, 3);
        plan.kinds().map(|kind| kind.id.clone()).collect()
    }

    #[test]
    fn dentists_bring_orthodontists_and_dental_clinics() {
        let plans = [KeywordPlan::of("dentists", 3)];
        let (terms, cut) = search_terms(&plans, 3);
        assert_eq!(terms[0], "dentists");
        for synonym in ["orthodontist", "dental clinic", "oral surgeon"] {
            assert!(terms.iter().any(|t| t == synonym), "{terms:?}");
        }
        assert_eq!(cut, 0);
        assert!(
            plans[0]
                .query_tags()
                .contains(&("amenity".into(), "dentist".into()))
        );
    }

    #[test]
    fn depth_one_takes_the_keywords_as_given() {
        let plans = [KeywordPlan::of("dentists", 1)];
        assert_eq!(search_terms(&plans, 1).0, ["dentists"]);
        let tags = plans[0].query_tags();
        assert!(!tags.iter().any(|(key, _)| key == "healthcare:speciality"));
    }

    #[test]
    fn compound_keywords_are_taken_apart() {
        let plan = KeywordPlan::of("Italian restaurants", 3);
        assert_eq!(plan.cuisine.as_deref(), Some("italian"));
        assert_eq!(ids("Italian restaurants"), ["restaurant"]);
        let plan = KeywordPlan::of("emergency dentists", 3);
        assert_eq!(plan.qualifiers, ["emergency"]);
        assert_eq!(ids("emergency dentists"), ["dentist"]);
        assert_eq!(ids("vegan restaurants"), ["vegan_restaurant"]);
        assert_eq!(
            KeywordPlan::of("sushi", 3).cuisine.as_deref(),
            Some("sushi")
        );
        assert_eq!(ids("the best hotels"), ["hotel"]);
        assert!(KeywordPlan::of("the best hotels", 3).qualifiers.is_empty());
    }

    #[test]
    fn an_unknown_keyword_is_free_text_and_says_so() {
        let plan = KeywordPlan::of("quantum basket weaving", 3);
        assert!(!plan.is_known());
        assert!(plan.explain().contains("not in the catalogue"));
    }

    #[test]
    fn fifty_keywords_do_not_explode() {
        let plans: Vec<KeywordPlan> = CATALOG
            .kinds
            .iter()
            .take(50)
            .map(|kind| KeywordPlan::of(&kind.terms[0], 5))
            .collect();
        let (terms, cut) = search_terms(&plans, 5);
        assert_eq!(terms.len(), 50, "the customer's own always fit");
        assert!(cut > 0);
    }
}
