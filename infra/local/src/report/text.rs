//! Text for a terminal: wrapped below an indent, on one line.

use textwrap::{Options, WordSplitter};

/// Columns that everything fits into.
const WIDTH: usize = 80;

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
pub(crate) fn wrapped(first: &str, rest: &str, text: &str) -> String {
    if text.is_empty() {
        return format!("{}\n", first.trim_end());
    }
    // Hyphens are no place to break: addresses and web sites hold them.
    let options = Options::new(WIDTH)
        .word_splitter(WordSplitter::NoHyphenation)
        .initial_indent(first)
        .subsequent_indent(rest);
    textwrap::wrap(text, options)
        .iter()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(wrapped("  head  ", "", ""), "  head\n");
    }
}
