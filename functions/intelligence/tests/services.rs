//! The recipe over the real clients of the contact services, against look-alikes that speak their
//! protocols on this machine; what it finds is compared with the town's truth.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use hunter_core::recipe::Recipe;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use hunter_aws::test_support::Embedded;
use hunter_contracts::*;
use hunter_core::{
    ports::{FetchFailure, FetchedPage, ManualClock, SiteFetcher},
    recipe::{Context, Meter, SecretsManager},
    rules::{may_be_written_to, route},
    store::{TenantStore, suppression_hash},
    test_support::agent,
};
use hunter_providers::{
    client::Shared,
    contacts::{ConfiguredContacts, ContactsConfig},
};
use hunter_sandbox::{
    Business, Colleague, Endpoint, Faults, MailDomain, Mailbox, Sandbox, Town, TownOptions,
};
use intelligence::Intelligence;
use jiff::Timestamp;

fn now() -> Timestamp {
    "2026-03-01T09:00:00Z".parse().unwrap()
}

/// Keys in memory.
struct Keys(BTreeMap<&'static str, &'static str>);

#[async_trait]
impl SecretsManager for Keys {
    async fn get_secret(&self, _: &TenantId, key: &str) -> Result<String, RecipeFailure> {
        let found = self.0.get(key).map(|value| (*value).to_owned());
        found.ok_or_else(|| RecipeFailure::new(ErrorCode::SecretMissing, "not set"))
    }
}

/// Sites that say nothing: all that is found comes from services.
struct Silence;

#[async_trait]
impl SiteFetcher for Silence {
    async fn fetch(&self, url: &str) -> Result<FetchedPage, FetchFailure> {
        Err(FetchFailure {
            cause: Cause::NotFound,
            message: format!("nothing at {url}"),
            retryable: false,
        })
    }
    async fn sitemaps(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
    fn requests(&self) -> u64 {
        0
    }
}

async fn sandbox(faults: Faults) -> Sandbox {
    let town = Town::generate(TownOptions {
        businesses: 150,
        ..TownOptions::new(11, now())
    });
    Sandbox::start(town, faults).await.unwrap()
}

fn config(sandbox: &Sandbox) -> ContactsConfig {
    ContactsConfig::default()
        .with("hunter_io", sandbox.base_url(Endpoint::HUNTER_IO))
        .with("rocketreach", sandbox.base_url(Endpoint::ROCKETREACH))
        .with("clearbit", sandbox.base_url(Endpoint::CLEARBIT))
        .with("dns", sandbox.base_url(Endpoint::DNS))
}

/// A lead per business with a site, branches of a chain included.
fn leads(sandbox: &Sandbox) -> Vec<(Lead, &Business)> {
    let businesses = sandbox.town().businesses().iter();
    businesses
        .filter(|business| business.website.is_some())
        .enumerate()
        .map(|(number, business)| {
            let mut lead = Lead::new(LeadId::derived("lead", &number.to_string()));
            lead.name = Some(business.name.clone());
            lead.website.clone_from(&business.website);
            lead.lead_score = Some(Score::clamped(0.9));
            let owner = Evidence {
                url: "https://site.example/".into(),
                quote: business.owner.name.clone(),
                fetched_at: now(),
            };
            lead.add_fact(FactKind::Person, business.owner.name.clone(), None, owner);
            (lead, business)
        })
        .collect()
}

struct Ran {
    leads: Vec<Lead>,
    store: Arc<dyn TenantStore>,
    meter: Arc<Meter>,
}

async fn run(sandbox: &Sandbox, hunter_key: &'static str, leads: Vec<Lead>) -> Ran {
    let clock = Arc::new(ManualClock::new(now()));
    let keys = Keys(BTreeMap::from([
        ("hunter_io_key", hunter_key),
        ("rocketchat_key", Sandbox::ROCKETREACH_KEY),
        ("clearbit_key", Sandbox::CLEARBIT_KEY),
    ]));
    let shared = Shared::new(clock.clone());
    let contacts = ConfiguredContacts::new(config(sandbox), Arc::new(keys), shared).unwrap();
    let recipe = Intelligence::new(Arc::new(Silence)).with_contacts(Arc::new(contacts));
    let store = Embedded::start(clock.clone()).await.tenant("cust_001");
    let mut context = Context::for_test(RecipeId::Intelligence, store.clone(), clock, agent());
    context.record_concurrency = 10;
    let payload = IntelligencePayload {
        leads,
        leads_ref: None,
        enrichment_level: None,
    };
    let outcome = recipe.run(&context, payload).await.unwrap();
    Ran {
        leads: outcome.data.leads,
        store,
        meter: context.caller().meter,
    }
}

/// What the mail host says of an address of the town.
fn truth(business: &Business, colleagues: &[Colleague], address: &str) -> Verification {
    let colleague = colleagues.iter().find(|c| c.email == address);
    match (business.mail_domain(), colleague.map(|c| c.mailbox)) {
        (MailDomain::Refuses, _) | (_, Some(Mailbox::Gone)) => Verification::Invalid,
        (MailDomain::AcceptsAll, _) => Verification::AcceptAll,
        (MailDomain::Silent | MailDomain::Failing, _) => Verification::Unknown,
        _ => Verification::Valid,
    }
}

#[tokio::test]
async fn what_the_services_say_is_checked_against_the_town() {
    let sandbox = sandbox(Faults::none()).await;
    let known = leads(&sandbox);
    let asked: Vec<Lead> = known.iter().map(|(lead, _)| lead.clone()).collect();
    let ran = run(&sandbox, Sandbox::HUNTER_IO_KEY, asked).await;
    assert_eq!(ran.leads.len(), known.len());
    let audited = ran.store.audit_log(utc_date(now())).await.unwrap();
    let listed: BTreeSet<String> = audited.into_iter().map(|e| e.action.resource_id).collect();
    let (mut valid, mut reached, mut paired) = (0, 0, 0);
    for (lead, (_, business)) in ran.leads.iter().zip(&known) {
        let colleagues = business.colleagues();
        for email in lead.emails.iter().flatten() {
            let hash = suppression_hash(ran.store.tenant(), email.email.as_str());
            assert!(!listed.contains(&hash), "{} is suppressed", email.email);
            if email.verification == Some(Verification::Valid) {
                let said = truth(business, &colleagues, email.email.as_str());
                assert_eq!(said, Verification::Valid, "{}", email.email);
                valid += 1;
            }
        }
        for contact in lead.phone_contacts.iter().flatten() {
            let Some(name) = &contact.name else {
                continue;
            };
            let digits = |n: &str| n.chars().filter(char::is_ascii_digit).collect::<String>();
            let theirs =
                |c: &&Colleague| c.phone.as_deref().map(digits) == Some(digits(&contact.phone));
            let mut owners = colleagues.iter().filter(theirs);
            let own = owners.next().unwrap();
            assert_eq!(owners.next(), None, "{name} has a shared number");
            let last = own.person.name.split_whitespace().next_back();
            let same = last.is_some_and(|last| name.contains(last)) || !own.person.name.is_ascii();
            assert!(same, "{name} has the number of {}", own.person.name);
            assert!(
                contact
                    .email
                    .as_ref()
                    .is_none_or(|email| email.as_str() == own.email)
            );
            paired += 1;
        }
        let channels = [Channel::Email];
        reached += usize::from(route(lead, &channels, &BTreeMap::new()).is_ok());
        let first = lead
            .emails
            .as_ref()
            .map(|emails| may_be_written_to(&emails[0]));
        let any = lead.emails.iter().flatten().any(may_be_written_to);
        assert_eq!(
            first.unwrap_or(false),
            any,
            "the best stands first: {lead:?}"
        );
    }
    assert!(
        valid > 20 && reached > 40 && paired > 0,
        "{valid} {reached} {paired}"
    );
    for hash in &listed {
        let mut all = known.iter().flat_map(|(_, business)| business.colleagues());
        let owner = all.find(|c| suppression_hash(ran.store.tenant(), &c.email) == *hash);
        let owner = owner.unwrap();
        assert!(owner.opted_out);
        let entries = ran
            .store
            .suppressed(std::slice::from_ref(&owner.email))
            .await
            .unwrap();
        assert_eq!(entries.len(), 1);
    }
    assert!(!listed.is_empty());
    let used = |operation: &str| {
        let uses = ran.meter.uses().into_iter();
        uses.filter(|u| u.operation == operation)
            .map(|u| u.calls)
            .sum::<u64>()
    };
    // One search per domain, with at most two further pages; chains are asked about once.
    let domains: BTreeSet<&str> = known
        .iter()
        .filter_map(|(lead, _)| lead.website.as_deref())
        .collect();
    assert!(domains.len() < known.len(), "the town has a chain");
    let searches = used("domain_search");
    assert!(searches >= domains.len() as u64 && searches <= 3 * domains.len() as u64);
    let per_lead = ran.meter.cost().to_decimal() / known.len() as f64;
    println!(
        "{} leads: {reached} reached, {valid} valid, {paired} numbers, ${per_lead:.3} a lead",
        known.len()
    );
    assert!(per_lead > 0.0);
}

/// Hunter.io's plan is used up: it is asked once, and RocketReach finds people all the same.
#[tokio::test]
async fn a_plan_that_is_used_up_costs_one_call() {
    let sandbox = sandbox(Faults::none()).await;
    let asked: Vec<Lead> = leads(&sandbox).into_iter().map(|(lead, _)| lead).collect();
    let count = asked.len();
    let ran = run(&sandbox, Sandbox::HUNTER_IO_USED_UP_KEY, asked).await;
    assert_eq!(ran.leads.len(), count);
    let calls: u64 = ran
        .meter
        .uses()
        .iter()
        .filter(|used| used.service == "hunter_io")
        .map(|used| used.calls)
        .sum();
    // Ten leads are under way at once; verifier and search each learn it for themselves.
    assert!(calls <= 20, "{calls}");
    let found = ran
        .leads
        .iter()
        .filter(|lead| lead.emails.is_some())
        .count();
    assert!(found > 0);
    let told = |lead: &&Lead| {
        lead.enrichment_notes
            .iter()
            .any(|n| n.contains("hunter_io"))
    };
    assert!(ran.leads.iter().filter(told).count() > count / 2);
}
