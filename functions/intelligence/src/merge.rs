//! What contact services said, put into the lead: people with their own numbers, and what is known
//! of the business.

use hunter_contracts::{Evidence, FactKind, Lead, PhoneContact, WebsiteMetadata};
use hunter_core::ports::{CompanyProfile, FoundContact};
use hunter_extract::{FactFound, SiteFacts, apply, international_phone};

use crate::people::same_person;

/// Most people that services add to a lead.
const PEOPLE_MAX: usize = 5;
/// Most numbers of a lead.
const NUMBERS_MAX: usize = 15;
/// Most characters of a fact.
const FACT_CHARS_MAX: usize = 300;

/// The people who are named on a lead: in its facts and beside its numbers.
pub(crate) fn people_of(lead: &Lead) -> Vec<String> {
    let facts = lead.facts.iter().filter(|f| f.kind == FactKind::Person);
    let numbers = lead.phone_contacts.iter().flatten();
    let named = facts
        .map(|fact| &fact.value)
        .chain(numbers.filter_map(|contact| contact.name.as_ref()));
    let mut people: Vec<String> = Vec::new();
    for name in named {
        if !people.iter().any(|known| same_person(known, name)) {
            people.push(name.clone());
        }
    }
    people
}

/// Adds people and numbers. A person is named once, whoever names it. A number stands beside a
/// person only where a service gives it as that person's, and never where it is the business's
/// own line or another person's, too.
pub(crate) fn add_contacts(lead: &mut Lead, contacts: &[FoundContact]) {
    add_people(lead, contacts);
    let country = lead.country.clone();
    let number = |contact: &FoundContact| {
        let phone = contact.phone.as_deref()?;
        international_phone(phone, country.as_deref())
    };
    for contact in contacts {
        let Some(phone) = number(contact) else {
            continue;
        };
        let others = contacts
            .iter()
            .filter(|other| number(other).as_ref() == Some(&phone));
        let shared = others.into_iter().any(|other| !is_same(contact, other));
        add_number(lead, contact, phone, shared);
    }
    for known in lead.phone_contacts.iter_mut().flatten() {
        let Some(name) = known.name.clone().filter(|_| known.email.is_none()) else {
            continue;
        };
        let own = contacts
            .iter()
            .find(|c| c.email.is_some() && c.name.as_ref().is_some_and(|n| same_person(n, &name)));
        known.email = own.and_then(|contact| contact.email.clone());
    }
}

/// Whether two contacts are one person's, or neither is anybody's.
fn is_same(one: &FoundContact, other: &FoundContact) -> bool {
    match (&one.name, &other.name) {
        (Some(one), Some(other)) => same_person(one, other) || one == other,
        (None, None) => true,
        _ => false,
    }
}

fn add_number(lead: &mut Lead, contact: &FoundContact, phone: String, shared: bool) {
    let main = lead
        .phone
        .as_deref()
        .is_some_and(|main| is_number(main, &phone));
    let numbers = lead.phone_contacts.get_or_insert_default();
    if let Some(known) = numbers
        .iter_mut()
        .find(|known| is_number(&known.phone, &phone))
    {
        // Without a name it is the business's line. With another person's it is shared: what the
        // site says stands, and nobody is added to it.
        let theirs = known.name.as_ref().zip(contact.name.as_ref());
        if theirs.is_some_and(|(known, found)| same_person(known, found)) && known.email.is_none() {
            known.email.clone_from(&contact.email);
        }
        return;
    }
    if numbers.len() >= NUMBERS_MAX {
        return;
    }
    let own = !main && !shared && contact.name.is_some();
    numbers.push(PhoneContact {
        name: contact.name.clone().filter(|_| own),
        email: contact.email.clone().filter(|_| own),
        phone,
        evidence: Some(contact.evidence.clone()),
    });
}

fn add_people(lead: &mut Lead, contacts: &[FoundContact]) {
    let mut known = people_of(lead);
    let mut facts = Vec::new();
    for contact in contacts {
        let Some(name) = contact.name.as_ref().filter(|name| !name.trim().is_empty()) else {
            continue;
        };
        if facts.len() >= PEOPLE_MAX || known.iter().any(|other| same_person(other, name)) {
            continue;
        }
        known.push(name.clone());
        facts.push(fact(FactKind::Person, name, &contact.evidence));
    }
    add_facts(lead, facts, WebsiteMetadata::default());
}

/// Adds what a service says of the business. What it says is the service's words, not the site's:
/// a description is a fact about the kind of business, never something that the business says of
/// itself.
pub(crate) fn add_company(lead: &mut Lead, company: &CompanyProfile) {
    if let Some(phone) = &company.phone
        && let Some(phone) = international_phone(phone, lead.country.as_deref())
    {
        let known = lead.phone_contacts.iter().flatten();
        let known = known
            .map(|contact| contact.phone.as_str())
            .chain(lead.phone.as_deref());
        if !known.into_iter().any(|known| is_number(known, &phone)) {
            lead.phone_contacts
                .get_or_insert_default()
                .push(PhoneContact {
                    name: None,
                    email: None,
                    phone: phone.clone(),
                    evidence: company.evidence.clone(),
                });
        }
        lead.phone.get_or_insert(phone);
    }
    let Some(evidence) = &company.evidence else {
        return;
    };
    let has = |kind| lead.facts.iter().any(|fact| fact.kind == kind);
    let mut facts = Vec::new();
    if let Some(year) = company.founded_year.filter(|_| !has(FactKind::Founded)) {
        facts.push(fact(FactKind::Founded, &year.to_string(), evidence));
    }
    for kind in [&company.industry, &company.description]
        .into_iter()
        .flatten()
    {
        facts.push(fact(FactKind::Category, kind, evidence));
    }
    let mut metadata = WebsiteMetadata::default();
    if !company.tech.is_empty() {
        metadata.tech_stack = Some(company.tech.clone());
        metadata.evidence = [("tech_stack".to_owned(), evidence.clone())].into();
    }
    add_facts(lead, facts, metadata);
}

fn add_facts(lead: &mut Lead, facts: Vec<FactFound>, metadata: WebsiteMetadata) {
    if facts.is_empty() && metadata == WebsiteMetadata::default() {
        return;
    }
    let had_site = lead.website_metadata.is_some();
    let found = SiteFacts {
        facts,
        metadata,
        ..SiteFacts::default()
    };
    apply(lead, found);
    // Facts alone say nothing of the site.
    if !had_site && lead.website_metadata == Some(WebsiteMetadata::default()) {
        lead.website_metadata = None;
    }
}

fn fact(kind: FactKind, value: &str, evidence: &Evidence) -> FactFound {
    let words: Vec<&str> = value.split_whitespace().collect();
    FactFound {
        kind,
        value: words.join(" ").chars().take(FACT_CHARS_MAX).collect(),
        date: None,
        evidence: evidence.clone(),
    }
}

/// Whether two numbers are the same: the same digits, or one without the country's prefix.
fn is_number(one: &str, other: &str) -> bool {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let (one, other) = (digits(one), digits(other));
    let ends = |long: &str, short: &str| {
        let short = short.trim_start_matches('0');
        short.len() >= 7 && long.ends_with(short)
    };
    ends(&one, &other) || ends(&other, &one)
}
