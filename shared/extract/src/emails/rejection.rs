//! Addresses that are on a page but not the business's.

use hunter_contracts::EmailAddress;

use crate::list::List;

/// Why an address that was found is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rejection {
    /// Not a deliverable address: no known top-level domain, wrong form.
    Malformed,
    /// The name of a file, as in `logo@2x.png`.
    AssetName,
    /// Filler text: `yourname@…`, `…@example.com`.
    Placeholder,
    /// Belongs to the maker of the theme, the shop system or the platform.
    ThemeDemo,
    /// A key of an error tracker or site builder.
    TrackingKey,
    /// The agency that built the site.
    AgencyCredit,
    /// An authority, chamber or provider that legal pages must name.
    ThirdParty,
    /// An automatic sender that nobody reads.
    NoReply,
    /// Of another company's domain, while the site names addresses of its own.
    ForeignDomain,
}

const FILE_ENDS: [&str; 13] = [
    ".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".avif", ".css", ".js", ".mp4", ".pdf",
    ".woff", ".ico",
];

/// Domains that stand for "your domain here".
static PLACEHOLDER_DOMAINS: List = List(include_str!("../../data/placeholder_domains.txt"));

/// Makers of themes, builders and platforms whose demo content carries their addresses.
static DEMO_DOMAINS: List = List(include_str!("../../data/demo_domains.txt"));

const TRACKING_PARTS: [&str; 8] = [
    "sentry.",
    "wixpress.com",
    "sentry-next.",
    "ingest.",
    "bugsnag",
    "rollbar",
    "datadog",
    "raygun",
];

/// Names in front of the `@` that are filler on any domain.
static PLACEHOLDER_NAMES: List = List(include_str!("../../data/placeholder_names.txt"));

/// Names that are filler only where the domain is not the site's own.
static WEAK_PLACEHOLDER_NAMES: List =
    List(include_str!("../../data/placeholder_names_elsewhere.txt"));

const NO_REPLY: [&str; 8] = [
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "mailer-daemon",
    "bounce",
    "bounces",
];

/// Whether a text that is no address is the name of a file.
pub(super) fn names_a_file(text: &str) -> bool {
    FILE_ENDS.iter().any(|end| text.contains(end))
}

/// Whether the address itself shows that it is nobody's at this business. `own` says whether its
/// domain is the site's own.
pub(super) fn by_address(address: &EmailAddress, own: bool) -> Option<Rejection> {
    let (local, domain) = (address.local().to_ascii_lowercase(), address.domain());
    if TRACKING_PARTS.iter().any(|p| domain.contains(p)) || is_hash(&local) {
        return Some(Rejection::TrackingKey);
    }
    if NO_REPLY.contains(&local.as_str()) {
        return Some(Rejection::NoReply);
    }
    let filler = local.len() > 1 && local.chars().all(|c| matches!(c, 'x' | '.' | '*'));
    if PLACEHOLDER_NAMES.has(&local) || filler {
        return Some(Rejection::Placeholder);
    }
    if own {
        return None;
    }
    if PLACEHOLDER_DOMAINS.covers(domain) || is_reserved(domain) {
        return Some(Rejection::Placeholder);
    }
    if DEMO_DOMAINS.covers(domain) || domain.contains("theme") {
        return Some(Rejection::ThemeDemo);
    }
    WEAK_PLACEHOLDER_NAMES
        .has(&local)
        .then_some(Rejection::Placeholder)
}

/// Top-level names that are set aside for examples (RFC 2606, RFC 6761), and the label `example`.
fn is_reserved(domain: &str) -> bool {
    let last = domain.rsplit('.').next().unwrap_or_default();
    matches!(
        last,
        "example" | "test" | "invalid" | "localhost" | "local" | "tld"
    ) || domain.split('.').any(|l| l == "example")
}

/// A key rather than a name: 20 or more hexadecimal digits.
fn is_hash(local: &str) -> bool {
    local.len() >= 20 && local.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// Words of a credit to whoever built the site.
static CREDIT_WORDS: List = List(include_str!("../../data/credit_words.txt"));

/// Words near an authority's or provider's address on legal pages.
static THIRD_PARTY_WORDS: List = List(include_str!("../../data/third_party_words.txt"));

pub(super) fn has_credit_words(text: &str) -> bool {
    let text = text.to_lowercase();
    CREDIT_WORDS.is_in(&text)
}

pub(super) fn has_third_party_words(text: &str) -> bool {
    let text = text.to_lowercase();
    THIRD_PARTY_WORDS.is_in(&text)
}
