//! Sending calls: turns, circuit, limits, meaning, repeats, meter and recorder in one place.

use std::time::Duration;

use hunter_contracts::{ErrorCode, OutsideUse, RecipeFailure};
use hunter_core::recipe::{Caller, RETRY_AFTER_MAX};
use reqwest::{Client, header::CONTENT_TYPE};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;

use super::{
    Answer, Call, Endpoint, Meaning, Refusal, Service, Shared, breaker::Permit, redact::Secrets,
};
use crate::http;

/// What is kept of a service's words in an error message, in characters.
const SAID_MAX_CHARS: usize = 300;
/// Marks an answer as UTF-8; no part of the text (RFC 8259 §8.1 lets a reader skip it).
const BOM: &[u8] = b"\xef\xbb\xbf";

/// A client of one service.
#[derive(Clone)]
pub struct ApiClient {
    http: Client,
    service: &'static Service,
    endpoint: Endpoint,
    shared: Shared,
}

/// What came of one request.
struct Sent {
    result: Result<Answer, RecipeFailure>,
    /// Whether our own time limit ended it.
    timed_out: bool,
}

impl ApiClient {
    /// A client for a service at an address.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when the address is none.
    pub fn new(
        service: &'static Service,
        mut endpoint: Endpoint,
        shared: Shared,
    ) -> Result<Self, RecipeFailure> {
        let most = shared.timeout_max.unwrap_or(Duration::MAX);
        endpoint.timeout = endpoint.timeout.min(most);
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
    /// A failure is repeated in place where the service's meaning says that it may pass, the wait
    /// is short, and the retry budget holds. Once the time for one request is over, nothing is
    /// repeated: whoever waits for the call has waited long enough, and the run's own policy
    /// decides. So a call takes less than twice its timeout, and the waits for its turns.
    ///
    /// # Errors
    /// With the service's meaning of its refusal; `retry_after_ms` where it asks for a wait, at
    /// most [`RETRY_AFTER_MAX`]. No error holds a key of the call.
    pub async fn call(&self, caller: &Caller, call: &Call) -> Result<Answer, RecipeFailure> {
        let secrets = Secrets::of(call);
        if let Some(recorder) = self.shared.replaying() {
            let answer = recorder.play(self.service.id, call).await?;
            let refusal = self.refusal(&answer, call, &secrets);
            return refusal.map_or(Ok(answer), Err);
        }
        let seed = format!("{}{}{}", caller.tenant, call.operation, call.path);
        let mut retries = http::Retries::new(self.shared.clock.as_ref(), &seed);
        let (mut last, started) = (None, Instant::now());
        loop {
            let permit = match self.permit(caller, &secrets).await {
                Ok(permit) => permit,
                // What the service said itself tells more than that it was not asked again.
                Err(failure) => return Err(last.unwrap_or(failure)),
            };
            let sent = self.attempt(call, &secrets).await;
            self.count(caller, call, sent.result.is_err());
            let failure = match sent.result {
                Ok(answer) => {
                    permit.succeeded();
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            permit.failed(&failure);
            self.heed_wait(caller, &failure);
            let repeated = !sent.timed_out
                && started.elapsed() < self.endpoint.timeout
                && retries.wants(&failure)
                && self
                    .shared
                    .breakers
                    .may_repeat(self.service, &caller.tenant);
            if !repeated {
                return Err(failure);
            }
            last = Some(failure.clone());
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
        let read = self.parse(&answer);
        if read.is_err() {
            self.count_failed(caller, call.operation);
        }
        read
    }

    /// Reads an answer as JSON of a known shape. Nesting is bounded by the parser (128 levels).
    ///
    /// # Errors
    /// `API_BAD_RESPONSE` when it is not.
    pub fn parse<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, RecipeFailure> {
        serde_json::from_slice(&answer.body).map_err(|error| {
            let content_type = answer.headers.get(CONTENT_TYPE);
            let content_type = content_type.and_then(|value| value.to_str().ok());
            // A parser's message may quote a whole value.
            let error = brief(&error.to_string());
            let begin = http::excerpt(&answer.body);
            let found = match (answer.body.is_empty(), content_type) {
                (true, _) => "it is empty".to_owned(),
                (false, Some(kind)) => format!("it is `{}` and begins `{begin}`", brief(kind)),
                (false, None) => format!("it begins `{begin}`"),
            };
            RecipeFailure::new(
                ErrorCode::ApiBadResponse,
                format!(
                    "{}: the answer is not as documented: {error}; {found}",
                    self.service.name
                ),
            )
        })
    }

    /// Adds what an answer cost to the caller's meter; the request itself is counted already. What
    /// is played back from a recording costs nothing.
    pub fn charge(&self, caller: &Caller, more: OutsideUse) {
        if self.shared.replaying().is_some() {
            return;
        }
        caller.meter.add(&OutsideUse {
            service: self.service.id.to_owned(),
            ..more
        });
    }

    /// Adds the price of `units` of an operation to the caller's meter.
    pub fn bill(&self, caller: &Caller, operation: &str, units: u64) {
        if units > 0 {
            let bill = OutsideUse {
                operation: operation.to_owned(),
                cost: self.service.price(operation).times(units),
                ..OutsideUse::default()
            };
            self.charge(caller, bill);
        }
    }

    /// Counts an answer that could not be read as the failure that it was: it is counted as a call
    /// that went well already.
    pub(crate) fn count_failed(&self, caller: &Caller, operation: &str) {
        let unread = OutsideUse {
            operation: operation.to_owned(),
            failed: 1,
            ..OutsideUse::default()
        };
        self.charge(caller, unread);
    }

    fn count(&self, caller: &Caller, call: &Call, failed: bool) {
        self.charge(
            caller,
            OutsideUse {
                operation: call.operation.to_owned(),
                model: call.model.clone(),
                calls: 1,
                failed: u64::from(failed),
                ..OutsideUse::default()
            },
        );
    }

    /// Leave to send one request: first whether it makes sense at all, so that no turn is used up
    /// in vain, then the turn, then the circuit as it stands by then.
    async fn permit<'a>(
        &'a self,
        caller: &'a Caller,
        secrets: &Secrets,
    ) -> Result<Permit<'a>, RecipeFailure> {
        let (breakers, key) = (&self.shared.breakers, secrets.fingerprint());
        breakers.check(self.service, &caller.tenant, key)?;
        self.shared
            .limits
            .turn(&caller.tenant, self.service)
            .await?;
        breakers.admit(self.service, &caller.tenant, key)
    }

    /// Where the service has said how long to wait, all of the customer's calls wait.
    fn heed_wait(&self, caller: &Caller, failure: &RecipeFailure) {
        if failure.code == ErrorCode::ApiRateLimit
            && let Some(wait_ms) = failure.retry_after_ms
        {
            self.shared
                .limits
                .pause(&caller.tenant, self.service, wait_ms);
        }
    }

    async fn attempt(&self, call: &Call, secrets: &Secrets) -> Sent {
        let answer = match self.send(call, secrets).await {
            Ok(answer) => answer,
            Err(mut failure) => {
                failure.message = secrets.strip_text(&failure.message);
                return Sent {
                    timed_out: failure.code == ErrorCode::Timeout,
                    result: Err(failure),
                };
            }
        };
        let refusal = self.refusal(&answer, call, secrets);
        if let Some(recorder) = &self.shared.recorder {
            let (accepted, now) = (refusal.is_none(), self.shared.clock.now());
            recorder
                .keep(self.service.id, call, secrets, &answer, accepted, now)
                .await;
        }
        Sent {
            result: refusal.map_or(Ok(answer), Err),
            timed_out: false,
        }
    }

    async fn send(&self, call: &Call, secrets: &Secrets) -> Result<Answer, RecipeFailure> {
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
        let mut body = http::read_body(self.service.name, response, limit).await?;
        if body.starts_with(BOM) {
            body.drain(..BOM.len());
        }
        Ok(Answer {
            status,
            headers,
            body: secrets.strip(body),
            replayed: false,
        })
    }

    fn meaning(&self, answer: &Answer) -> Meaning {
        let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
        (self.service.refusal)(&Refusal {
            status: answer.status,
            headers: &answer.headers,
            body: &answer.body,
            json: json.as_ref(),
        })
    }

    /// What the service means by refusing, where it does.
    fn refusal(&self, answer: &Answer, call: &Call, secrets: &Secrets) -> Option<RecipeFailure> {
        let accepted =
            matches!(answer.status, 200 | 201) || call.also_accepts.contains(&answer.status);
        let disguised = call.disguised.filter(|_| accepted);
        let disguised = disguised.and_then(|judge| judge(answer));
        if accepted && disguised.is_none() {
            return None;
        }
        let mut failure = match disguised {
            Some(meaning) => self.failure(answer, meaning),
            None => self.refused(answer),
        };
        failure.message = secrets.strip_text(&failure.message);
        Some(failure)
    }

    /// What the service means by an answer that it was let through with, as by a status that a call
    /// accepts, and that turns out to be a refusal.
    #[must_use]
    pub fn refused(&self, answer: &Answer) -> RecipeFailure {
        let meaning = if (300..400).contains(&answer.status) {
            let advice =
                "it sends us elsewhere, where no key is shown; check the base address".to_owned();
            Meaning::new(ErrorCode::ApiBadResponse, advice)
        } else {
            self.meaning(answer)
        };
        self.failure(answer, meaning)
    }

    fn failure(&self, answer: &Answer, meaning: Meaning) -> RecipeFailure {
        let asked = http::retry_after_ms(&answer.headers, self.shared.clock.now());
        let wait_max = u64::try_from(RETRY_AFTER_MAX.as_millis()).unwrap_or(u64::MAX);
        let wait = meaning.wait_ms.or(asked).map(|wait| wait.min(wait_max));
        let (name, said) = (self.service.name, brief(&meaning.message));
        let message = format!("{name}: HTTP {}: {said}", answer.status);
        let wait = wait.filter(|_| meaning.code.retryable());
        RecipeFailure::new(meaning.code, message).after(wait)
    }
}

/// A service's words on one line, cut.
fn brief(said: &str) -> String {
    http::printable(said, SAID_MAX_CHARS)
}
