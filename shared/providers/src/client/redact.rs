//! Keys stay out of errors and recordings, whoever writes them there.

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::{Engine, prelude::BASE64_STANDARD};
use memchr::memmem;

use super::Call;

/// What stands where a key was.
pub(super) const REDACTED: &str = "[redacted]";
/// Shorter texts are words of the language rather than keys; replacing them would ruin bodies.
const SECRET_MIN_BYTES: usize = 8;

/// Whether a parameter of this name holds a secret.
pub(super) fn key_like(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['-', '.'], "_");
    let parts = [
        "key",
        "apikey",
        "token",
        "secret",
        "password",
        "auth",
        "authorization",
        "signature",
        "sig",
    ];
    name.split('_').any(|part| parts.contains(&part))
}

/// The secrets of one call, in every form in which a service may echo them.
#[derive(Debug, Clone, Default)]
pub(super) struct Secrets {
    forms: Vec<String>,
    fingerprint: Option<u64>,
}

impl Secrets {
    /// Those in headers that are marked as secret, and in parameters whose name says so.
    pub(super) fn of(call: &Call) -> Self {
        let headers = call
            .headers
            .iter()
            .filter(|(_, value)| value.is_sensitive());
        let headers = headers.filter_map(|(_, value)| value.to_str().ok());
        let query = call.query.iter().filter(|(name, _)| key_like(name));
        let query = query.map(|(_, value)| value.as_str());
        let mut secrets = Self::default();
        let mut hasher = DefaultHasher::new();
        for secret in headers.chain(query) {
            secret.hash(&mut hasher);
            secrets.fingerprint = Some(hasher.finish());
            secrets.add_header(secret);
        }
        // Longest first, so that no remains of a longer form are left.
        secrets
            .forms
            .sort_by_key(|form| std::cmp::Reverse(form.len()));
        secrets.forms.dedup();
        secrets
    }

    /// Tells keys apart without holding them.
    pub(super) const fn fingerprint(&self) -> Option<u64> {
        self.fingerprint
    }

    fn add_header(&mut self, value: &str) {
        self.add(value);
        let Some((scheme, rest)) = value.split_once(' ') else {
            return;
        };
        self.add(rest.trim());
        if scheme.eq_ignore_ascii_case("basic") {
            let plain = BASE64_STANDARD.decode(rest.trim()).unwrap_or_default();
            for part in String::from_utf8_lossy(&plain).split(':') {
                self.add(part);
            }
        }
    }

    fn add(&mut self, secret: &str) {
        if secret.len() < SECRET_MIN_BYTES {
            return;
        }
        let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let json = serde_json::Value::from(secret).to_string();
        let json = json.trim_matches('"').to_owned();
        for form in [secret.to_owned(), encoded, json.replace('/', "\\/"), json] {
            if !self.forms.contains(&form) {
                self.forms.push(form);
            }
        }
    }

    /// The bytes without secrets.
    pub(super) fn strip(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        for form in &self.forms {
            let finder = memmem::Finder::new(form);
            if finder.find(&bytes).is_none() {
                continue;
            }
            let mut clean = Vec::with_capacity(bytes.len());
            let mut rest = bytes.as_slice();
            while let Some(at) = finder.find(rest) {
                let (before, found) = rest.split_at(at);
                clean.extend_from_slice(before);
                clean.extend_from_slice(REDACTED.as_bytes());
                rest = found.get(form.len()..).unwrap_or_default();
            }
            clean.extend_from_slice(rest);
            bytes = clean;
        }
        bytes
    }

    /// The text without secrets.
    pub(super) fn strip_text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for form in &self.forms {
            if text.contains(form) {
                text = text.replace(form, REDACTED);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{AUTHORIZATION, HeaderName};

    use super::*;

    const KEY: &str = "sk/a+b=c\"1234567";

    fn call() -> Call {
        Call::get("any", "/")
            .secret(AUTHORIZATION, &format!("Bearer {KEY}"))
            .unwrap()
            .query("api_key", "query-secret")
            .query("city", "Leipzig-Mitte")
    }

    #[test]
    fn secrets_are_found_in_every_form() {
        let secrets = Secrets::of(&call());
        for echo in [
            format!("your key {KEY} is wrong"),
            format!("Bearer {KEY}{KEY}"),
            serde_json::json!({ "key": KEY }).to_string(),
            serde_json::json!({ "key": KEY })
                .to_string()
                .replace('/', "\\/"),
            "GET /?key=sk%2Fa%2Bb%3Dc%221234567&x=1".to_owned(),
            "query-secret".to_owned(),
        ] {
            let text = secrets.strip_text(&echo);
            assert_eq!(secrets.strip(echo.clone().into_bytes()), text.as_bytes());
            for rest in ["1234567", "query-secret"] {
                assert!(!text.contains(rest), "{echo} -> {text}");
            }
            assert!(text.contains(REDACTED), "{text}");
        }
        assert_eq!(secrets.strip_text("in Leipzig-Mitte"), "in Leipzig-Mitte");
    }

    #[test]
    fn basic_credentials_are_secrets_too() {
        let value = format!("Basic {}", BASE64_STANDARD.encode("the-user-key:"));
        let call = Call::get("any", "/").secret(AUTHORIZATION, &value).unwrap();
        let text = Secrets::of(&call).strip_text("unknown user the-user-key");
        assert_eq!(text, "unknown user [redacted]");
    }

    #[test]
    fn keys_are_told_apart_and_short_ones_left() {
        let print = |key: &str| {
            let name = HeaderName::from_static("x-key");
            let call = Call::get("any", "/").secret(name, key).unwrap();
            let secrets = Secrets::of(&call);
            assert_eq!(secrets.strip_text("a key is a key"), "a key is a key");
            secrets.fingerprint()
        };
        assert_ne!(print("key"), print("kez"));
        assert_eq!(print("key"), print("key"));
        assert_eq!(Secrets::of(&Call::get("any", "/")).fingerprint(), None);
    }

    #[test]
    fn names_that_hold_keys_are_known() {
        for name in [
            "key",
            "api_key",
            "API-Key",
            "apikey",
            "access_token",
            "client.secret",
        ] {
            assert!(key_like(name), "{name}");
        }
        for name in ["keywords", "monkey", "q", "tokens_max", "author"] {
            assert!(!key_like(name), "{name}");
        }
    }
}
