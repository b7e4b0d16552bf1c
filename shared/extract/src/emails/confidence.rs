//! How sure it is that an address reaches the business.

use hunter_contracts::Score;

use super::{Address, Candidate, EmailFound, EmailMethod, EmailRole};
use crate::domains;
use crate::list::List;
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

static GENERAL: List = List(include_str!("../../data/mailbox_general.txt"));
static DEPARTMENT: List = List(include_str!("../../data/mailbox_departments.txt"));
static TECHNICAL: List = List(include_str!("../../data/mailbox_technical.txt"));

pub(super) fn role_of(local: &str) -> EmailRole {
    let local = local.to_ascii_lowercase();
    let first = local.split(['.', '-', '_', '+']).next().unwrap_or_default();
    let among = |names: &List| names.has(&local) || names.has(first);
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
