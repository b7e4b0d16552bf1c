//! One page.

use jiff::Timestamp;
use url::Url;

use crate::dates::parse::SlashOrder;
use crate::dates::{self, PageDates};
use crate::decode::decode;
use crate::dom::Doc;
use crate::domains::Own;
use crate::emails::{self, Emails};
use crate::facts::{self, FactFound};
use crate::jsonld::JsonLd;
use crate::links::{self, PageLinks};
use crate::people::{self, PersonFound};
use crate::phones::{self, PhoneFound};
use crate::posts::{self, PostFound};
use crate::source::{PageInput, Source};
use crate::tech::{self, TechFound};
use crate::{language, quote, social};

/// What stands on one page.
#[derive(Debug, Clone, PartialEq)]
pub struct PageFacts {
    /// Its address.
    pub url: String,
    /// When it was fetched.
    pub fetched_at: Timestamp,
    /// Its title.
    pub title: Option<String>,
    /// Its description, from the head.
    pub description: Option<String>,
    /// ISO 639-1.
    pub language: Option<String>,
    /// The encoding that it was read in.
    pub encoding: &'static str,
    /// Addresses, kept and rejected.
    pub emails: Emails,
    /// Phone numbers.
    pub phones: Vec<PhoneFound>,
    /// Profiles on social networks.
    pub social_links: Vec<String>,
    /// People with a role.
    pub people: Vec<PersonFound>,
    /// When it was published and changed.
    pub dates: PageDates,
    /// Posts that it is or lists; placeholders are marked.
    pub posts: Vec<PostFound>,
    /// Software.
    pub technologies: Vec<TechFound>,
    /// Sentences and names that may be facts, best first within a kind.
    pub facts: Vec<FactFound>,
    /// Where it leads.
    pub links: PageLinks,
    /// Whether it was longer or deeper than what is read.
    pub truncated: bool,
}

/// Reads a page. `country` (ISO 3166-1 alpha-2) is where the business is; without it the page's
/// own hints decide how national phone numbers are read.
#[must_use]
pub fn extract_page(input: &PageInput<'_>, country: Option<&str>) -> PageFacts {
    let limit = input.body.len().min(crate::guard::TEXT_BYTES_MAX);
    let decoded = decode(
        input.body.get(..limit).unwrap_or_default(),
        input.content_type,
    );
    let source = Source::of(input);
    let doc = Doc::read(&decoded.text, input.url);
    let data = JsonLd::read(&doc.json_ld);
    let own = Own::of(input.url, links::canonical(&doc).as_ref());
    let language = language::of(&doc);
    let order = slash_order(&doc, country);
    let country = phones::country(&doc, &data, country, language.as_deref());
    PageFacts {
        url: source.url.clone(),
        fetched_at: input.fetched_at,
        title: doc
            .title
            .as_deref()
            .map(quote::short)
            .filter(|t| !t.is_empty()),
        description: doc
            .meta("description")
            .or(doc.meta("og:description"))
            .map(quote::short)
            .filter(|d| !d.is_empty()),
        encoding: decoded.encoding,
        emails: emails::find(&doc, &data, &source, &own),
        phones: phones::find(&doc, &data, &source, country),
        social_links: social::find(&doc, &data),
        people: people::find(&doc, &data, &source),
        dates: dates::find(&doc, &data, &source, order, input.last_modified),
        posts: posts::on_page(&doc, &data, &source, order),
        technologies: tech::find(&doc, &source),
        facts: facts::find(&doc, &source, language.as_deref()),
        links: links::find(&doc),
        truncated: doc.truncated || limit < input.body.len(),
        language,
    }
}

/// Slashed dates are month first in the United States, and on English pages whose language says so.
fn slash_order(doc: &Doc, country: Option<&str>) -> SlashOrder {
    let host = doc.url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let national = host
        .rsplit('.')
        .next()
        .is_some_and(|t| t.len() == 2 && t != "us");
    let says_us = doc
        .lang
        .as_deref()
        .is_some_and(|l| l.eq_ignore_ascii_case("en-us"))
        || doc
            .meta("og:locale")
            .is_some_and(|l| l.eq_ignore_ascii_case("en_us"));
    match country {
        Some(c) if c.eq_ignore_ascii_case("us") => SlashOrder::MonthFirst,
        Some(_) => SlashOrder::DayFirst,
        None if says_us && !national => SlashOrder::MonthFirst,
        None => SlashOrder::DayFirst,
    }
}
