//! What a log line must not say. The first rule is not to log what was sent; this is the second
//! one, for messages about bad input, which quote it.

/// Characters of a value that a line carries.
const CHARACTERS_MAX: usize = 500;
/// What stands for what was left out.
const BLOT: char = '…';

/// A text without what it quotes, without e-mail addresses, and cut.
///
/// - Between double quotation marks stands what serde (and `{:?}`) quotes: nothing of it is kept.
/// - Between backticks stands a name or what somebody sent: kept when it looks like a name (letters,
///   digits and `_ - . : / [ ] * # =`, at most 200).
/// - Elsewhere an e-mail address becomes `…@…`.
pub(crate) fn redact(text: &str) -> String {
    let text = without_quoted(text);
    let text = without_text_in_backticks(&text);
    let text = without_addresses(&text);
    if text.chars().count() <= CHARACTERS_MAX {
        return text;
    }
    text.chars().take(CHARACTERS_MAX).chain([BLOT]).collect()
}

fn without_quoted(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut inside = false;
    let mut escaped = false;
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => {
                kept.push('"');
                if !inside {
                    kept.push(BLOT);
                }
                inside = !inside;
            }
            _ if inside => {}
            c => kept.push(c),
        }
    }
    kept
}

fn without_text_in_backticks(text: &str) -> String {
    let is_name = |part: &str| {
        part.chars().count() <= 200
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-.:/[]*#=".contains(c))
    };
    // Every second part stands between two backticks; a last one that no backtick ends is judged
    // like the others.
    let parts = text.split('`').enumerate().map(|(index, part)| {
        if index % 2 == 0 || is_name(part) {
            part.to_owned()
        } else {
            BLOT.to_string()
        }
    });
    parts.collect::<Vec<_>>().join("`")
}

fn without_addresses(text: &str) -> String {
    let local = |c: char| c.is_alphanumeric() || "._%+-'".contains(c);
    let domain = |c: char| c.is_alphanumeric() || ".-".contains(c);
    let mut parts = text.split('@');
    let mut head = parts.next().unwrap_or_default();
    let mut kept = String::with_capacity(text.len());
    for next in parts {
        let before = head.trim_end_matches(local);
        let after = next.trim_start_matches(domain);
        if before.len() < head.len() && after.len() < next.len() {
            kept.push_str(before);
            kept.extend([BLOT, '@', BLOT]);
            head = after;
        } else {
            kept.push_str(head);
            kept.push('@');
            head = next;
        }
    }
    kept.push_str(head);
    kept
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn what_was_sent_is_not_said() {
        for (text, expected) in [
            (
                "`payload.leads[0].emails`: invalid type: string \"Hi \\\"Raj\\\", a@b.in\", expected a sequence",
                "`payload.leads[0].emails`: invalid type: string \"…\", expected a sequence",
            ),
            (
                "`to` is `rajesh@apollo-dental.com`: name one",
                "`to` is `…`: name one",
            ),
            (
                "`tone` is `Hi there`: use another",
                "`tone` is `…`: use another",
            ),
            (
                "mail for rajesh.k+x@apollo-dental.com, or bob@x.",
                "mail for …@…, or …@…",
            ),
            (
                "environment variable `HUNTER_TABLE` is not set: it begins with `https://`",
                "environment variable `HUNTER_TABLE` is not set: it begins with `https://`",
            ),
            ("cut \"off here", "cut \"…"),
            ("cut `off here", "cut `…"),
            ("2 @ 3, @home, a@ b", "2 @ 3, @home, a@ b"),
        ] {
            assert_eq!(redact(text), expected);
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let cut = redact(&"ü".repeat(600));
        assert_eq!(cut.chars().count(), 501);
    }
}
