//! The port of packs: the results of recipes, chunk by chunk.

use std::{fmt, str::FromStr};

use async_trait::async_trait;
use hunter_contracts::{ChargeLine, ExecutionId, Lead, RecipeId, RecipeOutput, RejectedRecord};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::store::{OfTenant, Put, StoreError, StoreResult};

/// The name of a pack within a run and a recipe. It is the end of a stored key: its text stays as it
/// is for good.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackName {
    /// `head`: the result of a recipe that runs once per run.
    Head,
    /// `c0003`, or `g1a2b#c0003`: a chunk; its generation as in
    /// [`hunter_contracts::LeadsRef::generation`].
    Chunk {
        /// On discovery's chunks.
        generation: Option<String>,
        /// The chunk's number.
        number: u32,
    },
    /// `g1a2b#r0001`: a part of the list of rejected records.
    Rejected {
        /// As on the chunks.
        generation: String,
        /// The part's number.
        part: u32,
    },
}

impl PackName {
    /// The chunk that it is the result of; none for discovery's chunks, which are no results of
    /// their own.
    #[must_use]
    pub const fn result_of(&self) -> Option<u32> {
        match self {
            Self::Chunk {
                generation: None,
                number,
            } => Some(*number),
            Self::Chunk { .. } | Self::Head | Self::Rejected { .. } => None,
        }
    }
}

impl fmt::Display for PackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Head => f.write_str("head"),
            Self::Chunk { generation, number } => {
                if let Some(generation) = generation {
                    write!(f, "g{generation}#")?;
                }
                write!(f, "c{number:04}")
            }
            Self::Rejected { generation, part } => write!(f, "g{generation}#r{part:04}"),
        }
    }
}

impl FromStr for PackName {
    type Err = StoreError;

    fn from_str(text: &str) -> StoreResult<Self> {
        let (generation, rest) = match text.strip_prefix('g').and_then(|g| g.split_once('#')) {
            Some((generation, rest)) => (Some(generation.to_owned()), rest),
            None => (None, text),
        };
        let number = |sign: char| rest.strip_prefix(sign)?.parse().ok();
        let name = match (generation, number('c'), number('r')) {
            (generation, Some(number), _) => Some(Self::Chunk { generation, number }),
            (Some(generation), _, Some(part)) => Some(Self::Rejected { generation, part }),
            (None, _, _) if text == "head" => Some(Self::Head),
            _ => None,
        };
        // A number that is written in another way is no name of ours.
        name.filter(|name| name.to_string() == text)
            .ok_or_else(|| StoreError::damaged(format!("`{text}` is no name of a pack")))
    }
}

/// Which pack: a run, a recipe, and a name within it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackKey {
    /// The run.
    pub execution_id: ExecutionId,
    /// The recipe that wrote it.
    pub recipe: RecipeId,
    /// Which of its packs.
    pub name: PackName,
}

impl PackKey {
    fn new(execution_id: &ExecutionId, recipe: RecipeId, name: PackName) -> Self {
        Self {
            execution_id: execution_id.clone(),
            recipe,
            name,
        }
    }

    /// The result of a recipe that runs once per run.
    #[must_use]
    pub fn head(execution_id: &ExecutionId, recipe: RecipeId) -> Self {
        Self::new(execution_id, recipe, PackName::Head)
    }

    /// The result of a recipe for one chunk; `generation` as in
    /// [`hunter_contracts::LeadsRef::generation`].
    #[must_use]
    pub fn chunk(
        execution_id: &ExecutionId,
        recipe: RecipeId,
        generation: Option<&str>,
        number: u32,
    ) -> Self {
        let generation = generation.map(str::to_owned);
        Self::new(execution_id, recipe, PackName::Chunk { generation, number })
    }

    /// A part of the list of rejected records.
    #[must_use]
    pub fn rejected(
        execution_id: &ExecutionId,
        recipe: RecipeId,
        generation: &str,
        part: u32,
    ) -> Self {
        let generation = generation.to_owned();
        Self::new(
            execution_id,
            recipe,
            PackName::Rejected { generation, part },
        )
    }
}

/// What a pack holds; stored compressed, at most 350 KB.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Pack {
    /// The recipe's answer without its leads; absent on discovery's chunks and reject lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<RecipeOutput<Value>>,
    /// The chunk's leads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leads: Vec<Lead>,
    /// Rejected records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<RejectedRecord>,
    /// On discovery's head: which generation its chunks have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<String>,
    /// What is to be charged for it: kept with the result so that a repeat charges the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<ChargeLine>,
    /// The rate card that the charges are by; absent where nothing is charged, and on what was
    /// stored while there was one card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_card: Option<String>,
}

impl Pack {
    /// The recipe's result, without its leads.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when there is none, or it is of another recipe.
    pub fn data<D: DeserializeOwned>(&self) -> StoreResult<D> {
        let output = self.output.as_ref();
        let data = output.map(|output| output.data.clone()).unwrap_or_default();
        serde_json::from_value(data)
            .map_err(|error| StoreError::damaged("a recipe's result").caused_by(error))
    }
}

/// Packs. The first one stored under a key wins and stays: whoever did the same work again reads it
/// and answers with it.
#[async_trait]
pub trait Packs: OfTenant {
    /// Stores a pack, or answers the one that stands.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`].
    async fn put_pack(&self, key: &PackKey, pack: &Pack) -> StoreResult<Put<Pack>>;
    /// A pack.
    async fn pack(&self, key: &PackKey) -> StoreResult<Option<Pack>>;
    /// All packs of a run and a recipe, by name.
    async fn packs(&self, id: &ExecutionId, recipe: RecipeId)
    -> StoreResult<Vec<(PackName, Pack)>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_damage() {
        let id: ExecutionId = "exec_1".parse().unwrap();
        let recipe = RecipeId::Discovery;
        for (key, text, chunk) in [
            (PackKey::head(&id, recipe), "head", None),
            (PackKey::chunk(&id, recipe, None, 3), "c0003", Some(3)),
            (
                PackKey::chunk(&id, recipe, None, 12_345),
                "c12345",
                Some(12_345),
            ),
            (
                PackKey::chunk(&id, recipe, Some("1a2b"), 3),
                "g1a2b#c0003",
                None,
            ),
            (
                PackKey::rejected(&id, recipe, "1a2b", 1),
                "g1a2b#r0001",
                None,
            ),
        ] {
            assert_eq!(key.name.to_string(), text);
            assert_eq!(text.parse(), Ok(key.name.clone()));
            assert_eq!(key.name.result_of(), chunk);
        }
        for text in [
            "", "heads", "c", "c3", "c+003", "c00003", "r0001", "g1#x0001", "g1#c", "x",
        ] {
            let refused = text.parse::<PackName>();
            assert!(
                matches!(&refused, Err(StoreError::Damaged(reason, _)) if reason.contains(text)),
                "{text}"
            );
        }
    }
}
