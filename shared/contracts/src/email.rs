//! E-mail addresses: one type, made where a text comes in. What one part has found, every other can
//! use.

use std::{fmt, str::FromStr};

use idna::{
    AsciiDenyList,
    uts46::{DnsLength, Hyphens, Uts46},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest name before the `@` (RFC 5321 §4.5.3.1.1).
const LOCAL_BYTES_MAX: usize = 64;
/// Longest address: a path of 256 octets with its angle brackets (RFC 5321 §4.5.3.1.3).
pub(crate) const ADDRESS_BYTES_MAX: usize = 254;

/// A mailbox on the public internet, bare, as every mail service takes it: a name of ASCII letters,
/// digits and RFC 5322's other atom characters, with single dots between them; a domain with a dot
/// in its ASCII form (IDNA), in lower case. Quoted names, comments, address literals and names in
/// other scripts are refused: no business uses them, and headers and mail clients trip over them.
///
/// ```
/// let address: hunter_contracts::EmailAddress = "Praxis@Müller.de".parse()?;
/// assert_eq!(address.as_str(), "Praxis@xn--mller-kva.de");
/// # Ok::<(), hunter_contracts::EmailAddressError>(())
/// ```
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", inline, extend("format" = "email", "maxLength" = ADDRESS_BYTES_MAX))]
pub struct EmailAddress(String);

/// Why a text is not an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no e-mail address: {problem}", value.escape_debug())]
pub struct EmailAddressError {
    /// What was given, cut to 100 characters.
    pub value: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl EmailAddress {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`, as it was written.
    #[must_use]
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// The domain, in lower case and in its ASCII form.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// What addresses are compared by: a mail host may tell `Ana@` from `ana@`, and none does.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

fn checked(text: &str) -> Result<String, &'static str> {
    let (local, domain) = text.rsplit_once('@').ok_or("it has no `@`")?;
    if !(1..=LOCAL_BYTES_MAX).contains(&local.len()) {
        return Err("1 to 64 characters stand before the `@`");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let is_atom = |part: &str| !part.is_empty() && part.chars().all(plain);
    if !local.split('.').all(is_atom) {
        return Err(
            "before the `@` stand letters and digits of ASCII, and single dots between them",
        );
    }
    let domain = Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        )
        .map_err(|_| "what stands behind the `@` is no domain")?;
    let (_, top) = domain.rsplit_once('.').ok_or("its domain has no dot")?;
    if top.len() < 2 || top.bytes().all(|b| b.is_ascii_digit()) {
        return Err("its domain does not end as domains do");
    }
    let address = format!("{local}@{domain}");
    if address.len() > ADDRESS_BYTES_MAX {
        return Err("it is longer than 254 characters");
    }
    Ok(address)
}

impl FromStr for EmailAddress {
    type Err = EmailAddressError;
    fn from_str(text: &str) -> Result<Self, EmailAddressError> {
        let text = text.trim();
        checked(text)
            .map(Self)
            .map_err(|problem| EmailAddressError {
                value: text.chars().take(100).collect(),
                problem,
            })
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = EmailAddressError;
    fn try_from(text: String) -> Result<Self, EmailAddressError> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> Option<String> {
        text.parse::<EmailAddress>().ok().map(String::from)
    }

    #[test]
    fn what_a_mail_service_takes_is_an_address() {
        for (text, address) in [
            ("a@b.de", "a@b.de"),
            (" a@b.de\n", "a@b.de"),
            ("Info@Firma.DE", "Info@firma.de"),
            (
                "first.last+tag@sub.firm.co.uk",
                "first.last+tag@sub.firm.co.uk",
            ),
            ("o'neil@firm.ie", "o'neil@firm.ie"),
            ("info@zahnarzt-müller.de", "info@xn--zahnarzt-mller-psb.de"),
            ("info@ZAHNARZT-MÜLLER.de", "info@xn--zahnarzt-mller-psb.de"),
            ("x@xn--mller-kva.de", "x@xn--mller-kva.de"),
            ("x@пример.рф", "x@xn--e1afmkfd.xn--p1ai"),
            ("!#$%&'*+-/=?^_`{|}~@b.de", "!#$%&'*+-/=?^_`{|}~@b.de"),
            ("a@3com.com", "a@3com.com"),
            ("admin@localhost.localdomain", "admin@localhost.localdomain"),
        ] {
            assert_eq!(parsed(text).as_deref(), Some(address), "{text}");
        }
        let longest = format!(
            "{}@{}.{}.de",
            "a".repeat(64),
            "b".repeat(63),
            "c".repeat(63)
        );
        assert_eq!(parsed(&longest), Some(longest.clone()));
    }

    #[test]
    fn what_no_mail_service_takes_is_refused() {
        for bad in [
            "",
            "@",
            "a",
            "a@",
            "@b.de",
            "a@b",
            "name@localhost",
            "a b@c.de",
            "a@b c.de",
            "a@b..de",
            "a@.de",
            ".a@b.de",
            "a.@b.de",
            "a..b@c.de",
            "a@-b.de",
            "a@b-.de",
            "a@b_c.de",
            "a@b.de.",
            "a@b.c",
            "a@1.2",
            "a@127.0.0.1",
            "a@[127.0.0.1]",
            "\"a\"@b.de",
            "\"a b\"@c.de",
            "(x)a@b.de",
            "A <a@b.de>",
            "<a@b.de>",
            "mailto:a@b.de",
            "group:a@b.de",
            "a@b@c.de",
            "a@b.de,c@d.de",
            "a@b.de;c@d.de",
            "a@b.de, c@d.de",
            "a@b.de\r\nBcc: x@y.de",
            "a\n@b.de",
            "a@b.de\u{0}",
            "a\u{7f}@b.de",
            "a\u{202e}@b.de",
            "ä@b.de",
            "a@b.de/x",
            "a@b.de?subject=x",
        ] {
            assert_eq!(parsed(bad), None, "{bad:?}");
        }
        for long in [
            format!("{}@b.de", "a".repeat(65)),
            format!("a@{}.de", "b".repeat(64)),
            format!(
                "{}@{}.{}.{}.de",
                "a".repeat(62),
                "b".repeat(63),
                "c".repeat(63),
                "d".repeat(63)
            ),
        ] {
            assert_eq!(parsed(&long), None, "{long}");
        }
    }

    #[test]
    fn an_error_says_what_is_wrong_and_breaks_no_line() {
        let error = serde_json::from_str::<EmailAddress>(r#""ana@firm\nBcc: b@c.de""#);
        assert_eq!(
            error.unwrap_err().to_string(),
            "`ana@firm\\nBcc: b@c.de` is no e-mail address: before the `@` stand letters and \
             digits of ASCII, and single dots between them"
        );
        let long = "x".repeat(10_000).parse::<EmailAddress>().unwrap_err();
        assert_eq!((long.value.len(), long.problem), (100, "it has no `@`"));
    }

    #[test]
    fn parts_and_key() {
        let address: EmailAddress = "Ana.B+x@Firm.co.UK".parse().unwrap();
        assert_eq!(
            (address.local(), address.domain()),
            ("Ana.B+x", "firm.co.uk")
        );
        assert_eq!(address.key(), "ana.b+x@firm.co.uk");
    }

    proptest! {
        #[test]
        fn an_address_parses_to_itself(
            text in r"[a-zA-Z0-9._%+'ü-]{1,12}@[a-zA-Z0-9.üß-]{1,12}\.(de|COM|рф|png|x)"
        ) {
            if let Ok(address) = text.parse::<EmailAddress>() {
                prop_assert_eq!(&address.as_str().parse::<EmailAddress>().unwrap(), &address);
                prop_assert!(address.as_str().is_ascii());
                let json = serde_json::to_string(&address).unwrap();
                prop_assert_eq!(serde_json::from_str::<EmailAddress>(&json).unwrap(), address);
            }
        }

        #[test]
        fn no_text_becomes_a_header_or_two_addresses(text in "\\PC{0,8}@?\\PC{0,8}[@\r\n,; ]?\\PC{0,8}") {
            if let Ok(address) = text.parse::<EmailAddress>() {
                let shown = address.as_str();
                prop_assert!(!shown.contains(|c: char| c.is_whitespace() || c.is_control()));
                prop_assert!(!shown.contains([',', ';', '<', '>', '"', ':', '(', ')', '\\']));
                prop_assert_eq!(shown.matches('@').count(), 1);
            }
        }
    }
}
