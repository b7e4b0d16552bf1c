//! Where a run goes next: computed here, in tested code, so that the state machine stays small.

use hunter_contracts::{
    AgentConfig, ChunkEntry, Control, LaneStart, LeadsRef, NextStep, RecipeId, RecipeInput,
    RunRecord, StepContext, Turn,
};
use serde_json::Value;

use crate::recipe::FunctionNames;

/// Lanes that a run is cut into while its chunks stay within twice the agent's chunk size: a run
/// of 200 leads then takes at most 40 state transitions (9 + 4 · (2 · 3 + 1) = 37).
const LANES_PREFERRED: usize = 4;

/// The recipe after `recipe` in the agent's cookbook. The last one is not part of a lane: it runs
/// when the run is closed.
#[must_use]
pub fn next_recipe(agent: &AgentConfig, recipe: RecipeId) -> Option<RecipeId> {
    let mut ids = agent.recipes.iter().map(|r| r.id);
    ids.by_ref().find(|&id| id == recipe)?;
    ids.find(|id| id.spec().turn != Turn::Last)
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

/// The input of a recipe within a run.
#[must_use]
pub fn step_input(
    run: &RunRecord,
    recipe: RecipeId,
    chunk: Option<u32>,
    leads_ref: Option<LeadsRef>,
) -> RecipeInput<Value> {
    RecipeInput {
        recipe_id: recipe,
        execution_id: run.execution_id.clone(),
        customer_id: run.customer_id.clone(),
        payload: run.payload(recipe, leads_ref),
        step: Some(StepContext { attempt: 1, chunk }),
    }
}

/// After the recipe that finds the leads: one lane per chunk, or `done` where there is nothing to do.
#[must_use]
pub fn fan_out(
    functions: &FunctionNames,
    run: &RunRecord,
    recipe: RecipeId,
    generation: &str,
    chunks: usize,
) -> Control {
    let Some(first) = next_recipe(&run.agent, recipe) else {
        return Control::done(None);
    };
    if chunks == 0 {
        return Control::Done {
            chunk: None,
            reason: Some("no lead qualified".into()),
            error_code: None,
        };
    }
    let lane = |chunk: u32| {
        let leads_ref = LeadsRef {
            stage: recipe,
            chunk,
            generation: Some(generation.to_owned()),
        };
        let step = functions.step(step_input(run, first, Some(chunk), Some(leads_ref)));
        let control = LaneStart::Next { step, chunk };
        ChunkEntry { control }
    };
    Control::FanOut {
        chunks: (0..).take(chunks).map(lane).collect(),
        max_concurrency: run.agent.max_concurrency,
    }
}

/// What follows a recipe of a lane, with `leads_ref`; none at the lane's end.
#[must_use]
pub fn next_step(
    functions: &FunctionNames,
    run: &RunRecord,
    recipe: RecipeId,
    chunk: Option<u32>,
    leads_ref: Option<LeadsRef>,
) -> Option<NextStep> {
    let next = next_recipe(&run.agent, recipe)?;
    Some(functions.step(step_input(run, next, chunk, leads_ref)))
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
