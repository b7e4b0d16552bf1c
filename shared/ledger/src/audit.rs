//! The balance and the holds, rebuilt from the ledger alone.

use std::collections::{BTreeMap, BTreeSet};

use hunter_contracts::{Balance, Credits, EntryKind, ExecutionId, Hold, LedgerEntry};

/// What a ledger amounts to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// The balance.
    pub balance: Balance,
    /// The holds by run.
    pub holds: BTreeMap<ExecutionId, Hold>,
    /// The sum of all grants: `avail + held + spent`.
    pub granted: Credits,
}

/// What is wrong with a ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// Two entries have the same id.
    #[error("entry `{0}` stands twice in the ledger")]
    Twice(String),
    /// An entry does not fit the others.
    #[error("entry `{id}` does not fit: {reason}")]
    Unfit {
        /// The entry.
        id: String,
        /// Why.
        reason: &'static str,
    },
    /// The ledger gives another balance than the stored one.
    #[error(
        "the ledger gives avail {} held {} spent {}, stored is avail {} held {} spent {}",
        .ledger.avail, .ledger.held, .ledger.spent, .stored.avail, .stored.held, .stored.spent
    )]
    Balance {
        /// What the ledger gives.
        ledger: Balance,
        /// What is stored.
        stored: Balance,
    },
}

/// Rebuilds balance and holds from all entries of a ledger, in any order.
///
/// # Errors
/// When an entry stands twice, an amount is negative, a debit or close has no reservation, a run
/// was charged more than it reserved, a close does not release what was left, or more was reserved
/// than granted.
pub fn audit<'a>(entries: impl IntoIterator<Item = &'a LedgerEntry>) -> Result<Audit, AuditError> {
    let mut sorted: Vec<&LedgerEntry> = entries.into_iter().collect();
    // Grants before reservations before debits before closes: `EntryKind` is declared in that
    // order, and sums do not depend on the order in time.
    sorted.sort_by_key(|entry| entry.kind);
    let mut ids = BTreeSet::new();
    let mut audit = Audit::default();
    for entry in sorted {
        if !ids.insert(entry.id.as_str()) {
            return Err(AuditError::Twice(entry.id.clone()));
        }
        add(&mut audit, entry).map_err(|reason| AuditError::Unfit {
            id: entry.id.clone(),
            reason,
        })?;
    }
    if audit.balance.avail.is_negative() {
        let id = "reserve".to_owned();
        let reason = "more was reserved than granted";
        return Err(AuditError::Unfit { id, reason });
    }
    Ok(audit)
}

/// Compares a stored balance with its ledger; answers what the ledger amounts to.
///
/// # Errors
/// As [`audit`], and [`AuditError::Balance`] when they differ.
pub fn check<'a>(
    stored: Balance,
    entries: impl IntoIterator<Item = &'a LedgerEntry>,
) -> Result<Audit, AuditError> {
    let audit = audit(entries)?;
    if audit.balance != stored {
        return Err(AuditError::Balance {
            ledger: audit.balance,
            stored,
        });
    }
    Ok(audit)
}

const OVERFLOW: &str = "the sum is out of range";

fn add(audit: &mut Audit, entry: &LedgerEntry) -> Result<(), &'static str> {
    let amount = entry.amount;
    if amount.is_negative() {
        return Err("the amount is below 0");
    }
    let balance = &mut audit.balance;
    match entry.kind {
        EntryKind::Grant => {
            balance.avail = plus(balance.avail, amount)?;
            audit.granted = plus(audit.granted, amount)?;
        }
        EntryKind::Reserve => {
            let run = entry.execution_id.clone().ok_or("it names no run")?;
            let hold = Hold {
                amount,
                left: amount,
                settled: Credits::ZERO,
                open: true,
            };
            if audit.holds.insert(run, hold).is_some() {
                return Err("the run reserved twice");
            }
            balance.avail = minus(balance.avail, amount)?;
            balance.held = plus(balance.held, amount)?;
        }
        EntryKind::Debit => {
            let hold = hold_of(&mut audit.holds, entry)?;
            if entry.lines.iter().map(|line| line.amount).sum::<Credits>() != amount {
                return Err("its lines do not sum to its amount");
            }
            hold.left = minus(hold.left, amount)?;
            hold.settled = plus(hold.settled, amount)?;
            if hold.left.is_negative() {
                return Err("the run was charged more than it reserved");
            }
        }
        EntryKind::Close => {
            let hold = hold_of(&mut audit.holds, entry)?;
            if !hold.open {
                return Err("the run was closed twice");
            }
            if hold.left != amount {
                return Err("it does not release what was left");
            }
            balance.held = minus(balance.held, hold.amount)?;
            balance.spent = plus(balance.spent, hold.settled)?;
            balance.avail = plus(balance.avail, amount)?;
            hold.left = Credits::ZERO;
            hold.open = false;
        }
    }
    Ok(())
}

fn hold_of<'a>(
    holds: &'a mut BTreeMap<ExecutionId, Hold>,
    entry: &LedgerEntry,
) -> Result<&'a mut Hold, &'static str> {
    let run = entry.execution_id.as_ref().ok_or("it names no run")?;
    holds.get_mut(run).ok_or("the run reserved nothing")
}

fn plus(sum: Credits, amount: Credits) -> Result<Credits, &'static str> {
    sum.checked_add(amount).ok_or(OVERFLOW)
}

fn minus(sum: Credits, amount: Credits) -> Result<Credits, &'static str> {
    sum.checked_sub(amount).ok_or(OVERFLOW)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{close_entry, grant_entry, reserve_entry};

    const AT: Timestamp = Timestamp::UNIX_EPOCH;

    fn credits(n: i64) -> Credits {
        Credits::from_micros(n)
    }

    #[test]
    fn faults_of_a_ledger_are_named() {
        let run = ExecutionId::new("x").unwrap();
        let (grant, reserve) = (
            grant_entry("g", credits(10), AT),
            reserve_entry(&run, credits(4), AT),
        );
        let table: [(&str, Vec<LedgerEntry>); 5] = [
            ("stands twice", vec![grant.clone(), grant.clone()]),
            ("below 0", vec![grant_entry("g", credits(-1), AT)]),
            ("reserved nothing", vec![close_entry(&run, credits(4), AT)]),
            (
                "release what was left",
                vec![grant, reserve.clone(), close_entry(&run, credits(3), AT)],
            ),
            ("more was reserved", vec![reserve]),
        ];
        for (expected, entries) in table {
            let error = audit(&entries).unwrap_err().to_string();
            assert!(error.contains(expected), "{expected:?}: {error}");
        }
    }

    #[test]
    fn a_stored_balance_that_differs_is_told() {
        let entries = [grant_entry("g", credits(10_000_000), AT)];
        let error = check(Balance::default(), &entries).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the ledger gives avail 10.00 held 0.00 spent 0.00, \
             stored is avail 0.00 held 0.00 spent 0.00"
        );
    }
}
