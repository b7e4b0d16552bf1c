//! What a run gives each of its recipes.

use serde::Serialize;
use serde_json::Value;

use crate::{
    IntelligencePayload, LeadsRef, OutreachPayload, PersonalizationPayload, RecipeId, RunRecord,
    SendMode, SubscriptionPayload,
};

impl RunRecord {
    /// The payload of a recipe; within a lane, with the leads that it works on.
    #[must_use]
    pub fn payload(&self, recipe: RecipeId, leads_ref: Option<LeadsRef>) -> Value {
        let (writing, outreach) = (&self.agent.writing, &self.agent.outreach);
        match recipe {
            RecipeId::Discovery => to_json(&self.target),
            RecipeId::Intelligence => to_json(&IntelligencePayload {
                leads: Vec::new(),
                leads_ref,
                enrichment_level: None,
            }),
            RecipeId::Personalization => to_json(&PersonalizationPayload {
                leads: Vec::new(),
                leads_ref,
                tone: Some(writing.tone.clone()),
                max_length: Some(writing.max_length),
                template_context: Some(writing.template_context.clone()),
            }),
            RecipeId::Outreach => to_json(&OutreachPayload {
                leads: Vec::new(),
                leads_ref,
                channels: Some(outreach.channels.clone()),
                send_mode: Some(SendMode::DraftOnly),
                draft_expiry_days: Some(outreach.draft_expiry_days),
            }),
            RecipeId::Subscription => to_json(&SubscriptionPayload {
                credits_used_this_run: self.charged,
                api_calls_this_run: self.stages.values().map(|stage| stage.api_calls).sum(),
            }),
        }
    }
}

/// What travels between functions, as JSON.
#[expect(
    clippy::unwrap_used,
    reason = "they hold nothing that JSON cannot: the keys of a map are strings"
)]
pub fn to_json<T: Serialize>(wire: &T) -> Value {
    serde_json::to_value(wire).unwrap()
}

/// Hands every recipe's variant, payload and data to a macro: for what must know their types.
#[macro_export]
macro_rules! each_recipe {
    ($with:ident) => {
        $with! {
            Discovery, $crate::DiscoveryPayload, $crate::DiscoveryData;
            Intelligence, $crate::IntelligencePayload, $crate::LeadsData;
            Personalization, $crate::PersonalizationPayload, $crate::LeadsData;
            Outreach, $crate::OutreachPayload, $crate::OutreachData;
            Subscription, $crate::SubscriptionPayload, $crate::SubscriptionData;
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::{RECIPES, RecipeId};

    macro_rules! variants {
        ($($id:ident, $payload:ty, $data:ty;)*) => { [$(RecipeId::$id),*] };
    }

    #[test]
    fn every_recipe_is_handed_over() {
        assert_eq!(each_recipe!(variants), RECIPES.each_ref().map(|row| row.id));
    }
}
