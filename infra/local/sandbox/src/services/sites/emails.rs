//! The ways in which pages write e-mail addresses.

use crate::town::EmailForm;

/// The address as HTML; empty for [`EmailForm::JsonLd`], which is not in the text.
pub(super) fn html(address: &str, form: EmailForm) -> String {
    let (name, host) = address.split_once('@').unwrap_or((address, ""));
    match form {
        EmailForm::Mailto => {
            format!("<a href=\"mailto:{address}?subject=Website\">{address}</a>")
        }
        EmailForm::Plain => address.to_owned(),
        EmailForm::JsonLd => String::new(),
        EmailForm::AtDot => format!("{name} [at] {}", host.replace('.', " [dot] ")),
        EmailForm::ParenthesisedAt => format!("{name}(at){host}"),
        EmailForm::CloudflareLink => format!(
            "<a href=\"/cdn-cgi/l/email-protection#{}\">[email&#160;protected]</a>",
            cloudflare(address, 0x5a)
        ),
        EmailForm::CloudflareSpan => format!(
            "<span class=\"__cf_email__\" data-cfemail=\"{}\">[email&#160;protected]</span>",
            cloudflare(address, 0x1f)
        ),
    }
}

/// Cloudflare's encoding: a key byte in hexadecimal, then every byte combined with it by XOR.
fn cloudflare(address: &str, key: u8) -> String {
    let bytes = address.bytes().map(|byte| byte ^ key);
    std::iter::once(key)
        .chain(bytes)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloudflare_decodes_as_its_script_does() {
        let hex = cloudflare("hello@smile.example", 0x5a);
        let digits: Vec<u32> = hex
            .chars()
            .map(|digit| digit.to_digit(16).unwrap())
            .collect();
        let bytes: Vec<u8> = digits
            .chunks(2)
            .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
            .collect();
        let decoded: Vec<u8> = bytes[1..].iter().map(|byte| byte ^ bytes[0]).collect();
        assert_eq!(String::from_utf8(decoded).unwrap(), "hello@smile.example");
    }
}
