//! Measures how true the messages are: claims verified ÷ claims made, and near-duplicates per 1,000
//! messages, over a generated town, by the rules engine and by honest and careless models.
//!
//! `cargo run --release -p personalization --example truth -- [--leads 1200] [--json]`
//!
//! *Said*: sentences about the lead or the seller that models answered, rewrites included. *Taken*:
//! the share of them that stands in a message. *Made* and *verified*: the claims that stand in
//! messages, and those of them that the town's own truth confirms, without the checker. *Near
//! duplicates*: messages of the whole run that are at least 0.8 similar to an earlier one, per 1,000;
//! chunks of 25 leads do not see each other, and closing the run holds these back.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    dead_code,
    unreachable_pub,
    reason = "a measuring program may panic and prints; its helpers are shared with tests"
)]

#[path = "../tests/support/mod.rs"]
mod support;
#[path = "../tests/support/town.rs"]
mod town;

use hunter_core::recipe::Recipe;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use hunter_contracts::*;
use hunter_core::{
    ports::{Model, ModelRequest, Models, RULES, SystemClock},
    recipe::Caller,
    rules::{NEAR_DUPLICATE_THRESHOLD, mask_names, near_duplicates},
};
use hunter_sandbox::{Business, ModelMode};
use personalization::Personalization;
use serde::Serialize;
use serde_json::Value;
use support::email;

/// Leads of a chunk, as a run has them.
const CHUNK: usize = 25;

/// Writes down what models say.
struct Overheard {
    models: Arc<dyn Models>,
    said: Arc<Mutex<Vec<String>>>,
}

struct Ear {
    model: Arc<dyn Model>,
    said: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl Models for Overheard {
    async fn open(
        &self,
        caller: &Caller,
        purpose: Purpose,
    ) -> Result<Vec<Arc<dyn Model>>, RecipeFailure> {
        let models = self.models.open(caller, purpose).await?;
        let ear = |model| {
            let said = self.said.clone();
            Arc::new(Ear { model, said }) as Arc<dyn Model>
        };
        Ok(models.into_iter().map(ear).collect())
    }
}

#[async_trait]
impl Model for Ear {
    fn name(&self) -> &str {
        self.model.name()
    }

    async fn answer(&self, request: &ModelRequest) -> Result<Value, RecipeFailure> {
        let answer = self.model.answer(request).await?;
        if request.purpose == Purpose::Writing {
            let sentences = answer["sentences"].as_array().cloned().unwrap_or_default();
            let claims = sentences
                .iter()
                .filter(|s| !matches!(s["role"].as_str(), Some("greeting" | "sign_off") | None));
            let texts = claims.filter_map(|s| Some(s["text"].as_str()?.trim().to_owned()));
            self.said.lock().unwrap().extend(texts);
        }
        Ok(answer)
    }
}

#[derive(Debug, Default, Serialize)]
struct Row {
    writer: String,
    leads: usize,
    messages: usize,
    by_models: usize,
    said: usize,
    taken: usize,
    claims_made: usize,
    claims_verified: usize,
    verified_share: f64,
    near_duplicates: usize,
    near_duplicates_per_1000: f64,
    held_back_in_step: usize,
    failed: usize,
    languages: BTreeMap<String, usize>,
    quality_mean: f64,
    model_calls: u64,
    tokens_per_lead: f64,
    dollars_per_1000_leads: f64,
    fallbacks: u64,
}

async fn measure(writer: &str, mode: Option<ModelMode>, count: usize) -> Row {
    let now = support::now();
    let sandbox = town::sandbox(now, count, mode.unwrap_or_default()).await;
    let businesses: Vec<Business> = sandbox.town().businesses().to_vec();
    let leads: Vec<Lead> = businesses
        .iter()
        .enumerate()
        .map(|(n, b)| town::lead(b, n, now))
        .collect();
    let said = Arc::new(Mutex::new(Vec::new()));
    let recipe = mode.map_or_else(Personalization::rules, |_| {
        Personalization::new(Arc::new(Overheard {
            models: town::models(&sandbox, Arc::new(SystemClock)),
            said: said.clone(),
        }))
    });
    let agent = town::seller(support::agent());
    let mut row = Row {
        writer: writer.to_owned(),
        leads: leads.len(),
        ..Row::default()
    };
    let (mut masked, mut texts, mut quality) = (Vec::new(), BTreeSet::new(), 0.0);
    let (mut tokens, mut dollars) = (0, Dollars::ZERO);
    for (chunk, businesses) in leads.chunks(CHUNK).zip(businesses.chunks(CHUNK)) {
        let mut context = support::context(agent.clone());
        context.record_concurrency = 10;
        let payload = support::payload(chunk.to_vec());
        let outcome = recipe.run(&context, payload).await.unwrap();
        let meter = context.caller().meter;
        row.model_calls += meter.calls();
        row.fallbacks += meter.fallbacks().iter().map(|f| f.count).sum::<u64>();
        for used in meter.uses() {
            tokens += used.input_tokens + used.output_tokens;
            dollars = dollars.plus(used.cost);
        }
        for (lead, business) in outcome.data.leads.iter().zip(businesses) {
            let Some(message) = &lead.message else {
                row.failed += 1;
                continue;
            };
            texts.extend(message.claims.iter().map(|claim| claim.text.clone()));
            if message.held_back.is_some() {
                row.held_back_in_step += 1;
                continue;
            }
            row.messages += 1;
            row.by_models += usize::from(!message.model_used.starts_with(RULES));
            *row.languages.entry(message.language.clone()).or_default() += 1;
            quality += message.quality_score.get();
            row.claims_made += message.claims.len();
            let verified = message
                .claims
                .iter()
                .filter(|claim| town::is_true(claim, business, &agent.seller));
            row.claims_verified += verified.count();
            let text = mask_names(&message.text, &[&business.name, &business.owner.name]);
            masked.push((lead.id.to_string(), text));
        }
    }
    sandbox.stop().await;
    let said = said.lock().unwrap();
    row.said = said.len();
    row.taken = said.iter().filter(|text| texts.contains(*text)).count();
    let later: BTreeSet<usize> = near_duplicates(&masked, NEAR_DUPLICATE_THRESHOLD)
        .into_iter()
        .map(|(_, j)| j)
        .collect();
    row.near_duplicates = later.len();
    row.near_duplicates_per_1000 = later.len() as f64 * 1e3 / row.messages.max(1) as f64;
    row.verified_share = row.claims_verified as f64 / row.claims_made.max(1) as f64;
    row.quality_mean = quality / row.messages.max(1) as f64;
    row.tokens_per_lead = tokens as f64 / row.leads.max(1) as f64;
    row.dollars_per_1000_leads = dollars.to_decimal() * 1e3 / row.leads.max(1) as f64;
    row
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let json = arguments.iter().any(|a| a == "--json");
    let mut after = arguments.iter().skip_while(|a| *a != "--leads").skip(1);
    let count = after.next().and_then(|n| n.parse().ok()).unwrap_or(1_200);
    let mut rows = Vec::new();
    for (writer, mode) in [
        ("rules", None),
        ("honest models", Some(ModelMode::Honest)),
        ("careless models", Some(ModelMode::Careless)),
    ] {
        rows.push(measure(writer, mode, count).await);
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&rows).unwrap());
        return;
    }
    println!(
        "{:<16} {:>6} {:>9} {:>7} {:>6} {:>6} {:>7} {:>9} {:>9} {:>8} {:>7} {:>8} {:>8} {:>8}",
        "writer",
        "leads",
        "messages",
        "models",
        "said",
        "taken",
        "made",
        "verified",
        "share",
        "dup/1000",
        "quality",
        "calls",
        "tok/lead",
        "$/1000",
    );
    for row in &rows {
        println!(
            "{:<16} {:>6} {:>9} {:>7} {:>6} {:>6} {:>7} {:>9} {:>9.4} {:>8.1} {:>7.3} {:>8} {:>8.0} {:>8.2}",
            row.writer,
            row.leads,
            row.messages,
            row.by_models,
            row.said,
            row.taken,
            row.claims_made,
            row.claims_verified,
            row.verified_share,
            row.near_duplicates_per_1000,
            row.quality_mean,
            row.model_calls,
            row.tokens_per_lead,
            row.dollars_per_1000_leads,
        );
    }
}
