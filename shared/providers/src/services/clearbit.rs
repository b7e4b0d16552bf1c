//! Clearbit's enrichment API v2 for those who still hold a key: `GET /v2/companies/find?domain=…`,
//! `GET /v2/combined/find?email=…`. Closed to new customers.
//!
//! What is not at hand is answered 202 and asked for again within a bound. Calls are counted by
//! Clearbit whether or not they find something.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use hunter_contracts::{
    Dollars, EmailAddress, ErrorCode, Evidence, RecipeFailure, Score, Verification,
};
use hunter_core::ports::{
    CompanyProfile, ContactAnswer, ContactQuery, ContactSource, FoundContact,
};
use jiff::civil::date;
use reqwest::header::AUTHORIZATION;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    client::{ApiClient, Call, Endpoint, Meaning, Pricing, Rate, Refusal, Service},
    contacts::{
        answer,
        spec::{Connection, ContactService, ContactSpec},
    },
    http,
    spec::{Kind, ServiceSpec},
};

/// The name on contacts, meters and in price tables.
const ID: &str = "clearbit";

/// Clearbit as the client sees it: 600 calls a minute.
pub(crate) static SERVICE: ServiceSpec = ServiceSpec {
    service: Service {
        id: ID,
        name: "Clearbit",
        refusal,
        rate: Rate {
            calls: 10,
            per_ms: 1_000,
        },
        // Per different domain or address asked for, found or not. Closed to new customers; $99 a month
        // for 2,500 calls is from memory.
        prices: Pricing::List {
            as_of: date(2026, 11, 22),
            units: &[
                (COMPANY, Dollars::from_nanos(39_600_000)),
                (COMBINED, Dollars::from_nanos(39_600_000)),
            ],
        },
    },
    kind: Kind::Contacts(ContactSpec {
        lookup: COMBINED,
        has_profiles: true,
        open: |connection| Ok(Arc::new(Clearbit::new(connection)?)),
    }),
    key: Some("clearbit_key"),
    // For companies; people are asked for at `person.` in place of `company.`.
    base_url: Some("https://company.clearbit.com"),
    variable: "HUNTER_CLEARBIT_URL",
    gives: "companies and people",
    attribution: None,
};

const COMPANY: &str = "company";
const COMBINED: &str = "combined";
/// Addresses of a site that are taken over.
const ADDRESSES_MAX: usize = 10;
/// Between two tries of a queued lookup, and for all of them.
const POLL_INTERVAL: Duration = Duration::from_secs(5);
const POLL_TOTAL: Duration = Duration::from_secs(20);

/// What Clearbit means, by `{"error":{"type","message"}}`; the type decides before the status.
fn refusal(refusal: &Refusal<'_>) -> Meaning {
    let kind = refusal.text("/error/type").unwrap_or_default();
    let said = match refusal.text("/error/message") {
        Some(message) => format!("{kind}: {message}"),
        None => http::excerpt(refusal.body),
    };
    let (code, advice) = match (kind, refusal.status) {
        ("over_quota" | "quota_exceeded", _) => (
            ErrorCode::ApiQuotaExceeded,
            "; the plan's calls are used up",
        ),
        ("rate_limit" | "rate_limited", _) => (ErrorCode::ApiRateLimit, ""),
        ("auth_invalid" | "auth_required" | "api_key_invalid", _) | (_, 401 | 403) => {
            (ErrorCode::AuthenticationFailed, "; check `clearbit_key`")
        }
        ("unknown_record", _) | (_, 404) => (ErrorCode::NotFound, ""),
        ("params_invalid" | "email_invalid", _) => (ErrorCode::InvalidInput, ""),
        (_, 402) => (
            ErrorCode::ApiQuotaExceeded,
            "; the plan's calls are used up",
        ),
        (_, 408 | 504) => (ErrorCode::Timeout, ""),
        (_, 429) => (ErrorCode::ApiRateLimit, ""),
        (_, 400 | 405..=428) => (ErrorCode::InvalidInput, ""),
        (_, 500..=599) => (ErrorCode::ApiUnavailable, ""),
        _ => (ErrorCode::ApiBadResponse, ""),
    };
    Meaning::new(code, format!("{said}{advice}"))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Company {
    domain: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    founded_year: Option<Value>,
    /// Of older answers.
    #[serde(default)]
    founded_date: Option<Value>,
    #[serde(default)]
    category: Option<Category>,
    /// Of older answers.
    #[serde(default)]
    categories: Option<Vec<String>>,
    #[serde(default)]
    metrics: Option<Metrics>,
    /// Of older answers.
    #[serde(default)]
    employees: Option<Value>,
    #[serde(default)]
    tech: Option<Vec<String>>,
    #[serde(default)]
    phone: Option<String>,
    #[serde(default)]
    site: Option<Site>,
}

#[derive(Debug, Default, Deserialize)]
struct Category {
    #[serde(default)]
    industry: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    #[serde(default)]
    employees: Option<Value>,
    #[serde(default)]
    employees_range: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Site {
    #[serde(default)]
    phone_numbers: Option<Vec<String>>,
    #[serde(default)]
    email_addresses: Option<Vec<String>>,
}

/// The answer of `combined/find`; the company in it is the one that is known by then.
#[derive(Debug, Deserialize)]
struct Combined {
    person: Option<Person>,
}

#[derive(Debug, Deserialize)]
struct Person {
    #[serde(default)]
    name: Option<PersonName>,
    #[serde(default)]
    employment: Option<Employment>,
    #[serde(default)]
    linkedin: Option<Handle>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PersonName {
    #[serde(default)]
    full_name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Employment {
    #[serde(default)]
    title: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Handle {
    #[serde(default)]
    handle: Option<String>,
}

/// An answer of Clearbit.
enum LookupResult<T> {
    Found(T),
    NotFound,
    /// Queued, and not there in time.
    Queued,
}

/// A client of Clearbit with one customer's key.
pub(crate) struct Clearbit {
    companies: Connection,
    /// At another address.
    people: ApiClient,
}

#[async_trait]
impl ContactService for Clearbit {
    async fn check(&self) -> Result<String, RecipeFailure> {
        Ok("the key is set; not asked, since Clearbit counts every call".to_owned())
    }
}

#[async_trait]
impl ContactSource for Clearbit {
    fn name(&self) -> &str {
        ID
    }

    /// The business with the addresses that Clearbit read on its site; and, where one of them
    /// seems to be that of a person whom the site names, who that is. Clearbit verifies nothing.
    async fn find(&self, query: &ContactQuery) -> Result<ContactAnswer, RecipeFailure> {
        let domain = answer::domain(query)?;
        let mut found = ContactAnswer::default();
        let call = Call::get(COMPANY, "/v2/companies/find").query("domain", &*domain);
        let company: Company = match self.ask(&self.companies.client, call).await? {
            LookupResult::Found(company) => company,
            LookupResult::NotFound => return Ok(found),
            LookupResult::Queued => {
                found.notes.push(format!(
                    "Clearbit was still looking up `{domain}`; it may know later"
                ));
                return Ok(found);
            }
        };
        self.take(&mut found, company, &domain);
        let mut contacts = found.contacts.iter_mut();
        let named = contacts.find_map(|contact| {
            let address = contact.email.clone()?;
            let mut people = query.people.iter();
            let is_theirs = people.any(|person| belongs(&address, person));
            is_theirs.then_some((contact, address))
        });
        if let Some((contact, address)) = named
            && let Err(failure) = self.name_person(contact, &address).await
        {
            let note = format!("not complete: {}", failure.told());
            found.notes.push(note);
        }
        Ok(found)
    }
}

impl Clearbit {
    fn new(companies: Connection) -> Result<Self, RecipeFailure> {
        let address = companies.base_url.replacen("//company.", "//person.", 1);
        let shared = companies.client.shared().clone();
        let people = ApiClient::new(&SERVICE, Endpoint::new(address), shared)?;
        Ok(Self { companies, people })
    }

    /// One lookup, polled within a bound and counted once.
    async fn ask<T: DeserializeOwned>(
        &self,
        client: &ApiClient,
        call: Call,
    ) -> Result<LookupResult<T>, RecipeFailure> {
        let mut call = call.secret(AUTHORIZATION, &format!("Bearer {}", self.companies.key))?;
        call.also_accepts = &[202, 404];
        let operation = call.operation;
        let clock = client.shared().clock.as_ref();
        let polling = answer::Polling::new(clock, POLL_INTERVAL, POLL_TOTAL);
        loop {
            let got = client.call(&self.companies.caller, &call).await?;
            let Some(body) = answer::json(&got) else {
                let problem = http::excerpt(&got.body);
                return Err(self.unlike(client, operation, &problem));
            };
            let kind = body.pointer("/error/type").and_then(Value::as_str);
            let queued = kind == Some("queued") || (kind.is_none() && got.status == 202);
            if queued && polling.again().await {
                continue;
            }
            return match kind {
                _ if queued => {
                    // It is counted although it says nothing yet.
                    client.bill(&self.companies.caller, operation, 1);
                    Ok(LookupResult::Queued)
                }
                Some("unknown_record") => {
                    client.bill(&self.companies.caller, operation, 1);
                    Ok(LookupResult::NotFound)
                }
                None if got.status == 404 => {
                    let problem = "HTTP 404 without Clearbit's error; is its address right?";
                    Err(self.unlike(client, operation, problem))
                }
                None if body.get("error").is_none() => {
                    let found = answer::read(client, &self.companies.caller, operation, body)?;
                    client.bill(&self.companies.caller, operation, 1);
                    Ok(LookupResult::Found(found))
                }
                _ => Err(answer::refused(
                    client,
                    &self.companies.caller,
                    operation,
                    &got,
                )),
            };
        }
    }

    fn unlike(&self, client: &ApiClient, operation: &str, problem: &str) -> RecipeFailure {
        answer::not_as_documented(client, &self.companies.caller, operation, problem)
    }

    fn take(&self, found: &mut ContactAnswer, company: Company, domain: &str) {
        let evidence = |words: &str| Evidence {
            url: format!(
                "{}/v2/companies/find?domain={domain}",
                self.companies.base_url
            ),
            quote: answer::quote(words),
            fetched_at: self.companies.client.shared().clock.now(),
        };
        let site = company.site.unwrap_or_default();
        let at_business = |address: &EmailAddress| {
            answer::is_at(address, domain) || address.domain() == company.domain
        };
        for address in site
            .email_addresses
            .unwrap_or_default()
            .iter()
            .filter_map(|address| answer::address(address))
            .filter(at_business)
            .take(ADDRESSES_MAX)
        {
            found.contacts.push(FoundContact {
                evidence: evidence(&format!("Clearbit: `{address}` is on the site {domain}")),
                email: Some(address),
                name: None,
                position: None,
                phone: None,
                linkedin: None,
                confidence: Score::clamped(0.5),
                verification: Verification::Unknown,
            });
        }
        let mut tech: Vec<String> = Vec::new();
        for name in company.tech.unwrap_or_default() {
            if !tech.contains(&name) {
                tech.push(name);
            }
        }
        let metrics = company.metrics.unwrap_or_default();
        let industry = company
            .category
            .and_then(|category| answer::said(category.industry));
        let older = company
            .categories
            .and_then(|names| names.into_iter().next());
        let (name, description) = (
            answer::said(company.name),
            answer::said(company.description),
        );
        let words = description.clone().or_else(|| name.clone());
        let numbers = site
            .phone_numbers
            .and_then(|numbers| numbers.into_iter().next());
        found.company = Some(CompanyProfile {
            evidence: Some(evidence(&words.unwrap_or_default())),
            name,
            description,
            founded_year: answer::year(company.founded_year.as_ref())
                .or_else(|| answer::year(company.founded_date.as_ref())),
            industry: industry.or(answer::said(older)),
            employees: answer::count_or_range(metrics.employees_range)
                .or_else(|| answer::count_or_range(metrics.employees))
                .or_else(|| answer::count_or_range(company.employees)),
            tech,
            phone: answer::said(company.phone).or(answer::said(numbers)),
        });
    }

    async fn name_person(
        &self,
        contact: &mut FoundContact,
        address: &EmailAddress,
    ) -> Result<(), RecipeFailure> {
        let call = Call::get(COMBINED, "/v2/combined/find").query("email", address.as_str());
        let LookupResult::Found(Combined {
            person: Some(person),
        }) = self.ask(&self.people, call).await?
        else {
            return Ok(());
        };
        contact.name = person.name.and_then(|name| answer::said(name.full_name));
        contact.position = person.employment.and_then(|work| answer::said(work.title));
        contact.linkedin = answer::linkedin(person.linkedin.and_then(|profile| profile.handle));
        Ok(())
    }
}

/// Whether an address seems to be a person's: its name holds a word of the person's.
fn belongs(address: &EmailAddress, person: &str) -> bool {
    let name = address.local();
    person
        .to_lowercase()
        .split_whitespace()
        .filter(|word| word.len() > 2)
        .any(|word| name.split(['.', '_', '-', '+']).any(|part| part == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_matched_with_people() {
        let belongs = |address: &str| belongs(&address.parse().unwrap(), "Priya Mehta");
        assert!(belongs("dr.mehta@x.example"));
        assert!(belongs("priya@x.example"));
        assert!(!belongs("info@x.example"));
    }
}
