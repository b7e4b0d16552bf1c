//! The waterfall: what the crawl found is checked, and contact services are asked one after the
//! other, cheapest first, until what is known is enough for the lead's level.
//!
//! | Level | Mail hosts | Verifier | Contact services |
//! |---|---|---|---|
//! | basic | no | no | no |
//! | standard | yes | one address | while no address may be written to |
//! | premium | yes | three addresses | until a person's address is verified, or sure |

use std::{collections::BTreeSet, sync::Arc};

use hunter_contracts::{EmailAddress, EmailClass, EnrichmentLevel, RecipeFailure};
use hunter_core::{
    ports::{CompanyProfile, ContactAnswer, ContactQuery, FoundContact},
    recipe::Context,
    store::{Suppression, masked, suppression_hash},
};

use crate::{
    candidates::Candidates,
    notes::Notes,
    services::{LookupResult, Services},
};

/// Most contacts that are taken from one service.
const CONTACTS_MAX: usize = 10;

/// One lead's way down.
pub(crate) struct Waterfall<'a> {
    context: &'a Context,
    services: &'a Services,
    level: EnrichmentLevel,
    /// Addresses that the verifier may still be asked about.
    verifications_left: u32,
    /// Addresses that were looked up in the suppression list, or asked about.
    checked: BTreeSet<String>,
    asked: BTreeSet<EmailAddress>,
    pub(crate) candidates: Candidates,
    pub(crate) notes: Notes,
    /// What the services gave, in the order they were asked.
    pub(crate) contacts: Vec<FoundContact>,
    pub(crate) companies: Vec<CompanyProfile>,
    /// Hashes of addresses that must not be used.
    pub(crate) suppressed: BTreeSet<String>,
    /// Whether a service that was to be asked failed.
    pub(crate) failed: bool,
}

impl<'a> Waterfall<'a> {
    pub(crate) fn new(
        context: &'a Context,
        services: &'a Services,
        level: EnrichmentLevel,
        candidates: Candidates,
        notes: Notes,
    ) -> Self {
        Self {
            context,
            services,
            level,
            verifications_left: match level {
                EnrichmentLevel::Skip | EnrichmentLevel::Basic => 0,
                EnrichmentLevel::Standard => 1,
                EnrichmentLevel::Premium => 3,
            },
            checked: BTreeSet::new(),
            asked: BTreeSet::new(),
            candidates,
            notes,
            contacts: Vec::new(),
            companies: Vec::new(),
            suppressed: BTreeSet::new(),
            failed: false,
        }
    }

    /// Goes down as far as the level asks.
    ///
    /// # Errors
    /// When the store fails. A service that fails is noted, and the next one is asked.
    pub(crate) async fn run(&mut self, query: &ContactQuery) -> Result<(), RecipeFailure> {
        self.leave_out_listed(self.candidates.addresses()).await?;
        if self.level <= EnrichmentLevel::Basic {
            return Ok(());
        }
        if let Some(problem) = &self.services.problem {
            let why = format!(
                "no contact service could be asked: {} ({})",
                problem.told(),
                problem.code
            );
            self.notes.add(why);
            self.failed = true;
        }
        let services = self.services;
        let mut sources = services.sources.as_slice();
        if query.domain.is_empty() {
            sources = &[];
        }
        self.ask_hosts().await;
        // Where people may still be found, a function's mailbox is not worth a verification yet.
        let persons_only = self.level == EnrichmentLevel::Premium && !sources.is_empty();
        self.verify(persons_only).await?;
        for source in sources {
            let name = source.name();
            if self.candidates.is_enough(self.level) {
                break;
            }
            match source.find(query).await {
                LookupResult::Answer(answer) => self.take(name, &answer).await?,
                LookupResult::Failed(failure) => self.note_failure(name, &failure),
                LookupResult::Off => {
                    self.failed = true;
                    self.notes
                        .add(format!("{name}: not asked again in this step"));
                }
            }
        }
        self.verify(false).await
    }

    fn note_failure(&mut self, service: &str, failure: &RecipeFailure) {
        tracing::info!(service, code = %failure.code, "contact service failed: {}", failure.told());
        self.failed = true;
        self.notes
            .add(format!("{service}: {} ({})", failure.told(), failure.code));
    }

    /// Takes what a service answered, without what belongs to people who opted out.
    async fn take(
        &mut self,
        source: &str,
        answer: &Arc<ContactAnswer>,
    ) -> Result<(), RecipeFailure> {
        for address in &answer.opted_out {
            let entry = self
                .services
                .suppress(self.context, address.as_str(), source)
                .await?;
            self.leave_out(&entry);
        }
        let contacts = || answer.contacts.iter().take(CONTACTS_MAX);
        let email = |contact: &FoundContact| contact.email.as_ref().map(ToString::to_string);
        self.leave_out_listed(contacts().filter_map(email).collect())
            .await?;
        let mut taken = 0_u32;
        for contact in contacts() {
            let email = contact.email.as_ref().map(EmailAddress::as_str);
            let theirs = [email, contact.phone.as_deref()];
            if theirs.into_iter().flatten().any(|a| self.is_suppressed(a)) {
                continue;
            }
            taken += 1;
            self.candidates.add(contact, source);
            self.contacts.push(contact.clone());
        }
        self.companies.extend(answer.company.clone());
        self.notes
            .extend(answer.notes.iter().map(|note| format!("{source}: {note}")));
        self.notes.add(match taken {
            0 => format!("{source}: nobody known"),
            1 => format!("{source}: 1 contact"),
            more => format!("{source}: {more} contacts"),
        });
        self.ask_hosts().await;
        self.verify(self.level == EnrichmentLevel::Premium).await
    }

    pub(crate) fn is_suppressed(&self, address: &str) -> bool {
        let hash = suppression_hash(&self.context.tenant, address);
        self.suppressed.contains(&hash)
    }

    /// Leaves out those of some addresses that are on the suppression list.
    async fn leave_out_listed(&mut self, mut addresses: Vec<String>) -> Result<(), RecipeFailure> {
        addresses.retain(|address| self.checked.insert(address.clone()));
        if addresses.is_empty() {
            return Ok(());
        }
        for entry in self.context.store.suppressed(&addresses).await?.values() {
            self.leave_out(entry);
        }
        Ok(())
    }

    fn leave_out(&mut self, entry: &Suppression) {
        self.suppressed.insert(entry.address_hash.clone());
        self.candidates
            .forget(&self.context.tenant, &entry.address_hash);
        let (reason, source) = (entry.reason, &entry.source);
        self.notes.add(format!(
            "{} is on the suppression list ({reason}, {source}): left out",
            entry.masked
        ));
    }

    /// Looks up the mail hosts of the addresses. Free-mail providers take mail.
    async fn ask_hosts(&mut self) {
        let domains: BTreeSet<String> = self
            .candidates
            .list
            .iter()
            .filter(|c| matches!(c.class, EmailClass::Personal | EmailClass::Role))
            .map(|c| c.address().domain().to_owned())
            .collect();
        for domain in domains {
            let host = self.services.mail_host(&domain).await;
            if host == Some(hunter_core::ports::MailHost::Refuses) {
                self.notes.add(format!("{domain} takes no mail"));
            }
            self.candidates.host(&domain, host);
        }
    }

    /// Asks the verifier about the best addresses until one is valid or the level's number is used
    /// up. One whose answer is not clear stays unknown.
    async fn verify(&mut self, persons_only: bool) -> Result<(), RecipeFailure> {
        let Some(verifier) = self.services.verifier().map(str::to_owned) else {
            return Ok(());
        };
        while self.verifications_left > 0 && !self.candidates.has_verified(persons_only) {
            self.candidates.sort();
            let next = self.candidates.list.iter().find(|c| {
                c.can_be_verified()
                    && !self.asked.contains(c.address())
                    && (!persons_only || c.class == EmailClass::Personal)
            });
            let Some(address) = next.map(|c| c.address().clone()) else {
                break;
            };
            self.asked.insert(address.clone());
            self.verifications_left -= 1;
            match self.services.verify(&address).await {
                LookupResult::Answer(verdict) if verdict.opted_out => {
                    let entry = self
                        .services
                        .suppress(self.context, address.as_str(), &verifier)
                        .await?;
                    self.leave_out(&entry);
                }
                LookupResult::Answer(verdict) => {
                    self.candidates.verified(&address, verdict.verification);
                }
                LookupResult::Failed(failure) => {
                    let address = masked(address.as_str());
                    self.notes.add(format!(
                        "{verifier}: {address} could not be verified: {} ({})",
                        failure.told(),
                        failure.code
                    ));
                }
                LookupResult::Off => break,
            }
        }
        Ok(())
    }
}
