//! Leads out of candidates, with what the source's record says as facts.

use hunter_contracts::{
    EmailAddress, EmailContact, Evidence, FactKind, Lead, PhoneContact, Score, WebsiteMetadata,
};
use hunter_core::ports::RawPlace;

use crate::{
    candidate::{Candidate, Sourced},
    matching::MAIN_KEYS,
    text::{cut, tidy},
};

/// Most facts of one kind that a record gives.
const CATEGORIES_MAX: usize = 3;
const SPECIALITIES_MAX: usize = 6;
/// Characters of a quote ([`Evidence::quote`]).
const QUOTE_MAX: usize = 300;
/// Characters of a fact's value.
const VALUE_MAX: usize = 200;

/// Keys whose values are specialities.
const SPECIALITY_KEYS: [&str; 7] = [
    "healthcare:speciality",
    "cuisine",
    "sport",
    "beauty",
    "speciality",
    "clothes",
    "craft:speciality",
];
/// Keys that are a speciality themselves when they say yes.
const SPECIALITY_FLAGS: [&str; 8] = [
    "diet:vegan",
    "diet:vegetarian",
    "diet:gluten_free",
    "diet:halal",
    "diet:kosher",
    "organic",
    "microbrewery",
    "fair_trade",
];
/// Google types that every place has.
const EMPTY_TYPES: [&str; 6] = [
    "point_of_interest",
    "establishment",
    "store",
    "food",
    "health",
    "service",
];

/// A lead of what the source says; not yet scored.
pub(crate) fn lead(source: &str, candidate: &Candidate) -> Lead {
    let place = &candidate.place;
    let mut lead = Lead::new(candidate.id.clone());
    lead.name = Some(candidate.name.clone());
    lead.phone = candidate.phones.first().map(|phone| phone.value.clone());
    lead.address.clone_from(&candidate.address);
    lead.website = candidate.website.as_ref().map(|site| site.text.clone());
    lead.rating = place.rating.filter(|stars| (0.0..=5.0).contains(stars));
    lead.review_count = place.review_count;
    lead.source = Some(source.to_owned());
    lead.source_id = Some(place.source_id.clone());
    lead.country.clone_from(&candidate.country);
    lead.city = place.city.as_deref().map(tidy);
    lead.position = place.position;
    lead.categories.clone_from(&place.categories);
    lead.merged_from = candidate
        .merged
        .iter()
        .map(|other| other.source_id.clone())
        .collect();
    if !candidate.emails.is_empty() {
        let domain = candidate
            .website
            .as_ref()
            .and_then(|site| site.domain.as_deref());
        let contacts = candidate
            .emails
            .iter()
            .map(|email| email_contact(email, domain));
        lead.emails = Some(contacts.collect());
    }
    if candidate.phones.len() > 1 {
        let further = candidate.phones.iter().skip(1).map(|phone| PhoneContact {
            name: None,
            email: None,
            phone: phone.value.clone(),
            evidence: Some(evidence(phone)),
        });
        lead.phone_contacts = Some(further.collect());
    }
    if !candidate.social.is_empty() {
        lead.website_metadata = Some(WebsiteMetadata {
            social_links: candidate.social.clone(),
            ..WebsiteMetadata::default()
        });
    }
    add_facts(&mut lead, candidate);
    lead
}

fn evidence<T>(value: &Sourced<T>) -> Evidence {
    Evidence {
        url: value.record_url.clone(),
        quote: cut(&value.quote, QUOTE_MAX),
        fetched_at: value.as_of,
    }
}

/// An address on the business's own domain is the surer one.
fn email_contact(email: &Sourced<EmailAddress>, domain: Option<&str>) -> EmailContact {
    let own = domain.is_some() && hunter_suffixes::registrable(email.value.domain()) == domain;
    EmailContact {
        confidence: Some(Score::clamped(if own { 0.95 } else { 0.85 })),
        source: Some("source_record".to_owned()),
        evidence: Some(evidence(email)),
        ..EmailContact::new(email.value.clone())
    }
}

fn add_facts(lead: &mut Lead, candidate: &Candidate) {
    for (kind, limit, read) in [
        (
            FactKind::Category,
            CATEGORIES_MAX,
            categories as fn(&RawPlace) -> Vec<(String, String)>,
        ),
        (FactKind::Speciality, SPECIALITIES_MAX, specialities),
        (FactKind::OpeningHours, 1, opening_hours),
        (FactKind::Rating, 1, rating),
        (FactKind::Locality, 1, locality),
    ] {
        let mut values: Vec<String> = Vec::new();
        for place in candidate.records() {
            for (value, quote) in read(place) {
                let value = cut(&tidy(&value), VALUE_MAX);
                if value.is_empty() || values.contains(&value) || values.len() >= limit {
                    continue;
                }
                let evidence = Evidence {
                    url: place.record_url.clone(),
                    quote: cut(&quote, QUOTE_MAX),
                    fetched_at: place.as_of,
                };
                lead.add_fact(kind, value.clone(), None, evidence);
                values.push(value);
            }
        }
    }
}

fn split_values(key: &str, value: &str) -> Vec<(String, String)> {
    let quote = format!("{key}={value}");
    let parts = value.split(';').map(str::trim);
    let telling = parts.filter(|part| !part.is_empty() && *part != "yes" && *part != "no");
    telling
        .map(|part| (part.to_owned(), quote.clone()))
        .collect()
}

fn categories(place: &RawPlace) -> Vec<(String, String)> {
    let main = MAIN_KEYS.iter().flat_map(|&main| {
        let tags = place.tags.iter().filter(move |(key, _)| key == main);
        tags.flat_map(|(key, value)| split_values(key, value))
    });
    let mut found: Vec<(String, String)> = main.collect();
    if found.is_empty() {
        let types = place
            .categories
            .iter()
            .filter(|c| !EMPTY_TYPES.contains(&c.as_str()));
        found.extend(types.map(|category| {
            let typed = place
                .tags
                .iter()
                .any(|(key, value)| key == "type" && value == category);
            let key = if typed { "type" } else { "category" };
            (category.clone(), format!("{key}={category}"))
        }));
    }
    found
}

fn specialities(place: &RawPlace) -> Vec<(String, String)> {
    let named = SPECIALITY_KEYS.iter().flat_map(|&wanted| {
        let tags = place.tags.iter().filter(move |(key, _)| key == wanted);
        tags.flat_map(|(key, value)| split_values(key, value))
    });
    let flags = place.tags.iter().filter(|(key, value)| {
        SPECIALITY_FLAGS.contains(&key.as_str()) && (value == "yes" || value == "only")
    });
    let flags = flags.map(|(key, value)| {
        let name = key.rsplit(':').next().unwrap_or(key);
        (name.to_owned(), format!("{key}={value}"))
    });
    named.chain(flags).collect()
}

fn opening_hours(place: &RawPlace) -> Vec<(String, String)> {
    let hours = place.opening_hours.iter();
    hours
        .map(|text| (text.clone(), format!("opening_hours={text}")))
        .collect()
}

fn rating(place: &RawPlace) -> Vec<(String, String)> {
    let Some(stars) = place.rating.filter(|stars| (0.0..=5.0).contains(stars)) else {
        return Vec::new();
    };
    let fact = match place.review_count {
        Some(1) => (
            format!("{stars} from 1 review"),
            format!("rating={stars}, reviews=1"),
        ),
        Some(count) => (
            format!("{stars} from {count} reviews"),
            format!("rating={stars}, reviews={count}"),
        ),
        None => (stars.to_string(), format!("rating={stars}")),
    };
    vec![fact]
}

fn locality(place: &RawPlace) -> Vec<(String, String)> {
    let Some(city) = &place.city else {
        return Vec::new();
    };
    let tagged = place
        .tags
        .iter()
        .any(|(key, value)| key == "addr:city" && value == city);
    let key = if tagged { "addr:city" } else { "city" };
    vec![(city.clone(), format!("{key}={city}"))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{matching::Match, testing::raw};

    fn lead_of(place: RawPlace) -> Lead {
        lead(
            "file",
            &Candidate::new("file", place, Match::for_test(), Some("AT")),
        )
    }

    #[test]
    fn the_records_words_become_facts_with_quotes() {
        let tags = [
            ("amenity", "dentist"),
            ("healthcare", "dentist"),
            ("healthcare:speciality", "orthodontics;implantology"),
            ("diet:vegan", "only"),
            ("addr:city", "Salzburg"),
        ];
        let lead = lead_of(RawPlace {
            tags: tags.iter().map(|&(k, v)| (k.into(), v.into())).collect(),
            city: Some("Salzburg".into()),
            opening_hours: Some("Mo-Th 08:30-15:30".into()),
            rating: Some(4.6),
            review_count: Some(212),
            emails: vec!["praxis@x.at".into()],
            website: Some("https://www.x.at".into()),
            ..raw("node/1", "Praxis X")
        });
        let facts: Vec<(FactKind, &str, &str)> = lead
            .facts
            .iter()
            .map(|f| (f.kind, f.value.as_str(), f.evidence.quote.as_str()))
            .collect();
        let speciality = "healthcare:speciality=orthodontics;implantology";
        assert_eq!(
            facts,
            [
                (FactKind::Category, "dentist", "amenity=dentist"),
                (FactKind::Speciality, "orthodontics", speciality),
                (FactKind::Speciality, "implantology", speciality),
                (FactKind::Speciality, "vegan", "diet:vegan=only"),
                (
                    FactKind::OpeningHours,
                    "Mo-Th 08:30-15:30",
                    "opening_hours=Mo-Th 08:30-15:30"
                ),
                (
                    FactKind::Rating,
                    "4.6 from 212 reviews",
                    "rating=4.6, reviews=212"
                ),
                (FactKind::Locality, "Salzburg", "addr:city=Salzburg"),
            ]
        );
        assert!(
            lead.facts
                .iter()
                .all(|f| f.evidence.url == "https://source.example/node/1")
        );
        let email = &lead.emails.unwrap()[0];
        assert_eq!(email.source.as_deref(), Some("source_record"));
        assert_eq!(email.confidence, Some(Score::clamped(0.95)));
    }

    #[test]
    fn a_merged_record_is_quoted_where_it_stands() {
        let mut kept = Candidate::new("file", raw("node/1", "X"), Match::for_test(), None);
        let other = RawPlace {
            opening_hours: Some("24/7".into()),
            ..raw("way/2", "X")
        };
        kept.absorb(Candidate::new("file", other, Match::for_test(), None));
        let lead = lead("file", &kept);
        assert_eq!(lead.facts[0].evidence.url, "https://source.example/way/2");
        assert_eq!(lead.merged_from, ["way/2"]);
    }

    #[test]
    fn google_types_are_categories() {
        let lead = lead_of(RawPlace {
            categories: vec!["cocktail_bar".into(), "point_of_interest".into()],
            tags: vec![("type".into(), "cocktail_bar".into())],
            ..raw("ChIJ", "Arbella")
        });
        assert_eq!(lead.facts.len(), 1);
        assert_eq!(lead.facts[0].evidence.quote, "type=cocktail_bar");
    }
}
