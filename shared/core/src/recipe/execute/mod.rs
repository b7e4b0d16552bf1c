//! The one way to run a step: validate, replay or work, store, charge, audit, decide what is next.
//!
//! The order of effects is what makes a step safe to run twice and to die anywhere:
//! 1. the result is stored under a deterministic key, the first writer winning;
//! 2. what stands in the store (ours or another's) is charged, once;
//! 3. the answer is built from what stands in the store.

mod audit;
mod direct;

use std::sync::{Arc, atomic::Ordering};

use hunter_contracts::{
    AgentConfig, Control, ErrorCode, ExecutionId, LeadRank, LeadsPayload, LeadsRef, Metadata,
    RateCard, RecipeData, RecipeFailure, RecipeInput, RecipeOutput, RunRecord, Status, StepResult,
    Turn,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    recipe::{
        Context, Handling, Meter, Outcome, Platform, Recipe, chunk_sizes, fan_out, handle_failure,
        next_step, parse, short_key,
    },
    store::{Debit, Pack, PackKey, Put, TenantStore},
};

/// Rejected records per pack.
const REJECTED_PER_PACK: usize = 2_000;
/// Errors that an answer inside a run carries; the stored result has them all.
const ERRORS_IN_ANSWER: usize = 20;

/// Runs a step of a run, or a direct call.
///
/// # Errors
/// Only when the input names no usable run: everything else is a `failed` answer with its
/// `control`.
pub async fn execute<R: Recipe>(
    recipe: &R,
    platform: &Platform,
    event: Value,
) -> Result<StepResult, RecipeFailure> {
    let input: RecipeInput<Value> = parse(event, "")?;
    if input.recipe_id != R::ID {
        return Err(RecipeFailure::invalid_input(format!(
            "`recipe_id` is `{}`: this function runs `{}`",
            input.recipe_id,
            R::ID
        )));
    }
    let store = platform.store.tenant(&input.customer_id);
    let run = match input.step {
        Some(_) => Some(store.run(&input.execution_id).await?.ok_or_else(|| {
            RecipeFailure::new(
                ErrorCode::NotFound,
                format!(
                    "`execution_id` `{}` names no run of this customer",
                    input.execution_id
                ),
            )
        })?),
        None => None,
    };
    let (rates, opened_at) = match &run {
        Some(run) => (run.rates.clone(), run.started_at),
        None => {
            let now = platform.clock.now();
            (platform.rates.at(now)?.clone(), now)
        }
    };
    let step = Step::<R> {
        recipe,
        platform,
        store,
        run,
        rates,
        opened_at,
        input,
        meter: Arc::default(),
    };
    match step.run {
        Some(_) => step.in_run().await,
        None => Ok(step.direct().await),
    }
}

struct Step<'a, R> {
    recipe: &'a R,
    platform: &'a Platform,
    store: Arc<dyn TenantStore>,
    run: Option<RunRecord>,
    /// The run's prices, or those of a direct call's day.
    rates: RateCard,
    opened_at: Timestamp,
    input: RecipeInput<Value>,
    /// Outlives a failure, so that what it cost is told.
    meter: Arc<Meter>,
}

/// A finished piece of work, ready to be stored.
struct Work<D> {
    outcome: Outcome<D>,
    started_at: Timestamp,
    api_calls: u64,
}

impl<R: Recipe> Step<'_, R> {
    fn agent(&self) -> &AgentConfig {
        match &self.run {
            Some(run) => &run.agent,
            None => &self.platform.direct_agent,
        }
    }

    fn context(&self) -> Context {
        Context {
            tenant: self.input.customer_id.clone(),
            execution_id: self.input.execution_id.clone(),
            recipe: R::ID,
            step: self.input.step.clone(),
            store: self.store.clone(),
            clock: self.platform.clock.clone(),
            agent: Arc::new(self.agent().clone()),
            rates: self.rates.clone(),
            opened_at: self.opened_at,
            record_concurrency: self.platform.record_concurrency.max(1),
            alerts: self.platform.alerts.clone(),
            progress: self.platform.progress.clone(),
            api_calls: Arc::default(),
            meter: self.meter.clone(),
        }
    }

    fn chunk(&self) -> Option<u32> {
        self.input.step.as_ref().and_then(|step| step.chunk)
    }

    /// The id that packs and ledger entries go under. A direct call has one of its own, so that it
    /// can never touch a run's reservation, nor another recipe's call with the same execution id.
    fn ledger_id(&self) -> ExecutionId {
        let id = &self.input.execution_id;
        match self.input.step {
            Some(_) => id.clone(),
            None => ExecutionId::derived("direct", &short_key(&[id.as_str(), R::ID.into()])),
        }
    }

    fn payload(&self) -> Result<R::Payload, RecipeFailure> {
        let payload: R::Payload = parse(self.input.payload.clone(), "payload")?;
        self.recipe.validate(&payload)?;
        Ok(payload)
    }

    /// Does the work itself, without storing or charging anything.
    async fn work(&self, mut payload: R::Payload) -> Result<Work<R::Data>, RecipeFailure> {
        let started_at = self.platform.clock.now();
        if let Some(leads_ref) = payload.leads_ref() {
            let leads = self.load_leads(leads_ref).await?;
            payload.set_leads(leads);
        }
        let context = self.context();
        let outcome = self.recipe.run(&context, payload).await?;
        let crawled = context.api_calls.load(Ordering::Relaxed);
        Ok(Work {
            outcome,
            started_at,
            api_calls: crawled.saturating_add(self.meter.calls()),
        })
    }

    async fn load_leads(
        &self,
        at: &LeadsRef,
    ) -> Result<Vec<hunter_contracts::Lead>, RecipeFailure> {
        let id = &self.input.execution_id;
        let key = PackKey::chunk(id, at.stage, at.generation.as_deref(), at.chunk);
        let pack = self.store.pack(&key).await?.ok_or_else(|| {
            let (stage, chunk) = (at.stage, at.chunk);
            RecipeFailure::new(
                ErrorCode::NotFound,
                format!("`payload.leads_ref` names chunk {chunk} of {stage}, which this run does not have"),
            )
        })?;
        Ok(pack.leads)
    }

    fn output(&self, work: &Work<R::Data>, data: Value) -> RecipeOutput<Value> {
        let outcome = &work.outcome;
        let failed = outcome.records_failed.min(outcome.records_processed);
        let succeeded = outcome.records_processed.saturating_sub(failed);
        let status = match (succeeded, failed) {
            (_, 0) => Status::Success,
            (0, _) => Status::Failed,
            _ => Status::Partial,
        };
        let completed_at = self.platform.clock.now();
        RecipeOutput {
            recipe_id: R::ID,
            execution_id: self.input.execution_id.clone(),
            customer_id: self.input.customer_id.clone(),
            status,
            data,
            metadata: Metadata {
                started_at: work.started_at,
                completed_at,
                duration_ms: duration_ms(work.started_at, completed_at),
                records_processed: outcome.records_processed,
                records_succeeded: succeeded,
                records_failed: failed,
                credits_consumed: outcome.charges.iter().map(|line| line.amount).sum(),
                api_calls: work.api_calls,
                outside_use: self.meter.uses(),
                fallbacks: self.meter.fallbacks(),
            },
            errors: outcome.errors.clone(),
            next_recipe_input: None,
        }
    }

    fn failed_output(&self, failure: &RecipeFailure, started_at: Timestamp) -> RecipeOutput<Value> {
        let completed_at = self.platform.clock.now();
        RecipeOutput {
            recipe_id: R::ID,
            execution_id: self.input.execution_id.clone(),
            customer_id: self.input.customer_id.clone(),
            status: Status::Failed,
            data: json!({}),
            metadata: Metadata {
                started_at,
                completed_at,
                duration_ms: duration_ms(started_at, completed_at),
                records_processed: 0,
                records_succeeded: 0,
                records_failed: 0,
                credits_consumed: hunter_contracts::Credits::ZERO,
                api_calls: self.meter.calls(),
                outside_use: self.meter.uses(),
                fallbacks: self.meter.fallbacks(),
            },
            errors: vec![failure.of_record("run")],
            next_recipe_input: None,
        }
    }

    async fn in_run(&self) -> Result<StepResult, RecipeFailure> {
        let started_at = self.platform.clock.now();
        match self.try_in_run().await {
            Ok(result) => Ok(result),
            // It runs after everything else, and the machine reads no `control` of it: only a
            // failure of the function itself is tried again.
            Err(failure) if R::ID.spec().turn == Turn::Last => Err(failure),
            Err(failure) => {
                tracing::warn!(recipe = %R::ID, code = %failure.code, chunk = self.chunk(), "step failed: {}", failure.told());
                Ok(StepResult {
                    output: self.failed_output(&failure, started_at),
                    control: self.after_failure(&failure),
                })
            }
        }
    }

    async fn try_in_run(&self) -> Result<StepResult, RecipeFailure> {
        let id = &self.input.execution_id;
        let key = match self.chunk() {
            Some(chunk) => PackKey::chunk(id, R::ID, None, chunk),
            None => PackKey::head(id, R::ID),
        };
        let payload = self.payload()?;
        let pack = match self.store.pack(&key).await? {
            Some(pack) => pack,
            None => {
                let work = self.work(payload).await?;
                self.store_result(&key, work).await?
            }
        };
        self.settle(&pack).await?;
        let output = pack.output.as_ref().ok_or_else(|| {
            RecipeFailure::internal(format!("the stored result of {} has no output", R::ID))
        })?;
        self.audit(output).await?;
        self.answer(pack)
    }

    /// Stores what was made; the first writer wins, and what stands is answered.
    async fn store_result(
        &self,
        key: &PackKey,
        mut work: Work<R::Data>,
    ) -> Result<Pack, RecipeFailure> {
        let (leads, rejected) = work.outcome.data.take_lists();
        let mut pack = Pack::default();
        if let Some(sizes) = work.outcome.data.chunks() {
            let (generation, stored) = self.store_lists(leads, rejected, work.started_at).await?;
            pack.generation = Some(generation);
            *sizes = stored;
        } else {
            pack.leads = leads;
        }
        self.store_pack(key, pack, work).await
    }

    /// Stores a result with what is to be charged for it; the first writer wins.
    async fn store_pack(
        &self,
        key: &PackKey,
        mut pack: Pack,
        work: Work<R::Data>,
    ) -> Result<Pack, RecipeFailure> {
        let data = serde_json::to_value(&work.outcome.data).map_err(RecipeFailure::defect)?;
        pack.output = Some(self.output(&work, data));
        pack.charges = work.outcome.charges;
        pack.rate_card = (!pack.charges.is_empty()).then(|| self.rates.id.clone());
        match self.store.put_pack(key, &pack).await? {
            Put::New => Ok(pack),
            Put::Existing(standing) => Ok(standing),
        }
    }

    /// Stores discovery's leads by chunk and its rejected records, under a generation of their
    /// own: a second attempt that found something else cannot mix with the first one's chunks.
    async fn store_lists(
        &self,
        mut leads: Vec<hunter_contracts::Lead>,
        rejected: Vec<hunter_contracts::RejectedRecord>,
        started_at: Timestamp,
    ) -> Result<(String, Vec<u32>), RecipeFailure> {
        let id = &self.input.execution_id;
        let attempt = self.input.step.as_ref().map_or(1, |step| step.attempt);
        let listed: Vec<&str> = leads.iter().map(|lead| lead.id.as_str()).collect();
        let generation = short_key(&[
            &attempt.to_string(),
            &started_at.to_string(),
            &listed.join(","),
        ]);
        let of = u32::try_from(leads.len()).unwrap_or(u32::MAX);
        for (position, lead) in (1..).zip(&mut leads) {
            lead.rank = Some(LeadRank { position, of });
        }
        let sizes = chunk_sizes(self.agent(), leads.len());
        let mut leads = leads.into_iter();
        for (chunk, &size) in (0..).zip(&sizes) {
            let pack = Pack {
                leads: leads.by_ref().take(size).collect(),
                ..Pack::default()
            };
            let key = PackKey::chunk(id, R::ID, Some(&generation), chunk);
            self.store.put_pack(&key, &pack).await?;
        }
        for (part, records) in (0..).zip(rejected.chunks(REJECTED_PER_PACK)) {
            let pack = Pack {
                rejected: records.to_vec(),
                ..Pack::default()
            };
            let key = PackKey::rejected(id, R::ID, &generation, part);
            self.store.put_pack(&key, &pack).await?;
        }
        let sizes = sizes
            .into_iter()
            .map(|size| u32::try_from(size).unwrap_or(u32::MAX))
            .collect();
        Ok((generation, sizes))
    }

    async fn settle(&self, pack: &Pack) -> Result<(), RecipeFailure> {
        if pack.charges.is_empty() {
            return Ok(());
        }
        let (id, at) = (self.ledger_id(), self.platform.clock.now());
        let debit = Debit::of(pack, &id, R::ID, self.chunk(), at);
        self.store.settle(&debit).await?;
        Ok(())
    }

    /// The answer inside a run: references instead of leads, and only the first errors.
    fn answer(&self, mut pack: Pack) -> Result<StepResult, RecipeFailure> {
        let control = self.after_success(&pack)?;
        let mut output = pack
            .output
            .take()
            .ok_or_else(|| RecipeFailure::internal("no output stored"))?;
        output.errors.truncate(ERRORS_IN_ANSWER);
        let next = control.step().map(|step| step.input.clone());
        output.next_recipe_input = next.map(Box::new);
        Ok(StepResult { output, control })
    }

    fn after_success(&self, pack: &Pack) -> Result<Control, RecipeFailure> {
        let Some(run) = &self.run else {
            return Ok(Control::done(None));
        };
        let (functions, chunk) = (&self.platform.functions, self.chunk());
        Ok(match R::ID.spec().turn {
            Turn::First => {
                let mut data: R::Data = pack.data()?;
                let chunks = data.chunks().map_or(0, |sizes| sizes.len());
                let generation = pack.generation.as_deref().unwrap_or_default();
                fan_out(functions, run, R::ID, generation, chunks)
            }
            Turn::Chunk => {
                // Every record failed, each on its own: the lane has nothing to go on with, but
                // that is a result, not a failure of the recipe.
                let leads_ref = chunk.map(|chunk| LeadsRef {
                    stage: R::ID,
                    chunk,
                    generation: None,
                });
                match next_step(functions, run, R::ID, chunk, leads_ref) {
                    Some(step) => Control::Next { step, chunk },
                    None => Control::done(chunk),
                }
            }
            Turn::Last => Control::done(None),
        })
    }

    fn after_failure(&self, failure: &RecipeFailure) -> Control {
        let (functions, chunk) = (&self.platform.functions, self.chunk());
        let (error_code, reason) = (failure.code, failure.told().chars().take(1_000).collect());
        let abort = |reason| Control::Abort {
            chunk,
            reason,
            error_code,
        };
        let (Some(run), Some(step)) = (&self.run, &self.input.step) else {
            return abort(reason);
        };
        let now = self.platform.clock.now();
        match handle_failure(&run.agent, R::ID, failure, step.attempt, now) {
            Handling::Retry(retry_at) => {
                let mut input = self.input.clone();
                if let Some(step) = &mut input.step {
                    step.attempt = step.attempt.saturating_add(1);
                }
                Control::Retry {
                    step: functions.step(input),
                    retry_at,
                    chunk,
                    reason,
                    error_code,
                }
            }
            Handling::Skip if chunk.is_some() => {
                let payload = parse::<R::Payload>(self.input.payload.clone(), "payload").ok();
                let leads_ref = payload.and_then(|payload| payload.leads_ref().cloned());
                match next_step(functions, run, R::ID, chunk, leads_ref) {
                    Some(step) => Control::Skip {
                        step,
                        chunk,
                        reason,
                        error_code,
                    },
                    None => Control::Done {
                        chunk,
                        reason: Some(reason),
                        error_code: Some(error_code),
                    },
                }
            }
            Handling::Skip | Handling::Abort => abort(reason),
        }
    }
}

fn duration_ms(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_millisecond().saturating_sub(from.as_millisecond())).unwrap_or(0)
}
