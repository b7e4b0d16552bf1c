//! Whether a record is what a keyword means, and how directly.

use std::collections::BTreeSet;

use hunter_core::ports::RawPlace;

use crate::{
    catalog::{CATALOG, Kind, TagRule},
    keywords::KeywordPlan,
    locations::LocationFit,
    text::{fold, fold_words, holds_phrase, holds_words},
};

/// Keys whose value says what a place is (<https://wiki.openstreetmap.org/wiki/Map_features>).
pub(crate) const MAIN_KEYS: [&str; 8] = [
    "amenity",
    "healthcare",
    "shop",
    "office",
    "craft",
    "tourism",
    "leisure",
    "club",
];

/// Values of main keys that name no kind.
const EMPTY_VALUES: [&str; 3] = ["yes", "company", "fixme"];

/// How directly a record matches, best last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Directness {
    /// The source's own search answered with it; nothing else ties it to the keyword.
    SourceSearch,
    /// The kind is right, but not the narrowing word, or an unknown keyword's words occur.
    Loose,
    /// A related kind.
    Related,
    /// The name says so.
    Name,
    /// Its tags or categories say so.
    Kind,
}

/// The best match of a record with any of the keywords.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeywordFit {
    /// The keyword.
    pub keyword: String,
    /// How directly.
    pub directness: Directness,
    /// What was seen, as in `amenity=dentist`.
    pub seen: String,
}

/// How a record's industry relates to the wanted `business_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndustryFit {
    /// No industry was asked for.
    NotAsked,
    /// The record's kind belongs to it.
    Matches,
    /// The record does not say what it is, or the wanted industry is not known.
    Unknown,
    /// The record's kind belongs to another one.
    Differs,
}

/// Why a record matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// By which keyword and how directly.
    pub keyword: KeywordFit,
    /// How it relates to the location.
    pub location: LocationFit,
    /// How it relates to the `business_type`.
    pub industry: IndustryFit,
}

impl Match {
    /// Keeps the better of two matches of the same business.
    pub(crate) fn prefer(&mut self, other: Self) {
        if other.keyword.directness > self.keyword.directness {
            self.keyword = other.keyword;
        }
        let named = |fit: &LocationFit| matches!(fit, LocationFit::Named(_));
        if named(&other.location) && !named(&self.location) {
            self.location = other.location;
        }
        if other.industry == IndustryFit::Matches {
            self.industry = other.industry;
        }
    }
}

/// A record made comparable.
pub(crate) struct RecordText<'a> {
    place: &'a RawPlace,
    names: Vec<String>,
    categories: Vec<String>,
    /// Positions of the record's kinds in the catalogue.
    kinds: Vec<usize>,
}

impl<'a> RecordText<'a> {
    pub(crate) fn new(place: &'a RawPlace) -> Self {
        let names = place.name.iter().chain(&place.other_names);
        let folded = |text: &String| fold_words(text);
        let categories: Vec<String> = place.categories.iter().map(folded).collect();
        let own = |kind: &Kind| kind_matches(place, &categories, kind).is_some();
        let kinds = CATALOG.kinds.iter().enumerate();
        Self {
            place,
            names: names.map(folded).collect(),
            kinds: kinds.filter(|(_, k)| own(k)).map(|(i, _)| i).collect(),
            categories,
        }
    }

    fn kinds(&self) -> impl Iterator<Item = &'static Kind> {
        self.kinds.iter().filter_map(|&i| CATALOG.kinds.get(i))
    }

    /// The industries that the record's kinds belong to.
    pub(crate) fn industries(&self) -> BTreeSet<&'static str> {
        // `office=company` alone says nothing about the trade.
        let telling = self.kinds().filter(|kind| kind.id != "company");
        let mut industries: BTreeSet<&str> = telling.map(|kind| kind.industry.as_str()).collect();
        if industries.is_empty() && self.place.tags.iter().any(|(key, _)| key == "healthcare") {
            industries.insert("Healthcare");
        }
        industries
    }

    /// How the record relates to the wanted industries.
    pub(crate) fn industry(&self, wanted: Option<&BTreeSet<String>>) -> IndustryFit {
        let Some(wanted) = wanted else {
            return IndustryFit::NotAsked;
        };
        let own = self.industries();
        if wanted.is_empty() || own.is_empty() {
            return IndustryFit::Unknown;
        }
        if own.iter().any(|industry| wanted.contains(*industry)) {
            return IndustryFit::Matches;
        }
        IndustryFit::Differs
    }

    /// What the record is, for a person: `shop=clothes`, or its categories.
    pub(crate) fn describe(&self) -> String {
        let main = MAIN_KEYS.iter().find_map(|&main| {
            let tag = self.place.tags.iter().find(|(key, _)| key == main);
            tag.map(|(key, value)| format!("{key}={value}"))
        });
        main.or_else(|| self.place.categories.first().cloned())
            .unwrap_or_else(|| "no kind of business given".to_owned())
    }

    /// The first excluded word that stands in the name, a category or a main tag.
    pub(crate) fn excluded<'w>(&self, words: &'w [String]) -> Option<&'w String> {
        let mut texts = self.names.clone();
        texts.extend(self.categories.iter().cloned());
        let tags = self.place.tags.iter();
        texts.extend(
            tags.filter(|(key, _)| MAIN_KEYS.contains(&key.as_str()) || key == "cuisine")
                .map(|(_, value)| fold_words(value)),
        );
        words.iter().find(|word| {
            let phrase = fold_words(word);
            texts.iter().any(|text| holds_phrase(text, &phrase))
        })
    }

    /// The best match with any of the keywords.
    pub(crate) fn best_match(&self, plans: &[KeywordPlan]) -> Option<KeywordFit> {
        let mut best: Option<KeywordFit> = None;
        for plan in plans {
            let Some(fit) = self.fit(plan) else { continue };
            if best.as_ref().is_none_or(|b| b.directness < fit.directness) {
                best = Some(fit);
            }
        }
        best
    }

    fn fit(&self, plan: &KeywordPlan) -> Option<KeywordFit> {
        let fit = |directness, seen| {
            Some(KeywordFit {
                keyword: plan.keyword.clone(),
                directness,
                seen,
            })
        };
        if !plan.is_known() {
            return self.free_text(plan);
        }
        let cuisine_seen = match &plan.cuisine {
            Some(cuisine) => match self.cuisine(cuisine) {
                Some(seen) => Some(seen),
                None => return None,
            },
            None => None,
        };
        let generic = plan.kinds().all(|kind| kind.generic);
        let narrowed = plan.qualifiers.iter().all(|word| self.holds(word));
        if generic && !narrowed {
            return None;
        }
        if let Some(seen) = self.kind_fit(plan) {
            let directness = if narrowed {
                Directness::Kind
            } else {
                Directness::Loose
            };
            return fit(directness, cuisine_seen.unwrap_or(seen));
        }
        if !narrowed || plan.cuisine.is_some() {
            return None;
        }
        if let Some(seen) = self.name_fit(plan, false) {
            return fit(Directness::Name, seen);
        }
        if !plan.wider {
            return None;
        }
        let rules = plan.kinds().flat_map(|kind| &kind.wider_rules);
        if let Some(seen) = rules
            .into_iter()
            .find_map(|rule| rule_matches(self.place, rule))
        {
            return fit(Directness::Related, seen);
        }
        let seen = self.name_fit(plan, true)?;
        fit(Directness::Related, seen)
    }

    fn kind_fit(&self, plan: &KeywordPlan) -> Option<String> {
        plan.kinds()
            .find_map(|kind| kind_matches(self.place, &self.categories, kind))
    }

    fn cuisine(&self, cuisine: &str) -> Option<String> {
        let rule = vec![("cuisine".to_owned(), vec![cuisine.to_owned()])];
        if let Some(seen) = rule_matches(self.place, &rule) {
            return Some(seen);
        }
        // Google names cuisines as types: `italian_restaurant`.
        let wanted = cuisine.replace('_', " ");
        let category = self.categories.iter().find(|c| holds_words(c, &wanted))?;
        Some(format!("category {category}"))
    }

    /// A name counts only where the tags do not say that the business is something else: a clothes
    /// shop called `Denim Bar` is no bar.
    fn name_fit(&self, plan: &KeywordPlan, wider: bool) -> Option<String> {
        if !self.may_be_named(plan) {
            return None;
        }
        let phrases = plan.kinds().flat_map(|kind| match wider {
            false => kind.phrases.iter(),
            true => kind.wider_phrases.iter(),
        });
        let own = fold_words(&plan.keyword);
        let own = (!wider).then_some(&own);
        let phrase = phrases
            .chain(own)
            .find(|phrase| self.names.iter().any(|name| holds_phrase(name, phrase)))?;
        Some(format!("the name holds `{phrase}`"))
    }

    fn may_be_named(&self, plan: &KeywordPlan) -> bool {
        let telling = |kind: &&Kind| !kind.generic;
        if self.kinds().any(|kind| telling(&kind)) {
            let industries = self.industries();
            return plan
                .kinds()
                .any(|kind| industries.contains(kind.industry.as_str()));
        }
        // A bench, a parking lot or a bus stop is named after the business next to it.
        !self.place.tags.iter().any(|(key, value)| {
            let main = MAIN_KEYS.contains(&key.as_str()) && key != "shop" && key != "office";
            let place =
                ["highway", "railway", "public_transport", "natural"].contains(&key.as_str());
            (main && !EMPTY_VALUES.contains(&value.as_str())) || place
        })
    }

    fn free_text(&self, plan: &KeywordPlan) -> Option<KeywordFit> {
        let folded = fold_words(&plan.keyword);
        let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        if words.is_empty() || !words.iter().all(|word| self.holds(word)) {
            return None;
        }
        let named = self.names.iter().any(|name| holds_phrase(name, &folded));
        let directness = if named {
            Directness::Name
        } else {
            Directness::Loose
        };
        Some(KeywordFit {
            keyword: plan.keyword.clone(),
            directness,
            seen: format!("names, categories or tags hold `{folded}`"),
        })
    }

    /// Whether a folded word stands in the names, categories or telling tags.
    fn holds(&self, word: &str) -> bool {
        let mut texts = self.names.iter().chain(&self.categories);
        if texts.any(|text| holds_phrase(text, word)) {
            return true;
        }
        self.place.tags.iter().any(|(key, value)| {
            let about_place = key.starts_with("addr:") || key.contains("name") || key == "source";
            !about_place
                && (holds_words(&fold_words(value), word)
                    || (value == "yes" && holds_words(&fold(key), word)))
        })
    }
}

fn kind_matches(place: &RawPlace, categories: &[String], kind: &Kind) -> Option<String> {
    if let Some(seen) = kind.rules.iter().find_map(|rule| rule_matches(place, rule)) {
        return Some(seen);
    }
    if let Some(kind) = kind.google.iter().find(|g| place.categories.contains(g)) {
        return Some(format!("category {kind}"));
    }
    // Where there are tags, they are what says what a place is; their bare values are ambiguous.
    let tagged = place
        .tags
        .iter()
        .any(|(key, _)| MAIN_KEYS.contains(&key.as_str()));
    let named = |category: &&String| !tagged && kind.phrases.contains(category);
    let category = categories.iter().find(named)?;
    Some(format!("category {category}"))
}

/// Whether all conditions of a rule hold; answers the last one as it stands in the record.
fn rule_matches(place: &RawPlace, rule: &TagRule) -> Option<String> {
    let mut seen = None;
    for (wanted_key, wanted_values) in rule {
        let (key, value) = place.tags.iter().find(|(key, value)| {
            let listed = |wanted: &String| {
                let any = wanted == "*" && value != "no" && value != "vacant";
                any || value.split(';').any(|v| v.trim() == wanted)
            };
            key == wanted_key && wanted_values.iter().any(listed)
        })?;
        seen = Some(format!("{key}={value}"));
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str, tags: &[(&str, &str)]) -> RawPlace {
        RawPlace {
            source_id: "node/1".into(),
            name: Some(name.into()),
            tags: tags.iter().map(|&(k, v)| (k.into(), v.into())).collect(),
            categories: tags.iter().map(|&(_, v)| v.into()).collect(),
            ..RawPlace::default()
        }
    }

    fn directness(keyword: &str, depth: u8, place: &RawPlace) -> Option<Directness> {
        let plan = KeywordPlan::of(keyword, depth);
        RecordText::new(place)
            .best_match(&[plan])
            .map(|fit| fit.directness)
    }

    #[test]
    fn tags_are_direct_and_related_kinds_are_not() {
        let dentist = place("Dr. X", &[("amenity", "dentist")]);
        let orthodontist = place("Dr. Y", &[("healthcare:speciality", "foo;orthodontics")]);
        assert_eq!(directness("dentists", 1, &dentist), Some(Directness::Kind));
        assert_eq!(directness("Zahnarzt", 1, &dentist), Some(Directness::Kind));
        assert_eq!(
            directness("dentists", 2, &orthodontist),
            Some(Directness::Related)
        );
        assert_eq!(directness("dentists", 1, &orthodontist), None);
        assert_eq!(directness("hotels", 3, &dentist), None);
    }

    #[test]
    fn a_name_counts_unless_the_tags_disagree() {
        let unlabelled = place("Rupertusapotheke", &[("building", "yes")]);
        assert_eq!(
            directness("pharmacies", 3, &unlabelled),
            Some(Directness::Name)
        );
        let jeans = place("Denim Bar", &[("shop", "clothes")]);
        assert_eq!(directness("bars", 3, &jeans), None);
        let lot = place("Hospital Parking", &[("amenity", "parking")]);
        assert_eq!(directness("hospitals", 3, &lot), None);
    }

    #[test]
    fn cuisines_and_diets_are_conditions() {
        let tags = [("amenity", "restaurant"), ("cuisine", "pizza;italian")];
        let trattoria = place("Da Enzo", &tags);
        assert_eq!(
            directness("italian restaurants", 3, &trattoria),
            Some(Directness::Kind)
        );
        assert_eq!(directness("thai restaurants", 3, &trattoria), None);
        let vegan = place(
            "Green",
            &[("amenity", "restaurant"), ("diet:vegan", "only")],
        );
        let steak = place("Red", &[("amenity", "restaurant"), ("diet:vegan", "no")]);
        assert_eq!(
            directness("vegan restaurants", 3, &vegan),
            Some(Directness::Kind)
        );
        assert_eq!(directness("vegan restaurants", 3, &steak), None);
    }

    #[test]
    fn narrowing_words_rank_and_generic_kinds_require_them() {
        let dentist = place("Dr. X", &[("amenity", "dentist")]);
        assert_eq!(
            directness("emergency dentists", 3, &dentist),
            Some(Directness::Loose)
        );
        let shoes = place("Bata", &[("shop", "shoes")]);
        assert_eq!(directness("shops", 3, &shoes), Some(Directness::Kind));
        assert_eq!(directness("umbrella shop", 3, &shoes), None);
        let vacant = place("Old", &[("shop", "vacant")]);
        assert_eq!(directness("shops", 3, &vacant), None);
    }

    #[test]
    fn google_types_and_spreadsheet_categories_count() {
        let google = RawPlace {
            categories: vec!["dental_clinic".into(), "point_of_interest".into()],
            tags: vec![("type".into(), "dental_clinic".into())],
            ..place("Apollo", &[])
        };
        assert_eq!(directness("dentists", 1, &google), Some(Directness::Kind));
        let sheet = RawPlace {
            categories: vec!["Dental clinics".into()],
            ..place("Apollo", &[])
        };
        assert_eq!(directness("dentists", 1, &sheet), Some(Directness::Kind));
    }

    #[test]
    fn unknown_keywords_are_searched_as_words() {
        let shop = place("Umbrella Heaven", &[("shop", "yes")]);
        assert_eq!(directness("umbrellas", 3, &shop), Some(Directness::Name));
        assert_eq!(directness("umbrella stand makers", 3, &shop), None);
    }

    #[test]
    fn industries_come_from_the_kinds() {
        let wanted = CATALOG.industries_of("Healthcare");
        let dentist = place("Dr. X", &[("amenity", "dentist")]);
        let shoes = place("Bata", &[("shop", "shoes")]);
        let firm = place("ACME", &[("office", "company")]);
        let fit = |place: &RawPlace| RecordText::new(place).industry(Some(&wanted));
        assert_eq!(fit(&dentist), IndustryFit::Matches);
        assert_eq!(fit(&shoes), IndustryFit::Differs);
        assert_eq!(fit(&firm), IndustryFit::Unknown);
    }

    #[test]
    fn excluded_words_are_found_in_names_and_categories() {
        let words = ["chain".to_owned(), "Kieferorthopädie".to_owned()];
        let clinic = place("Kieferorthopädie Salzburg", &[("amenity", "dentist")]);
        assert_eq!(RecordText::new(&clinic).excluded(&words), Some(&words[1]));
        let other = place("Zahnarzt Huber", &[("amenity", "dentist")]);
        assert_eq!(RecordText::new(&other).excluded(&words), None);
    }
}
