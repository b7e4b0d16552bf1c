//! The one walk over a parsed page that fills a [`Doc`].

use ego_tree::iter::Edge;
use scraper::node::Element;
use scraper::{Html, Node};
use url::Url;

use crate::dom::{Anchor, ArticleBox, Block, BlockKind, Doc, HeadLink, Marked, Zone};
use crate::element::{is_article, is_block, is_hidden, kind_of, mark_of, zone_of};
use crate::guard;
use crate::quote::tidy;

/// Most anchors, marks and articles that are kept; pages of real businesses have far fewer.
const ITEMS_MAX: usize = 20_000;
/// Most bytes kept of an anchor's or a mark's text.
const INLINE_TEXT_MAX: usize = 400;
/// Most bytes kept of inline scripts.
const SCRIPT_BYTES_MAX: usize = 400_000;

/// What an open element changed, to be taken back when it closes.
#[derive(Default)]
struct Frame {
    hidden: bool,
    raw: Raw,
    block: bool,
    kind: BlockKind,
    zone: Zone,
    anchor: bool,
    mark: bool,
    article: bool,
    heading: bool,
}

/// What the text in an element is, where it is not text of the page.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Raw {
    #[default]
    No,
    Title,
    JsonLd,
    Script,
    Skip,
}

struct Walk {
    doc: Doc,
    frames: Vec<Frame>,
    hidden: usize,
    current: String,
    open_anchors: Vec<usize>,
    open_marks: Vec<usize>,
    open_articles: Vec<usize>,
    heading: Option<String>,
    heading_href: Option<String>,
}

impl Doc {
    /// Parses and walks a page.
    pub(crate) fn read(html: &str, url: &str) -> Self {
        let end = guard::parsable(html);
        let parsed = Html::parse_document(html.get(..end).unwrap_or_default());
        let mut walk = Walk::new(Url::parse(url).ok());
        walk.doc.truncated = end < html.len();
        for edge in parsed.tree.root().traverse() {
            match edge {
                Edge::Open(node) => match node.value() {
                    Node::Element(element) => walk.open(element),
                    Node::Text(text) => walk.text(text),
                    Node::Comment(comment) => walk.comment(comment),
                    _ => {}
                },
                Edge::Close(node) => {
                    if node.value().is_element() {
                        walk.close();
                    }
                }
            }
        }
        let mut doc = walk.finish();
        doc.unwrap_form();
        doc
    }

    /// A form around the whole page, as ASP.NET writes it, is no form.
    fn unwrap_form(&mut self) {
        let inside = |block: &&Block| block.zone.touches(Zone::FORM);
        if self.blocks.iter().filter(inside).count() * 2 <= self.blocks.len() {
            return;
        }
        for block in &mut self.blocks {
            block.zone = block.zone.without(Zone::FORM);
        }
        for mark in &mut self.marked {
            mark.zone = mark.zone.without(Zone::FORM);
        }
    }
}

impl Walk {
    fn new(url: Option<Url>) -> Self {
        Self {
            doc: Doc {
                url,
                ..Doc::default()
            },
            frames: Vec::new(),
            hidden: 0,
            current: String::new(),
            open_anchors: Vec::new(),
            open_marks: Vec::new(),
            open_articles: Vec::new(),
            heading: None,
            heading_href: None,
        }
    }

    fn finish(mut self) -> Doc {
        self.flush();
        for anchor in &mut self.doc.anchors {
            anchor.text = tidy(&anchor.text);
        }
        for mark in &mut self.doc.marked {
            mark.text = tidy(&mark.text);
        }
        self.doc
    }

    fn top(&self) -> (BlockKind, Zone) {
        self.frames
            .last()
            .map_or_else(Default::default, |f| (f.kind, f.zone))
    }

    fn flush(&mut self) {
        if self.current.trim().is_empty() {
            self.current.clear();
            return;
        }
        let (kind, zone) = self.top();
        let text = std::mem::take(&mut self.current);
        self.doc.blocks.push(Block { text, kind, zone });
    }

    fn text(&mut self, text: &str) {
        match self.frames.last().map_or(Raw::No, |f| f.raw) {
            Raw::No => {}
            Raw::Skip => return,
            Raw::Title => {
                let title = tidy(text);
                if self.doc.title.is_none() && !title.is_empty() {
                    self.doc.title = Some(title);
                }
                return;
            }
            Raw::JsonLd => {
                if self.doc.json_ld.len() < 200 {
                    self.doc.json_ld.push(text.to_owned());
                }
                return;
            }
            Raw::Script => {
                self.note_script(text);
                return;
            }
        }
        if let Some(&i) = self.open_anchors.last() {
            append(self.doc.anchors.get_mut(i).map(|a| &mut a.text), text);
        }
        if self.hidden > 0 {
            return;
        }
        self.current.push_str(text);
        for &i in self.open_marks.iter().rev().take(4) {
            append(self.doc.marked.get_mut(i).map(|m| &mut m.text), text);
        }
        append(self.heading.as_mut(), text);
    }

    fn note_script(&mut self, text: &str) {
        let room = SCRIPT_BYTES_MAX.saturating_sub(self.doc.scripts.len());
        let mut end = room.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.doc
            .scripts
            .push_str(text.get(..end).unwrap_or_default());
        self.doc.scripts.push('\n');
    }

    /// Comments say which plugin wrote what; nothing else is read of them.
    fn comment(&mut self, text: &str) {
        self.note_script(&crate::quote::cut(text, 300));
    }

    fn open(&mut self, element: &Element) {
        let name = element.name();
        let (kind, zone) = self.top();
        let mut frame = Frame {
            kind,
            zone,
            ..Frame::default()
        };
        frame.raw = raw_of(element, self.frames.last().map_or(Raw::No, |f| f.raw));
        if is_hidden(element) {
            frame.hidden = true;
            self.hidden += 1;
        }
        if name == "br" {
            self.current.push('\n');
        }
        if is_block(name) {
            self.flush();
            frame.block = true;
            frame.kind = kind_of(name, kind);
            frame.zone = zone.with(zone_of(element));
        }
        self.note_head(element);
        self.open_article(element, &mut frame);
        self.open_heading(name, &mut frame);
        self.open_anchor(element, &mut frame);
        self.open_mark(element, &mut frame);
        self.note_resources(element);
        self.frames.push(frame);
    }

    fn close(&mut self) {
        let Some(block) = self.frames.last().map(|f| f.block) else {
            return;
        };
        if block {
            self.flush();
        }
        let Some(frame) = self.frames.pop() else {
            return;
        };
        if frame.hidden {
            self.hidden -= 1;
        }
        if frame.anchor {
            self.open_anchors.pop();
        }
        if frame.mark {
            self.open_marks.pop();
        }
        if frame.heading {
            self.close_heading();
        }
        if frame.article
            && let Some(i) = self.open_articles.pop()
            && let Some(article) = self.doc.articles.get_mut(i)
        {
            article.last_block = self.doc.blocks.len();
        }
    }

    fn close_heading(&mut self) {
        let text = self.heading.take().map(|t| tidy(&t)).unwrap_or_default();
        let href = self.heading_href.take();
        let article = self
            .open_articles
            .last()
            .and_then(|&i| self.doc.articles.get_mut(i));
        if let Some(article) = article.filter(|a| a.heading.is_none() && !text.is_empty()) {
            article.heading = Some(text);
            article.href = href;
        }
    }

    fn open_heading(&mut self, name: &str, frame: &mut Frame) {
        if matches!(name, "h1" | "h2" | "h3" | "h4") && self.heading.is_none() {
            self.heading = Some(String::new());
            self.heading_href = self
                .open_anchors
                .last()
                .and_then(|&i| self.doc.anchors.get(i))
                .map(|a| a.href.clone());
            frame.heading = true;
        }
    }

    fn open_article(&mut self, element: &Element, frame: &mut Frame) {
        let class = element.attr("class").unwrap_or_default();
        if !is_article(element.name(), class) || self.doc.articles.len() >= ITEMS_MAX {
            return;
        }
        frame.article = true;
        self.open_articles.push(self.doc.articles.len());
        self.doc.articles.push(ArticleBox {
            class: class.to_ascii_lowercase(),
            first_block: self.doc.blocks.len(),
            last_block: usize::MAX,
            ..ArticleBox::default()
        });
    }

    fn open_anchor(&mut self, element: &Element, frame: &mut Frame) {
        if !matches!(element.name(), "a" | "area") || self.doc.anchors.len() >= ITEMS_MAX {
            return;
        }
        let href = element.attr("href").unwrap_or_default();
        if self.heading.is_some() && self.heading_href.is_none() && !href.is_empty() {
            self.heading_href = Some(href.to_owned());
        }
        frame.anchor = true;
        self.open_anchors.push(self.doc.anchors.len());
        self.doc.anchors.push(Anchor {
            href: href.to_owned(),
            text: String::new(),
            block: self.doc.blocks.len(),
            hidden: self.hidden > 0,
            onclick: element.attr("onclick").unwrap_or_default().to_owned(),
            label: element
                .attr("title")
                .or(element.attr("aria-label"))
                .unwrap_or_default()
                .into(),
        });
    }

    fn open_mark(&mut self, element: &Element, frame: &mut Frame) {
        if self.hidden > 0 || self.doc.marked.len() >= ITEMS_MAX {
            return;
        }
        let Some((kind, value)) = mark_of(element) else {
            return;
        };
        frame.mark = true;
        self.open_marks.push(self.doc.marked.len());
        self.doc.marked.push(Marked {
            kind,
            value,
            text: String::new(),
            block: self.doc.blocks.len(),
            zone: frame.zone,
            article: self.open_articles.last().copied(),
        });
    }

    fn note_head(&mut self, element: &Element) {
        let attr = |n: &str| element.attr(n).unwrap_or_default();
        match element.name() {
            "html" => self.doc.lang = element.attr("lang").or(element.attr("xml:lang")).map(tidy),
            "body" => attr("class").clone_into(&mut self.doc.body_class),
            "base" => {
                let base = self
                    .doc
                    .url
                    .as_ref()
                    .and_then(|u| u.join(attr("href")).ok());
                if base
                    .as_ref()
                    .is_some_and(|b| matches!(b.scheme(), "http" | "https"))
                {
                    self.doc.url = base;
                }
            }
            "meta" if self.doc.metas.len() < 1_000 => {
                let name = ["property", "name", "itemprop", "http-equiv"]
                    .into_iter()
                    .find_map(|n| element.attr(n).filter(|v| !v.is_empty()));
                if let Some(name) = name {
                    let name = name.to_ascii_lowercase();
                    self.doc.metas.push((name, tidy(attr("content"))));
                }
            }
            "link" if self.doc.head_links.len() < 1_000 => self.doc.head_links.push(HeadLink {
                rel: attr("rel").to_ascii_lowercase(),
                media_type: attr("type").to_ascii_lowercase(),
                href: attr("href").to_owned(),
            }),
            _ => {}
        }
    }

    fn note_resources(&mut self, element: &Element) {
        if let ("script", Some(class)) = (element.name(), element.attr("class")) {
            self.note_script(class);
        }
        let address = match element.name() {
            "script" | "img" | "iframe" | "source" => element.attr("src"),
            "link" => element.attr("href"),
            "form" => element.attr("action"),
            _ => None,
        };
        if let Some(address) = address.filter(|a| !a.starts_with("data:"))
            && self.doc.resources.len() < ITEMS_MAX
        {
            self.doc.resources.push(address.to_owned());
        }
        let cloudflare = element.attr("data-cfemail").or_else(|| {
            let href = element.attr("href")?;
            href.split_once("/cdn-cgi/l/email-protection#")
                .map(|(_, hex)| hex)
        });
        if let Some(code) = cloudflare
            && self.doc.cloudflare.len() < 500
        {
            self.doc
                .cloudflare
                .push((code.to_owned(), self.doc.blocks.len()));
        }
    }
}

fn append(target: Option<&mut String>, text: &str) {
    if let Some(target) = target.filter(|t| t.len() < INLINE_TEXT_MAX) {
        let room = INLINE_TEXT_MAX - target.len();
        target.extend(text.chars().take(room));
    }
}

fn raw_of(element: &Element, parent: Raw) -> Raw {
    match element.name() {
        "title" if parent == Raw::Skip => Raw::Title,
        "script" => {
            let kind = element
                .attr("type")
                .unwrap_or_default()
                .to_ascii_lowercase();
            if kind.contains("ld+json") {
                Raw::JsonLd
            } else {
                Raw::Script
            }
        }
        "head" | "style" | "template" | "noscript" | "svg" | "math" | "iframe" | "object"
        | "select" | "option" | "textarea" | "canvas" | "audio" | "video" | "noframes" => Raw::Skip,
        _ => parent,
    }
}
