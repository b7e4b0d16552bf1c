//! Where a run goes next: computed here, in tested code, so that the state machine stays small.

use hunter_contracts::{
    Action, AgentConfig, ChunkEntry, Control, IntelligencePayload, LeadsRef, NextStep,
    OutreachPayload, PersonalizationPayload, RecipeId, RecipeInput, RunRecord, SendMode,
    StepContext, SubscriptionPayload,
};
use serde::Serialize;
use serde_json::Value;

use crate::recipe::FunctionNames;

/// Lanes that a run is cut into while its chunks stay within twice the agent's chunk size: a run
/// of 200 leads then takes at most 40 state transitions (9 + 4 · (2 · 3 + 1) = 37).
const LANES_PREFERRED: usize = 4;

/// The recipe after `recipe` in the agent's cookbook. Subscription is not part of a lane: it runs
/// when the run is closed.
#[must_use]
pub fn next_recipe(agent: &AgentConfig, recipe: RecipeId) -> Option<RecipeId> {
    let mut ids = agent.recipes.iter().map(|r| r.id);
    ids.by_ref().find(|&id| id == recipe)?;
    ids.find(|&id| id != RecipeId::Subscription)
}

/// Sizes of the chunks that `leads` leads are cut into: even, at least the agent's chunk size where
/// there are enough leads, at most twice of it.
#[must_use]
pub fn chunk_sizes(agent: &AgentConfig, leads: usize) -> Vec<usize> {
    if leads == 0 {
        return Vec::new();
    }
    let size = usize::try_from(agent.chunk_size).unwrap_or(1).max(1);
    let size = leads
        .div_ceil(LANES_PREFERRED)
        .clamp(size, size.saturating_mul(2));
    let count = leads.div_ceil(size);
    let (each, more) = (leads / count, leads % count);
    (0..count)
        .map(|index| each + usize::from(index < more))
        .collect()
}

fn to_value<T: Serialize>(payload: &T) -> Value {
    // Our payload types hold nothing that JSON cannot.
    serde_json::to_value(payload).unwrap_or(Value::Null)
}

/// The input of a recipe within a run.
#[must_use]
pub fn step_input(
    run: &RunRecord,
    recipe: RecipeId,
    chunk: Option<u32>,
    leads_ref: Option<LeadsRef>,
) -> RecipeInput<Value> {
    let agent = &run.agent;
    let payload = match recipe {
        RecipeId::Discovery => to_value(&run.target),
        RecipeId::Intelligence => to_value(&IntelligencePayload {
            leads: Vec::new(),
            leads_ref,
            enrichment_level: None,
        }),
        RecipeId::Personalization => to_value(&PersonalizationPayload {
            leads: Vec::new(),
            leads_ref,
            tone: Some(agent.writing.tone.clone()),
            max_length: Some(agent.writing.max_length),
            template_context: Some(agent.writing.template_context.clone()),
        }),
        RecipeId::Outreach => to_value(&OutreachPayload {
            leads: Vec::new(),
            leads_ref,
            channels: Some(agent.outreach.channels.clone()),
            send_mode: Some(SendMode::DraftOnly),
            draft_expiry_days: Some(agent.outreach.draft_expiry_days),
        }),
        RecipeId::Subscription => to_value(&SubscriptionPayload {
            credits_used_this_run: run.charged,
            api_calls_this_run: run.stages.values().map(|s| s.api_calls).sum(),
        }),
    };
    RecipeInput {
        recipe_id: recipe,
        execution_id: run.execution_id.clone(),
        customer_id: run.customer_id.clone(),
        payload,
        step: Some(StepContext { attempt: 1, chunk }),
    }
}

/// `action` with the step that runs `input`.
#[must_use]
pub fn go_to(functions: &FunctionNames, action: Action, input: RecipeInput<Value>) -> Control {
    let chunk = input.step.as_ref().and_then(|step| step.chunk);
    Control {
        step: Some(NextStep {
            function: functions.of(input.recipe_id),
            input,
        }),
        chunk,
        ..Control::new(action)
    }
}

/// After discovery: one lane per chunk, or `done` where there is nothing to do.
#[must_use]
pub fn fan_out(
    functions: &FunctionNames,
    run: &RunRecord,
    generation: &str,
    sizes: &[u32],
) -> Control {
    let Some(first) = next_recipe(&run.agent, RecipeId::Discovery) else {
        return Control::new(Action::Done);
    };
    if sizes.is_empty() {
        return Control {
            reason: Some("no lead qualified".into()),
            ..Control::new(Action::Done)
        };
    }
    let lane = |chunk: u32| {
        let leads_ref = LeadsRef {
            stage: RecipeId::Discovery,
            chunk,
            generation: Some(generation.to_owned()),
        };
        let input = step_input(run, first, Some(chunk), Some(leads_ref));
        ChunkEntry {
            control: go_to(functions, Action::Next, input),
        }
    };
    Control {
        chunks: Some((0..).zip(sizes).map(|(chunk, _)| lane(chunk)).collect()),
        max_concurrency: Some(run.agent.max_concurrency),
        ..Control::new(Action::FanOut)
    }
}

/// After a recipe of a lane: the next one with `leads_ref`, or `done`.
#[must_use]
pub fn after(
    functions: &FunctionNames,
    run: &RunRecord,
    recipe: RecipeId,
    chunk: Option<u32>,
    leads_ref: Option<LeadsRef>,
    action: Action,
) -> Control {
    match next_recipe(&run.agent, recipe) {
        Some(next) => go_to(functions, action, step_input(run, next, chunk, leads_ref)),
        None => Control {
            chunk,
            ..Control::new(Action::Done)
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(chunk_size: u32) -> AgentConfig {
        serde_json::from_value(serde_json::json!({
            "agent_id": "a", "name": "A", "chunk_size": chunk_size,
            "seller": { "company": "C", "offer": "o", "ask": "?", "sender_name": "S" }
        }))
        .unwrap()
    }

    #[test]
    fn chunks_are_even_and_few() {
        for (leads, expected) in [
            (0, vec![]),
            (1, vec![1]),
            (25, vec![25]),
            (26, vec![13, 13]),
            (123, vec![31, 31, 31, 30]),
            (200, vec![50; 4]),
            (251, vec![42, 42, 42, 42, 42, 41]),
        ] {
            assert_eq!(chunk_sizes(&agent(25), leads), expected, "{leads} leads");
        }
        assert_eq!(chunk_sizes(&agent(25), 5_000).len(), 100);
    }

    #[test]
    fn the_cookbook_decides_what_comes_next() {
        let mut agent = agent(25);
        assert_eq!(
            next_recipe(&agent, RecipeId::Discovery),
            Some(RecipeId::Intelligence)
        );
        assert_eq!(next_recipe(&agent, RecipeId::Outreach), None);
        agent.recipes.retain(|r| r.id != RecipeId::Intelligence);
        assert_eq!(
            next_recipe(&agent, RecipeId::Discovery),
            Some(RecipeId::Personalization)
        );
        assert_eq!(next_recipe(&agent, RecipeId::Intelligence), None);
    }
}
