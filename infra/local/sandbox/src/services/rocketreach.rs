//! A look-alike of RocketReach's API v2: `person/lookup`, `person/checkStatus`, `account`.
//!
//! Its documented quirks: a lookup is asynchronous and is asked for again by id until its status
//! is `complete` or `failed`; throttling comes with `Retry-After`; errors come in three shapes.

use hyper::header::{HeaderValue, RETRY_AFTER};
use serde_json::{Value, json};

use crate::dice::mix;
use crate::endpoint::Endpoint;
use crate::faults::Fault;
use crate::server::Sandbox;
use crate::town::{Business, Colleague, MailDomain, Mailbox, Town};
use crate::wire::{Answer, Request, reply};

impl Endpoint {
    /// RocketReach v2.
    pub const ROCKETREACH: Self = Self::of("rocketreach").with_key(Sandbox::ROCKETREACH_KEY);
}

impl Sandbox {
    /// The API key that the look-alike of RocketReach accepts.
    pub const ROCKETREACH_KEY: &'static str = "sandbox-rocketreach-key";
    /// A key whose credits are used up: 402 for every lookup.
    pub const ROCKETREACH_USED_UP_KEY: &'static str = "sandbox-rocketreach-used-up-key";
}

pub(crate) fn answer(town: &Town, request: &Request) -> Answer {
    let path = request.uri.path().trim_end_matches('/');
    match request.header("api-key") {
        Some(Sandbox::ROCKETREACH_KEY) => {}
        Some(Sandbox::ROCKETREACH_USED_UP_KEY) if path.ends_with("/account") => {}
        Some(Sandbox::ROCKETREACH_USED_UP_KEY) => {
            return json(
                402,
                &json!({"detail": "You have run out of lookup credits."}),
            );
        }
        Some(_) => return json(401, &json!({"status": 401, "message": "Invalid API Key"})),
        None => {
            let detail = "Authentication credentials were not provided.";
            return json(401, &json!({ "detail": detail }));
        }
    }
    match path {
        "/api/v2/account" => account(),
        "/api/v2/person/lookup" => lookup(town, request),
        "/api/v2/person/checkStatus" => check_status(town, request),
        _ => json(404, &json!({"detail": "Not found."})),
    }
}

pub(crate) fn faulty(fault: Fault) -> Answer {
    match fault {
        Fault::RateLimited => {
            let detail = "Request was throttled. Expected available in 1 second.";
            let answer = json(429, &json!({ "detail": detail }));
            let Answer::Reply(mut response) = answer else {
                return answer;
            };
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static("1"));
            Answer::Reply(response)
        }
        _ => json(500, &json!({"error": "Internal Server Error"})),
    }
}

fn json(status: u16, body: &Value) -> Answer {
    reply(status, "application/json", body.to_string())
}

fn account() -> Answer {
    let body = json!({
        "id": 12345, "first_name": "Sand", "last_name": "Box", "email": "owner@sandbox.example",
        "state": "registered", "lookup_credit_balance": 123, "lifetime_credits_spent": 7,
        "plan": {"id": 221, "name": "Pro", "lookup_limit": 600},
        "credit_usage": [{"credit_type": "premium_lookup", "allocated": 600, "used": 477,
            "remaining": 123}],
        "rate_limits": [{"action": "person_lookup", "duration": "minute", "limit": 50, "used": 1,
            "remaining": 49}],
    });
    json(200, &body)
}

fn lookup(town: &Town, request: &Request) -> Answer {
    let text = |name: &str| request.parameter(name).filter(|value| !value.is_empty());
    let found = match (
        text("id"),
        text("linkedin_url"),
        text("name"),
        text("current_employer"),
    ) {
        (Some(id), ..) => by_id(town, &id),
        (None, Some(profile), ..) => by_profile(town, &profile),
        (None, None, Some(name), Some(employer)) => by_name(town, &name, &employer),
        _ => {
            let detail = "Specify id, linkedin_url, or name and current_employer.";
            return json(400, &json!({ "detail": detail }));
        }
    };
    match found {
        Some(known) => {
            // A share is known at once; all others are searched for.
            let stage = if mix(0, &["cached", &known.who.email]).is_multiple_of(4) {
                Stage::Complete
            } else {
                Stage::Searching
            };
            json(200, &profile(&known, stage))
        }
        None => {
            let error = "We could not find a profile for that query.";
            json(404, &json!({ "error": error }))
        }
    }
}

fn check_status(town: &Town, request: &Request) -> Answer {
    let Some(ids) = request.parameter("ids").filter(|ids| !ids.is_empty()) else {
        return json(400, &json!({"ids": ["This field is required."]}));
    };
    let stage = match request.attempt {
        1 => Stage::Searching,
        2 => Stage::Progress,
        _ => Stage::Complete,
    };
    let profiles: Vec<Value> = ids
        .split(',')
        .filter_map(|id| by_id(town, id))
        .map(|known| profile(&known, stage))
        .collect();
    json(200, &Value::Array(profiles))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Searching,
    Progress,
    Complete,
}

/// Ids count people through: so many per listing.
const PEOPLE_PER_LISTING: usize = 64;

/// Somebody whom the service knows.
struct Known<'t> {
    id: usize,
    business: &'t Business,
    who: Colleague,
}

fn people(town: &Town, listing: usize) -> Vec<Known<'_>> {
    let Some(business) = town.businesses().get(listing) else {
        return Vec::new();
    };
    let numbered = business.colleagues().into_iter().enumerate();
    numbered
        .filter(|(_, who)| who.known_to_rocketreach)
        .map(|(number, who)| Known {
            id: (listing + 1) * PEOPLE_PER_LISTING + number,
            business,
            who,
        })
        .collect()
}

fn by_id<'t>(town: &'t Town, wanted: &str) -> Option<Known<'t>> {
    let wanted: usize = wanted.trim().parse().ok()?;
    let listing = (wanted / PEOPLE_PER_LISTING).checked_sub(1)?;
    people(town, listing)
        .into_iter()
        .find(|known| known.id == wanted)
}

fn by_profile<'t>(town: &'t Town, wanted: &str) -> Option<Known<'t>> {
    let handle = wanted.trim_end_matches('/').rsplit('/').next()?;
    let ending = format!("/{handle}");
    (0..town.businesses().len())
        .flat_map(|listing| people(town, listing))
        .find(|known| known.who.linkedin.ends_with(&ending))
}

fn by_name<'t>(town: &'t Town, name: &str, employer: &str) -> Option<Known<'t>> {
    let employer = employer.trim().to_lowercase();
    let works_there = |business: &Business| {
        business.name.to_lowercase() == employer
            || business.name_latin.to_lowercase() == employer
            || business.website.as_deref() == Some(employer.as_str())
    };
    let listings = town.businesses().iter().enumerate();
    let (listing, wanted) = listings
        .filter(|(_, business)| works_there(business))
        .find_map(|(listing, business)| Some((listing, business.colleague_named(name)?)))?;
    people(town, listing)
        .into_iter()
        .find(|known| known.who.email == wanted.email)
}

fn profile(known: &Known<'_>, stage: Stage) -> Value {
    let Known { id, business, who } = known;
    let nothing = who.mailbox == Mailbox::Gone && who.phone.is_none();
    let status = match stage {
        Stage::Searching => "searching",
        Stage::Progress => "progress",
        Stage::Complete if nothing => "failed",
        Stage::Complete => "complete",
    };
    let mut profile = json!({
        "id": id, "status": status,
        "name": format!("{} {}", who.person.first_latin, who.person.last_latin),
        "current_title": who.position, "current_employer": business.name_latin,
        "current_employer_domain": business.website, "linkedin_url": who.linkedin,
        "city": business.city, "country_code": business.country,
    });
    if stage != Stage::Complete || nothing {
        return profile;
    }
    if let Some(fields) = profile.as_object_mut() {
        fields.insert("emails".to_owned(), emails(known));
        fields.insert("phones".to_owned(), phones(who));
    }
    profile
}

/// The private mailbox comes first, so that whoever takes the first one is wrong.
fn emails(known: &Known<'_>) -> Value {
    let Known { id, business, who } = known;
    let (smtp_valid, grade) = match (business.mail_domain(), who.mailbox) {
        (MailDomain::Receives | MailDomain::AddressOnly, Mailbox::Exists) => ("valid", "A"),
        (MailDomain::AcceptsAll, Mailbox::Exists) => ("inconclusive", "A-"),
        (MailDomain::Refuses, _) | (_, Mailbox::Gone) => ("invalid", "F"),
        _ => ("inconclusive", "B"),
    };
    json!([
        {"email": format!("private{id}@gmail.com"), "smtp_valid": "valid", "type": "personal",
            "grade": "A", "last_validation_check": "2026-02-01"},
        {"email": who.email, "smtp_valid": smtp_valid, "type": "professional", "grade": grade,
            "last_validation_check": "2026-02-01"},
    ])
}

fn phones(who: &Colleague) -> Value {
    let numbers = who.phone.iter().map(|number| {
        let e164: String = number.chars().filter(|c| !c.is_whitespace()).collect();
        json!({"number": number, "e164": e164, "country_code": "US", "type": "professional",
            "grade": "A", "validity": "valid", "recommended": true, "premium": false})
    });
    Value::Array(numbers.collect())
}
