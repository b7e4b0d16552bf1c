//! Balance, holds and the ledger. What the commands mean is [`hunter_ledger::Account`]; here each of
//! them is one transaction with conditions, and a refusal is told from the items that stood against
//! it.

use async_trait::async_trait;
use hunter_contracts::{Balance, BillingMonth, Credits, ExecutionId, Hold, LedgerEntry};
use hunter_core::store::{Debit, Ledger, Page, Put, StoreError, StoreResult};
use hunter_ledger::{
    DebitKey, LedgerError, check_amount, check_lines, close_entry, debit_entry, grant_entry,
    reserve_entry, same_content,
};
use jiff::Timestamp;

use super::{
    DynamoTenantStore,
    connection::{Refusal, Write},
    gone,
    item::{Item, amount, number, text},
    keys::{Key, time_key},
    list::{ListSpec, bodies, list},
};

const AVAIL: &str = "avail";
const HELD: &str = "held";
const SPENT: &str = "spent";
const AMOUNT: &str = "amount";
const LEFT: &str = "left";
const SETTLED: &str = "settled";
const STATE: &str = "state";
const OPENED: &str = "opened";
const USED: &str = "used";

const OPEN: &str = "open";
const CLOSED: &str = "closed";

/// Most times that a close starts over because a settle came between its read and its write.
const CLOSES_MAX: u32 = 50;

fn refused(error: LedgerError) -> StoreError {
    match error {
        LedgerError::Insufficient { needed, available } => {
            StoreError::Insufficient { needed, available }
        }
        LedgerError::NoHold => StoreError::NotFound(error.to_string()),
        LedgerError::HoldClosed => StoreError::HoldClosed,
        LedgerError::Different { stored, given } => StoreError::Different { stored, given },
        LedgerError::OutOfRange(amount) => StoreError::OutOfRange(amount),
    }
}

fn balance_of(item: &Item) -> StoreResult<Balance> {
    Ok(Balance {
        avail: item.amount(AVAIL)?,
        held: item.amount(HELD)?,
        spent: item.amount(SPENT)?,
    })
}

fn hold_of(item: &Item) -> StoreResult<Hold> {
    Ok(Hold {
        amount: item.amount(AMOUNT)?,
        left: item.amount(LEFT)?,
        settled: item.amount(SETTLED)?,
        open: item.text(STATE)? == OPEN,
    })
}

fn entry_item(key: &Key, entry: &LedgerEntry) -> StoreResult<Item> {
    Item::at(key).with_body(entry, "ledger entry")
}

impl DynamoTenantStore {
    async fn read_hold(
        &self,
        operation: &'static str,
        id: &ExecutionId,
    ) -> StoreResult<Option<(Hold, String)>> {
        let item = self.connection.get(operation, &self.keys.hold(id)).await?;
        item.map(|item| Ok((hold_of(&item)?, item.text(OPENED)?.to_owned())))
            .transpose()
    }

    fn close_writes(
        &self,
        id: &ExecutionId,
        hold: Hold,
        opened: &str,
        at: Timestamp,
    ) -> StoreResult<Vec<Write>> {
        let entry = close_entry(id, hold.left, at);
        let mut writes = vec![
            Write::Update {
                key: self.keys.hold(id),
                update: "SET #state = :closed, #left = :zero",
                condition: Some("#state = :open AND #left = :left AND #settled = :settled"),
                values: vec![
                    (":open", text(OPEN)),
                    (":closed", text(CLOSED)),
                    (":zero", number(0)),
                    (":left", amount(hold.left)),
                    (":settled", amount(hold.settled)),
                ],
            },
            Write::New(entry_item(&self.keys.close_entry(opened, id), &entry)?),
        ];
        if hold.amount != Credits::ZERO {
            writes.push(Write::Update {
                key: self.keys.balance(),
                update: "SET #held = #held - :amount, #spent = #spent + :settled, \
                         #avail = #avail + :left",
                condition: Some("#held >= :amount"),
                values: vec![
                    (":amount", amount(hold.amount)),
                    (":settled", amount(hold.settled)),
                    (":left", amount(hold.left)),
                ],
            });
        }
        Ok(writes)
    }
}

#[async_trait]
impl Ledger for DynamoTenantStore {
    async fn balance(&self) -> StoreResult<Balance> {
        let item = self.connection.get("balance", &self.keys.balance()).await?;
        item.as_ref().map_or(Ok(Balance::default()), balance_of)
    }

    async fn grant(&self, key: &str, granted: Credits, at: Timestamp) -> StoreResult<()> {
        check_amount(granted).map_err(refused)?;
        let entry = grant_entry(key, granted, at);
        let marker = Item::at(&self.keys.grant(key)).with(AMOUNT, amount(granted));
        let writes = [
            Write::New(marker),
            Write::Update {
                key: self.keys.balance(),
                update: "SET #avail = if_not_exists(#avail, :zero) + :granted, \
                         #held = if_not_exists(#held, :zero), #spent = if_not_exists(#spent, :zero)",
                condition: None,
                values: vec![(":granted", amount(granted)), (":zero", number(0))],
            },
            Write::New(entry_item(&self.keys.grant_entry(at, key), &entry)?),
        ];
        let Err(refusals) = self.connection.transact("grant", &writes).await? else {
            return Ok(());
        };
        let standing = standing(&refusals, 0).ok_or_else(gone)?;
        same_amount(standing.amount(AMOUNT)?, granted)
    }

    async fn reserve(
        &self,
        id: &ExecutionId,
        reserved: Credits,
        at: Timestamp,
    ) -> StoreResult<Put<Hold>> {
        check_amount(reserved).map_err(refused)?;
        let opened = time_key(at);
        let hold = Item::at(&self.keys.hold(id))
            .with(AMOUNT, amount(reserved))
            .with(LEFT, amount(reserved))
            .with(SETTLED, number(0))
            .with(STATE, text(OPEN))
            .with(OPENED, text(&opened));
        let entry = entry_item(
            &self.keys.reserve_entry(&opened, id),
            &reserve_entry(id, reserved, at),
        )?;
        let mut writes = vec![Write::New(hold), Write::New(entry)];
        // A run that costs nothing needs no balance, which a new customer does not have yet.
        if reserved != Credits::ZERO {
            writes.push(Write::Update {
                key: self.keys.balance(),
                update: "SET #avail = #avail - :amount, #held = #held + :amount",
                condition: Some("#avail >= :amount"),
                values: vec![(":amount", amount(reserved))],
            });
        }
        let Err(refusals) = self.connection.transact("reserve", &writes).await? else {
            return Ok(Put::New);
        };
        // The hold goes first: a repeat finds it, whatever the balance is by now.
        let standing_hold = match standing(&refusals, 0) {
            Some(item) => Some(hold_of(item)?),
            None => self.read_hold("reserve", id).await?.map(|(hold, _)| hold),
        };
        if let Some(hold) = standing_hold {
            same_amount(hold.amount, reserved)?;
            return Ok(Put::Existing(hold));
        }
        if !is_refused(&refusals, 2) {
            let problem = format!("the ledger has an entry of run `{id}`, which has no hold");
            return Err(StoreError::damaged(problem));
        }
        let available = match standing(&refusals, 2) {
            Some(balance) => balance.amount(AVAIL)?,
            None => Credits::ZERO,
        };
        Err(StoreError::Insufficient {
            needed: reserved,
            available,
        })
    }

    async fn settle(&self, debit: &Debit) -> StoreResult<Put<()>> {
        let charged = check_lines(&debit.lines).map_err(refused)?;
        let id = &debit.execution_id;
        let Some((_, opened)) = self.read_hold("settle", id).await? else {
            return Err(refused(LedgerError::NoHold));
        };
        let key = DebitKey {
            execution_id: id.clone(),
            recipe: debit.recipe,
            chunk: debit.chunk,
        };
        let entry = debit_entry(&key, &debit.lines, &debit.rate_card, debit.at);
        let writes = [
            Write::New(entry_item(&self.keys.debit_entry(&opened, &key), &entry)?),
            Write::Update {
                key: self.keys.hold(id),
                update: "SET #left = #left - :charged, #settled = #settled + :charged",
                condition: Some("#state = :open AND #left >= :charged"),
                values: vec![(":open", text(OPEN)), (":charged", amount(charged))],
            },
        ];
        let Err(refusals) = self.connection.transact("settle", &writes).await? else {
            return Ok(Put::New);
        };
        if let Some(standing) = standing(&refusals, 0) {
            let stored: LedgerEntry = standing.body()?;
            if same_content(&stored, &entry) {
                return Ok(Put::Existing(()));
            }
            let (stored, given) = (stored.amount, charged);
            return Err(StoreError::Different { stored, given });
        }
        let hold = match standing(&refusals, 1) {
            Some(hold) => hold_of(hold)?,
            None => return Err(refused(LedgerError::NoHold)),
        };
        if !hold.open {
            return Err(StoreError::HoldClosed);
        }
        let (needed, available) = (charged, hold.left);
        Err(StoreError::Insufficient { needed, available })
    }

    async fn close(&self, id: &ExecutionId, at: Timestamp) -> StoreResult<Option<Hold>> {
        for _ in 0..CLOSES_MAX {
            let Some((hold, opened)) = self.read_hold("close", id).await? else {
                return Ok(None);
            };
            if !hold.open {
                return Ok(Some(hold));
            }
            let writes = self.close_writes(id, hold, &opened, at)?;
            let Err(refusals) = self.connection.transact("close", &writes).await? else {
                let (left, open) = (Credits::ZERO, false);
                return Ok(Some(Hold { left, open, ..hold }));
            };
            // A closed hold comes with a balance that holds less: only the balance alone is damage.
            let [hold, _, balance] = [0, 1, 2].map(|action| is_refused(&refusals, action));
            if balance && !hold {
                let problem = format!("the balance does not hold what run `{id}` reserved");
                return Err(StoreError::damaged(problem));
            }
            // Charged or closed since it was read.
        }
        let problem = format!("run `{id}` is charged again and again while it is closed");
        Err(StoreError::unavailable(problem))
    }

    async fn hold(&self, id: &ExecutionId) -> StoreResult<Option<Hold>> {
        let found = self.read_hold("hold", id).await?;
        Ok(found.map(|(hold, _)| hold))
    }

    async fn ledger(&self, limit: usize, cursor: Option<String>) -> StoreResult<Page<LedgerEntry>> {
        let spec = ListSpec::of_table("ledger", self.keys.ledger()).ascending();
        bodies(list(&self.connection, &spec, limit, cursor).await?)
    }

    async fn add_api_calls(
        &self,
        month: BillingMonth,
        id: &ExecutionId,
        calls: u64,
    ) -> StoreResult<()> {
        let calls = i64::try_from(calls).unwrap_or(i64::MAX);
        let marker = Item::at(&self.keys.calls_counted(id))
            .with(USED, number(calls))
            .with("cycle", text(month.to_string()));
        let writes = [
            Write::New(marker),
            Write::Update {
                key: self.keys.calls(month),
                update: "SET #used = if_not_exists(#used, :zero) + :calls",
                condition: None,
                values: vec![(":calls", number(calls)), (":zero", number(0))],
            },
        ];
        // A refusal can only mean that the run was counted before.
        self.connection
            .transact("add_api_calls", &writes)
            .await
            .map(|_| ())
    }

    async fn api_calls(&self, month: BillingMonth) -> StoreResult<u64> {
        let key = self.keys.calls(month);
        let Some(item) = self.connection.get("api_calls", &key).await? else {
            return Ok(0);
        };
        u64::try_from(item.number(USED)?).map_err(|_| item.damaged("`used` is below 0"))
    }
}

fn is_refused(refusals: &[Refusal], action: usize) -> bool {
    matches!(refusals.get(action), Some(Refusal::Condition(_)))
}

/// The item that stood against an action.
fn standing(refusals: &[Refusal], action: usize) -> Option<&Item> {
    match refusals.get(action) {
        Some(Refusal::Condition(item)) => item.as_ref(),
        _ => None,
    }
}

fn same_amount(stored: Credits, given: Credits) -> StoreResult<()> {
    if stored == given {
        return Ok(());
    }
    Err(StoreError::Different { stored, given })
}
