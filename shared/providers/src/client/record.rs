//! Answers kept for replay: request hash → response, redacted.
//!
//! A folder holds `<service>/<hash>.json`, one file per request. Requests are told apart by service,
//! method, path, query and body; never by headers or by parameters that hold keys, so that a
//! recording made with one key plays for another. Where a request is repeated, the last answer
//! stands, but a refusal never replaces an answer.

use std::{
    collections::BTreeMap,
    error::Error,
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use hunter_contracts::{ErrorCode, RecipeFailure};
use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    Answer, Call,
    redact::{REDACTED, Secrets, key_like},
};

/// Headers that clients read; no other one is stored.
const HEADERS_KEPT: [&str; 4] = ["content-type", "retry-after", "date", "link"];
/// Prefixes of such headers.
const PREFIXES_KEPT: [&str; 3] = ["x-ratelimit-", "anthropic-ratelimit-", "ratelimit"];

/// What a recorder does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Keeps every answer.
    Record,
    /// Plays answers back and sends nothing.
    Replay,
}

/// A folder of answers.
#[derive(Debug)]
pub struct Recorder {
    folder: PathBuf,
    mode: Mode,
    written: AtomicU64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Recording {
    service: String,
    operation: String,
    method: String,
    path: String,
    query: Vec<(String, String)>,
    status: u16,
    accepted: bool,
    headers: BTreeMap<String, String>,
    body: Body,
    recorded_at: Timestamp,
}

/// Text where it is text, so that people can read it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Body {
    Text(String),
    Base64(String),
}

impl Recorder {
    /// A recorder over a folder, which is made when it is first needed.
    #[must_use]
    pub const fn new(folder: PathBuf, mode: Mode) -> Self {
        Self {
            folder,
            mode,
            written: AtomicU64::new(0),
        }
    }

    /// Whether answers come from the folder alone.
    #[must_use]
    pub fn replays(&self) -> bool {
        self.mode == Mode::Replay
    }

    fn file(&self, service: &str, key: &str) -> PathBuf {
        self.folder.join(service).join(format!("{key}.json"))
    }

    /// The recorded answer to a request.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none, `SOURCE_UNREADABLE` when its file cannot be read.
    pub(super) async fn play(&self, service: &str, call: &Call) -> Result<Answer, RecipeFailure> {
        let key = key(service, call);
        let file = self.file(service, &key);
        let bytes = match tokio::fs::read(&file).await {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(RecipeFailure::new(
                    ErrorCode::NotFound,
                    format!(
                        "no recorded answer of `{service}` to {} `{}` (`{key}.json`): record the \
                         run anew; nothing was sent",
                        call.method, call.path
                    ),
                ));
            }
            Err(error) => return Err(unreadable(&file, error)),
        };
        let recording: Recording =
            serde_json::from_slice(&bytes).map_err(|error| unreadable(&file, error))?;
        let body = match recording.body {
            Body::Text(text) => text.into_bytes(),
            Body::Base64(text) => BASE64_STANDARD
                .decode(text)
                .map_err(|error| unreadable(&file, error))?,
        };
        let mut headers = HeaderMap::new();
        for (name, value) in &recording.headers {
            if let (Ok(name), Ok(value)) = (
                HeaderName::try_from(name.as_str()),
                HeaderValue::from_str(value),
            ) {
                headers.append(name, value);
            }
        }
        Ok(Answer {
            status: recording.status,
            headers,
            body,
            replayed: true,
        })
    }

    /// Keeps an answer. A run is not stopped by a recording that cannot be written, since its
    /// answer may be paid for; it is logged.
    pub(super) async fn keep(
        &self,
        service: &str,
        call: &Call,
        secrets: &Secrets,
        answer: &Answer,
        accepted: bool,
        now: Timestamp,
    ) {
        let recording = Recording::of(service, call, secrets, answer, accepted, now);
        let file = self.file(service, &key(service, call));
        if let Err(error) = self.write(&file, &recording).await {
            tracing::warn!(%error, file = %file.display(), "an answer was not recorded");
        }
    }

    async fn write(&self, file: &Path, recording: &Recording) -> io::Result<()> {
        let known = tokio::fs::read(file).await.unwrap_or_default();
        let known: Option<Recording> = serde_json::from_slice(&known).ok();
        if known.is_some_and(|known| known.accepted) && !recording.accepted {
            return Ok(());
        }
        if let Some(folder) = file.parent() {
            tokio::fs::create_dir_all(folder).await?;
        }
        let mut text = serde_json::to_vec_pretty(recording)?;
        text.push(b'\n');
        // Written beside it and renamed: a reader sees all of it or none.
        let n = self.written.fetch_add(1, Ordering::Relaxed);
        let beside = file.with_extension(format!("{}-{n}.tmp", std::process::id()));
        let written = match tokio::fs::write(&beside, text).await {
            Ok(()) => tokio::fs::rename(&beside, file).await,
            Err(error) => Err(error),
        };
        if written.is_err() {
            // Only the first error is of interest.
            let _ = tokio::fs::remove_file(&beside).await;
        }
        written
    }
}

impl Recording {
    fn of(
        service: &str,
        call: &Call,
        secrets: &Secrets,
        answer: &Answer,
        accepted: bool,
        now: Timestamp,
    ) -> Self {
        let kept = |name: &str| {
            HEADERS_KEPT.contains(&name)
                || PREFIXES_KEPT.iter().any(|prefix| name.starts_with(prefix))
        };
        let headers = answer.headers.iter().filter_map(|(name, value)| {
            let text = kept(name.as_str()).then(|| value.to_str().ok())??;
            Some((name.as_str().to_owned(), secrets.strip_text(text)))
        });
        let body = match String::from_utf8(secrets.strip(answer.body.clone())) {
            Ok(text) => Body::Text(text),
            Err(error) => Body::Base64(BASE64_STANDARD.encode(error.as_bytes())),
        };
        Self {
            service: service.to_owned(),
            operation: call.operation.to_owned(),
            method: call.method.to_string(),
            path: secrets.strip_text(&call.path),
            query: public_query(call),
            status: answer.status,
            accepted,
            headers: headers.collect(),
            body,
            recorded_at: now,
        }
    }
}

fn unreadable(file: &Path, error: impl Error + Send + Sync + 'static) -> RecipeFailure {
    let message = format!(
        "recording `{}` cannot be read; delete it and record the run anew",
        file.display()
    );
    RecipeFailure::new(ErrorCode::SourceUnreadable, message).caused_by(error)
}

/// The query without what keys it holds.
fn public_query(call: &Call) -> Vec<(String, String)> {
    let public = |(name, value): &(String, String)| {
        let value = if key_like(name) { REDACTED } else { value };
        (name.clone(), value.to_owned())
    };
    call.query.iter().map(public).collect()
}

/// Names a request: service, method, path, query and body; never keys.
pub(super) fn key(service: &str, call: &Call) -> String {
    let mut hash = Sha256::new();
    let mut part = |part: &[u8]| {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    part(service.as_bytes());
    part(call.method.as_str().as_bytes());
    part(call.path.as_bytes());
    for (name, value) in public_query(call) {
        part(name.as_bytes());
        part(value.as_bytes());
    }
    part(call.body.as_ref().map_or(&[][..], |(_, body)| body));
    let digest = hash.finalize();
    let bytes = digest.iter().take(16);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}
