//! An alert as an e-mail: one subject, a plain text, the same as HTML.

use std::{fmt::Write, sync::Arc};

use async_trait::async_trait;
use hunter_contracts::{AlertChannel, EmailAddress, RecipeFailure};
use hunter_core::ports::{Email, Mailer};

use crate::{
    channel::{DeliveryChannel, Notice},
    template::severity,
};

/// Most characters of a subject, as RFC 5322 recommends for a line.
const SUBJECT_CHARS_MAX: usize = 78;
/// Most characters of any one part of the text.
const PART_CHARS_MAX: usize = 8_000;

const FOOTER: &str = "The Hunter sends this because alerts of this account go to your address.";

/// E-mail.
#[derive(Clone)]
pub struct EmailChannel {
    /// Sends it.
    pub mailer: Arc<dyn Mailer>,
    /// Where the console is, as in `https://console.example.com`; absent: no link.
    pub console_url: Option<String>,
}

#[async_trait]
impl DeliveryChannel for EmailChannel {
    fn channel(&self) -> AlertChannel {
        AlertChannel::Email
    }

    async fn deliver(
        &self,
        notice: &Notice,
        recipient: &EmailAddress,
    ) -> Result<String, RecipeFailure> {
        let email = email(notice, recipient, self.console_url.as_deref());
        self.mailer.send(&email).await
    }
}

/// The e-mail that tells a notice to a recipient.
fn email(notice: &Notice, recipient: &EmailAddress, console_url: Option<&str>) -> Email {
    let parts = Parts::of(notice);
    Email {
        to: vec![recipient.clone()],
        subject: subject(notice),
        text: parts.text(console_url),
        html: Some(parts.html(console_url)),
    }
}

/// One line with the severity in front, whatever the title holds.
fn subject(notice: &Notice) -> String {
    let alert = &notice.alert;
    let line = format!("[{}] {}", severity(alert.severity), one_line(&alert.title));
    cut(line.trim_end(), SUBJECT_CHARS_MAX)
}

fn one_line(text: &str) -> String {
    let clean = cleaned(text);
    let words: Vec<&str> = clean.split_whitespace().collect();
    words.join(" ")
}

/// What both bodies are made of, free of control characters.
struct Parts {
    title: Option<String>,
    message: String,
    action: Option<String>,
    facts: Vec<(&'static str, String)>,
    notes: Vec<String>,
}

impl Parts {
    fn of(notice: &Notice) -> Self {
        let alert = &notice.alert;
        let part = |text: &str| cut(cleaned(text).trim(), PART_CHARS_MAX);
        let mut facts = vec![
            ("Severity", severity(alert.severity).to_owned()),
            ("Customer", alert.customer_id.to_string()),
        ];
        if let Some(id) = &alert.context.execution_id {
            facts.push(("Run", id.to_string()));
        }
        if let Some(code) = alert.context.error_code {
            facts.push(("Error", code.to_string()));
        }
        facts.push((
            "Raised",
            alert.created_at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        ));
        // A template has the last word on title, message and suggestion.
        let (title, message, action) = match &notice.text {
            Some(text) => (None, part(text), None),
            None => (
                Some(part(&one_line(&alert.title))),
                part(&alert.message),
                alert.suggested_action.as_deref().map(part),
            ),
        };
        Self {
            title: title.filter(|title| !title.is_empty()),
            message,
            action: action.filter(|action| !action.is_empty()),
            facts,
            notes: notice.notes.iter().map(|note| part(note)).collect(),
        }
    }

    fn text(&self, console_url: Option<&str>) -> String {
        let mut blocks: Vec<String> = Vec::new();
        blocks.extend(self.title.clone());
        blocks.push(self.message.clone());
        blocks.extend(
            self.action
                .as_ref()
                .map(|action| format!("What to do: {action}")),
        );
        let facts = self
            .facts
            .iter()
            .map(|(name, value)| format!("{name}: {value}"));
        blocks.push(facts.collect::<Vec<_>>().join("\n"));
        blocks.extend(console_url.map(|url| format!("Console: {url}")));
        blocks.extend(self.notes.iter().cloned());
        blocks.push(format!("-- \n{FOOTER}\n"));
        blocks.join("\n\n")
    }

    fn html(&self, console_url: Option<&str>) -> String {
        let mut html = String::from(
            "<!doctype html>\n<html lang=\"en\">\n<body style=\"font-family: sans-serif; max-width: 40em\">\n",
        );
        let mut line = |open: &str, text: &str, close: &str| {
            let _ = writeln!(html, "{open}{}{close}", escaped(text));
        };
        if let Some(title) = &self.title {
            line("<h1 style=\"font-size: 1.3em\">", title, "</h1>");
        }
        line("<p>", &self.message, "</p>");
        if let Some(action) = &self.action {
            line("<p><strong>What to do:</strong> ", action, "</p>");
        }
        let facts = self
            .facts
            .iter()
            .map(|(name, value)| format!("{name}: {value}"));
        line("<p>", &facts.collect::<Vec<_>>().join("\n"), "</p>");
        if let Some(url) = console_url {
            let open = format!("<p><a href=\"{}\">", escaped(url));
            line(&open, "Open the console", "</a></p>");
        }
        for note in &self.notes {
            line("<p><em>", note, "</em></p>");
        }
        line(
            "<p style=\"color: #666; font-size: 0.85em\">",
            FOOTER,
            "</p>",
        );
        html.push_str("</body>\n</html>\n");
        html
    }
}

/// Without control characters other than line breaks, and without characters that turn or hide what
/// stands beside them.
fn cleaned(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}');
    let plain = text.replace("\r\n", "\n");
    let kept = plain.chars().filter(|&c| !turns(c));
    kept.map(|c| if c.is_control() && c != '\n' { ' ' } else { c })
        .collect()
}

fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// As text between tags or in a quoted attribute; line breaks stay line breaks.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' => escaped.push_str("<br>\n"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use hunter_contracts::AlertRecord;

    use super::*;

    fn notice(title: &str, message: &str) -> Notice {
        let alert: AlertRecord = serde_json::from_value(serde_json::json!({
            "id": "alert_123", "customer_id": "cust_001", "trigger_type": "recipe_failed",
            "severity": "error", "title": title, "message": message,
            "context": {
                "recipe_id": "discovery", "execution_id": "exec_abc123",
                "error_code": "API_RATE_LIMIT"
            },
            "action_required": true,
            "suggested_action": "Upgrade your subscription plan for higher API limits",
            "created_at": "2025-12-14T10:35:00Z", "expires_at": "2025-12-15T10:35:00Z",
            "read": false
        }))
        .unwrap();
        Notice {
            alert,
            text: None,
            notes: Vec::new(),
        }
    }

    fn shown(email: &Email) -> String {
        let html = email.html.as_deref().unwrap_or_default();
        let to: Vec<&str> = email.to.iter().map(EmailAddress::as_str).collect();
        format!(
            "To: {to:?}\nSubject: {}\n\n{}\n{html}",
            email.subject, email.text
        )
    }

    fn ana() -> EmailAddress {
        "ana@example.com".parse().unwrap()
    }

    #[test]
    fn the_default_text() {
        let notice = notice(
            "Discovery Recipe Failed",
            "Your lead discovery job failed after 3 retries. Error: API rate limit exceeded.",
        );
        insta::assert_snapshot!(shown(&email(&notice, &ana(), None)));
    }

    #[test]
    fn own_words_with_a_note_and_a_link() {
        let notice = Notice {
            text: Some("Dear team,\n<b>it</b> broke.".into()),
            notes: vec!["The template of the alert rule uses {colour}, which is no placeholder: it is left out.".into()],
            ..notice("Discovery Recipe Failed", "Not shown.")
        };
        let url = Some("https://console.example.com/?a=1&b=\"2\"");
        insta::assert_snapshot!(shown(&email(&notice, &ana(), url)));
    }

    #[test]
    fn hostile_titles_and_messages_stay_text() {
        let notice = notice(
            "Bcc: all@example.com\r\nX: <script>alert(1)</script>\u{202E}evil\u{0}",
            "a\r\n<img src=x onerror=\"x\"> & 'b'\u{1b}[31m\u{200B}",
        );
        insta::assert_snapshot!(shown(&email(&notice, &ana(), None)));
    }

    #[test]
    fn a_subject_is_one_line_of_at_most_78_characters() {
        for title in [
            "",
            " ",
            "a\nb\tc",
            &"ü".repeat(500),
            &"word ".repeat(50),
            "\u{2028}\u{85}x",
        ] {
            let subject = subject(&notice(title, ""));
            assert!(subject.starts_with("[Error]"), "{subject}");
            assert!(subject.chars().count() <= 78, "{subject}");
            assert!(!subject.contains(char::is_control), "{subject:?}");
        }
    }
}
