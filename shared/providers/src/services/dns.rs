//! Mail hosts by DNS over HTTPS in its JSON form, `GET /dns-query?name=…&type=MX`.
//! <https://developers.cloudflare.com/1.1.1.1/encryption/dns-over-https/make-api-requests/dns-json/>

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::{
    ports::{MailHost, MailHosts},
    recipe::Caller,
};
use jiff::Timestamp;
use reqwest::header::ACCEPT;
use serde::Deserialize;

use crate::{
    client::{ApiClient, Call, Meaning, Pricing, Rate, Refusal, Service, by_status},
    contacts::answer,
    spec::{Kind, ServiceSpec},
};

/// Name servers as the client sees them.
pub(crate) static SERVICE: ServiceSpec = ServiceSpec {
    service: Service {
        id: "dns",
        name: "DNS over HTTPS",
        refusal,
        rate: Rate::UNLIMITED,
        prices: Pricing::Free,
    },
    kind: Kind::MailHosts,
    key: None,
    base_url: Some("https://cloudflare-dns.com"),
    variable: "HUNTER_DNS_URL",
    gives: "mail hosts",
    attribution: None,
};

/// What is asked, as on meters.
const OPERATION: &str = "mail_host";
/// Record types (RFC 1035 §3.2.2, RFC 3596).
const A: u16 = 1;
const MX: u16 = 15;
const AAAA: u16 = 28;
/// Response codes (RFC 1035 §4.1.1).
const NO_ERROR: u16 = 0;
const NO_SUCH_DOMAIN: u16 = 3;
/// Domains that are remembered; a run's own addresses are few.
const ENTRIES_MAX: usize = 10_000;
/// Shortest and longest time to remember, in seconds, whatever the records say.
const TTL_MIN_S: u64 = 60;
const TTL_MAX_S: u64 = 3_600;

fn refusal(refusal: &Refusal<'_>) -> Meaning {
    let meant = by_status(refusal);
    match refusal.status {
        // There is no key: a name server that refuses does so for good.
        401 | 403 | 404 | 406 | 415 => Meaning::new(
            ErrorCode::InvalidConfiguration,
            format!(
                "the name server does not answer DNS over HTTPS in JSON here ({}); configure \
                 another one",
                meant.message
            ),
        ),
        _ => meant,
    }
}

#[derive(Debug, Deserialize)]
struct Message {
    #[serde(rename = "Status")]
    status: u16,
    #[serde(rename = "Answer", default)]
    answer: Option<Vec<Record>>,
}

#[derive(Debug, Deserialize)]
struct Record {
    #[serde(rename = "type")]
    kind: u16,
    #[serde(rename = "TTL", default)]
    ttl_s: Option<u64>,
    data: String,
}

/// What is known of domains, for all customers: names are public.
#[derive(Debug, Default)]
pub(crate) struct MailHostCache {
    entries: Mutex<HashMap<String, (MailHost, Timestamp)>>,
}

impl MailHostCache {
    fn get(&self, domain: &str, now: Timestamp) -> Option<MailHost> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let (host, until) = entries.get(domain)?;
        (now < *until).then_some(*host)
    }

    fn put(&self, domain: &str, host: MailHost, ttl_s: u64, now: Timestamp) {
        let ttl = Duration::from_secs(ttl_s.clamp(TTL_MIN_S, TTL_MAX_S));
        let Ok(until) = now.checked_add(ttl) else {
            return;
        };
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= ENTRIES_MAX {
            entries.retain(|_, (_, until)| now < *until);
        }
        if entries.len() >= ENTRIES_MAX {
            entries.clear();
        }
        entries.insert(domain.to_owned(), (host, until));
    }
}

/// Looks up mail hosts on a caller's behalf.
pub(crate) struct DnsOverHttps {
    client: ApiClient,
    cache: Arc<MailHostCache>,
    caller: Caller,
}

impl DnsOverHttps {
    pub(crate) fn new(client: ApiClient, cache: Arc<MailHostCache>, caller: Caller) -> Self {
        Self {
            client,
            cache,
            caller,
        }
    }

    /// Looks up a name that is reserved for documentation.
    pub(crate) async fn check(&self) -> Result<String, RecipeFailure> {
        self.ask("example.com", MX, "MX").await?;
        Ok("the name server answers".to_owned())
    }

    async fn ask(&self, name: &str, kind: u16, kind_name: &str) -> Result<Found, RecipeFailure> {
        let call = Call::get(OPERATION, "/dns-query")
            .query("name", name)
            .query("type", kind_name)
            .header(ACCEPT, "application/dns-json");
        let message: Message = self.client.json(&self.caller, &call).await?;
        match message.status {
            NO_SUCH_DOMAIN => Ok(Found::NoSuchDomain),
            NO_ERROR => {
                let mut records = message.answer.unwrap_or_default();
                // Aliases on the way come along.
                records.retain(|record| record.kind == kind);
                Ok(Found::Records(records))
            }
            status => Err(RecipeFailure::new(
                ErrorCode::ApiUnavailable,
                format!(
                    "{}: no answer for `{name}` (response code {status}); nothing is known of it \
                     for now",
                    SERVICE.name
                ),
            )),
        }
    }

    async fn look_up(&self, name: &str) -> Result<(MailHost, u64), RecipeFailure> {
        let exchanges = match self.ask(name, MX, "MX").await? {
            Found::NoSuchDomain => return Ok((MailHost::Refuses, TTL_MIN_S)),
            Found::Records(records) => records,
        };
        if !exchanges.is_empty() {
            // A null MX is the only one, with nothing but a dot for a host (RFC 7505 §3).
            let accepts = exchanges.iter().any(|record| !is_null(&record.data));
            let host = if accepts {
                MailHost::Accepts
            } else {
                MailHost::Refuses
            };
            return Ok((host, shortest(&exchanges)));
        }
        // Without MX the domain's own address takes its mail (RFC 5321 §5.1).
        for (kind, kind_name) in [(A, "A"), (AAAA, "AAAA")] {
            if let Found::Records(records) = self.ask(name, kind, kind_name).await?
                && !records.is_empty()
            {
                return Ok((MailHost::Accepts, shortest(&records)));
            }
        }
        Ok((MailHost::Refuses, TTL_MIN_S))
    }
}

enum Found {
    NoSuchDomain,
    Records(Vec<Record>),
}

/// `0 .`
fn is_null(data: &str) -> bool {
    data.split_whitespace()
        .last()
        .is_none_or(|host| host == ".")
}

fn shortest(records: &[Record]) -> u64 {
    let ttls = records.iter().filter_map(|record| record.ttl_s);
    ttls.min().unwrap_or(TTL_MIN_S)
}

#[async_trait]
impl MailHosts for DnsOverHttps {
    /// Also `INVALID_INPUT` where the domain is none.
    async fn mail_host(&self, domain: &str) -> Result<MailHost, RecipeFailure> {
        let name = answer::host(domain)?;
        let clock = &self.client.shared().clock;
        if let Some(known) = self.cache.get(&name, clock.now()) {
            return Ok(known);
        }
        let (host, ttl_s) = self.look_up(&name).await?;
        self.cache.put(&name, host, ttl_s, clock.now());
        Ok(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_mx_is_a_lone_dot() {
        assert!(is_null("0 ."));
        assert!(!is_null("10 mail.example.com."));
    }

    #[test]
    fn the_cache_forgets_and_stays_small() {
        let cache = MailHostCache::default();
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        cache.put("a.example", MailHost::Accepts, 300, now);
        assert_eq!(cache.get("a.example", now), Some(MailHost::Accepts));
        let later = now.checked_add(Duration::from_secs(300)).unwrap();
        assert_eq!(cache.get("a.example", later), None);
        for n in 0..ENTRIES_MAX + 5 {
            cache.put(&format!("{n}.example"), MailHost::Refuses, 300, later);
        }
        let entries = cache.entries.lock().unwrap();
        assert!(entries.len() <= ENTRIES_MAX, "{}", entries.len());
    }
}
