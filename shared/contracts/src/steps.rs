//! What a run gives each of its recipes and gets of it: payload and data of those that come after
//! discovery (specification §2).

use std::mem::take;

use garde::Validate;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    AlertId, Channel, Credits, DiscoveryData, DiscoveryPayload, EnrichmentLevel, Lead, LeadsRef,
    OutreachJob, RecipeId, RejectedRecord, RunRecord, SendMode, Tone,
    limits::{DRAFT_DAYS_MAX, LINE_CHARS_MAX, MESSAGE_WORDS_MAX, MESSAGE_WORDS_MIN, ONE_LINE},
    recipes::{CHANNELS_MAX, distinct},
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

/// Leads to enrich: inline, or by reference inside a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntelligencePayload {
    /// Inline leads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leads: Vec<Lead>,
    /// Stored leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leads_ref: Option<LeadsRef>,
    /// The most to spend on a lead; absent: decided per lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrichment_level: Option<EnrichmentLevel>,
}

/// Leads as a recipe left them (intelligence and personalization).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeadsData {
    /// The leads; empty inside a run, where they are stored.
    pub leads: Vec<Lead>,
}

/// Leads to write to: inline, or by reference inside a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct PersonalizationPayload {
    /// Inline leads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leads: Vec<Lead>,
    /// Stored leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leads_ref: Option<LeadsRef>,
    /// How to sound; default `professional`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone: Option<Tone>,
    /// Most words; default 75.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = MESSAGE_WORDS_MIN, max = MESSAGE_WORDS_MAX))]
    pub max_length: Option<u32>,
    /// What the message is for, as in `lead_generation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = LINE_CHARS_MAX), pattern(ONE_LINE))]
    pub template_context: Option<String>,
}

/// Messages to draft: inline, or by reference inside a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
#[garde(allow_unvalidated)]
pub struct OutreachPayload {
    /// Inline leads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leads: Vec<Lead>,
    /// Stored leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leads_ref: Option<LeadsRef>,
    /// The channels that may be used, best first; default e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("uniqueItems" = true))]
    #[garde(
        length(min = 1, max = CHANNELS_MAX),
        custom(|list: &Option<Vec<Channel>>, (): &()| distinct(list))
    )]
    pub channels: Option<Vec<Channel>>,
    /// Always `draft_only`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_mode: Option<SendMode>,
    /// Days until a draft expires; default 7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1, max = DRAFT_DAYS_MAX))]
    pub draft_expiry_days: Option<u32>,
}

/// What outreach drafted, ranked: contact the first one first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutreachData {
    /// One entry per draft; empty inside a run, where drafts are stored one by one.
    pub outreach_jobs: Vec<OutreachJob>,
}

/// What a run used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionPayload {
    /// Credits that this run consumed.
    pub credits_used_this_run: Credits,
    /// Calls to outside services that this run made.
    pub api_calls_this_run: u64,
}

/// Where the customer stands in the billing cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionStatus {
    /// The plan.
    pub plan_id: String,
    /// Credits per cycle.
    pub monthly_credits_total: Credits,
    /// Credits used in this cycle.
    pub credits_used_this_month: Credits,
    /// Credits left.
    pub credits_remaining: Credits,
    /// Outside calls per cycle.
    pub api_calls_limit: u64,
    /// Outside calls made in this cycle.
    pub api_calls_used_this_month: u64,
    /// Outside calls left.
    pub api_calls_remaining: u64,
    /// The cycle's last day.
    pub billing_cycle_ends: Date,
}

/// A threshold and whether it is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThresholdAlert {
    /// The alert.
    pub id: AlertId,
    /// Which threshold.
    #[serde(rename = "type")]
    pub kind: ThresholdKind,
    /// `percentage` of the credits left (specification §2), or `days` before the trial's end.
    pub threshold_type: String,
    /// The figure.
    pub threshold_value: u32,
    /// Whether it is reached.
    pub triggered: bool,
    /// For a person.
    pub message: String,
}

/// The thresholds that are watched.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdKind {
    /// 80 % of the credits or calls are used.
    ApproachingLimit,
    /// All are used.
    LimitExceeded,
    /// The trial ends within 7 days.
    TrialEnding,
}

/// What subscription answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionData {
    /// Where the customer stands.
    pub subscription_status: SubscriptionStatus,
    /// Every threshold with its state.
    pub alerts: Vec<ThresholdAlert>,
}

/// The leads that a payload names: inline, by reference, or none at all.
pub trait LeadsPayload {
    /// Inline leads.
    fn leads(&self) -> &[Lead] {
        &[]
    }
    /// Stored leads.
    fn leads_ref(&self) -> Option<&LeadsRef> {
        None
    }
    /// Replaces the inline leads; nothing happens where a payload has none.
    fn set_leads(&mut self, _leads: Vec<Lead>) {}
}

macro_rules! leads_payload {
    ($name:ident) => {
        impl LeadsPayload for $name {
            fn leads(&self) -> &[Lead] {
                &self.leads
            }
            fn leads_ref(&self) -> Option<&LeadsRef> {
                self.leads_ref.as_ref()
            }
            fn set_leads(&mut self, leads: Vec<Lead>) {
                self.leads = leads;
            }
        }
    };
}
leads_payload!(IntelligencePayload);
leads_payload!(PersonalizationPayload);
leads_payload!(OutreachPayload);

impl LeadsPayload for DiscoveryPayload {}
impl LeadsPayload for SubscriptionPayload {}

/// How a recipe's data is parted for storing.
pub trait RecipeData: Serialize + DeserializeOwned + Send + Sync {
    /// Takes out what is stored by itself: leads and rejected records are answered, what the recipe
    /// has stored item by item (drafts) is dropped.
    fn take_lists(&mut self) -> (Vec<Lead>, Vec<RejectedRecord>) {
        (Vec::new(), Vec::new())
    }
    /// Where the data of the recipe that finds the leads notes the sizes of their chunks.
    fn chunks(&mut self) -> Option<&mut Vec<u32>> {
        None
    }
}

impl RecipeData for DiscoveryData {
    fn take_lists(&mut self) -> (Vec<Lead>, Vec<RejectedRecord>) {
        (take(&mut self.leads), take(&mut self.rejected))
    }
    fn chunks(&mut self) -> Option<&mut Vec<u32>> {
        Some(&mut self.chunks)
    }
}

impl RecipeData for LeadsData {
    fn take_lists(&mut self) -> (Vec<Lead>, Vec<RejectedRecord>) {
        (take(&mut self.leads), Vec::new())
    }
}

impl RecipeData for OutreachData {
    fn take_lists(&mut self) -> (Vec<Lead>, Vec<RejectedRecord>) {
        self.outreach_jobs.clear();
        (Vec::new(), Vec::new())
    }
}

impl RecipeData for SubscriptionData {}

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
