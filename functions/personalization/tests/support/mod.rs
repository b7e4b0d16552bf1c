//! A context without a store (personalization stores nothing) and leads to write to.

use hunter_core::recipe::Recipe;
use std::sync::Arc;

use hunter_contracts::*;
use hunter_core::{
    ports::ManualClock,
    recipe::{Context, Outcome},
    test_support::{self, StoreDown},
};
use jiff::Timestamp;
use personalization::Personalization;

pub fn agent() -> AgentConfig {
    test_support::agent()
}

/// Sunday, 14 December 2025.
pub fn now() -> Timestamp {
    "2025-12-14T10:43:00Z".parse().unwrap()
}

/// Inside a run, so that facts are not made from plain fields.
pub fn context(agent: AgentConfig) -> Context {
    let store = Arc::new(StoreDown::default());
    let clock = Arc::new(ManualClock::new(now()));
    let mut context = Context::for_test(RecipeId::Personalization, store, clock, agent);
    context.step = Some(StepContext {
        attempt: 1,
        chunk: Some(0),
    });
    context
}

pub fn payload(leads: Vec<Lead>) -> PersonalizationPayload {
    PersonalizationPayload {
        leads,
        leads_ref: None,
        tone: None,
        max_length: None,
        template_context: None,
    }
}

pub fn email(address: &str) -> EmailContact {
    EmailContact::new(address.parse().unwrap())
}

/// A lead with an address at `info@lead-<id>.example`.
pub fn lead(id: &str, name: &str, facts: &[(FactKind, &str, Option<&str>)]) -> Lead {
    let mut lead = Lead::new(LeadId::derived("lead", id));
    lead.name = Some(name.to_owned());
    lead.emails = Some(vec![email(&format!("info@lead-{id}.example"))]);
    lead.lead_score = Some(Score::clamped(0.8));
    for (kind, value, day) in facts {
        let evidence = Evidence {
            url: format!("https://lead-{id}.example/"),
            quote: value.chars().take(300).collect(),
            fetched_at: now(),
        };
        lead.add_fact(
            *kind,
            (*value).to_owned(),
            day.map(|d| d.parse().unwrap()),
            evidence,
        );
    }
    lead
}

pub async fn run(agent: AgentConfig, leads: Vec<Lead>) -> Outcome<LeadsData> {
    Personalization::rules()
        .run(&context(agent), payload(leads))
        .await
        .unwrap()
}
