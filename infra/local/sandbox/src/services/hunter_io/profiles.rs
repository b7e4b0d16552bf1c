//! `companies/find` and `combined/find`.

use serde_json::{Value, json};

use super::answers::{claimed, data, error, missing};
use crate::town::{Business, Town};
use crate::wire::{Answer, Request};

pub(super) fn company(town: &Town, request: &Request) -> Answer {
    let Some(domain) = request.parameter("domain").filter(|d| !d.is_empty()) else {
        return missing("domain");
    };
    match known(town, &domain) {
        Some(business) => data(&profile(business), &json!({"domain": domain})),
        None => error(
            404,
            "not_found",
            "The company you requested does not exist.",
        ),
    }
}

pub(super) fn combined(town: &Town, request: &Request) -> Answer {
    let Some(email) = request.parameter("email").filter(|e| !e.is_empty()) else {
        return missing("email");
    };
    let email = email.to_lowercase();
    let Some((_, domain)) = email.split_once('@') else {
        return error(400, "invalid_email", "The email is invalid");
    };
    let Some(business) = known(town, domain) else {
        return error(404, "not_found", "The person you requested does not exist.");
    };
    let person = business.colleagues().into_iter().find(|c| c.email == email);
    if person.as_ref().is_some_and(|person| person.opted_out) {
        return claimed();
    }
    let person = person.filter(|p| p.known_to_hunter_io).map(|p| {
        let handle = p.linkedin.rsplit('/').next().unwrap_or_default().to_owned();
        json!({
            "id": "9f1b2c", "email": email,
            "name": {
                "fullName": format!("{} {}", p.person.first_latin, p.person.last_latin),
                "givenName": p.person.first_latin, "familyName": p.person.last_latin,
            },
            "employment": {
                "domain": domain, "name": business.name_latin, "title": p.position,
                "role": p.department, "seniority": p.seniority,
            },
            "linkedin": {"handle": handle}, "phone": p.phone,
        })
    });
    data(
        &json!({"person": person, "company": profile(business)}),
        &json!({"email": email}),
    )
}

/// Businesses of which the index has somebody, and their profile with them.
fn known<'t>(town: &'t Town, domain: &str) -> Option<&'t Business> {
    let business = town.by_host(domain)?;
    let indexed = business.colleagues().iter().any(|c| c.known_to_hunter_io);
    indexed.then_some(business)
}

fn profile(business: &Business) -> Value {
    let tech: Vec<String> = business
        .tech_stack
        .iter()
        .map(|name| name.to_lowercase().replace(' ', "_"))
        .collect();
    json!({
        "id": "4c3a", "name": business.name_latin, "legalName": null,
        "domain": business.website, "domainAliases": [],
        "site": {"phoneNumbers": [], "emailAddresses": []},
        "category": {"sector": "Services", "industryGroup": null, "industry": business.category.terms().industry,
            "subIndustry": null},
        "tags": [], "description": business.description(), "foundedYear": business.founded,
        "location": business.address.formatted_latin,
        "geo": {"city": business.city, "country": business.country},
        "linkedin": {"handle": null},
        "phone": business.phones.first().map(|phone| &phone.international),
        "metrics": {"employees": "1-10", "employeesRange": "1-10"},
        "tech": tech,
    })
}
