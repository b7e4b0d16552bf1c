//! The words of a text, and the text with what is known of it masked.

/// Stands for a quotation.
pub(crate) const QUOTE: char = '\u{1}';
/// Stands for a name that we gave.
pub(crate) const NAME: char = '\u{2}';
/// Stands for a day of the fact.
pub(crate) const DATE: char = '\u{3}';

/// A word, a number, or one of the signs above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// As it stands.
    pub(crate) text: String,
    /// In lower case.
    pub(crate) lower: String,
}

impl Token {
    fn of(text: String) -> Self {
        Self {
            lower: text.to_lowercase(),
            text,
        }
    }

    /// Whether it holds a digit of any script.
    pub(crate) fn is_number(&self) -> bool {
        self.text.chars().any(char::is_numeric)
    }

    /// Whether it stands for something that was masked.
    pub(crate) fn is_mask(&self) -> bool {
        self.text.starts_with([QUOTE, NAME, DATE])
    }
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)
}

/// The words and numbers of a text. A number keeps its decimal signs, and a `+` or `%` after it.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut word = String::new();
    for (at, &c) in chars.iter().enumerate() {
        let digit = |at: Option<usize>| {
            at.and_then(|a| chars.get(a))
                .is_some_and(|c| c.is_numeric())
        };
        let (before, after) = (digit(at.checked_sub(1)), digit(at.checked_add(1)));
        let decimal = matches!(c, '.' | ',') && before && after;
        if in_word(c) || decimal || (matches!(c, '+' | '%') && before) {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            found.push(Token::of(std::mem::take(&mut word)));
        }
        if matches!(c, QUOTE | NAME | DATE) {
            found.push(Token::of(c.to_string()));
        }
    }
    if !word.is_empty() {
        found.push(Token::of(word));
    }
    found
}

/// The text with a sign in place of its quotations, and those. Curly, low, angle and straight
/// double marks are understood.
///
/// # Errors
/// When a quotation is opened or closed alone.
pub(crate) fn without_quotes(text: &str) -> Result<(String, Vec<String>), String> {
    let (mut rest, mut quotes) = (String::new(), Vec::new());
    let mut tail = text;
    while let Some((at, open)) = tail.char_indices().find(|(_, c)| "“„«\"".contains(*c)) {
        let (before, after) = tail.split_at(at);
        let inside = after.trim_start_matches(open);
        let ends: &[char] = match open {
            '“' => &['”'],
            '„' => &['“', '”'],
            '«' => &['»'],
            _ => &['"'],
        };
        let end = inside
            .find(ends)
            .ok_or_else(|| "a quotation is not closed".to_owned())?;
        let (quote, closing) = inside.split_at(end);
        rest.push_str(before);
        rest.extend([' ', QUOTE, ' ']);
        quotes.push(quote.trim().to_owned());
        tail = closing
            .get(closing.chars().next().map_or(0, char::len_utf8)..)
            .unwrap_or_default();
    }
    rest.push_str(tail);
    if rest.contains(['”', '»']) {
        return Err("a quotation is closed but not opened".to_owned());
    }
    Ok((rest, quotes))
}

/// The text with a sign in place of every whole occurrence of a name, as it is written.
pub(crate) fn mask_name(text: &str, name: &str) -> String {
    mask(text, name, NAME, |_, _| true)
}

/// The text with a sign in place of every whole occurrence of a part that `may` be masked between
/// what stands before and after it.
pub(crate) fn mask(text: &str, part: &str, sign: char, may: impl Fn(&str, &str) -> bool) -> String {
    if part.trim().is_empty() {
        return text.to_owned();
    }
    let mut masked = String::new();
    let mut from = 0;
    for (at, found) in text.match_indices(part) {
        let end = at.saturating_add(found.len());
        let (before, after) = (text.get(..at), text.get(end..));
        let (Some(before), Some(after)) = (before, after) else {
            continue;
        };
        let bounded = |c: Option<char>| !c.is_some_and(in_word);
        let alone = bounded(before.chars().next_back()) && bounded(after.chars().next());
        if alone && may(before, after) {
            masked.push_str(text.get(from..at).unwrap_or_default());
            masked.extend([' ', sign, ' ']);
            from = end;
        }
    }
    masked.push_str(text.get(from..).unwrap_or_default());
    masked
}

/// Endings that one word may have and another not without meaning something else.
const ENDINGS: [&str; 6] = ["s", "es", "e", "n", "en", "x"];

/// Whether two words in lower case are the same but for the ending of a plural or case.
pub(crate) fn same_word(a: &str, b: &str) -> bool {
    let longer = |long: &str, short: &str| {
        let rest = long.strip_prefix(short);
        short.chars().count() >= 4
            && short.chars().all(char::is_alphabetic)
            && rest.is_some_and(|rest| ENDINGS.contains(&rest))
    };
    a == b || longer(a, b) || longer(b, a)
}

/// Where a row of words stands in another, word for word but for endings: the first position.
pub(crate) fn position_of(words: &[Token], within: &[Token]) -> Option<usize> {
    let size = words.len();
    within.windows(size.max(1)).position(|window| {
        !words.is_empty()
            && window
                .iter()
                .zip(words)
                .all(|(a, b)| same_word(&a.lower, &b.lower))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn numbers_keep_their_signs() {
        assert_eq!(
            words("4.6 stars, 1,212 of 15+ (20%)."),
            ["4.6", "stars", "1,212", "of", "15+", "20%"]
        );
        assert_eq!(
            words("I'm at St. Mary's"),
            ["I", "m", "at", "St", "Mary", "s"]
        );
    }

    #[test]
    fn quotations_of_all_kinds_are_found() {
        for text in [
            "a “b c” d",
            "a „b c“ d",
            "a „b c” d",
            "a « b c » d",
            "a \"b c\" d",
        ] {
            let (rest, quotes) = without_quotes(text).unwrap();
            assert_eq!(quotes, ["b c"], "{text}");
            assert_eq!(words(&rest), ["a", "\u{1}", "d"], "{text}");
        }
        for bad in ["a “b c", "a b” c", "a \"b", "a b» c"] {
            assert!(without_quotes(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn endings_are_tolerated_and_names_are_whole() {
        assert!(same_word("implants", "implant") && same_word("help", "helps"));
        assert!(!same_word("cat", "cats") && !same_word("helped", "help"));
        assert_eq!(
            mask_name("Apollo Dentals", "Apollo Dental"),
            "Apollo Dentals"
        );
        assert!(mask_name("at Apollo Dental’s", "Apollo Dental").contains(NAME));
    }
}
