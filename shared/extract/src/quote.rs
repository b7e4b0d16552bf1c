//! Text as it is shown to people: whitespace collapsed, harmless, short.

/// Most characters of an evidence quote or a fact's value.
pub(crate) const QUOTE_CHARS_MAX: usize = 300;

/// Characters that a reader cannot see and that may carry hidden instructions or break a line:
/// controls, zero-width and direction marks, the Unicode tag block, noncharacters.
fn is_unseen(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c,
            '\u{00AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}' | '\u{FFFE}'
            | '\u{FFFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Collapses runs of white space to one space, trims, and leaves out unseen characters.
pub(crate) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars().filter(|c| !is_unseen(*c)) {
        if c.is_whitespace() {
            gap = true;
            continue;
        }
        if gap && !out.is_empty() {
            out.push(' ');
        }
        gap = false;
        out.push(c);
    }
    out
}

/// [`tidy`], cut to [`QUOTE_CHARS_MAX`] characters at a word's end where there is one.
pub(crate) fn short(text: &str) -> String {
    cut(&tidy(text), QUOTE_CHARS_MAX)
}

/// The first `max` characters, ending at a space where one is near.
pub(crate) fn cut(text: &str, max: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(max) else {
        return text.to_owned();
    };
    let head = text.get(..end).unwrap_or_default();
    match head.rfind(' ') {
        Some(space) if space > end / 2 => head.get(..space).unwrap_or(head).to_owned(),
        _ => head.to_owned(),
    }
}

/// The part of `text` around the bytes `start..end`, tidied, at most [`QUOTE_CHARS_MAX`]
/// characters, whole words where possible.
pub(crate) fn around(text: &str, start: usize, end: usize) -> String {
    const REACH: usize = 110;
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    let from = before.char_indices().rev().nth(REACH).map_or(0, |(i, _)| {
        let rest = before.get(i..).unwrap_or_default();
        i + rest.find(char::is_whitespace).unwrap_or(0)
    });
    let to = after
        .char_indices()
        .nth(REACH)
        .map_or(text.len(), |(i, _)| {
            let part = after.get(..i).unwrap_or_default();
            end + part.rfind(char::is_whitespace).unwrap_or(i)
        });
    short(text.get(from..to).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unseen_characters_are_left_out() {
        assert_eq!(tidy(" a\u{200B}b\u{E0041}\u{0007}\n\t c\u{202E} "), "ab c");
    }

    #[test]
    fn quotes_are_short_and_end_at_words() {
        let long = "word ".repeat(200);
        let quote = short(&long);
        assert!(quote.chars().count() <= QUOTE_CHARS_MAX);
        assert!(quote.ends_with("word"));
    }

    #[test]
    fn around_keeps_the_middle_and_survives_wide_characters() {
        let text = format!("{}info@x.de{}", "äöü ".repeat(100), " 日本".repeat(100));
        let start = text.find("info").unwrap();
        let quote = around(&text, start, start + 9);
        assert!(quote.contains("info@x.de"));
        assert!(quote.chars().count() <= QUOTE_CHARS_MAX);
    }
}
