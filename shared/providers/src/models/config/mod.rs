//! `models.toml`: which models there are, what they cost, which purposes use which.

use std::{collections::BTreeMap, ops::Range, time::Duration};

use hunter_contracts::{Dollars, ErrorCode, Purpose, RecipeFailure};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Spanned;

use super::Provider;
use crate::http;

/// The list that is compiled in.
const LIST: &str = include_str!("../models.toml");

/// Fields that a model's `request` may add to what is sent. None of them gives a model tools, other
/// instructions or another answer's shape.
const REQUEST_FIELDS: [&str; 10] = [
    "thinking",
    "output_config",
    "reasoning_effort",
    "reasoning_format",
    "include_reasoning",
    "verbosity",
    "service_tier",
    "temperature",
    "top_p",
    "seed",
];

/// How a model is made to answer in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Structured {
    /// The provider holds the model to a JSON Schema.
    JsonSchema,
    /// The provider sees to it that the answer is JSON; the schema stands in the prompt.
    JsonObject,
    /// The model is forced to call a tool whose input is the answer: for Claude models from before
    /// structured outputs. The newest ones refuse it.
    Tool,
}

/// What a model costs, in dollars per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenPrice {
    /// Read, from no cache.
    pub input: Dollars,
    /// Read from the provider's cache; absent: as `input`.
    pub cached: Option<Dollars>,
    /// Read and written to the provider's cache; absent: as `input`.
    pub cache_write: Option<Dollars>,
    /// Written, reasoning included.
    pub output: Dollars,
    /// The share of the price that a request in a batch costs; absent: all of it.
    pub batch_share: Option<f64>,
}

/// A model.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    /// Our name for it, as in `claude-sonnet-5-5`; kept as `model_used`.
    pub name: String,
    /// Who serves it.
    pub provider: Provider,
    /// The provider's name for it, as in `openai/gpt-oss-120b`.
    pub id: String,
    /// Models of one family share their weaknesses, as in `claude`.
    pub family: String,
    /// How it is made to answer in JSON.
    pub structured: Structured,
    /// The most tokens that it writes in one answer.
    pub output_tokens_max: u32,
    /// Tokens that it may write for its own reasoning on top of an answer.
    #[serde(default)]
    pub reasoning_tokens_max: u32,
    /// What it costs.
    pub price: TokenPrice,
    /// The day on which the price was read.
    pub as_of: Date,
    /// Where the price was read.
    pub source: String,
    /// Further fields of the request, as in `{ reasoning_effort = "low" }`.
    #[serde(default)]
    pub request: Map<String, Value>,
}

/// What serves a purpose.
#[derive(Debug, Clone, PartialEq)]
pub struct PurposeSpec {
    /// Names of models, best first.
    pub models: Vec<String>,
    /// Limit for one request with its answer.
    pub timeout: Duration,
    /// Whether many requests at once go through a provider's batch interface, where it has one.
    pub batch: bool,
    /// After so long a batch is cancelled and the rest is asked in single requests.
    pub batch_deadline: Duration,
    /// How often one looks whether a batch has ended.
    pub batch_poll: Duration,
    /// Fewer requests than this are not worth a batch.
    pub batch_requests_min: usize,
}

/// The models that may be used.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelsConfig {
    /// The day on which the list was looked through.
    pub as_of: Date,
    /// Base address of each provider that is used.
    pub base_urls: BTreeMap<Provider, String>,
    /// What serves each purpose; the rules engine serves the others.
    pub purposes: BTreeMap<Purpose, PurposeSpec>,
    /// The models.
    pub models: Vec<ModelSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    as_of: Date,
    #[serde(default)]
    providers: BTreeMap<Provider, FileProvider>,
    #[serde(default)]
    purposes: BTreeMap<Purpose, Spanned<FilePurpose>>,
    #[serde(default)]
    models: Vec<Spanned<ModelSpec>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileProvider {
    base_url: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePurpose {
    models: Vec<Spanned<String>>,
    timeout_s: u64,
    #[serde(default)]
    batch: bool,
    #[serde(default = "ten_minutes")]
    batch_deadline_s: u64,
    #[serde(default = "fifteen")]
    batch_poll_s: u64,
    #[serde(default = "ten")]
    batch_requests_min: usize,
}

const fn ten_minutes() -> u64 {
    600
}

const fn fifteen() -> u64 {
    15
}

const fn ten() -> usize {
    10
}

/// The text of a file, to say on which line something is wrong.
struct Text<'a>(&'a str);

impl Text<'_> {
    fn wrong(&self, span: Range<usize>, problem: &str) -> RecipeFailure {
        let before = self.0.get(..span.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        RecipeFailure::new(
            ErrorCode::InvalidConfiguration,
            format!("models.toml, line {line}: {problem}"),
        )
    }
}

impl ModelsConfig {
    /// The models that are compiled in.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "a test reads the same text")]
    pub fn list() -> Self {
        Self::parse(LIST).unwrap()
    }

    /// No models: the rules engine decides everything.
    #[must_use]
    pub fn none() -> Self {
        Self {
            as_of: Date::default(),
            base_urls: BTreeMap::new(),
            purposes: BTreeMap::new(),
            models: Vec::new(),
        }
    }

    /// Reads a `models.toml`.
    ///
    /// # Errors
    /// `INVALID_CONFIGURATION` with the line, the field and what to do.
    pub fn parse(text: &str) -> Result<Self, RecipeFailure> {
        let at = Text(text);
        let file: File = toml::from_str(text).map_err(|error| {
            let problem = error.message().trim().replace('\n', "; ");
            at.wrong(error.span().unwrap_or_default(), &problem)
        })?;
        let base_urls = base_urls(&at, &file)?;
        let models = models(&at, file.models, &base_urls)?;
        let mut purposes = BTreeMap::new();
        for (purpose, raw) in file.purposes {
            purposes.insert(purpose, purpose_spec(&at, purpose, raw, &models)?);
        }
        Ok(Self {
            as_of: file.as_of,
            base_urls,
            purposes,
            models,
        })
    }

    /// With another address for a provider (`anthropic`, `openai`, `groq`, `deepseek`), as for a
    /// sandbox. A provider that there is none of is left out.
    #[must_use]
    pub fn with_base_url(mut self, provider: &str, url: impl Into<String>) -> Self {
        if let Some(provider) = Provider::ALL.into_iter().find(|p| p.id() == provider) {
            self.base_urls.insert(provider, url.into());
        }
        self
    }

    /// A model by its name.
    #[must_use]
    pub fn model(&self, name: &str) -> Option<&ModelSpec> {
        self.models.iter().find(|model| model.name == name)
    }

    /// The models of a purpose, best first, whether or not anybody holds a key for them.
    pub fn chain(&self, purpose: Purpose) -> impl Iterator<Item = &ModelSpec> {
        let names = self.purposes.get(&purpose).map(|spec| &spec.models);
        names.into_iter().flatten().filter_map(|n| self.model(n))
    }
}

fn base_urls(at: &Text<'_>, file: &File) -> Result<BTreeMap<Provider, String>, RecipeFailure> {
    let mut found = BTreeMap::new();
    for (provider, spec) in &file.providers {
        let url = spec.base_url.get_ref();
        http::check_base_url(url).map_err(|failure| {
            let problem = format!(
                "`providers.{provider}.base_url`: {}; write it as in `https://api.example.com`",
                failure.message
            );
            at.wrong(spec.base_url.span(), &problem)
        })?;
        found.insert(*provider, url.clone());
    }
    Ok(found)
}

fn models(
    at: &Text<'_>,
    raw: Vec<Spanned<ModelSpec>>,
    base_urls: &BTreeMap<Provider, String>,
) -> Result<Vec<ModelSpec>, RecipeFailure> {
    let mut models: Vec<ModelSpec> = Vec::new();
    for spanned in raw {
        let span = spanned.span();
        let mut model = spanned.into_inner();
        let name = &model.name;
        let wrong = |problem: String| Err(at.wrong(span.clone(), &problem));
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            return wrong(format!(
                "`models.name`: `{name}` is no name; use 1 to 64 letters, digits, `-`, `_` and `.`"
            ));
        }
        if models.iter().any(|known| known.name == *name) {
            return wrong(format!(
                "`models.name`: `{name}` stands here twice; remove one"
            ));
        }
        let provider = model.provider;
        if !base_urls.contains_key(&provider) {
            return wrong(format!(
                "`models.provider`: `{provider}` has no address; add `[providers.{provider}]` \
                 with a `base_url`"
            ));
        }
        if !provider.takes(model.structured) {
            return wrong(format!(
                "`models.structured` of `{name}`: `{provider}` does not take this one; use {}",
                provider.structured_forms()
            ));
        }
        if model.output_tokens_max < 256 {
            return wrong(format!(
                "`models.output_tokens_max` of `{name}` is {}; answers need at least 256",
                model.output_tokens_max
            ));
        }
        if let Some(share) = model.price.batch_share
            && !(0.0..=1.0).contains(&share)
        {
            return wrong(format!(
                "`models.price.batch_share` of `{name}` is {share}; use a share from 0 to 1"
            ));
        }
        if let Some(field) = model
            .request
            .keys()
            .find(|field| !REQUEST_FIELDS.contains(&field.as_str()))
        {
            return wrong(format!(
                "`models.request.{field}` of `{name}` cannot be set here; use {}",
                REQUEST_FIELDS.join(", ")
            ));
        }
        if let Some(Value::Object(output)) = model.request.get_mut("output_config") {
            output.remove("format");
        }
        models.push(model);
    }
    Ok(models)
}

fn purpose_spec(
    at: &Text<'_>,
    purpose: Purpose,
    spanned: Spanned<FilePurpose>,
    models: &[ModelSpec],
) -> Result<PurposeSpec, RecipeFailure> {
    let span = spanned.span();
    let raw = spanned.into_inner();
    let mut names: Vec<String> = Vec::new();
    for name in raw.models {
        let known = models.iter().any(|model| model.name == *name.get_ref());
        let problem = match name.get_ref() {
            name if !known => format!(
                "`purposes.{purpose}.models`: there is no model `{name}`; add it under `[[models]]` \
                 or take it out"
            ),
            name if names.contains(name) => {
                format!("`purposes.{purpose}.models`: `{name}` stands here twice; remove one")
            }
            name => {
                names.push(name.clone());
                continue;
            }
        };
        return Err(at.wrong(name.span(), &problem));
    }
    for (field, seconds, most) in [
        ("timeout_s", raw.timeout_s, 600),
        ("batch_deadline_s", raw.batch_deadline_s, 86_400),
        ("batch_poll_s", raw.batch_poll_s, 3_600),
    ] {
        if !(1..=most).contains(&seconds) {
            let problem =
                format!("`purposes.{purpose}.{field}` is {seconds}; use 1 to {most} seconds");
            return Err(at.wrong(span, &problem));
        }
    }
    let batches = |name: &String| {
        models
            .iter()
            .any(|m| m.name == *name && m.provider == Provider::Anthropic)
    };
    if raw.batch && !names.iter().any(batches) {
        let problem = format!(
            "`purposes.{purpose}.batch` is set, but none of its models has a batch interface here; \
             add a model of `anthropic` or unset it"
        );
        return Err(at.wrong(span, &problem));
    }
    Ok(PurposeSpec {
        models: names,
        timeout: Duration::from_secs(raw.timeout_s),
        batch: raw.batch,
        batch_deadline: Duration::from_secs(raw.batch_deadline_s),
        batch_poll: Duration::from_secs(raw.batch_poll_s),
        batch_requests_min: raw.batch_requests_min,
    })
}

#[cfg(test)]
mod tests;
