//! Whether a text is an address that mail can be sent to.

use email_address::{EmailAddress, Options};

/// Whether a text is a mailbox at a domain on the public internet, by RFC 5321 and RFC 5322
/// (`email_address`), less what no business uses and what mail clients and headers trip over:
/// quoted names, address literals, comments, domains without a dot, letters outside ASCII in the
/// name. A domain in its own script must be given in its ASCII form.
///
/// Measured on Dominic Sayers' `isemail` suite: none of its errors is taken, and of what it calls
/// valid all but the mailboxes right below a top-level domain (`test@io`).
#[must_use]
pub fn is_mailbox(address: &str) -> bool {
    let options = Options::default()
        .with_required_tld()
        .without_display_text()
        .without_domain_literal();
    address.is_ascii()
        && !address.contains(|c: char| c == '"' || c.is_whitespace() || c.is_control())
        && EmailAddress::parse_with_options(address, options).is_ok()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, path::Path};

    use quick_xml::{Reader, events::Event};

    use super::is_mailbox;

    #[test]
    fn usual_mistakes_are_no_mailboxes() {
        for good in [
            "a@b.de",
            "first.last+tag@sub.firm.co.uk",
            "o'neil@firm.ie",
            "x@xn--mller-kva.de",
        ] {
            assert!(is_mailbox(good), "{good}");
        }
        for bad in [
            "",
            "@",
            "a",
            "a@",
            "@b.de",
            "a@b",
            "a b@c.de",
            "a@b..de",
            ".a@b.de",
            "a.@b.de",
            "a..b@c.de",
            "a@-b.de",
            "a@b.de.",
            "a@[127.0.0.1]",
            "\"a\"@b.de",
            "a@b.de\r\nBcc: x@y.de",
            "A <a@b.de>",
            "a@b@c.de",
            "(x)a@b.de",
            "ä@b.de",
            "a@müller.de",
        ] {
            assert!(!is_mailbox(bad), "{bad}");
        }
        assert!(!is_mailbox(&format!("{}@b.de", "a".repeat(65))));
        assert!(!is_mailbox(&format!("a@{}.de", "b".repeat(64))));
    }

    /// Address and category of every case. Control characters stand as their pictures, U+2400 on.
    fn cases(xml: &str) -> Vec<(String, String)> {
        let mut reader = Reader::from_str(xml);
        let (mut element, mut cases) = (String::new(), Vec::new());
        let (mut address, mut category) = (String::new(), String::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => {
                    element = start.name().as_ref().to_string();
                    match element.as_str() {
                        "address" => address.clear(),
                        "category" => category.clear(),
                        _ => {}
                    }
                }
                Event::Text(text) => match element.as_str() {
                    "address" => address.push_str(&text),
                    "category" => category.push_str(&text),
                    _ => {}
                },
                Event::GeneralRef(reference) if element == "address" => {
                    match reference.resolve_char_ref() {
                        Ok(Some(c)) => address.push(c),
                        _ => address.push_str(match reference.to_string().as_str() {
                            "amp" => "&",
                            "lt" => "<",
                            "gt" => ">",
                            "quot" => "\"",
                            _ => "'",
                        }),
                    }
                }
                Event::End(end) => {
                    if end.name().as_ref() == "test" {
                        let plain = |c: char| match u32::from(c) {
                            picture @ 0x2400..=0x2420 => char::from_u32(picture - 0x2400).unwrap(),
                            _ => c,
                        };
                        let address = address.chars().map(plain).collect();
                        cases.push((address, category.trim().to_owned()));
                    }
                    element.clear();
                }
                Event::Eof => return cases,
                _ => {}
            }
        }
    }

    #[test]
    fn the_public_suite_is_passed() {
        let suite = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../../shared/realworld/email/isemail/tests.xml");
        let Ok(xml) = fs::read_to_string(&suite) else {
            println!("skipped: {} is not there", suite.display());
            return;
        };
        let mut taken: BTreeMap<String, (u32, u32)> = BTreeMap::new();
        for (address, category) in cases(&xml) {
            let is = is_mailbox(&address);
            let count = taken.entry(category.clone()).or_default();
            *count = (count.0 + u32::from(is), count.1 + 1);
            let expected = match category.as_str() {
                "ISEMAIL_ERR" | "ISEMAIL_CFWS" | "ISEMAIL_DEPREC" => false,
                "ISEMAIL_VALID_CATEGORY" | "ISEMAIL_DNSWARN" => address != "test@io",
                // Allowed by a standard but not everywhere: quoted names, literals, odd domains.
                _ => is,
            };
            assert_eq!(is, expected, "{address:?} {category}");
        }
        println!("taken of all, by category: {taken:?}");
        assert!(taken.values().map(|(_, all)| all).sum::<u32>() > 150);
    }
}
