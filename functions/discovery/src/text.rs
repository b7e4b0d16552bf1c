//! Texts made comparable: case, accents, punctuation and plural endings do not count.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Lower case without Latin, Greek and Cyrillic accents, compatibility forms unified, words
/// separated by one space. Marks of other scripts (Indic vowel signs, Japanese voicing marks)
/// carry meaning and stay.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let stripped: String = text
        .nfkd()
        .filter(|c| !matches!(*c, '\u{0300}'..='\u{036F}'))
        .nfc()
        .collect();
    for c in stripped.chars().flat_map(char::to_lowercase) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            '\'' | '’' | '‘' | '`' | '´' => {}
            // `İ` lower-cases to `i` and U+0307.
            '\u{0300}'..='\u{036F}' => {}
            c if c.is_alphanumeric() || is_combining_mark(c) => folded.push(c),
            _ if folded.ends_with(' ') || folded.is_empty() => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// A word without its English plural ending. Applied to both sides of a comparison, so it need not
/// be a dictionary form: `dentists` and `dentist` meet, `bus` stays.
fn stem(word: &str) -> String {
    if !word.is_ascii() || word.len() < 4 {
        return word.to_owned();
    }
    if let Some(start) = word.strip_suffix("ies") {
        return format!("{start}y");
    }
    for ending in ["sses", "xes", "ches", "shes"] {
        if word.ends_with(ending) {
            return word.strip_suffix("es").unwrap_or(word).to_owned();
        }
    }
    let singular = |end: &str| word.ends_with(end);
    if singular("ss") || singular("us") || singular("is") || !singular("s") {
        return word.to_owned();
    }
    word.strip_suffix('s').unwrap_or(word).to_owned()
}

/// [`fold`], and each word without its plural ending.
pub(crate) fn fold_words(text: &str) -> String {
    let folded = fold(text);
    let stems: Vec<String> = folded.split(' ').map(stem).collect();
    stems.join(" ")
}

/// Whether `phrase` stands in `text` as whole words; both folded. A phrase in a script that writes
/// without spaces may stand anywhere, and a long Latin word may end or begin a compound
/// (`apotheke` in `rupertusapotheke`).
pub(crate) fn holds_phrase(text: &str, phrase: &str) -> bool {
    if phrase.is_empty() {
        return false;
    }
    if phrase.chars().any(is_unspaced) {
        return text.contains(phrase);
    }
    if format!(" {text} ").contains(&format!(" {phrase} ")) {
        return true;
    }
    let compound = !phrase.contains(' ') && phrase.chars().count() >= 6;
    compound
        && text
            .split(' ')
            .any(|word| word.ends_with(phrase) || word.starts_with(phrase))
}

/// Whether `phrase` stands in `text` as whole words, without compounds; both folded.
pub(crate) fn holds_words(text: &str, phrase: &str) -> bool {
    !phrase.is_empty() && format!(" {text} ").contains(&format!(" {phrase} "))
}

/// Chinese, Japanese and Thai letters: these scripts write without spaces.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0E7F}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}')
}

/// Trimmed, inner white space and control characters collapsed to one space, NFC. Every script
/// stays as it is.
pub(crate) fn tidy(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words.join(" ").nfc().collect()
}

/// At most `count` characters, with an ellipsis where something was cut.
pub(crate) fn cut(text: &str, count: usize) -> String {
    if text.chars().count() <= count {
        return text.to_owned();
    }
    let kept = text.chars().take(count.saturating_sub(1));
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_punctuation_do_not_count() {
        for (text, folded) in [
            ("  Zahnärzte ", "zahnarzte"),
            ("Café-Bar “Zum Löwen”", "cafe bar zum lowen"),
            ("Doctor's", "doctors"),
            ("İstanbul", "istanbul"),
            ("Hà Nội", "ha noi"),
            ("Łódź Straße", "lodz strasse"),
            ("ｶﾌｪ", "カフェ"),
            ("दंत चिकित्सक", "दंत चिकित्सक"),
            ("—", ""),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn plurals_meet_their_singular() {
        for (a, b) in [
            ("dentists", "dentist"),
            ("pharmacies", "pharmacy"),
            ("law offices", "law office"),
            ("businesses", "business"),
            ("churches", "church"),
        ] {
            assert_eq!(fold_words(a), fold_words(b));
        }
        assert_eq!(fold_words("bus"), "bus");
        assert_eq!(fold_words("yoga glass tennis"), "yoga glass tennis");
    }

    #[test]
    fn phrases_are_whole_words_compounds_or_unspaced() {
        assert!(holds_phrase("rupertusapotheke", "apotheke"));
        assert!(holds_phrase("松屋 牛丼店", "牛丼"));
        assert!(holds_phrase("the law firm of x", "law firm"));
        assert!(!holds_phrase("barbara shoes", "bar"));
        assert!(!holds_phrase("lawn firma", "law firm"));
        assert!(!holds_words("rupertusapotheke", "apotheke"));
    }

    #[test]
    fn a_name_keeps_its_script() {
        assert_eq!(
            tidy("  Zahnarzt\t\u{0}Dr.\nA\u{0308}rzt "),
            "Zahnarzt Dr. Ärzt"
        );
        assert_eq!(tidy("すき家　松屋"), "すき家 松屋");
        assert_eq!(cut("abcdef", 4), "abc…");
    }
}
