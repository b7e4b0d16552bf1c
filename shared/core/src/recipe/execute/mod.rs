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
    Action, ChunkEntry, Control, ErrorCode, ExecutionId, LeadRank, LeadsRef, Metadata,
    RecipeFailure, RecipeId, RecipeInput, RecipeOutput, RecordError, RunRecord, Status, StepResult,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    recipe::{
        Context, Handling, Meter, Outcome, Platform, Recipe, RecipeData, after, chunk_sizes,
        fan_out, go_to, handle_failure, parse, short_key,
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
    if input.step.is_some() {
        let run = store.run(&input.execution_id).await?.ok_or_else(|| {
            RecipeFailure::new(
                ErrorCode::NotFound,
                format!(
                    "`execution_id` `{}` names no run of this customer",
                    input.execution_id
                ),
            )
        })?;
        let step = Step::<R> {
            recipe,
            platform,
            store,
            run: Some(run),
            input,
            meter: Arc::default(),
        };
        return step.in_run().await;
    }
    Ok(Step::<R> {
        recipe,
        platform,
        store,
        run: None,
        input,
        meter: Arc::default(),
    }
    .direct()
    .await)
}

struct Step<'a, R> {
    recipe: &'a R,
    platform: &'a Platform,
    store: Arc<dyn TenantStore>,
    run: Option<RunRecord>,
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
    fn context(&self) -> Context {
        let agent = self
            .run
            .as_ref()
            .map_or(&self.platform.direct_agent, |run| &run.agent);
        Context {
            tenant: self.input.customer_id.clone(),
            execution_id: self.input.execution_id.clone(),
            recipe: R::ID,
            step: self.input.step.clone(),
            store: self.store.clone(),
            clock: self.platform.clock.clone(),
            agent: Arc::new(agent.clone()),
            rates: self.platform.rates.clone(),
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
            None => ExecutionId::derived("direct", &short_key(&[id.as_str(), R::ID.as_str()])),
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
        if let Some(leads_ref) = R::leads_ref(&payload) {
            let leads = self.load_leads(&leads_ref).await?;
            R::set_leads(&mut payload, leads);
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
            errors: vec![RecordError::new(
                "run",
                failure.code,
                failure.message.clone(),
            )],
            next_recipe_input: None,
        }
    }

    async fn in_run(&self) -> Result<StepResult, RecipeFailure> {
        let started_at = self.platform.clock.now();
        match self.try_in_run().await {
            Ok(result) => Ok(result),
            // It runs after everything else, and the machine reads no `control` of it: only a
            // failure of the function itself is tried again.
            Err(failure) if R::ID == RecipeId::Subscription => Err(failure),
            Err(failure) => {
                tracing::warn!(recipe = %R::ID, code = %failure.code, chunk = self.chunk(), "step failed: {}", failure.message);
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
        let output = pack.output.clone().ok_or_else(|| {
            RecipeFailure::internal(format!("the stored result of {} has no output", R::ID))
        })?;
        self.audit(&output).await?;
        Ok(self.answer(output, &pack))
    }

    /// Stores what was made; the first writer wins, and what stands is answered.
    async fn store_result(
        &self,
        key: &PackKey,
        mut work: Work<R::Data>,
    ) -> Result<Pack, RecipeFailure> {
        let leads = work.outcome.data.take_leads();
        let rejected = work.outcome.data.take_rejected();
        work.outcome.data.clear_stored_elsewhere();
        let charges = work.outcome.charges.clone();
        let mut pack = Pack {
            charges,
            ..Pack::default()
        };
        if R::ID == RecipeId::Discovery {
            let (generation, sizes) = self.store_lists(leads, rejected, work.started_at).await?;
            pack.generation = Some(generation);
            work.outcome.data.set_chunks(sizes);
        } else {
            pack.leads = leads;
        }
        let data = serde_json::to_value(&work.outcome.data)
            .map_err(|error| RecipeFailure::internal(format!("result is not JSON: {error}")))?;
        pack.output = Some(self.output(&work, data));
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
        let agent = self
            .run
            .as_ref()
            .map_or(&self.platform.direct_agent, |run| &run.agent);
        let sizes = chunk_sizes(agent, leads.len());
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
        let debit = Debit::of(pack, &id, R::ID, self.chunk(), &self.platform.rates, at);
        self.store.settle(&debit).await?;
        Ok(())
    }

    /// The answer inside a run: references instead of leads, and only the first errors.
    fn answer(&self, mut output: RecipeOutput<Value>, pack: &Pack) -> StepResult {
        let control = self.after_success(&output, pack);
        output.errors.truncate(ERRORS_IN_ANSWER);
        output.next_recipe_input = match (&control.step, &control.chunks) {
            (Some(step), _) => Some(Box::new(step.input.clone())),
            (None, Some(chunks)) => chunks.first().and_then(first_input).map(Box::new),
            _ => None,
        };
        StepResult { output, control }
    }

    fn after_success(&self, output: &RecipeOutput<Value>, pack: &Pack) -> Control {
        let Some(run) = &self.run else {
            return Control::new(Action::Done);
        };
        let functions = &self.platform.functions;
        match R::ID {
            RecipeId::Discovery => {
                let sizes: Vec<u32> = output
                    .data
                    .get("chunks")
                    .and_then(|sizes| serde_json::from_value(sizes.clone()).ok())
                    .unwrap_or_default();
                fan_out(
                    functions,
                    run,
                    pack.generation.as_deref().unwrap_or_default(),
                    &sizes,
                )
            }
            RecipeId::Subscription => Control::new(Action::Done),
            recipe => {
                // Every record failed, each on its own: the lane has nothing to go on with, but
                // that is a result, not a failure of the recipe.
                let chunk = self.chunk();
                let leads_ref = chunk.map(|chunk| LeadsRef {
                    stage: recipe,
                    chunk,
                    generation: None,
                });
                after(functions, run, recipe, chunk, leads_ref, Action::Next)
            }
        }
    }

    fn after_failure(&self, failure: &RecipeFailure) -> Control {
        let chunk = self.chunk();
        let functions = &self.platform.functions;
        let base = |action| Control {
            chunk,
            reason: Some(failure.message.chars().take(1_000).collect()),
            error_code: Some(failure.code),
            ..Control::new(action)
        };
        let (Some(run), Some(step)) = (&self.run, &self.input.step) else {
            return base(Action::Abort);
        };
        let now = self.platform.clock.now();
        match handle_failure(&run.agent, R::ID, failure, step.attempt, now) {
            Handling::Retry(at) => {
                let mut input = self.input.clone();
                if let Some(step) = &mut input.step {
                    step.attempt = step.attempt.saturating_add(1);
                }
                let step = go_to(functions, Action::Retry, input).step;
                Control {
                    step,
                    retry_at: Some(at),
                    ..base(Action::Retry)
                }
            }
            Handling::Skip if chunk.is_some() => {
                let leads_ref = parse::<R::Payload>(self.input.payload.clone(), "payload")
                    .ok()
                    .and_then(|payload| R::leads_ref(&payload));
                let next = after(functions, run, R::ID, chunk, leads_ref, Action::Skip);
                Control {
                    step: next.step,
                    ..base(next.action)
                }
            }
            Handling::Skip | Handling::Abort => base(Action::Abort),
        }
    }
}

fn first_input(entry: &ChunkEntry) -> Option<RecipeInput<Value>> {
    entry.control.step.as_ref().map(|step| step.input.clone())
}

fn duration_ms(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_millisecond().saturating_sub(from.as_millisecond())).unwrap_or(0)
}
