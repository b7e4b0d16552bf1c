//! The port to language models, and the chain of models that ends at the rules engine.

use std::{marker::PhantomData, sync::Arc};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use hunter_contracts::{ErrorCode, Purpose, RecipeFailure};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::answer;
use crate::recipe::{Caller, Meter};

/// Who decides where no model can: the end of every chain.
pub const RULES: &str = "rules-1";

/// Requests that [`Model::answer_all`] has under way at once.
const AT_ONCE: usize = 8;

/// What a model is asked. Page text stands in `input` only, as JSON data: instructions are ours.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelRequest {
    /// What for.
    pub purpose: Purpose,
    /// What to do, the same for all records of a step: providers cache this prefix.
    pub instructions: String,
    /// The record, as JSON text.
    pub input: String,
    /// A name for the schema: letters, digits and `_`, at most 64.
    pub schema_name: &'static str,
    /// The JSON Schema of the answer in the form that all providers accept; [`Question`] makes it.
    pub schema: Value,
    /// Most tokens of the answer.
    pub output_tokens_max: u32,
}

/// A language model that answers in JSON. It has no tools and sees nothing but the request.
#[async_trait]
pub trait Model: Send + Sync {
    /// Its name, as in `claude-sonnet-5-5`; kept as `model_used`.
    fn name(&self) -> &str;

    /// Answers one request; the answer is JSON of whatever shape, which [`Question`] reads.
    /// What it cost is on the caller's meter.
    ///
    /// # Errors
    /// With the code that the provider's documentation gives the failure.
    async fn answer(&self, request: &ModelRequest) -> Result<Value, RecipeFailure>;

    /// Answers many requests, in their order, where no person waits for them: a provider's batch
    /// interface may serve them later and cheaper.
    async fn answer_all(&self, requests: &[ModelRequest]) -> Vec<Result<Value, RecipeFailure>> {
        let pending: Vec<_> = requests.iter().map(|r| self.answer(r)).collect();
        stream::iter(pending).buffered(AT_ONCE).collect().await
    }
}

/// What a model is asked, answered as an `A`.
#[derive(Debug, Clone)]
pub struct Question<A> {
    request: ModelRequest,
    answer: PhantomData<fn() -> A>,
}

impl<A: DeserializeOwned + JsonSchema> Question<A> {
    /// About a record or several. `name` is the schema's; instructions stay the same for all records
    /// of a step.
    #[must_use]
    pub fn new(
        purpose: Purpose,
        name: &'static str,
        instructions: &str,
        input: &impl Serialize,
        output_tokens_max: u32,
    ) -> Self {
        #[expect(
            clippy::unwrap_used,
            reason = "inputs are derived types with text keys: nothing that JSON cannot hold"
        )]
        let input = serde_json::to_string(input).unwrap();
        let request = ModelRequest {
            purpose,
            instructions: instructions.to_owned(),
            input,
            schema_name: name,
            schema: answer::schema::<A>(),
            output_tokens_max,
        };
        Self {
            request,
            answer: PhantomData,
        }
    }

    /// Asks one model.
    ///
    /// # Errors
    /// As [`Model::answer`], and `API_BAD_RESPONSE` where the answer is no `A`.
    pub async fn ask(&self, model: &dyn Model) -> Result<A, RecipeFailure> {
        model.answer(&self.request).await.and_then(answer::read)
    }

    /// Asks one model several questions, as [`Model::answer_all`] does.
    pub async fn ask_all(questions: &[&Self], model: &dyn Model) -> Vec<Result<A, RecipeFailure>> {
        let requests: Vec<_> = questions.iter().map(|q| q.request.clone()).collect();
        let answers = model.answer_all(&requests).await.into_iter();
        answers.map(|said| said.and_then(answer::read)).collect()
    }
}

/// The models that are configured and that a customer holds keys for.
#[async_trait]
pub trait Models: Send + Sync {
    /// Those for a purpose, best first; none means that the rules engine decides.
    ///
    /// # Errors
    /// When the customer's keys cannot be read. A key that is not set is no error.
    async fn open(
        &self,
        caller: &Caller,
        purpose: Purpose,
    ) -> Result<Vec<Arc<dyn Model>>, RecipeFailure>;
}

/// No models: the rules engine decides everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoModels;

#[async_trait]
impl Models for NoModels {
    async fn open(&self, _: &Caller, _: Purpose) -> Result<Vec<Arc<dyn Model>>, RecipeFailure> {
        Ok(Vec::new())
    }
}

/// The models for a purpose, asked one after the other.
#[derive(Clone)]
pub struct ModelChain {
    models: Vec<Arc<dyn Model>>,
    purpose: Purpose,
    meter: Arc<Meter>,
}

impl ModelChain {
    /// Opens a customer's models for a purpose. Keys that cannot be read cost the models and not
    /// the step: that is noted on the meter, and the rules engine decides.
    pub async fn open_or_rules(models: &dyn Models, caller: &Caller, purpose: Purpose) -> Self {
        let mut chain = Self {
            models: Vec::new(),
            purpose,
            meter: caller.meter.clone(),
        };
        match models.open(caller, purpose).await {
            Ok(models) => chain.models = models,
            Err(failure) => {
                let (code, why) = (failure.code, &failure.told());
                chain.meter.fell_back(purpose, "models", RULES, code, why);
            }
        }
        chain
    }

    /// Whether there is no model, so that nobody needs to be asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.models.is_empty()
    }

    /// The names, best first, as in `claude-sonnet-5-5, rules-1`.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let models = self.models.iter().map(|model| model.name().to_owned());
        models.chain([RULES.to_owned()]).collect()
    }

    /// Asks one model after the other until `accept` takes an answer; answers what it made of it
    /// and the model's name. `None` means that the rules engine must decide. Every model that
    /// could not is on the meter, with the one that stood in for it.
    pub async fn ask<A, T>(
        &self,
        question: &Question<A>,
        mut accept: impl FnMut(A) -> Result<T, String> + Send,
    ) -> Option<(T, String)>
    where
        A: DeserializeOwned + JsonSchema,
        T: Send,
    {
        for (position, model) in self.models.iter().enumerate() {
            let failure = match question.ask(model.as_ref()).await {
                Ok(answer) => match accept(answer) {
                    Ok(taken) => return Some((taken, model.name().to_owned())),
                    Err(problem) => RecipeFailure::new(ErrorCode::ApiBadResponse, problem),
                },
                Err(failure) => failure,
            };
            self.note(position, &failure);
        }
        None
    }

    /// Notes that the model at `position` could not, and who is next.
    pub fn note(&self, position: usize, failure: &RecipeFailure) {
        let name = |at: usize| self.models.get(at).map_or(RULES, |model| model.name());
        let (from, to) = (name(position), name(position.saturating_add(1)));
        let why = failure.told();
        tracing::info!(purpose = %self.purpose, from, to, code = %failure.code, "model falls back: {why}");
        self.meter
            .fell_back(self.purpose, from, to, failure.code, &why);
    }

    /// The models, best first.
    #[must_use]
    pub fn models(&self) -> &[Arc<dyn Model>] {
        &self.models
    }
}

#[cfg(test)]
mod tests {
    use hunter_contracts::TenantId;
    use serde_json::json;

    use super::*;

    struct Scripted(&'static str, Result<Value, ErrorCode>);

    #[async_trait]
    impl Model for Scripted {
        fn name(&self) -> &str {
            self.0
        }
        async fn answer(&self, _: &ModelRequest) -> Result<Value, RecipeFailure> {
            self.1
                .clone()
                .map_err(|code| RecipeFailure::new(code, "scripted"))
        }
    }

    fn chain(models: Vec<Scripted>) -> (ModelChain, Arc<Meter>) {
        let caller = Caller::new("cust_1".parse::<TenantId>().unwrap());
        let models = models.into_iter().map(|m| Arc::new(m) as Arc<dyn Model>);
        let chain = ModelChain {
            models: models.collect(),
            purpose: Purpose::Writing,
            meter: caller.meter.clone(),
        };
        (chain, caller.meter)
    }

    fn question() -> Question<u64> {
        Question::new(Purpose::Writing, "number", "", &(), 10)
    }

    #[tokio::test]
    async fn the_first_that_gives_a_usable_answer_decides() {
        let (chain, meter) = chain(vec![
            Scripted("down", Err(ErrorCode::ApiUnavailable)),
            Scripted("babbles", Ok(json!("seven"))),
            Scripted("good", Ok(json!(7))),
            Scripted("never asked", Ok(json!(8))),
        ]);
        let answer = chain.ask(&question(), Ok).await;
        assert_eq!(answer, Some((7, "good".to_owned())));
        let mut noted: Vec<(String, String)> = meter
            .fallbacks()
            .into_iter()
            .map(|f| (f.from, f.to))
            .collect();
        noted.sort();
        let expected = [("babbles", "good"), ("down", "babbles")];
        assert_eq!(noted, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[tokio::test]
    async fn the_rules_engine_is_the_end_of_the_chain() {
        let (chain, meter) = chain(vec![Scripted("down", Err(ErrorCode::Timeout))]);
        assert_eq!(chain.ask(&question(), Ok).await, None);
        assert_eq!(meter.fallbacks()[0].to, RULES);
    }
}
