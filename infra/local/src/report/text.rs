//! Text for a terminal: cut between words, wrapped below an indent, on one line.

use textwrap::{Options, WordSplitter, core::display_width};

/// Columns that running text takes.
const WIDTH: usize = 110;

/// Cuts a text to so many columns, after a whole word where the first one fits.
#[must_use]
pub(super) fn cut(text: &str, columns: usize) -> String {
    let text = one_line(text);
    if display_width(&text) <= columns {
        return text;
    }
    let room = columns.saturating_sub(1);
    let mut words = textwrap::wrap(&text, plain(room));
    let kept = if words.is_empty() {
        String::new()
    } else {
        words.swap_remove(0).into_owned()
    };
    format!("{}…", kept.trim_end_matches([' ', ',', ';', ':']))
}

/// Lines become parts of one line.
#[must_use]
pub(super) fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text
        .split(['\n', '\r'])
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join(" / ")
}

/// A text as lines below each other: the first one after `first`, the others after `rest`; each
/// with a line break at its end.
#[must_use]
pub(super) fn wrapped(first: &str, rest: &str, text: &str) -> String {
    let options = plain(WIDTH).initial_indent(first).subsequent_indent(rest);
    textwrap::wrap(text, options)
        .iter()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

/// Hyphens are no place to break: addresses and web sites hold them.
fn plain<'a>(columns: usize) -> Options<'a> {
    Options::new(columns).word_splitter(WordSplitter::NoHyphenation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_never_ends_inside_a_word_that_fits() {
        for (text, columns, expected) in [
            ("short", 10, "short"),
            ("Gokhale & Khan, Dental Clinic", 16, "Gokhale & Khan…"),
            ("Donaudampfschifffahrt", 8, "Donauda…"),
            ("one\ntwo three", 8, "one /…"),
            ("歯科医院 東京", 9, "歯科医院…"),
        ] {
            assert_eq!(cut(text, columns), expected, "{text} {columns}");
        }
    }

    #[test]
    fn lines_become_one_and_long_ones_wrap_below_their_indent() {
        assert_eq!(
            one_line("Best regards,\r\nMira\n\n"),
            "Best regards, / Mira"
        );
        let text = wrapped("- ", "  ", &"word ".repeat(40));
        assert!(text.starts_with("- word"), "{text}");
        assert!(
            text.lines().skip(1).all(|l| l.starts_with("  word")),
            "{text}"
        );
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
    }
}
