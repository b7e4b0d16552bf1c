//! What tests start from (feature `test-support`): an agent, a context, records, the suites of the
//! ports, and a store that is down. A store that works is the real one, on the embedded DynamoDB of
//! `hunter-aws`.

pub mod methods;
pub mod samples;
mod store_down;
pub mod suites;

use std::{collections::BTreeMap, sync::Arc};

use hunter_contracts::{AgentConfig, AgentId, ExecutionId, RateCard, RecipeId, Seller};

use crate::{
    ports::{Clock, StoredOnly},
    recipe::{Context, Progress, Silent},
    store::TenantStore,
};

pub use store_down::StoreDown;

impl Context {
    /// A context for a unit test of a recipe: direct call, silent progress, one record at a time.
    #[must_use]
    pub fn for_test(
        recipe: RecipeId,
        store: Arc<dyn TenantStore>,
        clock: Arc<dyn Clock>,
        agent: AgentConfig,
    ) -> Self {
        let opened_at = clock.now();
        Self {
            tenant: store.tenant().clone(),
            execution_id: ExecutionId::derived("exec", "test"),
            recipe,
            step: None,
            store,
            clock,
            agent: Arc::new(agent),
            rates: RateCard::first(),
            opened_at,
            record_concurrency: 1,
            alerts: Arc::new(StoredOnly),
            progress: Arc::new(Silent),
            api_calls: Arc::default(),
            meter: Arc::default(),
        }
    }

    /// With somebody who hears how far the step is.
    #[must_use]
    pub fn watched_by(self, progress: Arc<dyn Progress>) -> Self {
        Self { progress, ..self }
    }
}

/// An agent of defaults whose seller, `BrightChair`, helps dentists and others to appointments.
#[must_use]
pub fn agent() -> AgentConfig {
    AgentConfig {
        agent_id: AgentId::derived("agent", "1"),
        name: "Test".into(),
        seller: seller(),
        ..AgentConfig::unconfigured()
    }
}

fn seller() -> Seller {
    Seller {
        company: "BrightChair".into(),
        offer: "help local businesses turn missed calls into booked appointments".into(),
        proof_points: vec![
            "23 businesses in Saxony use it today.".into(),
            "Setting it up takes one afternoon.".into(),
        ],
        ask: "Worth a short call next week?".into(),
        sender_name: "Ana Silva".into(),
        sender_email: Some("ana@brightchair.example".into()),
        postal_address: Some("BrightChair, Markt 1, 04109 Leipzig".into()),
        offers_by_industry: BTreeMap::from([(
            "dentist".to_owned(),
            "help dental practices win back lost patients".to_owned(),
        )]),
        translations: BTreeMap::new(),
    }
}
