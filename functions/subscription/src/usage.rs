//! Credits used in the cycle and credits left.

use hunter_contracts::{BillingMonth, Credits, EntryKind, LedgerEntry, Plan, RecipeFailure};
use hunter_core::recipe::Context;

const PAGE: usize = 500;
/// Pages of the ledger that are read: 10,000 entries.
const PAGES_MAX: usize = 20;

/// What was debited in the month, and what is left to spend.
///
/// What is left is what is free plus what this run still holds and will release. What was used is
/// the sum of the month's debits; a ledger too long to be read (10,000 entries) is answered with
/// what is missing from the plan's credits instead.
///
/// # Errors
/// When the store fails.
pub(crate) async fn credits(
    context: &Context,
    plan: &Plan,
    month: BillingMonth,
) -> Result<(Credits, Credits), RecipeFailure> {
    let balance = context.store.balance().await?;
    let hold = context.store.hold(&context.execution_id).await?;
    let releasable = hold
        .filter(|hold| hold.open)
        .map_or(Credits::ZERO, |hold| hold.left);
    let remaining = balance.avail.saturating_add(releasable);
    let used = match debited(context, month).await? {
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

/// The sum of the month's debits, or `None` when the ledger is longer than is read.
async fn debited(context: &Context, month: BillingMonth) -> Result<Option<Credits>, RecipeFailure> {
    let mut sum = Credits::ZERO;
    let mut cursor = None;
    for _ in 0..PAGES_MAX {
        let page = context.store.ledger(PAGE, cursor).await?;
        for entry in page.items.iter().filter(|e| counts(e, month)) {
            sum = sum.saturating_add(entry.amount);
        }
        cursor = page.cursor;
        if cursor.is_none() {
            return Ok(Some(sum));
        }
    }
    Ok(None)
}

/// Whether an entry is a debit of the month: by its run, which counts as a whole.
fn counts(entry: &LedgerEntry, month: BillingMonth) -> bool {
    let of_run = |run| BillingMonth::of(run, entry.at) == month;
    entry.kind == EntryKind::Debit && entry.execution_id.as_ref().is_some_and(of_run)
}
