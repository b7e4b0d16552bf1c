//! `domain-search` and `email-finder`.

use serde_json::{Value, json};

use super::answers::{claimed, data, error, missing};
use super::verifier;
use crate::dice::mix;
use crate::town::{Business, Colleague, MailDomain, Mailbox, Town};
use crate::wire::{Answer, Request};

const LIMIT_MAX: usize = 100;
const TYPES: [&str; 2] = ["personal", "generic"];
const SENIORITIES: [&str; 3] = ["junior", "senior", "executive"];
const DEPARTMENTS: [&str; 14] = [
    "executive",
    "it",
    "finance",
    "management",
    "sales",
    "legal",
    "support",
    "hr",
    "marketing",
    "communication",
    "education",
    "design",
    "health",
    "operations",
];

/// Which addresses of a domain are asked for.
struct Wanted {
    limit: usize,
    offset: usize,
    kind: Option<String>,
    seniority: Option<String>,
    department: Option<String>,
}

impl Wanted {
    /// Reads and checks the parameters; the error's id and details where they are not allowed.
    fn read(request: &Request, free: bool) -> Result<Self, (&'static str, &'static str)> {
        let number = |name: &str, default: usize| match request.parameter(name) {
            None => Some(default),
            Some(value) => value.parse::<usize>().ok(),
        };
        let (Some(limit), Some(offset)) = (number("limit", 10), number("offset", 0)) else {
            let details = "The limit and offset must be numbers";
            return Err(("wrong_params", details));
        };
        if limit == 0 || limit > LIMIT_MAX {
            let details = "The limit must be between 1 and 100";
            return Err(("wrong_params", details));
        }
        if free && (limit > 10 || offset > 0) {
            let details = "You are limited to 10 email addresses on the free plan";
            return Err(("pagination_error", details));
        }
        let wanted = Self {
            limit,
            offset,
            kind: request.parameter("type"),
            seniority: request.parameter("seniority"),
            department: request.parameter("department"),
        };
        for (id, list, known) in [
            ("invalid_type", &wanted.kind, &TYPES[..]),
            ("invalid_seniority", &wanted.seniority, &SENIORITIES[..]),
            ("invalid_department", &wanted.department, &DEPARTMENTS[..]),
        ] {
            let mut words = list.iter().flat_map(|list| list.split(','));
            if words.any(|word| !known.contains(&word)) {
                return Err((id, "The value is not one that is known"));
            }
        }
        Ok(wanted)
    }

    fn takes(&self, email: &Value) -> bool {
        let within = |field: &str, list: &Option<String>| {
            let value = email.get(field).and_then(Value::as_str);
            list.as_deref()
                .is_none_or(|list| list.split(',').any(|word| value == Some(word)))
        };
        within("type", &self.kind)
            && within("seniority", &self.seniority)
            && within("department", &self.department)
    }
}

pub(super) fn domain(town: &Town, request: &Request, free: bool) -> Answer {
    let Some(domain) = request.parameter("domain").filter(|d| !d.is_empty()) else {
        return missing("domain");
    };
    let wanted = match Wanted::read(request, free) {
        Ok(wanted) => wanted,
        Err((id, details)) => return error(400, id, details),
    };
    let business = town.by_host(&domain);
    let emails: Vec<Value> = business
        .map(|business| emails(town, business))
        .unwrap_or_default()
        .into_iter()
        .filter(|email| wanted.takes(email))
        .collect();
    let known = !emails.is_empty();
    let accept_all = business.is_some_and(|b| b.mail_domain() == MailDomain::AcceptsAll);
    let page = emails.iter().skip(wanted.offset).take(wanted.limit);
    let page: Vec<&Value> = page.collect();
    // Half of the businesses are described here already.
    let described = business.filter(|b| known && b.founded % 2 == 0);
    data(
        &json!({
            "domain": domain, "disposable": false, "webmail": false, "accept_all": accept_all,
            "pattern": business.filter(|_| known).map(Business::mail_pattern),
            "organization": business.map(|b| &b.name_latin),
            "description": described.map(Business::description),
            "industry": described.map(|business| business.category.terms().industry),
            "country": business.map(|b| b.country), "city": business.map(|b| b.city),
            "headcount": described.map(|_| "1-10"), "emails": page,
        }),
        &json!({
            "results": emails.len(), "limit": wanted.limit, "offset": wanted.offset,
            "params": {"domain": domain, "type": wanted.kind, "seniority": wanted.seniority,
                "department": wanted.department},
        }),
    )
}

/// What the index has of a business: its colleagues without those who opted out, and the
/// functions' mailboxes that the site shows.
fn emails(town: &Town, business: &Business) -> Vec<Value> {
    let colleagues = business.colleagues();
    let host = business.website.as_deref().unwrap_or_default();
    let mut emails: Vec<Value> = colleagues
        .iter()
        .filter(|colleague| colleague.known_to_hunter_io && !colleague.opted_out)
        .map(|colleague| entry(town, business, colleague))
        .collect();
    if emails.is_empty() {
        return emails;
    }
    for email in &business.emails {
        if colleagues
            .iter()
            .any(|colleague| colleague.email == email.address)
        {
            continue;
        }
        emails.push(json!({
            "value": email.address, "type": "generic", "confidence": 94,
            "sources": [source(town, host, "contact", true)],
            "first_name": null, "last_name": null, "position": null, "seniority": null,
            "department": "support", "linkedin": null, "twitter": null, "phone_number": null,
            "verification": verification(town, business, Mailbox::Exists, &email.address),
        }));
    }
    emails
}

fn entry(town: &Town, business: &Business, colleague: &Colleague) -> Value {
    let host = business.website.as_deref().unwrap_or_default();
    let gone = colleague.mailbox == Mailbox::Gone;
    let sources = match mix(0, &["sources", &colleague.email]) % 4 {
        0 => vec![],
        1 => vec![source(town, "registry.example", "members", !gone)],
        _ => vec![
            source(town, host, "team", !gone),
            source(town, "registry.example", "members", false),
        ],
    };
    json!({
        "value": colleague.email, "type": "personal",
        "confidence": if gone { 41 } else { 92 },
        "sources": sources,
        "first_name": colleague.person.first_latin, "last_name": colleague.person.last_latin,
        "position": colleague.position, "seniority": colleague.seniority,
        "department": colleague.department, "linkedin": colleague.linkedin, "twitter": null,
        "phone_number": colleague.phone,
        "verification": verification(town, business, colleague.mailbox, &colleague.email),
    })
}

fn source(town: &Town, host: &str, page: &str, still: bool) -> Value {
    let day = |days_ago: i64| {
        let at = town.options().now - jiff::SignedDuration::from_hours(24 * days_ago);
        at.strftime("%Y-%m-%d").to_string()
    };
    json!({
        "domain": host, "uri": format!("http://{host}/{page}"), "extracted_on": day(700),
        "last_seen_on": day(if still { 20 } else { 400 }), "still_on_page": still,
    })
}

/// What the index says of a mailbox without asking the mail host again; often nothing.
fn verification(town: &Town, business: &Business, mailbox: Mailbox, email: &str) -> Value {
    if mix(0, &["verified", email]).is_multiple_of(3) {
        return json!({"date": null, "status": null});
    }
    let status = verifier::status(business, mailbox);
    let date = status.ne("unknown").then(|| {
        town.options()
            .now
            .strftime("%Y-%m-%dT00:00:00Z")
            .to_string()
    });
    json!({"date": date, "status": status})
}

pub(super) fn person(town: &Town, request: &Request) -> Answer {
    let text = |name: &str| request.parameter(name).filter(|value| !value.is_empty());
    let Some(domain) = text("domain") else {
        return missing("domain");
    };
    let name = match (text("full_name"), text("first_name"), text("last_name")) {
        (Some(full), _, _) => full,
        (None, Some(first), Some(last)) => format!("{first} {last}"),
        (None, None, _) => return missing("first_name"),
        (None, _, None) => return missing("last_name"),
    };
    let Some(business) = town.by_host(&domain) else {
        return error(404, "not_found", "We could not find the domain.");
    };
    let colleague = business.colleague_named(&name);
    let meta = json!({"params": {"full_name": name, "domain": domain}});
    let Some(colleague) = colleague.filter(|c| c.known_to_hunter_io || c.opted_out) else {
        return data(
            &json!({"first_name": null, "last_name": null, "email": null, "score": null,
                "domain": domain, "accept_all": null, "position": null, "sources": [],
                "verification": {"date": null, "status": null}}),
            &meta,
        );
    };
    if colleague.opted_out {
        return claimed();
    }
    let entry = entry(town, business, &colleague);
    let of = |field: &str| entry.get(field).cloned().unwrap_or(Value::Null);
    data(
        &json!({
            "first_name": of("first_name"), "last_name": of("last_name"), "email": of("value"),
            "score": of("confidence"), "domain": domain,
            "accept_all": business.mail_domain() == MailDomain::AcceptsAll,
            "position": of("position"), "twitter": null, "linkedin_url": of("linkedin"),
            "phone_number": of("phone_number"), "company": business.name_latin,
            "sources": of("sources"), "verification": of("verification"),
        }),
        &meta,
    )
}
