//! Look-alikes of the model providers: Anthropic's Messages API with its batches, and chat
//! completions as OpenAI, Groq and DeepSeek speak them.
//!
//! What a model "thinks" is composed by rules from the request's own data ([`honest`]), spoilt
//! ([`careless`]), or taken from whatever the data tells it to do ([`obedient`]). The key decides
//! about the account: [`Sandbox::model_key`] names keys without credit, over their limits, and of
//! models that behave in some way.

mod anthropic;
mod careless;
mod chat;
mod exchange;
mod generic;
mod honest;
mod message;
mod model;
mod obedient;
mod payload;
mod phrases;
mod usage;
mod words;

use crate::endpoint::Endpoint;
use crate::faults::{Fault, ModelMode};
use crate::wire::{Answer, Request, with_headers};

/// The model servers of a sandbox.
pub(crate) struct Models {
    model: model::Model,
    anthropic: anthropic::Anthropic,
}

impl Models {
    pub(crate) fn new(mode: ModelMode) -> Self {
        Self {
            model: model::Model::new(mode),
            anthropic: anthropic::Anthropic::default(),
        }
    }

    pub(crate) fn answer(&self, endpoint: Endpoint, request: &Request) -> Answer {
        match endpoint {
            Endpoint::ANTHROPIC => self.anthropic.answer(&self.model, request),
            _ => chat::answer(&self.model, endpoint, request),
        }
    }
}

pub(crate) fn faulty(endpoint: Endpoint, fault: Fault) -> Answer {
    match (endpoint, fault) {
        (Endpoint::ANTHROPIC, Fault::RateLimited) => with_headers(
            anthropic::error(
                429,
                "rate_limit_error",
                "Number of requests has exceeded your limit.",
            ),
            &[("retry-after", "1")],
        ),
        (Endpoint::ANTHROPIC, _) => anthropic::error(529, "overloaded_error", "Overloaded"),
        (_, Fault::RateLimited) => chat::rate_limited(endpoint, "900ms"),
        _ => chat::overloaded(endpoint),
    }
}
