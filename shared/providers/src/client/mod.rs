//! The one shape of all API clients: what every call to an outside service goes through.
//!
//! A call waits for its turn under the customer's rate limit, is let through by the circuit
//! breaker, is sent with timeouts and a body limit, and is judged by the service's own documented
//! errors. A failure that the service says may pass is tried again, within a budget; every request
//! is counted on the caller's meter; and where a recorder is set, answers are kept for replay.

mod breaker;
mod limits;
mod prices;
mod record;

use std::{sync::Arc, time::Duration};

use hunter_contracts::{ErrorCode, OutsideUse, RecipeFailure};
use hunter_core::{Caller, Clock};
use reqwest::{
    Client, Method,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use breaker::Breakers;
pub use limits::{Rate, RateLimits};
pub use prices::{Price, Prices};
pub use record::{Mode, Recorder};

use crate::http;

/// A service as its documentation describes it.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// As in `hunter_io`; the name on meters, in price tables and in recordings.
    pub id: &'static str,
    /// For people, as in `Hunter.io`.
    pub name: &'static str,
    /// What a refusal means, by the service's documented errors.
    pub refusal: fn(&Refusal<'_>) -> Meaning,
    /// The most calls that the service allows a customer.
    pub rate: Rate,
}

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
    /// What calls cost.
    pub prices: Arc<Prices>,
    /// The customers' rate limits.
    pub limits: Arc<RateLimits>,
    /// Circuit breakers and retry budgets.
    pub breakers: Arc<Breakers>,
    /// Keeps answers, or plays them back.
    pub recorder: Option<Arc<Recorder>>,
}

impl Shared {
    /// With list prices, no recorder, and nothing used up.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            prices: Arc::new(Prices::list()),
            limits: Arc::new(RateLimits::new(clock.clone())),
            breakers: Arc::new(Breakers::new(clock.clone())),
            recorder: None,
            clock,
        }
    }
}

/// One request.
#[derive(Debug, Clone)]
pub struct Call {
    /// What is asked, as in `domain_search`; the name on meters and in price tables.
    pub operation: &'static str,
    /// The method.
    pub method: Method,
    /// The path below the base address, as in `/v2/domain-search`.
    pub path: String,
    /// Query parameters without secrets.
    pub query: Vec<(String, String)>,
    /// Headers. Secrets go here and are never recorded: any header is left out of recordings.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body with its content type.
    pub body: Option<(&'static str, Vec<u8>)>,
    /// Statuses other than 200 and 201 that are answers, as 202 where one polls.
    pub also_accepts: &'static [u16],
}

impl Call {
    /// A GET.
    pub fn get(operation: &'static str, path: impl Into<String>) -> Self {
        Self {
            operation,
            method: Method::GET,
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            also_accepts: &[],
        }
    }

    /// A POST of JSON.
    #[must_use]
    pub fn post(operation: &'static str, path: impl Into<String>, body: &Value) -> Self {
        Self {
            method: Method::POST,
            body: Some(("application/json", body.to_string().into_bytes())),
            ..Self::get(operation, path)
        }
    }

    /// With a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    /// With a header whose value is a secret.
    ///
    /// # Errors
    /// `AUTHENTICATION_FAILED` when the value cannot be a header's.
    pub fn secret(mut self, name: HeaderName, value: &str) -> Result<Self, RecipeFailure> {
        let mut value = HeaderValue::from_str(value).map_err(|_| {
            RecipeFailure::new(
                ErrorCode::AuthenticationFailed,
                format!(
                    "the key for header `{name}` holds characters that no key has; set it anew"
                ),
            )
        })?;
        value.set_sensitive(true);
        self.headers.push((name, value));
        Ok(self)
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers; of a recorded answer only those that are kept (`content-type`, `retry-after`).
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// Whether it was played back.
    pub replayed: bool,
}

/// A client of one service.
#[derive(Clone)]
pub struct ApiClient {
    http: Client,
    service: &'static Service,
    endpoint: Endpoint,
    shared: Shared,
}

impl ApiClient {
    /// A client for a service at an address.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when the address is none.
    pub fn new(
        service: &'static Service,
        endpoint: Endpoint,
        shared: Shared,
    ) -> Result<Self, RecipeFailure> {
        let http = http::api_client(&endpoint.base_url, &endpoint.user_agent, endpoint.timeout)?;
        Ok(Self {
            http,
            service,
            endpoint,
            shared,
        })
    }

    /// The service.
    #[must_use]
    pub const fn service(&self) -> &'static Service {
        self.service
    }

    /// What this process's clients share.
    #[must_use]
    pub const fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Sends a call: as often as it takes within its budget, counted on the caller's meter.
    ///
    /// # Errors
    /// With the service's meaning of its refusal; `retry_after_ms` where it asks for a wait.
    pub async fn call(&self, caller: &Caller, call: &Call) -> Result<Answer, RecipeFailure> {
        let key = record::key(self.service.id, call);
        if let Some(recorder) = &self.shared.recorder
            && let Some(answer) = recorder.play(self.service.id, &key)?
        {
            return self.judged(answer, call);
        }
        let seed = format!("{}{key}", caller.tenant);
        let mut retries = http::Retries::new(self.shared.clock.as_ref(), &seed);
        loop {
            self.shared.breakers.admit(self.service, &caller.tenant)?;
            self.shared
                .limits
                .turn(&caller.tenant, self.service)
                .await?;
            let result = match self.send(call).await {
                Ok(answer) => {
                    if let Some(recorder) = &self.shared.recorder {
                        recorder.keep(self.service.id, &key, call, &answer)?;
                    }
                    self.judged(answer, call)
                }
                Err(failure) => Err(failure),
            };
            self.count(caller, call, result.is_err());
            let failure = match result {
                Ok(answer) => {
                    self.shared.breakers.succeeded(self.service, &caller.tenant);
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            self.shared
                .breakers
                .failed(self.service, &caller.tenant, failure.code);
            if !self
                .shared
                .breakers
                .may_repeat(self.service, &caller.tenant)
            {
                return Err(failure);
            }
            retries.wait_after(failure).await?;
        }
    }

    /// Sends a call and reads its answer as JSON of a known shape.
    ///
    /// # Errors
    /// As [`Self::call`]; `API_BAD_RESPONSE` when the answer is not as documented.
    pub async fn json<T: DeserializeOwned>(
        &self,
        caller: &Caller,
        call: &Call,
    ) -> Result<T, RecipeFailure> {
        let answer = self.call(caller, call).await?;
        self.parse(&answer)
    }

    /// Reads an answer as JSON of a known shape.
    ///
    /// # Errors
    /// `API_BAD_RESPONSE` when it is not.
    pub fn parse<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, RecipeFailure> {
        serde_json::from_slice(&answer.body).map_err(|error| {
            RecipeFailure::new(
                ErrorCode::ApiBadResponse,
                format!(
                    "{}: the answer is not as documented: {error}; it begins `{}`",
                    self.service.name,
                    http::excerpt(&answer.body)
                ),
            )
        })
    }

    /// Adds what an answer cost to the caller's meter; the request itself is counted already.
    pub fn charge(&self, caller: &Caller, more: OutsideUse) {
        caller.meter.add(&OutsideUse {
            service: self.service.id.to_owned(),
            ..more
        });
    }

    fn count(&self, caller: &Caller, call: &Call, failed: bool) {
        self.charge(
            caller,
            OutsideUse {
                operation: call.operation.to_owned(),
                calls: 1,
                failed: u64::from(failed),
                ..OutsideUse::default()
            },
        );
    }

    async fn send(&self, call: &Call) -> Result<Answer, RecipeFailure> {
        let base = self.endpoint.base_url.trim_end_matches('/');
        let mut address = format!("{base}{}", call.path);
        if !call.query.is_empty() {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(&call.query);
            address = format!("{address}?{}", query.finish());
        }
        let mut request = self.http.request(call.method.clone(), address);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        if let Some((kind, body)) = &call.body {
            request = request.header(CONTENT_TYPE, *kind).body(body.clone());
        }
        let failed = |error| http::transport_failure(self.service.name, error);
        let response = request.send().await.map_err(failed)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let limit = self.endpoint.body_max_bytes;
        let body = http::read_body(self.service.name, response, limit).await?;
        Ok(Answer {
            status,
            headers,
            body,
            replayed: false,
        })
    }

    /// An answer, or what the service means by refusing.
    fn judged(&self, answer: Answer, call: &Call) -> Result<Answer, RecipeFailure> {
        if matches!(answer.status, 200 | 201) || call.also_accepts.contains(&answer.status) {
            return Ok(answer);
        }
        let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
        let meaning = (self.service.refusal)(&Refusal {
            status: answer.status,
            headers: &answer.headers,
            body: &answer.body,
            json: json.as_ref(),
        });
        let asked = http::retry_after_ms(&answer.headers, self.shared.clock.now());
        let wait = meaning.wait_ms.or(asked);
        let said: String = meaning.message.chars().take(300).collect();
        Err(RecipeFailure {
            retry_after_ms: wait.filter(|_| meaning.code.retryable()),
            ..RecipeFailure::new(
                meaning.code,
                format!("{}: HTTP {}: {said}", self.service.name, answer.status),
            )
        })
    }
}
