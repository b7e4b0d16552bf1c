//! Phone numbers.

use std::collections::BTreeMap;

use hunter_contracts::Evidence;
use phonenumber::{Mode, country};
use url::Url;

use crate::dom::{Doc, Zone};
use crate::emails::percent_decoded;
use crate::jsonld::JsonLd;
use crate::pattern::pattern;
use crate::quote;
use crate::source::Source;

/// How a number stands on a page, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PhoneMethod {
    /// A `tel:` link.
    Link,
    /// Structured data.
    StructuredData,
    /// Text after a label.
    Labelled,
}

/// A number that was found on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneFound {
    /// E.164 where the country is known, else as found.
    pub phone: String,
    /// Whether it is a valid E.164 number.
    pub international: bool,
    /// How it stands there.
    pub method: PhoneMethod,
    /// Where it stands.
    pub evidence: Evidence,
}

/// Most numbers of a page.
const PHONES_MAX: usize = 20;
/// Most places on a page that are looked at.
const CANDIDATES_MAX: usize = 400;

pattern!(
    LABELLED,
    r"(?i)(?:^|[^\p{L}])(tele?fon(?:nummer)?|tele?ph?one|phone|tel|fon|ph|call(?:\s+us)?|mobile?|mobil(?:telefon)?|handy|cell|whatsapp|tél(?:éphone)?|teléfono|telefone|telefono|celular|móvil|fijo|電話(?:番号)?|tel\.?\s?no|тел(?:ефон)?|puh(?:elin)?|t|m)\.?\s{0,3}[:.／/]?\s{0,3}((?:\+|00|\(\+?)?[\d(][\d\s()./\u{a0}–-]{5,24}\d)"
);

pub(crate) fn find(
    doc: &Doc,
    data: &JsonLd,
    source: &Source,
    country: Option<country::Id>,
) -> Vec<PhoneFound> {
    let mut found: BTreeMap<String, (usize, PhoneFound)> = BTreeMap::new();
    let mut looked_at = 0;
    let mut push = |raw: &str, method, quote: String| {
        looked_at += 1;
        if looked_at > CANDIDATES_MAX {
            return;
        }
        let Some((phone, international)) = normalised(raw, country, method) else {
            return;
        };
        let rank = found.len();
        let entry = PhoneFound {
            international,
            method,
            evidence: source.evidence(quote),
            phone,
        };
        if rank < PHONES_MAX {
            found.entry(entry.phone.clone()).or_insert((rank, entry));
        }
    };
    for anchor in doc.anchors.iter().filter(|a| !a.hidden) {
        let href = anchor.href.trim();
        if !href
            .get(..4)
            .is_some_and(|s| s.eq_ignore_ascii_case("tel:"))
        {
            continue;
        }
        let near = doc.text_of(anchor.block);
        if is_fax(near) && !near.to_lowercase().contains("tel") {
            continue;
        }
        let number = percent_decoded(href.get(4..).unwrap_or_default());
        let quote = match quote::short(near) {
            q if !anchor.text.is_empty() && q.contains(&anchor.text) => q,
            _ if !anchor.text.is_empty() => quote::short(&anchor.text),
            _ => quote::short(href),
        };
        push(&number, PhoneMethod::Link, quote);
    }
    for item in data.objects() {
        for number in item.texts("telephone") {
            let quote = quote::short(&format!("\"telephone\":\"{number}\""));
            push(number, PhoneMethod::StructuredData, quote);
        }
    }
    for block in doc
        .blocks
        .iter()
        .filter(|b| !b.zone.touches(Zone::COMMENTS))
    {
        for captures in LABELLED.captures_iter(&block.text).take(10) {
            let (Some(label), Some(number)) = (captures.get(1), captures.get(2)) else {
                continue;
            };
            let before = block.text.get(..label.start()).unwrap_or_default();
            // One-letter labels count only at the start of a line.
            let bare = label.as_str().chars().count() == 1
                && !before.trim_end_matches([' ', '\t']).is_empty()
                && !before.ends_with('\n');
            if bare || before.to_lowercase().ends_with("fax/") {
                continue;
            }
            let quote = quote::around(&block.text, label.start(), number.end());
            push(number.as_str(), PhoneMethod::Labelled, quote);
        }
    }
    let mut found: Vec<_> = found.into_values().collect();
    found.sort_by_key(|(rank, phone)| (phone.method, *rank));
    found.into_iter().map(|(_, phone)| phone).collect()
}

fn is_fax(text: &str) -> bool {
    text.to_lowercase().contains("fax")
}

/// A number from outside in E.164 where the country (ISO 3166-1 alpha-2) or the number itself tells
/// the plan, else as found; nothing when it is no number, or a template's.
///
/// ```
/// use hunter_extract::international_phone;
/// let number = international_phone("0341 / 21 54 870", Some("de"));
/// assert_eq!(number.as_deref(), Some("+493412154870"));
/// assert_eq!(international_phone("call us", Some("DE")), None);
/// ```
#[must_use]
pub fn international_phone(raw: &str, country: Option<&str>) -> Option<String> {
    let country = country.and_then(|code| code.to_ascii_uppercase().parse().ok());
    normalised(raw, country, PhoneMethod::Link).map(|(phone, _)| phone)
}

/// E.164, or the digits as found when a link gives a number that no plan knows.
fn normalised(
    raw: &str,
    country: Option<country::Id>,
    method: PhoneMethod,
) -> Option<(String, bool)> {
    let raw = quote::tidy(raw);
    let raw = raw.trim_matches(|c: char| !c.is_ascii_digit() && c != '+' && c != '(');
    let digits = raw.bytes().filter(u8::is_ascii_digit).count();
    if !(6..=17).contains(&digits) || raw.len() > 40 {
        return None;
    }
    // `+49 (0) 211 …` is how the trunk digit is shown to both kinds of callers.
    let plain = raw.replace("(0)", "");
    let plain = match plain.strip_prefix("00") {
        Some(rest) => format!("+{rest}"),
        None => plain,
    };
    let plain: String = plain
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '+' || *c == ' ')
        .collect();
    if !plain.bytes().any(|b| b.is_ascii_digit() && b != b'0') {
        return None;
    }
    if is_filler(&plain) {
        return None;
    }
    if (country.is_some() || plain.starts_with('+'))
        && let Ok(number) = phonenumber::parse(country, &plain)
        && number.is_valid()
    {
        return Some((number.format().mode(Mode::E164).to_string(), true));
    }
    // Without a country nothing can be checked; a label and enough digits must do.
    let least = if method == PhoneMethod::Labelled {
        9
    } else {
        7
    };
    let checked = method == PhoneMethod::Labelled && country.is_some();
    (!checked && digits >= least && !plain.starts_with("+0")).then(|| (quote::tidy(raw), false))
}

/// Numbers of templates: all digits alike, or counted up.
fn is_filler(number: &str) -> bool {
    let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).collect();
    let tail = digits
        .get(digits.len().saturating_sub(7)..)
        .unwrap_or_default();
    let alike = tail.windows(2).all(|w| matches!(w, [a, b] if a == b));
    let text = String::from_utf8_lossy(&digits).into_owned();
    alike || text.contains("123456789") || text.ends_with("1234567890") || text.ends_with("5550100")
}

/// The country whose plan national numbers follow: the caller's, the domain's, the structured
/// data's, the language's region; last, a language that is spoken in one country.
pub(crate) fn country(
    doc: &Doc,
    data: &JsonLd,
    given: Option<&str>,
    language: Option<&str>,
) -> Option<country::Id> {
    let id = |code: &str| code.to_ascii_uppercase().parse::<country::Id>().ok();
    let host = doc.url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let top = host.rsplit('.').next().filter(|t| t.len() == 2);
    let by_domain = top.and_then(|t| match t {
        "uk" => id("GB"),
        // Sold to everybody.
        "io" | "co" | "me" | "tv" | "ai" | "cc" | "ws" | "fm" | "ly" | "eu" => None,
        t => id(t),
    });
    let objects = data.objects();
    let by_data = || {
        objects
            .iter()
            .filter_map(|i| i.text("addressCountry"))
            .find_map(|c| (c.trim().len() == 2).then(|| id(c.trim())).flatten())
    };
    let region = || {
        let lang = doc.lang.as_deref()?;
        let region = lang.split(['-', '_']).nth(1).filter(|r| r.len() == 2)?;
        // `en-US` is what templates ship with.
        (!lang.eq_ignore_ascii_case("en-us"))
            .then(|| id(region))
            .flatten()
    };
    let spoken = || match language? {
        "de" => id("DE"),
        "it" => id("IT"),
        "pl" => id("PL"),
        "ja" => id("JP"),
        "nl" => id("NL"),
        "cs" => id("CZ"),
        "da" => id("DK"),
        "fi" => id("FI"),
        "sv" => id("SE"),
        _ => None,
    };
    given
        .and_then(id)
        .or(by_domain)
        .or_else(by_data)
        .or_else(region)
        .or_else(spoken)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn phones(html: &str, url: &str, given: Option<&str>) -> Vec<(String, bool)> {
        let doc = Doc::read(html, url);
        let data = JsonLd::read(&doc.json_ld);
        let source = Source {
            url: url.into(),
            fetched_at: Timestamp::UNIX_EPOCH,
        };
        let country = country(&doc, &data, given, None);
        find(&doc, &data, &source, country)
            .into_iter()
            .map(|p| (p.phone, p.international))
            .collect()
    }

    #[test]
    fn patterns_are_valid() {
        crate::pattern::build(&[&LABELLED]);
    }

    #[test]
    fn links_data_and_labels_become_e164() {
        let html = r#"<p>Call <a href="tel:0211%20/%2016082">us</a></p>
            <script type="application/ld+json">{"telephone":"+49 (0)211 16083"}</script>
            <p>Telefon: 0211 / 160 84<br>Fax: 0211 / 160 85</p>"#;
        let found = phones(html, "https://praxis.de", None);
        let numbers: Vec<_> = found.iter().map(|(p, _)| p.as_str()).collect();
        assert_eq!(numbers, ["+4921116082", "+4921116083", "+4921116084"]);
    }

    #[test]
    fn the_given_country_wins_over_the_domain() {
        let html = r#"<a href="tel:020 7946 0958">x</a>"#;
        assert_eq!(
            phones(html, "https://x.com", Some("GB")),
            [("+442079460958".into(), true)]
        );
        assert_eq!(
            phones(html, "https://x.com", None),
            [("020 7946 0958".into(), false)]
        );
    }

    #[test]
    fn fillers_and_plain_digits_are_not_numbers() {
        let html = r#"<a href="tel:+1234567890">x</a><a href="tel:0000000000">x</a>
            <p>Steuernummer 103/5791/1234, since 2011, HRB 123456</p>"#;
        assert!(phones(html, "https://praxis.de", None).is_empty());
    }
}
