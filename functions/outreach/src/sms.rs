//! How many parts a text message takes.
//!
//! GSM 03.38 (3GPP TS 23.038): a message of the 7-bit alphabet holds 160 septets, or 153 per part;
//! characters of the extension table take two septets and are never split. Any other character
//! makes the whole message UCS-2: 70 UTF-16 units, or 67 per part, surrogate pairs never split.

/// The basic 7-bit alphabet.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// The extension table: two septets each.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// How a text message is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// The 7-bit alphabet.
    Gsm7,
    /// Two bytes per UTF-16 unit.
    Ucs2,
}

impl std::fmt::Display for Encoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Gsm7 => "GSM-7",
            Self::Ucs2 => "UCS-2",
        })
    }
}

/// What a text message takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segments {
    /// How it is encoded.
    pub encoding: Encoding,
    /// Septets or UTF-16 units.
    pub units: usize,
    /// Parts that are sent and paid for; 0 for an empty text.
    pub segments: usize,
}

/// Septets of a character, or `None` outside the 7-bit alphabet.
fn septets(c: char) -> Option<usize> {
    if BASIC.contains(c) {
        Some(1)
    } else if EXTENSION.contains(c) {
        Some(2)
    } else {
        None
    }
}

/// Counts the parts of a text message.
#[must_use]
pub fn segments(text: &str) -> Segments {
    let gsm: Option<Vec<usize>> = text.chars().map(septets).collect();
    let (encoding, sizes, single, part) = match gsm {
        Some(sizes) => (Encoding::Gsm7, sizes, 160, 153),
        None => (
            Encoding::Ucs2,
            text.chars().map(char::len_utf16).collect(),
            70,
            67,
        ),
    };
    let units: usize = sizes.iter().sum();
    let segments = if units == 0 {
        0
    } else if units <= single {
        1
    } else {
        parts(&sizes, part)
    };
    Segments {
        encoding,
        units,
        segments,
    }
}

/// Parts of at most `room` units when no character is split.
fn parts(sizes: &[usize], room: usize) -> usize {
    let mut count = 1;
    let mut used = 0;
    for size in sizes {
        if used + size > room {
            count += 1;
            used = 0;
        }
        used += size;
    }
    count
}

/// Replaces typographic signs by their plain forms, so that one curly quote does not turn a message
/// of 160 characters into one of 70. Letters are left alone: a name keeps its spelling.
#[must_use]
pub fn to_gsm7(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '“' | '”' | '„' | '‟' | '«' | '»' | '″' => plain.push('"'),
            '‘' | '’' | '‚' | '‛' | '′' | '`' | '´' => plain.push('\''),
            '–' | '—' | '‐' | '‑' | '‒' | '−' => plain.push('-'),
            '…' => plain.push_str("..."),
            '\u{a0}' | '\u{2009}' | '\u{202f}' | '\u{2003}' | '\t' => plain.push(' '),
            '•' | '·' => plain.push('*'),
            '\u{ad}' | '\u{200b}' | '\u{feff}' | '\u{2060}' => {}
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_vectors() {
        let table: [(&str, usize, Encoding, usize, usize); 13] = [
            ("", 1, Encoding::Gsm7, 0, 0),
            ("a", 160, Encoding::Gsm7, 160, 1),
            ("a", 161, Encoding::Gsm7, 161, 2),
            ("a", 306, Encoding::Gsm7, 306, 2),
            ("a", 307, Encoding::Gsm7, 307, 3),
            ("€", 80, Encoding::Gsm7, 160, 1),
            ("€", 81, Encoding::Gsm7, 162, 2),
            // 153 septets hold 76 extension characters, not 76.5.
            ("€", 153, Encoding::Gsm7, 306, 3),
            ("歯", 70, Encoding::Ucs2, 70, 1),
            ("歯", 71, Encoding::Ucs2, 71, 2),
            ("歯", 134, Encoding::Ucs2, 134, 2),
            ("歯", 135, Encoding::Ucs2, 135, 3),
            // 67 units hold 33 emoji of two units each.
            ("😀", 67, Encoding::Ucs2, 134, 3),
        ];
        for (unit, times, encoding, units, segments_expected) in table {
            let got = segments(&unit.repeat(times));
            let expected = Segments {
                encoding,
                units,
                segments: segments_expected,
            };
            assert_eq!(got, expected, "{unit} × {times}");
        }
    }

    #[test]
    fn one_curly_quote_flips_the_encoding_unless_it_is_replaced() {
        let text = format!("“{}”", "a".repeat(120));
        assert_eq!(segments(&text).segments, 2);
        let plain = segments(&to_gsm7(&text));
        assert_eq!((plain.encoding, plain.segments), (Encoding::Gsm7, 1));
        assert_eq!(to_gsm7("Äöñ – ‘x’…"), "Äöñ - 'x'...");
    }
}
