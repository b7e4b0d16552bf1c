//! `email-verifier`.

use serde_json::json;

use super::answers::{claimed, data, error, missing};
use crate::dice::mix;
use crate::town::{Business, MailDomain, Mailbox, Town};
use crate::wire::{Answer, Request, reply};

/// Mailbox providers for everybody.
const WEBMAIL: [&str; 4] = ["gmail.com", "outlook.com", "yahoo.com", "gmx.de"];
/// Throw-away mailboxes.
const DISPOSABLE: [&str; 2] = ["mailinator.com", "trashmail.example"];
/// Hosts of the sandbox that are no business and take mail.
const OTHERS: [&str; 1] = ["pixel-foundry.example"];

pub(super) fn verify(town: &Town, request: &Request) -> Answer {
    let Some(email) = request.parameter("email").filter(|email| !email.is_empty()) else {
        return missing("email");
    };
    let email = email.to_lowercase();
    let parts = email.split_once('@');
    let Some((name, domain)) = parts.filter(|(n, d)| !n.is_empty() && d.contains('.')) else {
        return error(400, "invalid_email", "The email is invalid");
    };
    let business = town.by_host(domain);
    let colleague = business.and_then(|b| b.colleagues().into_iter().find(|c| c.email == email));
    if colleague.as_ref().is_some_and(|c| c.opted_out) {
        return claimed();
    }
    // A share takes a while: the first one or two tries are told to come back.
    let patience = match mix(0, &["pending", &email]) % 6 {
        0 => 2,
        1 => 1,
        _ => 0,
    };
    if request.attempt <= patience {
        return reply(202, "application/json; charset=utf-8", "{\"data\":null}");
    }
    let silent = business.is_some_and(|b| b.mail_domain() == MailDomain::Silent);
    if silent && mix(0, &["222", &email]).is_multiple_of(2) {
        return error(
            222,
            "verification_failed",
            "The verification failed because of an unexpected response from the remote SMTP \
             server. This failure is outside of our control. We advise you to retry later.",
        );
    }
    let mailbox = match (&colleague, business) {
        (Some(colleague), _) => colleague.mailbox,
        (None, Some(b)) if b.emails.iter().any(|e| e.address == email) => Mailbox::Exists,
        _ => Mailbox::Gone,
    };
    let status = match business {
        _ if DISPOSABLE.contains(&domain) => "disposable",
        _ if WEBMAIL.contains(&domain) => "webmail",
        _ if OTHERS.contains(&domain) => "valid",
        Some(business) => status(business, mailbox),
        None => "invalid",
    };
    let (result, score) = match status {
        "valid" => ("deliverable", 97),
        "invalid" => ("undeliverable", 0),
        "unknown" => ("unknown", 50),
        _ => ("risky", 60),
    };
    let host = business.map(Business::mail_domain);
    let mx = status != "invalid" || host.is_some_and(MailDomain::receives);
    data(
        &json!({
            "status": status, "result": result,
            "_deprecation_notice": "Using result is deprecated, use status instead",
            "score": score, "email": email, "regexp": true,
            "gibberish": name.len() > 20, "disposable": status == "disposable",
            "webmail": status == "webmail", "mx_records": mx, "smtp_server": mx,
            "smtp_check": status == "valid", "accept_all": status == "accept_all",
            "block": false, "sources": [],
        }),
        &json!({"params": {"email": email}}),
    )
}

/// What the mail host says of a mailbox, in Hunter.io's words.
pub(super) fn status(business: &Business, mailbox: Mailbox) -> &'static str {
    match (business.mail_domain(), mailbox) {
        (MailDomain::Refuses, _) => "invalid",
        (MailDomain::AcceptsAll, _) => "accept_all",
        (MailDomain::Silent | MailDomain::Failing, _) => "unknown",
        (_, Mailbox::Exists) => "valid",
        (_, Mailbox::Gone) => "invalid",
    }
}
