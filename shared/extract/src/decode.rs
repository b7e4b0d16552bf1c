//! Bytes to text.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::pattern::pattern;

/// How far into a body a declaration of its encoding is looked for, bytes.
const DECLARATION_BYTES: usize = 8192;

/// Text with the encoding that it was read in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// The encoding's name, as in `UTF-8` or `windows-1252`.
    pub encoding: &'static str,
    /// Whether some bytes did not belong to that encoding.
    pub lossy: bool,
}

pattern!(
    META_CHARSET,
    r#"(?i)(?:<meta[^>]{0,300}?charset|<\?xml[^>]{0,200}?encoding)\s*=\s*["']?\s*([a-z0-9_:.+-]{2,40})"#
);
pattern!(
    HEADER_CHARSET,
    r#"(?i)charset\s*=\s*["']?\s*([a-z0-9_:.+-]{2,40})"#
);

/// Reads bytes as text. What decides, in this order: a byte order mark, valid UTF-8, the
/// `Content-Type` header, the page's own declaration, statistics (`chardetng`).
///
/// A page that is UTF-8 but for a few bytes stays UTF-8; those bytes are read as windows-1252,
/// which is what such mixtures are in practice.
#[must_use]
pub fn decode(body: &[u8], content_type: Option<&str>) -> Decoded {
    if let Some(decoded) = by_mark(body) {
        return decoded;
    }
    let declared = declared(body, content_type);
    if let Some(decoded) = without_mark(body) {
        return decoded;
    }
    if let Ok(text) = std::str::from_utf8(body) {
        if let Some(encoding) = declared.filter(|e| is_seven_bit(e) && body.contains(&0x1B)) {
            return with(encoding, body);
        }
        return Decoded {
            text: text.to_owned(),
            encoding: UTF_8.name(),
            lossy: false,
        };
    }
    let (valid, invalid) = utf8_share(body);
    let says_utf8 = declared.is_none_or(|e| e == UTF_8);
    if valid > 10 * invalid || (says_utf8 && valid >= invalid) {
        return mixed_utf8(body);
    }
    let guess = guess(body);
    match declared.filter(|e| *e != UTF_8) {
        None => with(guess, body),
        Some(encoding) => {
            let by_word = with(encoding, body);
            if !by_word.lossy {
                return by_word;
            }
            let by_guess = with(guess, body);
            let damage = |d: &Decoded| d.text.matches('\u{FFFD}').count();
            if damage(&by_guess) < damage(&by_word) {
                by_guess
            } else {
                by_word
            }
        }
    }
}

fn is_seven_bit(encoding: &&'static Encoding) -> bool {
    *encoding == encoding_rs::ISO_2022_JP
}

fn with(encoding: &'static Encoding, body: &[u8]) -> Decoded {
    let (text, lossy) = encoding.decode_without_bom_handling(body);
    Decoded {
        text: text.into_owned(),
        encoding: encoding.name(),
        lossy,
    }
}

fn by_mark(body: &[u8]) -> Option<Decoded> {
    if let Some(rest) = body.strip_prefix(&[0xFF, 0xFE, 0, 0]) {
        return Some(utf32(rest, u32::from_le_bytes, "UTF-32LE"));
    }
    if let Some(rest) = body.strip_prefix(&[0, 0, 0xFE, 0xFF]) {
        return Some(utf32(rest, u32::from_be_bytes, "UTF-32BE"));
    }
    let (encoding, length) = Encoding::for_bom(body)?;
    let rest = body.get(length..).unwrap_or_default();
    if encoding == UTF_8 && std::str::from_utf8(rest).is_err() {
        return Some(mixed_utf8(rest));
    }
    Some(with(encoding, rest))
}

/// UTF-16 and UTF-32 without a mark: markup begins with `<` and has zero bytes beside it.
fn without_mark(body: &[u8]) -> Option<Decoded> {
    match body {
        [b'<', 0, 0, 0, ..] => Some(utf32(body, u32::from_le_bytes, "UTF-32LE")),
        [0, 0, 0, b'<', ..] => Some(utf32(body, u32::from_be_bytes, "UTF-32BE")),
        [b'<', 0, _, 0, ..] => Some(with(UTF_16LE, body)),
        [0, b'<', 0, _, ..] => Some(with(UTF_16BE, body)),
        _ => None,
    }
}

fn utf32(body: &[u8], word: fn([u8; 4]) -> u32, name: &'static str) -> Decoded {
    let mut lossy = !body.len().is_multiple_of(4);
    let text = body
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| {
            char::from_u32(word(*b)).unwrap_or_else(|| {
                lossy = true;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect();
    Decoded {
        text,
        encoding: name,
        lossy,
    }
}

/// The encoding that the header, or else the page, declares.
fn declared(body: &[u8], content_type: Option<&str>) -> Option<&'static Encoding> {
    let named = |label: &str| {
        Encoding::for_label_no_replacement(label.as_bytes())
            .filter(|e| *e != encoding_rs::X_USER_DEFINED)
    };
    let header = content_type
        .and_then(|c| HEADER_CHARSET.captures(c))
        .and_then(|c| named(c.get(1)?.as_str()));
    header.or_else(|| {
        let head = body
            .get(..DECLARATION_BYTES.min(body.len()))
            .unwrap_or_default();
        let head = WINDOWS_1252.decode_without_bom_handling(head).0;
        let found = named(META_CHARSET.captures(&head)?.get(1)?.as_str())?;
        // A declaration that could be read byte by byte cannot be UTF-16 (HTML standard, 13.2.3.2).
        Some(if found == UTF_16BE || found == UTF_16LE {
            UTF_8
        } else {
            found
        })
    })
}

fn guess(body: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(body, true);
    detector.guess(None, Utf8Detection::Deny)
}

/// How many multi-byte sequences are valid UTF-8, and how many stretches are not.
fn utf8_share(body: &[u8]) -> (usize, usize) {
    body.utf8_chunks().fold((0, 0), |(valid, invalid), chunk| {
        let wide = chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        (
            valid + wide,
            invalid + usize::from(!chunk.invalid().is_empty()),
        )
    })
}

fn mixed_utf8(body: &[u8]) -> Decoded {
    let mut text = String::with_capacity(body.len());
    let mut lossy = false;
    let mut rest = body.utf8_chunks().peekable();
    while let Some(chunk) = rest.next() {
        text.push_str(chunk.valid());
        // An incomplete last character is where the body was cut, not a foreign byte.
        let cut = rest.peek().is_none() && chunk.invalid().len() > 1;
        if !chunk.invalid().is_empty() {
            lossy = true;
        }
        if !cut {
            text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
        }
    }
    Decoded {
        text,
        encoding: UTF_8.name(),
        lossy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_compile() {
        crate::pattern::build(&[&META_CHARSET, &HEADER_CHARSET]);
    }

    #[test]
    fn a_byte_order_mark_wins_over_the_header() {
        let d = decode(
            b"\xEF\xBB\xBFgr\xC3\xBC\xC3\x9Fe",
            Some("text/html; charset=iso-8859-1"),
        );
        assert_eq!(
            (d.text.as_str(), d.encoding, d.lossy),
            ("grüße", "UTF-8", false)
        );
        let d = decode(b"\xFF\xFE<\0\xE4\0", None);
        assert_eq!((d.text.as_str(), d.encoding), ("<ä", "UTF-16LE"));
        let d = decode(b"\0\0\xFE\xFF\0\0\0<\0\0\0\xE4", None);
        assert_eq!((d.text.as_str(), d.encoding), ("<ä", "UTF-32BE"));
    }

    #[test]
    fn valid_utf8_wins_over_a_wrong_declaration() {
        let d = decode(
            "<meta charset=iso-8859-1>Ærø".as_bytes(),
            Some("text/html;charset=latin1"),
        );
        assert_eq!((d.text.contains("Ærø"), d.encoding), (true, "UTF-8"));
    }

    #[test]
    fn the_header_wins_over_the_page() {
        let d = decode(
            b"<meta charset=utf-8>\xCF\xF0\xE8",
            Some("text/html; charset=windows-1251"),
        );
        assert!(d.text.ends_with("При"), "{}", d.text);
    }

    #[test]
    fn the_page_may_declare_in_meta_or_xml() {
        let d = decode(b"<html><meta http-equiv=Content-Type content='text/html; charset=windows-1250'>za\xBF\xF3\xB3\xE6", None);
        assert!(d.text.ends_with("zażółć"), "{}", d.text);
        let d = decode(b"<?xml version='1.0' encoding='koi8-r'?>\xF0\xD2\xC9", None);
        assert!(d.text.ends_with("При"), "{}", d.text);
    }

    #[test]
    fn undeclared_legacy_text_is_guessed() {
        let d = decode(
            b"Praxis f\xFCr Zahnheilkunde in K\xF6ln, ge\xF6ffnet t\xE4glich",
            None,
        );
        assert_eq!(d.text, "Praxis für Zahnheilkunde in Köln, geöffnet täglich");
    }

    #[test]
    fn stray_bytes_do_not_spoil_utf8() {
        let mut body = "<meta charset=utf-8>Größe für Ärzte ".as_bytes().to_vec();
        body.extend(b"M\xFCnchen");
        let d = decode(&body, None);
        assert!(
            d.text.contains("Größe") && d.text.ends_with("München"),
            "{}",
            d.text
        );
        assert!(d.lossy);
    }

    #[test]
    fn a_character_cut_at_the_end_is_dropped() {
        let d = decode(b"Gr\xC3\xBC\xC3\x9Fe \xE6\x97\xA5\xE6\x97", None);
        assert_eq!((d.text.as_str(), d.encoding), ("Grüße 日", "UTF-8"));
    }

    #[test]
    fn utf16_without_a_mark_and_iso_2022_jp() {
        assert_eq!(decode(b"<\0a\0>\0", None).text, "<a>");
        let d = decode(b"\x1B$BF|K\\\x1B(B", Some("text/html; charset=iso-2022-jp"));
        assert_eq!(d.text, "日本");
    }
}
