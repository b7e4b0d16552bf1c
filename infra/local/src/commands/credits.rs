//! `hunter credits`.

use hunter_cloud::LocalCloud;
use hunter_contracts::{Balance, Credits, ErrorCode, LedgerEntry, Plan, RecipeFailure};
use hunter_core::store::TenantStore;
use serde::Serialize;

use crate::{
    args::CreditsArgs,
    exit::Exit,
    report::{ledger_text, print, print_json},
};

/// Ledger entries that `--check` reads.
const ENTRIES_MAX: usize = 100_000;

#[derive(Serialize)]
struct Answer {
    balance: Balance,
    plan: Option<Plan>,
    ledger: Vec<LedgerEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recomputed: Option<Balance>,
}

/// Runs the command.
///
/// # Errors
/// `INVALID_INPUT` for an amount that is none; `INTERNAL` when the ledger does not sum to the
/// balance.
pub(super) async fn run(
    cloud: &LocalCloud,
    args: &CreditsArgs,
    json: bool,
) -> Result<Exit, RecipeFailure> {
    super::tell_interrupted(cloud);
    let store = cloud.tenant_store();
    if let Some(amount) = args.add {
        add(cloud, store.as_ref(), amount).await?;
    }
    let balance = store.balance().await?;
    let ledger = entries(store.as_ref()).await?;
    let recomputed = if args.check {
        Some(recompute(&ledger)?)
    } else {
        None
    };
    let from = ledger.len().saturating_sub(args.limit);
    let answer = Answer {
        balance,
        plan: store.plan().await?,
        ledger: ledger.get(from..).unwrap_or_default().to_vec(),
        recomputed,
    };
    if json {
        print_json(&answer)
    } else {
        print(&text(&answer, ledger.len()))
    }
    match recomputed {
        Some(other) if other != balance => Err(RecipeFailure::internal(format!(
            "the ledger sums to {other:?} but the balance is {balance:?}"
        ))),
        _ => Ok(Exit::Success),
    }
}

async fn add(
    cloud: &LocalCloud,
    store: &dyn TenantStore,
    amount: f64,
) -> Result<(), RecipeFailure> {
    let amount = Credits::from_decimal(amount)
        .ok()
        .filter(|credits| *credits > Credits::ZERO && credits.to_decimal() <= 1_000_000.0)
        .ok_or_else(|| {
            RecipeFailure::new(
                ErrorCode::InvalidInput,
                format!("`--add` is {amount}: use an amount above 0 and up to 1000000"),
            )
        })?;
    let now = cloud.clock.now();
    Ok(store
        .grant(&format!("added-{}", now.as_nanosecond()), amount, now)
        .await?)
}

async fn entries(store: &dyn TenantStore) -> Result<Vec<LedgerEntry>, RecipeFailure> {
    let mut entries = Vec::new();
    let mut cursor = None;
    loop {
        let page = store.ledger(500, cursor).await?;
        entries.extend(page.items);
        cursor = page.cursor;
        if cursor.is_none() || entries.len() >= ENTRIES_MAX {
            return Ok(entries);
        }
    }
}

fn recompute(ledger: &[LedgerEntry]) -> Result<Balance, RecipeFailure> {
    hunter_ledger::audit(ledger)
        .map(|audit| audit.balance)
        .map_err(|error| RecipeFailure::internal("the ledger does not add up").caused_by(error))
}

fn text(answer: &Answer, total: usize) -> String {
    let balance = answer.balance;
    let mut out = format!(
        "available {:>10}\nreserved  {:>10}\nspent     {:>10}\n",
        balance.avail.to_string(),
        balance.held.to_string(),
        balance.spent.to_string()
    );
    if let Some(plan) = &answer.plan {
        out.push_str(&format!(
            "plan      {} — {} credits per month, cycle ends {}\n",
            plan.plan_id, plan.monthly_credits, plan.cycle_ends
        ));
    }
    if answer.recomputed.is_some() {
        out.push_str("the ledger sums to the balance: checked\n");
    }
    if !answer.ledger.is_empty() {
        out.push_str(&format!(
            "\nlast {} of {total} ledger entries\n\n{}",
            answer.ledger.len(),
            ledger_text(&answer.ledger)
        ));
    }
    out
}
