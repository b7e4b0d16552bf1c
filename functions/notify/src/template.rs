//! The customer's own words for an alert.

use hunter_contracts::{ALERT_TEMPLATE_CHARS_MAX, AlertRecord, Severity};

/// Characters of an unknown placeholder that its note repeats.
const NAME_CHARS_MAX: usize = 40;

/// An alert's text from a rule's template, and notes about what could not be used.
///
/// Placeholders are `{title} {message} {suggested_action} {severity} {execution_id}`; what they
/// stand for is not looked through again. A template that is one word only, as in
/// `default_recipe_failure`, names a text of ours instead of being one: there are none but the
/// default yet.
pub(crate) fn render(template: &str, alert: &AlertRecord) -> (Option<String>, Vec<String>) {
    let template = template.trim();
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if template.chars().all(of_name) {
        return (None, Vec::new());
    }
    let length = template.chars().count();
    if length > ALERT_TEMPLATE_CHARS_MAX {
        let note = format!(
            "The template of the alert rule has {length} characters, at most {ALERT_TEMPLATE_CHARS_MAX} are allowed: this is the default text."
        );
        return (None, vec![note]);
    }
    let (text, unknown) = fill(template, alert);
    let note = |name: String| {
        format!(
            "The template of the alert rule uses {{{name}}}, which is no placeholder: it is left out."
        )
    };
    (Some(text), unknown.into_iter().map(note).collect())
}

fn fill(template: &str, alert: &AlertRecord) -> (String, Vec<String>) {
    let mut text = String::with_capacity(template.len());
    let mut unknown: Vec<String> = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        match after.split_once('}') {
            Some((name, tail)) if is_placeholder(name) => {
                match value(name, alert) {
                    Some(value) => text.push_str(&value),
                    None => unknown.push(name.chars().take(NAME_CHARS_MAX).collect()),
                }
                rest = tail;
            }
            // A brace of the text.
            _ => {
                text.push('{');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    unknown.sort_unstable();
    unknown.dedup();
    (text, unknown)
}

fn is_placeholder(name: &str) -> bool {
    let of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(of_name)
}

fn value(name: &str, alert: &AlertRecord) -> Option<String> {
    Some(match name {
        "title" => alert.title.clone(),
        "message" => alert.message.clone(),
        "suggested_action" => alert.suggested_action.clone().unwrap_or_default(),
        "severity" => severity(alert.severity).to_lowercase(),
        "execution_id" => {
            let id = alert.context.execution_id.as_ref();
            id.map(ToString::to_string).unwrap_or_default()
        }
        _ => return None,
    })
}

/// A severity as people read it.
pub(crate) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "Info",
        Severity::Warning => "Warning",
        Severity::Error => "Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert() -> AlertRecord {
        serde_json::from_value(serde_json::json!({
            "id": "alert_1", "customer_id": "cust_1", "trigger_type": "recipe_failed",
            "severity": "error", "title": "It {message} failed", "message": "The source refused.",
            "context": {"execution_id": "exec_1"}, "action_required": true,
            "created_at": "2025-12-14T10:35:00Z", "expires_at": "2025-12-15T10:35:00Z",
            "read": false
        }))
        .unwrap()
    }

    #[test]
    fn templates_are_filled() {
        for (template, text, notes) in [
            (
                "{severity}: {title}!",
                Some("error: It {message} failed!"),
                0,
            ),
            (
                "Run {execution_id}. {message}",
                Some("Run exec_1. The source refused."),
                0,
            ),
            ("Do this: {suggested_action}.", Some("Do this: ."), 0),
            ("{colour} {colour} {SIZE} x", Some("   x"), 2),
            ("a { b } {} {a b} {", Some("a { b } {} {a b} {"), 0),
            ("{{title}}", Some("{It {message} failed}"), 0),
            ("}{ {title", Some("}{ {title"), 0),
            ("custom_or_default", None, 0),
            ("default_recipe_failure", None, 0),
            ("  ", None, 0),
            (&"x ".repeat(3_000), None, 1),
        ] {
            let (rendered, told) = render(template, &alert());
            assert_eq!(rendered.as_deref(), text, "{template}");
            assert_eq!(told.len(), notes, "{template}: {told:?}");
        }
    }

    #[test]
    fn a_note_names_what_was_left_out() {
        let (_, notes) = render("{colour} of money", &alert());
        assert!(notes[0].contains("{colour}"), "{notes:?}");
    }
}
