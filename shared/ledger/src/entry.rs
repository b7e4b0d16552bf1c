//! The entries of the ledger and their ids. An id says what the entry is for, so the same effect
//! has the same id wherever and however often it is written. Ids of runs hold no `:`, which keeps
//! the parts apart.

use hunter_contracts::{ChargeLine, Credits, EntryKind, ExecutionId, LedgerEntry, RecipeId};
use jiff::Timestamp;

/// The largest amount of one command: 10⁹ credits. Sums of it stay exact everywhere.
pub const AMOUNT_MAX: Credits = Credits::from_micros(1_000_000_000_000_000);

/// What a debit is for: a run's recipe and chunk are charged once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DebitKey {
    /// The run.
    pub execution_id: ExecutionId,
    /// The recipe.
    pub recipe: RecipeId,
    /// The chunk; absent for a recipe that runs once per run.
    pub chunk: Option<u32>,
}

impl DebitKey {
    /// The id of the debit's entry, as in `debit:exec_1:discovery:0003`; `run` in place of the
    /// chunk where there is none.
    #[must_use]
    pub fn id(&self) -> String {
        let Self {
            execution_id,
            recipe,
            chunk,
        } = self;
        match chunk {
            Some(chunk) => format!("debit:{execution_id}:{recipe}:{chunk:04}"),
            None => format!("debit:{execution_id}:{recipe}:run"),
        }
    }
}

fn entry(id: String, kind: EntryKind, amount: Credits, at: Timestamp) -> LedgerEntry {
    LedgerEntry {
        id,
        kind,
        amount,
        at,
        execution_id: None,
        recipe_id: None,
        chunk: None,
        rate_card: None,
        lines: Vec::new(),
    }
}

/// The entry of a grant.
#[must_use]
pub fn grant_entry(key: &str, amount: Credits, at: Timestamp) -> LedgerEntry {
    entry(format!("grant:{key}"), EntryKind::Grant, amount, at)
}

/// The entry of a reservation.
#[must_use]
pub fn reserve_entry(execution_id: &ExecutionId, amount: Credits, at: Timestamp) -> LedgerEntry {
    LedgerEntry {
        execution_id: Some(execution_id.clone()),
        ..entry(
            format!("reserve:{execution_id}"),
            EntryKind::Reserve,
            amount,
            at,
        )
    }
}

/// The entry of a debit; its amount is the sum of the lines.
#[must_use]
pub fn debit_entry(
    key: &DebitKey,
    lines: &[ChargeLine],
    rate_card: &str,
    at: Timestamp,
) -> LedgerEntry {
    let amount = lines.iter().map(|line| line.amount).sum();
    LedgerEntry {
        execution_id: Some(key.execution_id.clone()),
        recipe_id: Some(key.recipe),
        chunk: key.chunk,
        rate_card: Some(rate_card.to_owned()),
        lines: lines.to_vec(),
        ..entry(key.id(), EntryKind::Debit, amount, at)
    }
}

/// The entry of a hold's close; `released` is what was left.
#[must_use]
pub fn close_entry(execution_id: &ExecutionId, released: Credits, at: Timestamp) -> LedgerEntry {
    LedgerEntry {
        execution_id: Some(execution_id.clone()),
        ..entry(
            format!("close:{execution_id}"),
            EntryKind::Close,
            released,
            at,
        )
    }
}
