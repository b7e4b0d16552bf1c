//! A page, parsed once and walked once, as flat lists that the extractors read.

use url::Url;

/// Where on a page a block stands; a set of flags.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Zone(u16);

impl Zone {
    pub(crate) const NAV: Self = Self(1);
    pub(crate) const HEADER: Self = Self(2);
    pub(crate) const FOOTER: Self = Self(4);
    pub(crate) const ASIDE: Self = Self(8);
    pub(crate) const MAIN: Self = Self(16);
    pub(crate) const ARTICLE: Self = Self(32);
    pub(crate) const FORM: Self = Self(64);
    pub(crate) const COMMENTS: Self = Self(128);
    pub(crate) const CONSENT: Self = Self(256);
    /// Everything that is not the page's own content.
    pub(crate) const FRAME: Self = Self(1 | 4 | 8 | 64 | 128 | 256);

    pub(crate) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) const fn touches(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// What kind of element a block of text is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum BlockKind {
    #[default]
    Other,
    Heading(u8),
    Paragraph,
    ListItem,
    Cell,
}

/// A run of visible text without a block boundary in it; `<br>` is a line break.
#[derive(Debug, Clone, Default)]
pub(crate) struct Block {
    pub(crate) text: String,
    pub(crate) kind: BlockKind,
    pub(crate) zone: Zone,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Anchor {
    pub(crate) href: String,
    pub(crate) text: String,
    pub(crate) block: usize,
    pub(crate) hidden: bool,
    pub(crate) onclick: String,
    /// Its `title` or `aria-label`.
    pub(crate) label: String,
}

/// An element whose markup says that it holds a date.
#[derive(Debug, Clone)]
pub(crate) struct Marked {
    pub(crate) kind: MarkKind,
    /// The machine-readable value, where there is one.
    pub(crate) value: String,
    pub(crate) text: String,
    pub(crate) block: usize,
    pub(crate) zone: Zone,
    pub(crate) article: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkKind {
    Published,
    Modified,
    Time,
    /// A class or id with a word for date in it.
    Class,
}

/// A box that may be the teaser or the body of a post.
#[derive(Debug, Clone, Default)]
pub(crate) struct ArticleBox {
    pub(crate) class: String,
    pub(crate) heading: Option<String>,
    /// The address of the link in (or around) the heading.
    pub(crate) href: Option<String>,
    pub(crate) first_block: usize,
    pub(crate) last_block: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct HeadLink {
    pub(crate) rel: String,
    pub(crate) media_type: String,
    pub(crate) href: String,
}

/// Everything of a page that the extractors need.
#[derive(Debug, Default)]
pub(crate) struct Doc {
    pub(crate) url: Option<Url>,
    pub(crate) lang: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) body_class: String,
    /// Name or property (lower case) and content.
    pub(crate) metas: Vec<(String, String)>,
    pub(crate) head_links: Vec<HeadLink>,
    pub(crate) json_ld: Vec<String>,
    /// Addresses of scripts, styles, images and frames.
    pub(crate) resources: Vec<String>,
    /// The beginning of the inline scripts and the comments, for recognising software.
    pub(crate) scripts: String,
    pub(crate) anchors: Vec<Anchor>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) marked: Vec<Marked>,
    pub(crate) articles: Vec<ArticleBox>,
    /// Cloudflare-encoded addresses as they stand, with their block.
    pub(crate) cloudflare: Vec<(String, usize)>,
    /// Whether the page was longer, deeper or wider than the bounds.
    pub(crate) truncated: bool,
}

impl Doc {
    /// An address on the page made absolute, when it is http or https.
    pub(crate) fn absolute(&self, href: &str) -> Option<Url> {
        let href = href.trim();
        let url = match &self.url {
            Some(base) => base.join(href).ok()?,
            None => Url::parse(href).ok()?,
        };
        matches!(url.scheme(), "http" | "https").then_some(url)
    }

    pub(crate) fn meta(&self, name: &str) -> Option<&str> {
        self.metas
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    pub(crate) fn text_of(&self, block: usize) -> &str {
        self.blocks.get(block).map_or("", |b| b.text.as_str())
    }
}
