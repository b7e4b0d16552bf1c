//! Whom Hunter.io knows at a business: `domain-search`, `email-finder`, `companies/find`,
//! `combined/find`.

use std::{cmp::Reverse, time::Duration};

use async_trait::async_trait;
use hunter_contracts::{EmailAddress, Evidence, RecipeFailure, Verification};
use hunter_core::ports::{
    CompanyProfile, ContactAnswer, ContactQuery, ContactSource, FoundContact,
};

use super::{HunterIo, ID, LookupResult, wire};
use crate::{client::Call, contacts::answer};

pub(super) const DOMAIN_SEARCH: &str = "domain_search";
pub(super) const EMAIL_FINDER: &str = "email_finder";
pub(super) const COMPANY: &str = "company";
pub(super) const COMBINED: &str = "combined";
/// Addresses per page: what one credit buys, and the most that the free plan gives.
const PAGE_SIZE: u64 = 10;
/// Pages of one domain, the first included.
const PAGES_MAX: u64 = 3;
/// People of the site that are asked for by name.
const PEOPLE_MAX: usize = 2;
/// Between two tries of an unfinished search for a person, and for all of them.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
const POLL_TOTAL: Duration = Duration::from_secs(10);

/// A contact, and what decides its place.
struct Ranked {
    contact: FoundContact,
    decides: bool,
    /// A person's address without the person's name.
    nameless: bool,
}

/// What was found so far.
#[derive(Default)]
struct Found {
    contacts: Vec<Ranked>,
    pattern: Option<String>,
    answer: ContactAnswer,
}

impl Found {
    fn add(&mut self, ranked: Ranked) {
        let known = |other: &Ranked| other.contact.email == ranked.contact.email;
        if !self.contacts.iter().any(known) {
            self.contacts.push(ranked);
        }
    }

    fn has(&self, person: &str) -> bool {
        self.contacts.iter().any(|ranked| {
            let name = ranked.contact.name.as_deref();
            name.is_some_and(|name| answer::same_name(name, person))
        })
    }

    fn has_somebody_who_decides(&self) -> bool {
        self.contacts
            .iter()
            .any(|ranked| ranked.decides && ranked.contact.verification != Verification::Invalid)
    }

    /// What could not be asked does not lose what was found.
    fn note(&mut self, failure: &RecipeFailure) {
        let note = format!("not complete: {}", failure.told());
        self.answer.notes.push(note);
    }

    /// Mail that arrives before mail that may, those who decide before others, the surest first.
    fn finish(mut self) -> ContactAnswer {
        self.contacts.sort_by_key(|ranked| {
            let contact = &ranked.contact;
            let arrives = match contact.verification {
                Verification::Valid => 0,
                Verification::AcceptAll | Verification::Webmail => 1,
                Verification::Unknown => 2,
                Verification::Disposable | Verification::Invalid => 3,
            };
            let sureness = (contact.confidence.get() * 1e4) as u32;
            (
                arrives,
                !ranked.decides,
                contact.name.is_none(),
                Reverse(sureness),
            )
        });
        self.answer.contacts = self.contacts.into_iter().map(|r| r.contact).collect();
        self.answer
    }
}

#[async_trait]
impl ContactSource for HunterIo {
    fn name(&self) -> &str {
        ID
    }

    /// The domain's first ten addresses; where nobody among them decides, those who do, page by
    /// page; then people whom the site names and the search did not; then the business itself,
    /// unless the search described it. Only the first call's failure is an error: later ones are
    /// notes beside what was found.
    async fn find(&self, query: &ContactQuery) -> Result<ContactAnswer, RecipeFailure> {
        let domain = answer::domain(query)?;
        let mut found = Found::default();
        let first = self.page(&domain, 0, false).await?;
        let total = first.meta_results.unwrap_or(0);
        let described = self.take(&mut found, first, &domain);
        if total > PAGE_SIZE && !found.has_somebody_who_decides() {
            self.pages_of_deciders(&mut found, &domain).await;
        }
        let read = u64::try_from(found.contacts.len()).unwrap_or(u64::MAX);
        if total > read {
            found.answer.notes.push(format!(
                "Hunter.io knows {total} addresses at `{domain}`; {read} of them were read (one \
                 credit for each ten)"
            ));
        }
        for person in query.people.iter().take(PEOPLE_MAX) {
            if !found.has(person) && person.trim().contains(char::is_whitespace) {
                let asked = self.person(&mut found, &domain, person).await;
                asked.unwrap_or_else(|failure| found.note(&failure));
            }
        }
        if !described {
            let asked = self.profile(&mut found, &domain).await;
            asked.unwrap_or_else(|failure| found.note(&failure));
        }
        Ok(found.finish())
    }
}

impl HunterIo {
    /// One page of a domain's addresses; of those who decide only, where wanted.
    async fn page(
        &self,
        domain: &str,
        offset: u64,
        deciders: bool,
    ) -> Result<wire::Domain, RecipeFailure> {
        let mut call = Call::get(DOMAIN_SEARCH, "/v2/domain-search")
            .query("domain", domain)
            .query("limit", PAGE_SIZE.to_string())
            .query("offset", offset.to_string());
        if deciders {
            call = call
                .query("type", "personal")
                .query("seniority", "senior,executive")
                .query("department", "executive,management,operations,marketing");
        }
        let page: wire::Domain = match self.ask(call).await? {
            LookupResult::Found(page) => page,
            LookupResult::NotFound | LookupResult::OptedOut => return Ok(wire::Domain::empty()),
            LookupResult::Pending | LookupResult::Undecided => {
                return Err(self.unlike(DOMAIN_SEARCH, "it is not finished"));
            }
        };
        let found = u64::try_from(page.emails.len()).unwrap_or(u64::MAX);
        self.charge(DOMAIN_SEARCH, found.div_ceil(PAGE_SIZE));
        Ok(page)
    }

    async fn pages_of_deciders(&self, found: &mut Found, domain: &str) {
        for page in 0..PAGES_MAX - 1 {
            match self.page(domain, page * PAGE_SIZE, true).await {
                Ok(answered) => {
                    let total = answered.meta_results.unwrap_or(0);
                    let empty = answered.emails.is_empty();
                    self.take(found, answered, domain);
                    if empty || found.has_somebody_who_decides() || total <= (page + 1) * PAGE_SIZE
                    {
                        return;
                    }
                }
                Err(failure) => return found.note(&failure),
            }
        }
    }

    /// Takes a page in; whether it describes the business.
    fn take(&self, found: &mut Found, page: wire::Domain, domain: &str) -> bool {
        let flags = page.flags();
        for entry in page.emails {
            let Some(email) = answer::address(&entry.value) else {
                continue;
            };
            let status = entry.verification.as_ref();
            let status = status.and_then(|verified| verified.status.as_deref());
            let verification = wire::verification(status, flags);
            let names = [
                answer::said(entry.first_name),
                answer::said(entry.last_name),
            ];
            let names: Vec<String> = names.into_iter().flatten().collect();
            let generic = entry.kind.as_deref() == Some("generic");
            let senior = entry.seniority.as_deref() == Some("executive");
            let leads = matches!(
                entry.department.as_deref(),
                Some("executive" | "management")
            );
            let sources = entry.sources.unwrap_or_default();
            let words = format!(
                "Hunter.io: `{email}`, {} sources, confidence {}",
                sources.len(),
                entry.confidence.unwrap_or(0.0)
            );
            let record = format!("/v2/domain-search?domain={domain}");
            found.add(Ranked {
                decides: senior || leads,
                nameless: !generic && names.is_empty(),
                contact: FoundContact {
                    evidence: self.evidence(&sources, &record, &words),
                    email: Some(email),
                    name: (!names.is_empty()).then(|| names.join(" ")),
                    position: answer::said(entry.position),
                    phone: answer::said(entry.phone_number),
                    linkedin: answer::linkedin(entry.linkedin),
                    confidence: wire::percent(entry.confidence),
                    verification,
                },
            });
        }
        found.pattern = found.pattern.take().or(answer::said(page.pattern));
        let description = answer::said(page.description);
        let (organization, industry) =
            (answer::said(page.organization), answer::said(page.industry));
        let described = description.is_some();
        if organization.is_some() && found.answer.company.is_none() {
            let words = description.clone().or_else(|| organization.clone());
            found.answer.company = Some(CompanyProfile {
                evidence: Some(self.record(
                    &format!("/v2/domain-search?domain={domain}"),
                    &words.unwrap_or_default(),
                )),
                name: organization,
                description,
                industry,
                employees: answer::count_or_range(page.headcount),
                ..CompanyProfile::default()
            });
        }
        described
    }

    /// Hunter.io's own record as evidence.
    fn record(&self, path: &str, words: &str) -> Evidence {
        Evidence {
            url: format!("{}{path}", self.0.base_url),
            quote: answer::quote(words),
            fetched_at: self.0.client.shared().clock.now(),
        }
    }

    /// The address of a person whom the site names.
    async fn person(
        &self,
        found: &mut Found,
        domain: &str,
        person: &str,
    ) -> Result<(), RecipeFailure> {
        let polling = answer::Polling::new(
            self.0.client.shared().clock.as_ref(),
            POLL_INTERVAL,
            POLL_TOTAL,
        );
        loop {
            let call = Call::get(EMAIL_FINDER, "/v2/email-finder")
                .query("domain", domain)
                .query("full_name", person.trim());
            match self.ask::<wire::Finder>(call).await? {
                LookupResult::Found(finder) => {
                    self.take_person(found, finder, domain, person);
                    return Ok(());
                }
                LookupResult::NotFound => return Ok(()),
                LookupResult::OptedOut => {
                    found.answer.notes.push(format!(
                        "`{person}` asked Hunter.io not to be processed: leave this person out"
                    ));
                    let guess = found.pattern.as_deref();
                    let guess = guess.and_then(|pattern| by_pattern(pattern, person, domain));
                    found.answer.opted_out.extend(guess);
                    return Ok(());
                }
                LookupResult::Pending | LookupResult::Undecided => {
                    if !polling.again().await {
                        found.answer.notes.push(format!(
                            "Hunter.io was still looking for `{person}`; it may know later"
                        ));
                        return Ok(());
                    }
                }
            }
        }
    }

    fn take_person(&self, found: &mut Found, finder: wire::Finder, domain: &str, person: &str) {
        let Some(email) = finder.email.as_deref().and_then(answer::address) else {
            return;
        };
        self.charge(EMAIL_FINDER, 1);
        let status = finder.verification.and_then(|verified| verified.status);
        let flags = wire::Flags {
            accept_all: finder.accept_all == Some(true),
            ..wire::Flags::default()
        };
        let sources = finder.sources.unwrap_or_default();
        let words = format!(
            "Hunter.io: `{email}` for {person}, {} sources, score {}",
            sources.len(),
            finder.score.unwrap_or(0.0)
        );
        let record = format!("/v2/email-finder?domain={domain}");
        // The site names them, so they count there.
        found.add(Ranked {
            decides: true,
            nameless: false,
            contact: FoundContact {
                evidence: self.evidence(&sources, &record, &words),
                email: Some(email),
                name: Some(person.trim().to_owned()),
                position: answer::said(finder.position),
                phone: answer::said(finder.phone_number),
                linkedin: answer::linkedin(finder.linkedin_url),
                confidence: wire::percent(finder.score),
                verification: wire::verification(status.as_deref(), flags),
            },
        });
    }

    /// The business; together with the person behind the first address without a name, where
    /// there is one.
    async fn profile(&self, found: &mut Found, domain: &str) -> Result<(), RecipeFailure> {
        let mut contacts = found.contacts.iter_mut();
        let nameless = contacts.find_map(|ranked| {
            let email = ranked.contact.email.clone().filter(|_| ranked.nameless)?;
            Some((ranked, email))
        });
        let Some((ranked, email)) = nameless else {
            let path = "/v2/companies/find";
            let call = Call::get(COMPANY, path).query("domain", domain);
            if let LookupResult::Found(company) = self.ask::<wire::Company>(call).await? {
                self.charge(COMPANY, 1);
                self.take_company(found, company, &format!("{path}?domain={domain}"));
            }
            return Ok(());
        };
        let path = "/v2/combined/find";
        let call = Call::get(COMBINED, path).query("email", email.as_str());
        match self.ask::<wire::Combined>(call).await? {
            LookupResult::Found(both) => {
                self.charge(
                    COMBINED,
                    u64::from(both.person.is_some() || both.company.is_some()),
                );
                if let Some(person) = both.person {
                    let contact = &mut ranked.contact;
                    contact.name = person.name.and_then(|name| answer::said(name.full_name));
                    let title = person.employment.and_then(|work| answer::said(work.title));
                    let handle = person.linkedin.and_then(|profile| profile.handle);
                    contact.position = contact.position.take().or(title);
                    contact.linkedin = contact.linkedin.take().or(answer::linkedin(handle));
                    contact.phone = contact.phone.take().or(answer::said(person.phone));
                }
                if let Some(company) = both.company {
                    self.take_company(found, company, &format!("{path}?email={email}"));
                }
            }
            LookupResult::OptedOut => {
                found
                    .contacts
                    .retain(|r| r.contact.email.as_ref() != Some(&email));
                found.answer.opted_out.push(email);
            }
            LookupResult::NotFound | LookupResult::Pending | LookupResult::Undecided => {}
        }
        Ok(())
    }

    fn take_company(&self, found: &mut Found, company: wire::Company, record: &str) {
        let known = found.answer.company.take().unwrap_or_default();
        let metrics = company.metrics.unwrap_or_default();
        let employees = answer::count_or_range(metrics.employees_range)
            .or_else(|| answer::count_or_range(metrics.employees));
        let name = answer::said(company.name).or(known.name);
        let description = answer::said(company.description).or(known.description);
        let words = description.clone().or_else(|| name.clone());
        found.answer.company = Some(CompanyProfile {
            evidence: Some(self.record(record, &words.unwrap_or_default())),
            name,
            description,
            founded_year: answer::year(company.founded_year.as_ref()),
            industry: company
                .category
                .and_then(|category| answer::said(category.industry))
                .or(known.industry),
            employees: employees.or(known.employees),
            tech: company.tech.unwrap_or_default(),
            phone: answer::said(company.phone),
        });
    }
}

/// The address that a person has by the business's pattern, as in `{first}.{last}`. It is never
/// written to: it keeps those away who asked for it.
fn by_pattern(pattern: &str, person: &str, domain: &str) -> Option<EmailAddress> {
    let words: Vec<String> = person
        .split_whitespace()
        .map(|word| word.to_lowercase().replace(['\'', '.', '’'], ""))
        .collect();
    let (first, last) = (words.first()?, words.last()?);
    let initial = |word: &str| word.chars().take(1).collect::<String>();
    let name = pattern
        .replace("{first}", first)
        .replace("{last}", last)
        .replace("{f}", &initial(first))
        .replace("{l}", &initial(last));
    let filled = !name.contains(['{', '}']) && words.len() > 1;
    format!("{name}@{domain}").parse().ok().filter(|_| filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_those_who_opted_out() {
        let address = |pattern| by_pattern(pattern, "Ada O'Hara", "x.example");
        let some = |text: &str| Some(text.parse().unwrap());
        assert_eq!(address("{first}.{last}"), some("ada.ohara@x.example"));
        assert_eq!(address("{f}{last}"), some("aohara@x.example"));
        assert_eq!(address("{nick}"), None);
        assert_eq!(by_pattern("{first}", "Ada", "x.example"), None);
        assert_eq!(by_pattern("{first}", "Jürgen Weiß", "x.example"), None);
    }
}
