//! The ports to contact services: who works at a business, and whether an address receives mail.

use std::sync::Arc;

use async_trait::async_trait;
use hunter_contracts::{EmailAddress, Evidence, RecipeFailure, Score, Verification};

use crate::recipe::Caller;

/// Whom a contact service is asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactQuery {
    /// The business's own domain, as in `apollo-dental.com`.
    pub domain: String,
    /// Its name.
    pub company: Option<String>,
    /// People that its site names, the most important first.
    pub people: Vec<String>,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: Option<String>,
}

/// Somebody whom a contact service knows. A person's address and number stay together.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundContact {
    /// The address.
    pub email: Option<EmailAddress>,
    /// The person; absent for a function's mailbox.
    pub name: Option<String>,
    /// What the person does there.
    pub position: Option<String>,
    /// The number as the service gives it.
    pub phone: Option<String>,
    /// A profile, as an address.
    pub linkedin: Option<String>,
    /// How sure the service is, 0–1.
    pub confidence: Score,
    /// Whether the address receives mail, as far as the service knows.
    pub verification: Verification,
    /// Where the service found it, in the service's own words.
    pub evidence: Evidence,
}

/// What a contact service says of the business itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CompanyProfile {
    /// Its name.
    pub name: Option<String>,
    /// What it does, in the service's words.
    pub description: Option<String>,
    /// The year it was founded in.
    pub founded_year: Option<i16>,
    /// Its industry.
    pub industry: Option<String>,
    /// How many work there, as in `11-50`.
    pub employees: Option<String>,
    /// Software that it uses.
    pub tech: Vec<String>,
    /// The main number.
    pub phone: Option<String>,
    /// Where the service shows this.
    pub evidence: Option<Evidence>,
}

/// A contact service's answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContactAnswer {
    /// Whom it knows, best first.
    pub contacts: Vec<FoundContact>,
    /// What it says of the business.
    pub company: Option<CompanyProfile>,
    /// Addresses whose owners asked not to be processed: they go to the suppression list.
    pub opted_out: Vec<EmailAddress>,
    /// Limits that were reached, for a person.
    pub notes: Vec<String>,
}

/// A service that knows who works at a business.
#[async_trait]
pub trait ContactSource: Send + Sync {
    /// The name that contacts carry as `source`, as in `hunter_io`.
    fn name(&self) -> &str;
    /// Asks. Nothing found is an empty answer, not an error.
    ///
    /// # Errors
    /// With the code that the service's documentation gives the failure.
    async fn find(&self, query: &ContactQuery) -> Result<ContactAnswer, RecipeFailure>;
}

/// What a verifier says of an address.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// Whether it receives mail.
    pub verification: Verification,
    /// How sure the verifier is, 0–1.
    pub confidence: Score,
    /// Whether its owner asked not to be processed.
    pub opted_out: bool,
}

/// A service that tells whether an address receives mail.
#[async_trait]
pub trait EmailVerifier: Send + Sync {
    /// As in `hunter_io`.
    fn name(&self) -> &str;
    /// Asks about one address.
    ///
    /// # Errors
    /// With the code that the service's documentation gives the failure.
    async fn verify(&self, email: &EmailAddress) -> Result<Verdict, RecipeFailure>;
}

/// Whether a domain receives mail at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailHost {
    /// It names a mail host (MX), or has an address that RFC 5321 §5.1 takes for one.
    Accepts,
    /// It says that it takes no mail (null MX, RFC 7505), or does not exist.
    Refuses,
}

/// Looks up mail hosts.
#[async_trait]
pub trait MailHosts: Send + Sync {
    /// Looks up one domain.
    ///
    /// # Errors
    /// When the name service gives no answer: nothing is known then.
    async fn mail_host(&self, domain: &str) -> Result<MailHost, RecipeFailure>;
}

/// What a customer can use: by the keys it holds.
#[derive(Clone, Default)]
pub struct ContactTools {
    /// Contact services, cheapest first.
    pub sources: Vec<Arc<dyn ContactSource>>,
    /// A verifier.
    pub verifier: Option<Arc<dyn EmailVerifier>>,
    /// Mail hosts; needs no key.
    pub mail_hosts: Option<Arc<dyn MailHosts>>,
}

/// The contact services that are configured.
#[async_trait]
pub trait ContactServices: Send + Sync {
    /// What a customer can use.
    ///
    /// # Errors
    /// When the customer's keys cannot be read. A key that is not set is no error.
    async fn open(&self, caller: &Caller) -> Result<ContactTools, RecipeFailure>;
}

/// No contact services: only what the site itself says is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoContactServices;

#[async_trait]
impl ContactServices for NoContactServices {
    async fn open(&self, _: &Caller) -> Result<ContactTools, RecipeFailure> {
        Ok(ContactTools::default())
    }
}
