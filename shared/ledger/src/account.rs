//! The account of one customer.

use std::collections::BTreeMap;

use hunter_contracts::{Balance, ChargeLine, Credits, ExecutionId, Hold, LedgerEntry};
use jiff::Timestamp;

use crate::{AMOUNT_MAX, DebitKey, close_entry, debit_entry, grant_entry, reserve_entry};

/// What can be done to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Adds credits, once per key.
    Grant {
        /// What the credits are for, as in `plan:2026-01`.
        key: String,
        /// How many.
        amount: Credits,
        /// When.
        at: Timestamp,
    },
    /// Moves credits from `avail` to a hold, once per run.
    Reserve {
        /// The run.
        execution_id: ExecutionId,
        /// The most that the run can cost.
        amount: Credits,
        /// When.
        at: Timestamp,
    },
    /// Charges lines against a run's open hold, once per key.
    Settle {
        /// What is charged for.
        key: DebitKey,
        /// Per lead and action.
        lines: Vec<ChargeLine>,
        /// The rate card that was applied.
        rate_card: String,
        /// When.
        at: Timestamp,
    },
    /// Ends a run's hold: what was settled is spent, the rest is free again.
    Close {
        /// The run.
        execution_id: ExecutionId,
        /// When.
        at: Timestamp,
    },
}

/// What a command that was not refused did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It was done now; this is the ledger's new entry.
    Done(LedgerEntry),
    /// It had been done before; nothing changed.
    Replayed,
    /// There was nothing to close: the run never reserved.
    Nothing,
}

/// Why a command was refused. A refused command changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The balance or the hold covers less.
    #[error("insufficient credits: {needed} needed, {available} available")]
    Insufficient {
        /// What was asked for.
        needed: Credits,
        /// What there is.
        available: Credits,
    },
    /// The run has no hold to charge against.
    #[error("the run holds no credits: reserve before charging")]
    NoHold,
    /// The run's hold was closed before.
    #[error("the run's hold is closed: nothing can be charged against it any more")]
    HoldClosed,
    /// The same key was used before for another amount or other lines.
    #[error("the same key stands for something else: {stored} is stored, {given} was given")]
    Different {
        /// The amount that stands.
        stored: Credits,
        /// The amount that was given.
        given: Credits,
    },
    /// An amount below 0 or above [`AMOUNT_MAX`].
    #[error("amount `{0}` is out of range: use 0 to 1000000000 credits")]
    OutOfRange(Credits),
}

/// Checks one amount: 0 to [`AMOUNT_MAX`].
///
/// # Errors
/// [`LedgerError::OutOfRange`].
pub fn check_amount(amount: Credits) -> Result<(), LedgerError> {
    if amount.is_negative() || amount > AMOUNT_MAX {
        return Err(LedgerError::OutOfRange(amount));
    }
    Ok(())
}

/// Checks the lines of a debit, each and in sum, and answers the sum.
///
/// # Errors
/// [`LedgerError::OutOfRange`].
pub fn check_lines(lines: &[ChargeLine]) -> Result<Credits, LedgerError> {
    for line in lines {
        check_amount(line.amount)?;
    }
    let sum = lines.iter().map(|line| line.amount).sum();
    check_amount(sum)?;
    Ok(sum)
}

/// A customer's credits: balance, holds by run, and the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    balance: Balance,
    holds: BTreeMap<ExecutionId, Hold>,
    entries: Vec<LedgerEntry>,
}

impl Account {
    /// The balance.
    #[must_use]
    pub const fn balance(&self) -> Balance {
        self.balance
    }

    /// A run's hold.
    #[must_use]
    pub fn hold(&self, execution_id: &ExecutionId) -> Option<Hold> {
        self.holds.get(execution_id).copied()
    }

    /// The holds by run.
    #[must_use]
    pub const fn holds(&self) -> &BTreeMap<ExecutionId, Hold> {
        &self.holds
    }

    /// The ledger, in the order of the commands.
    #[must_use]
    pub fn entries(&self) -> &[LedgerEntry] {
        &self.entries
    }

    /// Does what a command says, once.
    ///
    /// # Errors
    /// When it is refused; then nothing has changed.
    pub fn apply(&mut self, command: &Command) -> Result<Effect, LedgerError> {
        match command {
            Command::Grant { key, amount, at } => self.grant(key, *amount, *at),
            Command::Reserve {
                execution_id,
                amount,
                at,
            } => self.reserve(execution_id, *amount, *at),
            Command::Settle {
                key,
                lines,
                rate_card,
                at,
            } => self.settle(key, lines, rate_card, *at),
            Command::Close { execution_id, at } => self.close(execution_id, *at),
        }
    }

    fn grant(&mut self, key: &str, amount: Credits, at: Timestamp) -> Result<Effect, LedgerError> {
        check_amount(amount)?;
        let entry = grant_entry(key, amount, at);
        if let Some(stored) = self.entry(&entry.id) {
            return replay(stored, &entry);
        }
        self.balance.avail = plus(self.balance.avail, amount)?;
        Ok(self.append(entry))
    }

    fn reserve(
        &mut self,
        execution_id: &ExecutionId,
        amount: Credits,
        at: Timestamp,
    ) -> Result<Effect, LedgerError> {
        check_amount(amount)?;
        let entry = reserve_entry(execution_id, amount, at);
        if let Some(stored) = self.entry(&entry.id) {
            return replay(stored, &entry);
        }
        let avail = minus(self.balance.avail, amount)?;
        let held = plus(self.balance.held, amount)?;
        self.balance = Balance {
            avail,
            held,
            ..self.balance
        };
        let hold = Hold {
            amount,
            left: amount,
            settled: Credits::ZERO,
            open: true,
        };
        self.holds.insert(execution_id.clone(), hold);
        Ok(self.append(entry))
    }

    fn settle(
        &mut self,
        key: &DebitKey,
        lines: &[ChargeLine],
        rate_card: &str,
        at: Timestamp,
    ) -> Result<Effect, LedgerError> {
        let amount = check_lines(lines)?;
        let entry = debit_entry(key, lines, rate_card, at);
        if let Some(stored) = self.entry(&entry.id) {
            return replay(stored, &entry);
        }
        let Some(hold) = self.holds.get_mut(&key.execution_id) else {
            return Err(LedgerError::NoHold);
        };
        if !hold.open {
            return Err(LedgerError::HoldClosed);
        }
        let left = minus(hold.left, amount)?;
        hold.settled = plus(hold.settled, amount)?;
        hold.left = left;
        Ok(self.append(entry))
    }

    fn close(&mut self, execution_id: &ExecutionId, at: Timestamp) -> Result<Effect, LedgerError> {
        let Some(hold) = self.holds.get_mut(execution_id) else {
            return Ok(Effect::Nothing);
        };
        if !hold.open {
            return Ok(Effect::Replayed);
        }
        let released = hold.left;
        let balance = Balance {
            avail: plus(self.balance.avail, released)?,
            held: minus(self.balance.held, hold.amount)?,
            spent: plus(self.balance.spent, hold.settled)?,
        };
        hold.left = Credits::ZERO;
        hold.open = false;
        self.balance = balance;
        Ok(self.append(close_entry(execution_id, released, at)))
    }

    fn entry(&self, id: &str) -> Option<&LedgerEntry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    fn append(&mut self, entry: LedgerEntry) -> Effect {
        self.entries.push(entry.clone());
        Effect::Done(entry)
    }
}

/// A repeat may come at another time, but with the same content.
fn replay(stored: &LedgerEntry, given: &LedgerEntry) -> Result<Effect, LedgerError> {
    if same_content(stored, given) {
        return Ok(Effect::Replayed);
    }
    Err(LedgerError::Different {
        stored: stored.amount,
        given: given.amount,
    })
}

/// Whether two entries say the same, whenever they were written.
#[must_use]
pub fn same_content(one: &LedgerEntry, other: &LedgerEntry) -> bool {
    let LedgerEntry {
        id,
        kind,
        amount,
        at: _,
        execution_id,
        recipe_id,
        chunk,
        rate_card,
        lines,
    } = one;
    *id == other.id
        && *kind == other.kind
        && *amount == other.amount
        && *execution_id == other.execution_id
        && *recipe_id == other.recipe_id
        && *chunk == other.chunk
        && *rate_card == other.rate_card
        && *lines == other.lines
}

fn plus(sum: Credits, amount: Credits) -> Result<Credits, LedgerError> {
    sum.checked_add(amount)
        .ok_or(LedgerError::OutOfRange(amount))
}

/// The difference, which a balance or hold must cover.
fn minus(available: Credits, needed: Credits) -> Result<Credits, LedgerError> {
    available
        .checked_sub(needed)
        .filter(|rest| !rest.is_negative())
        .ok_or(LedgerError::Insufficient { needed, available })
}
