//! Language models: Anthropic's Messages API, and chat completions as OpenAI, Groq and DeepSeek
//! speak them.
//!
//! Which model serves which purpose, what it costs and how it is spoken to is data
//! ([`ModelsConfig`], `models.toml`). A customer's chain for a purpose is those models whose key the
//! customer holds, best first; the rules engine is its end. A model is given instructions, one
//! record as JSON data, and the schema of its answer; it has no tools. Whether its answer has that
//! shape is seen where it is read (`hunter_core::ports::Question`); what it cost is counted in any
//! case.

pub(crate) mod anthropic;
mod batch;
mod chat;
mod config;
pub(crate) mod refusals;
mod reply;

use std::{
    collections::{BTreeMap, HashMap, btree_map::Entry},
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use futures::{StreamExt, stream};
use hunter_contracts::{ErrorCode, Purpose, RecipeFailure, TenantId};
use hunter_core::{
    ports::{Model, ModelRequest, Models},
    recipe::{Caller, SecretsManager},
};
use serde::Deserialize;
use serde_json::Value;

pub use config::{ModelSpec, ModelsConfig, PurposeSpec, Structured, TokenPrice};

use crate::{
    client::{Answer, ApiClient, Call, Endpoint, Shared},
    http,
    spec::ServiceSpec,
};
use reply::Reply;

/// Single requests of [`Model::answer_all`] that are under way at once.
const AT_ONCE: usize = 8;

/// A provider of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Anthropic: Messages.
    Anthropic,
    /// OpenAI: chat completions.
    OpenAi,
    /// Groq: chat completions.
    Groq,
    /// DeepSeek: chat completions.
    DeepSeek,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Anthropic, Self::OpenAi, Self::Groq, Self::DeepSeek];

    /// The name in `models.toml` and on meters, as in `anthropic`.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.service().id
    }

    /// The secret that holds a customer's key.
    #[must_use]
    pub fn secret(self) -> &'static str {
        self.service().key.unwrap_or_default()
    }

    fn service(self) -> &'static ServiceSpec {
        match self {
            Self::Anthropic => &anthropic::SERVICE,
            Self::OpenAi => &refusals::OPENAI,
            Self::Groq => &refusals::GROQ,
            Self::DeepSeek => &refusals::DEEPSEEK,
        }
    }

    /// The forms of structured output that the provider takes.
    const fn structured(self) -> &'static [Structured] {
        match self {
            Self::Anthropic => &[Structured::JsonSchema, Structured::Tool],
            Self::OpenAi | Self::Groq => &[Structured::JsonSchema, Structured::JsonObject],
            Self::DeepSeek => &[Structured::JsonObject],
        }
    }

    fn takes(self, form: Structured) -> bool {
        self.structured().contains(&form)
    }

    fn structured_forms(self) -> String {
        let names = self.structured().iter().map(|form| match form {
            Structured::JsonSchema => "`json_schema`",
            Structured::JsonObject => "`json_object`",
            Structured::Tool => "`tool`",
        });
        names.collect::<Vec<_>>().join(" or ")
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// Adds fields to an object; what stands in it already stays, and objects are merged.
fn merged(into: &mut Value, more: Value) {
    let (Value::Object(into), Value::Object(more)) = (into, more) else {
        return;
    };
    for (key, value) in more {
        match into.get_mut(&key) {
            Some(own) => merged(own, value),
            None => {
                into.insert(key, value);
            }
        }
    }
}

/// The limit on an answer's tokens, reasoning included.
fn output_tokens(spec: &ModelSpec, request: &ModelRequest) -> u32 {
    let wanted = request
        .output_tokens_max
        .saturating_add(spec.reasoning_tokens_max);
    wanted.min(spec.output_tokens_max)
}

/// Opens the models that are configured and that a customer holds keys for.
pub struct ConfiguredModels {
    config: Arc<ModelsConfig>,
    secrets: Arc<dyn SecretsManager>,
    shared: Shared,
    /// Built when first needed, one for each provider and time limit: a client reads its trust
    /// anchors, which a cold start should not wait for.
    clients: Mutex<HashMap<(Provider, Duration), ApiClient>>,
}

impl ConfiguredModels {
    /// The registry.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` when a provider's base address is none.
    pub fn new(
        config: ModelsConfig,
        secrets: Arc<dyn SecretsManager>,
        shared: Shared,
    ) -> Result<Self, RecipeFailure> {
        for base_url in config.base_urls.values() {
            http::check_base_url(base_url)?;
        }
        Ok(Self {
            config: Arc::new(config),
            secrets,
            shared,
            clients: Mutex::default(),
        })
    }

    /// What is configured.
    #[must_use]
    pub fn config(&self) -> &ModelsConfig {
        &self.config
    }

    /// The models that serve a customer's purpose, best first: those whose key the customer holds.
    /// Judges of the family that would write come last.
    ///
    /// # Errors
    /// When the customer's keys cannot be read. A key that is not set is no error.
    pub async fn chain(
        &self,
        tenant: &TenantId,
        purpose: Purpose,
    ) -> Result<Vec<&ModelSpec>, RecipeFailure> {
        let mut keys = BTreeMap::new();
        self.held(tenant, purpose, &mut keys).await
    }

    /// The names of the models that a provider serves to a customer: its cheapest call, which
    /// shows that the key is accepted. It costs nothing.
    ///
    /// # Errors
    /// `SECRET_MISSING` when the customer holds no key, `INVALID_CONFIGURATION` when the provider
    /// has no address; else as the provider refuses.
    pub async fn live(
        &self,
        caller: &Caller,
        provider: Provider,
    ) -> Result<Vec<String>, RecipeFailure> {
        let secret = provider.secret();
        let key = self.secrets.get_secret(&caller.tenant, secret).await?;
        let path = match provider {
            Provider::Anthropic => "/v1/models?limit=1000",
            Provider::OpenAi => "/v1/models",
            Provider::Groq => "/openai/v1/models",
            Provider::DeepSeek => "/models",
        };
        let call = Call::get("models", path);
        let call = match provider {
            Provider::Anthropic => anthropic::signed(call, key.trim())?,
            _ => chat::signed(call, key.trim())?,
        };
        let client = self.client(provider, Duration::from_secs(15))?;
        let listed: Listed = client.json(caller, &call).await?;
        Ok(listed.data.into_iter().map(|model| model.id).collect())
    }

    async fn held(
        &self,
        tenant: &TenantId,
        purpose: Purpose,
        keys: &mut BTreeMap<Provider, Option<String>>,
    ) -> Result<Vec<&ModelSpec>, RecipeFailure> {
        let mut found = self.with_keys(tenant, purpose, keys).await?;
        if purpose == Purpose::Judging {
            let writers = self.with_keys(tenant, Purpose::Writing, keys).await?;
            if let Some(writer) = writers.first() {
                found.sort_by_key(|model| model.family == writer.family);
            }
        }
        Ok(found)
    }

    async fn with_keys(
        &self,
        tenant: &TenantId,
        purpose: Purpose,
        keys: &mut BTreeMap<Provider, Option<String>>,
    ) -> Result<Vec<&ModelSpec>, RecipeFailure> {
        let mut found = Vec::new();
        for spec in self.config.chain(purpose) {
            if let Entry::Vacant(place) = keys.entry(spec.provider) {
                let secret = spec.provider.secret();
                let key = match self.secrets.get_secret(tenant, secret).await {
                    Ok(key) => Some(key.trim().to_owned()).filter(|key| !key.is_empty()),
                    Err(failure) if failure.code == ErrorCode::SecretMissing => None,
                    Err(failure) => return Err(failure),
                };
                place.insert(key);
            }
            if keys.get(&spec.provider).is_some_and(Option::is_some) {
                found.push(spec);
            }
        }
        Ok(found)
    }

    fn client(&self, provider: Provider, timeout: Duration) -> Result<ApiClient, RecipeFailure> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&(provider, timeout)) {
            return Ok(client.clone());
        }
        let base_url = self.config.base_urls.get(&provider).ok_or_else(|| {
            RecipeFailure::new(
                ErrorCode::InvalidConfiguration,
                format!("models.toml: `providers.{provider}.base_url` is missing; add it"),
            )
        })?;
        let endpoint = Endpoint {
            timeout,
            ..Endpoint::new(base_url)
        };
        let client = ApiClient::new(provider.service(), endpoint, self.shared.clone())?;
        clients.insert((provider, timeout), client.clone());
        Ok(client)
    }
}

#[derive(Deserialize)]
struct Listed {
    data: Vec<ListedModel>,
}

#[derive(Deserialize)]
struct ListedModel {
    id: String,
}

#[async_trait]
impl Models for ConfiguredModels {
    async fn open(
        &self,
        caller: &Caller,
        purpose: Purpose,
    ) -> Result<Vec<Arc<dyn Model>>, RecipeFailure> {
        let Some(terms) = self.config.purposes.get(&purpose) else {
            return Ok(Vec::new());
        };
        let mut keys = BTreeMap::new();
        let mut opened: Vec<Arc<dyn Model>> = Vec::new();
        for spec in self.held(&caller.tenant, purpose, &mut keys).await? {
            let Some(Some(key)) = keys.get(&spec.provider) else {
                continue;
            };
            opened.push(Arc::new(RemoteModel {
                spec: spec.clone(),
                terms: terms.clone(),
                key: key.clone(),
                client: self.client(spec.provider, terms.timeout)?,
                caller: caller.clone(),
            }));
        }
        Ok(opened)
    }
}

/// A model of a provider, on behalf of a customer.
struct RemoteModel {
    spec: ModelSpec,
    terms: PurposeSpec,
    key: String,
    client: ApiClient,
    caller: Caller,
}

impl RemoteModel {
    /// Counts what a reply cost and takes its answer.
    fn taken(
        &self,
        request: &ModelRequest,
        reply: Reply,
        batched: bool,
    ) -> Result<Value, RecipeFailure> {
        let used = reply.tokens.used(request.purpose, &self.spec, batched);
        self.client.charge(&self.caller, used);
        reply.json(&self.spec)
    }

    fn read(&self, answer: &Answer) -> Result<Reply, RecipeFailure> {
        Ok(match self.spec.provider {
            Provider::Anthropic => anthropic::read(&self.spec, self.client.parse(answer)?),
            _ => chat::read(&self.spec, self.client.parse(answer)?),
        })
    }
}

#[async_trait]
impl Model for RemoteModel {
    fn name(&self) -> &str {
        &self.spec.name
    }

    async fn answer(&self, request: &ModelRequest) -> Result<Value, RecipeFailure> {
        let call = match self.spec.provider {
            Provider::Anthropic => anthropic::call(&self.spec, &self.key, request)?,
            _ => chat::call(&self.spec, &self.key, request)?,
        };
        let answer = self.client.call(&self.caller, &call).await?;
        let reply = self.read(&answer)?;
        self.taken(request, reply, false)
    }

    async fn answer_all(&self, requests: &[ModelRequest]) -> Vec<Result<Value, RecipeFailure>> {
        let batched = self.terms.batch
            && self.spec.provider == Provider::Anthropic
            && requests.len() >= self.terms.batch_requests_min.max(1);
        let mut answers: Vec<Option<Result<Value, RecipeFailure>>> = if batched {
            self.answer_in_batches(requests).await
        } else {
            vec![None; requests.len()]
        };
        answers.resize(requests.len(), None);
        let pending: Vec<_> = requests
            .iter()
            .zip(answers)
            .map(|(request, answer)| async move {
                match answer {
                    Some(answer) => answer,
                    None => self.answer(request).await,
                }
            })
            .collect();
        stream::iter(pending).buffered(AT_ONCE).collect().await
    }
}
