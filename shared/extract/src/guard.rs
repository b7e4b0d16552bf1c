//! What keeps a hostile page from costing more than its size: nesting depth and attributes per
//! tag. The HTML parser looks through its open elements at every tag and through a tag's
//! attributes at every attribute, so both must be bounded before it sees the text.

use crate::list::List;

/// Most bytes of text that are parsed.
pub(crate) const TEXT_BYTES_MAX: usize = 5 * 1024 * 1024;
/// Most elements open at once.
const OPEN_ELEMENTS_MAX: usize = 600;
/// Most separators between attributes in one tag.
const TAG_SEPARATORS_MAX: usize = 1_000;

/// Elements that have no end tag, or whose end tag may be left out and that close each other.
const CLOSE_THEMSELVES: [&str; 29] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr", "p", "li", "dd", "dt", "option", "td", "th", "tr", "tbody", "thead", "tfoot",
    "colgroup", "html", "head", "body",
];

/// Start tags that end SVG and MathML (HTML standard, 13.2.6.5), and the elements in which HTML
/// rules hold again.
static END_FOREIGN: List = List(include_str!("../data/end_foreign.txt"));

/// Elements whose content is text for the parser.
const RAW: [&str; 6] = ["script", "style", "textarea", "xmp", "iframe", "noembed"];

/// How many bytes of `html` may be parsed; less than its length when a bound is reached there.
pub(crate) fn parsable(html: &str) -> usize {
    let mut end = html.len().min(TEXT_BYTES_MAX);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    let bytes = html.as_bytes().get(..end).unwrap_or_default();
    let mut open = Open::default();
    let mut at = 0;
    while let Some(start) = find(bytes, at, b'<') {
        let rest = bytes.get(start + 1..).unwrap_or_default();
        let Some(tag) = Tag::read(rest) else {
            at = after_comment(bytes, start);
            continue;
        };
        if tag.separators > TAG_SEPARATORS_MAX {
            return start;
        }
        at = start + 1 + tag.length;
        if tag.closes {
            open.close(&tag.name);
        } else if RAW.contains(&tag.name.as_str()) {
            at = after_raw(bytes, at, &tag.name);
        } else {
            open.open(tag);
            if open.depth > OPEN_ELEMENTS_MAX {
                return start;
            }
        }
    }
    end
}

#[derive(Default)]
struct Open {
    depth: usize,
    by_name: std::collections::HashMap<String, usize>,
    /// The elements open inside SVG or MathML, where `<path/>` is closed; in HTML it is not.
    foreign: Option<Vec<String>>,
}

impl Open {
    fn open(&mut self, tag: Tag) {
        let name = tag.name.as_str();
        if self.foreign.is_some() && END_FOREIGN.has(name) {
            self.foreign = None;
        }
        let enters = self.foreign.is_none() && matches!(name, "svg" | "math");
        if (self.foreign.is_some() || enters) && tag.closed_itself {
            return;
        }
        if self.foreign.is_none() && CLOSE_THEMSELVES.contains(&name) {
            return;
        }
        if enters {
            self.foreign = Some(Vec::new());
        }
        if let Some(stack) = &mut self.foreign {
            stack.push(tag.name.clone());
        }
        self.depth += 1;
        *self.by_name.entry(tag.name).or_default() += 1;
    }

    /// An end tag without its start tag closes nothing.
    fn close(&mut self, name: &str) {
        if let Some(stack) = &mut self.foreign {
            match stack.iter().rposition(|n| n == name) {
                Some(at) if at > 0 => stack.truncate(at),
                _ => self.foreign = None,
            }
        }
        if let Some(count) = self.by_name.get_mut(name).filter(|c| **c > 0) {
            *count -= 1;
            self.depth = self.depth.saturating_sub(1);
        }
    }
}

struct Tag {
    name: String,
    closes: bool,
    /// Written as `<path/>`.
    closed_itself: bool,
    length: usize,
    separators: usize,
}

impl Tag {
    /// Reads what stands after a `<`.
    fn read(rest: &[u8]) -> Option<Self> {
        let closes = rest.first() == Some(&b'/');
        let name_at = usize::from(closes);
        let tail = rest.get(name_at..)?;
        if !tail.first()?.is_ascii_alphabetic() {
            return None;
        }
        let is_end = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'/' | b'>');
        let name_length = tail.iter().position(is_end).unwrap_or(tail.len());
        let name = String::from_utf8_lossy(tail.get(..name_length.min(32))?).to_ascii_lowercase();
        let mut quote = None;
        let mut separators = 0;
        let mut previous = b' ';
        let mut length = rest.len();
        for (i, b) in rest.iter().enumerate().skip(name_at + name_length) {
            match (quote, *b) {
                (Some(q), b) if q == b => {
                    quote = None;
                    separators += 1;
                }
                (Some(_), _) => {}
                (None, b'"' | b'\'') if previous == b'=' => quote = Some(*b),
                (None, b'>') => {
                    length = i + 1;
                    break;
                }
                (None, b'/') => separators += 1,
                (None, b) if b.is_ascii_whitespace() && !previous.is_ascii_whitespace() => {
                    separators += 1;
                }
                _ => {}
            }
            if !(b.is_ascii_whitespace() && previous == b'=') {
                previous = *b;
            }
        }
        let closed_itself = rest
            .get(length.saturating_sub(2)..length)
            .is_some_and(|t| t == b"/>");
        Some(Self {
            closed_itself,
            name,
            closes,
            length,
            separators,
        })
    }
}

fn find(bytes: &[u8], from: usize, byte: u8) -> Option<usize> {
    bytes
        .get(from..)?
        .iter()
        .position(|b| *b == byte)
        .map(|i| from + i)
}

fn after_comment(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    if !rest.starts_with(b"<!--") {
        return start + 1;
    }
    let body = rest.get(4..).unwrap_or_default();
    body.windows(3)
        .position(|w| w == b"-->")
        .map_or(bytes.len(), |i| start + 4 + i)
}

fn after_raw(bytes: &[u8], from: usize, name: &str) -> usize {
    let mut at = from;
    while let Some(i) = find(bytes, at, b'<') {
        let tail = bytes.get(i + 1..).unwrap_or_default();
        let inner = tail.get(1..=name.len()).unwrap_or_default();
        if tail.first() == Some(&b'/') && inner.eq_ignore_ascii_case(name.as_bytes()) {
            return i;
        }
        at = i + 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_page_is_parsed_whole() {
        let page = "<p>a<p>b<ul><li>c<li>d</ul><script>'<div>'</script>".repeat(2_000);
        assert_eq!(parsable(&page), page.len());
        let commented = "<!-- <div> -->".repeat(2_000);
        assert_eq!(parsable(&commented), commented.len());
        let svg = format!("<svg>{}</svg>", "<path d='M0'/>".repeat(2_000));
        assert_eq!(parsable(&svg), svg.len());
    }

    #[test]
    fn nesting_is_cut_and_stray_end_tags_do_not_hide_it() {
        assert!(parsable(&"<div>".repeat(5_000)) < 4_000);
        assert!(parsable(&"<div></x>".repeat(5_000)) < 8_000);
        assert!(parsable(&"<x/>".repeat(5_000)) < 4_000);
        assert!(parsable(&format!("<g><svg></g>{}", "<path/>".repeat(5_000))) < 5_000);
        assert!(parsable(&"<b id=1><p></p>".repeat(5_000)) < 12_000);
    }

    #[test]
    fn a_tag_with_thousands_of_attributes_ends_the_page() {
        let page = format!("<p>a</p><a {}>", "b ".repeat(5_000));
        assert_eq!(parsable(&page), 8);
        let glued = format!("<p>a</p><a {}>", "b='1'".repeat(5_000));
        assert_eq!(parsable(&glued), 8);
    }
}
