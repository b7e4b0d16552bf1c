//! Anthropic's Message Batches: many requests at once, at half the price, answered whenever there is
//! room for them.
//!
//! A batch is created, looked at until it has ended, and its results are read. One that has not ended
//! at its deadline is cancelled: what it answered until then is paid and used, and everything else is
//! left to single requests. Where nothing can be learnt of a batch, its requests are asked again
//! singly.

use std::time::Duration;

use futures::{StreamExt, stream};
use hunter_contracts::{ErrorCode, RecipeFailure};
use hunter_core::ports::ModelRequest;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{RemoteModel, anthropic};
use crate::client::Call;

/// Requests in one batch: what their results weigh stays within a client's limit on an answer.
const REQUESTS_MAX: usize = 200;
/// Batches under way at once.
const AT_ONCE: usize = 4;
/// Looks at a cancelled batch until it is given up.
const LOOKS_AFTER_CANCEL: usize = 5;

const PATH: &str = "/v1/messages/batches";

/// An answer, or nothing where a single request must get it.
type Slot = Option<Result<Value, RecipeFailure>>;

#[derive(Debug, Deserialize)]
struct Batch {
    id: String,
    processing_status: String,
}

impl Batch {
    fn has_ended(&self) -> bool {
        self.processing_status == "ended"
    }
}

#[derive(Deserialize)]
struct Line {
    custom_id: String,
    result: Outcome,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Outcome {
    Succeeded {
        message: anthropic::Message,
    },
    Errored {
        error: Map<String, Value>,
    },
    #[serde(other)]
    Unanswered,
}

/// The part of a path that names a batch; an id with other signs could name something else.
fn batch_path(id: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let fits = (1..=128).contains(&id.len()) && id.chars().all(plain);
    fits.then(|| format!("{PATH}/{id}"))
}

impl RemoteModel {
    /// The answers that batches give, in the order of the requests.
    pub(super) async fn answer_in_batches(&self, requests: &[ModelRequest]) -> Vec<Slot> {
        let pending: Vec<_> = requests
            .chunks(REQUESTS_MAX)
            .map(|chunk| self.answer_batch(chunk))
            .collect();
        let answered: Vec<Vec<Slot>> = stream::iter(pending).buffered(AT_ONCE).collect().await;
        answered.into_iter().flatten().collect()
    }

    async fn answer_batch(&self, requests: &[ModelRequest]) -> Vec<Slot> {
        let nothing = vec![None; requests.len()];
        match self.batch_results(requests).await {
            Ok(slots) => slots,
            Err(failure) => {
                tracing::info!(model = self.spec.name, code = %failure.code, "no batch: {}", failure.told());
                // What refuses the customer refuses every single request, too.
                let for_good = matches!(
                    failure.code,
                    ErrorCode::AuthenticationFailed
                        | ErrorCode::ApiQuotaExceeded
                        | ErrorCode::InvalidConfiguration
                );
                if for_good {
                    return vec![Some(Err(failure)); requests.len()];
                }
                nothing
            }
        }
    }

    async fn batch_results(&self, requests: &[ModelRequest]) -> Result<Vec<Slot>, RecipeFailure> {
        let Some(first) = requests.first() else {
            return Ok(Vec::new());
        };
        let operation: &str = first.purpose.into();
        let bodies: Vec<Value> = requests
            .iter()
            .enumerate()
            .map(|(at, request)| {
                let params = anthropic::body(&self.spec, request);
                json!({"custom_id": format!("r{at}"), "params": params})
            })
            .collect();
        let body = json!({"requests": bodies});
        let batch: Batch = self.batch_call(Call::post(operation, PATH, &body)).await?;
        let path = batch_path(&batch.id).ok_or_else(|| {
            RecipeFailure::new(
                ErrorCode::ApiBadResponse,
                "Anthropic: a batch has an id with signs that no id has",
            )
        })?;
        if !self.wait_until_ended(operation, &path, batch).await? {
            return Ok(vec![None; requests.len()]);
        }
        let call = Call::get(operation, format!("{path}/results")).to_model(&self.spec.name);
        let answer = self
            .client
            .call(&self.caller, &anthropic::signed(call, &self.key)?)
            .await?;
        Ok(self.slots(requests, &answer.body))
    }

    /// Whether the batch has ended, on its own or cancelled at its deadline.
    async fn wait_until_ended(
        &self,
        operation: &'static str,
        path: &str,
        mut batch: Batch,
    ) -> Result<bool, RecipeFailure> {
        let clock = &self.client.shared().clock;
        let deadline = clock.now().checked_add(self.terms.batch_deadline).ok();
        let left = || {
            let left = deadline.map(|at| at.duration_since(clock.now()));
            left.and_then(|left| Duration::try_from(left).ok())
                .unwrap_or_default()
        };
        while !batch.has_ended() && !left().is_zero() {
            clock.sleep(self.terms.batch_poll.min(left())).await;
            match self.batch_call(Call::get(operation, path)).await {
                Ok(seen) => batch = seen,
                // It goes on being worked at, whether or not it can be seen.
                Err(failure) if failure.code.retryable() => {}
                Err(failure) => return Err(failure),
            }
        }
        if batch.has_ended() {
            return Ok(true);
        }
        tracing::info!(
            model = self.spec.name,
            "a batch is cancelled at its deadline"
        );
        let cancel = Call::post(operation, format!("{path}/cancel"), &json!({}));
        batch = self.batch_call(cancel).await?;
        for _ in 0..LOOKS_AFTER_CANCEL {
            if batch.has_ended() {
                break;
            }
            clock
                .sleep(self.terms.batch_poll.min(Duration::from_secs(5)))
                .await;
            batch = self.batch_call(Call::get(operation, path)).await?;
        }
        Ok(batch.has_ended())
    }

    async fn batch_call(&self, call: Call) -> Result<Batch, RecipeFailure> {
        let call = anthropic::signed(call.to_model(&self.spec.name), &self.key)?;
        self.client.json(&self.caller, &call).await
    }

    /// Results as they come, one JSON object per line in any order.
    fn slots(&self, requests: &[ModelRequest], body: &[u8]) -> Vec<Slot> {
        let mut slots: Vec<Slot> = vec![None; requests.len()];
        let lines = body.split(|byte| *byte == b'\n');
        for line in lines.filter_map(|line| serde_json::from_slice::<Line>(line).ok()) {
            let at = line
                .custom_id
                .strip_prefix('r')
                .and_then(|at| at.parse().ok());
            let at: usize = at.unwrap_or(usize::MAX);
            let (Some(request), Some(slot)) = (requests.get(at), slots.get_mut(at)) else {
                continue;
            };
            if slot.is_some() {
                continue;
            }
            *slot = match line.result {
                Outcome::Succeeded { message } => {
                    let reply = anthropic::read(&self.spec, message);
                    Some(self.taken(request, reply, true))
                }
                Outcome::Errored { error } => {
                    let meaning = anthropic::meaning_of(&error);
                    let message = format!("Anthropic: in a batch: {}", meaning.message);
                    let failure = RecipeFailure::new(meaning.code, message);
                    (!failure.code.retryable()).then_some(Err(failure))
                }
                Outcome::Unanswered => None,
            };
        }
        slots
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_lead_elsewhere() {
        assert!(batch_path("msgbatch_013Zva2CMHLNnXjNJJKqJ2EF").is_some());
        for bad in ["", "../models", "a/b", "a?b", "a#b", "a b", "é"] {
            assert_eq!(batch_path(bad), None, "{bad}");
        }
    }
}
