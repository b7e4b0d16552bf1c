//! The addresses of a lead while it is worked on, and the order they are left in.

use std::cmp::Reverse;

use hunter_contracts::{
    EmailAddress, EmailClass, EmailContact, EnrichmentLevel, Lead, PhoneContact, Score,
    Verification,
};
use hunter_core::{
    ports::{FoundContact, MailHost},
    rules::may_be_written_to,
    store::suppression_hash,
};
use hunter_extract::{business_domain, email_class};

use crate::{
    confidence::{Domain, Finder, Signals},
    disposable::is_disposable,
    people::is_mailbox_of,
};

/// Most addresses of a lead.
const ADDRESSES_MAX: usize = 20;
/// An address that is this sure is enough where the level asks for any address.
const ENOUGH_FOR_ANY: f64 = 0.50;
/// A person's address that is this sure needs no verifier.
const ENOUGH_FOR_PERSON: f64 = 0.90;

/// One address.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) contact: EmailContact,
    pub(crate) class: EmailClass,
    signals: Signals,
    /// An earlier step verified it: what it found stays.
    settled: bool,
}

impl Candidate {
    pub(crate) fn address(&self) -> &EmailAddress {
        &self.contact.email
    }

    fn confidence(&self) -> Score {
        match self.contact.confidence {
            Some(known) if self.settled => known,
            _ => self.signals.confidence(),
        }
    }

    /// The contact as it stands by now. What nobody looked at stays without a verification.
    fn finished(&self, looked_at: bool) -> EmailContact {
        let verification = self.signals.verification;
        let known = looked_at || verification != Verification::Unknown;
        EmailContact {
            confidence: Some(self.confidence()),
            class: Some(self.class),
            verification: known.then_some(verification),
            ..self.contact.clone()
        }
    }

    fn is_usable(&self) -> bool {
        may_be_written_to(&self.finished(true))
    }

    /// Whether a verifier can say more than is known: a free-mail provider tells it nothing, and
    /// where every name is taken it has said so already.
    pub(crate) fn can_be_verified(&self) -> bool {
        !self.settled
            && self.signals.verification == Verification::Unknown
            && matches!(self.class, EmailClass::Personal | EmailClass::Role)
    }

    /// Best first: what may be written to; what a verifier calls valid; then by confidence; of
    /// equals a person's before a function's, and the shorter, then the alphabet.
    fn rank(
        &self,
    ) -> (
        Reverse<bool>,
        Reverse<bool>,
        Reverse<u64>,
        EmailClass,
        usize,
        &str,
    ) {
        // Scores are 0 to 1: a millionth is finer than they are.
        let confidence = (self.confidence().get() * 1e6).round() as u64;
        (
            Reverse(self.is_usable()),
            Reverse(self.signals.verification == Verification::Valid),
            Reverse(confidence),
            self.class,
            self.contact.email.as_str().len(),
            self.contact.email.as_str(),
        )
    }
}

/// The addresses of a lead.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    pub(crate) list: Vec<Candidate>,
    /// The business's own domain, where it has one.
    pub(crate) domain: Option<String>,
    /// People who are named by now.
    people: Vec<String>,
    looked_at: bool,
}

impl Candidates {
    /// Takes a lead's addresses out of it.
    pub(crate) fn of(lead: &mut Lead, people: Vec<String>) -> Self {
        let known = lead.emails.take().unwrap_or_default();
        let website = lead.website.as_deref().and_then(business_domain);
        let domain = website.or_else(|| {
            // A business without a site is known by the domain of its mailbox. One that has a page
            // on somebody else's host may have the host's mailbox, too.
            let record = known.iter().filter(|_| lead.website.is_none());
            let mut domains = record.filter_map(|c| business_domain(c.email.domain()));
            domains.find(|domain| !is_disposable(domain))
        });
        let mut all = Self {
            list: Vec::new(),
            domain,
            people,
            looked_at: false,
        };
        for contact in known {
            let finder = match (contact.source.as_deref(), contact.confidence) {
                (Some("website"), Some(sure)) => Finder::Site(sure),
                (Some("source_record"), _) => Finder::Record,
                (Some(_), Some(sure)) => Finder::Service(sure),
                _ => Finder::Caller,
            };
            let settled = contact.verification.is_some() && contact.confidence.is_some();
            all.push(contact, finder, settled);
        }
        all
    }

    fn push(&mut self, contact: EmailContact, finder: Finder, settled: bool) {
        let domain = contact.email.domain();
        let own = business_domain(domain).is_some_and(|of| self.domain.as_ref() == Some(&of));
        let class = match email_class(&contact.email) {
            EmailClass::FreeMail => EmailClass::FreeMail,
            // A business's own domain is no provider's, whatever a list says.
            _ if !own && is_disposable(domain) => EmailClass::Disposable,
            class => class,
        };
        let verification = match (class, contact.verification) {
            (EmailClass::Disposable, _) => Verification::Disposable,
            (EmailClass::FreeMail, None | Some(Verification::Unknown)) => Verification::Webmail,
            (_, known) => known.unwrap_or(Verification::Unknown),
        };
        let person = self
            .people
            .iter()
            .any(|name| is_mailbox_of(&contact.email, name));
        let signals = Signals {
            finder,
            domain: match class {
                EmailClass::FreeMail => Domain::Free,
                _ if own => Domain::Own,
                _ => Domain::Other,
            },
            agreed: false,
            person,
            verification,
        };
        let candidate = Candidate {
            contact,
            class,
            signals,
            settled,
        };
        self.list.push(candidate);
    }

    /// Adds what a service found, or lets it confirm what was found before. A person's private
    /// mailbox is no way to reach a business: a free-mail address counts only where the business
    /// itself shows it.
    pub(crate) fn add(&mut self, found: &FoundContact, source: &str) {
        if let Some(name) = &found.name {
            self.people.push(name.clone());
        }
        let Some(address) = &found.email else {
            return;
        };
        let known = self
            .list
            .iter_mut()
            .find(|c| c.contact.email.key() == address.key());
        if let Some(known) = known {
            known.signals.agreed |= known.contact.source.as_deref() != Some(source);
            known.signals.person |= found.name.is_some();
            if known.signals.verification == Verification::Unknown {
                known.signals.verification = found.verification;
            }
            return;
        }
        if email_class(address) == EmailClass::FreeMail || self.list.len() >= ADDRESSES_MAX {
            return;
        }
        let contact = EmailContact {
            confidence: Some(found.confidence),
            source: Some(source.to_owned()),
            evidence: Some(found.evidence.clone()),
            verification: Some(found.verification),
            ..EmailContact::new(address.clone())
        };
        self.push(contact, Finder::Service(found.confidence), false);
        if let (Some(added), Some(_)) = (self.list.last_mut(), &found.name) {
            added.signals.person = true;
        }
        self.looked_at = true;
    }

    /// What the mail host's records say of all addresses at a domain. That a host takes mail says
    /// nothing of one mailbox.
    pub(crate) fn host(&mut self, domain: &str, host: Option<MailHost>) {
        self.looked_at = true;
        if host == Some(MailHost::Refuses) {
            for candidate in self
                .list
                .iter_mut()
                .filter(|c| c.address().domain() == domain)
            {
                candidate.signals.verification = Verification::Invalid;
                candidate.settled = false;
            }
        }
    }

    /// What a verifier says of an address.
    pub(crate) fn verified(&mut self, address: &EmailAddress, verification: Verification) {
        self.looked_at = true;
        for candidate in &mut self.list {
            if candidate.contact.email == *address {
                candidate.signals.verification = verification;
            }
        }
    }

    /// Takes an address out.
    pub(crate) fn forget(
        &mut self,
        tenant: &hunter_contracts::TenantId,
        address_hash: &str,
    ) -> bool {
        let before = self.list.len();
        self.list
            .retain(|c| suppression_hash(tenant, c.address().as_str()) != address_hash);
        before > self.list.len()
    }

    /// The addresses.
    pub(crate) fn addresses(&self) -> Vec<String> {
        self.list.iter().map(|c| c.address().to_string()).collect()
    }

    /// Best first.
    pub(crate) fn sort(&mut self) {
        self.list.sort_by(|a, b| a.rank().cmp(&b.rank()));
    }

    /// Whether anything may be written to.
    pub(crate) fn any_usable(&self) -> bool {
        self.list.iter().any(Candidate::is_usable)
    }

    /// Whether an address, or a person's address, is known to receive mail.
    pub(crate) fn has_verified(&self, persons_only: bool) -> bool {
        self.list.iter().any(|c| {
            c.signals.verification == Verification::Valid
                && (!persons_only || c.class == EmailClass::Personal)
        })
    }

    /// Whether the waterfall may stop. At every level a person's address that is `valid` is enough.
    /// Premium is also content with a person's address of 0.90, standard with any address of 0.50
    /// that may be written to.
    pub(crate) fn is_enough(&self, level: EnrichmentLevel) -> bool {
        let any = |sure: f64, person: bool| {
            self.list.iter().any(|c| {
                c.is_usable()
                    && c.confidence().get() >= sure
                    && (!person || c.class == EmailClass::Personal)
            })
        };
        self.has_verified(true)
            || match level {
                EnrichmentLevel::Premium => any(ENOUGH_FOR_PERSON, true),
                EnrichmentLevel::Standard => any(ENOUGH_FOR_ANY, false),
                EnrichmentLevel::Basic | EnrichmentLevel::Skip => true,
            }
    }

    /// Puts the addresses back, best first.
    pub(crate) fn put_back(mut self, lead: &mut Lead) {
        self.sort();
        self.list.truncate(ADDRESSES_MAX);
        let finished = self.list.iter().map(|c| c.finished(self.looked_at));
        let emails: Vec<EmailContact> = finished.collect();
        lead.emails = (!emails.is_empty()).then_some(emails);
    }
}

/// Takes out of a lead what belongs to a suppressed address: a person's number goes with the person.
pub(crate) fn forget_numbers(lead: &mut Lead, is_suppressed: impl Fn(&str) -> bool) {
    let keeps = |contact: &PhoneContact| {
        let email = contact.email.as_ref().map(EmailAddress::as_str);
        !is_suppressed(&contact.phone) && !email.is_some_and(&is_suppressed)
    };
    if let Some(contacts) = &mut lead.phone_contacts {
        contacts.retain(keeps);
    }
    if lead.phone_contacts.as_ref().is_some_and(Vec::is_empty) {
        lead.phone_contacts = None;
    }
    if lead.phone.as_deref().is_some_and(&is_suppressed) {
        lead.phone = None;
    }
}
