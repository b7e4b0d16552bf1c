//! RocketReach API v2: `GET /api/v2/person/lookup`, `GET /api/v2/person/checkStatus`.
//! <https://docs.rocketreach.co/reference/rocketreach-api>
//!
//! A lookup is asynchronous: it answers with an id and a status, and is asked for again by the id
//! until it is complete or has failed. It needs a name: people are those whom the business's own
//! site names.

mod wire;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use hunter_contracts::{
    Dollars, EmailAddress, ErrorCode, Evidence, RecipeFailure, Score, Verification,
};
use hunter_core::ports::{ContactAnswer, ContactQuery, ContactSource, FoundContact};
use jiff::civil::date;
use reqwest::header::HeaderName;
use serde_json::Value;

use crate::{
    client::{Call, Meaning, Pricing, Rate, Refusal, Service},
    contacts::{
        answer,
        spec::{Connection, ContactService, ContactSpec},
    },
    http,
    spec::{Kind, ServiceSpec},
};
use wire::{Account, Email, Phone, Profile, Stage};

/// The name on contacts, meters and in price tables.
const ID: &str = "rocketreach";

/// RocketReach as the client sees it: 10 requests a second over all of its APIs. Limits per minute
/// and longer depend on the plan and come as `Retry-After`.
pub(crate) static SERVICE: ServiceSpec = ServiceSpec {
    service: Service {
        id: ID,
        name: "RocketReach",
        refusal,
        rate: Rate {
            calls: 10,
            per_ms: 1_000,
        },
        prices: Pricing::List {
            as_of: date(2026, 11, 22),
            units: &[
                // Per person found with a graded address or a valid number: one lookup credit. RocketReach
                // publishes no price for its API; $299 a month for 833 lookups is from memory.
                (LOOKUP, Dollars::from_nanos(360_000_000)),
            ],
        },
    },
    kind: Kind::Contacts(ContactSpec {
        lookup: LOOKUP,
        has_profiles: false,
        open: |connection| Ok(Arc::new(RocketReach(connection))),
    }),
    // The specification's name for it.
    key: Some("rocketchat_key"),
    base_url: Some("https://api.rocketreach.co"),
    variable: "HUNTER_ROCKETREACH_URL",
    gives: "people, addresses, numbers",
    attribution: None,
};

const LOOKUP: &str = "person_lookup";
const CHECK_STATUS: &str = "check_status";
const ACCOUNT: &str = "account";
/// People that are looked up for one business: each costs a credit.
const PEOPLE_MAX: usize = 2;
/// Between two polls of a lookup, and for all of them.
const POLL_INTERVAL: Duration = Duration::from_secs(3);
const POLL_TOTAL: Duration = Duration::from_secs(30);

/// What RocketReach means. Bodies are `{"detail"}`, `{"error"}` or `{"status","message"}`.
fn refusal(refusal: &Refusal<'_>) -> Meaning {
    let said = ["/detail", "/error", "/message"]
        .into_iter()
        .find_map(|field| refusal.text(field))
        .map_or_else(|| http::excerpt(refusal.body), str::to_owned);
    let lower = said.to_lowercase();
    let credits = lower.contains("credit")
        && [
            "run out",
            "not enough",
            "insufficient",
            "no more",
            "don't have",
            "exceeded",
        ]
        .iter()
        .any(|word| lower.contains(word));
    let (code, advice) = match refusal.status {
        // Which status an empty account has is told differently in different places.
        402 => (
            ErrorCode::ApiQuotaExceeded,
            "; the lookup credits are used up",
        ),
        400 | 403 | 429 if credits => (
            ErrorCode::ApiQuotaExceeded,
            "; the lookup credits are used up",
        ),
        401 | 403 => (
            ErrorCode::AuthenticationFailed,
            "; check `rocketchat_key` (RocketReach's) and what its plan allows",
        ),
        404 => (ErrorCode::NotFound, ""),
        408 | 504 => (ErrorCode::Timeout, ""),
        429 => (ErrorCode::ApiRateLimit, ""),
        400 | 405..=428 => (ErrorCode::InvalidInput, ""),
        500..=599 => (ErrorCode::ApiUnavailable, ""),
        _ => (ErrorCode::ApiBadResponse, ""),
    };
    Meaning::new(code, format!("{said}{advice}"))
}

/// A client of RocketReach with one customer's key.
pub(crate) struct RocketReach(Connection);

#[async_trait]
impl ContactSource for RocketReach {
    fn name(&self) -> &str {
        ID
    }

    /// Looks up the first people whom the site names, until one with a verified address is found.
    /// A person's address and number are one contact; private mailboxes are left out. A lookup
    /// that does not finish in 30 s is a note.
    async fn find(&self, query: &ContactQuery) -> Result<ContactAnswer, RecipeFailure> {
        let domain = answer::domain(query)?;
        let mut found = ContactAnswer::default();
        let people = query.people.iter().map(|person| person.trim());
        let people: Vec<&str> = people.filter(|person| !person.is_empty()).collect();
        if people.is_empty() {
            found.notes.push(
                "RocketReach was not asked: it needs a person's name, and the site gives none"
                    .to_owned(),
            );
            return Ok(found);
        }
        let employer = query.company.as_deref().map(str::trim);
        let employer = employer.filter(|name| !name.is_empty()).unwrap_or(&domain);
        for person in people.into_iter().take(PEOPLE_MAX) {
            match self.person(person, employer, &domain, &mut found).await {
                Ok(Some(contact)) => {
                    let verified = contact.verification == Verification::Valid;
                    found.contacts.push(contact);
                    if verified {
                        break;
                    }
                }
                Ok(None) => {}
                Err(failure) if found.contacts.is_empty() => return Err(failure),
                Err(failure) => {
                    found
                        .notes
                        .push(format!("not complete: {}", failure.told()));
                    break;
                }
            }
        }
        Ok(found)
    }
}

#[async_trait]
impl ContactService for RocketReach {
    /// What the account has left; free of charge.
    async fn check(&self) -> Result<String, RecipeFailure> {
        let call = Call::get(ACCOUNT, "/api/v2/account/");
        let body = self.ask(call).await?;
        let body = body.ok_or_else(|| self.unlike(ACCOUNT, "no account"))?;
        let account: Account = answer::read(&self.0.client, &self.0.caller, ACCOUNT, body)?;
        let plan = account.plan.and_then(|plan| plan.name);
        let plan = plan.unwrap_or_else(|| format!("of account {}", account.id));
        Ok(match account.lookup_credit_balance {
            Some(left) => format!("plan {plan}, {left} lookup credits left"),
            None => format!("plan {plan}"),
        })
    }
}

impl RocketReach {
    /// The body of an answer; none where the service knows nobody.
    async fn ask(&self, call: Call) -> Result<Option<Value>, RecipeFailure> {
        let mut call = call.secret(HeaderName::from_static("api-key"), &self.0.key)?;
        call.also_accepts = &[404];
        let operation = call.operation;
        let got = self.0.client.call(&self.0.caller, &call).await?;
        let Some(body) = answer::json(&got) else {
            return Err(self.unlike(operation, &http::excerpt(&got.body)));
        };
        let refuses = ["detail", "error", "message"]
            .iter()
            .any(|field| body.get(field).is_some_and(|said| !said.is_null()));
        match got.status {
            404 if refuses => Ok(None),
            404 => Err(self.unlike(operation, "HTTP 404 without a word; is its address right?")),
            _ if refuses && body.get("id").is_none() => {
                let (client, caller) = (&self.0.client, &self.0.caller);
                Err(answer::refused(client, caller, operation, &got))
            }
            _ => Ok(Some(body)),
        }
    }

    fn unlike(&self, operation: &str, problem: &str) -> RecipeFailure {
        answer::not_as_documented(&self.0.client, &self.0.caller, operation, problem)
    }

    async fn person(
        &self,
        person: &str,
        employer: &str,
        domain: &str,
        found: &mut ContactAnswer,
    ) -> Result<Option<FoundContact>, RecipeFailure> {
        let call = Call::get(LOOKUP, "/api/v2/person/lookup");
        // A profile's address names a person better than a name does.
        let call = if person.contains("linkedin.com/in/") {
            call.query("linkedin_url", person)
        } else {
            call.query("name", person)
                .query("current_employer", employer)
        };
        let Some(body) = self.ask(call).await? else {
            return Ok(None);
        };
        let Some(mut profile) = self.profile(LOOKUP, body, None)? else {
            return Ok(None);
        };
        let polling = answer::Polling::new(
            self.0.client.shared().clock.as_ref(),
            POLL_INTERVAL,
            POLL_TOTAL,
        );
        loop {
            match profile.stage() {
                Some(Stage::Complete) => break,
                Some(Stage::Failed) => return Ok(None),
                Some(Stage::Running) => {}
                None => {
                    let problem = format!("status `{}`", profile.status);
                    return Err(self.unlike(LOOKUP, &problem));
                }
            }
            if !polling.again().await {
                found.notes.push(format!(
                    "RocketReach was still searching for `{person}` after {} s; it may know later",
                    POLL_TOTAL.as_secs()
                ));
                break;
            }
            let call = Call::get(CHECK_STATUS, "/api/v2/person/checkStatus")
                .query("ids", profile.id.to_string());
            if let Some(body) = self.ask(call).await?
                && let Some(answered) = self.profile(CHECK_STATUS, body, Some(profile.id))?
            {
                profile = answered;
            }
        }
        if profile.is_charged() {
            self.0.client.bill(&self.0.caller, LOOKUP, 1);
        }
        Ok(self.contact(profile, person, domain))
    }

    /// A profile, alone or in a list; none where the list does not have it.
    fn profile(
        &self,
        operation: &str,
        body: Value,
        id: Option<u64>,
    ) -> Result<Option<Profile>, RecipeFailure> {
        let body = match body {
            Value::Array(profiles) => {
                let wanted = |profile: &Value| {
                    id.is_none() || profile.get("id").and_then(Value::as_u64) == id
                };
                profiles.into_iter().find(wanted)
            }
            profile => Some(profile),
        };
        let read = |body| answer::read(&self.0.client, &self.0.caller, operation, body);
        body.map(read).transpose()
    }

    /// The person with the best address and the best number; nothing where there is neither.
    fn contact(&self, profile: Profile, person: &str, domain: &str) -> Option<FoundContact> {
        let email = best_email(profile.emails.unwrap_or_default(), domain);
        let phone = best_phone(profile.phones.unwrap_or_default());
        if email.is_none() && phone.is_none() {
            return None;
        }
        let name = answer::said(profile.name).unwrap_or_else(|| person.to_owned());
        let position = answer::said(profile.current_title);
        let employer = answer::said(profile.current_employer);
        let words = format!(
            "RocketReach profile {}: {name}, {} at {}; {}; {}",
            profile.id,
            position.as_deref().unwrap_or("position unknown"),
            employer.as_deref().unwrap_or("an unknown employer"),
            email.as_ref().map_or_else(
                || "no usable address".to_owned(),
                |(address, email)| format!("`{address}` {}", email.words())
            ),
            phone.as_deref().unwrap_or("no number")
        );
        let (confidence, verification) = match &email {
            Some((_, email)) => (email.confidence(), email.verification()),
            None => (Score::clamped(0.5), Verification::Unknown),
        };
        Some(FoundContact {
            email: email.map(|(address, _)| address),
            name: Some(name),
            position,
            phone,
            linkedin: answer::linkedin(profile.linkedin_url),
            confidence,
            verification,
            evidence: Evidence {
                url: format!(
                    "{}/api/v2/person/checkStatus?ids={}",
                    self.0.base_url, profile.id
                ),
                quote: answer::quote(&words),
                fetched_at: self.0.client.shared().clock.now(),
            },
        })
    }
}

/// A verified address before one that may be, at the business before elsewhere, the surest first.
/// Private mailboxes are nobody's business address.
fn best_email(emails: Vec<Email>, domain: &str) -> Option<(EmailAddress, Email)> {
    let at_business = |address: &EmailAddress| answer::is_at(address, domain);
    emails
        .into_iter()
        .filter_map(|email| {
            let address = answer::address(email.email.as_deref()?)?;
            let usable = email.kind.as_deref() == Some("professional") || at_business(&address);
            (usable && email.verification() != Verification::Invalid).then_some((address, email))
        })
        .max_by_key(|(address, email)| {
            let valid = email.verification() == Verification::Valid;
            let sureness = (email.confidence().get() * 1e4) as u32;
            (valid, at_business(address), sureness)
        })
}

fn best_phone(phones: Vec<Phone>) -> Option<String> {
    let usable = phones
        .into_iter()
        .filter(|phone| phone.validity.as_deref() != Some("invalid"));
    let best = usable.max_by_key(|phone| {
        let valid = phone.validity.as_deref() == Some("valid");
        (valid, phone.recommended == Some(true))
    })?;
    answer::said(best.e164).or(answer::said(best.number))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;
    use serde_json::json;

    use super::*;

    #[test]
    fn credits_that_are_used_up_are_told_from_a_refused_key() {
        let code = |status: u16, body: Value| {
            refusal(&Refusal {
                status,
                headers: &HeaderMap::new(),
                body: b"",
                json: Some(&body),
            })
            .code
        };
        let used_up = json!({"detail": "You don't have enough lookup credits."});
        assert_eq!(code(403, used_up.clone()), ErrorCode::ApiQuotaExceeded);
        assert_eq!(code(429, used_up), ErrorCode::ApiQuotaExceeded);
        let refused = json!({"status": 403, "message": "You do not have permission."});
        assert_eq!(code(403, refused), ErrorCode::AuthenticationFailed);
        let slow = json!({"detail": "Request was throttled."});
        assert_eq!(code(429, slow), ErrorCode::ApiRateLimit);
    }

    #[test]
    fn nothing_but_valid_is_valid() {
        let email = |smtp_valid: Option<&str>| Email {
            email: None,
            smtp_valid: smtp_valid.map(str::to_owned),
            kind: None,
            grade: None,
        };
        assert_eq!(email(Some("valid")).verification(), Verification::Valid);
        for other in [None, Some("inconclusive"), Some("unknown"), Some("")] {
            assert_eq!(
                email(other).verification(),
                Verification::Unknown,
                "{other:?}"
            );
        }
    }
}
