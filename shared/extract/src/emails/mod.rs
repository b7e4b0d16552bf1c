//! E-mail addresses: finding, cleaning, judging.

mod business;
mod class;
mod confidence;
mod obfuscation;
mod rejection;
mod run_on;

use std::collections::{BTreeMap, BTreeSet};

use hunter_contracts::{EmailAddress, Evidence, Score};

pub use business::business_domain;
pub use class::email_class;
use confidence::judged;
pub(crate) use obfuscation::percent_decoded;
pub use rejection::Rejection;
use run_on::without_next_word;

use crate::dom::{Doc, Zone};
use crate::domains::{self, Own};
use crate::jsonld::JsonLd;
use crate::pattern::pattern;
use crate::quote;
use crate::source::Source;

/// How an address stands on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EmailMethod {
    /// As a link to write to it.
    MailTo,
    /// In structured data.
    StructuredData,
    /// Encoded by Cloudflare or TYPO3 against robots.
    Encoded,
    /// In the text.
    Plain,
    /// In the text, with `[at]` or the like.
    Spelled,
}

/// Whom an address reaches, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EmailRole {
    /// The business as a whole: `info@`, `office@`, `praxis@`.
    General,
    /// What seems to be a person.
    Personal,
    /// A department: press, bookings, orders, jobs.
    Department,
    /// Technical and legal roles: `webmaster@`, `datenschutz@`.
    Technical,
}

/// An address that was found on a page and kept.
#[derive(Debug, Clone, PartialEq)]
pub struct EmailFound {
    /// The address.
    pub address: EmailAddress,
    /// How it stands there.
    pub method: EmailMethod,
    /// Whom it reaches.
    pub role: EmailRole,
    /// Whether its domain is the site's own or a sibling (`firm.co.uk` on `firm.com`).
    pub own_domain: bool,
    /// Whether it is at a provider of free mailboxes.
    pub free_mail: bool,
    /// How sure it is that it reaches this business.
    pub confidence: Score,
    /// Where it stands.
    pub evidence: Evidence,
}

/// An address that was found on a page and not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailRejected {
    /// The address as it was found.
    pub address: String,
    /// Why.
    pub reason: Rejection,
}

/// The addresses of a page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Emails {
    /// Kept, best first.
    pub kept: Vec<EmailFound>,
    /// Not kept, with reasons.
    pub rejected: Vec<EmailRejected>,
}

/// Most different addresses that are kept of a page.
const EMAILS_MAX: usize = 60;
/// Most places on a page that are judged.
const CANDIDATES_MAX: usize = 3_000;

struct Candidate {
    text: String,
    method: EmailMethod,
    block: Option<usize>,
    quote: String,
}

/// Finds the addresses of a page.
pub(crate) fn find(doc: &Doc, data: &JsonLd, source: &Source, own: &Own) -> Emails {
    let mut candidates = in_links(doc);
    candidates.extend(in_data(data));
    candidates.extend(in_text(doc));
    let legal = is_legal_page(&source.url);
    let mut kept: BTreeMap<String, EmailFound> = BTreeMap::new();
    let mut rejected: BTreeMap<String, Rejection> = BTreeMap::new();
    let mut judged_before = BTreeSet::new();
    for candidate in candidates.into_iter().take(CANDIDATES_MAX) {
        // The same address in the same way, in a credit or not, is judged where it stands first
        // in each zone of the page.
        let zone = candidate
            .block
            .and_then(|b| doc.blocks.get(b))
            .map(|b| b.zone.touches(Zone::FOOTER));
        if !judged_before.insert((candidate.text.clone(), candidate.method, zone)) {
            continue;
        }
        let Some(parts) = Address::clean(&candidate.text, own) else {
            let reason = match quote::cut(&candidate.text, 100).to_ascii_lowercase() {
                t if rejection::names_a_file(&t) => Rejection::AssetName,
                t if t.contains("example") || t.contains("domain") => Rejection::Placeholder,
                _ => Rejection::Malformed,
            };
            rejected
                .entry(quote::cut(&candidate.text, 100))
                .or_insert(reason);
            continue;
        };
        let reason = rejection::by_address(&parts.email, parts.own)
            .or_else(|| by_surroundings(doc, &candidate, &parts, legal));
        if let Some(reason) = reason {
            rejected.entry(parts.email.into()).or_insert(reason);
            continue;
        }
        let found = judged(parts, candidate, source);
        let key = found.address.key();
        match kept.get(&key) {
            Some(old) if old.confidence >= found.confidence => {}
            _ if kept.len() >= EMAILS_MAX && !kept.contains_key(&key) => {}
            _ => {
                kept.insert(key, found);
            }
        }
    }
    rejected.retain(|address, _| !kept.contains_key(&address.to_lowercase()));
    let mut kept: Vec<_> = kept.into_values().collect();
    sort(&mut kept);
    let rejected = rejected
        .into_iter()
        .map(|(address, reason)| EmailRejected { address, reason })
        .collect();
    Emails { kept, rejected }
}

/// Best first: confidence, then role, then the alphabet.
pub(crate) fn sort(emails: &mut [EmailFound]) {
    emails.sort_by(|a, b| {
        b.confidence
            .get()
            .total_cmp(&a.confidence.get())
            .then(a.role.cmp(&b.role))
            .then_with(|| a.address.cmp(&b.address))
    });
}

fn in_links(doc: &Doc) -> Vec<Candidate> {
    let mut found = Vec::new();
    for anchor in doc.anchors.iter().filter(|a| !a.hidden) {
        let href = anchor.href.trim();
        let quote = |fallback: &str| match quote::short(doc.text_of(anchor.block)) {
            q if q.is_empty() || anchor.text.is_empty() => quote::short(fallback),
            q if q.contains(&anchor.text) => q,
            _ => quote::short(&anchor.text),
        };
        let mut push = |text: String, method| {
            let (block, quote) = (Some(anchor.block), quote(href));
            found.push(Candidate {
                text,
                method,
                block,
                quote,
            });
        };
        if href
            .get(..7)
            .is_some_and(|s| s.eq_ignore_ascii_case("mailto:"))
        {
            for address in mailto(href) {
                push(address, EmailMethod::MailTo);
            }
        } else if let Some(address) =
            obfuscation::typo3(href).or_else(|| obfuscation::typo3(&anchor.onclick))
        {
            push(address, EmailMethod::Encoded);
        }
    }
    for (code, block) in &doc.cloudflare {
        let Some(decoded) = obfuscation::cloudflare(code) else {
            continue;
        };
        let near = quote::short(doc.text_of(*block));
        let quote = if near.is_empty() {
            format!("data-cfemail=\"{code}\"")
        } else {
            near
        };
        for text in mailto(&decoded) {
            let (method, block, quote) = (EmailMethod::Encoded, Some(*block), quote.clone());
            found.push(Candidate {
                text,
                method,
                block,
                quote,
            });
        }
    }
    found
}

/// The addresses of a `mailto:` link: the scheme may be doubled, escapes and a subject may be
/// there, several addresses may follow one another.
fn mailto(href: &str) -> Vec<String> {
    let decoded = percent_decoded(href.trim());
    let mut rest = decoded.trim();
    while rest
        .get(..7)
        .is_some_and(|s| s.eq_ignore_ascii_case("mailto:"))
    {
        rest = rest
            .get(7..)
            .unwrap_or_default()
            .trim()
            .trim_start_matches('/');
    }
    let addresses = rest.split('?').next().unwrap_or_default();
    let mut found: Vec<String> = Vec::new();
    for part in addresses
        .split([',', ';'])
        .map(str::trim)
        .filter(|p| !p.is_empty())
        .take(10)
    {
        let spelled = obfuscation::spelled(part);
        match spelled.first() {
            Some(written) if !part.contains('@') => found.push(written.address.clone()),
            _ => found.push(part.to_owned()),
        }
    }
    found
}

fn in_data(data: &JsonLd) -> Vec<Candidate> {
    let mut found = Vec::new();
    for item in data.objects() {
        for email in item.texts("email") {
            for text in mailto(email) {
                found.push(Candidate {
                    text,
                    method: EmailMethod::StructuredData,
                    block: None,
                    quote: quote::short(&format!("\"email\":\"{email}\"")),
                });
            }
        }
    }
    found
}

pattern!(
    PLAIN,
    r"(?i)[a-z0-9][a-z0-9._%+'’-]{0,63}@[\p{L}\p{N}][\p{L}\p{N}-]{0,62}(?:\.[\p{L}\p{N}][\p{L}\p{N}-]{0,62})+"
);

fn in_text(doc: &Doc) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (number, block) in doc.blocks.iter().enumerate() {
        if block.zone.touches(Zone::COMMENTS) {
            continue;
        }
        if found.len() >= CANDIDATES_MAX {
            break;
        }
        let text = block.text.as_str();
        let mut push = |address: String, method, start, end| {
            let quote = quote::around(text, start, end);
            found.push(Candidate {
                text: address,
                method,
                block: Some(number),
                quote,
            });
        };
        let mut from = 0;
        while text.contains('@')
            && let Some(m) = PLAIN.find_at(text, from)
        {
            let before = text.get(..m.start()).and_then(|t| t.chars().next_back());
            // A letter that the pattern does not know in front means that the name is cut.
            let whole = m.start() == from || before.is_none_or(|c| !c.is_alphanumeric());
            let runs_on = text.get(m.end()..).is_some_and(|t| t.starts_with('@'));
            let end = m.start() + without_next_word(m.as_str(), runs_on).len();
            if whole {
                let address = text.get(m.start()..end).unwrap_or_default();
                push(address.to_owned(), EmailMethod::Plain, m.start(), end);
            }
            from = end.max(m.start() + 1);
            while !text.is_char_boundary(from) {
                from += 1;
            }
        }
        for written in obfuscation::spelled(text) {
            let (start, end) = (written.start, written.end);
            let address = without_next_word(&written.address, false).to_owned();
            push(address, EmailMethod::Spelled, start, end);
        }
    }
    found
}

struct Address {
    email: EmailAddress,
    own: bool,
}

impl Address {
    fn clean(text: &str, own: &Own) -> Option<Self> {
        let text = quote::tidy(text);
        let text = text.trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | '(' | ')' | '.' | ',' | ';')
        });
        let (local, domain) = text.rsplit_once('@')?;
        let local = local.trim().trim_end_matches('.');
        let domain = domain.trim().trim_end_matches(['.', '-', '/']);
        let email: EmailAddress = format!("{local}@{domain}").parse().ok()?;
        let domain = email.domain();
        let own = own.covers(domain);
        // Reserved names are reported as placeholders, not as malformed.
        let is_reserved = |top: &str| matches!(top, "example" | "test" | "invalid");
        let known = own
            || domains::has_known_suffix(domain)
            || domain.rsplit('.').next().is_some_and(is_reserved);
        known.then_some(Self { email, own })
    }
}

fn is_legal_page(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    [
        "datenschutz",
        "privacy",
        "privacidad",
        "privacidade",
        "confidentialite",
        "terms",
        "agb",
        "cookie",
        "gdpr",
        "dsgvo",
    ]
    .iter()
    .any(|w| url.contains(w))
}

/// Judges an address that is not on the site's own domain by the text around it.
fn by_surroundings(
    doc: &Doc,
    candidate: &Candidate,
    parts: &Address,
    legal: bool,
) -> Option<Rejection> {
    if parts.own {
        return None;
    }
    let free = domains::is_free_mail(parts.email.domain());
    let block = candidate.block?;
    let before = block.checked_sub(1).map_or("", |b| doc.text_of(b));
    let tail = before.char_indices().rev().nth(150).map_or(0, |(i, _)| i);
    let near = [
        before.get(tail..).unwrap_or_default(),
        candidate.quote.as_str(),
    ]
    .join(" ");
    let in_footer = doc
        .blocks
        .get(block)
        .is_some_and(|b| b.zone.touches(Zone::FOOTER));
    let legal_or_imprint = legal || is_imprint(doc);
    if rejection::has_credit_words(&candidate.quote)
        || ((in_footer || legal_or_imprint) && rejection::has_credit_words(&near))
    {
        return Some(Rejection::AgencyCredit);
    }
    if free {
        return None;
    }
    let third = legal || (legal_or_imprint && rejection::has_third_party_words(&near));
    third.then_some(Rejection::ThirdParty)
}

fn is_imprint(doc: &Doc) -> bool {
    doc.url.as_ref().is_some_and(|u| {
        let path = u.path().to_ascii_lowercase();
        ["impressum", "imprint", "legal", "mentions", "aviso"]
            .iter()
            .any(|w| path.contains(w))
    })
}

#[cfg(test)]
mod tests;
