//! Lists of words that the look-alike models go by.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::data::data;

/// `data/models.toml`, which says what each list is for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    #[serde(borrow)]
    pub(super) triggers: Vec<&'static str>,
    pub(super) suspicious: Vec<&'static str>,
    pub(super) own_keys: Vec<&'static str>,
    pub(super) fact_ranks: Vec<&'static str>,
    pub(super) kindred: Vec<(&'static str, Vec<&'static str>)>,
}

pub(super) static WORDS: LazyLock<Words> = LazyLock::new(|| data!("models.toml"));
