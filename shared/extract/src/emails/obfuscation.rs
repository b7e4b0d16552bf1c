//! Addresses that are hidden from simple robots.

use crate::pattern::pattern;

/// Decodes Cloudflare's `data-cfemail`: hexadecimal, each byte XORed with the first.
pub(super) fn cloudflare(code: &str) -> Option<String> {
    let code = code.trim();
    if code.len() < 4 || code.len() > 600 || !code.len().is_multiple_of(2) {
        return None;
    }
    let bytes: Vec<u8> = code
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect::<Option<_>>()?;
    let (key, rest) = bytes.split_first()?;
    String::from_utf8(rest.iter().map(|b| b ^ key).collect()).ok()
}

/// Decodes `%40` and the like; what is not an escape stays.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        let mut ahead = bytes.clone();
        let pair = (b == b'%').then(|| (ahead.next(), ahead.next()));
        let digit = |d: Option<u8>| d.and_then(|d| char::from(d).to_digit(16));
        match pair.map(|(high, low)| (digit(high), digit(low))) {
            Some((Some(high), Some(low))) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                bytes = ahead;
            }
            _ => out.push(b),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

pattern!(
    TYPO3,
    r#"(?i)linkTo_?UnCryptMailto\(\s*(?:'|"|%27|&#39;|&quot;)([^'")]{5,300}?)(?:'|"|%27)"#
);

/// Decodes TYPO3's `linkTo_UnCryptMailto('…')`: three ranges of characters, each rotated by the
/// same offset (TYPO3 `encryptEmail`).
pub(super) fn typo3(script: &str) -> Option<String> {
    let code = percent_decoded(TYPO3.captures(script)?.get(1)?.as_str());
    (1..=25_u8)
        .flat_map(|offset| [rotated(&code, offset, true), rotated(&code, offset, false)])
        // Some versions escape the dots.
        .find_map(|plain| plain.strip_prefix("mailto:").map(|a| a.replace('\\', "")))
}

fn rotated(code: &str, offset: u8, back: bool) -> String {
    let turn = |b: u8, first: u8, last: u8| {
        let size = last - first + 1;
        let step = if back {
            size - offset % size
        } else {
            offset % size
        };
        first + (b - first + step) % size
    };
    code.bytes()
        .map(|b| {
            char::from(match b {
                0x2B..=0x3A => turn(b, 0x2B, 0x3A),
                0x40..=0x5A => turn(b, 0x40, 0x5A),
                0x61..=0x7A => turn(b, 0x61, 0x7A),
                _ => b,
            })
        })
        .collect()
}

pattern!(
    BRACKETED,
    r"(?i)([a-z0-9][a-z0-9._+-]{0,63})\s{0,3}(?:[\[({<]\s{0,2}(?:at|ät|aet|@|et|arroba|chiocciola|klammeraffe|a)\s{0,2}[\])}>]|\s(?:ät|\*at\*)\s|＠|-at-)\s{0,3}([a-z0-9äöü][a-z0-9äöü-]{0,62}(?:(?:\.|\s{0,2}[\[({<]\s{0,2}(?:dot|punkt|point|punto|ponto|\.)\s{0,2}[\])}>]\s{0,2}|\s(?:dot|punkt|punto)\s|-dot-)[a-z0-9äöü][a-z0-9äöü-]{0,62}){1,4})"
);
pattern!(
    SPELLED,
    r"(?i)([a-z0-9][a-z0-9._+-]{0,63})\s{1,3}at\s{1,3}([a-z0-9][a-z0-9-]{0,62}(?:\s{1,3}dot\s{1,3}[a-z0-9-]{2,63}){1,3})\b"
);
pattern!(
    DOT,
    r"(?i)\s*[\[({<]\s*(?:dot|punkt|point|punto|ponto|\.)\s*[\])}>]\s*|\s+(?:dot|punkt|punto)\s+|-dot-"
);

/// An address as it was found in text.
pub(super) struct Written {
    pub(super) address: String,
    /// Bytes of the text that it takes up.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Addresses written with `[at]`, `(ät)`, ` at … dot ` and the like.
pub(super) fn spelled(text: &str) -> Vec<Written> {
    let mut found = Vec::new();
    // The forms are rare; looking for their marks first spares most texts the expressions.
    let bracketed = text.contains(['[', '(', '{', '<', '＠', '*'])
        || [" ät ", "-at-", " ÄT "]
            .iter()
            .any(|mark| text.contains(mark));
    let words = [" dot ", " DOT ", " Dot "]
        .iter()
        .any(|mark| text.contains(mark));
    let patterns = [(&*BRACKETED, bracketed), (&*SPELLED, words)];
    for (pattern, _) in patterns.into_iter().filter(|(_, likely)| *likely) {
        for captures in pattern.captures_iter(text) {
            let (Some(whole), Some(local), Some(domain)) =
                (captures.get(0), captures.get(1), captures.get(2))
            else {
                continue;
            };
            let domain = dotted(domain.as_str());
            found.push(Written {
                address: format!("{}@{domain}", local.as_str()),
                start: whole.start(),
                end: whole.end(),
            });
        }
    }
    found
}

fn dotted(domain: &str) -> String {
    let mut out = String::new();
    let mut from = 0;
    while let Some(m) = DOT.find_at(domain, from) {
        out.push_str(domain.get(from..m.start()).unwrap_or_default());
        out.push('.');
        from = m.end();
    }
    out.push_str(domain.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_valid() {
        crate::pattern::build(&[&TYPO3, &BRACKETED, &SPELLED, &DOT]);
    }

    #[test]
    fn cloudflare_codes() {
        let key = 0x5A_u8;
        let code: String = std::iter::once(key)
            .chain("info@praxis.de".bytes().map(|b| b ^ key))
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(cloudflare(&code).as_deref(), Some("info@praxis.de"));
        assert_eq!(cloudflare("5z"), None);
        assert_eq!(cloudflare("5a3"), None);
    }

    #[test]
    fn percent_escapes() {
        assert_eq!(percent_decoded("%69nfo%40x.de%"), "info@x.de%");
    }

    #[test]
    fn typo3_codes() {
        let code = rotated("mailto:info@firma.de", 3, false);
        let script = format!("javascript:linkTo_UnCryptMailto('{code}');");
        assert_eq!(typo3(&script).as_deref(), Some("info@firma.de"));
    }

    #[test]
    fn written_forms() {
        let one = |t: &str| {
            spelled(t)
                .into_iter()
                .map(|w| w.address)
                .collect::<Vec<_>>()
        };
        for text in [
            "Mail: info [at] firma.de",
            "info(at)firma(dot)de",
            "info (ät) firma [punkt] de",
            "info{at}firma.de",
            "info at firma dot de",
            "info[@]firma.de",
            "info＠firma.de",
        ] {
            assert_eq!(one(text), ["info@firma.de"], "{text}");
        }
        assert!(one("Look at firma.de and meet us at noon").is_empty());
    }
}
