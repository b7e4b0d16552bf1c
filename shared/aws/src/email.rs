//! What can be sent as an e-mail.

use hunter_contracts::RecipeFailure;
use hunter_core::ports::Email;

/// Most recipients of one e-mail, as SES has it.
pub const RECIPIENTS_MAX: usize = 50;
/// Longest address, as RFC 5321 has it: a path of 256 octets with its angle brackets.
const ADDRESS_BYTES_MAX: usize = 254;
/// Longest line of a message without its end, as RFC 5322 has it.
const SUBJECT_BYTES_MAX: usize = 998;

/// Refuses what could break out of a header, names no recipients, or is no address.
///
/// # Errors
/// `INVALID_INPUT` naming the field.
pub fn check(email: &Email) -> Result<(), RecipeFailure> {
    let invalid = |message: String| Err(RecipeFailure::invalid_input(message));
    if email.to.is_empty() || email.to.len() > RECIPIENTS_MAX {
        return invalid(format!(
            "`to` holds {} recipients: use 1 to {RECIPIENTS_MAX}",
            email.to.len()
        ));
    }
    if let Some(address) = email.to.iter().find(|address| !is_address(address)) {
        let shown: String = address.chars().take(100).collect();
        return invalid(format!(
            "`to` holds `{}`: that is no e-mail address",
            shown.escape_default()
        ));
    }
    if email.subject.len() > SUBJECT_BYTES_MAX || email.subject.chars().any(char::is_control) {
        return invalid(format!(
            "`subject` holds a line break or control character, or is longer than \
             {SUBJECT_BYTES_MAX} bytes"
        ));
    }
    if email.text.trim().is_empty() {
        return invalid("`text` is empty: every mail has a text, also one with HTML".into());
    }
    Ok(())
}

/// A bare address (`a@b.example`) in ASCII, without quotes, comments or names: SES takes others as
/// several recipients or refuses them.
fn is_address(address: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !r#"()<>[]:;@\,""#.contains(c);
    address.len() <= ADDRESS_BYTES_MAX
        && address.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && local.chars().all(plain)
                && domain.contains('.')
                && domain.split('.').all(|label| !label.is_empty())
                && domain
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bare_addresses_are_recipients() {
        for good in ["a@b.example", "c.d+e@f-g.example", "o'neil@x.co.example"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "@b.example",
            "a@b",
            "a@.example",
            "a@b.example.",
            "a@b@c.example",
            "a b@c.example",
            "A <a@b.example>",
            "a@b.example,c@d.example",
            "a@b.example\r\nBcc: c@d.example",
            "ä@b.example",
            "a@bü.example",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
        assert!(!is_address(&format!("{}@b.example", "a".repeat(250))));
    }
}
