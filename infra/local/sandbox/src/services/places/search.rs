//! Understands a text query: the kind of business, the place, and words of names.

use std::cmp::Reverse;

use super::request::Search;
use super::vocabulary::VOCABULARY;
use crate::dice::mix;
use crate::town::{Business, CITIES, Category, City, Town};

/// What a query asks for.
struct Understood {
    /// Kinds of businesses with their weight; empty when the query names none.
    categories: Vec<(Category, u32)>,
    city: Option<&'static City>,
    country: Option<&'static str>,
    districts: Vec<String>,
    /// Words left over; every one must be in the name or a service.
    words: Vec<String>,
}

/// The city that a query names when it names nothing else, as in `Mumbai, India`.
pub(super) fn city(search: &Search) -> Option<&'static City> {
    let understood = understand(&search.text_query);
    let alone = understood.categories.is_empty()
        && understood.words.is_empty()
        && understood.districts.is_empty();
    let city = understood.city.filter(|_| alone)?;
    let country = understood.country;
    country
        .is_none_or(|country| country == city.country)
        .then_some(city)
}

/// Listings that match, best first.
pub(super) fn find<'t>(town: &'t Town, search: &Search) -> Vec<&'t Business> {
    let understood = understand(&search.text_query);
    let mut found: Vec<(u32, u64, &Business)> = town
        .businesses()
        .iter()
        .filter(|business| admits(search, business))
        .filter_map(|business| {
            let mut score = score(&understood, business)?;
            if search
                .bias
                .is_some_and(|area| area.contains(business.location))
            {
                score += 50;
            }
            if search
                .region_code
                .as_deref()
                .is_some_and(|code| code.eq_ignore_ascii_case(business.country))
            {
                score += 5;
            }
            // Prominence: many reviews come first, with some disorder per query.
            let disorder = mix(business.seed, &[&search.text_query]) % 400;
            Some((
                score,
                u64::from(business.review_count.min(900)) + disorder,
                business,
            ))
        })
        .collect();
    found.sort_by_key(|(score, prominence, business)| {
        (Reverse(*score), Reverse(*prominence), &business.place_id)
    });
    found.into_iter().map(|(_, _, business)| business).collect()
}

fn admits(search: &Search, business: &Business) -> bool {
    search
        .restriction
        .is_none_or(|area| area.contains(business.location))
        && search
            .included_type
            .as_deref()
            .is_none_or(|kind| business.category.terms().google_types.contains(&kind))
        && business.rating.unwrap_or_default() >= search.min_rating
}

fn score(understood: &Understood, business: &Business) -> Option<u32> {
    let kind = if understood.categories.is_empty() {
        0
    } else {
        let hit = understood
            .categories
            .iter()
            .find(|(kind, _)| *kind == business.category);
        hit.map(|(_, weight)| *weight)?
    };
    if understood
        .city
        .is_some_and(|city| city.name != business.city)
        || understood
            .country
            .is_some_and(|country| country != business.country)
    {
        return None;
    }
    let district = business.district.to_lowercase();
    if !understood.districts.is_empty() && !understood.districts.contains(&district) {
        return None;
    }
    let name = format!("{} {}", business.name, business.name_latin).to_lowercase();
    let services = business.services.join(" ").to_lowercase();
    let all_known = understood
        .words
        .iter()
        .all(|word| name.contains(word.as_str()) || services.contains(word.as_str()));
    // A query without a kind and without words ("Mumbai") finds no businesses.
    let empty = understood.categories.is_empty() && understood.words.is_empty();
    (all_known && !empty).then_some(kind + 10 * understood.words.len() as u32)
}

fn understand(query: &str) -> Understood {
    let mut rest = Rest::new(query);
    let mut categories: Vec<(Category, u32)> = Vec::new();
    let mut phrases: Vec<(&str, Category)> = Category::ALL
        .iter()
        .flat_map(|&category| {
            category
                .terms()
                .synonyms
                .iter()
                .map(move |phrase| (*phrase, category))
        })
        .collect();
    // Longer phrases first, so that "dental clinic" is not read as "dental".
    phrases.sort_by_key(|(phrase, _)| Reverse(phrase.chars().count()));

    let mut districts = Vec::new();
    let mut city = None;
    let mut country = None;
    for known in CITIES.iter() {
        let names = [known.name, known.local]
            .into_iter()
            .chain(known.aliases.iter().copied());
        for name in names {
            if rest.take(name) {
                city = Some(known);
            }
        }
        for district in &known.districts {
            let (local, latin) = district.split_once('|').unwrap_or((district, district));
            let short = local
                .split_once(" West")
                .or_else(|| local.split_once(" East"));
            let names = [local, latin, short.map_or(local, |(short, _)| short)];
            if names.into_iter().any(|name| rest.take(name)) {
                districts.push(local.to_lowercase());
            }
        }
    }
    for known in CITIES.iter() {
        for name in &known.country_names {
            if rest.take(name) {
                country = Some(known.country);
            }
        }
    }
    for (phrase, category) in phrases {
        if rest.take(phrase) {
            add(&mut categories, category, 100);
            // Neighbouring kinds answer a search for dentists too, after the exact ones.
            match category {
                Category::Dentist => {
                    add(&mut categories, Category::DentalClinic, 80);
                    add(&mut categories, Category::Orthodontist, 40);
                }
                Category::DentalClinic => add(&mut categories, Category::Dentist, 60),
                _ => {}
            }
        }
    }
    Understood {
        categories,
        city,
        country,
        districts,
        words: rest.words(),
    }
}

fn add(categories: &mut Vec<(Category, u32)>, category: Category, weight: u32) {
    match categories.iter_mut().find(|(known, _)| *known == category) {
        Some((_, known)) => *known = weight.max(*known),
        None => categories.push((category, weight)),
    }
}

/// The part of a query that is not understood yet: words between single spaces.
struct Rest(String);

impl Rest {
    fn new(query: &str) -> Self {
        let lower = query.to_lowercase();
        let words: Vec<&str> = lower
            .split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '-' || is_mark(c)))
            .filter(|word| !word.is_empty())
            .collect();
        Self(format!(" {} ", words.join(" ")))
    }

    /// Takes a phrase out, if it is there as whole words (anywhere in scripts without spaces).
    fn take(&mut self, phrase: &str) -> bool {
        let phrase = phrase.to_lowercase();
        let spaceless = phrase
            .chars()
            .all(|c| ('\u{3040}'..='\u{9fff}').contains(&c));
        let needle = if spaceless {
            phrase
        } else {
            format!(" {phrase} ")
        };
        let found = self.0.contains(&needle);
        if found {
            self.0 = self.0.replacen(&needle, " ", 1);
        }
        found
    }

    fn words(&self) -> Vec<String> {
        self.0
            .split_whitespace()
            .filter(|word| !VOCABULARY.stop_words.contains(word))
            .map(str::to_owned)
            .collect()
    }
}

/// Vowel signs of Devanagari belong to words but are not letters.
fn is_mark(c: char) -> bool {
    ('\u{0900}'..='\u{097f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(query: &str) -> Vec<Category> {
        understand(query)
            .categories
            .into_iter()
            .map(|(kind, _)| kind)
            .collect()
    }

    #[test]
    fn queries_are_understood_in_several_languages() {
        let mumbai = understand("Dentists in Mumbai, India");
        assert_eq!(mumbai.city.unwrap().name, "Mumbai");
        assert_eq!(mumbai.country, Some("IN"));
        assert!(mumbai.words.is_empty());
        assert_eq!(
            kinds("Zahnärzte in München").first(),
            Some(&Category::Dentist)
        );
        assert_eq!(kinds("大阪の歯科医院").first(), Some(&Category::Dentist));
        assert_eq!(understand("大阪の歯科医院").city.unwrap().name, "Osaka");
        assert_eq!(
            kinds("dental clinics Pune").first(),
            Some(&Category::DentalClinic)
        );
        assert_eq!(kinds("orthodontists near Bandra"), [Category::Orthodontist]);
        assert_eq!(
            understand("orthodontists near Bandra").districts,
            ["bandra west"]
        );
    }

    #[test]
    fn unknown_places_stay_as_words_and_find_nothing() {
        assert_eq!(understand("dentists in Atlantis").words, ["atlantis"]);
    }
}
