//! The text of a page, read by other means than the product's: a quote must stand in it.

use hunter_core::ports::FetchedPage;
use hunter_extract::decode;
use scraper::{Html, Node};

/// Everything on a page that a person or a program could quote from.
pub struct PageText {
    /// Text, attributes, scripts: one after the other, without white space.
    squeezed: String,
}

fn squeeze(text: &str) -> String {
    let unseen = |c: &char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(
                c,
                '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}'
            )
    };
    text.chars().filter(|c| !unseen(c)).collect()
}

impl PageText {
    /// Reads a page or a feed.
    #[must_use]
    pub fn of(page: &FetchedPage) -> Self {
        let source = decode(&page.body, page.content_type.as_deref()).text;
        // A feed's texts are escaped HTML: read twice.
        let source = source.replace("<![CDATA[", " ").replace("]]>", " ");
        let mut all = String::new();
        collect(&source, &mut all);
        let once = all.clone();
        if once.contains('<') {
            collect(&once, &mut all);
        }
        Self {
            squeezed: squeeze(&all) + &squeeze(&source),
        }
    }

    /// Whether a quote stands on the page, white space aside.
    #[must_use]
    pub fn holds(&self, quote: &str) -> bool {
        let quote = squeeze(quote);
        !quote.is_empty() && self.squeezed.contains(&quote)
    }
}

fn collect(source: &str, into: &mut String) {
    let document = Html::parse_document(source);
    let mut attributes = String::new();
    for node in document.tree.nodes() {
        match node.value() {
            Node::Text(text) => into.push_str(text),
            Node::Element(element) => {
                for (name, value) in element.attrs() {
                    attributes.push_str(&format!(" {name}=\"{value}\" {value} "));
                }
            }
            _ => {}
        }
    }
    into.push_str(&attributes);
}
