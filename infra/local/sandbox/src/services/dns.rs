//! A look-alike of a name server that speaks DNS over HTTPS in its JSON form:
//! `GET /dns-query?name=…&type=MX` with `accept: application/dns-json`.
//! <https://developers.cloudflare.com/1.1.1.1/encryption/dns-over-https/make-api-requests/dns-json/>

use serde_json::{Value, json};

use crate::dice::mix;
use crate::endpoint::Endpoint;
use crate::faults::Fault;
use crate::town::{MailDomain, Town};
use crate::wire::{Answer, Request, reply};

impl Endpoint {
    /// DNS over HTTPS, JSON form.
    pub const DNS: Self = Self::of("dns");
}

const A: u16 = 1;
const CNAME: u16 = 5;
const MX: u16 = 15;
const AAAA: u16 = 28;
const NO_ERROR: u16 = 0;
const SERVER_FAILURE: u16 = 2;
const NO_SUCH_DOMAIN: u16 = 3;
/// Hosts that are no business of the town and take mail.
const OTHERS: [&str; 6] = [
    "gmail.com",
    "outlook.com",
    "yahoo.com",
    "gmx.de",
    "mailinator.com",
    "pixel-foundry.example",
];

pub(crate) fn answer(town: &Town, request: &Request) -> Answer {
    if request.uri.path() != "/dns-query" {
        return reply(404, "text/plain", "not found");
    }
    let asks_json = |value: Option<&str>| value.is_some_and(|v| v.contains("application/dns-json"));
    let by_parameter = request.parameter("ct");
    if !asks_json(request.header("accept")) && !asks_json(by_parameter.as_deref()) {
        return reply(415, "text/plain", "unsupported media type");
    }
    let name = request.parameter("name").unwrap_or_default();
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let kind = match request.parameter("type").as_deref() {
        None | Some("A" | "1") => Some(A),
        Some("MX" | "15") => Some(MX),
        Some("AAAA" | "28") => Some(AAAA),
        Some(_) => None,
    };
    let (Some(kind), false) = (kind, name.is_empty() || name.len() > 253) else {
        let body = json!({"error": "Invalid query"});
        return reply(400, "application/dns-json", body.to_string());
    };
    let (status, records) = resolve(town, &name, kind);
    let records: Vec<Value> = records
        .into_iter()
        .map(|(kind, data)| json!({"name": name, "type": kind, "TTL": 300, "data": data}))
        .collect();
    let mut body = json!({
        "Status": status, "TC": false, "RD": true, "RA": true, "AD": false, "CD": false,
        "Question": [{"name": name, "type": kind}],
    });
    // Where there is nothing, the field is absent.
    if let (Some(fields), false) = (body.as_object_mut(), records.is_empty()) {
        fields.insert("Answer".to_owned(), Value::Array(records));
    }
    reply(200, "application/dns-json", body.to_string())
}

pub(crate) fn faulty(fault: Fault) -> Answer {
    match fault {
        Fault::RateLimited => reply(429, "text/plain", "too many requests"),
        _ => reply(503, "text/plain", "unavailable"),
    }
}

fn resolve(town: &Town, name: &str, kind: u16) -> (u16, Vec<(u16, String)>) {
    let address = |kind: u16| match kind {
        A => vec![(A, "192.0.2.10".to_owned())],
        _ => vec![],
    };
    // The real zone of the reserved name refuses mail, too.
    if name == "example.com" {
        let null = vec![(MX, "0 .".to_owned())];
        return (NO_ERROR, if kind == MX { null } else { address(kind) });
    }
    if OTHERS.contains(&name) {
        let exchange = vec![(MX, format!("5 mx.{name}."))];
        return (NO_ERROR, if kind == MX { exchange } else { address(kind) });
    }
    let Some(business) = town.by_host(name) else {
        return (NO_SUCH_DOMAIN, vec![]);
    };
    match (business.mail_domain(), kind) {
        (MailDomain::Failing, _) => (SERVER_FAILURE, vec![]),
        (MailDomain::Refuses, MX) => (NO_ERROR, vec![(MX, "0 .".to_owned())]),
        // A share has its address in the newer form only.
        (MailDomain::AddressOnly, AAAA) => (NO_ERROR, vec![(AAAA, "2001:db8::10".to_owned())]),
        (MailDomain::AddressOnly, A) if mix(0, &["v6", name]).is_multiple_of(2) => {
            (NO_ERROR, vec![])
        }
        (MailDomain::AddressOnly, MX) => (NO_ERROR, vec![]),
        (_, MX) => {
            let mut records = vec![
                (MX, format!("10 mail.{name}.")),
                (MX, format!("20 backup.{name}.")),
            ];
            // An alias in the way, as resolvers tell it.
            if mix(0, &["alias", name]).is_multiple_of(5) {
                records.insert(0, (CNAME, format!("hosting.{name}.")));
            }
            (NO_ERROR, records)
        }
        (_, kind) => (NO_ERROR, address(kind)),
    }
}
