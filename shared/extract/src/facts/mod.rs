//! Sentences and names on a page that may become facts.

use std::collections::BTreeSet;

use hunter_contracts::{Evidence, FactKind};
use jiff::civil::Date;

use crate::dates::parse::{self, SlashOrder};
use crate::dom::{Block, BlockKind, Doc, Zone};
use crate::pattern::pattern;
use crate::quote;
use crate::source::Source;

/// Something that may become a fact of a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactFound {
    /// What it is about.
    pub kind: FactKind,
    /// The value, in the page's words, at most 300 characters.
    pub value: String,
    /// The day it belongs to.
    pub date: Option<Date>,
    /// Where it stands.
    pub evidence: Evidence,
}

const ABOUT_MAX: usize = 3;
const SERVICES_MAX: usize = 8;
const ANNOUNCEMENTS_MAX: usize = 3;

pub(crate) fn find(doc: &Doc, source: &Source, language: Option<&str>) -> Vec<FactFound> {
    let finder = Finder {
        doc,
        source,
        path: path(&source.url),
    };
    let mut facts = finder.about(language);
    facts.extend(finder.announcements());
    facts.extend(finder.hiring());
    facts.extend(finder.services());
    facts.extend(finder.founded());
    facts
}

struct Finder<'a> {
    doc: &'a Doc,
    source: &'a Source,
    path: String,
}

pattern!(
    WE,
    r"(?i)(?:^|[^\p{L}])(we|we're|we’re|our|wir|unser(?:e|em|en|er|es)?|nous|notre|nos|nosotros|nuestr[oa]s?|somos|noi|siamo|nostr[oaie]|nós|noss[oa]s?|wij|onze|ons|vi|vår[at]?|my|naszej?|nasz[ae]?)(?:$|[^\p{L}])|私たち|当社|当店|当院|弊社"
);
pattern!(
    NOT_ABOUT,
    r"(?i)(cookie|javascript|browser|datenschutz|privacy|copyright|©|all rights reserved|newsletter|subscribe|log ?in|password|lorem ipsum|dolor sit|click here|terms (?:of|and)|personenbezogen|haftung|responsible for the content|urheberrecht|checkout|warenkorb|add to cart|read more|weiterlesen|captcha|spam|[{}<>|]|https?://|@)"
);
pattern!(
    ANNOUNCES,
    r"(?i)(\bnew (?:location|office|clinic|practice|branch|store|studio|website|team member)|grand opening|now open|opening soon|we(?:'re| are) (?:hiring|opening|moving|excited to announce)|we have moved|has (?:won|been awarded)|award(?:ed)?[- ]winning|\bawarded\b|celebrat\w+ (?:our|its) \d+|\banniversary\b|join our team|neueröffnung|neue[rn]? (?:standort|filiale|praxis|räume|kollegin|kollege|website)|wir (?:ziehen um|eröffnen|suchen|stellen ein|begrüßen)|ausgezeichnet|auszeichnung|jubiläum|verstärkung (?:gesucht|für unser)|nous (?:recrutons|déménageons|ouvrons)|nouvelle? (?:adresse|boutique|cabinet|agence)|ouverture d|anniversaire|nueva (?:sede|clínica|tienda|oficina)|nuevo (?:local|centro)|inauguramos|aniversario|premiad[oa]|buscamos|nuova (?:sede|apertura)|inaugurazione|anniversario|assumiamo|nova (?:sede|loja|unidade|clínica)|inauguração|aniversário|contratando|新店舗|移転|開院|オープンしました|周年|受賞|募集中)"
);
pattern!(
    FOUNDED,
    r"(?i)(?:^|[^\p{L}])(since|established(?:\s+in)?|founded\s+in|est\.|seit|gegründet(?:\s+(?:im\s+jahr(?:e)?\s+)?)?|gründung(?:sjahr)?:?|depuis|fondée?\s+en|créée?\s+en|desde|fundad[oa]\s+en|dal|fondat[oa]\s+nel|fundad[oa]\s+em|sinds|opgericht\s+in|創業|設立)\s{0,3}((?:17|18|19|20)\d{2})(?:$|[^\d./-]|\.(?:$|\s))"
);
pattern!(
    STRONG_FOUNDED,
    r"(?i)^(established|founded|est\.|gegründet|gründung|fond|créé|fundad|opgericht|創業|設立)"
);
pattern!(
    HIRING,
    r"(?i)^(?:.{0,25}[^\p{L}])?(karriere|stellenangebote?|stellenausschreibung(?:en)?|offene stellen|jobs?|careers?|vacanc(?:y|ies)|join our team|join the team|work with us|we(?:'|’)?re hiring|nous rejoindre|recrutement|trabaja con nosotros|empleo|bolsa de trabajo|lavora con noi|trabalhe conosco|werken bij|vacatures|採用情報|求人)(?:[^\p{L}].{0,15})?$"
);
pattern!(
    SERVICE_HEADING,
    r"(?i)^(?:(?:our|unsere?|nos|nuestros|i nostri|nossos|meine?)\s+)?(?:services?|leistungen|leistungsspektrum|leistungsangebot|angebote?|behandlungen|behandlungsspektrum|schwerpunkte|tätigkeitsgebiete|rechtsgebiete|treatments?|practice areas|what we (?:do|offer)|areas of expertise|specialities|prestations|soins|servicios|tratamientos|servizi|trattamenti|serviços|tratamentos|diensten|behandelingen|診療内容|サービス)(?:\s+(?:im überblick|we offer|offered|overview))?\s*:?$"
);

fn path(url: &str) -> String {
    url::Url::parse(url)
        .map(|u| u.path().to_lowercase())
        .unwrap_or_default()
}

impl Finder<'_> {
    fn content(&self) -> impl Iterator<Item = &Block> {
        let outside = Zone::FRAME;
        self.doc
            .blocks
            .iter()
            .filter(move |b| !b.zone.touches(outside))
    }

    fn fact(&self, kind: FactKind, value: &str, quote: String) -> FactFound {
        let evidence = self.source.evidence(quote);
        FactFound {
            kind,
            value: quote::short(value),
            date: None,
            evidence,
        }
    }

    fn is_legal(&self) -> bool {
        [
            "impressum",
            "imprint",
            "datenschutz",
            "privacy",
            "agb",
            "terms",
            "legal",
            "cookie",
        ]
        .iter()
        .any(|w| self.path.contains(w))
    }

    /// One to three whole sentences in which the business speaks of itself.
    fn about(&self, language: Option<&str>) -> Vec<FactFound> {
        let is_about = [
            "about",
            "ueber",
            "uber",
            "propos",
            "nosotros",
            "sobre",
            "chi-siamo",
            "team",
        ]
        .iter()
        .any(|w| self.path.contains(w));
        let is_home = self.path.trim_matches('/').is_empty() || self.path.starts_with("/index");
        if !(is_about || is_home) {
            return Vec::new();
        }
        let spaceless = matches!(language, Some("ja" | "zh" | "ko" | "th"));
        let mut scored: Vec<(i32, usize, String)> = Vec::new();
        for (at, block) in self.content().enumerate().take(600) {
            let prose = matches!(block.kind, BlockKind::Paragraph | BlockKind::Other);
            if !prose || block.text.trim().chars().count() < 30 {
                continue;
            }
            for sentence in sentences(&block.text) {
                if let Some(score) = about_score(&sentence, spaceless) {
                    scored.push((score, at, sentence));
                }
            }
        }
        scored.sort_by_key(|(score, at, _)| (-*score, *at));
        let mut seen = BTreeSet::new();
        scored
            .into_iter()
            .filter(|(_, _, s)| seen.insert(s.to_lowercase()))
            .take(ABOUT_MAX)
            .map(|(_, _, s)| self.fact(FactKind::AboutSentence, &s, s.clone()))
            .collect()
    }

    fn announcements(&self) -> Vec<FactFound> {
        if self.is_legal() {
            return Vec::new();
        }
        let mut seen = BTreeSet::new();
        let blocks = self.content().filter(|b| ANNOUNCES.is_match(&b.text));
        let all = blocks.flat_map(|b| sentences(&b.text));
        all.filter(|s| {
            let length = s.chars().count();
            let least = if s.ends_with('。') { 10 } else { 25 };
            (least..=300).contains(&length) && ANNOUNCES.is_match(s) && !NOT_ABOUT.is_match(s)
        })
        .filter(|s| seen.insert(s.to_lowercase()))
        .take(ANNOUNCEMENTS_MAX)
        .map(|s| {
            let date =
                parse::first(&s, SlashOrder::DayFirst).filter(|d| *d <= self.source.latest_day());
            FactFound {
                date,
                ..self.fact(FactKind::Announcement, &s, s.clone())
            }
        })
        .collect()
    }

    fn hiring(&self) -> Option<FactFound> {
        let anchor = self.doc.anchors.iter().find(|a| {
            let text = a.text.trim();
            !a.hidden && text.chars().count() <= 40 && HIRING.is_match(text)
        })?;
        let url = self.doc.absolute(&anchor.href)?;
        let own = self
            .doc
            .url
            .as_ref()
            .is_some_and(|u| crate::links::same_site(u, &url));
        own.then(|| self.fact(FactKind::Hiring, &anchor.text, quote::short(&anchor.text)))
    }

    /// List items and small headings after a heading that announces services.
    fn services(&self) -> Vec<FactFound> {
        let mut found = Vec::new();
        let mut level = None;
        let mut idle = 0;
        let mut seen = BTreeSet::new();
        for block in self.content() {
            let text = quote::tidy(&block.text);
            if let BlockKind::Heading(this) = block.kind {
                if SERVICE_HEADING.is_match(&text) {
                    (level, idle) = (Some(this), 0);
                    continue;
                }
                if level.is_some_and(|l| this <= l) {
                    level = None;
                }
            }
            if level.is_none() || found.len() >= SERVICES_MAX {
                continue;
            }
            let named = matches!(block.kind, BlockKind::Heading(_) | BlockKind::ListItem);
            if named && is_service_name(&text) && seen.insert(text.to_lowercase()) {
                idle = 0;
                found.push(self.fact(FactKind::Service, &text, text.clone()));
            } else {
                idle += 1;
                if idle > 25 {
                    level = None;
                }
            }
        }
        found
    }

    /// The year of founding; "since" counts only where the business speaks of itself.
    fn founded(&self) -> Option<FactFound> {
        if self.is_legal() || parse::in_path(&self.source.url).is_some() {
            return None;
        }
        let this_year = self.source.fetched_day().year();
        let blocks = self
            .doc
            .blocks
            .iter()
            .filter(|b| !b.zone.touches(Zone::COMMENTS.with(Zone::CONSENT)));
        blocks.filter(|b| b.text.len() < 5_000).find_map(|block| {
            let captures = FOUNDED.captures(&block.text)?;
            let (word, year) = (captures.get(1)?, captures.get(2)?);
            let number: i16 = year.as_str().parse().ok()?;
            let quote = quote::around(&block.text, word.start(), year.end());
            let lower = quote.to_lowercase();
            let speaks = WE.is_match(&quote)
                || [
                    "family",
                    "familien",
                    "business",
                    "company",
                    "praxis",
                    "serving",
                    "tradition",
                    "geschäft",
                    "betrieb",
                    "unternehmen",
                    "kanzlei",
                    "restaurant",
                    "hotel",
                    "clinic",
                ]
                .iter()
                .any(|w| lower.contains(w))
                || quote.chars().count() <= 30;
            let sure = STRONG_FOUNDED.is_match(word.as_str()) || speaks;
            (number <= this_year && sure && !lower.contains("©") && !lower.contains("copyright"))
                .then(|| self.fact(FactKind::Founded, year.as_str(), quote))
        })
    }
}

fn is_service_name(text: &str) -> bool {
    let length = text.chars().count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    (3..=60).contains(&length)
        && letters * 3 >= length * 2
        && text.split_whitespace().count() <= 7
        && !text.ends_with(['?', '!', ':', '…'])
        && !NOT_ABOUT.is_match(text)
        && !matches!(
            text.to_lowercase().as_str(),
            "home"
                | "contact"
                | "kontakt"
                | "mehr erfahren"
                | "read more"
                | "learn more"
                | "menu"
                | "about"
                | "about us"
                | "book now"
                | "weiter"
                | "more"
                | "mehr"
        )
}

/// How well a sentence says what the business does; nothing for one that does not.
fn about_score(sentence: &str, spaceless: bool) -> Option<i32> {
    let length = sentence.chars().count();
    let bounds = if spaceless { 15..=150 } else { 45..=300 };
    let whole = sentence.ends_with(['.', '!', '。', '！', '।']);
    let starts = sentence
        .chars()
        .next()
        .is_some_and(|c| c.is_uppercase() || !c.is_ascii());
    let words = sentence.split_whitespace().count();
    if !bounds.contains(&length)
        || !whole
        || !starts
        || (!spaceless && words < 7)
        || NOT_ABOUT.is_match(sentence)
    {
        return None;
    }
    let mut score = 0;
    if WE.is_match(sentence) {
        score += 3;
    }
    let lower = sentence.to_lowercase();
    let business = [
        "offer",
        "provide",
        "special",
        "experience",
        "family",
        "team",
        "patient",
        "client",
        "customer",
        "serv",
        "bieten",
        "behandel",
        "spezial",
        "praxis",
        "kanzlei",
        "erfahrung",
        "familie",
        "kunden",
        "betreu",
        "proposons",
        "spécialis",
        "offr",
        "ofrece",
        "especializ",
        "offriamo",
        "specializ",
        "oferece",
        "located",
        "based in",
        "mitten in",
        "診療",
        "提供",
    ];
    score += i32::try_from(business.iter().filter(|w| lower.contains(**w)).count())
        .unwrap_or(0)
        .min(3);
    (score >= 3).then_some(score)
}

/// The sentences of a text. Abbreviations and ordinals do not end one; line breaks do, where the
/// line ends like a sentence.
pub(crate) fn sentences(text: &str) -> Vec<String> {
    const ABBREVIATIONS: [&str; 26] = [
        "dr", "prof", "med", "dent", "mr", "mrs", "ms", "st", "str", "z.b", "d.h", "u.a", "bzw",
        "ca", "inkl", "usw", "e.g", "i.e", "etc", "no", "nr", "inc", "ltd", "co", "dipl", "vs",
    ];
    let text = quote::tidy(text);
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let eastern = matches!(c, '。' | '！' | '？');
        let western = matches!(c, '.' | '!' | '?') && chars.peek().is_none_or(|(_, n)| *n == ' ');
        if !(eastern || western) {
            continue;
        }
        let sentence = text.get(start..end).unwrap_or_default();
        if c == '.' {
            let last = sentence
                .trim_end_matches('.')
                .rsplit([' ', '('])
                .next()
                .unwrap_or_default();
            let numbered = last.len() <= 2 && last.bytes().all(|b| b.is_ascii_digit());
            let initial = last.chars().count() == 1;
            let known = ABBREVIATIONS.contains(&last.to_lowercase().as_str());
            if known || numbered || initial {
                continue;
            }
        }
        found.push(sentence.trim().to_owned());
        start = end;
    }
    let rest = text.get(start..).unwrap_or_default().trim();
    if !rest.is_empty() {
        found.push(rest.to_owned());
    }
    found
}

#[cfg(test)]
mod tests;
