//! The one shape of all API clients: what every call to an outside service goes through.
//!
//! A call waits for its turn under the customer's rate limit, is let through by the circuit
//! breaker, is sent with timeouts and a body limit, and is judged by the service's own documented
//! errors. A failure that the service says may pass is tried again, within a budget; every request
//! is counted on the caller's meter; and where a recorder is set, answers are kept for replay.

mod api;
mod breaker;
mod call;
mod limits;
mod rate;
mod record;
mod redact;
mod service;
mod tenants;

use std::{sync::Arc, time::Duration};

use hunter_contracts::ErrorCode;
use hunter_core::ports::Clock;
use reqwest::header::HeaderMap;
use serde_json::Value;

pub use api::ApiClient;
pub use breaker::Breakers;
pub use call::{Answer, Call};
pub use limits::{RateLimits, TURN_WAIT_MAX};
pub use rate::Rate;
pub use record::{Mode, Recorder};
pub use service::{Pricing, Service};

use crate::http;

/// An answer other than the one hoped for.
#[derive(Debug)]
pub struct Refusal<'a> {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: &'a HeaderMap,
    /// The body as it came.
    pub body: &'a [u8],
    /// The body as JSON, where it is.
    pub json: Option<&'a Value>,
}

impl Refusal<'_> {
    /// A text within the body, by JSON pointer, as in `/error/message`.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.json?.pointer(pointer)?.as_str()
    }
}

/// What a refusal means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The code; its own nature decides whether the call is tried again.
    pub code: ErrorCode,
    /// What the service said and what to do; at most 300 characters are kept.
    pub message: String,
    /// The wait that the service asks for elsewhere than in `Retry-After`.
    pub wait_ms: Option<u64>,
}

impl Meaning {
    /// A meaning without a wait of its own.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            wait_ms: None,
        }
    }
}

/// What a status means where a service documents nothing better.
#[must_use]
pub fn by_status(refusal: &Refusal<'_>) -> Meaning {
    let code = match refusal.status {
        401 | 403 => ErrorCode::AuthenticationFailed,
        402 => ErrorCode::ApiQuotaExceeded,
        408 | 504 => ErrorCode::Timeout,
        429 => ErrorCode::ApiRateLimit,
        500..=599 => ErrorCode::ApiUnavailable,
        400 | 404..=428 => ErrorCode::InvalidInput,
        _ => ErrorCode::ApiBadResponse,
    };
    Meaning::new(code, http::excerpt(refusal.body))
}

/// How a service is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// As in `https://api.hunter.io`; a path is kept.
    pub base_url: String,
    /// Who calls.
    pub user_agent: String,
    /// Limit for one request with its answer.
    pub timeout: Duration,
    /// What is read of an answer, in bytes; more is an error.
    pub body_max_bytes: usize,
}

impl Endpoint {
    /// An address with the usual limits: 30 s, 4 MiB.
    pub fn new(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            user_agent: crate::DEFAULT_USER_AGENT.to_owned(),
            timeout: Duration::from_secs(30),
            body_max_bytes: 4 * 1024 * 1024,
        }
    }
}

/// What all clients of a process share.
#[derive(Clone)]
pub struct Shared {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The customers' rate limits.
    pub limits: Arc<RateLimits>,
    /// Circuit breakers and retry budgets.
    pub breakers: Arc<Breakers>,
    /// Keeps answers, or plays them back.
    pub recorder: Option<Arc<Recorder>>,
    /// A cap on every client's time limit for a request.
    pub timeout_max: Option<Duration>,
}

impl Shared {
    /// Without a recorder, and nothing used up.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            limits: Arc::new(RateLimits::new(clock.clone())),
            breakers: Arc::new(Breakers::new(clock.clone())),
            recorder: None,
            timeout_max: None,
            clock,
        }
    }

    /// The recorder whose folder stands in for all services.
    fn replaying(&self) -> Option<&Recorder> {
        self.recorder
            .as_deref()
            .filter(|recorder| recorder.replays())
    }
}
