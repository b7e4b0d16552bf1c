//! Words of Google's Places API.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::data::data;

/// `data/places.toml`, which says what each list is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vocabulary {
    #[serde(borrow)]
    present: Vec<&'static str>,
    absent: Vec<&'static str>,
    pub(super) without_effect: Vec<&'static str>,
    pub(super) stop_words: Vec<&'static str>,
}

impl Vocabulary {
    /// Whether a place can have the field.
    pub(super) fn knows(&self, field: &str) -> bool {
        self.present.contains(&field) || self.absent.contains(&field)
    }
}

pub(super) static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| data!("places.toml"));
