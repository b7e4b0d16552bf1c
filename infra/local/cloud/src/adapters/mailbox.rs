//! E-mails as `.eml` files in `outbox/mail/`, in place of SES. Any mail program opens them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use hunter_contracts::{EmailAddress, RecipeFailure};
use hunter_core::{
    ports::{Clock, Email, Mailer},
    recipe::short_key,
};

use crate::files::write;

/// Writes each e-mail into a file.
#[derive(Clone)]
pub struct Mailbox {
    directory: PathBuf,
    from: EmailAddress,
    clock: Arc<dyn Clock>,
}

impl Mailbox {
    /// The mailbox below a directory; `from` is the sender's address.
    #[must_use]
    pub fn new(directory: &Path, from: EmailAddress, clock: Arc<dyn Clock>) -> Self {
        Self {
            directory: directory.join("outbox").join("mail"),
            from,
            clock,
        }
    }
}

#[async_trait]
impl Mailer for Mailbox {
    async fn send(&self, email: &Email) -> Result<String, RecipeFailure> {
        email.check()?;
        let now = self.clock.now();
        let to: Vec<&str> = email.to.iter().map(EmailAddress::as_str).collect();
        let to = to.join(", ");
        let id = short_key(&[
            &now.as_nanosecond().to_string(),
            &to,
            &email.subject,
            &email.text,
        ]);
        let boundary = format!("=_{id}");
        let date = now.strftime("%a, %d %b %Y %H:%M:%S +0000");
        let mut eml = format!(
            "From: {}\r\nTo: {to}\r\nSubject: {}\r\nDate: {date}\r\nMessage-ID: <{id}@hunter.local>\r\nMIME-Version: 1.0\r\n",
            self.from,
            header(&email.subject),
        );
        match &email.html {
            None => {
                eml.push_str("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
                eml.push_str(&email.text);
            }
            Some(html) => {
                eml.push_str(&format!(
                    "Content-Type: multipart/alternative; boundary=\"{boundary}\"\r\n\r\n"
                ));
                for (kind, body) in [("plain", &email.text), ("html", html)] {
                    eml.push_str(&format!("--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"));
                }
                eml.push_str(&format!("--{boundary}--\r\n"));
            }
        }
        write(&self.directory.join(format!("{id}.eml")), eml.as_bytes()).await?;
        Ok(id)
    }
}

/// A header's text: encoded words (RFC 2047) where it is not ASCII, each at most 75 characters.
fn header(text: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut words: Vec<String> = vec![String::new()];
    for c in text.chars() {
        // 45 bytes become 60 characters of Base64, plus 12 of framing.
        if words
            .last()
            .is_some_and(|word| word.len() + c.len_utf8() > 45)
        {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    let encode = |word: &String| format!("=?utf-8?B?{}?=", STANDARD.encode(word));
    words.iter().map(encode).collect::<Vec<_>>().join("\r\n ")
}
