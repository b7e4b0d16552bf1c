//! How sure it is that an address reaches the business.

use hunter_contracts::Score;

use super::{Address, Candidate, EmailFound, EmailMethod, EmailRole};
use crate::domains;
use crate::source::Source;

/// Confidence by evidence: own domain above free mail above another domain, a link or structured
/// data above text; technical roles lower.
pub(super) fn judged(parts: Address, candidate: Candidate, source: &Source) -> EmailFound {
    let role = role_of(parts.email.local());
    let free_mail = domains::is_free_mail(parts.email.domain());
    let base = match (parts.own, free_mail) {
        (true, _) => 0.90,
        (false, true) => 0.70,
        (false, false) => 0.45,
    };
    let by_method = match candidate.method {
        EmailMethod::MailTo | EmailMethod::StructuredData => 0.05,
        EmailMethod::Encoded => 0.04,
        EmailMethod::Plain => 0.0,
        EmailMethod::Spelled => -0.02,
    };
    let by_role = match role {
        EmailRole::General | EmailRole::Personal => 0.0,
        EmailRole::Department => -0.10,
        EmailRole::Technical => -0.30,
    };
    EmailFound {
        address: parts.email,
        method: candidate.method,
        role,
        own_domain: parts.own,
        free_mail,
        confidence: Score::clamped(base + by_method + by_role),
        evidence: source.evidence(candidate.quote),
    }
}

const GENERAL: [&str; 38] = [
    "info",
    "office",
    "contact",
    "kontakt",
    "hello",
    "hallo",
    "hi",
    "mail",
    "email",
    "post",
    "praxis",
    "kanzlei",
    "salon",
    "studio",
    "team",
    "service",
    "kundenservice",
    "enquiries",
    "enquiry",
    "inquiries",
    "reception",
    "rezeption",
    "empfang",
    "welcome",
    "contacto",
    "contato",
    "contatto",
    "contatti",
    "accueil",
    "bonjour",
    "clinic",
    "dental",
    "restaurant",
    "hotel",
    "support",
    "zentrale",
    "sekretariat",
    "buero",
];
const DEPARTMENT: [&str; 40] = [
    "press",
    "presse",
    "pr",
    "jobs",
    "job",
    "career",
    "careers",
    "karriere",
    "bewerbung",
    "hr",
    "recruiting",
    "sales",
    "vertrieb",
    "orders",
    "order",
    "bestellung",
    "shop",
    "booking",
    "bookings",
    "reservation",
    "reservations",
    "reservierung",
    "marketing",
    "ads",
    "werbung",
    "billing",
    "accounts",
    "buchhaltung",
    "rechnung",
    "invoice",
    "newsletter",
    "redaktion",
    "events",
    "media",
    "refunds",
    "safety",
    "volunteer",
    "registration",
    "franchise",
    "franchisee",
];
const TECHNICAL: [&str; 20] = [
    "webmaster",
    "postmaster",
    "hostmaster",
    "admin",
    "administrator",
    "abuse",
    "privacy",
    "dpo",
    "datenschutz",
    "datenschutzbeauftragter",
    "datenschutzbeauftragte",
    "gdpr",
    "dsgvo",
    "legal",
    "security",
    "root",
    "it",
    "edv",
    "tech",
    "web",
];

pub(super) fn role_of(local: &str) -> EmailRole {
    let local = local.to_ascii_lowercase();
    let first = local.split(['.', '-', '_', '+']).next().unwrap_or_default();
    let among = |names: &[&str]| names.contains(&local.as_str()) || names.contains(&first);
    if among(&TECHNICAL) {
        EmailRole::Technical
    } else if among(&DEPARTMENT) {
        EmailRole::Department
    } else if among(&GENERAL) {
        EmailRole::General
    } else {
        EmailRole::Personal
    }
}
