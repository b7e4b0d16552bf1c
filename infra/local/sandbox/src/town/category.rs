//! Kinds of businesses, and what Google and OpenStreetMap call them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::data::data;

/// What a business does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(strum::VariantArray)]
pub enum Category {
    /// A single-chair or family dental practice.
    Dentist,
    /// A practice that straightens teeth.
    Orthodontist,
    /// A dental clinic with several dentists.
    DentalClinic,
    /// A restaurant.
    Restaurant,
    /// A law firm.
    LawFirm,
    /// A hotel.
    Hotel,
    /// A shop for gifts and things for the home.
    Shop,
    /// A physiotherapy practice.
    Physiotherapist,
    /// A hairdresser.
    Salon,
    /// An accountant or tax adviser.
    Accountant,
}

impl Category {
    /// Every category.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// Whether it belongs to the dental family.
    #[must_use]
    pub fn is_dental(self) -> bool {
        matches!(
            self,
            Self::Dentist | Self::Orthodontist | Self::DentalClinic
        )
    }

    /// The category as one English word or two.
    #[must_use]
    pub fn english(self) -> &'static str {
        self.terms().english
    }

    /// What it is called, and by whom.
    #[expect(clippy::unwrap_used, reason = "a test looks up every category")]
    pub(crate) fn terms(self) -> &'static Terms {
        TERMS.get(&self).unwrap()
    }
}

/// What a kind of business is called.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Terms {
    /// One word or two.
    english: &'static str,
    /// As contact services tell it.
    pub(crate) description: &'static str,
    pub(crate) industry: &'static str,
    /// `@type` in JSON-LD.
    pub(crate) schema_org: &'static str,
    /// The section of a language's file that has their words.
    pub(crate) trade: &'static str,
    /// Hours of a day, as Google writes them.
    pub(crate) hours: &'static str,
    /// `types` of a Google place, the primary type first.
    pub(crate) google_types: Vec<&'static str>,
    /// Tags of an OpenStreetMap object.
    pub(crate) osm_tags: Vec<(&'static str, &'static str)>,
    /// Words of a search that mean it, in the town's languages, lower case.
    pub(crate) synonyms: Vec<&'static str>,
}

static TERMS: LazyLock<BTreeMap<Category, Terms>> = LazyLock::new(|| data!("categories.toml"));
