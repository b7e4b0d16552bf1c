//! A web of one page per host, contact services that answer from tables, and models.

use hunter_core::recipe::Recipe;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use hunter_aws::test_support::Embedded;
use hunter_contracts::*;
use hunter_core::{
    ports::{
        ContactAnswer, ContactQuery, ContactServices, ContactSource, ContactTools, EmailVerifier,
        FetchFailure, FetchedPage, FoundContact, MailHost, MailHosts, ManualClock, Model,
        ModelRequest, Models, SiteFetcher, Verdict,
    },
    recipe::{Caller, Context, Meter, Outcome},
    store::TenantStore,
    test_support::agent,
};
use intelligence::Intelligence;
use jiff::Timestamp;
use serde_json::Value;

pub(crate) fn now() -> Timestamp {
    "2026-03-01T10:00:00Z".parse().unwrap()
}

/// Home pages by host; another host does not answer.
#[derive(Default)]
pub(crate) struct Web(BTreeMap<String, String>);

#[async_trait]
impl SiteFetcher for Web {
    async fn fetch(&self, url: &str) -> Result<FetchedPage, FetchFailure> {
        let body = self.0.get(url).ok_or_else(|| FetchFailure {
            cause: Cause::NotFound,
            message: format!("nothing at {url}"),
            retryable: false,
        })?;
        Ok(FetchedPage {
            url: format!("https://{url}/"),
            status: 200,
            content_type: Some("text/html; charset=utf-8".into()),
            last_modified: None,
            body: body.as_bytes().to_vec(),
            fetched_at: now(),
        })
    }
    async fn sitemaps(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
    fn requests(&self) -> u64 {
        0
    }
}

pub(crate) type Find = dyn Fn(&ContactQuery) -> Result<ContactAnswer, ErrorCode> + Send + Sync;
pub(crate) type Log = Arc<Mutex<Vec<String>>>;

struct SourceDouble {
    name: &'static str,
    find: Arc<Find>,
    log: Log,
    meter: Arc<Meter>,
}

#[async_trait]
impl ContactSource for SourceDouble {
    fn name(&self) -> &str {
        self.name
    }
    async fn find(&self, query: &ContactQuery) -> Result<ContactAnswer, RecipeFailure> {
        let asked = format!("{} {}", self.name, query.domain);
        self.log.lock().unwrap().push(asked);
        // As a client does: every call is on the meter, with its price.
        self.meter.add(&OutsideUse {
            service: self.name.into(),
            operation: "domain_search".into(),
            calls: 1,
            cost: Dollars::from_decimal(0.034).unwrap(),
            ..OutsideUse::default()
        });
        tokio::task::yield_now().await;
        (self.find)(query).map_err(|code| RecipeFailure::new(code, "as scripted"))
    }
}

struct VerifierDouble {
    verdicts: BTreeMap<String, Result<Verdict, ErrorCode>>,
    log: Log,
}

#[async_trait]
impl EmailVerifier for VerifierDouble {
    fn name(&self) -> &str {
        "verifier"
    }
    async fn verify(&self, email: &EmailAddress) -> Result<Verdict, RecipeFailure> {
        self.log.lock().unwrap().push(format!("verify {email}"));
        let verdict = self.verdicts.get(email.as_str()).cloned();
        verdict
            .unwrap_or(Ok(verdict_of(Verification::Unknown)))
            .map_err(|code| RecipeFailure::new(code, "as scripted"))
    }
}

pub(crate) fn verdict_of(verification: Verification) -> Verdict {
    Verdict {
        verification,
        confidence: Score::clamped(0.9),
        opted_out: false,
    }
}

/// Domains that take no mail, and those that nobody can tell about; the others do.
struct HostsDouble {
    refuse: Vec<&'static str>,
    fail: Vec<&'static str>,
    log: Log,
}

#[async_trait]
impl MailHosts for HostsDouble {
    async fn mail_host(&self, domain: &str) -> Result<MailHost, RecipeFailure> {
        self.log.lock().unwrap().push(format!("mx {domain}"));
        if self.fail.contains(&domain) {
            return Err(RecipeFailure::new(ErrorCode::Timeout, "as scripted"));
        }
        Ok(match self.refuse.contains(&domain) {
            true => MailHost::Refuses,
            false => MailHost::Accepts,
        })
    }
}

/// A world to run the recipe in.
/// An empty store.
pub(crate) async fn store() -> Arc<dyn TenantStore> {
    let clock = Arc::new(ManualClock::new(now()));
    Embedded::start(clock).await.tenant("cust_001")
}

#[derive(Default)]
pub(crate) struct World {
    web: Web,
    sources: Vec<(&'static str, Arc<Find>)>,
    verdicts: Option<BTreeMap<String, Result<Verdict, ErrorCode>>>,
    pub(crate) refuse: Vec<&'static str>,
    pub(crate) fail: Vec<&'static str>,
    pub(crate) keys_unreadable: bool,
    pub(crate) asked: Option<EnrichmentLevel>,
    pub(crate) models: Option<Arc<dyn Models>>,
    pub(crate) store: Option<Arc<dyn TenantStore>>,
    pub(crate) concurrency: usize,
    pub(crate) log: Log,
    opened: AtomicU64,
}

impl World {
    pub(crate) fn site(mut self, host: &str, body: &str) -> Self {
        let page = format!("<html lang=en><title>Site</title><body>{body}</body></html>");
        self.web.0.insert(host.to_owned(), page);
        self
    }

    pub(crate) fn source(
        mut self,
        name: &'static str,
        find: impl Fn(&ContactQuery) -> Result<ContactAnswer, ErrorCode> + Send + Sync + 'static,
    ) -> Self {
        self.sources.push((name, Arc::new(find)));
        self
    }

    pub(crate) fn verifier(mut self, verdicts: &[(&str, Result<Verdict, ErrorCode>)]) -> Self {
        let owned = verdicts
            .iter()
            .map(|(email, verdict)| ((*email).to_owned(), *verdict));
        self.verdicts = Some(owned.collect());
        self
    }

    pub(crate) fn asked_for(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// Runs the recipe over some leads.
    pub(crate) async fn run(self, leads: Vec<Lead>) -> Ran {
        let store = match &self.store {
            Some(store) => store.clone(),
            None => store().await,
        };
        let clock = Arc::new(ManualClock::new(now()));
        let mut context = Context::for_test(RecipeId::Intelligence, store.clone(), clock, agent());
        context.record_concurrency = self.concurrency.max(1);
        let web = Web(self.web.0.clone());
        let world = Arc::new(self);
        let mut recipe = Intelligence::new(Arc::new(web)).with_contacts(world.clone());
        if let Some(models) = &world.models {
            recipe = recipe.with_models(models.clone());
        }
        let payload = IntelligencePayload {
            leads,
            leads_ref: None,
            enrichment_level: world.asked,
        };
        let outcome = recipe.run(&context, payload).await.unwrap();
        let meter = context.caller().meter;
        Ran {
            outcome,
            world,
            meter,
            store,
        }
    }
}

#[async_trait]
impl ContactServices for World {
    async fn open(&self, caller: &Caller) -> Result<ContactTools, RecipeFailure> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        if self.keys_unreadable {
            return Err(RecipeFailure::new(
                ErrorCode::StoreUnavailable,
                "no secrets",
            ));
        }
        let sources = self.sources.iter().map(|(name, find)| {
            let (find, log, meter) = (find.clone(), self.log.clone(), caller.meter.clone());
            Arc::new(SourceDouble {
                name,
                find,
                log,
                meter,
            }) as Arc<dyn ContactSource>
        });
        let log = || self.log.clone();
        let verifier = self.verdicts.clone().map(|verdicts| {
            Arc::new(VerifierDouble {
                verdicts,
                log: log(),
            }) as Arc<dyn EmailVerifier>
        });
        let (refuse, fail) = (self.refuse.clone(), self.fail.clone());
        Ok(ContactTools {
            sources: sources.collect(),
            verifier,
            mail_hosts: Some(Arc::new(HostsDouble {
                refuse,
                fail,
                log: log(),
            })),
        })
    }
}

/// What a run left.
pub(crate) struct Ran {
    pub(crate) outcome: Outcome<LeadsData>,
    pub(crate) world: Arc<World>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) store: Arc<dyn TenantStore>,
}

impl Ran {
    pub(crate) fn lead(&self) -> &Lead {
        &self.outcome.data.leads[0]
    }

    pub(crate) fn emails(&self) -> Vec<&str> {
        emails(self.lead())
    }

    /// Who was asked, without look-ups of mail hosts.
    pub(crate) fn paid(&self) -> Vec<String> {
        let mut asked = self.world.asked_for();
        asked.retain(|what| !what.starts_with("mx "));
        asked
    }

    pub(crate) fn opened(&self) -> u64 {
        self.world.opened.load(Ordering::Relaxed)
    }
}

pub(crate) fn emails(lead: &Lead) -> Vec<&str> {
    let emails = lead.emails.iter().flatten();
    emails.map(|e| e.email.as_str()).collect()
}

/// Scores that the rules route to each level: of ten leads, the last places.
pub(crate) fn lead(website: &str, level: EnrichmentLevel) -> Lead {
    let mut lead = Lead::new(LeadId::derived("lead", website));
    lead.name = Some("Apollo Dental".into());
    lead.country = Some("IN".into());
    lead.website = (!website.is_empty()).then(|| website.to_owned());
    lead.lead_score = Some(Score::clamped(match level {
        EnrichmentLevel::Premium => 0.90,
        EnrichmentLevel::Skip => 0.10,
        _ => 0.70,
    }));
    lead.rank = Some(LeadRank {
        position: 10,
        of: 10,
    });
    lead
}

pub(crate) fn evidence(service: &str) -> Evidence {
    Evidence {
        url: format!("https://{service}.example/"),
        quote: "as the service shows it".into(),
        fetched_at: now(),
    }
}

/// A contact that is 0.9 sure.
pub(crate) fn contact(name: Option<&str>, email: &str, verification: Verification) -> FoundContact {
    FoundContact {
        email: (!email.is_empty()).then(|| email.parse().unwrap()),
        name: name.map(str::to_owned),
        position: None,
        phone: None,
        linkedin: None,
        confidence: Score::clamped(0.9),
        verification,
        evidence: evidence("service"),
    }
}

pub(crate) fn answer(contacts: Vec<FoundContact>) -> ContactAnswer {
    ContactAnswer {
        contacts,
        ..ContactAnswer::default()
    }
}

type Reply = dyn Fn(&ModelRequest) -> Result<Value, ErrorCode> + Send + Sync;

/// A model that answers by a function, and remembers what it was asked.
#[derive(Clone)]
pub(crate) struct ModelDouble {
    reply: Arc<Reply>,
    pub(crate) requests: Arc<Mutex<Vec<ModelRequest>>>,
}

impl ModelDouble {
    pub(crate) fn new(
        reply: impl Fn(&ModelRequest) -> Result<Value, ErrorCode> + Send + Sync + 'static,
    ) -> Self {
        Self {
            reply: Arc::new(reply),
            requests: Arc::default(),
        }
    }
}

#[async_trait]
impl Model for ModelDouble {
    fn name(&self) -> &str {
        "model-1"
    }
    async fn answer(&self, request: &ModelRequest) -> Result<Value, RecipeFailure> {
        self.requests.lock().unwrap().push(request.clone());
        (self.reply)(request).map_err(|code| RecipeFailure::new(code, "as scripted"))
    }
}

#[async_trait]
impl Models for ModelDouble {
    async fn open(
        &self,
        _: &Caller,
        purpose: Purpose,
    ) -> Result<Vec<Arc<dyn Model>>, RecipeFailure> {
        assert_eq!(purpose, Purpose::Routing);
        Ok(vec![Arc::new(self.clone())])
    }
}
