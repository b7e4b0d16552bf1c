//! What a customer can use, by the keys it holds.

use std::sync::Arc;

use async_trait::async_trait;
use hunter_contracts::{ErrorCode, RecipeFailure, TenantId};
use hunter_core::{
    ports::{ContactServices, ManualClock},
    recipe::{Caller, SecretsManager},
};
use hunter_providers::{
    client::Shared,
    contacts::{ConfiguredContacts, ContactsConfig},
};

use super::{
    Bench,
    canned::{Canned, Server},
};

#[tokio::test]
async fn without_keys_there_are_mail_hosts_only() {
    for keys in [vec![], vec![("hunter_io_key", ""), ("clearbit_key", "  ")]] {
        let tools = Bench::new(ContactsConfig::public(), &keys).tools().await;
        assert!(tools.sources.is_empty() && tools.verifier.is_none());
        assert!(tools.mail_hosts.is_some());
    }
}

#[tokio::test]
async fn the_cheapest_way_to_an_address_comes_first() {
    let keys = [
        ("clearbit_key", "c"),
        ("rocketchat_key", "r"),
        ("hunter_io_key", "h"),
    ];
    let tools = Bench::new(ContactsConfig::public(), &keys).tools().await;
    let names: Vec<&str> = tools.sources.iter().map(|source| source.name()).collect();
    assert_eq!(names, ["hunter_io", "rocketreach", "clearbit"]);
    assert_eq!(tools.verifier.unwrap().name(), "hunter_io");
    // A service without an address is not used, whatever the keys.
    let nowhere = Bench::new(ContactsConfig::default(), &keys).tools().await;
    assert!(nowhere.sources.is_empty() && nowhere.mail_hosts.is_none());
}

/// A store of secrets that is down.
struct Down;

#[async_trait]
impl SecretsManager for Down {
    async fn get_secret(&self, _: &TenantId, _: &str) -> Result<String, RecipeFailure> {
        Err(RecipeFailure::new(ErrorCode::StoreUnavailable, "down"))
    }
}

#[tokio::test]
async fn keys_that_cannot_be_read_are_an_error() {
    let clock = Arc::new(ManualClock::new("2026-03-01T09:00:00Z".parse().unwrap()));
    let (config, shared) = (ContactsConfig::public(), Shared::new(clock));
    let services = ConfiguredContacts::new(config, Arc::new(Down), shared).unwrap();
    let caller = Caller::new(TenantId::new("tenant_one").unwrap());
    let failure = services.open(&caller).await.err().unwrap();
    assert_eq!(failure.code, ErrorCode::StoreUnavailable);
}

#[test]
fn an_address_that_is_none_is_refused() {
    let clock = Arc::new(ManualClock::new("2026-03-01T09:00:00Z".parse().unwrap()));
    let config = ContactsConfig::public().with("clearbit", "localhost".to_owned());
    let failure = ConfiguredContacts::new(config, Arc::new(Down), Shared::new(clock)).err();
    assert_eq!(failure.unwrap().code, ErrorCode::InvalidConfiguration);
}

#[tokio::test]
async fn keys_travel_in_headers_only() {
    let server = Server::start(&[("/", &[Canned::new(500, "{}")])]).await;
    let keys = [
        ("hunter_io_key", "secret-of-hunter"),
        ("rocketchat_key", "secret-of-rocketreach"),
        ("clearbit_key", "secret-of-clearbit"),
    ];
    let bench = Bench::new(server.config(), &keys);
    let query = super::query("smile.example", Some("Smile"), &["Ada Lovelace"]);
    for source in bench.tools().await.sources {
        source.find(&query).await.unwrap_err();
    }
    let seen = server.seen();
    let header = |name: &str, value: &str| {
        let has = |(_, headers): &&(String, axum::http::HeaderMap)| {
            headers.get(name).is_some_and(|found| found == value)
        };
        seen.iter().filter(has).count()
    };
    assert!(header("authorization", "Bearer secret-of-hunter") > 0);
    assert!(header("authorization", "Bearer secret-of-clearbit") > 0);
    assert!(header("api-key", "secret-of-rocketreach") > 0);
    assert!(
        seen.iter().all(|(target, _)| !target.contains("secret")),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_key_that_no_header_can_hold_is_refused_before_it_is_sent() {
    let server = Server::start(&[]).await;
    let bench = Bench::new(server.config(), &[("hunter_io_key", "line\nbreak")]);
    let failure = bench
        .verifier()
        .await
        .verify(&"ada@smile.example".parse().unwrap())
        .await;
    assert_eq!(failure.unwrap_err().code, ErrorCode::AuthenticationFailed);
    assert!(server.seen().is_empty());
}
