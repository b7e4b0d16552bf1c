//! A look-alike of Clearbit's enrichment API v2: `companies/find`, `combined/find`.
//!
//! Closed to new customers; key holders still have it. What is not at hand is answered 202 and is
//! there some seconds later.

use base64::Engine;
use serde_json::{Value, json};

use crate::dice::mix;
use crate::endpoint::Endpoint;
use crate::faults::Fault;
use crate::server::Sandbox;
use crate::town::{Business, Town};
use crate::wire::{Answer, Request, reply};

impl Endpoint {
    /// Clearbit's person and company API v2.
    pub const CLEARBIT: Self = Self::of("clearbit").with_key(Sandbox::CLEARBIT_KEY);
}

impl Sandbox {
    /// The API key that the look-alike of Clearbit accepts.
    pub const CLEARBIT_KEY: &'static str = "sandbox-clearbit-key";
    /// A key whose plan is used up: 402.
    pub const CLEARBIT_USED_UP_KEY: &'static str = "sandbox-clearbit-used-up-key";
}

pub(crate) fn answer(town: &Town, request: &Request) -> Answer {
    match key(request).as_deref() {
        Some(Sandbox::CLEARBIT_KEY) => {}
        Some(Sandbox::CLEARBIT_USED_UP_KEY) => {
            return error(402, "over_quota", "Over plan quota on this endpoint.");
        }
        _ => return error(401, "auth_invalid", "Invalid API key provided."),
    }
    match request.uri.path() {
        "/v2/companies/find" => company(town, request),
        "/v2/combined/find" => combined(town, request),
        _ => error(404, "unknown_resource", "Unknown resource."),
    }
}

pub(crate) fn faulty(fault: Fault) -> Answer {
    match fault {
        Fault::RateLimited => error(429, "rate_limit", "Too many requests."),
        _ => error(503, "internal_error", "Service unavailable."),
    }
}

/// Bearer, or Basic with the key as the user.
fn key(request: &Request) -> Option<String> {
    let value = request.header("authorization")?;
    if let Some(key) = value.strip_prefix("Bearer ") {
        return Some(key.to_owned());
    }
    let encoded = value.strip_prefix("Basic ")?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded);
    let pair = String::from_utf8(bytes.ok()?).ok()?;
    pair.split(':').next().map(str::to_owned)
}

fn error(status: u16, kind: &str, message: &str) -> Answer {
    json(
        status,
        &json!({"error": {"type": kind, "message": message}}),
    )
}

fn json(status: u16, body: &Value) -> Answer {
    reply(status, "application/json; charset=utf-8", body.to_string())
}

fn queued(request: &Request, what: &str) -> Option<Answer> {
    let waits = mix(0, &["queued", what]).is_multiple_of(3) && request.attempt == 1;
    waits.then(|| {
        error(
            202,
            "queued",
            "Your request has been queued; try again shortly.",
        )
    })
}

fn company(town: &Town, request: &Request) -> Answer {
    let Some(domain) = request.parameter("domain").filter(|d| d.contains('.')) else {
        return error(422, "params_invalid", "Invalid or missing domain.");
    };
    if let Some(answer) = queued(request, &domain) {
        return answer;
    }
    match known(town, &domain) {
        Some(business) => json(200, &profile(business)),
        None => error(404, "unknown_record", "Unknown company."),
    }
}

fn combined(town: &Town, request: &Request) -> Answer {
    let email = request
        .parameter("email")
        .unwrap_or_default()
        .to_lowercase();
    let Some((_, domain)) = email.split_once('@').filter(|(_, d)| d.contains('.')) else {
        return error(422, "email_invalid", "Invalid email.");
    };
    if let Some(answer) = queued(request, &email) {
        return answer;
    }
    let Some(business) = known(town, domain) else {
        return error(404, "unknown_record", "Unknown person.");
    };
    let person = business.colleagues().into_iter().find(|c| c.email == email);
    let person = person.filter(|p| !p.opted_out).map(|p| {
        let full = format!("{} {}", p.person.first_latin, p.person.last_latin);
        let handle = p
            .linkedin
            .rsplit_once(".com/")
            .map(|(_, handle)| handle.to_owned());
        json!({
            "id": "d54c54ad", "email": email,
            "name": {"fullName": full, "givenName": p.person.first_latin,
                "familyName": p.person.last_latin},
            "employment": {"domain": domain, "name": business.name_latin, "title": p.position,
                "role": p.department, "seniority": p.seniority},
            "linkedin": {"handle": handle}, "fuzzy": false, "emailProvider": false,
        })
    });
    json(
        200,
        &json!({"person": person, "company": profile(business)}),
    )
}

/// Two businesses in three are in the index.
fn known<'t>(town: &'t Town, domain: &str) -> Option<&'t Business> {
    let business = town.by_host(domain)?;
    let host = business.website.as_deref()?;
    (!mix(0, &["clearbit", host]).is_multiple_of(3)).then_some(business)
}

fn profile(business: &Business) -> Value {
    let phone = business.phones.first().map(|phone| &phone.international);
    let tech: Vec<String> = business
        .tech_stack
        .iter()
        .map(|name| name.to_lowercase().replace(' ', "_"))
        .collect();
    let shown: Vec<&String> = business.emails.iter().map(|email| &email.address).collect();
    json!({
        "id": "027b0d40", "name": business.name_latin, "legalName": null,
        "domain": business.website, "domainAliases": [],
        "url": business.website.as_ref().map(|host| format!("http://{host}")),
        "site": {"phoneNumbers": phone.iter().collect::<Vec<_>>(), "emailAddresses": shown},
        "category": {"sector": "Services", "industryGroup": null, "industry": business.category.terms().industry,
            "subIndustry": null},
        "tags": [], "description": business.description(), "foundedYear": business.founded,
        "location": business.address.formatted_latin, "phone": phone,
        "linkedin": {"handle": null}, "type": "private", "ticker": null, "emailProvider": false,
        "metrics": {"employees": 7, "employeesRange": "1-10", "annualRevenue": null},
        "tech": tech,
    })
}
