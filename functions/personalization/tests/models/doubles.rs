//! Models that answer by a script, and a step run with them.

use hunter_core::recipe::Recipe;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use hunter_contracts::{FactKind::*, *};
use hunter_core::{
    ports::{Model, ModelRequest, Models},
    recipe::{Caller, Outcome},
};
use personalization::Personalization;
use serde_json::{Value, json};

use crate::support::*;

pub(crate) type Script = dyn Fn(&Value, usize) -> Result<Value, ErrorCode> + Send + Sync;

/// A model that answers by a script: the input and how many requests there were before.
pub(crate) struct Scripted {
    pub(crate) name: &'static str,
    pub(crate) script: Box<Script>,
    pub(crate) asked: Mutex<Vec<ModelRequest>>,
    pub(crate) under_way: AtomicUsize,
    pub(crate) at_once: AtomicUsize,
    pub(crate) pauses: usize,
}

impl Scripted {
    pub(crate) fn new(
        name: &'static str,
        script: impl Fn(&Value, usize) -> Result<Value, ErrorCode> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            name,
            script: Box::new(script),
            asked: Mutex::default(),
            under_way: AtomicUsize::new(0),
            at_once: AtomicUsize::new(0),
            pauses: 0,
        })
    }

    pub(crate) fn asked(&self) -> Vec<ModelRequest> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Model for Scripted {
    fn name(&self) -> &str {
        self.name
    }

    async fn answer(&self, request: &ModelRequest) -> Result<Value, RecipeFailure> {
        let before = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(request.clone());
            asked.len() - 1
        };
        let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.at_once.fetch_max(now, Ordering::SeqCst);
        for _ in 0..self.pauses {
            tokio::task::yield_now().await;
        }
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        let input: Value = serde_json::from_str(&request.input).unwrap();
        (self.script)(&input, before).map_err(|code| RecipeFailure::new(code, "scripted"))
    }
}

/// Models by purpose; a purpose may also fail to open.
#[derive(Default)]
pub(crate) struct Shelf {
    pub(crate) models: Vec<(Purpose, Arc<Scripted>)>,
    pub(crate) broken: bool,
}

impl Shelf {
    pub(crate) fn of(models: &[(Purpose, &Arc<Scripted>)]) -> Arc<Self> {
        let models = models
            .iter()
            .map(|(purpose, model)| (*purpose, (*model).clone()));
        Arc::new(Self {
            models: models.collect(),
            broken: false,
        })
    }
}

#[async_trait]
impl Models for Shelf {
    async fn open(
        &self,
        _: &Caller,
        purpose: Purpose,
    ) -> Result<Vec<Arc<dyn Model>>, RecipeFailure> {
        if self.broken {
            return Err(RecipeFailure::new(ErrorCode::StoreUnavailable, "no keys"));
        }
        let own = self.models.iter().filter(|(own, _)| *own == purpose);
        Ok(own
            .map(|(_, model)| model.clone() as Arc<dyn Model>)
            .collect())
    }
}

/// What happened in a step: the outcome and who stood in for whom.
pub(crate) struct Done {
    pub(crate) outcome: Outcome<LeadsData>,
    pub(crate) fallbacks: Vec<Fallback>,
}

pub(crate) async fn run_with(models: Arc<Shelf>, agent: AgentConfig, leads: Vec<Lead>) -> Done {
    let mut context = context(agent);
    context.record_concurrency = 4;
    let recipe = Personalization::new(models);
    let outcome = recipe.run(&context, payload(leads)).await.unwrap();
    Done {
        outcome,
        fallbacks: context.caller().meter.fallbacks(),
    }
}

impl Done {
    pub(crate) fn message(&self) -> &Message {
        self.outcome.data.leads[0].message.as_ref().unwrap()
    }

    pub(crate) fn steps(&self) -> Vec<(&str, &str)> {
        let fallbacks = self.fallbacks.iter();
        fallbacks
            .map(|f| (f.from.as_str(), f.to.as_str()))
            .collect()
    }
}

pub(crate) const TITLE: &str = "Five myths about braces";

pub(crate) fn apollo() -> Lead {
    lead(
        "dental",
        "Apollo Dental",
        &[
            (BlogPost, TITLE, Some("2025-12-01")),
            (Technology, "WordPress", None),
            (Category, "dentist", None),
        ],
    )
}

/// A sound message for any lead whose first fact is a post.
pub(crate) fn honest(input: &Value) -> Value {
    let (fact, seller) = (&input["facts"][0], &input["seller"]);
    let quote = fact["quote"].as_str().unwrap();
    let opening = format!("I read your post “{quote}” and it made me curious.");
    let offer = format!("We {}.", seller["offer"].as_str().unwrap());
    let name = input["recipient"]["name"].as_str();
    let name = name.unwrap_or(input["recipient"]["business"].as_str().unwrap());
    json!({"subject": "A short question", "sentences": [
        {"role": "greeting", "text": format!("Hello {name},"), "facts": [], "quotes": [], "seller_field": null},
        {"role": "opening", "text": opening, "facts": [fact["number"]], "quotes": [quote], "seller_field": null},
        {"role": "offer", "text": offer, "facts": [], "quotes": [], "seller_field": "offer"},
        {"role": "ask", "text": seller["ask"], "facts": [], "quotes": [], "seller_field": "ask"},
        {"role": "sign_off", "text": format!("Best,\n{}\n{}", seller["sender_name"].as_str().unwrap(),
            seller["company"].as_str().unwrap()), "facts": [], "quotes": [], "seller_field": "sender_name"}
    ]})
}

/// The honest message with another text for one role.
pub(crate) fn with(input: &Value, role: &str, text: &str) -> Value {
    let mut answer = honest(input);
    for sentence in answer["sentences"].as_array_mut().unwrap() {
        if sentence["role"] == role {
            sentence["text"] = json!(text);
            sentence["quotes"] = json!([]);
        }
    }
    answer
}
