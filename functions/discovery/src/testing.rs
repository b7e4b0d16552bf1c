//! What the tests of several modules start from.

use hunter_contracts::AgentConfig;
use hunter_core::ports::RawPlace;

use crate::{
    locations::LocationFit,
    matching::Match,
    matching::{Directness, IndustryFit, KeywordFit},
};

/// A record with an id and a name.
pub(crate) fn raw(id: &str, name: &str) -> RawPlace {
    RawPlace {
        source_id: id.to_owned(),
        name: Some(name.to_owned()),
        record_url: format!("https://source.example/{id}"),
        ..RawPlace::default()
    }
}

impl Match {
    /// A direct match without a location.
    pub(crate) fn for_test() -> Self {
        Self {
            keyword: KeywordFit {
                keyword: "dentists".to_owned(),
                directness: Directness::Kind,
                seen: "amenity=dentist".to_owned(),
            },
            location: LocationFit::NotAsked,
            industry: IndustryFit::NotAsked,
        }
    }
}

/// An agent with default settings.
pub(crate) fn agent() -> AgentConfig {
    serde_json::from_value(serde_json::json!({
        "agent_id": "agent_1",
        "name": "Test",
        "seller": {
            "company": "Seller", "offer": "help clinics", "ask": "Worth a call?",
            "sender_name": "Ann",
        },
    }))
    .expect("a valid configuration")
}
