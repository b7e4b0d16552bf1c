//! Contact services and mail hosts.

use std::sync::Arc;

use futures::FutureExt;
use hunter_contracts::RecipeFailure;
use hunter_core::{
    ports::{ContactQuery, ContactServices, ContactTools},
    recipe::Caller,
};
use hunter_providers::{
    client::Shared,
    contacts::{ConfiguredContacts, ContactsConfig},
};
use serde_json::{Value, json};

use crate::harness::{Adapter, Keys, misbehave, outage};

async fn tools(
    config: ContactsConfig,
    shared: Shared,
    caller: &Caller,
) -> Result<ContactTools, RecipeFailure> {
    let keys = Arc::new(Keys(&["hunter_io_key", "rocketchat_key", "clearbit_key"]));
    ConfiguredContacts::new(config, keys, shared)?
        .open(caller)
        .await
}

/// Asks the one source that is configured.
async fn find(
    config: ContactsConfig,
    shared: Shared,
    caller: Caller,
) -> Result<usize, RecipeFailure> {
    let tools = tools(config, shared, &caller).await?;
    let asked = ContactQuery {
        domain: "smile.example".to_owned(),
        company: Some("Smile".to_owned()),
        people: vec!["Ada Lovelace".to_owned()],
        country: None,
    };
    let found = tools.sources[0].find(&asked).await?;
    Ok(found.contacts.len() + usize::from(found.company.is_some()))
}

fn adapter(name: &'static str, healthy: fn() -> Value, run: crate::harness::Run) -> Adapter {
    Adapter {
        name,
        healthy,
        requests_max: 6,
        bills_bad_answers: false,
        otherwise: &[],
        run,
    }
}

fn hunter_io() -> Adapter {
    let healthy = || {
        json!({
            "data": {
                "domain": "smile.example", "pattern": "{first}", "organization": "Smile",
                "emails": [{
                    "value": "ada@smile.example", "type": "personal", "confidence": 97,
                    "sources": [], "first_name": "Ada", "last_name": "Lovelace",
                    "position": "Owner", "seniority": "executive", "department": "executive",
                    "verification": {"date": "2026-10-01", "status": "valid"}}]},
            "meta": {"results": 1, "limit": 10, "offset": 0}
        })
    };
    adapter("hunter_io", healthy, |base_url, shared, caller| {
        let config = ContactsConfig::default().with("hunter_io", base_url);
        find(config, shared, caller).boxed()
    })
}

fn hunter_io_verifier() -> Adapter {
    let healthy = || json!({"data": {"status": "valid", "score": 97}});
    let run: crate::harness::Run = |base_url, shared, caller| {
        let config = ContactsConfig::default().with("hunter_io", base_url);
        async move {
            let verifier = tools(config, shared, &caller).await?.verifier.unwrap();
            let verdict = verifier
                .verify(&"ada@smile.example".parse().unwrap())
                .await?;
            let known = verdict.verification != hunter_contracts::Verification::Unknown;
            Ok(usize::from(known))
        }
        .boxed()
    };
    Adapter {
        // A verification that goes on is asked for again, for a minute at most.
        requests_max: 12,
        ..adapter("hunter_io_verifier", healthy, run)
    }
}

fn rocketreach() -> Adapter {
    let healthy = || {
        json!({
            "id": 5244, "status": "complete", "name": "Ada Lovelace", "current_title": "Owner",
            "current_employer": "Smile", "linkedin_url": "https://www.linkedin.com/in/ada",
            "emails": [{"email": "ada@smile.example", "smtp_valid": "valid",
                "type": "professional", "grade": "A"}],
            "phones": [{"number": "+1 202 555 0100", "validity": "valid"}]
        })
    };
    adapter("rocketreach", healthy, |base_url, shared, caller| {
        let config = ContactsConfig::default().with("rocketreach", base_url);
        find(config, shared, caller).boxed()
    })
}

fn clearbit() -> Adapter {
    let healthy = || {
        json!({
            "id": "1", "name": "Smile", "domain": "smile.example", "description": "Teeth.",
            "foundedYear": 1998, "category": {"industry": "Health"}, "tech": ["nginx"],
            "metrics": {"employees": 7, "employeesRange": "1-10"}, "phone": null,
            "site": {"phoneNumbers": [], "emailAddresses": []}
        })
    };
    adapter("clearbit", healthy, |base_url, shared, caller| {
        let config = ContactsConfig::default().with("clearbit", base_url);
        find(config, shared, caller).boxed()
    })
}

fn dns() -> Adapter {
    let healthy = || {
        json!({
            "Status": 0, "TC": false,
            "Question": [{"name": "smile.example", "type": 15}],
            "Answer": [{"name": "smile.example", "type": 15, "TTL": 300,
                "data": "10 mail.smile.example."}]
        })
    };
    adapter("dns", healthy, |base_url, shared, caller| {
        let config = ContactsConfig::default().with("dns", base_url);
        async move {
            let hosts = tools(config, shared, &caller).await?.mail_hosts.unwrap();
            hosts.mail_host("smile.example").await.map(|_| 1)
        }
        .boxed()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn hunter_io_outlives_every_shape() {
    misbehave(hunter_io()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hunter_io_s_verifier_outlives_every_shape() {
    misbehave(hunter_io_verifier()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rocketreach_outlives_every_shape() {
    misbehave(rocketreach()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clearbit_outlives_every_shape() {
    misbehave(clearbit()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dns_outlives_every_shape() {
    misbehave(dns()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn outages_of_contact_services_are_cheap() {
    for adapter in [hunter_io(), hunter_io_verifier(), rocketreach(), clearbit()] {
        outage(&adapter).await;
    }
}
