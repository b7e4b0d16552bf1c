//! Fit: how directly the business is what was asked for, where it was asked for, and how close it
//! is to the seller's ideal customer.

use hunter_contracts::{IdealCustomer, Lead};

use super::{Part, Screening};
use crate::{
    catalog::CATALOG,
    gazetteer::Wanted,
    locations::LocationFit,
    matching::{Directness, IndustryFit},
    text::{fold, fold_words, holds_phrase},
};

const WEIGHT_KEYWORD: f64 = 0.50;
const WEIGHT_LOCATION: f64 = 0.25;
const WEIGHT_INDUSTRY: f64 = 0.15;
const WEIGHT_IDEAL_INDUSTRY: f64 = 0.20;
const WEIGHT_IDEAL_LOCATION: f64 = 0.10;
const WEIGHT_SIZE: f64 = 0.15;

/// What one question of the part answers.
struct Answer {
    weight: f64,
    value: f64,
    reason: String,
}

pub(super) fn part(screening: &Screening) -> Part {
    let ideal = &screening.agent.ideal_customer;
    let mut answers = vec![keyword(screening)];
    answers.extend(location(screening));
    answers.extend(industry(screening));
    answers.extend(ideal_industry(&screening.lead, ideal));
    answers.extend(ideal_location(&screening.lead, ideal));
    answers.extend(size(&screening.lead, ideal));
    let total: f64 = answers.iter().map(|a| a.weight).sum();
    let value: f64 = answers.iter().map(|a| a.weight * a.value).sum();
    Part {
        value: value / total,
        reasons: answers.into_iter().map(|a| a.reason).collect(),
    }
}

fn keyword(screening: &Screening) -> Answer {
    let fit = &screening.matched.keyword;
    let (value, how) = match fit.directness {
        Directness::Kind => (1.0, "is exactly"),
        Directness::Name => (0.85, "is by its name"),
        Directness::Related => (0.7, "is related to"),
        Directness::SourceSearch => (0.7, "was found for"),
        Directness::Loose => (0.6, "is loosely"),
    };
    Answer {
        weight: WEIGHT_KEYWORD,
        value,
        reason: format!("it {how} `{}` ({})", fit.keyword, fit.seen),
    }
}

fn location(screening: &Screening) -> Option<Answer> {
    let (value, reason) = match &screening.matched.location {
        LocationFit::NotAsked => return None,
        LocationFit::Named(seen) => (1.0, format!("it is in the right place ({seen})")),
        LocationFit::Near(seen) => (0.85, format!("it is probably in the right place ({seen})")),
        LocationFit::SourceSearch => (0.85, "the source found it in the right place".to_owned()),
        LocationFit::Unknown => (0.5, "no information about where it is".to_owned()),
    };
    Some(Answer {
        weight: WEIGHT_LOCATION,
        value,
        reason,
    })
}

fn industry(screening: &Screening) -> Option<Answer> {
    let (value, reason) = match screening.matched.industry {
        IndustryFit::NotAsked => return None,
        IndustryFit::Matches => (1.0, "its industry is the one asked for"),
        IndustryFit::Unknown | IndustryFit::Differs => (0.6, "no information about its industry"),
    };
    Some(Answer {
        weight: WEIGHT_INDUSTRY,
        value,
        reason: reason.to_owned(),
    })
}

fn ideal_industry(lead: &Lead, ideal: &IdealCustomer) -> Option<Answer> {
    if ideal.industries.is_empty() {
        return None;
    }
    let categories: Vec<String> = lead.categories.iter().map(|c| fold_words(c)).collect();
    let own: Vec<&str> = categories
        .iter()
        .flat_map(|category| CATALOG.named(category))
        .filter_map(|&i| CATALOG.kinds.get(i))
        .flat_map(|kind| [kind.id.as_str(), kind.industry.as_str()])
        .collect();
    let hit = ideal.industries.iter().find(|wanted| {
        let phrase = fold_words(wanted);
        let industries = CATALOG.industries_of(wanted);
        let kinds = CATALOG
            .named(&phrase)
            .iter()
            .filter_map(|&i| CATALOG.kinds.get(i));
        categories
            .iter()
            .any(|category| holds_phrase(category, &phrase))
            || kinds
                .into_iter()
                .any(|kind| own.contains(&kind.id.as_str()))
            || (CATALOG.named(&phrase).is_empty() && own.iter().any(|o| industries.contains(*o)))
    });
    let (value, reason) = match (hit, categories.is_empty()) {
        (Some(wanted), _) => (
            1.0,
            format!("the ideal customer is in `{wanted}`, as it is"),
        ),
        (None, true) => (0.5, "no information about its category".to_owned()),
        (None, false) => (
            0.4,
            "its category is not one of the ideal customer's".to_owned(),
        ),
    };
    Some(Answer {
        weight: WEIGHT_IDEAL_INDUSTRY,
        value,
        reason,
    })
}

fn ideal_location(lead: &Lead, ideal: &IdealCustomer) -> Option<Answer> {
    if ideal.locations.is_empty() {
        return None;
    }
    let hit = ideal.locations.iter().find(|text| {
        let wanted = Wanted::of(text);
        let town = lead
            .city
            .as_deref()
            .is_some_and(|c| wanted.is_town(c) || wanted.is_quarter(c));
        let address = lead.address.as_deref().unwrap_or_default();
        let named = address.split(',').any(|part| wanted.is_address_part(part));
        let country = wanted.towns.is_empty() && lead.country == wanted.country;
        town || named
            || (country && lead.country.is_some())
            || lead
                .country
                .as_deref()
                .is_some_and(|code| fold(code) == fold(text))
    });
    let unknown = lead.city.is_none() && lead.country.is_none() && lead.address.is_none();
    let (value, reason) = match hit {
        Some(place) => (1.0, format!("the ideal customer is in `{place}`, as it is")),
        None if unknown => (0.5, "no information about where it is".to_owned()),
        None => (0.4, "it is not where the ideal customer is".to_owned()),
    };
    Some(Answer {
        weight: WEIGHT_IDEAL_LOCATION,
        value,
        reason,
    })
}

fn size(lead: &Lead, ideal: &IdealCustomer) -> Option<Answer> {
    let (min, max) = (ideal.reviews_min, ideal.reviews_max);
    if min.is_none() && max.is_none() {
        return None;
    }
    let (value, reason) = match lead.review_count {
        None => (0.5, "no information about its size".to_owned()),
        Some(count) if min.is_some_and(|min| count < min) => (
            0.3,
            format!("with {count} reviews it is smaller than the ideal customer"),
        ),
        Some(count) if max.is_some_and(|max| count > max) => (
            0.3,
            format!("with {count} reviews it is larger than the ideal customer"),
        ),
        Some(count) => (1.0, format!("with {count} reviews it is of the ideal size")),
    };
    Some(Answer {
        weight: WEIGHT_SIZE,
        value,
        reason,
    })
}
