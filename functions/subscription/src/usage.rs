//! Credits used in the cycle and credits left.

use hunter_contracts::{Credits, EntryKind, LedgerEntry, Plan, RecipeFailure};
use hunter_core::recipe::Context;

use crate::cycle::{cycle_of, month};

const PAGE: usize = 500;
/// Pages of the ledger that are read: 10,000 entries.
const PAGES_MAX: usize = 20;

/// What was debited in the cycle, and what is left to spend.
///
/// What is left is what is free plus what this run still holds and will release. What was used is
/// the sum of the cycle's debits; a ledger too long to be read (10,000 entries) is answered with
/// what is missing from the plan's credits instead.
///
/// # Errors
/// When the store fails.
pub(crate) async fn credits(
    context: &Context,
    plan: &Plan,
    cycle: &str,
) -> Result<(Credits, Credits), RecipeFailure> {
    let balance = context.store.balance().await?;
    let hold = context.store.hold(&context.execution_id).await?;
    let releasable = hold
        .filter(|hold| hold.open)
        .map_or(Credits::ZERO, |hold| hold.left);
    let remaining = balance.avail.saturating_add(releasable);
    let used = match debited(context, cycle).await? {
        Some(used) => used,
        None => missing(plan.monthly_credits, remaining),
    };
    Ok((used, remaining))
}

fn missing(total: Credits, remaining: Credits) -> Credits {
    total
        .checked_sub(remaining)
        .filter(|gap| !gap.is_negative())
        .unwrap_or(Credits::ZERO)
}

/// The sum of the cycle's debits, or `None` when the ledger is longer than is read.
async fn debited(context: &Context, cycle: &str) -> Result<Option<Credits>, RecipeFailure> {
    let mut sum = Credits::ZERO;
    let mut cursor = None;
    for _ in 0..PAGES_MAX {
        let page = context.store.ledger(PAGE, cursor).await?;
        for entry in page.items.iter().filter(|e| counts(context, e, cycle)) {
            sum = sum.saturating_add(entry.amount);
        }
        cursor = page.cursor;
        if cursor.is_none() {
            return Ok(Some(sum));
        }
    }
    Ok(None)
}

/// Whether an entry is a debit of the cycle: by its run's id where that holds a time, so that a
/// run over midnight counts as a whole.
fn counts(context: &Context, entry: &LedgerEntry, cycle: &str) -> bool {
    let now = context.clock.now();
    let of_run = entry.execution_id.as_ref().and_then(|id| cycle_of(id, now));
    entry.kind == EntryKind::Debit && of_run.unwrap_or_else(|| month(entry.at)) == cycle
}
