//! When a page was published and last changed.

pub(crate) mod parse;

use hunter_contracts::Evidence;
use jiff::civil::Date;

use crate::dom::{Block, BlockKind, Doc, MarkKind, Zone};
use crate::jsonld::JsonLd;
use crate::pattern::pattern;
use crate::quote;
use crate::source::Source;
use parse::SlashOrder;

/// What says the date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DateSource {
    /// Words on the page: "last updated", "Stand:".
    UpdateNotice,
    /// `article:modified_time`, `og:updated_time`, `dateModified`.
    ModifiedMarkup,
    /// A full day in the page's address.
    Address,
    /// `article:published_time`, `datePublished`.
    PublishedMarkup,
    /// `<time>`, or an element that its class names as a date.
    TimeElement,
    /// A plain date next to the title.
    Byline,
    /// A plain date elsewhere in the content.
    Text,
    /// A sitemap's `lastmod`.
    Sitemap,
    /// A feed's newest entry.
    Feed,
    /// The `Last-Modified` header.
    Header,
}

/// A day with what says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateFound {
    /// The day.
    pub date: Date,
    /// What says it.
    pub source: DateSource,
    /// Where it stands.
    pub evidence: Evidence,
}

/// The dates of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageDates {
    /// The most recent change that the page states.
    pub modified: Option<DateFound>,
    /// The first publication.
    pub published: Option<DateFound>,
}

impl PageDates {
    /// The change, or else the publication. Where both are known and the publication is later
    /// (a change date left over from an import), the publication.
    #[must_use]
    pub fn last_updated(&self) -> Option<&DateFound> {
        match (&self.modified, &self.published) {
            (Some(m), Some(p)) if p.date > m.date => Some(p),
            (Some(m), _) => Some(m),
            (None, p) => p.as_ref(),
        }
    }
}

struct Finder<'a> {
    doc: &'a Doc,
    source: &'a Source,
    order: SlashOrder,
}

/// Finds a page's dates. `header` is the `Last-Modified` header.
pub(crate) fn find(
    doc: &Doc,
    data: &JsonLd,
    source: &Source,
    order: SlashOrder,
    header: Option<&str>,
) -> PageDates {
    let finder = Finder { doc, source, order };
    let modified = finder
        .modified_markup(data)
        .or_else(|| finder.update_notice());
    let published = finder
        .address()
        .or_else(|| finder.published_markup(data))
        .or_else(|| finder.byline_above_marks())
        .or_else(|| finder.time_elements())
        .or_else(|| finder.byline())
        .or_else(|| finder.labelled())
        .or_else(|| finder.text());
    let nothing = modified.is_none() && published.is_none();
    let modified = modified.or_else(|| header.filter(|_| nothing).and_then(|h| finder.header(h)));
    PageDates {
        modified,
        published,
    }
}

const MODIFIED_META: [&str; 12] = [
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "article:modified",
    "last-modified",
    "lastmod",
    "dcterms.modified",
    "dc.date.modified",
    "revised",
    "og:modified_time",
    "updated_time",
    "date_modified",
];
const PUBLISHED_META: [&str; 26] = [
    "article:published_time",
    "og:published_time",
    "datepublished",
    "article:published",
    "publication_date",
    "pubdate",
    "publishdate",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.date",
    "dc.date.created",
    "sailthru.date",
    "parsely-pub-date",
    "article_date_original",
    "originalpublicationdate",
    "article:post_date",
    "cxenseparse:recs:publishtime",
    "datecreated",
    "bt:pubdate",
    "rnews:datepublished",
    "published_time",
    "shareaholic:article_published_time",
    "release_date",
    "citation_publication_date",
];

impl Finder<'_> {
    fn found(&self, date: Date, source: DateSource, quote: String) -> Option<DateFound> {
        let latest = self.source.latest_day();
        (date <= latest).then(|| DateFound {
            date,
            source,
            evidence: self.source.evidence(quote),
        })
    }

    fn machine(&self, value: &str, source: DateSource, label: &str) -> Option<DateFound> {
        let date = parse::machine(value, self.order)?;
        self.found(date, source, quote::short(&format!("{label}: {value}")))
    }

    fn metas(&self, names: &[&str], source: DateSource) -> Vec<DateFound> {
        let metas = self
            .doc
            .metas
            .iter()
            .filter(|(n, _)| names.contains(&n.as_str()));
        metas
            .filter_map(|(name, value)| self.machine(value, source, name))
            .collect()
    }

    fn data(&self, data: &JsonLd, key: &str, source: DateSource) -> Vec<DateFound> {
        // Reviews, comments and offers have dates of their own.
        let foreign = [
            "Review",
            "Comment",
            "Offer",
            "Event",
            "UserReview",
            "JobPosting",
        ];
        data.objects()
            .iter()
            .filter(|i| !i.is(&foreign) && i.role != "review" && i.role != "comment")
            .filter_map(|i| i.text(key))
            .chain(data.broken_texts(key))
            .filter_map(|value| self.machine(value, source, key))
            .collect()
    }

    fn modified_markup(&self, data: &JsonLd) -> Option<DateFound> {
        let mut found = self.metas(&MODIFIED_META, DateSource::ModifiedMarkup);
        found.extend(self.data(data, "dateModified", DateSource::ModifiedMarkup));
        found.extend(self.marks(MarkKind::Modified, DateSource::ModifiedMarkup));
        latest(found)
    }

    fn published_markup(&self, data: &JsonLd) -> Option<DateFound> {
        let metas = self.metas(&PUBLISHED_META, DateSource::PublishedMarkup);
        let mut found = self.data(data, "datePublished", DateSource::PublishedMarkup);
        found.extend(self.data(data, "uploadDate", DateSource::PublishedMarkup));
        metas
            .into_iter()
            .next()
            .or_else(|| found.into_iter().next())
            .or_else(|| {
                self.marks(MarkKind::Published, DateSource::PublishedMarkup)
                    .into_iter()
                    .next()
            })
    }

    fn marks(&self, kind: MarkKind, source: DateSource) -> Vec<DateFound> {
        self.doc
            .marked
            .iter()
            .filter(|m| m.kind == kind && !m.zone.touches(Zone::COMMENTS.with(Zone::ASIDE)))
            .filter_map(|m| {
                let date = parse::machine(&m.value, self.order)
                    .or_else(|| parse::first(&m.text, self.order))?;
                let quote = if m.text.is_empty() { &m.value } else { &m.text };
                self.found(date, source, quote::short(quote))
            })
            .collect()
    }

    fn update_notice(&self) -> Option<DateFound> {
        let blocks = self
            .doc
            .blocks
            .iter()
            .filter(|b| !b.zone.touches(Zone::COMMENTS));
        let found = blocks.filter_map(|block| {
            let notice = NOTICE.captures(&block.text)?.get(1)?;
            let tail = block.text.get(notice.end()..)?;
            let near = quote::cut(tail, 40);
            let date = parse::first(&near, self.order)?;
            let end = notice.end() + near.len();
            let quote = quote::around(&block.text, notice.start(), end);
            self.found(date, DateSource::UpdateNotice, quote)
        });
        latest(found.collect())
    }

    fn address(&self) -> Option<DateFound> {
        let date = parse::in_path(&self.source.url)?;
        self.found(date, DateSource::Address, quote::short(&self.source.url))
    }

    /// Where the first heading has a date directly around it, other marked dates (teasers, asides)
    /// do not count.
    fn byline_above_marks(&self) -> Option<DateFound> {
        let title = self.title_block()?;
        let near = self.doc.marked.iter().filter(|m| {
            m.block + 4 >= title && m.block <= title + 4 && !m.zone.touches(Zone::FRAME)
        });
        let mut dated = near.filter_map(|m| self.mark(m));
        dated.next()
    }

    fn mark(&self, mark: &crate::dom::Marked) -> Option<DateFound> {
        let by_value = (mark.kind == MarkKind::Time)
            .then(|| parse::machine(&mark.value, self.order))
            .flatten();
        let short_enough = mark.text.chars().count() <= 160;
        let date = by_value.or_else(|| {
            short_enough
                .then(|| parse::first(&mark.text, self.order))
                .flatten()
        })?;
        let quote = if mark.text.is_empty() {
            &mark.value
        } else {
            &mark.text
        };
        self.found(date, DateSource::TimeElement, quote::short(quote))
    }

    fn time_elements(&self) -> Option<DateFound> {
        let wanted = |m: &&crate::dom::Marked| {
            !m.zone.touches(
                Zone::COMMENTS
                    .with(Zone::ASIDE)
                    .with(Zone::FOOTER)
                    .with(Zone::NAV),
            )
        };
        let marks = || self.doc.marked.iter().filter(wanted);
        let dated = |kind| {
            let found: Vec<_> = marks()
                .filter(|m| m.kind == kind)
                .filter_map(|m| self.mark(m))
                .collect();
            // On a list of teasers the newest tells when the page changed; on an article the first.
            if found.len() > 3 {
                latest(found)
            } else {
                found.into_iter().next()
            }
        };
        dated(MarkKind::Time).or_else(|| dated(MarkKind::Class))
    }

    fn title_block(&self) -> Option<usize> {
        let at = |level| {
            self.doc
                .blocks
                .iter()
                .position(|b| b.kind == BlockKind::Heading(level) && !b.zone.touches(Zone::FRAME))
        };
        at(1).or_else(|| at(2))
    }

    /// A plain date in a short block near the title.
    fn byline(&self) -> Option<DateFound> {
        if is_legal(&self.source.url) {
            return None;
        }
        let title = self.title_block()?;
        let from = title.saturating_sub(3);
        let near = self.doc.blocks.iter().skip(from).take(10);
        let near = near.filter(|b| !b.zone.touches(Zone::FRAME));
        near.filter(|b| b.text.trim().chars().count() <= 160)
            .find_map(|b| self.plain(&b.text, DateSource::Byline))
    }

    /// A date after the word for it, as in the box beside an article: "Datum" and then the day.
    fn labelled(&self) -> Option<DateFound> {
        let near = |b: &Block| {
            !b.zone
                .touches(Zone::COMMENTS.with(Zone::FOOTER).with(Zone::NAV))
        };
        let pairs = self.doc.blocks.iter().zip(self.doc.blocks.iter().skip(1));
        pairs
            .filter(|(label, value)| near(label) && near(value))
            .filter(|(label, value)| LABEL.is_match(&label.text) && value.text.trim().len() <= 40)
            .find_map(|(_, value)| self.plain(&value.text, DateSource::Byline))
    }

    /// A plain date in the content, the first one; the newest where the page is a list.
    fn text(&self) -> Option<DateFound> {
        if is_legal(&self.source.url) {
            return None;
        }
        let blocks = self
            .doc
            .blocks
            .iter()
            .filter(|b| !b.zone.touches(Zone::FRAME));
        let short = blocks.filter(|b| b.text.trim().chars().count() <= 200);
        latest(
            short
                .take(3_000)
                .filter_map(|b| self.plain(&b.text, DateSource::Text))
                .collect(),
        )
    }

    /// The first date of a text that no word makes something else than a publication.
    fn plain(&self, text: &str, source: DateSource) -> Option<DateFound> {
        if NOT_PUBLICATION.is_match(text) {
            return None;
        }
        let written = parse::all(text, self.order);
        let first = written.first()?;
        self.found(
            first.date,
            source,
            quote::around(text, first.start, first.end),
        )
    }

    fn header(&self, header: &str) -> Option<DateFound> {
        let date = parse::machine(header, self.order)?;
        // A page that is made on request carries the moment of the request.
        let fetched = self.source.fetched_day();
        let old = date < fetched.yesterday().unwrap_or(fetched);
        let quote = quote::short(&format!("Last-Modified: {header}"));
        old.then(|| self.found(date, DateSource::Header, quote))
            .flatten()
    }
}

pattern!(
    NOTICE,
    r"(?i)((?:last\s+(?:updated|modified|changed|edited|revised|reviewed)|updated\s+on|page\s+updated|(?:zuletzt|letztmals)\s+(?:aktualisiert|geändert|bearbeitet)|letzte\s+(?:aktualisierung|änderung|bearbeitung)|aktualisiert(?:\s+am)?|\bstand(?:\s+vom)?\s*:|\bstand\s+(?:vom\s+)?\d|mis(?:e)?\s+à\s+jour|dernière\s+(?:modification|mise\s+à\s+jour)|última\s+(?:actualización|atualização|modificación)|actualizado|atualizado|ultimo\s+aggiornamento|aggiornato|laatst\s+(?:gewijzigd|bijgewerkt)|senast\s+uppdaterad|sist\s+oppdatert|ostatnia\s+aktualizacja|обновлено|最終更新日?|更新日))"
);
pattern!(
    LABEL,
    r"(?i)^\s*(?:datum|date|fecha|data|dato|published|posted|veröffentlicht|publié|publicado|pubblicato)(?:\s+(?:on|am|le|el|il|em))?\s*:?\s*$"
);
pattern!(
    NOT_PUBLICATION,
    r"(?i)(©|copyright|\(c\)|all rights|geboren|\bborn\b|geb\.|gegründet|founded|established|\bsince\b|\bseit\b|bgbl|gesetz|directive|verordnung|version\s+\d|valid until|gültig bis|expires|deadline|anmeldeschluss)"
);

fn is_legal(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    [
        "impressum",
        "imprint",
        "datenschutz",
        "privacy",
        "agb",
        "terms",
        "legal",
    ]
    .iter()
    .any(|w| url.contains(w))
}

fn latest(found: Vec<DateFound>) -> Option<DateFound> {
    found
        .into_iter()
        .reduce(|best, next| if next.date > best.date { next } else { best })
}

#[cfg(test)]
mod tests;
