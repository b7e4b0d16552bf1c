//! The cookbook: what is said of each recipe, in one row of [`RECIPES`]. Plans, prices, reports,
//! progress and schemas follow from the rows.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Credits, Purpose};

// The name on the wire is also the name of the Lambda package.
/// The recipes of the Hunter, in the order in which a run takes them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[derive(strum::Display, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum RecipeId {
    /// Finds and scores businesses.
    Discovery,
    /// Enriches leads from their sites and contact services.
    Intelligence,
    /// Writes one message per lead.
    Personalization,
    /// Turns messages into drafts for review.
    Outreach,
    /// Tracks usage and raises alerts; mandatory and always last.
    Subscription,
}

/// Prices per unit of a recipe's work. A run keeps the card that it was opened under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateCard {
    /// Its name, kept with every charge.
    pub id: String,
    /// The day (UTC) from which it holds, until the next card does.
    pub valid_from: Date,
    /// Per lead screened.
    pub discovery: Credits,
    /// Per lead enriched; a skipped lead costs nothing.
    pub intelligence: Credits,
    /// Per accepted message.
    pub personalization: Credits,
    /// Per draft.
    pub outreach: Credits,
    /// Per run.
    pub subscription: Credits,
}

impl RateCard {
    /// The price of one unit of a recipe's work.
    #[must_use]
    pub fn price(&self, recipe: RecipeId) -> Credits {
        (recipe.spec().price)(self)
    }

    /// The most that a lead can cost in a run.
    #[must_use]
    pub fn per_lead_max(&self) -> Credits {
        let of_leads = RECIPES.iter().filter(|recipe| recipe.turn != Turn::Last);
        of_leads.map(|recipe| (recipe.price)(self)).sum()
    }
}

/// When a recipe has its turn in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Once, at first: its leads are cut into chunks.
    First,
    /// Once for every chunk.
    Chunk,
    /// Once, when the run is closed.
    Last,
}

/// What is said of a recipe.
#[derive(Debug)]
pub struct RecipeSpec {
    /// The recipe.
    pub id: RecipeId,
    /// When it has its turn.
    pub turn: Turn,
    /// The recipe whose result it needs in a lane, and what there is to do without.
    pub needs: Option<(RecipeId, &'static str)>,
    /// Whether a run fails with it, unless the agent says otherwise.
    pub required: bool,
    /// Whether its results hold the leads anew.
    pub writes_leads: bool,
    /// The unit that is charged, as the ledger names it.
    pub unit: &'static str,
    /// What a unit costs.
    pub price: fn(&RateCard) -> Credits,
    /// What it uses models for.
    pub purposes: &'static [Purpose],
    /// What a record is that came out, and what one lacks that did not; empty for a recipe that
    /// does not work on leads.
    pub funnel: (&'static str, &'static str),
}

/// The recipes, in the order of [`RecipeId`].
pub static RECIPES: [RecipeSpec; 5] = [
    RecipeSpec {
        id: RecipeId::Discovery,
        turn: Turn::First,
        needs: None,
        required: true,
        writes_leads: true,
        unit: "lead_screened",
        price: |card| card.discovery,
        purposes: &[Purpose::Routing, Purpose::Scoring],
        funnel: ("qualified", "below the threshold"),
    },
    RecipeSpec {
        id: RecipeId::Intelligence,
        turn: Turn::Chunk,
        needs: None,
        required: true,
        writes_leads: true,
        unit: "lead_enriched",
        price: |card| card.intelligence,
        purposes: &[Purpose::Routing],
        funnel: ("enriched", "without a way to reach them"),
    },
    RecipeSpec {
        id: RecipeId::Personalization,
        turn: Turn::Chunk,
        needs: None,
        required: true,
        writes_leads: true,
        unit: "message_accepted",
        price: |card| card.personalization,
        purposes: &[Purpose::Writing, Purpose::Judging, Purpose::Polishing],
        funnel: ("written", "without an honest message"),
    },
    RecipeSpec {
        id: RecipeId::Outreach,
        turn: Turn::Chunk,
        needs: Some((RecipeId::Personalization, "draft")),
        required: false,
        writes_leads: false,
        unit: "draft_created",
        price: |card| card.outreach,
        purposes: &[],
        funnel: ("drafted", "without a channel"),
    },
    RecipeSpec {
        id: RecipeId::Subscription,
        turn: Turn::Last,
        needs: None,
        required: true,
        writes_leads: false,
        unit: "run_tracked",
        price: |card| card.subscription,
        purposes: &[],
        funnel: ("", ""),
    },
];

impl RecipeId {
    /// The recipe that a run begins with.
    pub const FIRST: Self = Self::Discovery;
    /// The recipe that a run ends with.
    pub const LAST: Self = Self::Subscription;

    /// What is said of it.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "a test proves that there is a row for every recipe, in their order"
    )]
    pub fn spec(self) -> &'static RecipeSpec {
        &RECIPES[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_row_for_every_recipe_in_their_order() {
        for (index, row) in RECIPES.iter().enumerate() {
            assert_eq!(row.id as usize, index, "{}", row.id);
        }
        // One recipe begins, and one ends: what lies between is done for every chunk.
        for row in &RECIPES {
            let turn = match row.id {
                RecipeId::FIRST => Turn::First,
                RecipeId::LAST => Turn::Last,
                _ => Turn::Chunk,
            };
            assert_eq!(row.turn, turn, "{}", row.id);
        }
    }
}
