//! robots.txt (RFC 9309): a reader of our own that is total. A file can be as hostile as it likes:
//! there is nothing here that can panic, which matters where a panic ends the process, and a file
//! is read and asked in time that grows with its size alone.

use hunter_contracts::Cause;
use hunter_core::ports::FetchFailure;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::Url;

/// What is read of a robots.txt; RFC 9309 §2.5 asks for at least 500 KiB.
pub(crate) const ROBOTS_MAX_BYTES: usize = 500 * 1024;
/// Sitemaps that are read of a file.
const SITEMAPS_MAX: usize = 50;

/// What is encoded before a pattern and an address are compared, besides all beyond ASCII.
/// Addresses encode some of these in their paths alone, others in their queries.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'\'')
    .add(b'<')
    .add(b'>')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The fields of a file, with the spellings that real files have.
const FIELDS: [(&str, Field); 16] = [
    ("user-agent", Field::UserAgent),
    ("user agent", Field::UserAgent),
    ("useragent", Field::UserAgent),
    ("allow", Field::Allow),
    ("disallow", Field::Disallow),
    ("dissallow", Field::Disallow),
    ("dissalow", Field::Disallow),
    ("disalow", Field::Disallow),
    ("diasllow", Field::Disallow),
    ("disallaw", Field::Disallow),
    ("crawl-delay", Field::CrawlDelay),
    ("crawl delay", Field::CrawlDelay),
    ("crawldelay", Field::CrawlDelay),
    ("sitemap", Field::Sitemap),
    ("site-map", Field::Sitemap),
    ("site map", Field::Sitemap),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    UserAgent,
    Allow,
    Disallow,
    CrawlDelay,
    Sitemap,
}

/// What a site's robots.txt says.
pub(crate) enum Robots {
    /// Rules that name us, or everybody.
    Rules(Rules),
    /// There is none.
    AllowAll,
    /// It could not be read, so nothing may be fetched (§2.3.1.4).
    Unknown(FetchFailure),
}

impl Robots {
    /// Whether an address may be fetched.
    pub(crate) fn check(&self, url: &Url) -> Result<(), FetchFailure> {
        match self {
            Self::AllowAll => Ok(()),
            Self::Rules(rules) if rules.allow(url) => Ok(()),
            Self::Rules(_) => Err(FetchFailure {
                cause: Cause::Robots,
                message: format!("robots.txt forbids {url}"),
                retryable: false,
            }),
            Self::Unknown(failure) => Err(failure.clone()),
        }
    }

    /// Seconds between requests, where the site asks for any.
    pub(crate) fn delay_s(&self) -> f32 {
        match self {
            Self::Rules(rules) => rules.delay_s,
            Self::AllowAll | Self::Unknown(_) => 0.0,
        }
    }

    /// Sitemaps that it names, as http or https addresses.
    pub(crate) fn sitemaps(&self, site: &Url) -> Vec<String> {
        let Self::Rules(rules) = self else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for sitemap in &rules.sitemaps {
            let Ok(url) = site.join(sitemap) else {
                continue;
            };
            let url = matches!(url.scheme(), "http" | "https").then(|| url.to_string());
            if let Some(url) = url.filter(|url| !found.contains(url)) {
                found.push(url);
            }
        }
        found
    }
}

/// The product token of a user agent: `HunterBot` of `HunterBot/0.1 (+https://…)`.
pub(crate) fn product_token(user_agent: &str) -> &str {
    let other = |c: char| !(c.is_ascii_alphabetic() || matches!(c, '-' | '_'));
    user_agent.split(other).next().unwrap_or_default()
}

/// The rules of one file that are meant for one crawler.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Rules {
    rules: Vec<Rule>,
    delay_s: f32,
    sitemaps: Vec<String>,
}

/// The rules of all groups for one crawler, or for everybody.
#[derive(Debug, Default)]
struct Group {
    rules: Vec<Rule>,
    delay_s: Option<f32>,
}

impl Group {
    fn add(&mut self, field: Field, value: &str) {
        match field {
            Field::Allow => self.rules.extend(Rule::read(value, true)),
            Field::Disallow => self.rules.extend(Rule::read(value, false)),
            Field::CrawlDelay => self.delay_s = self.delay_s.or_else(|| seconds(value)),
            Field::UserAgent | Field::Sitemap => {}
        }
    }
}

impl Rules {
    /// The rules for the crawler with a product token: those of all groups that name it, else of
    /// all that name everybody (§2.2.1). Rules that no group precedes in a file without any are
    /// taken to be meant for everybody, and so is a delay at the top of a file.
    pub(crate) fn read(token: &str, body: &[u8]) -> Self {
        let text = text(body);
        let (mut ours, mut everybodys, mut nobodys) = <(Group, Group, Group)>::default();
        // Whether anybody was named so far, and whether we were.
        let (mut any_named, mut we_named) = (false, false);
        // Whom the rules that follow are for, and whether their list of names is at its end.
        let (mut for_us, mut for_all, mut listed) = (false, false, true);
        let mut sitemaps = Vec::new();
        for (field, value) in text.split(['\n', '\r', '\0']).filter_map(field) {
            match field {
                Field::Sitemap if sitemaps.len() < SITEMAPS_MAX => sitemaps.push(value.to_owned()),
                Field::Sitemap => {}
                Field::UserAgent => {
                    if listed {
                        (for_us, for_all, listed) = (false, false, false);
                    }
                    for_us |= product_token(value).eq_ignore_ascii_case(token);
                    for_all |= value.starts_with('*');
                    any_named = true;
                    we_named |= for_us;
                }
                _ => {
                    listed = true;
                    if for_us {
                        ours.add(field, value);
                    }
                    if for_all {
                        everybodys.add(field, value);
                    }
                    if !any_named {
                        nobodys.add(field, value);
                    }
                }
            }
        }
        let delay_at_top = nobodys.delay_s;
        let group = match (any_named, we_named) {
            (false, _) => nobodys,
            (true, true) => ours,
            (true, false) => everybodys,
        };
        Self {
            rules: group.rules,
            delay_s: group.delay_s.or(delay_at_top).unwrap_or(0.0),
            sitemaps,
        }
    }

    /// Whether an address may be fetched: the rule with the longest pattern decides, of two as long
    /// the one that allows (§2.2.2). The file itself may always be.
    fn allow(&self, url: &Url) -> bool {
        if url.path() == "/robots.txt" && url.query().is_none() {
            return true;
        }
        let query = url.query().map(|query| format!("?{query}"));
        let address = format!("{}{}", url.path(), query.unwrap_or_default());
        let address = comparable(&address).replace('*', "%2A").replace('$', "%24");
        let matching = self.rules.iter().filter(|rule| rule.matches(&address));
        let decisive = matching.max_by_key(|rule| (rule.length, rule.allows));
        decisive.is_none_or(|rule| rule.allows)
    }
}

/// A line that allows or forbids.
#[derive(Debug, PartialEq)]
struct Rule {
    allows: bool,
    /// What stands before the first `*`.
    begin: String,
    /// What stands after each `*`, the empty ones left out but for the last.
    rest: Vec<String>,
    /// Whether the address has to end where the pattern does.
    to_the_end: bool,
    /// Of the pattern, in bytes.
    length: usize,
}

impl Rule {
    /// A rule; an empty one says nothing.
    fn read(pattern: &str, allows: bool) -> Option<Self> {
        if pattern.is_empty() {
            return None;
        }
        let pattern = comparable(pattern);
        let length = pattern.len();
        let (pattern, to_the_end) = match pattern.strip_suffix('$') {
            Some(pattern) => (pattern, true),
            None => (pattern.as_str(), false),
        };
        let pattern = pattern.replace('$', "%24");
        let open = pattern.ends_with('*');
        let mut parts = pattern.split('*').map(str::to_owned);
        let begin = parts.next().unwrap_or_default();
        let mut rest: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
        if open {
            rest.push(String::new());
        }
        Some(Self {
            allows,
            begin,
            rest,
            to_the_end,
            length,
        })
    }

    /// Whether the pattern matches an address from its beginning.
    fn matches(&self, address: &str) -> bool {
        let Some(mut left) = address.strip_prefix(self.begin.as_str()) else {
            return false;
        };
        let (last, inner) = match self.rest.split_last() {
            Some((last, inner)) if self.to_the_end => (Some(last), inner),
            _ => (None, self.rest.as_slice()),
        };
        for part in inner {
            match left.split_once(part.as_str()) {
                Some((_, after)) => left = after,
                None => return false,
            }
        }
        match last {
            Some(last) => left.ends_with(last.as_str()),
            None => !self.to_the_end || left.is_empty(),
        }
    }
}

/// A line's field and value without its comment; none where it is something else.
fn field(line: &str) -> Option<(Field, &str)> {
    let line = line.split('#').next().unwrap_or_default().trim();
    FIELDS.iter().find_map(|(name, field)| {
        let (key, rest) = line.split_at_checked(name.len())?;
        if !key.eq_ignore_ascii_case(name) {
            return None;
        }
        let value = rest.trim_start();
        match value.strip_prefix(':') {
            Some(value) => Some((*field, value.trim())),
            // `Disallow /private`, as some write it.
            None => (value.len() < rest.len()).then_some((*field, value)),
        }
    })
}

/// A text in the one spelling in which it can be compared (§2.2.2, RFC 3986 §6.2.2): encoded where
/// it has to be, not where it need not be, and digits of encodings in capitals.
fn comparable(text: &str) -> String {
    let encoded = utf8_percent_encode(text, ENCODED).to_string();
    let mut parts = encoded.split('%');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.get(..2).filter(|digits| is_hex(digits));
        let octet = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let rest = match octet.map(char::from) {
            Some(octet) if is_unreserved(octet) => {
                plain.push(octet);
                part.get(2..)
            }
            Some(_) => {
                plain.push('%');
                plain.push_str(&digits.unwrap_or_default().to_ascii_uppercase());
                part.get(2..)
            }
            None => {
                plain.push('%');
                Some(part)
            }
        };
        plain.push_str(rest.unwrap_or_default());
    }
    plain
}

fn is_hex(digits: &str) -> bool {
    digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// RFC 3986 §2.3.
fn is_unreserved(octet: char) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, '-' | '.' | '_' | '~')
}

/// Seconds from 0 on.
fn seconds(value: &str) -> Option<f32> {
    let seconds = value.parse::<f32>().ok()?;
    (seconds.is_finite() && seconds >= 0.0).then_some(seconds)
}

/// The file as text: UTF-8 as §2.3 asks for, or UTF-16 where a byte order mark says so: Windows
/// editors write it, and what it forbids is meant. Of a file that is too long, the lines that are
/// whole: one that is cut in two would forbid, or allow, more than it says.
fn text(body: &[u8]) -> String {
    let body = match body.get(..ROBOTS_MAX_BYTES) {
        Some(begin) => {
            let end = begin.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
            begin.get(..end).unwrap_or_default()
        }
        None => body,
    };
    let units: fn([u8; 2]) -> u16 = match body {
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] => u16::from_be_bytes,
        _ => {
            let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
            return String::from_utf8_lossy(text).into_owned();
        }
    };
    let pairs = body.as_chunks::<2>().0.iter().skip(1);
    char::decode_utf16(pairs.map(|pair| units(*pair)))
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

#[cfg(test)]
mod tests;
